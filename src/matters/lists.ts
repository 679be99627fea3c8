/** Lists of matters in a scope: filters, keyset paging, full-text search, exact look-up, counts. */
import { Brief } from '../kernel/brief.ts';
import { type Scope, type Sql, scopeText, sql, time } from '../kernel/db.ts';
import type { KindName } from '../kinds/kinds.ts';
import {
  and,
  conditions,
  decode,
  encode,
  type Filters,
  narrowReaders,
  saidByStages,
  stagesOf,
  visible,
  walkedReaders,
} from './filters.ts';
import type { Grade } from './grading.ts';
import { externalHash, identityHash, phoneHash, receiptHash } from './lookups.ts';
import type { Part, State, Order as Told } from './matter.ts';
import { parseNumber, parseReceipt } from './numbers.ts';
import { searchMatters, snippets } from './search.ts';
import type { Doing, Loop } from './store.ts';

const epoch = (column: string) => `(date_part('epoch', m.${column}) * 1000)::bigint AS ${column}`;
/** A row as lists send it: the JSON in `matter.listed`, which the database makes of the columns. */
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

export type Order = 'due' | 'received';
export type Page = { rows: Row[]; next: string | null };

/** What of a matter makes a row of a list, and says where its page goes on. */
const ready = {
  due: sql.raw(`m.listed, ${epoch('due_at')}, m.id`),
  received: sql.raw(`m.listed, ${epoch('received_at')}, m.id`),
};
export type Ready = { listed: string; due_at: number | null; received_at: number; id: string };
export const rowOf = ({ listed }: Pick<Ready, 'listed'>): Row => JSON.parse(listed);

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
): Sql<Ready> {
  const where = conditions(filters, counties, scope, now);
  const [at, id] = cursor ? decode(cursor) : [undefined, undefined];
  const through = walkedReaders(filters, scope);
  if (order === 'due') {
    where.push(sql`m.open`);
    // Stock without a deadline comes last.
    if (at === null) where.push(sql`(m.due_at IS NULL AND m.id > ${id})`);
    else if (at !== undefined) where.push(sql`((m.due_at, m.id) > (${time(at)}, ${id}) OR m.due_at IS NULL)`);
    const last = sql`ORDER BY m.due_at, m.id LIMIT ${limit + 1}`;
    if (!through || filters.box === 'inbox' || filters.unit)
      return sql<Ready>`SELECT ${ready[order]} FROM matter m WHERE ${and(where)} ${last}`;
    return sql<Ready>`SELECT ${ready[order]} FROM (SELECT DISTINCT county, matter FROM matter_reader
        WHERE county = ANY (${counties}::text[]) AND reader = ANY (${through}::text[]) AND stage = 'open') r
      JOIN matter m ON m.county = r.county AND m.id = r.matter WHERE ${and(where)} ${last}`;
  }
  const newest = sql`ORDER BY m.received_at DESC, m.id DESC LIMIT ${limit + 1}`;
  if (!through) {
    if (id) where.push(sql`(m.received_at, m.id) < (${time(at ?? 0)}, ${id})`);
    return sql<Ready>`SELECT ${ready[order]} FROM matter m WHERE ${and(where)} ${newest}`;
  }
  // A narrow scope walks its own rows newest first, one walk for each county, reader and stage: never the whole county.
  const walks = counties.flatMap(county =>
    through.flatMap(reader => stagesOf(filters).map(stage => ({ county, reader, stage }))),
  );
  const each = sql`json_to_recordset(${JSON.stringify(walks)}) AS w(county text, reader text, stage text)`;
  const after = id ? sql`AND (r.received_at, r.matter) < (${time(at ?? 0)}, ${id})` : sql``;
  const walked = sql`r.county = w.county AND r.reader = w.reader AND r.stage = w.stage ${after}`;
  const along = sql`ORDER BY r.received_at DESC, r.matter DESC LIMIT ${limit + 1}`;
  // Where nothing is asked that the walks do not say, the page is known before a matter is read; only what is guarded is
  // asked itself whether it may be seen.
  if (saidByStages(filters))
    return sql<Ready>`SELECT ${ready[order]} FROM (SELECT DISTINCT r.county, r.received_at, r.matter FROM ${each}
        CROSS JOIN LATERAL (SELECT r.county, r.received_at, r.matter FROM matter_reader r WHERE ${walked}
            AND (NOT r.guarded OR EXISTS (SELECT FROM matter m WHERE m.county = r.county AND m.id = r.matter AND ${visible(scope)} OFFSET 0)) ${along}) r ${along}) r
      JOIN matter m ON m.county = r.county AND m.id = r.matter WHERE ${and(where)} ORDER BY r.received_at DESC, r.matter DESC`;
  return sql<Ready>`SELECT DISTINCT ON (received_at, id) found.* FROM ${each}
    CROSS JOIN LATERAL (SELECT ${ready[order]} FROM matter_reader r JOIN matter m ON m.county = r.county AND m.id = r.matter
      WHERE ${walked} AND ${and(where)} ${along}) found
    ORDER BY received_at DESC, id DESC LIMIT ${limit + 1}`;
}

const nextAfter = (rows: readonly Pick<Row, 'due_at' | 'received_at' | 'id'>[], order: Order, limit: number) => {
  const last = rows[limit - 1];
  if (!last || rows.length <= limit) return null;
  return encode(order === 'due' ? last.due_at : last.received_at, last.id);
};

/** One page in the actor's scope, its rows as they lie; what is searched for comes newest first, whatever `order` says. */
async function readRows(
  loop: Loop,
  doing: Doing,
  counties: readonly string[],
  filters: Filters,
  order: Order,
  cursor: string | undefined,
  limit: number,
): Promise<{ rows: Ready[]; next: string | null }> {
  const { scope, now } = doing;
  const searched = Boolean(filters.q?.trim());
  const rows = searched
    ? await searchMatters(loop, doing, counties, filters, cursor, limit, ready.received)
    : await loop.db.read(scope, listQuery(filters, counties, scope, now, order, cursor, limit));
  return { rows: rows.slice(0, limit), next: nextAfter(rows, searched ? 'received' : order, limit) };
}

/** A list in the actor's scope: filters and order in SQL, keyset paging. */
export async function listMatters(...asked: Parameters<typeof readRows>): Promise<Page> {
  const { rows, next } = await readRows(...asked);
  return { rows: rows.map(rowOf), next };
}

/** The same list as the JSON text of its page, passed on as it lies; what was searched for comes with pieces of the texts around it. */
export async function listJson(...asked: Parameters<typeof readRows>): Promise<string> {
  const { rows, next } = await readRows(...asked);
  const [loop, { scope }, counties, { q }] = asked;
  const page = `{"rows":[${rows.map(row => row.listed).join(',')}],"next":${JSON.stringify(next)}`;
  if (!q?.trim() || !rows.length) return `${page}}`;
  const pieces = await snippets(
    loop,
    scope,
    counties,
    rows.map(row => row.id),
    q,
  );
  return `${page},"snippets":${JSON.stringify(pieces)}}`;
}

/** One matter as the JSON text of its row; undefined where there is none that the actor may see. */
export async function findRowJson(
  loop: Loop,
  { scope }: Doing,
  county: string,
  id: string,
): Promise<string | undefined> {
  const row = await loop.db.readOne<{ listed: string }>(
    scope,
    sql`SELECT m.listed FROM matter m WHERE m.county = ${county} AND m.id = ${id} AND ${visible(scope)}`,
  );
  return row?.listed;
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
    (await loop.db.read<Ready>(
      scope,
      sql`SELECT m.listed FROM matter m WHERE m.county = ANY (${counties}::text[]) AND m.number = ${number} AND ${visible(scope)}`,
    ));
  if (own && own.length) return own.map(rowOf);
  const { secrets } = loop;
  const receipt = parseReceipt(typed);
  const hashes = [
    phoneHash(secrets, typed),
    identityHash(secrets, typed),
    externalHash(secrets, typed),
    ...(receipt ? [receiptHash(secrets, receipt)] : []),
  ];
  const found = await loop.db.read<Ready>(
    scope,
    sql`SELECT DISTINCT ON (m.received_at, m.id) m.listed FROM matter_lookup l JOIN matter m ON m.county = l.county AND m.id = l.matter
        WHERE l.county = ANY (${counties}::text[]) AND l.hash = ANY (${hashes}::bytea[]) AND ${visible(scope)} ORDER BY m.received_at DESC, m.id DESC LIMIT 50`,
  );
  return found.map(rowOf);
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
