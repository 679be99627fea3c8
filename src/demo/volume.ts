/**
 * Volume for benchmarks: whole matters with valid chains, made by the same `register`, `decide` and `apply`, written by
 * COPY. Distributions: 70 % requests, 20 % disputes, 10 % petitions; three years; most struck off, some in each state.
 */
import { once } from 'node:events';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { House } from '../house.ts';
import { uuid } from '../kernel/ids.ts';
import { Action, type RegisterInput } from '../matters/actions.ts';
import { monthOf } from '../matters/clocks.ts';
import { recount } from '../matters/jobs.ts';
import { apply, decide, isRefusal, type Matter } from '../matters/matter.ts';
import type { Actor } from '../matters/policy.ts';
import { lexemes } from '../matters/redact.ts';
import { prepareRegistration } from '../matters/registration.ts';
import { columns, parameter, readersOf } from '../matters/rows.ts';
import { actionRow, contentOf } from '../matters/store.ts';
import { type Random, seeded } from './random.ts';
import { givenNames, stories, surnames } from './stories.ts';

const DAY = 86_400_000;
const tables = {
  matter: [...columns.map(c => c.column), 'summary', 'words'],
  matter_action: [
    'county',
    'matter',
    'seq',
    'id',
    'type',
    'actor',
    'post',
    'unit',
    'at',
    'device_at',
    'data',
    'effects',
    'words',
    'content',
    'version',
    'alg',
    'prev',
    'hash',
  ],
  matter_key: ['county', 'id', 'matter', 'wrapped', 'version'],
  matter_party: ['county', 'id', 'matter', 'words', 'masked'],
  matter_lookup: ['county', 'hash', 'matter', 'what', 'party'],
  matter_reader: ['county', 'reader', 'received_at', 'matter'],
  matter_search: ['county', 'matter', 'tsv', 'of'],
} as const;
type Table = keyof typeof tables;

/** A value in COPY's text format. */
function copyText(value: unknown): string {
  if (value === null || value === undefined) return '\\N';
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`;
  if (Array.isArray(value)) return `{${value.join(',')}}`;
  return String(value).replace(/[\\\n\r\t]/g, c => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' })[c]!);
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
  const batch = 5000;
  for (let made = 0; made < count; ) {
    const lines = Object.fromEntries(Object.keys(tables).map(table => [table, [] as string[]])) as Record<
      Table,
      string[]
    >;
    const put = (table: Table, values: readonly unknown[]) => lines[table].push(values.map(copyText).join('\t'));
    for (let i = 0; i < batch && made < count; i++, made++) {
      const { at, input, steps } = storyOf(random, villages, now, departments);
      const prepared = await prepareRegistration(house.loop, { actor: timer, scope: {}, now: at }, input);
      let matter: Matter = prepared.matter;
      const register = actionRow(
        house.loop,
        matter,
        1,
        undefined,
        {
          id: input.action,
          type: 'register',
          data: {},
          words: prepared.sealed,
          content: contentOf(house.secrets, timer, { id: input.id }),
        },
        prepared.effects,
        { actor: timer, scope: {}, now: at },
        null,
        null,
      );
      const chain = [register];
      let when = at;
      for (const [type, data, words] of steps) {
        when += random.int(2 * DAY);
        const action = Action.parse({ type, data, words });
        // A clerk of whichever unit is accountable; who it is does not matter here.
        const actor: Actor = {
          person: null,
          posts: [{ id: matter.unit, unit: matter.unit, role: 'leader', region: '', oversees: [], needToKnow: true }],
          system: true,
        };
        const effects = decide(matter, action, actor, when, directory.rules);
        if (isRefusal(effects)) break;
        matter = apply(matter, effects);
        const said = Object.keys(action.words).length ? house.secrets.seal(prepared.key.key, action.words) : null;
        chain.push(
          actionRow(
            house.loop,
            matter,
            matter.seq,
            chain.at(-1)!.hash,
            {
              id: uuid(when),
              type,
              data: action.data,
              words: said,
              content: contentOf(house.secrets, timer, { id: matter.id, type }),
            },
            effects,
            { actor: timer, scope: {}, now: when },
            null,
            matter.unit,
          ),
        );
      }
      actions += chain.length;
      put('matter', [...columns.map(c => parameter(c, matter)), prepared.words.summary, prepared.sealed]);
      for (const row of chain)
        put('matter_action', [
          row.county,
          row.matter,
          row.seq,
          row.id,
          row.type,
          row.actor,
          row.post,
          row.unit,
          new Date(row.at).toISOString(),
          null,
          row.data,
          row.effects,
          row.words,
          row.content,
          row.version,
          row.alg,
          row.prev,
          row.hash,
        ]);
      put('matter_key', [matter.county, matter.id, matter.id, prepared.key.wrapped, prepared.key.version]);
      for (const party of prepared.sealedParties) {
        put('matter_key', [matter.county, party.id, matter.id, party.key.wrapped, party.key.version]);
        put('matter_party', [matter.county, party.id, matter.id, party.words, JSON.stringify(party.masked)]);
      }
      for (const reader of readersOf(matter))
        put('matter_reader', [matter.county, reader, new Date(matter.receivedAt).toISOString(), matter.id]);
      for (const lookup of prepared.lookups)
        put('matter_lookup', [matter.county, lookup.hash, matter.id, lookup.what, lookup.party]);
      const month = monthOf(matter.receivedAt);
      const words = [...lexemes(`${prepared.words.title}\n${prepared.words.text}`), `m:${month}`];
      put('matter_search', [matter.county, matter.id, words.map(word => `'${word}'`).join(' '), '']);
    }
    for (const [table, names] of Object.entries(tables)) {
      const stream = client.query(copyFrom(`COPY ${table} (${names.join(',')}) FROM STDIN`));
      stream.end(`${lines[table as Table].join('\n')}\n`);
      await once(stream, 'finish');
    }
    progress(made);
  }
  await client.query(
    'UPDATE matter_search s SET of = md5(m.words) FROM matter m WHERE m.county = s.county AND m.id = s.matter AND s.of = $1',
    [''],
  );
  await client.query('CREATE INDEX matter_search_tsv ON matter_search USING gin (tsv) WITH (fastupdate = on)');
  await client.query('ANALYZE');
  await client.end();
  await recount(house.loop);
  return { matters: count, actions, seconds: Math.round((Date.now() - begun) / 1000) };
}
