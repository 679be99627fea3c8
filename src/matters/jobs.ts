/** What happens by itself: deadlines that pass, and bringing search and roll-ups up to date. Each may run anywhere, twice. */
import { sql, systemScope } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { monthOf } from './clocks.ts';
import type { Actor } from './policy.ts';
import { lexemes, redact } from './redact.ts';
import { append, derivedId, type Loop, type MatterWords, type PartyWords } from './store.ts';

const timer: Actor = { person: null, posts: [], system: true };
const doing = (now: number) => ({ actor: timer, scope: systemScope, now });

/** Fires every deadline that has passed. The id is derived from matter and moment, so nothing fires twice. */
export async function lapseDue(loop: Loop, now: number, limit = 200): Promise<number> {
  let fired = 0;
  for (const county of loop.directory().counties.keys()) {
    const due = await loop.db.read<{ id: string; next_at: number }>(
      systemScope,
      sql`SELECT id, next_at FROM matter WHERE county = ${county} AND next_at <= ${new Date(now).toISOString()} ORDER BY next_at LIMIT ${limit}`,
    );
    for (const row of due) {
      const input = {
        id: derivedId(loop, 'lapse', row.id, row.next_at),
        action: { type: 'lapse' as const, data: {}, words: {} },
      };
      try {
        const done = await loop.db.write(systemScope, tx => append(tx, loop, doing(now), county, row.id, input));
        if (!done.replayed) fired += 1;
      } catch (error) {
        // Somebody acted in between: the deadline has moved on. An erased matter keeps its record and rests.
        if (!(error instanceof Failure) || !['illegal_step', 'erased'].includes(error.code)) throw error;
      }
    }
  }
  return fired;
}

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
    await loop.db.write(systemScope, tx => append(tx, loop, doing(now), row.county, row.id, input));
  }
  return rows.length;
}

type Cell = {
  county: string;
  top: string;
  township: string;
  village: string;
  unit: string;
  kind: string;
  state: string;
};
const cellKey = (cell: Cell) =>
  JSON.stringify([cell.county, cell.top, cell.township, cell.village, cell.unit, cell.kind, cell.state]);

/** Takes up to `limit` marks, indexes what is not indexed, moves the tally by the difference. Returns marks taken. */
export async function project(loop: Loop, limit = 500): Promise<number> {
  return loop.db.write(systemScope, async tx => {
    const [locked] = await tx.many<{ ok: boolean }>(sql`SELECT pg_try_advisory_xact_lock(7092) AS ok`);
    if (!locked!.ok) return 0;
    const marks = await tx.many<{ county: string; matter: string }>(
      sql`DELETE FROM matter_change WHERE (county, n) IN (SELECT county, n FROM matter_change ORDER BY n LIMIT ${limit}) RETURNING county, matter`,
    );
    if (!marks.length) return 0;
    const ids = [...new Set(marks.map(mark => mark.matter))];
    const [matters, before] = await Promise.all([
      tx.many<any>(sql`
        SELECT m.county, m.id, m.unit, m.kind, m.state, m.path, m.received_at,
               m.sensitive OR m.excluded_units <> '{}' OR m.excluded_people <> '{}' AS guarded,
               md5(m.words) AS of, CASE WHEN s.of IS DISTINCT FROM md5(m.words) THEN m.words END AS words, k.wrapped, k.version
        FROM matter m LEFT JOIN matter_search s ON s.county = m.county AND s.matter = m.id
        JOIN matter_key k ON k.county = m.county AND k.id = m.id WHERE m.id = ANY (${ids}::uuid[])`),
      tx.many<Cell & { matter: string }>(sql`SELECT * FROM tally_of WHERE matter = ANY (${ids}::uuid[])`),
    ]);

    const fresh = matters.filter(row => row.words && row.wrapped);
    const names = await partyNames(
      loop,
      tx,
      fresh.map(row => row.id),
    );
    if (fresh.length) {
      const rows = fresh.flatMap(row => {
        const words = openOrTell<MatterWords>(loop, row);
        if (!words) return [];
        const text = redact(`${words.title}\n${words.text}\n${words.address ?? ''}`, names.get(row.id));
        const month = monthOf(row.received_at);
        return [
          sql`(${row.county}, ${row.id}, array_to_tsvector(${[...lexemes(text), `m:${month}`]}::text[]), ${row.of})`,
        ];
      });
      if (rows.length)
        await tx.run(sql`INSERT INTO matter_search (county, matter, tsv, of) VALUES ${sql.join(rows)}
        ON CONFLICT (county, matter) DO UPDATE SET tsv = excluded.tsv, of = excluded.of`);
    }

    const moved = new Map<string, Cell & { n: number }>();
    const add = (cell: Cell, n: number) => {
      const key = cellKey(cell);
      moved.set(key, { ...cell, n: (moved.get(key)?.n ?? 0) + n });
    };
    const old = new Map(before.map(cell => [cell.matter, cell]));
    const cells: (Cell & { matter: string })[] = [];
    const gone: string[] = [];
    for (const row of matters) {
      const was = old.get(row.id);
      const is: Cell | undefined = row.guarded
        ? undefined
        : {
            county: row.county,
            top: row.path[0],
            township: row.path[1] ?? '',
            village: row.path[2] ?? '',
            unit: row.unit,
            kind: row.kind,
            state: row.state,
          };
      if (was && is && cellKey(was) === cellKey(is)) continue;
      if (was) add(was, -1);
      if (is) {
        add(is, 1);
        cells.push({ ...is, matter: row.id });
      } else if (was) gone.push(row.id);
    }
    if (gone.length) await tx.run(sql`DELETE FROM tally_of WHERE matter = ANY (${gone}::uuid[])`);
    if (cells.length)
      await tx.run(
        sql`INSERT INTO tally_of (county, matter, top, township, village, unit, kind, state) VALUES ${sql.join(
          cells.map(
            c =>
              sql`(${c.county}, ${c.matter}, ${c.top}, ${c.township}, ${c.village}, ${c.unit}, ${c.kind}, ${c.state})`,
          ),
        )} ON CONFLICT (county, matter) DO UPDATE SET top = excluded.top, township = excluded.township, village = excluded.village, unit = excluded.unit, kind = excluded.kind, state = excluded.state`,
      );
    const changes = [...moved.values()].filter(cell => cell.n !== 0);
    if (changes.length)
      await tx.run(
        sql`INSERT INTO tally AS t (county, top, township, village, unit, kind, state, n) VALUES ${sql.join(
          changes.map(
            c => sql`(${c.county}, ${c.top}, ${c.township}, ${c.village}, ${c.unit}, ${c.kind}, ${c.state}, ${c.n})`,
          ),
        )} ON CONFLICT (county, top, township, village, unit, kind, state) DO UPDATE SET n = t.n + excluded.n`,
      );
    return marks.length;
  });
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

async function partyNames(
  loop: Loop,
  tx: { many<R>(q: any): Promise<R[]> },
  matters: string[],
): Promise<Map<string, string[]>> {
  const names = new Map<string, string[]>();
  if (!matters.length) return names;
  const rows = await tx.many<any>(sql`SELECT p.matter, p.words, k.wrapped, k.version FROM matter_party p
    JOIN matter_key k ON k.county = p.county AND k.id = p.id WHERE p.matter = ANY (${matters}::uuid[])`);
  for (const row of rows) {
    if (!row.wrapped) continue;
    const name = openOrTell<PartyWords>(loop, row)?.name;
    if (name) names.set(row.matter, [...(names.get(row.matter) ?? []), name]);
  }
  return names;
}

/** Counts everything anew, as a check and a repair: the figures must come out the same. */
export async function recount(loop: Loop): Promise<void> {
  await loop.db.write(systemScope, async tx => {
    await tx.run(sql`SELECT pg_advisory_xact_lock(7092)`);
    await tx.run(sql`DELETE FROM tally`);
    await tx.run(sql`DELETE FROM tally_of`);
    await tx.run(sql`INSERT INTO tally_of SELECT county, id, path[1], coalesce(township, ''), coalesce(village, ''), unit, kind, state FROM matter
      WHERE NOT (sensitive OR excluded_units <> '{}' OR excluded_people <> '{}')`);
    await tx.run(
      sql`INSERT INTO tally SELECT county, top, township, village, unit, kind, state, count(*) FROM tally_of GROUP BY 1, 2, 3, 4, 5, 6, 7`,
    );
  });
}
