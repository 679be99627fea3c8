/** The demonstration county: Yuzhou's townships and some villages, units and people. Boundaries are drawn, not surveyed. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { House } from '../house.ts';
import { sql, systemScope } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { kinds } from '../kinds/kinds.ts';
import { hashPassword } from '../people/passwords.ts';
import { type NewPerson, type NewPost, putPeople } from '../people/store.ts';
import { type NewRegion, type NewUnit, putBoundary, putRegions, putUnits } from '../regions/store.ts';

type Source = {
  county: string;
  region: string;
  city: [string, string];
  name: string;
  townships: { code: string; name: string; villages: [string, string][] }[];
};
const source: Source = JSON.parse(readFileSync(path.join(import.meta.dirname, 'yuzhou.json'), 'utf8'));

export const demoPassword = 'Yuandian-2026';

const departments: [string, NewUnit['kind'], string, string[]][] = [
  [
    'urban',
    'department',
    '城市管理局',
    ['路灯', '井盖', '占道', '摆摊', '垃圾', '油烟', '违建', '广告牌', '噪音', '下水道', '积水'],
  ],
  ['labour', 'department', '人力资源和社会保障局', ['工资', '拖欠', '社保', '工伤', '养老金', '劳动合同', '包工头']],
  [
    'housing',
    'department',
    '住房和城乡建设局',
    ['物业', '房产', '开发商', '工地', '危房', '电梯', '维修基金', '业委会'],
  ],
  ['police', 'department', '公安局', ['被盗', '偷', '打人', '诈骗', '治安', '赌博', '户口', '打伤']],
  ['land', 'department', '自然资源和规划局', ['宅基地', '征地', '土地', '确权', '采矿', '规划']],
  ['environment', 'department', '生态环境局', ['污水', '污染', '臭味', '扬尘', '排污', '黑烟']],
  ['traffic', 'department', '交通运输局', ['公交', '客运', '出租车', '公路', '班车']],
  ['school', 'department', '教育体育局', ['学校', '幼儿园', '老师', '补课', '入学', '学费']],
  ['health', 'department', '卫生健康委员会', ['医院', '诊所', '医生', '医疗']],
  ['market', 'department', '市场监督管理局', ['退款', '假货', '商家', '价格', '食品', '消费', '过期']],
  ['civil', 'department', '民政局', ['低保', '救助', '五保', '养老院', '残疾']],
  ['farm', 'department', '农业农村局', ['承包地', '种子', '化肥', '养殖', '农机', '羊', '牛']],
  ['petition', 'department', '信访局', ['信访', '上访']],
  ['justice', 'department', '司法局', ['调解', '法律援助', '律师']],
  ['court', 'court', '人民法院', ['判决', '执行', '立案']],
];

/** Logins that tests and the tour rely on: [login, name, unit key, role, need to know]. */
const staff: [string, string, string, NewPost['role'], boolean][] = [
  ['city', '韩雪', 'centre:city', 'clerk', true],
  ['city2', '冯涛', 'centre:city', 'clerk', false],
  ['city-head', '沈国华', 'centre:city', 'leader', true],
  ['county', '吴敏', 'centre', 'clerk', true],
  ['county2', '周琳', 'centre', 'clerk', false],
  ['leader', '郑建国', 'centre', 'leader', true],
  ['shundian-head', '王志远', 'centre:411081101000', 'leader', true],
  ['huolong-head', '张红霞', 'centre:411081100000', 'leader', true],
  ['huolong2', '刘佳', 'centre:411081100000', 'clerk', false],
  ['shundian', '李静', 'centre:411081101000', 'clerk', true],
  ['shundian2', '赵磊', 'centre:411081101000', 'clerk', false],
  ['huolong', '孙涛', 'centre:411081100000', 'clerk', true],
  ['village', '刘大山', 'centre:411081101205', 'grid', false],
  ['village-head', '毛卫东', 'centre:411081101205', 'clerk', true],
  ['urban', '陈刚', 'urban', 'handler', true],
  ['urban2', '何欣', 'urban', 'handler', false],
  ['labour', '杨帆', 'labour', 'handler', true],
  ['housing', '徐慧', 'housing', 'handler', true],
  ['police', '马超', 'police', 'handler', true],
  ['land', '高原', 'land', 'handler', true],
  ['system', '系统管理员', 'centre', 'system-admin', false],
  ['security', '安全管理员', 'centre', 'security-admin', false],
  ['audit', '审计管理员', 'centre', 'audit-admin', false],
];

const square = (x: number, y: number, w: number, h: number) => ({
  type: 'Polygon',
  coordinates: [
    [
      [x, y],
      [x + w, y],
      [x + w, y + h],
      [x, y + h],
      [x, y],
    ],
  ],
});

/** Loads the county. `small` leaves two townships, for tests. */
export async function loadCounty(house: House, options: { small?: boolean } = {}): Promise<void> {
  const townships = options.small
    ? source.townships.filter(t => ['411081101000', '411081100000'].includes(t.code))
    : source.townships;
  const regions: NewRegion[] = [
    { code: source.city[0], parent: null, level: 'city', name: source.city[1] },
    { code: source.region, parent: source.city[0], level: 'county', name: source.name },
  ];
  const boundaries: [string, object][] = [];
  const units: NewUnit[] = [];
  const unitIds = new Map<string, string>();
  const unit = (key: string, more: Omit<NewUnit, 'id' | 'county'>) => {
    const id = uuid();
    unitIds.set(key, id);
    units.push({ id, county: source.county, ...more });
    return id;
  };
  const [west, south, width, height] = [113.05, 33.98, 0.6, 0.4];
  const columns = 6;
  const rows = Math.ceil(source.townships.length / columns);
  const city = unit('centre:city', {
    region: source.city[0],
    kind: 'centre',
    name: `${source.city[1]}综治中心`,
    above: null,
  });
  const county = unit('centre', { region: source.region, kind: 'centre', name: `${source.name}综治中心`, above: city });
  for (const township of townships) {
    const at = source.townships.indexOf(township);
    const [x, y] = [west + ((at % columns) * width) / columns, south + (Math.floor(at / columns) * height) / rows];
    const [w, h] = [width / columns, height / rows];
    regions.push({ code: township.code, parent: source.region, level: 'township', name: township.name });
    const centre = unit(`centre:${township.code}`, {
      region: township.code,
      kind: 'centre',
      name: `${township.name}综治中心`,
      above: county,
    });
    township.villages.forEach(([code, name], i) => {
      regions.push({ code, parent: township.code, level: 'village', name });
      unit(`centre:${code}`, { region: code, kind: 'centre', name: `${name}综治中心`, above: centre });
      for (const half of [0, 1]) {
        const grid = `${code}${String(half + 1).padStart(3, '0')}`;
        regions.push({ code: grid, parent: code, level: 'grid', name: `${name}第${half ? '二' : '一'}网格` });
        boundaries.push([
          grid,
          square(x + (i * w) / township.villages.length, y + (half * h) / 2, w / township.villages.length, h / 2),
        ]);
      }
    });
    unit(`committee:${township.code}`, {
      region: township.code,
      kind: 'committee',
      name: `${township.name}人民调解委员会`,
      above: centre,
      words: ['调解', '邻居', '宅基地', '彩礼', '地边'],
    });
    unit(`police:${township.code}`, {
      region: township.code,
      kind: 'station',
      name: `${township.name}派出所`,
      above: centre,
      words: ['被盗', '偷', '打人', '打伤', '诈骗'],
    });
  }
  for (const [key, kind, name, words] of departments)
    unit(key, { region: source.region, kind, name: `${source.name}${name}`, above: county, words });

  unit('committee:medical', {
    region: source.region,
    kind: 'committee',
    name: `${source.name}医疗纠纷人民调解委员会`,
    above: county,
    words: ['误诊', '手术', '医疗事故'],
  });
  unit('committee:studio', {
    region: '411081101000',
    kind: 'committee',
    name: '老毛调解工作室',
    above: unitIds.get('centre:411081101000')!,
  });

  const hashed = await hashPassword(demoPassword);
  const people: NewPerson[] = [];
  const posts: NewPost[] = [];
  const regionOf = new Map(units.map(u => [u.id, u.region]));
  const employ = (login: string, name: string, unitKey: string, role: NewPost['role'], needToKnow: boolean) => {
    const id = uuid();
    const unitId = unitIds.get(unitKey)!;
    people.push({ id, login, name, password: hashed, mustChange: false });
    posts.push({
      id: uuid(),
      person: id,
      unit: unitId,
      region: regionOf.get(unitId)!,
      role,
      needToKnow,
      from: '2025-01-01',
    });
    return id;
  };
  const known = new Map(
    staff.map(([login, name, key, role, needToKnow]) => [login, employ(login, name, key, role, needToKnow)]),
  );
  // 多员合一: the village's grid worker is its mediator as well.
  posts.push({
    id: uuid(),
    person: known.get('village')!,
    unit: unitIds.get('centre:411081101205')!,
    region: '411081101205',
    role: 'mediator',
    needToKnow: true,
    from: '2025-01-01',
  });
  for (const post of posts.filter(p => p.person === known.get('shundian'))) post.substitute = known.get('shundian2')!;
  if (!options.small) {
    const surnames = '王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗';
    const given = ['红梅', '建军', '秀英', '志强', '海燕', '国庆', '春花', '文斌', '玉兰', '永刚'];
    let n = 0;
    const nextName = () => surnames[n % surnames.length]! + given[(n++ * 7) % given.length]!;
    for (const township of townships) {
      if (!['411081101000', '411081100000'].includes(township.code))
        for (const [suffix, role] of [
          ['', 'clerk'],
          ['b', 'clerk'],
          ['-head', 'leader'],
        ] as const)
          employ(`t${township.code.slice(6, 9)}${suffix}`, nextName(), `centre:${township.code}`, role, suffix !== 'b');
      employ(`p${township.code.slice(6, 9)}`, nextName(), `police:${township.code}`, 'handler', true);
      for (const [code] of township.villages)
        if (code !== '411081101205') employ(`v${code.slice(6)}`, nextName(), `centre:${code}`, 'clerk', true);
    }
    for (const [key] of departments) if (!known.has(key)) employ(key, nextName(), key, 'handler', true);
  }

  await house.db.write(systemScope, async tx => {
    await putRegions(tx, regions);
    await tx.run(sql`INSERT INTO county VALUES (${source.county}, ${source.region}, ${source.name})`);
    await putUnits(tx, units);
    await putPeople(tx, people, posts);
    for (const [region, geometry] of boundaries) await putBoundary(tx, region, geometry, 'WGS84', '2025-01-01');
    for (const [kind, { categories }] of Object.entries(kinds)) await seedCategories(tx, kind, categories);
  });
  await putCommittees(house, townships, unitIds, known);
  await house.keeper.changed();
}

/** The register of mediation: a committee in each township, one of a line, one studio; the mediators of the small county are known by name. */
async function putCommittees(
  house: House,
  townships: Source['townships'],
  unitIds: Map<string, string>,
  known: Map<string, string>,
): Promise<void> {
  const { county } = source;
  const committees = [
    ...townships.map(t => [`committee:${t.code}`, 'township', null, t.name.replace(/[镇乡]|街道$/g, '')] as const),
    ['committee:medical', 'industry', '医疗', '禹医'] as const,
    ['committee:studio', 'studio', null, '老毛'] as const,
  ];
  type Member = [committee: string, name: string, login: string | null, more: Partial<NewMediator>];
  type NewMediator = {
    head: boolean;
    woman: boolean;
    full: boolean;
    civil: boolean;
    profession: string;
    speak: string[];
    can: string[];
  };
  const members: Member[] = [
    ['committee:411081101000', '王志远', 'shundian-head', { head: true, civil: true, can: ['土地', '邻里'] }],
    ['committee:411081101000', '李静', 'shundian', { woman: true, can: ['婚姻家庭', '邻里'] }],
    ['committee:411081101000', '毛卫东', 'village-head', { can: ['山林土地', '宅基地'] }],
    ['committee:411081101000', '刘大山', 'village', { full: true, can: ['邻里', '借贷'] }],
    ['committee:411081100000', '张红霞', 'huolong-head', { head: true, woman: true, can: ['婚姻家庭'] }],
    ['committee:411081100000', '孙涛', 'huolong', { can: ['合同', '工资'] }],
    ['committee:medical', '贾文清', null, { head: true, woman: true, full: true, profession: 'lawyer', can: ['医疗'] }],
    [
      'committee:studio',
      '毛德顺',
      null,
      { head: true, full: true, speak: ['普通话', '禹州话'], can: ['邻里', '婚姻家庭', '宅基地'] },
    ],
  ];
  await house.db.write(systemScope, async tx => {
    for (const [key, kind, line, mark] of committees)
      await tx.run(
        sql`INSERT INTO committee (unit, county, kind, line, mark, founded, term_ends) VALUES (${unitIds.get(key)}, ${county}, ${kind}, ${line}, ${mark}, '2024-04-01', ${kind === 'studio' ? null : '2027-04-01'})`,
      );
    for (const [key, name, login, more] of members)
      await tx.run(sql`INSERT INTO mediator (county, id, committee, person, name, head, woman, full_time, civil_servant, profession, specialities, languages, free, certificate_until, valid_from)
        VALUES (${county}, ${uuid()}, ${unitIds.get(key)}, ${login ? known.get(login) : null}, ${name}, ${more.head ?? false}, ${more.woman ?? false}, ${more.full ?? false}, ${more.civil ?? false},
          ${more.profession ?? 'mediator'}, ${more.can ?? []}, ${more.speak ?? ['普通话']}, '工作日', '2028-12-31', '2025-01-01')`);
  });
}

async function seedCategories(
  tx: Parameters<typeof putUnits>[0],
  kind: string,
  categories: readonly { code: string; name: string; parent?: string; words?: readonly string[] }[],
) {
  await tx.run(sql`INSERT INTO category_version VALUES (${kind}, 1, '2025-01-01', 'built in') ON CONFLICT DO NOTHING`);
  for (const c of categories)
    await tx.run(
      sql`INSERT INTO category VALUES (${kind}, 1, ${c.code}, ${c.parent ?? null}, ${c.name}, ${c.words ?? []}) ON CONFLICT DO NOTHING`,
    );
}
