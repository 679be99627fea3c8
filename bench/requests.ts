/** What is asked over HTTP, each beside the plainest prepared, pipelined SQL for it, on the same tables, role and policies. */
import pg from 'pg';
import type { House } from '../src/house.ts';
import { type Scope, scopeText, sql, systemScope } from '../src/kernel/db.ts';
import { uuid } from '../src/kernel/ids.ts';
import { queryOf } from '../src/matters/lexemes.ts';
import { listQuery } from '../src/matters/lists.ts';
import type { Staff } from '../src/people/actors.ts';
import { pgbench } from './pgbench.ts';
import { percentile, request, type Timed, timed } from './wire.ts';

export type SignedIn = { headers: Record<string, string>; staff: Staff };
export type Bench = {
  house: House;
  /** The owner's connection, for what the application's role may not do. */
  ownerUrl: string;
  address: URL;
  seconds: number;
  asked(part: string): boolean;
  signIn(login: string): Promise<SignedIn>;
};

const line = (what: string, ours: Timed, raw: Timed) =>
  console.log(
    `${what.padEnd(44)} ${ours.perSecond.toFixed(0).padStart(6)}/s  p50 ${ours.p50.toFixed(1).padStart(6)}  p99 ${ours.p99.toFixed(1).padStart(6)} ms   raw ${raw.perSecond.toFixed(0).padStart(6)}/s   ratio ${(ours.perSecond / raw.perSecond).toFixed(2)}   µs: server ${ours.cpu.server}, PostgreSQL ${ours.cpu.postgres} (raw ${raw.cpu.postgres}), generator ${ours.cpu.generator}`,
  );

const begin = (scope: Scope) => `BEGIN;SET LOCAL yd.scope='${scopeText(scope)}'`;
const listed = 'county, id, number, kind, state, summary, unit, due_at, received_at';
type Query = { name: string; text: string; values?: unknown[] };

/** With one connection and with sixteen. */
export async function requests(bench: Bench): Promise<void> {
  const { house, address, seconds, asked } = bench;
  const county = await bench.signIn('county');
  const villageHead = await bench.signIn('village-head');
  // One raw client per lane, as the application's role.
  const raws = await Promise.all(
    Array.from({ length: 16 }, async () => {
      const client = new pg.Client({ connectionString: house.url, pipeline: true } as pg.ClientConfig);
      await client.connect();
      return client;
    }),
  );
  const ids = (
    await house.db.read<{ id: string }>(
      county.staff.scope,
      listQuery({}, ['411081'], county.staff.scope, Date.now(), 'received', undefined, 199) as never,
    )
  ).map(row => row.id);
  const villages = [...house.keeper.current.regions.values()].filter(r => r.level === 'village').map(r => r.code);
  let turn = 0;
  const anyOf = (from: readonly string[]) => from[turn++ % from.length]!;

  for (const lanes of [1, 16]) {
    console.log(`-- ${lanes} connection${lanes > 1 ? 's' : ''}`);
    const raw = (scope: Scope, query: () => Query) =>
      timed(lanes, seconds, async n => {
        const client = raws[n]!;
        await Promise.all([client.query(begin(scope)), client.query(query()), client.query('COMMIT')]);
      });
    const get = (who: SignedIn, path: () => string) =>
      timed(lanes, seconds, n => request(n, address, 'GET', path(), who.headers));
    const post = (who: SignedIn, path: () => string, body: () => object) => async (n: number) =>
      request(n, address, 'POST', path(), who.headers, JSON.stringify(body()));

    const through = async (what: string, ours: Timed, scope: Scope, statement: string, set = '') => {
      const theirs = lanes > 1 && (await pgbench(house.url, scope, statement, seconds, set));
      if (theirs)
        console.log(
          `${what} through pgbench: ${theirs.toFixed(0)}/s, ours ${(ours.perSecond / theirs).toFixed(2)} of it`,
        );
    };

    if (asked('list')) {
      for (const [login, who] of Object.entries({ 'village-head': villageHead, county })) {
        const text = (state: string) =>
          `SELECT ${listed} FROM matter WHERE county = '411081' AND state = ${state} ORDER BY received_at DESC, id DESC LIMIT 21`;
        const ours = await get(who, () => '/api/v1/matters?box=all&limit=20&state=struck');
        line(
          `list 20, filtered (${login})`,
          ours,
          await raw(who.staff.scope, () => ({ name: 'list', text: text('$1'), values: ['struck'] })),
        );
        if (who === county) await through('the list', ours, who.staff.scope, text(`'struck'`));
      }
      if (lanes === 1) await pages(address, county);
    }
    if (asked('one')) {
      const { scope } = county.staff;
      const one = () =>
        raw(scope, () => ({
          name: 'one',
          text: 'SELECT * FROM matter WHERE county = $1 AND id = $2',
          values: ['411081', anyOf(ids)],
        }));
      const stands = await get(county, () => `/api/v1/matters/411081/${anyOf(ids)}/row`);
      line('read one, where it stands', stands, await one());
      const anyId = `(ARRAY['${ids.join("','")}']::uuid[])[:n + 1]`;
      await through(
        'one matter',
        stands,
        scope,
        `SELECT ${listed} FROM matter WHERE county = '411081' AND id = ${anyId}`,
        `\\set n random(0, ${ids.length - 1})`,
      );
      line(
        'read one, whole, with its history',
        await get(county, () => `/api/v1/matters/411081/${anyOf(ids)}`),
        await one(),
      );
    }
    if (asked('count'))
      line(
        'count by kind and state',
        await get(county, () => '/api/v1/matters/count'),
        await raw(county.staff.scope, () => ({
          name: 'count',
          text: `SELECT kind, state, sum(n) FROM tally WHERE county = '411081' AND place = '411081000000' AND unit = '' GROUP BY kind, state`,
        })),
      );
    if (asked('search'))
      for (const [what, word] of [
        ['common', () => '路灯'],
        // Another one each time: the same twenty rows would lie in the cache.
        ['rare', () => `第${turn++ % 9999}号`],
        ['absent', () => '珊瑚礁'],
      ] as const)
        line(
          `search, ${what} word`,
          await get(county, () => `/api/v1/matters?q=${encodeURIComponent(word())}&limit=20`),
          await raw(county.staff.scope, () => ({
            name: `search`,
            text: `SELECT id FROM search_matters('411081', $1::tsquery, NULL, NULL, 20)`,
            values: [queryOf(word())],
          })),
        );
    const register = (who: SignedIn, region: () => string) =>
      post(
        who,
        () => '/api/v1/matters',
        () => ({
          id: uuid(),
          action: uuid(),
          kind: 'request',
          text: '村口的路灯坏了三天，晚上看不见路，请派人修理。',
          source: 'window',
          region: region(),
          parties: [{ id: uuid(), role: 'applicant', name: '王小明', phone: `13${String(turn++).padStart(9, '7')}` }],
        }),
      );
    if (asked('create')) {
      const create = register(county, () => anyOf(villages));
      const sustained = await timed(lanes, seconds * 2, create);
      const behind = await waiting(house);
      // A burst begins when what came before it is searchable.
      while (await waiting(house)) await new Promise(resolve => setTimeout(resolve, 100));
      const burst = await timed(lanes, 2, create, 0);
      const template = (await house.db.read<any>(systemScope, sql`SELECT * FROM matter LIMIT 1`))[0];
      const columns = Object.keys(template).filter(key => !['township', 'village', 'listed'].includes(key));
      const text = `INSERT INTO matter (${columns.join(',')}) SELECT ${columns.map(c => (c === 'id' ? '$1::uuid' : c === 'number' ? '$2::text' : c)).join(',')} FROM matter WHERE county = '411081' AND id = '${template.id}'`;
      const bare = await raw(systemScope, () => {
        const id = uuid();
        return { name: 'insert', text, values: [id, id] };
      });
      line('create, sustained', sustained, bare);
      line('create, a burst of two seconds', burst, bare);
      const fresh = text.replace('$1::uuid', 'gen_random_uuid()').replace('$2::text', 'gen_random_uuid()::text');
      await through('a bare insert', burst, systemScope, fresh);
      console.log(`not yet searchable when the sustained part ended: ${behind}`);
      await forgetBare(bench);
    }
    if (asked('act')) {
      // What its own hands hold; enough of them that nobody waits for another's lock.
      const create = register(villageHead, () => '411081101205');
      const own: string[] = [];
      for (let i = 0; i < 300; i++) own.push(JSON.parse(await create(0)).id);
      const act = post(
        villageHead,
        () => `/api/v1/matters/411081/${anyOf(own)}/actions`,
        () => ({ id: uuid(), action: { type: 'note', data: {}, words: { text: '已到现场查看' } } }),
      );
      line(
        'act (locked, decided, chained)',
        await timed(lanes, seconds, act),
        await raw(systemScope, () => ({
          name: 'update',
          text: `UPDATE matter SET lapses = lapses WHERE county = '411081' AND id = $1`,
          values: [anyOf(own)],
        })),
      );
    }
  }
  for (const client of raws) await client.end();
}

/** Matters written and not yet indexed and counted. */
const waiting = async (house: House) =>
  (await house.db.readOne<{ n: number }>(systemScope, sql`SELECT count(*) AS n FROM matter_change`))!.n;

/** Page 500 costs what page 1 costs: the cursor says where to go on. */
async function pages(address: URL, { headers }: SignedIn): Promise<void> {
  let cursor = '';
  const times: number[] = [];
  for (let page = 1; page <= 500; page++) {
    const begun = performance.now();
    const reply = await request(0, address, 'GET', `/api/v1/matters?limit=20${cursor && `&cursor=${cursor}`}`, headers);
    times.push(performance.now() - begun);
    cursor = JSON.parse(reply).next ?? '';
    if (!cursor) break;
  }
  const median = (part: number[]) =>
    percentile(
      part.toSorted((a, b) => a - b),
      0.5,
    ).toFixed(1);
  console.log(`pages 1–50: median ${median(times.slice(0, 50))} ms; pages 451–500: ${median(times.slice(-50))} ms`);
}

/** What the bare inserts left behind has no key and no history. */
async function forgetBare({ house, ownerUrl }: Bench): Promise<void> {
  await house.db.write(systemScope, tx => tx.run(sql`DELETE FROM matter_change`));
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query(
    'DELETE FROM matter m WHERE NOT EXISTS (SELECT FROM matter_key k WHERE k.county = m.county AND k.matter = m.id)',
  );
  await owner.end();
}
