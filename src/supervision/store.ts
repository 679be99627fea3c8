/** Figures, causes, hot spots and drives: read in the asker's scope, so that nobody counts what they may not see. */
import { json, noScope, type Scope, sql, systemScope, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import type { KindName } from '../kinds/kinds.ts';
import { dateOf } from '../matters/clocks.ts';
import { type Filters, visible } from '../matters/filters.ts';
import { lexemes } from '../matters/lexemes.ts';
import { listMatters } from '../matters/lists.ts';
import type { State } from '../matters/matter.ts';
import { type Notice, tell } from '../matters/notices.ts';
import { type Doing, derivedId, type Loop, relate } from '../matters/store.ts';

const day = 86_400_000;
export type Ref = { county: string; id: string; number: string; summary: string | null; state: State };

/** How each unit did with what was dispatched to it in a span; numerators and denominators, never a single score. */
export async function unitFigures(loop: Loop, scope: Scope, counties: readonly string[], from: number, to: number) {
  return loop.db.read<any>(
    scope,
    sql`WITH seen AS (SELECT m.county, m.id, m.orders FROM matter m WHERE m.county = ANY (${counties}::text[]) AND m.dispatched_at IS NOT NULL
        AND m.received_at >= ${time(from - 400 * day)} AND m.received_at < ${time(to)} AND ${visible(scope)}),
      acts AS (SELECT a.matter, a.seq, a.type, a.unit, a.at, a.data, lead(a.type) OVER w AS next_type, lead(a.at) OVER w AS next_at,
          lead(a.data) OVER w AS next_data, a.effects->0->'set'->>'dueAt' AS due
        FROM matter_action a JOIN seen s ON s.county = a.county AND s.id = a.matter
        WHERE a.county = ANY (${counties}::text[]) AND a.type IN ('dispatch', 'rule', 'sign', 'report', 'return') WINDOW w AS (PARTITION BY a.matter ORDER BY a.seq)),
      given AS (SELECT (data->>'unit') AS unit, matter FROM acts WHERE type IN ('dispatch', 'rule') AND at >= ${time(from)} AND at < ${time(to)}),
      handled AS (SELECT a.unit::text AS unit, a.at AS reported, (SELECT (b.due)::float8 FROM acts b WHERE b.matter = a.matter AND b.type = 'sign' AND b.seq < a.seq ORDER BY b.seq DESC LIMIT 1) AS due
        FROM acts a WHERE a.type = 'report' AND a.at >= ${time(from)} AND a.at < ${time(to)}),
      back AS (SELECT unit::text AS unit, (next_type = 'rule' AND next_data->>'unit' = unit::text) AS wrongly FROM acts WHERE type = 'return' AND at >= ${time(from)} AND at < ${time(to)}),
      told AS (SELECT o->>'to' AS unit, o->>'level' AS level, o->>'replyBy' AS reply_by, o->>'repliedAt' AS replied_at
        FROM seen, jsonb_array_elements(orders) o WHERE (o->>'at')::float8 >= ${from} AND (o->>'at')::float8 < ${to})
    SELECT u.id AS unit,
      (SELECT count(*) FROM given g WHERE g.unit = u.id::text) AS dispatched,
      (SELECT count(*) FROM handled h WHERE h.unit = u.id::text) AS reported,
      (SELECT count(*) FROM handled h WHERE h.unit = u.id::text AND date_part('epoch', h.reported) * 1000 > h.due) AS late,
      (SELECT count(*) FROM told t WHERE t.unit = u.id::text AND t.level <> 'remind') AS orders,
      (SELECT count(*) FROM told t WHERE t.unit = u.id::text AND t.reply_by IS NOT NULL AND t.replied_at IS NULL) AS unreplied,
      (SELECT count(*) FROM back b WHERE b.unit = u.id::text) AS returned,
      (SELECT count(*) FROM back b WHERE b.unit = u.id::text AND b.wrongly) AS returned_wrongly
    FROM unit u WHERE u.county = ANY (${counties}::text[]) AND (u.id::text IN (SELECT unit FROM given) OR u.id::text IN (SELECT unit FROM handled) OR u.id::text IN (SELECT unit FROM told))
    ORDER BY u.region, u.name`,
  );
}

/** At which level matters struck off in a span were resolved (L2): the level of the centre that coordinated them last. */
export async function levelFigures(loop: Loop, scope: Scope, counties: readonly string[], from: number, to: number) {
  const rows = await loop.db.read<{ centre: string; n: number }>(
    scope,
    sql`SELECT m.centre, count(*) AS n FROM matter m WHERE m.county = ANY (${counties}::text[]) AND m.state = 'struck' AND m.whole IS NULL
      AND m.ended_at >= ${time(from)} AND m.ended_at < ${time(to)} AND ${visible(scope)} GROUP BY m.centre`,
  );
  const directory = loop.directory();
  const levelOf = (centre: string) => directory.regions.get(directory.units.get(centre)?.region ?? '')?.level;
  return (['village', 'township', 'county', 'city'] as const).map(level => ({
    level,
    n: rows.filter(row => levelOf(row.centre) === level).reduce((sum, row) => sum + row.n, 0),
  }));
}

/** Causes noted at closing that recur in a township and category. */
export async function recurringCauses(
  loop: Loop,
  { scope, now }: Doing,
  counties: readonly string[],
  days: number,
  least: number,
) {
  return loop.db.read<{
    county: string;
    township: string;
    kind: KindName;
    category: string;
    cause: string;
    n: number;
    matters: Ref[];
  }>(
    scope,
    sql`SELECT m.county, m.township, m.kind, m.category, m.cause, count(*) AS n,
        jsonb_agg(jsonb_build_object('county', m.county, 'id', m.id, 'number', m.number, 'summary', m.summary, 'state', m.state) ORDER BY m.received_at DESC) AS matters
      FROM matter m WHERE m.county = ANY (${counties}::text[]) AND m.cause IS NOT NULL AND m.category IS NOT NULL AND m.township IS NOT NULL
        AND m.received_at >= ${time(now - days * day)} AND NOT m.sensitive AND m.whole IS NULL AND ${visible(scope)}
      GROUP BY m.county, m.township, m.kind, m.category, m.cause HAVING count(*) >= ${least} ORDER BY n DESC LIMIT 50`,
  );
}

/**
 * Open matters of a township and category whose texts are alike, within a span, proposed as one. Sensitive ones are left
 * alone: being gathered would show them. Texts are compared by their bigrams in the search index, weighted by rarity
 * among what is compared (cosine): tried on 3,000 real letters, 0.2 parts the same trouble from the same topic.
 */
export async function hotSpots(loop: Loop, { scope, now }: Doing, counties: readonly string[], days: number) {
  const rows = await loop.db.read<Ref & { township: string; category: string | null }>(
    scope,
    sql`SELECT m.county, m.id, m.number, m.summary, m.state, m.township, m.category FROM matter m
      WHERE m.county = ANY (${counties}::text[]) AND m.open AND NOT m.stock AND NOT m.sensitive AND m.township IS NOT NULL AND m.whole IS NULL
        AND m.received_at >= ${time(now - days * day)} AND NOT m.relations @> '[{"relation": "part-of"}]' AND ${visible(scope)}
      ORDER BY m.received_at DESC LIMIT 3000`,
  );
  // Of matters just read in the asker's scope; only the words of their titles are ever shown.
  const indexed = await loop.db.read<{ matter: string; words: string[] }>(
    systemScope,
    sql`SELECT matter, tsvector_to_array(tsv) AS words FROM matter_search WHERE county = ANY (${counties}::text[]) AND matter = ANY (${rows.map(row => row.id)}::uuid[])`,
  );
  const texts = new Map(indexed.map(row => [row.matter, row.words]));
  const wordsOf = (words: readonly string[]) => new Set(words.filter(word => /\p{Script=Han}{2}/u.test(word)));
  const documents = rows.map(row => ({
    row,
    title: wordsOf(lexemes(row.summary ?? '')),
    words: wordsOf(texts.get(row.id) ?? lexemes(row.summary ?? '')),
  }));
  const alike = likenessAmong(documents.map(document => document.words));
  const spots: { words: string[]; township: string; matters: Ref[] }[] = [];
  for (const left of Map.groupBy(documents, ({ row }) => `${row.township} ${row.category}`).values())
    while (left.length) {
      const seed = left.shift()!;
      const near = left.filter(other => alike(seed.words, other.words) >= 0.2);
      if (near.length < 2) continue;
      for (const one of near) left.splice(left.indexOf(one), 1);
      const shared = new Set([...seed.title].filter(word => near.every(one => one.words.has(word))));
      spots.push({
        words: runsOf(seed.row.summary ?? '', shared),
        township: seed.row.township,
        matters: [seed, ...near].map(({ row: { township: _t, category: _c, ...ref } }) => ref),
      });
    }
  return spots.sort((a, b) => b.matters.length - a.matters.length).slice(0, 30);
}

/** The pieces of a text whose every pair of characters is shared, longest first: what people would call it. */
function runsOf(text: string, shared: ReadonlySet<string>): string[] {
  const runs: string[] = [];
  const characters = [...text];
  let run = '';
  for (const [i, character] of characters.entries()) {
    const pair = `${characters[i - 1] ?? ''}${character}`;
    if (run && shared.has(pair)) run += character;
    else {
      if ([...run].length > 1) runs.push(run);
      run = character;
    }
  }
  if ([...run].length > 1) runs.push(run);
  return [...new Set(runs)].sort((a, b) => b.length - a.length).slice(0, 4);
}

/** Cosine of two sets of words out of these, each word weighted by how rare it is among them. */
function likenessAmong(documents: readonly ReadonlySet<string>[]) {
  const often = new Map<string, number>();
  for (const words of documents) for (const word of words) often.set(word, (often.get(word) ?? 0) + 1);
  const weight = (word: string) => Math.log(1 + documents.length / often.get(word)!) ** 2;
  const sum = (words: Iterable<string>) => [...words].reduce((total, word) => total + weight(word), 0);
  const lengths = new Map(documents.map(words => [words, Math.sqrt(sum(words))]));
  return (a: ReadonlySet<string>, b: ReadonlySet<string>) =>
    sum([...a].filter(word => b.has(word))) / (lengths.get(a)! * lengths.get(b)! || 1);
}

/** Links matters to the one that leads them; both sides keep the relation. Done once, however often it is sent. */
export async function gather(
  loop: Loop,
  doing: Doing,
  county: string,
  lead: string,
  matters: readonly string[],
  cause: string,
): Promise<number> {
  const others = matters.filter(matter => matter !== lead);
  for (const matter of others)
    await loop.db.write(doing.scope, async tx => {
      await relate(tx, loop, doing, { county, matter }, { county, matter: lead }, 'part-of', cause);
      await relate(tx, loop, doing, { county, matter: lead }, { county, matter }, 'whole-of', cause);
    });
  return others.length;
}

export type Drive = {
  id: string;
  county: string;
  name: string;
  target: string;
  lead: string;
  units: string[];
  to: string;
};

const driveNotice = (
  loop: Loop,
  drive: Pick<Drive, 'county' | 'id'>,
  unit: string,
  what: string,
  at: number,
): Notice => ({
  county: drive.county,
  id: derivedId(loop, what, drive.id, unit),
  unit,
  matter: null,
  what,
  at,
  data: { drive: drive.id },
});

/** A drive whose last day has passed without being ended: its lead is told, once, however often this is called. */
export async function writeDriveEnds(loop: Loop, now: number): Promise<number> {
  const over = await loop.db.read<Drive>(
    noScope,
    sql`SELECT county, id, lead FROM drive d WHERE county = ANY (${[...loop.directory().counties.keys()]}::text[]) AND ended_at IS NULL AND valid_to < ${dateOf(now)} LIMIT 500`,
  );
  const notices = over.map(drive => driveNotice(loop, drive, drive.lead, 'drive-over', now));
  if (notices.length) await loop.db.write(systemScope, tx => tell(tx, notices));
  return over.length;
}

/** Starts a drive on the matters that a filter finds now, in the asker's scope. */
export async function addDrive(
  loop: Loop,
  doing: Doing & { actor: { person: string | null } },
  counties: readonly string[],
  drive: Drive,
  filters: Filters,
  from: string,
): Promise<number> {
  const found: { county: string; id: string }[] = [];
  let cursor: string | undefined;
  do {
    const page = await listMatters(loop, doing, counties, filters, 'received', cursor, 1000);
    found.push(...page.rows.filter(row => row.county === drive.county));
    cursor = page.next ?? undefined;
    if (found.length > 20_000) throw new Failure('drive_too_large', { most: 20_000 });
  } while (cursor);
  if (!found.length) throw new Failure('drive_empty');
  const members = [...new Set([drive.lead, ...drive.units])];
  await loop.db.write(systemScope, async tx => {
    await tx.run(
      sql`INSERT INTO drive (id, county, name, target, lead, units, valid_from, valid_to, made_by) VALUES (${drive.id}, ${drive.county}, ${drive.name}, ${drive.target}, ${drive.lead}, ${drive.units}, ${from}, ${drive.to}, ${doing.actor.person})`,
    );
    await tx.run(
      sql`INSERT INTO drive_matter SELECT ${drive.county}, ${drive.id}::uuid, id::uuid FROM json_array_elements_text(${json(found.map(row => row.id))}::json) AS id`,
    );
    await tell(
      tx,
      members.map(unit => driveNotice(loop, drive, unit, 'drive', doing.now)),
    );
  });
  return found.length;
}

/** The drives of one's counties; progress counts only matters that the asker may see. */
export const listDrives = (loop: Loop, { scope, now }: Doing, counties: readonly string[]) =>
  loop.db.read<any>(
    scope,
    sql`SELECT d.id, d.county, d.name, d.target, d.lead, d.units, d.valid_from AS "from", d.valid_to AS "to", d.ended_at,
        count(m.id) AS total, count(m.id) FILTER (WHERE NOT m.open) AS done, count(m.id) FILTER (WHERE m.open AND m.due_at < ${time(now)}) AS late
      FROM drive d LEFT JOIN drive_matter x ON x.county = d.county AND x.drive = d.id
      LEFT JOIN matter m ON m.county = x.county AND m.id = x.matter AND ${visible(scope)}
      WHERE d.county = ANY (${counties}::text[]) AND (d.lead = ANY (${scope.units ?? []}::uuid[]) OR d.units && ${scope.units ?? []}::uuid[] OR ${Boolean(scope.regions?.length)})
      GROUP BY d.county, d.id ORDER BY d.ended_at IS NOT NULL, d.valid_to`,
  );

export const driveMatters = (loop: Loop, { scope }: Doing, counties: readonly string[], drive: string) =>
  loop.db.read<any>(
    scope,
    sql`SELECT m.county, m.id, m.number, m.summary, m.state, m.unit, m.due_at, m.open FROM drive_matter x JOIN matter m ON m.county = x.county AND m.id = x.matter
      WHERE x.county = ANY (${counties}::text[]) AND x.drive = ${drive} AND ${visible(scope)} ORDER BY m.open DESC, m.due_at LIMIT 500`,
  );
