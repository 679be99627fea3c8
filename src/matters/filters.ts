/** What a list is asked for, in words of SQL: the scope, the filters, through which readers, and where a page goes on. */
import type { z } from 'zod';
import { type Scope, type Sql, sql, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import type { ListQuery } from './contract.ts';
import { openStates, type State } from './matter.ts';
import { stageOf } from './rows.ts';

/** What a list may be asked for: what stands in its URL, without order and page. */
export type Filters = Partial<Omit<z.output<typeof ListQuery>, 'order' | 'cursor' | 'limit'>>;

/** Every box of a desk but the one of all holds open matters only. */
const boxed = ({ box }: Filters): boolean => box !== undefined && box !== 'all';

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

export function conditions(filters: Filters, counties: readonly string[], scope: Scope, now: number): Sql[] {
  const where: Sql[] = [
    counties.length === 1 ? sql`m.county = ${counties[0]}` : sql`m.county = ANY (${counties}::text[])`,
    visible(scope),
  ];
  const units = scope.units ?? [];
  const mine = (column: Sql) =>
    units.length === 1 ? sql`${column} = ${units[0]}` : sql`${column} = ANY (${units}::uuid[])`;
  if (boxed(filters)) where.push(sql`m.open`);
  if (filters.box === 'inbox') where.push(sql`NOT m.stock`, mine(sql`m.unit`));
  if (filters.box === 'given') where.push(mine(sql`m.centre`), sql`m.unit <> m.centre`);
  // What a unit had to do with and another has the next step of.
  if (filters.box === 'awaited')
    where.push(sql`NOT m.stock`, sql`m.participants && ${units}::uuid[]`, sql`NOT ${mine(sql`m.unit`)}`);
  if (filters.box === 'late') where.push(sql`m.due_at < ${time(now)}`);
  // What a supervisor watches: late, warned of, or with an order that wants a reply.
  if (filters.box === 'watch')
    where.push(
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

export const and = (parts: Sql[]) => sql.join(parts, sql` AND `);

/** The stages that a filter leaves. */
export function stagesOf(filters: Filters): ReturnType<typeof stageOf>[] {
  if (boxed(filters)) return ['open'];
  const { state } = filters;
  if (!state?.length) return ['open', 'struck', 'other'];
  return [...new Set(state.map(one => stageOf({ state: one, open: (openStates as readonly State[]).includes(one) })))];
}

/** The readers through which a scope below the county sees; undefined for those who see a whole county, or everything. */
export function narrowReaders({ system, regions = [], units = [], person }: Scope): string[] | undefined {
  if (system || regions.some(code => code.endsWith('000000'))) return undefined;
  return [...new Set([...regions, ...units, ...(person ? [person] : [])])];
}

/** The readers whose rows a list walks: the place that is asked for, one's units where they must have taken part, or the scope. */
export function walkedReaders({ region, box }: Filters, scope: Scope): readonly string[] | undefined {
  if (region && !region.endsWith('000000')) return [region];
  return box === 'awaited' ? (scope.units ?? []) : narrowReaders(scope);
}

/** Whether the stages of the walks say everything that is asked of them: no filter, or matters struck off. */
export function saidByStages({ box, state, ...others }: Filters): boolean {
  if (boxed({ box }) || state?.some(one => one !== 'struck')) return false;
  return Object.values(others).every(value => value === undefined || (Array.isArray(value) && !value.length));
}
