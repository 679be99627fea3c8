/** Plans, duties and what was found, in the database. */

import type { House } from '../house.ts';
import { noScope, type Scope, type Sql, sql, systemScope, type Tx, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { momentOfDate } from '../matters/clocks.ts';
import { decode, encode } from '../matters/filters.ts';
import { derivedId } from '../matters/store.ts';
import type { Staff } from '../people/actors.ts';
import { nearMetres } from '../places/kinds.ts';
import { placeCode } from '../places/store.ts';
import type { Level } from '../regions/directory.ts';
import type { Cover, Duty, EntryInput, PlanInput, Sort } from './contract.ts';
import { occurrences } from './recurrence.ts';

const day = 86_400_000;
/** How far ahead duties are made: what begins tomorrow is on the phones today. */
const ahead = 36 * 3_600_000;

export type PlanRow = Omit<PlanInput, 'placeKind' | 'keyPeriod'> & {
  county: string;
  place_kind: string | null;
  key_period: boolean;
  made_through: number | null;
  ended_at: number | null;
};
export const planColumns = sql.raw(
  'county, id, sort, name, guide, unit, region, each, place_kind, places, team, rule, hours, key_period, starts::text AS starts, ends::text AS ends, made_through, ended_at',
);

type Target = { region: string; path: string[]; place: string | null; name: string; level: Level };

/** What one occurrence of a plan is done for: regions of a level below it, or places. */
async function targetsOf(house: House, plan: PlanRow): Promise<Target[]> {
  const directory = house.keeper.current;
  const within = (code: string) => directory.path(code).includes(plan.region);
  if (plan.each === 'place') {
    const rows = await house.db.read<{ id: string; name: string; region: string; path: string[] }>(
      noScope,
      sql`SELECT id, name, region, path FROM place WHERE county = ${plan.county} AND valid_to IS NULL AND state <> 'removed' AND path @> ARRAY[${plan.region}]::text[]
        AND ${plan.places.length ? sql`id = ANY (${plan.places}::uuid[])` : sql`kind = ${plan.place_kind}`} ORDER BY id`,
    );
    return rows.map(({ id, name, region, path }) => ({ region, path, place: id, name, level: 'grid' }));
  }
  return [...directory.regions.values()]
    .filter(region => region.level === plan.each && !region.valid_to && within(region.code))
    .map(({ code, name, level }) => ({ region: code, path: directory.path(code), place: null, name, level }));
}

/**
 * Makes the duties that begin until a day and a half from now. Each has an id that its plan, moment and target always
 * give, so that it is made once by however many processes. Returns how many were new.
 */
export async function makeDuties(house: House, now: number): Promise<number> {
  const through = now + ahead;
  const plans = await house.db.read<PlanRow>(
    systemScope,
    sql`SELECT ${planColumns} FROM plan WHERE ended_at IS NULL AND (made_through IS NULL OR made_through < ${time(through - 3_600_000)}) LIMIT 200`,
  );
  let made = 0;
  for (const plan of plans) {
    const last = plan.ends ? Math.min(through, momentOfDate(plan.ends, 24) - 1) : through;
    // A plan made today begins today: yesterday's rounds were nobody's to do.
    const from = plan.made_through ?? Math.max(momentOfDate(plan.starts, 0), now - day) - 1;
    const moments = last > from ? occurrences(plan.rule, plan.starts, from, last) : [];
    const targets = moments.length ? await targetsOf(house, plan) : [];
    const turns = plan.team ? await turnsOf(house, plan.county, plan.team) : [];
    const rows = moments.flatMap(moment =>
      targets.map(target => ({
        county: plan.county,
        id: derivedId(house.loop, 'duty', plan.id, moment, target.place ?? target.region),
        plan: plan.id,
        sort: plan.sort,
        name: `${plan.name}　${target.name}`,
        region: target.region,
        path: target.path,
        place: target.place,
        unit: doerOf(house, plan, target),
        team: plan.team,
        people: nextTwo(turns),
        strength: Math.min(turns.length, 2),
        opens_at: time(moment),
        due_at: time(moment + plan.hours * 3_600_000),
      })),
    );
    await house.db.write(systemScope, async tx => {
      for (let i = 0; i < rows.length; i += 2000) made += await insertDuties(tx, rows.slice(i, i + 2000), now);
      await tx.run(sql`UPDATE plan SET made_through = ${time(last)} WHERE county = ${plan.county} AND id = ${plan.id}`);
    });
  }
  return made;
}

/** What is there already stays; what a change of its plan excused before it began is due again, as the plan now says. */
const insertDuties = (tx: Tx, rows: object[], now: number) =>
  tx.run(sql`INSERT INTO duty (county, id, plan, sort, name, region, path, place, unit, team, people, strength, opens_at, due_at)
    SELECT county, id, plan, sort, name, region, path, place, unit, team, people, strength, opens_at, due_at FROM json_populate_recordset(NULL::duty, ${JSON.stringify(rows)})
    ON CONFLICT (county, id) DO UPDATE SET seq = duty.seq + 1, state = 'due', reason = NULL, name = excluded.name, unit = excluded.unit, team = excluded.team, people = excluded.people,
      strength = excluded.strength, due_at = excluded.due_at WHERE duty.state = 'excused' AND duty.opens_at > ${time(now)}`);

/** Who answers for it: the unit of the plan where a team or the unit itself goes, else the centre of the place. */
function doerOf(house: House, plan: PlanRow, target: Target): string {
  if (plan.team || plan.each === 'place' || plan.each === 'county') return plan.unit;
  return house.keeper.current.centreOf(target.region) ?? plan.unit;
}

/** The members of a team, whose turn is longest ago first. */
const turnsOf = async (house: House, county: string, team: string): Promise<string[]> =>
  (
    await house.db.read<{ id: string }>(
      systemScope,
      sql`SELECT m.id FROM team_member m WHERE m.county = ${county} AND m.team = ${team} AND m.valid_to IS NULL
        ORDER BY (SELECT max(d.opens_at) FROM duty d WHERE d.county = m.county AND d.team = m.team AND d.people @> ARRAY[m.id]) NULLS FIRST, m.id`,
    )
  ).map(row => row.id);

/** The next two; their turn comes again after everybody else's. */
function nextTwo(turns: string[]): string[] {
  const two = turns.splice(0, 2);
  turns.push(...two);
  return two;
}

/** What was made of a plan and has not begun is nobody's to do any more; it stays, for a phone that was away may still tell of it. */
export const excuseUnbegun = (tx: Tx, county: string, plan: string, reason: string, now: number) =>
  tx.run(
    sql`UPDATE duty SET state = 'excused', reason = ${reason}, seq = seq + 1 WHERE county = ${county} AND plan = ${plan} AND state = 'due' AND opens_at > ${time(now)}`,
  );

export const membersOf = async (house: House, county: string, team: string): Promise<string[]> =>
  (
    await house.db.read<{ id: string }>(
      noScope,
      sql`SELECT id FROM team_member WHERE county = ${county} AND team = ${team} AND valid_to IS NULL ORDER BY id`,
    )
  ).map(row => row.id);

/** What is past its time and was not done is missed; who answers for it is told. */
export async function missDuties(house: House, now: number): Promise<number> {
  return house.db.write(systemScope, tx =>
    tx.run(sql`WITH late AS (UPDATE duty SET state = 'missed', seq = seq + 1 WHERE state = 'due' AND due_at < ${time(now)} RETURNING county, id, unit, due_at)
      INSERT INTO notice (county, id, unit, matter, what, at, data) SELECT county, id, unit, NULL, 'duty-missed', ${time(now)}, jsonb_build_object('duty', id) FROM late ON CONFLICT DO NOTHING`),
  );
}

const epoch = (column: string) => `(date_part('epoch', d.${column}) * 1000)::bigint`;
const dutyColumns = sql.raw(
  `d.county, d.id, d.seq, d.plan, d.sort, d.name, coalesce(l.guide, '') AS guide, d.region, d.path, d.place, p.name AS "placeName", p.kind AS "placeKind", p.lng, p.lat, d.unit, d.team, d.people, d.strength, d.minutes, ${epoch('opens_at')} AS "opensAt", ${epoch('due_at')} AS "dueAt", d.state, ${epoch('done_at')} AS "doneAt", d.found, d.reason, d.swaps`,
);
const dutyTables = sql.raw(
  'duty d LEFT JOIN plan l ON l.county = d.county AND l.id = d.plan LEFT JOIN place p ON p.county = d.county AND p.id = d.place',
);

/** Which duties somebody sees: of their units, and of the places they oversee. Row-level security says the same once more. */
const dutyVisible = (scope: Scope, table = 'd') =>
  sql`(${sql.ref(`${table}.unit`)} = ANY (${scope.units ?? []}::uuid[]) OR ${sql.ref(`${table}.path`)} && ${scope.regions ?? []}::text[])`;

type DutyFilters = {
  state?: string | undefined;
  sort?: string | undefined;
  region?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
};
const dutyWhere = (staff: Pick<Staff, 'counties' | 'scope'>, f: DutyFilters): Sql =>
  sql.join(
    [
      sql`d.county = ANY (${staff.counties}::text[])`,
      dutyVisible(staff.scope),
      ...(f.state ? [sql`d.state = ${f.state}`] : []),
      ...(f.sort ? [sql`d.sort = ${f.sort}`] : []),
      ...(f.region ? [sql`d.path @> ARRAY[${f.region}]::text[]`] : []),
      ...(f.from ? [sql`d.due_at >= ${time(momentOfDate(f.from, 0))}`] : []),
      ...(f.to ? [sql`d.due_at < ${time(momentOfDate(f.to, 24))}`] : []),
    ],
    sql` AND `,
  );

export async function listDuties(
  house: House,
  staff: Pick<Staff, 'counties' | 'scope'>,
  filters: DutyFilters,
  cursor: string | undefined,
  limit: number,
): Promise<{ rows: Duty[]; next: string | null }> {
  const [at = null, id] = cursor ? decode(cursor) : [];
  const rows = await house.db.read<Duty>(
    staff.scope,
    sql`SELECT ${dutyColumns} FROM ${dutyTables} WHERE ${dutyWhere(staff, filters)} ${cursor ? sql`AND (d.due_at, d.id) > (${time(at)}, ${id}::uuid)` : sql``} ORDER BY d.due_at, d.id LIMIT ${limit + 1}`,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, next: rows.length > limit && last ? encode(last.dueAt, last.id) : null };
}

/** What a phone holds: open duties of one's units that begin until tomorrow, and what was missed this week. */
export const phoneDuties = (house: House, staff: Pick<Staff, 'counties' | 'scope'>, now: number) =>
  house.db.read<Duty>(
    staff.scope,
    sql`SELECT ${dutyColumns} FROM ${dutyTables} WHERE d.county = ANY (${staff.counties}::text[]) AND d.unit = ANY (${staff.scope.units ?? []}::uuid[])
      AND (d.state = 'due' OR (d.state = 'missed' AND d.due_at > ${time(now - 7 * day)})) AND d.opens_at < ${time(now + ahead)} ORDER BY d.due_at, d.id LIMIT 3000`,
  );

export type Entered = {
  replayed: boolean;
  presence: 'code' | 'near' | 'none';
  beside: { person: string; at: number }[];
};

/**
 * Records what was found. A fact: accepted by whoever held a fitting post when it was seen (`claimed`), whatever became of
 * the duty meanwhile. Sent again by the same person with the same content it changes nothing.
 */
export async function enterFound(
  house: House,
  staff: Staff,
  input: EntryInput,
  now: number,
  from: { claimedAt: number; deviceAt: number | null },
): Promise<Entered> {
  const { db, secrets } = house;
  const directory = house.keeper.current;
  const path = directory.path(input.region);
  if (!path.length || directory.countyOf(input.region) !== input.county)
    throw new Failure('invalid', { issues: `region: ${input.region}` });
  const presence = presenceOf(house, input);
  const content = secrets.lookup(`entry:${staff.person}`, JSON.stringify(input));
  const said = Object.values(input.words).some(Boolean);
  const key = said ? secrets.newKey() : undefined;
  return db.write(systemScope, async tx => {
    const duty = input.duty
      ? await tx.one<{ unit: string; state: string; path: string[]; done_by: string | null; done_at: number | null }>(
          sql`SELECT unit, state, path, done_by, done_at FROM duty WHERE county = ${input.county} AND id = ${input.duty} FOR UPDATE`,
        )
      : undefined;
    if (input.duty && !duty) throw new Failure('no_such_duty');
    const fits = (unit: string, at: readonly string[]) =>
      staff.posts.find(
        post =>
          (staff.scope.units ?? []).includes(post.unit) &&
          (post.unit === unit || post.oversees.some(code => at.includes(code))),
      );
    const unit = duty?.unit ?? directory.centreOf(input.region) ?? '';
    const post = fits(unit, duty?.path ?? path);
    if (!post) throw new Failure('no_such_duty');
    const [entered] = await tx.many<{
      id: string;
    }>(sql`INSERT INTO entry (county, id, duty, sort, region, path, place, unit, post, person, at, device_at, claimed_at, outcome, matters, answers, presence, minutes, words, wrapped, version, content)
      VALUES (${input.county}, ${input.id}, ${input.duty}, ${input.sort}, ${input.region}, ${path}, ${input.place}, ${unit}, ${post.id}, ${staff.person}, ${time(now)}, ${time(from.deviceAt)}, ${time(from.claimedAt)},
        ${input.outcome}, ${input.matters}::uuid[], ${JSON.stringify(input.answers)}, ${presence}, ${input.minutes}, ${key ? secrets.seal(key.key, input.words) : null}, ${key?.wrapped ?? null}, ${key?.version ?? null}, ${content}) ON CONFLICT DO NOTHING RETURNING id`);
    if (!entered) {
      const old = await tx.one<{ content: Buffer; presence: Entered['presence'] }>(
        sql`SELECT content, presence FROM entry WHERE county = ${input.county} AND id = ${input.id}`,
      );
      if (!old?.content.equals(content)) throw new Failure('conflict');
      return { replayed: true, presence: old.presence, beside: [] };
    }
    if (duty && (duty.state === 'due' || duty.state === 'missed'))
      await tx.run(
        sql`UPDATE duty SET state = 'done', seq = seq + 1, done_at = ${time(from.claimedAt)}, done_by = ${staff.person}, found = ${input.matters.length} WHERE county = ${input.county} AND id = ${input.duty}`,
      );
    const other = duty?.done_by && duty.done_by !== staff.person ? duty : undefined;
    if (other)
      // Two were there and neither knew of the other: both are told.
      await tx.run(sql`INSERT INTO notice (county, id, unit, matter, what, at, data) VALUES (${input.county}, ${derivedId(house.loop, 'beside', input.id)}, ${unit}, NULL, 'beside', ${time(now)},
        ${JSON.stringify({ duty: input.duty, people: [other.done_by, staff.person] })}) ON CONFLICT DO NOTHING`);
    return { replayed: false, presence, beside: other ? [{ person: other.done_by!, at: other.done_at! }] : [] };
  });
}

/** How far the visit is proven: by the code at the place, by nearness, or not. */
function presenceOf(house: House, input: EntryInput): Entered['presence'] {
  if (input.place && input.proof.code === placeCode(house.secrets, input.county, input.place)) return 'code';
  return input.proof.metres !== undefined && input.proof.metres <= nearMetres ? 'near' : 'none';
}

/** Due, done and missed for each region below one, straight from the duties of a span. */
export async function coverage(
  house: House,
  staff: Pick<Staff, 'counties' | 'scope'>,
  span: { from: string; to: string; region?: string | undefined; sort?: Sort | undefined },
): Promise<Cover[]> {
  const { region, ...filters } = span;
  const directory = house.keeper.current;
  const depth = region ? directory.path(region).length + 1 : 2;
  return house.db.read<Cover>(
    staff.scope,
    sql`SELECT coalesce(d.path[${depth}], d.region) AS region, count(*) AS due, count(*) FILTER (WHERE d.state = 'done') AS done, count(*) FILTER (WHERE d.state = 'done' AND d.done_at > d.due_at) AS late,
        count(*) FILTER (WHERE d.state = 'missed') AS missed, count(*) FILTER (WHERE d.state = 'excused') AS excused, count(*) FILTER (WHERE d.state = 'due') AS open,
        count(*) FILTER (WHERE d.state = 'done' AND EXISTS (SELECT FROM entry e WHERE e.county = d.county AND e.duty = d.id AND e.presence <> 'none')) AS proven,
        coalesce(sum(d.found), 0)::bigint AS found, count(*) FILTER (WHERE d.state = 'missed' AND d.reason IS NOT NULL) AS reasons
      FROM duty d WHERE ${dutyWhere(staff, { ...filters, region })} GROUP BY 1 ORDER BY 1`,
  );
}

export async function listEntries(
  house: House,
  staff: Pick<Staff, 'counties' | 'scope'>,
  filters: {
    duty?: string | undefined;
    place?: string | undefined;
    sort?: string | undefined;
    region?: string | undefined;
  },
  cursor: string | undefined,
  limit: number,
) {
  const [at = null, id] = cursor ? decode(cursor) : [];
  const rows = await house.db.read<any>(
    staff.scope,
    sql`SELECT e.*, w.name AS person_name, p.name AS place_name FROM entry e JOIN person w ON w.id = e.person LEFT JOIN place p ON p.county = e.county AND p.id = e.place
      WHERE e.county = ANY (${staff.counties}::text[]) AND ${dutyVisible(staff.scope, 'e')}
        ${filters.duty ? sql`AND e.duty = ${filters.duty}` : sql``} ${filters.place ? sql`AND e.place = ${filters.place}` : sql``} ${filters.sort ? sql`AND e.sort = ${filters.sort}` : sql``}
        ${filters.region ? sql`AND e.path @> ARRAY[${filters.region}]::text[]` : sql``} ${cursor ? sql`AND (e.claimed_at, e.id) < (${time(at)}, ${id}::uuid)` : sql``}
      ORDER BY e.claimed_at DESC, e.id DESC LIMIT ${limit + 1}`,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page.map(e => ({
      county: e.county,
      id: e.id,
      duty: e.duty,
      sort: e.sort,
      region: e.region,
      path: e.path,
      place: e.place,
      placeName: e.place_name,
      unit: e.unit,
      personName: e.person_name,
      at: e.at,
      claimedAt: e.claimed_at,
      outcome: e.outcome,
      matters: e.matters,
      answers: e.answers,
      presence: e.presence,
      minutes: e.minutes,
      note: e.wrapped ? (house.secrets.openRow<{ note?: string }>(e).note ?? null) : null,
    })),
    next: rows.length > limit && last ? encode(last.claimed_at, last.id) : null,
  };
}
