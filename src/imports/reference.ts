/** Importing reference data from tables: categories in levels, regions, units, people; grids from GeoJSON. Row-by-row errors, nothing else held up. */
import { z } from 'zod';
import type { House } from '../house.ts';
import { noScope, sql, sqlState, uniqueViolation } from '../kernel/db.ts';
import { Failure, messageOf } from '../kernel/errors.ts';
import { uuid } from '../kernel/ids.ts';
import type { KindName } from '../kinds/kinds.ts';
import { dateOf } from '../matters/clocks.ts';
import type { postRoles } from '../matters/policy.ts';
import { MediatorInput } from '../mediation/contract.ts';
import { hashPassword } from '../people/passwords.ts';
import { employ, initialPassword } from '../people/store.ts';
import { PlaceInput } from '../places/contract.ts';
import { placeKinds } from '../places/kinds.ts';
import type { Level } from '../regions/directory.ts';
import { type Datum, type NewRegion, putBoundary, putRegions, putUnits, toWgs84 } from '../regions/store.ts';
import { momentOf } from './letters.ts';
import { cellText, readTable, type Value } from './table.ts';

export type RowError = { line: number; reason: string };
export type ReferenceResult = { read: number; imported: number; refused: RowError[]; extra?: Record<string, string>[] };

const text = (value: Value | undefined) => cellText(value).normalize('NFKC').trim();
/** The day that a cell names in any form offices write; undefined when there is no such day. */
const dayIn = (cell: string) => {
  const at = momentOf(cell);
  return at === undefined ? undefined : dateOf(at);
};

/** Why the house refuses a row, in words for whoever mends it; nothing once it is entered. */
const refusalOf = (entering: Promise<unknown>): Promise<string | undefined> =>
  entering.then(
    () => undefined,
    error => {
      if (!(error instanceof Failure)) throw error;
      return messageOf(error.code, error.details);
    },
  );

/** Rows as objects by header; headers are matched by any of the given names. */
async function* records<K extends string>(
  file: string,
  columns: Record<K, readonly string[]>,
): AsyncGenerator<{ line: number; row: Record<K, string> }> {
  let at: Record<K, number> | undefined;
  let sheet: string | undefined;
  for await (const { sheet: name, line, values } of readTable(file)) {
    if (!at) {
      const headers = values.map(text);
      const found = Object.fromEntries(
        Object.entries<readonly string[]>(columns).map(([key, names]) => [
          key,
          headers.findIndex(header => names.includes(header)),
        ]),
      ) as Record<K, number>;
      const missing = Object.entries<readonly string[]>(columns).filter(
        ([key, names]) => found[key as K] < 0 && !names.includes('?'),
      );
      if (missing.length)
        throw new Failure('import_columns', { missing: missing.map(([, names]) => names[0]).join('、') });
      at = found;
      sheet = name;
      continue;
    }
    if (name !== sheet || values.every(value => text(value) === '')) continue;
    const places = at;
    yield {
      line,
      row: Object.fromEntries(Object.keys(columns).map(key => [key, text(values[places[key as K]])])) as Record<
        K,
        string
      >,
    };
  }
}

/** Columns of each table, by the names they go by; the first stands in the empty form. '?' marks what may be missing. */
export const referenceColumns = {
  categories: {
    one: ['一级分类', '一级', '一级标签'],
    two: ['二级分类', '二级', '二级标签', '?'],
    three: ['三级分类', '三级', '三级标签', '?'],
  },
  regions: { code: ['区划代码', '代码', '编码'], name: ['名称', '区划名称'] },
  units: {
    name: ['单位名称', '名称'],
    kind: ['单位类别', '类别'],
    region: ['区划代码', '区划'],
    phone: ['电话', '?'],
    words: ['关键词', '?'],
  },
  people: {
    login: ['用户名', '账号'],
    name: ['姓名'],
    unit: ['单位', '单位名称'],
    role: ['岗位', '角色'],
    secret: ['可办敏感事项', '?'],
  },
  posts: {
    login: ['用户名', '账号'],
    unit: ['单位', '单位名称'],
    role: ['岗位', '角色'],
    from: ['起始日期', '任职日期', '?'],
    substitute: ['接替人用户名', '接替人', '?'],
    secret: ['可办敏感事项', '?'],
  },
} as const satisfies Record<string, Record<string, readonly string[]>>;

/** A table of categories in up to three levels of names; codes are made by order. Becomes a new version as a whole. */
export async function importCategories(
  house: House,
  kind: KindName,
  file: string,
  source: string,
): Promise<ReferenceResult> {
  const rows: { code: string; parent: string | null; name: string }[] = [];
  const byPath = new Map<string, string>();
  const children = new Map<string, number>();
  const refused: RowError[] = [];
  let read = 0;
  for await (const { line, row } of records(file, referenceColumns.categories)) {
    read += 1;
    const names = [row.one, row.two, row.three].filter(Boolean);
    if (!row.one || (row.three && !row.two)) {
      refused.push({ line, reason: '缺少上级分类' });
      continue;
    }
    if (byPath.has(names.join('/')) && names.length === 3) {
      refused.push({ line, reason: '与前面的行重复' });
      continue;
    }
    let parent: string | null = null;
    for (let depth = 1; depth <= names.length; depth++) {
      const key = names.slice(0, depth).join('/');
      let code: string | undefined = byPath.get(key);
      if (!code) {
        const n: number = (children.get(parent ?? '') ?? 0) + 1;
        children.set(parent ?? '', n);
        code = `${parent ?? ''}${String(n).padStart(2, '0')}`;
        byPath.set(key, code);
        rows.push({ code, parent, name: names[depth - 1]! });
      }
      parent = code;
    }
  }
  const old = new Map(
    (house.keeper.current.categories.get(kind) ?? []).flatMap(c =>
      c.words.length ? [[c.name, c.words] as const] : [],
    ),
  );
  await house.db.write(noScope, async tx => {
    const last = await tx.one<{ v: number }>(
      sql`SELECT coalesce(max(version), 0) AS v FROM category_version WHERE kind = ${kind}`,
    );
    const version = last!.v + 1;
    await tx.run(sql`INSERT INTO category_version VALUES (${kind}, ${version}, ${dateOf(house.clock())}, ${source})`);
    for (let i = 0; i < rows.length; i += 500)
      await tx.run(
        sql`INSERT INTO category VALUES ${sql.join(rows.slice(i, i + 500).map(r => sql`(${kind}, ${version}, ${r.code}, ${r.parent}, ${r.name}, ${old.get(r.name) ?? []})`))}`,
      );
  });
  await house.keeper.changed();
  return { read, imported: rows.length, refused };
}

const levelOf = (code: string): Level | undefined => {
  if (code.length === 15) return 'grid';
  if (code.length === 17) return 'group';
  if (!/^\d{12}$/.test(code)) return undefined;
  if (!code.endsWith('000')) return 'village';
  if (!code.endsWith('000000')) return 'township';
  return code.slice(4, 6) === '00' ? 'city' : 'county';
};
const parentOf = (code: string): string => {
  const level = levelOf(code);
  if (level === 'group') return code.slice(0, 15);
  if (level === 'grid') return code.slice(0, 12);
  if (level === 'village') return `${code.slice(0, 9)}000`;
  if (level === 'township') return `${code.slice(0, 6)}000000`;
  return `${code.slice(0, 4)}00000000`;
};

export async function importRegions(house: House, file: string): Promise<ReferenceResult> {
  const known = new Set(house.keeper.current.regions.keys());
  const good: NewRegion[] = [];
  const refused: RowError[] = [];
  let read = 0;
  for await (const { line, row } of records(file, referenceColumns.regions)) {
    read += 1;
    const code = row.code.length < 12 && /^\d+$/.test(row.code) ? row.code.padEnd(12, '0') : row.code;
    const level = /^\d+$/.test(code) ? levelOf(code) : undefined;
    if (!level) refused.push({ line, reason: '代码应为 12 位（网格 15 位，微网格 17 位）数字' });
    else if (!row.name) refused.push({ line, reason: '没有名称' });
    else if (level !== 'city' && !known.has(parentOf(code)))
      refused.push({ line, reason: `上级 ${parentOf(code)} 不存在，请把上级放在前面` });
    else {
      known.add(code);
      good.push({ code, name: row.name, level, parent: level === 'city' ? null : parentOf(code) });
    }
  }
  await house.db.write(noScope, async tx => {
    for (const region of good) await putRegions(tx, [region]);
    for (const region of good.filter(r => r.level === 'county'))
      await tx.run(
        sql`INSERT INTO county VALUES (${region.code.slice(0, 6)}, ${region.code}, ${region.name}) ON CONFLICT DO NOTHING`,
      );
  });
  await house.keeper.changed();
  return { read, imported: good.length, refused };
}

export async function importUnits(house: House, file: string): Promise<ReferenceResult> {
  const kinds: Record<
    string,
    'centre' | 'department' | 'committee' | 'station' | 'court' | 'insurer' | 'enterprise' | 'school'
  > = {
    综治中心: 'centre',
    部门: 'department',
    调解委员会: 'committee',
    派出所: 'station',
    站所: 'station',
    法院: 'court',
    保险公司: 'insurer',
    企业: 'enterprise',
    学校: 'school',
  };
  const refused: RowError[] = [];
  let read = 0;
  let imported = 0;
  for await (const { line, row } of records(file, referenceColumns.units)) {
    read += 1;
    const directory = house.keeper.current;
    const kind = kinds[row.kind];
    const region = row.region.padEnd(12, '0');
    const county = directory.countyOf(region);
    if (!row.name) refused.push({ line, reason: '没有名称' });
    else if (!kind) refused.push({ line, reason: `单位类别应为：${Object.keys(kinds).join('、')}` });
    else if (!county) refused.push({ line, reason: `区划 ${row.region} 不存在` });
    else {
      const own = directory.centreOf(region);
      const above =
        kind === 'centre'
          ? directory.path(region).length > 1
            ? directory.centreOf(directory.path(region).at(-2)!)
            : null
          : own;
      await house.db.write(noScope, tx =>
        putUnits(tx, [
          {
            id: uuid(),
            county,
            region,
            kind,
            name: row.name,
            above: above ?? null,
            phone: row.phone || null,
            words: row.words.split(/[、,，;； ]+/).filter(Boolean),
          },
        ]),
      );
      if (kind === 'centre') await house.keeper.changed();
      imported += 1;
    }
  }
  await house.keeper.changed();
  return { read, imported, refused };
}

const roleNames: Record<string, (typeof postRoles)[number]> = {
  综治中心工作人员: 'clerk',
  受理员: 'clerk',
  承办人: 'handler',
  网格员: 'grid',
  调解员: 'mediator',
  领导: 'leader',
  审计员: 'auditor',
};

const unitsByName = (house: House) =>
  new Map([...house.keeper.current.units.values()].filter(unit => !unit.valid_to).map(unit => [unit.name, unit]));

/** People with a first post; one-time passwords come back once, to be handed over. */
export async function importPeople(house: House, file: string): Promise<ReferenceResult> {
  const refused: RowError[] = [];
  const extra: Record<string, string>[] = [];
  let read = 0;
  const units = unitsByName(house);
  const login = z.string().regex(/^[a-z][a-z0-9._-]{1,31}$/);
  const taken = new Set(
    (await house.db.read<{ login: string }>(noScope, sql`SELECT login FROM person`)).map(row => row.login),
  );
  for await (const { line, row } of records(file, referenceColumns.people)) {
    read += 1;
    const unit = units.get(row.unit);
    const role = roleNames[row.role];
    if (!login.safeParse(row.login).success) refused.push({ line, reason: '用户名应以小写字母开头，2–32 位字母数字' });
    else if (taken.has(row.login)) refused.push({ line, reason: '用户名已被使用' });
    else if (!row.name) refused.push({ line, reason: '没有姓名' });
    else if (!unit) refused.push({ line, reason: `没有单位“${row.unit}”` });
    else if (!role) refused.push({ line, reason: `岗位应为：${Object.keys(roleNames).join('、')}` });
    else {
      taken.add(row.login);
      const id = uuid();
      const password = initialPassword();
      const hashed = await hashPassword(password);
      await house.db.write(noScope, tx =>
        employ(
          tx,
          [{ id, login: row.login, name: row.name, password: hashed }],
          [
            {
              id: uuid(),
              person: id,
              unit: unit.id,
              region: unit.region,
              role,
              needToKnow: row.secret === '是',
              from: dateOf(house.clock()),
            },
          ],
          dateOf(house.clock()),
        ),
      );
      extra.push({ login: row.login, name: row.name, password });
    }
  }
  return { read, imported: extra.length, refused, extra };
}

/** Further posts of people who are there: from a day on, each with the colleague who takes over. */
export async function importPosts(house: House, file: string): Promise<ReferenceResult> {
  const refused: RowError[] = [];
  let read = 0;
  let imported = 0;
  const units = unitsByName(house);
  const today = dateOf(house.clock());
  const people = new Map(
    (await house.db.read<{ id: string; login: string }>(noScope, sql`SELECT id, login FROM person`)).map(row => [
      row.login,
      row.id,
    ]),
  );
  for await (const { line, row } of records(file, referenceColumns.posts)) {
    read += 1;
    const person = people.get(row.login);
    const unit = units.get(row.unit);
    const role = roleNames[row.role];
    const from = row.from ? dayIn(row.from) : today;
    const substitute = row.substitute ? people.get(row.substitute) : null;
    if (!person) refused.push({ line, reason: `没有用户名“${row.login}”，请先导入人员` });
    else if (!unit) refused.push({ line, reason: `没有单位“${row.unit}”` });
    else if (!role) refused.push({ line, reason: `岗位应为：${Object.keys(roleNames).join('、')}` });
    else if (!from) refused.push({ line, reason: `起始日期“${row.from}”不是日期` });
    else if (substitute === undefined) refused.push({ line, reason: `没有接替人“${row.substitute}”` });
    else if (substitute === person) refused.push({ line, reason: '接替人不能是本人' });
    else {
      const post = { id: uuid(), person, unit: unit.id, region: unit.region, role, needToKnow: row.secret === '是' };
      const held = await house.db.readOne(
        noScope,
        sql`SELECT FROM post WHERE person = ${person} AND unit = ${unit.id} AND role = ${role} AND (valid_to IS NULL OR valid_to > ${from})`,
      );
      if (held) refused.push({ line, reason: '已任该岗位' });
      else {
        const entering = house.db.write(noScope, tx => employ(tx, [], [{ ...post, from, substitute }], today));
        const reason = await refusalOf(entering);
        if (reason) refused.push({ line, reason });
        else imported += 1;
      }
    }
  }
  return { read, imported, refused };
}

/** The ledger of mediators: each row enters one; who stands in it already is refused. */
export async function importMediators(
  file: string,
  put: (input: MediatorInput) => Promise<void>,
  committees: readonly { unit: string; name: string }[],
): Promise<ReferenceResult> {
  const refused: RowError[] = [];
  const byName = new Map(committees.map(one => [one.name, one.unit]));
  const seen = new Set<string>();
  let read = 0;
  let imported = 0;
  const yes = (value: string) => value === '是';
  const parts = (value: string) => value.split(/[、，,;；\s]+/).filter(Boolean);
  for await (const { line, row } of records(file, {
    committee: ['调解委员会', '调委会', '组织名称'],
    name: ['姓名'],
    head: ['主任', '?'],
    sex: ['性别', '?'],
    fullTime: ['专职', '?'],
    civil: ['公职人员', '?'],
    specialities: ['专长', '?'],
    languages: ['语言', '?'],
    free: ['空闲时间', '?'],
    phone: ['电话', '?'],
    until: ['资格有效期', '?'],
  })) {
    read += 1;
    const committee = byName.get(row.committee);
    const until = row.until ? dayIn(row.until) : null;
    if (!committee) refused.push({ line, reason: `没有调解组织“${row.committee}”，请先登记` });
    else if (!row.name) refused.push({ line, reason: '没有姓名' });
    else if (seen.has(`${committee}/${row.name}`)) refused.push({ line, reason: '同一组织里姓名重复' });
    else if (until === undefined) refused.push({ line, reason: `资格有效期“${row.until}”不是日期` });
    else {
      seen.add(`${committee}/${row.name}`);
      const input = MediatorInput.safeParse({
        id: uuid(),
        committee,
        name: row.name,
        head: yes(row.head),
        woman: row.sex === '女',
        fullTime: yes(row.fullTime),
        civilServant: yes(row.civil),
        specialities: parts(row.specialities),
        languages: parts(row.languages),
        free: row.free,
        phone: row.phone || null,
        certificateUntil: until,
      });
      if (!input.success) refused.push({ line, reason: input.error.issues.map(i => i.message).join('；') });
      else
        await put(input.data).then(
          () => {
            imported += 1;
          },
          error => {
            if (sqlState(error) !== uniqueViolation) throw error;
            refused.push({ line, reason: '该组织里已有此人' });
          },
        );
    }
  }
  return { read, imported, refused };
}

const datums: Record<string, Datum> = {
  '': 'WGS84',
  WGS84: 'WGS84',
  'WGS-84': 'WGS84',
  CGCS2000: 'CGCS2000',
  GCJ02: 'GCJ02',
  'GCJ-02': 'GCJ02',
};

/** Places from a table: kind and region by name or code; points in the datum that the row says, WGS-84 where it says none. */
export async function importPlaces(
  house: House,
  file: string,
  put: (input: PlaceInput) => Promise<unknown>,
): Promise<ReferenceResult> {
  const refused: RowError[] = [];
  const kindOf = new Map(Object.entries(placeKinds).map(([kind, { zh }]) => [zh as string, kind]));
  let read = 0;
  let imported = 0;
  for await (const { line, row } of records(file, {
    kind: ['类别', '点位类别', '设施类别'],
    name: ['名称', '点位名称'],
    region: ['区划代码', '网格编码'],
    code: ['编码', '部件编码', '?'],
    lng: ['经度', '经度(WGS-84)', '?'],
    lat: ['纬度', '纬度(WGS-84)', '?'],
    datum: ['坐标系', '?'],
    unit: ['责任单位', '?'],
    state: ['状态', '?'],
  })) {
    read += 1;
    const { keeper } = house;
    const kind = kindOf.get(row.kind) ?? row.kind;
    const unit = row.unit
      ? [...keeper.current.units.values()].find(one => one.name === row.unit && !one.valid_to)
      : null;
    const datum = datums[row.datum.toUpperCase()];
    const numbers = row.lng && row.lat ? ([Number(row.lng), Number(row.lat)] as const) : null;
    if (!(kind in placeKinds)) refused.push({ line, reason: `没有点位类别“${row.kind}”` });
    else if (!keeper.current.regions.has(row.region)) refused.push({ line, reason: `区划代码“${row.region}”不存在` });
    else if (unit === undefined) refused.push({ line, reason: `没有单位“${row.unit}”` });
    else if (!datum) refused.push({ line, reason: `不认识坐标系“${row.datum}”` });
    else if (numbers?.some(n => !Number.isFinite(n)))
      refused.push({ line, reason: `经纬度“${row.lng}，${row.lat}”不是数字` });
    else {
      const [lng = 0, lat = 0] = numbers ? toWgs84([...numbers], datum) : [];
      const input = PlaceInput.safeParse({
        id: uuid(),
        kind,
        name: row.name,
        region: row.region,
        code: row.code || null,
        location: numbers && { lng, lat },
        unit: unit?.id ?? null,
        state: { 故障: 'faulty', 拆除: 'removed' }[row.state] ?? 'working',
      });
      if (!input.success) refused.push({ line, reason: input.error.issues.map(i => i.message).join('；') });
      else {
        const reason = await refusalOf(put(input.data));
        if (reason) refused.push({ line, reason });
        else imported += 1;
      }
    }
  }
  return { read, imported, refused };
}

const Feature = z.object({
  type: z.literal('Feature'),
  properties: z.record(z.string(), z.unknown()).nullable(),
  geometry: z.object({ type: z.enum(['Polygon', 'MultiPolygon']), coordinates: z.array(z.unknown()) }),
});

/** Grids from GeoJSON: each feature names its village and code, or gets the next code of its village. Old boundaries end today. */
export async function importGrids(house: House, content: string, datum: Datum): Promise<ReferenceResult> {
  let features: unknown[];
  try {
    features = z.object({ features: z.array(z.unknown()) }).parse(JSON.parse(content)).features;
  } catch {
    throw new Failure('import_unreadable', { reason: 'GeoJSON FeatureCollection' });
  }
  const refused: RowError[] = [];
  let imported = 0;
  const today = dateOf(house.clock());
  for (const [i, raw] of features.entries()) {
    const feature = Feature.safeParse(raw);
    const properties = feature.data?.properties ?? {};
    const code = String(properties.code ?? properties['网格编码'] ?? '');
    const name = String(properties.name ?? properties['网格名称'] ?? '');
    if (!feature.success) refused.push({ line: i + 1, reason: '不是多边形' });
    else if (!/^\d{15}$/.test(code)) refused.push({ line: i + 1, reason: '网格编码应为 15 位数字（村 12 位 + 3 位）' });
    else if (!house.keeper.current.regions.has(code.slice(0, 12)))
      refused.push({ line: i + 1, reason: `村（社区）${code.slice(0, 12)} 不存在` });
    else if (!name) refused.push({ line: i + 1, reason: '没有网格名称' });
    else {
      await house.db.write(noScope, async tx => {
        await putRegions(tx, [{ code, parent: code.slice(0, 12), level: 'grid', name }]);
        await putBoundary(tx, code, feature.data.geometry, datum, today);
      });
      imported += 1;
    }
  }
  await house.keeper.changed();
  return { read: features.length, imported, refused };
}
