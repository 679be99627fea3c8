/** What residents of the demonstration county find on their first visit: services, a reception day, an alert, a wish, answers. */
import type { House } from '../house.ts';
import { json, noScope, sql, time } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { dateOf, momentOfDate } from '../matters/clocks.ts';
import { lexemes } from '../matters/lexemes.ts';

const services: readonly [string, string, string, string, string, boolean][] = [
  ['老年优待证办理', '民政', '身份证、一寸照片', '村委会申请，民政所审核', '15 个工作日', true],
  ['城乡居民医保参保登记', '社保', '身份证、户口簿', '村（社区）登记，或由网格员代办', '当场', true],
  ['低保申请', '民政', '身份证、户口簿、收入说明', '村委会受理，乡镇调查公示', '30 日', true],
  ['法律援助申请', '司法', '身份证、案情材料、经济困难说明', '司法局法律援助中心受理', '3 个工作日', false],
  ['流动人口居住登记', '公安', '身份证、租房合同', '派出所办理', '当场', true],
];
const knowledge: readonly [string, string, string][] = [
  [
    '老年优待证怎么办',
    '年满 60 岁，带身份证和一寸照片到村（居）委会申请，15 个工作日领证，不收费。行动不便的可请网格员代办。',
    '本市老年人优待办法',
  ],
  [
    '路灯不亮找谁',
    '报杆号或附近门牌即可登记，城管局 3 个工作日内修复；占道、裸露电线等危险情况 4 小时内到场。',
    '市政设施维修规则',
  ],
  [
    '被拖欠工资怎么办',
    '可到综治中心登记，人社局 5 个工作日内核实；签有协议的可申请司法确认。劳动仲裁时效一年。',
    '《保障农民工工资支付条例》',
  ],
  ['停水找谁', '自来水公司 24 小时值班；计划停水提前一天公告。', ''],
];

export async function loadServices(house: House): Promise<void> {
  const directory = house.keeper.current;
  const { county, region } = [...directory.counties.values()][0]!;
  const now = house.clock();
  const staff = async (login: string) =>
    (await house.db.readOne<{ id: string; unit: string }>(
      noScope,
      sql`SELECT p.id, o.unit FROM person p JOIN post o ON o.person = p.id WHERE p.login = ${login} LIMIT 1`,
    ))!;
  const [clerk, leader] = [await staff('county'), await staff('leader')];
  const monday = momentOfDate(dateOf(now + (8 - (new Date(now + 8 * 3_600_000).getUTCDay() || 7)) * 86_400_000), 9);
  await house.db.write(noScope, async tx => {
    for (const [i, [name, sort, papers, steps, needed, errand]] of services.entries())
      await tx.run(
        sql`INSERT INTO service_item (county, id, name, sort, body, errand, place) VALUES (${county}, ${uuid()}, ${name}, ${sort}, ${json({ papers, steps, time: needed, fee: '不收费' })}, ${errand}, ${i})`,
      );
    for (const [title, said, basis] of knowledge)
      await tx.run(
        sql`INSERT INTO knowledge (county, id, title, answer, basis, tsv, set_by, set_at) VALUES (${county}, ${uuid()}, ${title}, ${said}, ${basis}, array_to_tsvector(${lexemes(`${title}\n${said}`)}), ${clerk.id}, ${time(now)})`,
      );
    await tx.run(
      sql`INSERT INTO reception (county, id, unit, who, sort, at, minutes, slots, room) VALUES (${county}, ${uuid()}, ${leader.unit}, '郑建国', 'leader', ${time(monday)}, 15, 8, '市综治中心一楼接访室')`,
    );
    await tx.run(
      sql`INSERT INTO alert (county, id, sort, level, title, body, regions, audience, from_at, until_at, made_by, made_at) VALUES (${county}, ${uuid()}, 'fraud', 'yellow', '谨防冒充客服退款诈骗', '凡是要求共享屏幕、转账到“安全账户”的都是诈骗。已转账的马上拨打 110 或 96110。', ${[region]}, ${['elders', 'everybody']}, ${time(now)}, ${time(now + 30 * 86_400_000)}, ${leader.id}, ${time(now)})`,
    );
  });
}
