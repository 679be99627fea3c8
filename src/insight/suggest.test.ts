/**
 * Suggestions measured against always naming the most frequent. The word lists were not changed after these texts were
 * written, but both come from the same hands: letters labelled by an office would be the better judge.
 */
import { describe, expect, test } from 'vitest';
import { uuid } from '../kernel/ids.ts';
import { request } from '../kinds/request.ts';
import { project } from '../matters/jobs.ts';
import { likeMatters } from '../matters/likeness.ts';
import { registerMatter } from '../matters/registration.ts';
import { calendarOf, Directory } from '../regions/directory.ts';
import { letter, testHouse } from '../test/harness.ts';
import { alarms, suggestCategories, suggestKinds, suggestUnits } from './suggest.ts';

/** Written for this test as people write, each with the category a clerk gave it. */
const labelled: [string, string][] = [
  ['人民路十字路口的红绿灯坏了两天，早高峰车子乱成一团', '0101'],
  ['小巷里的下水道返水，污水流到家门口，夏天蚊子多', '0101'],
  ['门前人行道的地砖全翘起来了，老人走路摔过跤', '0101'],
  ['楼里的电梯经常把人关在里面，找物业总说在等配件', '0102'],
  ['业委会换届没有公示，停车位也被外面的人租走了', '0102'],
  ['家里自来水水压太低，三楼以上洗澡没有水', '0103'],
  ['连着三个晚上停电，冰箱里的东西都坏了', '0103'],
  ['开春就停暖气，室温只有十四度，老人受不了', '0103'],
  ['楼下饭馆的油烟顺着管道往上冲，开不了窗', '02'],
  ['工地夜里十二点还在打桩，噪音吵得孩子睡不着', '02'],
  ['河道边堆着没人运的垃圾，一刮风到处飞', '02'],
  ['末班公交车提前收车，下了晚班只能走回家', '03'],
  ['出租车不打表还拒载，车站门口每天都有', '03'],
  ['孩子入学报名，学校说学区调整了不收', '04'],
  ['老师在家里开班补课，不去就不讲重点', '04'],
  ['干了半年活，公司拖欠工资，打电话就拉黑', '05'],
  ['退休后养老金少算了三年工龄，跑了几趟没有结果', '05'],
  ['网上买的手机是假货，商家不给退款', '06'],
  ['市场里的羊肉价格一天一个样，秤也不准', '06'],
  ['医院开的药和诊断对不上，医生让自己去外面买', '07'],
  ['打疫苗排了两个小时，说没有了让改天再来', '07'],
  ['楼道里堆满杂物，消防通道被锁死', '08'],
  ['邻村这个月被盗了三家，都是白天撬门', '08'],
  ['有人打电话自称公安要求转账，怀疑是诈骗', '08'],
];

test('the right category is among the first three far more often than by naming the most frequent three', () => {
  const counts = Map.groupBy(labelled, ([, code]) => code);
  const frequent = [...counts.entries()]
    .sort((a, b) => b[1].length - a[1].length)
    .slice(0, 3)
    .map(([code]) => code);
  const baseline = labelled.filter(([, code]) => frequent.includes(code)).length / labelled.length;
  const right =
    labelled.filter(([text, code]) => suggestCategories(text, request.categories, []).some(s => s.value === code))
      .length / labelled.length;
  expect(baseline).toBeLessThan(0.45);
  expect(right).toBeGreaterThan(0.8);
});

test('every suggestion shows its grounds, and a text about nothing gets none', () => {
  for (const [text] of labelled)
    for (const s of suggestCategories(text, request.categories, [])) expect(s.grounds.length).toBeGreaterThan(0);
  expect(suggestCategories('今天天气不错', request.categories, [])).toEqual([]);
  expect(suggestKinds('今天天气不错')[0]).toMatchObject({ score: 0, grounds: [] });
});

test('a unit that is a party is never offered, whatever speaks for it', () => {
  const units = [
    { id: 'a', name: '城市管理局', words: ['路灯'] },
    { id: 'b', name: '供电公司', words: ['路灯'] },
  ];
  const past = [{ category: null, handler: 'a', score: 0.9, number: 'n' }];
  expect(suggestUnits('路灯坏了', units, past, ['a']).map(s => s.value)).toEqual(['b']);
});

test('words of danger call for the urgent button, plain words do not', () => {
  expect(alarms('他说不想活了，要喝农药').urgent.map(u => u.danger)).toEqual(['self-harm']);
  expect(alarms('路灯坏了').urgent).toEqual([]);
  expect(alarms('丈夫家暴，孩子未成年').sensitive.length).toBeGreaterThan(1);
});

describe('duplicates', async () => {
  const house = await testHouse();
  /** The same matter in two people's words. */
  const pairs: [string, string][] = [
    ['东环路的路灯从上周三开始一盏都不亮，晚上骑车看不见路', '东环路晚上没有路灯，一盏都不亮，骑车很危险'],
    ['向阳小区三号楼电梯停运五天，老人下不了楼', '我住向阳小区三号楼，电梯坏了好几天，老人没法下楼'],
    ['砖厂老板拖欠我们十二个人四个月工资不给', '在砖厂干活的十二个人，老板四个月工资没有发'],
    ['养鸡场的臭味飘到学校，孩子上课都捂着鼻子', '学校旁边养鸡场太臭，孩子捂着鼻子上课'],
    ['东沟桥的护栏被车撞断半年没人修', '东沟桥护栏断了半年，一直没有人来修'],
    ['卫生院周末没有医生值班，发烧只能去县城', '周末卫生院找不到值班医生，孩子发烧跑到县城'],
    ['新修的水渠漏水，下游两百亩麦子浇不上', '水渠刚修好就漏，下游的麦子都浇不上水'],
    ['村委会门口的井盖丢了，前天有人掉下去', '井盖不见了，就在村委会门口，前天掉进去一个人'],
  ];
  test('the other letter about the same thing is among the first five, among two hundred others', async () => {
    const clerk = await house.as('village-head');
    const first = new Map<string, string>();
    for (const [a] of pairs) first.set(a, (await registerMatter(house.loop, clerk, letter({ text: a }))).id);
    for (let i = 0; i < 200; i++) {
      const [x, y] = [labelled[i % labelled.length]![0], labelled[(i * 7 + 3) % labelled.length]![0]];
      await registerMatter(house.loop, clerk, letter({ id: uuid(), text: `${x.slice(0, 14)}，${y.slice(3)}` }));
    }
    while ((await project(house.loop)) > 0);
    let found = 0;
    for (const [a, b] of pairs)
      if ((await likeMatters(house.loop, clerk, '411081', b, 5)).some(m => m.id === first.get(a))) found += 1;
    expect(found).toBe(pairs.length);
  });
});

test('fifteen thousand grids: every point is found in its own, and points outside in none', () => {
  const boundaries = Array.from({ length: 15_000 }, (_, i) => {
    const [x, y] = [100 + (i % 150) * 0.01, 30 + Math.floor(i / 150) * 0.01];
    return {
      region: `g${i}`,
      geometry: {
        type: 'Polygon' as const,
        coordinates: [
          [
            [x, y],
            [x + 0.01, y],
            [x + 0.01, y + 0.01],
            [x, y + 0.01],
            [x, y],
          ],
        ],
      },
    };
  });
  const regions = boundaries.map(b => ({
    code: b.region,
    parent: null,
    level: 'grid' as const,
    name: b.region,
    pinyin: '',
    valid_to: null,
  }));
  const directory = new Directory({
    revision: 1,
    counties: [],
    regions,
    units: [],
    boundaries,
    clocks: [],
    categories: [],
    calendar: calendarOf([]),
    rules: [],
  });
  for (let i = 0; i < 15_000; i += 7)
    expect(directory.locate(100.005 + (i % 150) * 0.01, 30.005 + Math.floor(i / 150) * 0.01)?.code).toBe(`g${i}`);
  expect(directory.locate(99, 30)).toBeUndefined();
});
