/** What happens by itself: deadlines that pass, and bringing search and roll-ups up to date. Each may run anywhere, twice. */
import { createHash } from 'node:crypto';
import { auditLine } from '../kernel/audit.ts';
import { sql, systemScope, type Tx, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import type { DirectoryKeeper as Keeper } from '../regions/directory.ts';
import type { Action } from './actions.ts';
import { dateOf, monthOf } from './clocks.ts';
import { endings, lexemes } from './lexemes.ts';
import type { Matter } from './matter.ts';
import { partyNames } from './parties.ts';
import { redact } from './redact.ts';
import { readersOf } from './rows.ts';
import { append, bySystem, derivedId, type Loop, type MatterWords, type PartyWords } from './store.ts';
import { isPressed } from './writing.ts';

/** Fires what a column says is due. The id is derived from matter and moment, so nothing fires twice. */
async function fire(loop: Loop, now: number, limit: number, type: 'lapse' | 'watch'): Promise<number> {
  let fired = 0;
  const column = sql.ref(type === 'lapse' ? 'next_at' : 'watch_at');
  for (const county of loop.directory().counties.keys()) {
    const due = await loop.db.read<{ id: string; at: number }>(
      systemScope,
      sql`SELECT id, ${column} AS at FROM matter WHERE county = ${county} AND ${column} <= ${time(now)} ORDER BY ${column} LIMIT ${limit}`,
    );
    for (const row of due) {
      const input = { id: derivedId(loop, type, row.id, row.at), action: { type, data: {}, words: {} } as Action };
      try {
        const done = await loop.db.write(systemScope, tx => append(tx, loop, bySystem(now), county, row.id, input));
        if (!done.replayed) fired += 1;
      } catch (error) {
        // Somebody acted in between: the moment has moved on. An erased matter keeps its record and rests.
        if (!(error instanceof Failure) || !['illegal_step', 'erased'].includes(error.code)) throw error;
      }
    }
  }
  return fired;
}

/** Fires every deadline that has passed. */
export const lapseDue = (loop: Loop, now: number, limit = 200): Promise<number> => fire(loop, now, limit, 'lapse');

/** Tells what is to be told besides deadlines: sittings, instalments, what other bodies owe. */
export const watchDue = (loop: Loop, now: number, limit = 200): Promise<number> => fire(loop, now, limit, 'watch');

/** After a year's notice: every provisional deadline is counted again. Returns how many moved or became firm. */
export async function recountProvisional(loop: Loop, now: number): Promise<number> {
  const rows = await loop.db.read<{ county: string; id: string; seq: number }>(
    systemScope,
    sql`SELECT county, id, seq FROM matter WHERE open AND (due->>'provisional')::boolean`,
  );
  for (const row of rows) {
    const input = {
      id: derivedId(loop, 'recount', row.id, row.seq),
      action: { type: 'recount' as const, data: {}, words: {} },
    };
    await loop.db.write(systemScope, tx => append(tx, loop, bySystem(now), row.county, row.id, input));
  }
  return rows.length;
}

/**
 * Closes a unit from today: the successor takes over every open matter, each on record; the unit takes no new ones. What
 * a crash left is taken over when it is called again. Returns how many matters moved.
 */
export async function closeUnit(
  house: { loop: Loop; keeper: Keeper; clock(): number },
  by: string,
  unit: string,
  successor: string,
): Promise<number> {
  const { loop, keeper } = house;
  const now = house.clock();
  const { units } = keeper.current;
  const [old, heir] = [units.get(unit), units.get(successor)];
  if (
    !old ||
    !heir ||
    heir.valid_to ||
    unit === successor ||
    old.county !== heir.county ||
    (old.kind === 'centre' && heir.kind !== 'centre')
  )
    throw new Failure('unit_unknown');
  await loop.db.write(systemScope, async tx => {
    const posts = await tx.one<{ n: number }>(
      sql`SELECT count(*) AS n FROM post WHERE unit = ${unit} AND (valid_to IS NULL OR valid_to > ${dateOf(now)})`,
    );
    if (posts!.n) throw new Failure('unit_has_posts', { count: posts!.n });
    await tx.run(
      sql`UPDATE unit SET valid_to = greatest(${dateOf(now)}::date, valid_from + 1), successor = ${successor} WHERE id = ${unit} AND valid_to IS NULL`,
    );
    await tx.run(sql`UPDATE unit SET above = ${successor} WHERE above = ${unit}`);
    await tx.run(auditLine(now, by, 'unit-close', old.county, unit, 'done', { successor }));
  });
  await keeper.changed();
  const open = await loop.db.read<{ id: string }>(
    systemScope,
    sql`SELECT id FROM matter WHERE county = ${old.county} AND open AND (unit = ${unit} OR centre = ${unit} OR handler = ${unit}) ORDER BY id`,
  );
  for (const { id } of open) {
    const action = { type: 'succeed' as const, data: { from: unit, to: successor }, words: {} };
    const input = { id: derivedId(loop, 'succeed', unit, id), action };
    await loop.db.write(systemScope, tx => append(tx, loop, bySystem(now), old.county, id, input));
  }
  return open.length;
}

/** What search keeps of a matter: bigrams of its redacted text, its day and month, and through whom it may be found. */
export const searchColumns = ['county', 'matter', 'received_at', 'tsv', 'of'] as const;
type Searched = Pick<Matter, 'path' | 'participants' | 'readers' | 'receivedAt' | 'parties'>;
export const searchLexemes = (text: string, matter: Searched): string[] => [
  ...lexemes(text),
  ...endings(text),
  `d:${dateOf(matter.receivedAt).replaceAll('-', '')}`,
  `m:${monthOf(matter.receivedAt)}`,
  ...readersOf(matter).map(reader => `r:${reader}`),
];
/** Tells whether an entry of the index is still what would be made today. */
export const searchOf = (words: Buffer, matter: Searched): string =>
  createHash('md5')
    .update(words)
    // Whoever joins later is struck out of the words as well. What lexemes are made of has a version.
    .update(`2 ${matter.receivedAt} ${readersOf(matter)} ${matter.parties.length}`)
    .digest('hex');

type Cell = { county: string; places: string[]; unit: string; kind: string; state: string };
const same = (a: Cell, b: Cell) =>
  a.unit === b.unit && a.kind === b.kind && a.state === b.state && a.places.join() === b.places.join();

/** Takes up to `limit` marks, indexes what is not indexed, moves the tally by the difference. Returns marks taken. */
export async function project(loop: Loop, limit = 500): Promise<number> {
  return loop.db.write(systemScope, async tx => {
    const [locked] = await tx.many<{ ok: boolean }>(sql`SELECT pg_try_advisory_xact_lock(7092) AS ok`);
    if (!locked!.ok) return 0;
    const marks = await tx.many<{ county: string; matter: string }>(
      sql`DELETE FROM matter_change WHERE (county, n) IN (SELECT county, n FROM matter_change ORDER BY n LIMIT ${limit}) RETURNING county, matter`,
    );
    if (!marks.length) return 0;
    const counties = [...new Set(marks.map(mark => mark.county))];
    const ids = [...new Set(marks.map(mark => mark.matter))];
    const [matters, before] = await Promise.all([
      tx.many<any>(sql`
        SELECT m.county, m.id, m.unit, m.kind, m.state, m.path, m.participants, m.readers, m.received_at AS "receivedAt", m.parties,
               m.sensitive OR m.excluded_units <> '{}' OR m.excluded_people <> '{}' AS guarded, m.words, s.of, k.wrapped, k.version
        FROM matter m LEFT JOIN matter_search s ON s.county = m.county AND s.matter = m.id
        JOIN matter_key k ON k.county = m.county AND k.matter = m.id WHERE m.county = ANY (${counties}::text[]) AND m.id = ANY (${ids}::uuid[])`),
      tx.many<Cell & { matter: string }>(
        sql`SELECT * FROM tally_of WHERE county = ANY (${counties}::text[]) AND matter = ANY (${ids}::uuid[])`,
      ),
    ]);
    await Promise.all([indexWords(loop, tx, matters), countCells(tx, matters, before), markForChannels(tx, marks)]);
    return marks.length;
  });
}

/** How long what is written may stay unsearched and uncounted in a burst of new matters, in ms; figures may be 5 s old. */
const patience = 2500;

/** Keeps search and figures in step, and gives way to a burst: it writes faster alone, and is caught up with afterwards. */
export class Projector {
  readonly #loop: Loop;
  readonly #clock: () => number;
  #caughtUp: number;
  /** `clock` in ms, of the machine: a burst is measured by it, not by the loop's time. */
  constructor(loop: Loop, clock: () => number) {
    this.#loop = loop;
    this.#clock = clock;
    this.#caughtUp = clock();
  }
  /** Whether there may be more to do at once. */
  async turn(): Promise<boolean> {
    const at = this.#clock();
    if (isPressed(this.#loop.db) && at - this.#caughtUp < patience) return false;
    if (await project(this.#loop)) return true;
    this.#caughtUp = at;
    return false;
  }
}

/** What changed in a county that tells somebody outside is marked for the job that does. */
const markForChannels = (tx: Tx, marks: { county: string; matter: string }[]) =>
  tx.run(sql`INSERT INTO channel_mark (county, matter) SELECT DISTINCT m.county, m.matter
    FROM json_to_recordset(${JSON.stringify(marks)}) AS m(county text, matter uuid)
    WHERE m.county IN (SELECT county FROM channel WHERE enabled UNION SELECT county FROM webhook WHERE ended_at IS NULL UNION SELECT county FROM peer WHERE ended_at IS NULL)`);

/** Makes the search entries of matters whose words, date or readers are not those that were indexed. */
async function indexWords(loop: Loop, tx: Tx, matters: any[]): Promise<void> {
  const fresh = matters.filter(row => row.wrapped && row.of !== searchOf(row.words, row));
  if (!fresh.length) return;
  const names = await partyNames(tx, fresh, row => openOrTell<PartyWords>(loop, row));
  const rows = fresh.flatMap(row => {
    const words = openOrTell<MatterWords>(loop, row);
    if (!words) return [];
    const text = redact(`${words.title}\n${words.text}\n${words.address ?? ''}`, names.get(row.id));
    return [
      {
        county: row.county,
        matter: row.id,
        received_at: time(row.receivedAt),
        words: searchLexemes(text, row),
        of: searchOf(row.words, row),
      },
    ];
  });
  await tx.run(sql`INSERT INTO matter_search (county, matter, received_at, tsv, of)
    SELECT county, matter, received_at, array_to_tsvector(words), of
    FROM json_to_recordset(${JSON.stringify(rows)}) AS r(county text, matter uuid, received_at timestamptz, words text[], of text)
    ON CONFLICT (county, matter) DO UPDATE SET received_at = excluded.received_at, tsv = excluded.tsv, of = excluded.of`);
}

/** Moves the tally by the difference between what each matter contributed and what it is now. */
async function countCells(tx: Tx, matters: any[], before: (Cell & { matter: string })[]): Promise<void> {
  const moved = new Map<string, number>();
  const add = ({ county, places, unit, kind, state }: Cell, n: number) => {
    for (const place of ['', ...places])
      for (const by of ['', unit]) {
        const key = JSON.stringify([county, place, by, kind, state]);
        moved.set(key, (moved.get(key) ?? 0) + n);
      }
  };
  const old = new Map(before.map(cell => [cell.matter, cell]));
  const cells: (Cell & { matter: string })[] = [];
  const gone: string[] = [];
  for (const row of matters) {
    const was = old.get(row.id);
    const { county, id: matter, path, unit, kind, state } = row;
    const is = row.guarded ? undefined : { county, matter, places: path.slice(0, 3), unit, kind, state };
    if (was && is && same(was, is)) continue;
    if (was) add(was, -1);
    if (is) {
      add(is, 1);
      cells.push(is);
    } else if (was) gone.push(row.id);
  }
  const changes = [...moved].flatMap(([key, n]) => {
    const [county, place, unit, kind, state] = JSON.parse(key);
    return n ? [{ county, place, unit, kind, state, n }] : [];
  });
  await Promise.all([
    gone.length &&
      tx.run(
        sql`DELETE FROM tally_of WHERE county = ANY (${[...new Set(matters.map(m => m.county))]}::text[]) AND matter = ANY (${gone}::uuid[])`,
      ),
    cells.length &&
      tx.run(sql`INSERT INTO tally_of SELECT county, matter, places, unit, kind, state FROM json_populate_recordset(NULL::tally_of, ${JSON.stringify(cells)})
        ON CONFLICT (county, matter) DO UPDATE SET places = excluded.places, unit = excluded.unit, kind = excluded.kind, state = excluded.state`),
    changes.length &&
      tx.run(sql`INSERT INTO tally AS t SELECT county, place, unit, kind, state, n FROM json_populate_recordset(NULL::tally, ${JSON.stringify(changes)})
        ON CONFLICT (county, place, unit, kind, state) DO UPDATE SET n = t.n + excluded.n`),
  ]);
}

/** One row that cannot be opened (altered, or a key restored wrongly) must not hold up the others: `verify` names it. */
function openOrTell<T>(
  loop: Loop,
  row: { id?: string; words: Buffer; wrapped: Buffer; version: number },
): T | undefined {
  try {
    return loop.secrets.openRow<T>(row);
  } catch {
    console.error(`cannot be opened, left out of search: ${row.id ?? 'a party'}`);
  }
}

/** Counts everything anew, as a check and a repair: the figures must come out the same. */
export async function recount(loop: Loop): Promise<void> {
  await loop.db.write(systemScope, async tx => {
    await tx.run(sql`SELECT pg_advisory_xact_lock(7092)`);
    await tx.run(sql`DELETE FROM tally`);
    await tx.run(sql`DELETE FROM tally_of`);
    await tx.run(sql`INSERT INTO tally_of SELECT county, id, path[1:3], unit, kind, state FROM matter
      WHERE NOT (sensitive OR excluded_units <> '{}' OR excluded_people <> '{}')`);
    await tx.run(
      sql`INSERT INTO tally SELECT county, place, by, kind, state, count(*) FROM tally_of, unnest(array_prepend('', places)) AS place, unnest(ARRAY['', unit]) AS by GROUP BY 1, 2, 3, 4, 5`,
    );
  });
}
