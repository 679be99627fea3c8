/**
 * Volume for benchmarks: whole matters with valid chains, made by the same `register`, `decide` and `apply`, written by
 * COPY. Distributions: 70 % requests, 20 % disputes, 10 % petitions; three years; most struck off, some in each state.
 */
import { once } from 'node:events';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { House } from '../house.ts';
import { uuid } from '../kernel/ids.ts';
import type { Action, RegisterInput } from '../matters/actions.ts';
import { recount, searchColumns, searchLexemes, searchOf } from '../matters/jobs.ts';
import { apply, decide, isRefusal, type Matter } from '../matters/matter.ts';
import type { Actor } from '../matters/policy.ts';
import { addRows, prepareRegistration } from '../matters/registration.ts';
import { columns, matterRow } from '../matters/rows.ts';
import { actionRow, contentOf } from '../matters/store.ts';
import { actionJson, noRows, readerRows, type Table, tables } from '../matters/writing.ts';
import { type Random, seeded } from './random.ts';
import { givenNames, stories, surnames } from './stories.ts';

const DAY = 86_400_000;
const jsonColumns = new Set([...columns.filter(c => c.kind === 'json').map(c => c.column), 'masked']);
/** A value in COPY's text format. */
function copyText(value: unknown, column: string): string {
  if (value === null || value === undefined) return '\\N';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text =
    typeof value === 'string'
      ? value
      : jsonColumns.has(column)
        ? JSON.stringify(value)
        : `{${(value as string[]).join(',')}}`;
  return /[\\\n\r\t]/.test(text)
    ? text.replace(/[\\\n\r\t]/g, c => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' })[c]!)
    : text;
}

type Story = { at: number; input: RegisterInput; steps: [Action['type'], object, object][] };

function storyOf(random: Random, villages: readonly string[], now: number, departments: readonly string[]): Story {
  const wanted = random.next();
  const kind = wanted < 0.7 ? 'request' : wanted < 0.9 ? 'dispute' : 'petition';
  const story = random.pick(stories.filter(s => s.kind === kind));
  const other = random.pick(stories);
  // Most matters are old and done; the newer a matter, the likelier it is still open.
  const age = random.next() ** 1.3 * 1095;
  const at = now - age * DAY - random.int(DAY);
  const village = villages[Math.min(villages.length - 1, Math.floor(random.next() ** 2 * villages.length))]!;
  const name = random.pick([...surnames]) + random.pick(givenNames);
  const steps: Story['steps'] = [
    ['accept', {}, {}],
    ['dispatch', { unit: random.pick(departments) }, {}],
    ['sign', {}, {}],
    ['report', { result: 'resolved' }, { text: story.report }],
    ['answer', { way: 'phone', position: 'supported' }, { text: story.answer }],
    ['close', { cause: 'service' }, {}],
    ['followUp', { outcome: 'satisfied' }, {}],
    ['rate', { stars: 3 + random.int(3), solved: true }, {}],
  ];
  const done = age > 40 ? (random.chance(0.985) ? 8 : random.int(8)) : random.int(9);
  return {
    at,
    steps: steps.slice(0, done),
    input: {
      id: uuid(at),
      action: uuid(at),
      kind,
      text: `${story.text}${random.chance(0.4) ? ` 另外${other.text}` : ''}`.replaceAll(
        '{place}',
        `第${random.int(9999)}号`,
      ),
      category: story.category,
      source: random.pick(['window', 'hotline', 'letter', 'grid', 'visit']),
      receivedAt: at - random.int(3_600_000),
      region: village,
      grid: null,
      location: null,
      fields: {},
      parties: [
        {
          id: uuid(at),
          role: 'applicant',
          name,
          phone: `13${String(random.int(1_000_000_000)).padStart(9, '0')}`,
          anonymous: false,
        },
      ],
      externals: [],
      sensitive: random.chance(0.02),
      excludedUnits: [],
      excludedPeople: [],
      links: [],
    },
  };
}

/** Makes `count` matters. Needs the owner of the database: COPY is not for those under row-level security. */
export async function seedVolume(
  house: House,
  ownerUrl: string,
  count: number,
  seed: number,
  progress: (n: number) => void,
): Promise<{ matters: number; actions: number; seconds: number }> {
  const begun = Date.now();
  const random = seeded(seed);
  const directory = house.keeper.current;
  const now = house.clock();
  const villages = [...directory.regions.values()].filter(r => r.level === 'village').map(r => r.code);
  const departments = [...directory.units.values()].filter(u => u.kind === 'department').map(u => u.id);
  const timer: Actor = { person: null, posts: [], system: true };
  let actions = 0;

  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query("SET synchronous_commit = off; SET maintenance_work_mem = '1GB'");
  await client.query('DROP INDEX IF EXISTS matter_search_tsv');
  const batch = 2000;
  for (let made = 0; made < count; ) {
    const rows = noRows();
    const search: Record<string, unknown>[] = [];
    for (let i = 0; i < batch && made < count; i++, made++) {
      const { at, input, steps } = storyOf(random, villages, now, departments);
      const doing = { actor: timer, scope: {}, now: at };
      const prepared = await prepareRegistration(house.loop, doing, input);
      addRows(rows, house.loop, doing, input, prepared);
      let matter: Matter = prepared.matter;
      let hash: Buffer = Buffer.from(String(rows.matter_action.at(-1)!.hash).slice(2), 'hex');
      let when = at;
      for (const [type, data, words] of steps) {
        when += random.int(2 * DAY);
        const action = { type, data, words } as Action;
        // A clerk of whichever unit is accountable; who it is does not matter here.
        const actor: Actor = {
          person: null,
          posts: [{ id: matter.unit, unit: matter.unit, role: 'leader', region: '', oversees: [], needToKnow: true }],
          system: true,
        };
        const effects = decide(matter, action, actor, when, directory.rules);
        if (isRefusal(effects)) break;
        matter = apply(matter, effects);
        const said = Object.keys(words).length ? house.secrets.seal(prepared.key.key, words) : null;
        const content = contentOf(house.secrets, timer, { id: matter.id, type });
        const step = { id: uuid(when), type, data, words: said, content };
        const row = actionRow(
          house.loop,
          matter,
          matter.seq,
          hash,
          step,
          effects,
          { actor: timer, scope: {}, now: when },
          null,
          matter.unit,
        );
        hash = row.hash;
        rows.matter_action.push(actionJson(row));
        actions += 1;
      }
      actions += 1;
      const { summary, words } = rows.matter.pop()!;
      rows.matter.push({ ...matterRow(matter), summary, words });
      while (rows.matter_reader.at(-1)?.matter === matter.id) rows.matter_reader.pop();
      rows.matter_reader.push(...readerRows(matter));
      const text = `${prepared.words.title}\n${prepared.words.text}`;
      search.push({
        county: matter.county,
        matter: matter.id,
        received_at: new Date(matter.receivedAt).toISOString(),
        tsv: searchLexemes(text, matter)
          .map(word => `'${word}'`)
          .join(' '),
        of: searchOf(prepared.sealed, matter),
      });
    }
    for (const [table, names] of Object.entries({ ...tables, matter_search: searchColumns })) {
      const lines = (table === 'matter_search' ? search : rows[table as Table]).map(row =>
        names.map(name => copyText(row[name], name)).join('\t'),
      );
      if (!lines.length) continue;
      const stream = client.query(copyFrom(`COPY ${table} (${names.join(',')}) FROM STDIN`));
      stream.end(`${lines.join('\n')}\n`);
      await once(stream, 'finish');
    }
    progress(made);
  }
  await client.query('CREATE INDEX matter_search_tsv ON matter_search USING gin (tsv) WITH (fastupdate = on)');
  await client.query('ANALYZE');
  await client.end();
  await recount(house.loop);
  return { matters: count, actions, seconds: Math.round((Date.now() - begun) / 1000) };
}
