/**
 * Benchmarks: each prints a ratio against its raw limit in the same run: the fastest hand-written prepared, pipelined SQL
 * on the same tables under the same role. Everything over HTTP, signed in, validated, scoped, chained and clocked.
 *
 *   npm run bench -- --matters 1000000 --seconds 5
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { demoPassword, loadCounty } from '../src/demo/county.ts';
import { seedVolume } from '../src/demo/volume.ts';
import { type House, openHouse } from '../src/house.ts';
import { importLetters, projectMeanwhile } from '../src/imports/letters-run.ts';
import { type Scope, scopeText, sql, systemScope } from '../src/kernel/db.ts';
import { uuid } from '../src/kernel/ids.ts';
import { startEmbedded } from '../src/kernel/postgres.ts';
import { ledgerColumns } from '../src/ledgers/columns.ts';
import { writeLedger } from '../src/ledgers/ledger.ts';
import { xlsxStream } from '../src/ledgers/xlsx.ts';
import { queryOf } from '../src/matters/lexemes.ts';
import { listQuery } from '../src/matters/lists.ts';
import { bySystem } from '../src/matters/store.ts';
import { findStaff, type Staff } from '../src/people/actors.ts';
import { crowd, type Person } from './crowd.ts';
import { residentOf, serveApart } from './serve.ts';
import { percentile, request, type Timed, timed } from './wire.ts';

const flag = (name: string, otherwise: number) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};

await main();

async function main(): Promise<void> {
  const matters = flag('matters', 100_000);
  const seconds = flag('seconds', 4);
  // With --data the volume is kept and taken up again: a million matters take minutes to make.
  const at = process.argv.indexOf('--data');
  const kept = at < 0 ? undefined : process.argv[at + 1]!;
  const data = kept ?? fs.mkdtempSync(path.join(os.tmpdir(), 'yuandian-bench-'));
  fs.mkdirSync(data, { recursive: true });
  fs.chmodSync(data, 0o755);
  const made = fs.existsSync(path.join(data, 'seeded'));
  const postgres = await startEmbedded(data, {
    settings: { shared_buffers: '2GB', max_wal_size: '8GB', max_connections: '200' },
  });
  const house = await openHouse({ ownerUrl: postgres.url, data, poolSize: 16 });
  console.log(`machine: ${os.cpus().length} cores, ${Math.round(os.totalmem() / 1e9)} GB`);
  if (!made) {
    await loadCounty(house);
    const { actions, seconds: took } = await seedVolume(house, postgres.url, matters, 7, () => {});
    console.log(
      `${matters} matters with ${actions} actions made in ${took} s (${Math.round(matters / Math.max(1, took))}/s)`,
    );
    fs.writeFileSync(path.join(data, 'seeded'), String(matters));
  }
  const served = await serveApart(data, postgres.url, process.argv.includes('--profile'));
  const { address } = served;
  const signIn = async (login: string) => {
    const reply = await fetch(new URL('/api/v1/sign-in', address), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login, password: demoPassword }),
    });
    const me = await reply.json();
    const staff = (await findStaff(house.db, house.keeper.current, me.person, Date.now()))!;
    return { headers: { cookie: reply.headers.get('set-cookie')!.split(';')[0]!, 'x-csrf': me.csrf }, staff };
  };
  type SignedIn = Awaited<ReturnType<typeof signIn>>;
  const people = new Map<string, SignedIn>();
  for (const login of ['county', 'shundian', 'village-head', 'urban']) people.set(login, await signIn(login));
  const line = (what: string, ours: Timed, raw?: Timed) =>
    console.log(
      `${what.padEnd(44)} ${ours.perSecond.toFixed(0).padStart(6)}/s  p50 ${ours.p50.toFixed(1).padStart(6)}  p99 ${ours.p99.toFixed(1).padStart(6)} ms${raw ? `   raw ${raw.perSecond.toFixed(0).padStart(6)}/s   ratio ${(ours.perSecond / raw.perSecond).toFixed(2)}` : ''}   µs: server ${ours.cpu.server}, PostgreSQL ${ours.cpu.postgres}${raw ? ` (raw ${raw.cpu.postgres})` : ''}, generator ${ours.cpu.generator}`,
    );

  // One raw client per lane, as the application's role, statements prepared and pipelined.
  const raws = await Promise.all(
    Array.from({ length: 16 }, async () => {
      const client = new pg.Client({ connectionString: house.url, pipeline: true } as pg.ClientConfig);
      await client.connect();
      return client;
    }),
  );
  const begin = (scope: Scope) => `BEGIN;SET LOCAL yd.scope='${scopeText(scope)}'`;
  const rawRead = async (n: number, staff: Staff, query: pg.QueryConfig) => {
    const client = raws[n]!;
    await Promise.all([client.query(begin(staff.scope)), client.query(query), client.query('COMMIT')]);
  };

  for (const lanes of [1, 16]) {
    console.log(`-- ${lanes} connection${lanes > 1 ? 's' : ''}`);
    for (const login of ['village-head', 'county']) {
      const { headers, staff } = people.get(login)!;
      const ours = await timed(lanes, seconds, n =>
        request(n, address, 'GET', '/api/v1/matters?box=all&limit=20&state=struck', headers).then(() => {}),
      );
      const raw = await timed(lanes, seconds, n =>
        rawRead(n, staff, {
          name: 'list',
          text: `SELECT county, id, number, kind, state, summary, unit, due_at, received_at FROM matter WHERE county = '411081' AND state = $1 ORDER BY received_at DESC, id DESC LIMIT 21`,
          values: ['struck'],
        }),
      );
      line(`list 20, filtered (${login})`, ours, raw);
    }
    const { headers, staff } = people.get('county')!;
    const ids = (
      await house.db.read<{ id: string }>(
        staff.scope,
        listQuery({}, ['411081'], staff.scope, Date.now(), 'received', undefined, 199) as never,
      )
    ).map(row => row.id);
    if (lanes === 1) {
      // Page 500 costs what page 1 costs: the cursor says where to go on.
      let cursor = '';
      const times: number[] = [];
      for (let page = 1; page <= 500; page++) {
        const begun = performance.now();
        const reply = await request(
          0,
          address,
          'GET',
          `/api/v1/matters?limit=20${cursor && `&cursor=${cursor}`}`,
          headers,
        );
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
    let turn = 0;
    const rawOne = (n: number) =>
      rawRead(n, staff, {
        name: 'one',
        text: 'SELECT * FROM matter WHERE county = $1 AND id = $2',
        values: ['411081', ids[turn++ % ids.length]],
      });
    line(
      'read one, where it stands',
      await timed(lanes, seconds, n =>
        request(n, address, 'GET', `/api/v1/matters/411081/${ids[turn++ % ids.length]}/row`, headers).then(() => {}),
      ),
      await timed(lanes, seconds, rawOne),
    );
    line(
      'read one, whole, with its history',
      await timed(lanes, seconds, n =>
        request(n, address, 'GET', `/api/v1/matters/411081/${ids[turn++ % ids.length]}`, headers).then(() => {}),
      ),
      await timed(lanes, seconds, rawOne),
    );
    line(
      'count by kind and state',
      await timed(lanes, seconds, n => request(n, address, 'GET', '/api/v1/matters/count', headers).then(() => {})),
      await timed(lanes, seconds, n =>
        rawRead(n, staff, {
          name: 'count',
          text: `SELECT kind, state, sum(n) FROM tally WHERE county = '411081' AND place = '411081000000' AND unit = '' GROUP BY kind, state`,
        }),
      ),
    );
    for (const [what, word] of [
      ['common', '路灯'],
      ['rare', undefined],
      ['absent', '珊瑚礁'],
    ] as const)
      line(
        `search, ${what} word`,
        await timed(lanes, seconds, n =>
          request(
            n,
            address,
            'GET',
            // A rare word is another one each time: the same twenty rows would lie in the cache.
            `/api/v1/matters?q=${encodeURIComponent(word ?? `第${turn++ % 9999}号`)}&limit=20`,
            headers,
          ).then(() => {}),
        ),
        await timed(lanes, seconds, n =>
          rawRead(n, staff, {
            name: `search`,
            text: `SELECT id FROM search_matters('411081', $1::tsquery, NULL, NULL, 20)`,
            values: [queryOf(word ?? `第${turn++ % 9999}号`)],
          }),
        ),
      );
    const writer = people.get('village-head')!;
    const body = () =>
      JSON.stringify({
        id: uuid(),
        action: uuid(),
        kind: 'request',
        text: '村口的路灯坏了三天，晚上看不见路，请派人修理。',
        source: 'window',
        region: '411081101205',
        parties: [{ id: uuid(), role: 'applicant', name: '王小明', phone: '13800138000' }],
      });
    const made: string[] = [];
    const create = await timed(lanes, seconds, async n => {
      made.push(JSON.parse(await request(n, address, 'POST', '/api/v1/matters', writer.headers, body())).id);
    });
    const template = (await house.db.read<any>(systemScope, sql`SELECT * FROM matter LIMIT 1`))[0];
    const columnsOf = Object.keys(template).filter(key => !['township', 'village', 'listed'].includes(key));
    const insert = `INSERT INTO matter (${columnsOf.join(',')}) SELECT ${columnsOf.map(c => (c === 'id' ? '$1::uuid' : c === 'number' ? '$2::text' : c)).join(',')} FROM matter WHERE county = '411081' AND id = '${template.id}'`;
    const rawCreate = await timed(lanes, seconds, async n => {
      const id = uuid();
      await Promise.all([
        raws[n]!.query(begin(systemScope)),
        raws[n]!.query({ name: 'insert', text: insert, values: [id, id] }),
        raws[n]!.query('COMMIT'),
      ]);
    });
    line('create (chained, sealed, numbered)', create, rawCreate);
    let next = 0;
    const acted = await timed(lanes, seconds, async n => {
      const id = made[next++ % made.length];
      await request(
        n,
        address,
        'POST',
        `/api/v1/matters/411081/${id}/actions`,
        writer.headers,
        JSON.stringify({ id: uuid(), action: { type: 'note', data: {}, words: { text: '已到现场查看' } } }),
      );
    });
    const rawAct = await timed(lanes, seconds, async n => {
      const id = made[next++ % made.length];
      await Promise.all([
        raws[n]!.query(begin(systemScope)),
        raws[n]!.query({
          name: 'update',
          text: `UPDATE matter SET lapses = lapses WHERE county = '411081' AND id = $1`,
          values: [id],
        }),
        raws[n]!.query('COMMIT'),
      ]);
    });
    line('act (locked, decided, chained)', acted, rawAct);
    await house.db.write(systemScope, tx => tx.run(sql`DELETE FROM matter_change`));
    const owner = new pg.Client({ connectionString: postgres.url });
    await owner.connect();
    await owner.query(
      'DELETE FROM matter m WHERE NOT EXISTS (SELECT FROM matter_key k WHERE k.county = m.county AND k.id = m.id)',
    );
    await owner.end();
  }
  // Clerks and heads of every village, township and department, and the county's: each signed in once, with as many places as it takes.
  const logins = await house.db.read<{ login: string }>(
    systemScope,
    sql`SELECT DISTINCT p.login FROM person p JOIN post o ON o.person = p.id WHERE o.role IN ('clerk', 'leader', 'handler', 'grid') ORDER BY p.login`,
  );
  const everybody: Person[] = [];
  for (const { login } of logins.slice(0, flag('users', 1000))) {
    const { headers, staff } = await signIn(login);
    const region = staff.posts[0]?.region;
    everybody.push({ headers, region: region?.startsWith('411081') ? region : undefined });
  }
  await crowd(address, everybody, flag('users', 1000), flag('minutes', 1) * 60, flag('think', 10));
  console.log(`server process: ${Math.round((await residentOf(served)) / 1e6)} MB resident`);
  served.child.kill();

  // Export of everything, against writing the same number of ready rows.
  const before = process.memoryUsage().rss;
  let begun = performance.now();
  const rows = await writeLedger(
    house,
    people.get('county')!.staff,
    { filters: {}, order: 'received', columns: [...ledgerColumns], language: 'zh' },
    path.join(data, 'ledger.xlsx'),
    async () => {},
  );
  const exporting = (performance.now() - begun) / 1000;
  begun = performance.now();
  const ready = ledgerColumns.map(() => '村口的路灯坏了三天');
  await new Promise<void>(resolve =>
    xlsxStream(
      'x',
      [...ledgerColumns],
      (async function* () {
        for (let i = 0; i < rows; i++) yield ready;
      })(),
    )
      .pipe(fs.createWriteStream(path.join(data, 'raw.xlsx')))
      .on('finish', () => resolve()),
  );
  const writing = (performance.now() - begun) / 1000;
  console.log(
    `export ${rows} rows to xlsx: ${exporting.toFixed(1)} s (${Math.round(rows / exporting)}/s), ready rows alone ${writing.toFixed(1)} s, ratio ${(writing / exporting).toFixed(2)}; memory grew ${Math.round((process.memoryUsage().rss - before) / 1e6)} MB`,
  );

  await importing(house, data, flag('letters', 20_000));
  await house.close();
  for (const client of raws) await client.end();
  await postgres.stop();
  if (!kept) fs.rmSync(data, { recursive: true, force: true });
  process.exit(0);
}

async function importing(house: House, data: string, n: number): Promise<void> {
  const file = path.join(data, 'letters.csv');
  fs.writeFileSync(
    file,
    `编号,标题,时间,内容\n${Array.from({ length: n }, (_, i) => `L${i},路灯不亮 ${i},2025-0${1 + (i % 9)}-1${i % 10},第${i}号路口的路灯坏了很多天，晚上看不见路，请尽快派人修理，谢谢领导。`).join('\n')}`,
  );
  const begun = performance.now();
  let registered = 0;
  const counts = await projectMeanwhile(
    house,
    importLetters(
      house,
      bySystem(Date.now()),
      { file, source: `bench-${process.pid}`, region: '411081000000', kind: 'request', live: true },
      { line: 0, read: 0, imported: 0, repeated: 0, refused: 0 },
      { save: async () => {}, refuse: () => {} },
    ).finally(() => {
      registered = (performance.now() - begun) / 1000;
    }),
  );
  const whole = (performance.now() - begun) / 1000;
  console.log(
    `import ${counts.imported} letters, checked, numbered, clocked: ${registered.toFixed(1)} s; searchable too: ${whole.toFixed(1)} s (${Math.round(counts.imported / whole)}/s)`,
  );
}
