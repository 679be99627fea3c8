/** Places, plans, teams and certificates of the demonstration county: what the phones of a village need from the first day. */
import type { House } from '../house.ts';
import { noScope, sql, systemScope, type Tx, time } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { dateOf } from '../matters/clocks.ts';
import { maskName } from '../matters/redact.ts';
import type { PlaceKind } from '../places/kinds.ts';
import { putPlace } from '../places/store.ts';
import { makeDuties } from '../rounds/store.ts';
import { type Random, seeded } from './random.ts';

const perVillage: readonly [PlaceKind, string][] = [
  ['school', '小学'],
  ['water', '坑塘'],
  ['shop', '便民超市'],
  ['checkpoint', '村口巡逻点'],
  ['facility', '主街路灯'],
  ['camera', '村口监控'],
];
const perTownship: readonly [PlaceKind, string][] = [
  ['parcel', '快递服务站'],
  ['enterprise', '建材厂'],
  ['fire-point', '微型消防站'],
  ['alarm', '一键报警柱'],
  ['road', '集镇十字路口'],
];

/** A point within the square of a grid, away from its edges. */
function pointIn(house: House, grid: string, random: Random): { lng: number; lat: number } | null {
  const boundary = house.keeper.current.boundary(grid);
  if (!boundary) return null;
  const [a, , c] = boundary.coordinates[0] as [number, number][];
  const at = (from: number, to: number) => Math.round((from + (to - from) * (0.1 + random.int(80) / 100)) * 1e6) / 1e6;
  return { lng: at(a![0], c![0]), lat: at(a![1], c![1]) };
}

/** Fills the field of a county; run once, after its people are there. */
export async function loadField(house: House): Promise<void> {
  const random = seeded(20261122);
  const now = house.clock();
  const directory = house.keeper.current;
  const { county, region: top } = [...directory.counties.values()][0]!;
  const villages = [...directory.regions.values()].filter(one => one.level === 'village' && !one.valid_to);
  const townships = [...directory.regions.values()].filter(one => one.level === 'township' && !one.valid_to);
  const add = (tx: Tx, kind: PlaceKind, name: string, grid: string, n: number) =>
    putPlace(
      tx,
      directory,
      {
        id: uuid(),
        kind,
        code: kind === 'facility' || kind === 'camera' ? `${grid}${String(n).padStart(4, '0')}` : null,
        name,
        region: grid,
        location: pointIn(house, grid, random),
        unit: null,
        state: random.chance(0.05) ? 'faulty' : 'working',
        facts: {},
      },
      now,
    );
  await house.db.write(noScope, async tx => {
    for (const village of villages) {
      const grids = [...directory.regions.values()].filter(one => one.parent === village.code);
      for (const [n, [kind, name]] of perVillage.entries())
        await add(tx, kind, `${village.name.replace(/(村|社区)$/, '')}${name}`, random.pick(grids).code, n + 1);
      for (let door = 1; door <= 4; door++)
        await add(tx, 'household', `${village.name}${door}组${1 + random.int(30)}号`, random.pick(grids).code, door);
    }
    for (const township of townships) {
      const grids = [...directory.regions.values()].filter(
        one => one.level === 'grid' && directory.path(one.code).includes(township.code),
      );
      for (const [n, [kind, name]] of perTownship.entries())
        await add(tx, kind, `${township.name.replace(/(镇|乡|街道)$/, '')}${name}`, random.pick(grids).code, n + 1);
    }
  });

  const centre = directory.centreOf(top)!;
  const shundian = directory.centreOf('411081101000')!;
  const maolv = directory.centreOf('411081101205')!;
  const plan = (
    sort: string,
    name: string,
    unit: string,
    region: string,
    each: string,
    rule: string,
    hours: number,
    more: { kind?: PlaceKind; team?: string; guide?: string; key?: boolean } = {},
  ) =>
    house.db.write(systemScope, tx =>
      tx.run(sql`INSERT INTO plan (county, id, sort, name, guide, unit, region, each, place_kind, team, rule, hours, key_period, starts, made_at)
        VALUES (${county}, ${uuid()}, ${sort}, ${name}, ${more.guide ?? ''}, ${unit}, ${region}, ${each}, ${more.kind ?? null}, ${more.team ?? null}, ${`${rule};BYMINUTE=0;BYSECOND=0`}, ${hours}, ${more.key ?? false}, ${dateOf(now - 7 * 86_400_000)}, ${time(now)})`),
    );
  const team = async (
    sort: string,
    name: string,
    unit: string,
    region: string,
    strength: number,
    names: readonly string[],
  ) => {
    const id = uuid();
    await house.db.write(noScope, async tx => {
      await tx.run(
        sql`INSERT INTO team (county, id, sort, name, unit, region, strength) VALUES (${county}, ${id}, ${sort}, ${name}, ${unit}, ${region}, ${strength})`,
      );
      for (const member of names) {
        const key = house.secrets.newKey();
        await tx.run(
          sql`INSERT INTO team_member (county, team, id, name, words, wrapped, version, valid_from) VALUES (${county}, ${id}, ${uuid()}, ${maskName(member)}, ${house.secrets.seal(key.key, { name: member })}, ${key.wrapped}, ${key.version}, '2025-01-01')`,
        );
      }
    });
    return id;
  };
  const names = '王建国 李红军 张海涛 刘志强 陈永刚 杨文斌 黄国庆 赵铁柱 周长河 吴大勇 徐满仓 孙占山'.split(' ');
  const patrol = await team('patrol', '毛吕村义务巡逻队', maolv, '411081101205', 10, names);
  await team('volunteer', '顺店镇平安志愿队', shundian, '411081101000', 5, names.slice(0, 8));
  await plan('round', '矛盾纠纷周排查', centre, top, 'village', 'FREQ=WEEKLY;BYDAY=MO;BYHOUR=8', 130, {
    guide: '逐户问一问：邻里、婚姻家庭、土地、工资、债务有没有纠纷苗头。发现问题当场登记；没有发现也要提交。',
  });
  await plan('round', '乡镇矛盾纠纷半月排查', centre, top, 'township', 'FREQ=MONTHLY;BYMONTHDAY=1,16;BYHOUR=8', 240);
  await plan('visit', '毛吕村入户走访', maolv, '411081101205', 'place', 'FREQ=MONTHLY;BYMONTHDAY=1,16;BYHOUR=8', 340, {
    kind: 'household',
    guide: '听一听诉求，看一看安全，请接待人签名。',
  });
  await plan('patrol', '毛吕村夜间巡逻', maolv, '411081101205', 'place', 'FREQ=DAILY;BYHOUR=20', 10, {
    kind: 'checkpoint',
    team: patrol,
  });
  await plan(
    'guard',
    '顺店镇护学岗',
    shundian,
    '411081101000',
    'place',
    'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=7',
    2,
    { kind: 'school' },
  );
  await plan('round', '水域安全检查', shundian, '411081101000', 'place', 'FREQ=WEEKLY;BYDAY=TU;BYHOUR=9', 80, {
    kind: 'water',
    guide: '护栏、警示牌、救生器材、看护人，逐项看。',
  });
  await plan('report', '重点时期每日报告', centre, top, 'township', 'FREQ=DAILY;BYHOUR=8', 9, {
    key: true,
    guide: '每日 17 时前报告；没有情况也要报（零报告）。',
  });
  for (const [login, number] of [
    ['urban', '豫K-城管-0117'],
    ['urban2', '豫K-城管-0118'],
    ['land', '豫K-资规-0041'],
  ] as const)
    await house.db.write(noScope, tx =>
      tx.run(
        sql`INSERT INTO certificate (county, number, person, until) SELECT ${county}, ${number}, id, '2028-12-31' FROM person WHERE login = ${login}`,
      ),
    );
  await makeDuties(house, now);
}
