/**
 * Volume for benchmarks: whole matters with valid chains, made by the same `register`, `decide` and `apply`, written by
 * COPY. Distributions: 70 % requests, 20 % disputes, 10 % petitions; three years; most struck off, some in each state.
 */
import { once } from 'node:events';
import os from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type House, openHouse } from '../house.ts';
import { time } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import type { Algorithms } from '../kernel/secrets.ts';
import type { Action, RegisterInput } from '../matters/actions.ts';
import { decide } from '../matters/decide.ts';
import { recount, searchColumns, searchLexemes, searchOf } from '../matters/jobs.ts';
import { apply, isRefusal, type Matter } from '../matters/matter.ts';
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

type Made = { matters: number; actions: number; seconds: number };
type Share = {
  data: string;
  ownerUrl: string;
  algorithms: Algorithms;
  now: number;
  count: number;
  seed: number;
};

/**
 * Makes `count` matters, a share in each of two threads: sealing and hashing are work for a core. Needs the owner of the
 * database: COPY is not for those under row-level security. Indexes are made anew at the end.
 */
export async function seedVolume(
  house: House,
  ownerUrl: string,
  count: number,
  seed: number,
  progress: (n: number) => void,
): Promise<Made> {
  const begun = Date.now();
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query("SET maintenance_work_mem = '1GB'");
  const { rows: indexes } = await client.query(
    `SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.schemaname = 'public' AND i.tablename LIKE 'matter%'
      AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = format('%I.%I', i.schemaname, i.indexname)::regclass)`,
  );
  for (const { indexname } of indexes) await client.query(`DROP INDEX ${indexname}`);
  const threads = count < 5000 ? 1 : Math.min(2, os.availableParallelism());
  const made = new Array<number>(threads).fill(0);
  let actions = 0;
  await Promise.all(
    made.map(async (_, i) => {
      const share: Share = {
        data: house.data,
        ownerUrl,
        algorithms: house.secrets.algorithms,
        now: house.clock(),
        count: Math.floor(count / threads) + (i < count % threads ? 1 : 0),
        seed: seed * 1000 + i,
      };
      const worker = new Worker(import.meta.filename, { workerData: share });
      worker.on('message', (told: { made: number; actions: number }) => {
        actions += told.actions;
        made[i] = told.made;
        progress(made.reduce((sum, n) => sum + n, 0));
      });
      const [code] = await once(worker, 'exit');
      if (code !== 0) throw new Error(`a thread that made matters ended with ${code}`);
    }),
  );
  for (const { indexdef } of indexes) await client.query(indexdef);
  await client.query('ANALYZE');
  await client.end();
  await recount(house.loop);
  return { matters: count, actions, seconds: Math.round((Date.now() - begun) / 1000) };
}

if (!isMainThread && workerData?.ownerUrl) await makeShare(workerData as Share);

async function makeShare({ data, ownerUrl, algorithms, now, count, seed }: Share): Promise<void> {
  const house = await openHouse({ data, ownerUrl, algorithms, poolSize: 2, numberBlock: 1000, clock: () => now });
  const random = seeded(seed);
  const directory = house.keeper.current;
  const villages = [...directory.regions.values()].filter(r => r.level === 'village').map(r => r.code);
  const departments = [...directory.units.values()].filter(u => u.kind === 'department').map(u => u.id);
  const timer: Actor = { person: null, posts: [], system: true };
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query('SET synchronous_commit = off');
  const batch = 2000;
  for (let made = 0; made < count; ) {
    let actions = 0;
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
        received_at: time(matter.receivedAt),
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
    parentPort!.postMessage({ made, actions });
  }
  await client.end();
  await house.close();
}
