/** Lists of matters in a scope: filters, keyset paging, full-text search, exact look-up, counts. */
import { Brief } from '../kernel/brief.ts';
import { type Scope, type Sql, scopeText, sql, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import type { KindName } from '../kinds/kinds.ts';
import type { Grade } from './grading.ts';
import { queryOf } from './lexemes.ts';
import { externalHash, identityHash, phoneHash, receiptHash } from './lookups.ts';
import { openStates, type Part, type State, type Order as Told } from './matter.ts';
import { parseNumber, parseReceipt } from './numbers.ts';
import { redact } from './redact.ts';
import { stageOf } from './rows.ts';
import type { Doing, Loop, MatterWords } from './store.ts';

const epoch = (column: string) => `(date_part('epoch', m.${column}) * 1000)::bigint AS ${column}`;
export const rowColumns = sql.raw(
  `m.county, m.id, m.seq, m.number, m.kind, m.state, m.open, m.stock, m.summary, m.unit, m.centre, m.handler, ${epoch('due_at')}, m.lapses, m.category, m.source, m.path, ${epoch('received_at')}, ${epoch('ended_at')}, m.sensitive, m.reworks, m.rating, m.solved, m.grade, ${epoch('reply_at')}, m.leader, m.orders, m.parts, m.fields->'own' AS own`,
);

export type Row = {
  county: string;
  id: string;
  seq: number;
  number: string;
  kind: KindName;
  state: State;
  open: boolean;
  stock: boolean;
  summary: string | null;
  unit: string;
  centre: string;
  handler: string | null;
  due_at: number | null;
  lapses: number;
  category: string | null;
  source: string;
  path: string[];
  received_at: number;
  ended_at: number | null;
  sensitive: boolean;
  reworks: number;
  rating: number | null;
  solved: boolean | null;
  grade: Grade | null;
  reply_at: number | null;
  leader: string | null;
  orders: Told[];
  parts: Part[];
  own: Record<string, unknown> | null;
};

export type Filters = {
  box?: 'inbox' | 'given' | 'late' | 'watch' | 'all' | undefined;
  grade?: Grade[] | undefined;
  kind?: KindName[] | undefined;
  state?: State[] | undefined;
  unit?: string | undefined;
  region?: string | undefined;
  category?: string | undefined;
  source?: string | undefined;
  from?: number | undefined;
  to?: number | undefined;
  stock?: boolean | undefined;
  q?: string | undefined;
  /** One of the county's own fields: `name:value`. */
  own?: string | undefined;
};
export type Order = 'due' | 'received';
export type Page<R = Row> = { rows: R[]; next: string | null };

/** Where a page ended, by its last row: opaque to whoever passes it back. */
export const encode = (at: number | null, id: string) => Buffer.from(JSON.stringify([at, id])).toString('base64url');
export function decode(cursor: string): [number | null, string] {
  try {
    const [at, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if ((at === null || typeof at === 'number') && /^[0-9a-f-]{36}$/.test(id)) return [at, id];
  } catch {}
  throw new Failure('invalid', { issues: 'cursor' });
}

/** What the scope may see, in words of SQL: the first wall. Row-level security says the same once more beneath it. */
export function visible(scope: Scope): Sql {
  if (scope.system) return sql`true`;
  const { person = null, units = [], keys = [], allUnits = [], regions = [] } = scope;
  return sql`(NOT m.excluded_people @> ARRAY[${person}]::uuid[] AND NOT m.excluded_units && ${allUnits}::uuid[]
    AND CASE WHEN m.sensitive THEN ${person}::uuid = ANY (m.readers) OR m.participants && ${keys}::uuid[]
             ELSE m.participants && ${units}::uuid[] OR m.path && ${regions}::text[] END)`;
}

/** Codes by their length: county and township and village have twelve digits, a grid more. */
function inRegion(code: string): Sql {
  if (code.length > 12) return sql`m.grid = ${code}`;
  if (!code.endsWith('000')) return sql`m.village = ${code}`;
  return code.endsWith('000000') ? sql`m.path[1] = ${code}` : sql`m.township = ${code}`;
}

function conditions(filters: Filters, counties: readonly string[], scope: Scope, now: number): Sql[] {
  const where: Sql[] = [
    counties.length === 1 ? sql`m.county = ${counties[0]}` : sql`m.county = ANY (${counties}::text[])`,
    visible(scope),
  ];
  const units = scope.units ?? [];
  const mine = (column: Sql) =>
    units.length === 1 ? sql`${column} = ${units[0]}` : sql`${column} = ANY (${units}::uuid[])`;
  if (filters.box === 'inbox') where.push(sql`m.open`, sql`NOT m.stock`, mine(sql`m.unit`));
  if (filters.box === 'given') where.push(sql`m.open`, mine(sql`m.centre`), sql`m.unit <> m.centre`);
  if (filters.box === 'late') where.push(sql`m.open`, sql`m.due_at < ${time(now)}`);
  // What a supervisor watches: late, warned of, or with an order that wants a reply.
  if (filters.box === 'watch')
    where.push(
      sql`m.open`,
      sql`NOT m.stock`,
      sql`(m.due_at < ${time(now)} OR m.lapses > 0 OR m.reply_at IS NOT NULL OR m.leader IS NOT NULL)`,
    );
  if (filters.own) {
    const [name, ...value] = filters.own.split(':');
    where.push(sql`m.fields->'own'->>${name} = ${value.join(':')}`);
  }
  if (filters.grade?.length) where.push(sql`m.grade = ANY (${filters.grade}::text[])`);
  if (filters.kind?.length) where.push(sql`m.kind = ANY (${filters.kind}::text[])`);
  if (filters.state?.length === 1) where.push(sql`m.state = ${filters.state[0]}`);
  else if (filters.state?.length) where.push(sql`m.state = ANY (${filters.state}::text[])`);
  if (filters.unit) where.push(sql`m.unit = ${filters.unit}`);
  if (filters.region) where.push(inRegion(filters.region));
  if (filters.category) where.push(sql`m.category = ${filters.category}`);
  if (filters.source) where.push(sql`m.source = ${filters.source}`);
  if (filters.from !== undefined) where.push(sql`m.received_at >= ${time(filters.from)}`);
  if (filters.to !== undefined) where.push(sql`m.received_at < ${time(filters.to)}`);
  if (filters.stock !== undefined) where.push(sql`m.stock = ${filters.stock}`);
  return where;
}

const and = (parts: Sql[]) => sql.join(parts, sql` AND `);

/**
 * One page of a list, as a query; the caller runs it in its scope. `due` lists open matters by deadline, `received` all by
 * date, newest first. One row more than the page tells whether there is another.
 */
export function listQuery(
  filters: Filters,
  counties: readonly string[],
  scope: Scope,
  now: number,
  order: Order,
  cursor: string | undefined,
  limit: number,
  columns: Sql = rowColumns,
): Sql<Row> {
  const where = conditions(filters, counties, scope, now);
  const [at, id] = cursor ? decode(cursor) : [undefined, undefined];
  const through = placeBelow(filters) ?? narrowReaders(scope);
  if (order === 'due') {
    where.push(sql`m.open`);
    // Stock without a deadline comes last.
    if (at === null) where.push(sql`(m.due_at IS NULL AND m.id > ${id})`);
    else if (at !== undefined) where.push(sql`((m.due_at, m.id) > (${time(at)}, ${id}) OR m.due_at IS NULL)`);
    const last = sql`ORDER BY m.due_at, m.id LIMIT ${limit + 1}`;
    if (!through || filters.box === 'inbox' || filters.unit)
      return sql<Row>`SELECT ${columns} FROM matter m WHERE ${and(where)} ${last}`;
    return sql<Row>`SELECT ${columns} FROM (SELECT DISTINCT county, matter FROM matter_reader
        WHERE county = ANY (${counties}::text[]) AND reader = ANY (${through}::text[]) AND stage = 'open') r
      JOIN matter m ON m.county = r.county AND m.id = r.matter WHERE ${and(where)} ${last}`;
  }
  const newest = sql`ORDER BY m.received_at DESC, m.id DESC LIMIT ${limit + 1}`;
  if (!through) {
    if (id) where.push(sql`(m.received_at, m.id) < (${time(at ?? 0)}, ${id})`);
    return sql<Row>`SELECT ${columns} FROM matter m WHERE ${and(where)} ${newest}`;
  }
  // A narrow scope walks its own rows newest first, one walk for each county, reader and stage: never the whole county.
  const walks = counties.flatMap(county =>
    through.flatMap(reader => stagesOf(filters).map(stage => ({ county, reader, stage }))),
  );
  const after = id ? sql`AND (r.received_at, r.matter) < (${time(at ?? 0)}, ${id})` : sql``;
  return sql<Row>`SELECT DISTINCT ON (received_at, id) found.* FROM json_to_recordset(${JSON.stringify(walks)}) AS w(county text, reader text, stage text)
    CROSS JOIN LATERAL (SELECT ${columns} FROM matter_reader r JOIN matter m ON m.county = r.county AND m.id = r.matter
      WHERE r.county = w.county AND r.reader = w.reader AND r.stage = w.stage ${after} AND ${and(where)}
      ORDER BY r.received_at DESC, r.matter DESC LIMIT ${limit + 1}) found
    ORDER BY received_at DESC, id DESC LIMIT ${limit + 1}`;
}

/** The stages that a filter leaves. */
function stagesOf({ box, state }: Filters): ReturnType<typeof stageOf>[] {
  if (box && box !== 'all') return ['open'];
  if (!state?.length) return ['open', 'struck', 'other'];
  return [...new Set(state.map(one => stageOf({ state: one, open: (openStates as readonly State[]).includes(one) })))];
}

/** The readers through which a scope below the county sees; undefined for those who see a whole county, or everything. */
function narrowReaders({ system, regions = [], units = [], person }: Scope): string[] | undefined {
  if (system || regions.some(code => code.endsWith('000000'))) return undefined;
  return [...new Set([...regions, ...units, ...(person ? [person] : [])])];
}

/** A place below the county has its own rows to walk, whoever asks. */
const placeBelow = ({ region }: Filters) => (region && !region.endsWith('000000') ? [region] : undefined);

/** Rows as the JSON text that the database keeps beside them: a page is passed on without being read and written again. */
const ready = {
  due: sql.raw(`m.listed, ${epoch('due_at')}, m.id`),
  received: sql.raw(`m.listed, ${epoch('received_at')}, m.id`),
};
type Ready = { listed: string; due_at?: number | null; received_at?: number; id: string };

const nextAfter = (last: { at: number | null; id: string } | undefined, more: boolean) =>
  more && last ? encode(last.at, last.id) : null;

function pageOf(rows: Row[], order: Order, limit: number): Page {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const at = last && { at: order === 'due' ? last.due_at : last.received_at, id: last.id };
  return { rows: page, next: nextAfter(at, rows.length > limit) };
}

/** A list in the actor's scope: filters and order in SQL, keyset paging. */
export async function listMatters(
  loop: Loop,
  { scope, now }: Doing,
  counties: readonly string[],
  filters: Filters,
  order: Order,
  cursor: string | undefined,
  limit: number,
): Promise<Page> {
  if (filters.q?.trim()) return searchMatters(loop, scope, counties, filters, now, cursor, limit);
  return pageOf(
    await loop.db.read<Row>(scope, listQuery(filters, counties, scope, now, order, cursor, limit)),
    order,
    limit,
  );
}

/** The same list as the JSON text of its page. */
export async function listJson(
  loop: Loop,
  { scope, now }: Doing,
  counties: readonly string[],
  filters: Filters,
  order: Order,
  cursor: string | undefined,
  limit: number,
): Promise<string> {
  const query = listQuery(
    filters,
    counties,
    scope,
    now,
    order,
    cursor,
    limit,
    ready[order],
  ) as Sql<unknown> as Sql<Ready>;
  const rows = await loop.db.read(scope, query);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next = nextAfter(last && { at: last.due_at ?? last.received_at ?? null, id: last.id }, rows.length > limit);
  return `{"rows":[${page.map(row => row.listed).join(',')}],"next":${JSON.stringify(next)}}`;
}

/** Full text, newest first, through the one function that applies the scope; other filters after it. */
async function searchMatters(
  loop: Loop,
  scope: Scope,
  counties: readonly string[],
  filters: Filters,
  now: number,
  cursor: string | undefined,
  limit: number,
): Promise<Page> {
  const query = queryOf(filters.q!);
  if (!query) return { rows: [], next: null };
  let before = cursor ? decode(cursor) : undefined;
  const found: Row[] = [];
  const plain =
    Object.keys(filters).every(key => key === 'q' || key === 'box' || filters[key as keyof Filters] === undefined) &&
    (filters.box ?? 'all') === 'all';
  const step = plain ? limit + 1 : 200;
  for (;;) {
    const at = before ? time(before[0] ?? 0) : null;
    const rows = await loop.db.read<Row & { kept: boolean }>(
      scope,
      sql`WITH hits AS MATERIALIZED (
            SELECT c.county, h.id, h.received_at FROM unnest(${counties}::text[]) AS c(county)
            CROSS JOIN LATERAL search_matters(c.county, ${query}::tsquery, ${at}::timestamptz, ${before?.[1] ?? null}::uuid, ${step}) h
            ORDER BY h.received_at DESC, h.id DESC LIMIT ${step})
          SELECT ${rowColumns}, (${and(conditions(filters, counties, scope, now))}) AS kept
          FROM hits JOIN matter m ON m.county = hits.county AND m.id = hits.id ORDER BY m.received_at DESC, m.id DESC`,
    );
    found.push(...rows.filter(row => row.kept).map(({ kept: _, ...row }) => row));
    const last = rows.at(-1);
    if (found.length > limit || rows.length < step || !last) break;
    before = [last.received_at, last.id];
  }
  return pageOf(found, 'received', limit);
}

export type Snippet = { before: string; hit: string; after: string };

/** Where the words of a search stand in a text: a short piece around the first hit. */
export function snippetOf(text: string, typed: string): Snippet | undefined {
  for (const word of typed.normalize('NFKC').split(/\s+/).filter(Boolean)) {
    const at = text.toLowerCase().indexOf(word.toLowerCase());
    if (at < 0) continue;
    return {
      before: text.slice(Math.max(0, at - 16), at),
      hit: text.slice(at, at + word.length),
      after: text.slice(at + word.length, at + word.length + 30),
    };
  }
}

/** Redacted snippets for the rows of one page of search results. */
export async function snippets(
  loop: Loop,
  scope: Scope,
  rows: readonly Row[],
  typed: string,
): Promise<Record<string, Snippet>> {
  const keys = await loop.db.read<any>(
    scope,
    sql`SELECT m.id, m.words, k.wrapped, k.version FROM matter m JOIN matter_key k ON k.county = m.county AND k.id = m.id
        WHERE m.county = ANY (${[...new Set(rows.map(r => r.county))]}::text[]) AND m.id = ANY (${rows.map(row => row.id)}::uuid[]) AND ${visible(scope)}`,
  );
  const found: Record<string, Snippet> = {};
  for (const row of keys) {
    if (!row.wrapped) continue;
    const words = loop.secrets.openRow<MatterWords>(row);
    const snippet = snippetOf(redact(`${words.title} ${words.text}`).replace(/\s+/g, ' '), typed);
    if (snippet) found[row.id] = snippet;
  }
  return found;
}

/** Exact look-up by number, receipt code, phone, identity number or a number elsewhere. Counted and recorded by the caller. */
export async function findExactly(
  loop: Loop,
  { scope }: Doing,
  counties: readonly string[],
  typed: string,
): Promise<Row[]> {
  // Digits that happen to check as one of our numbers may still be somebody else's: look on when nothing is found.
  const number = parseNumber(typed);
  const own =
    number &&
    (await loop.db.read<Row>(
      scope,
      sql`SELECT ${rowColumns} FROM matter m WHERE m.county = ANY (${counties}::text[]) AND m.number = ${number} AND ${visible(scope)}`,
    ));
  if (own && own.length) return own;
  const { secrets } = loop;
  const receipt = parseReceipt(typed);
  const hashes = [
    phoneHash(secrets, typed),
    identityHash(secrets, typed),
    externalHash(secrets, typed),
    ...(receipt ? [receiptHash(secrets, receipt)] : []),
  ];
  return loop.db.read<Row>(
    scope,
    sql`SELECT DISTINCT ON (m.received_at, m.id) ${rowColumns} FROM matter_lookup l JOIN matter m ON m.county = l.county AND m.id = l.matter
        WHERE l.county = ANY (${counties}::text[]) AND l.hash = ANY (${hashes}::bytea[]) AND ${visible(scope)} ORDER BY m.received_at DESC, m.id DESC LIMIT 50`,
  );
}

export type Counts = { kind: KindName; state: State; n: number }[];

/** Figures may be some seconds old. */
const told = new WeakMap<Loop, Brief<Counts>>();

/** Matters by state and kind in the actor's scope, at most two seconds old. */
export function countMatters(loop: Loop, { scope }: Doing, counties: readonly string[]): Promise<Counts> {
  const known = told.get(loop) ?? new Brief<Counts>(2000);
  told.set(loop, known);
  return known.get(`${counties} ${scopeText(scope)}`, () => countNow(loop, scope, counties));
}

/**
 * The roll-up: what lies in one's regions, and what one's units hold outside of them; plus guarded matters counted live
 * for those who may see them.
 */
async function countNow(loop: Loop, scope: Scope, counties: readonly string[]): Promise<Counts> {
  const regions = outermost(loop, scope.regions ?? []);
  const units = scope.units ?? [];
  const [rolled, guarded] = await loop.db.reads(
    scope,
    scope.system
      ? sql`SELECT kind, state, sum(n)::bigint AS n FROM tally WHERE county = ANY (${counties}::text[]) AND place = '' AND unit = '' GROUP BY kind, state`
      : sql`SELECT kind, state, sum(CASE WHEN place = '' OR unit = '' THEN n ELSE -n END)::bigint AS n FROM tally
          WHERE county = ANY (${counties}::text[]) AND place = ANY (${['', ...regions]}::text[]) AND unit = ANY (${['', ...units]}::text[]) AND NOT (place = '' AND unit = '')
          GROUP BY kind, state`,
    sql`SELECT m.kind, m.state, count(*) AS n FROM matter m WHERE m.county = ANY (${counties}::text[]) AND ${guardedOf(counties, scope)}
      AND (m.sensitive OR m.excluded_units <> '{}' OR m.excluded_people <> '{}') AND ${visible(scope)} GROUP BY m.kind, m.state`,
  );
  const sums = new Map<string, Counts[number]>();
  for (const row of [...rolled!, ...guarded!]) {
    const key = `${row.kind}/${row.state}`;
    sums.set(key, { ...row, n: (sums.get(key)?.n ?? 0) + row.n });
  }
  return [...sums.values()].filter(row => row.n !== 0);
}

/** Which guarded matters a scope can come to see at all: through a reader of its own or, in a whole county, because others must not. */
function guardedOf(counties: readonly string[], scope: Scope): Sql {
  if (scope.system) return sql`true`;
  const narrow = narrowReaders(scope);
  const readers = narrow ?? [...(scope.units ?? []), ...(scope.person ? [scope.person] : [])];
  const known = sql`SELECT matter FROM matter_reader WHERE county = ANY (${counties}::text[]) AND guarded AND reader = ANY (${readers}::text[])`;
  const hidden = sql`SELECT id FROM matter WHERE county = ANY (${counties}::text[]) AND NOT sensitive AND (excluded_units <> '{}' OR excluded_people <> '{}')`;
  return sql`m.id = ANY (ARRAY(${narrow ? known : sql`${known} UNION ${hidden}`}))`;
}

/** Regions that lie in no other of them, so that nothing is counted twice. */
function outermost(loop: Loop, regions: readonly string[]): string[] {
  const directory = loop.directory();
  return regions.filter(code => !directory.path(code).some(above => above !== code && regions.includes(above)));
}
