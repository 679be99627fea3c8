/**
 * The morning of the phones, and what one phone holds.
 *
 *   node bench/field.ts --phones 3000 --matters 20000 --places 100000
 *
 * Storm: phones pull their tasks and push ten things each, sealed beforehand, while a console lists; what was acknowledged
 * is counted in the database afterwards. Phone: a real Chromium that holds the volume, without a network.
 */
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { demoPassword, loadCounty } from '../src/demo/county.ts';
import { loadField } from '../src/demo/fielding.ts';
import { openHouse } from '../src/house.ts';
import { importLetters, projectAll } from '../src/imports/letters-run.ts';
import { base64, unbase64 } from '../src/kernel/bytes.ts';
import { noScope, sql, systemScope, time } from '../src/kernel/db.ts';
import { uuid } from '../src/kernel/ids.ts';
import { startEmbedded } from '../src/kernel/postgres.ts';
import { sealToOf } from '../src/sync/devices.ts';
import { publicKeyOf, sealTo } from '../src/sync/sealing.ts';
import { launchBrowser } from '../src/test/browser.ts';
import { serveApart } from './serve.ts';
import { percentile as sorted } from './wire.ts';

const flag = (name: string, otherwise: number) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const percentile = (values: number[], p: number) =>
  sorted(
    values.toSorted((a, b) => a - b),
    p,
  );

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'yuandian-field-'));
fs.chmodSync(data, 0o755);
const postgres = await startEmbedded(data, {
  settings: { shared_buffers: '1GB', max_wal_size: '4GB', max_connections: '100' },
});
const house = await openHouse({ ownerUrl: postgres.url, data });
await loadCounty(house);
await loadField(house);
const { address, child } = await serveApart(data, postgres.url, process.argv.includes('--profile'));
const post = async (route: string, body: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(new URL(route, address), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`);
  return response;
};

await storm(flag('phones', 3000));
await onePhone(flag('matters', 20_000), flag('places', 100_000));
child.kill('SIGTERM');
await new Promise(resolve => setTimeout(resolve, 1500));
await house.close();
await postgres.stop();
fs.rmSync(data, { recursive: true, force: true });
process.exit(0);

async function storm(phones: number): Promise<void> {
  const people = await house.db.read<{ person: string; region: string }>(
    noScope,
    sql`SELECT o.person, o.region FROM post o JOIN person p ON p.id = o.person WHERE p.login LIKE 'v%' AND right(o.region, 3) <> '000' AND o.role = 'clerk'`,
  );
  await importLetters(
    house,
    { actor: { person: null, posts: [], system: true }, scope: systemScope },
    {
      file: lettersOf(people.length * 4, n => people[n % people.length]!.region),
      source: 'storm',
      region: '411081000000',
      kind: 'request',
      live: true,
    },
    { line: 0, read: 0, imported: 0, repeated: 0, refused: 0 },
    { save: async () => {}, refuse: () => {} },
  );
  const now = Date.now();
  const key = await publicKeyOf(unbase64(await sealToOf(house)));
  const matters = await house.db.read<{ id: string; path: string[] }>(systemScope, sql`SELECT id, path FROM matter`);
  const devices: { token: string; items: { id: string; sealed: string }[] }[] = [];
  for (let n = 0; n < phones; n++) {
    const { person, region } = people[n % people.length]!;
    const token = `ydd_${randomBytes(24).toString('base64url')}`;
    await house.db.write(noScope, tx =>
      tx.run(
        sql`INSERT INTO device (id, person, token, name, agent, made_at, seen_at) VALUES (${uuid()}, ${person}, ${createHash('sha256').update(token).digest()}, 'bench', 'bench', ${time(now)}, ${time(now)})`,
      ),
    );
    const own = matters.filter(one => one.path.includes(region));
    const items = await Promise.all(
      Array.from({ length: 10 }, async (_, i) => {
        const id = uuid();
        const item =
          i < 5 || !own.length
            ? {
                do: 'enter',
                id,
                input: {
                  id,
                  county: '411081',
                  duty: null,
                  sort: 'round',
                  region,
                  place: null,
                  outcome: 'nothing',
                  matters: [],
                  answers: {},
                  proof: {},
                  minutes: null,
                  words: { note: '没有发现' },
                },
              }
            : i < 9
              ? {
                  do: 'act',
                  id,
                  county: '411081',
                  matter: own[(n + i) % own.length]!.id,
                  saw: 1,
                  action: { type: 'note', data: { audience: 'participants' }, words: { text: '已到现场查看' } },
                }
              : {
                  do: 'register',
                  id,
                  input: {
                    id: uuid(),
                    action: id,
                    kind: 'request',
                    text: '路口的井盖松动，请派人修理。',
                    source: 'grid',
                    region,
                    parties: [],
                  },
                };
        const plain = new TextEncoder().encode(JSON.stringify({ token, at: now, item }));
        return { id, sealed: base64(await sealTo(key, 'item', plain)) };
      }),
    );
    devices.push({ token, items });
  }
  const signIn = await post('/api/v1/sign-in', { login: 'county', password: demoPassword });
  const cookie = signIn.headers.get('set-cookie')!.split(';')[0]!;
  const console_: number[] = [];
  let listing = true;
  const lister = (async () => {
    while (listing) {
      const begun = performance.now();
      await (await fetch(new URL('/api/v1/matters?limit=20&box=all', address), { headers: { cookie } })).text();
      console_.push(performance.now() - begun);
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  })();
  const pulls: number[] = [];
  const pushes: number[] = [];
  let next = 0;
  let done = 0;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let n = next++; n < devices.length; n = next++) {
        const { token, items } = devices[n]!;
        const headers = { authorization: `Bearer ${token}` };
        let at = performance.now();
        await (
          await post('/api/v1/sync/pull', { clock: Date.now(), stamp: '', digests: [''], duties: '' }, headers)
        ).json();
        pulls.push(performance.now() - at);
        at = performance.now();
        const { results } = await (await post('/api/v1/sync/push', { clock: Date.now(), items }, headers)).json();
        pushes.push(performance.now() - at);
        done += results.filter((one: { result: string }) => one.result === 'done').length;
      }
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  listing = false;
  await lister;
  const ids = devices.flatMap(one => one.items.map(item => item.id));
  const there = await house.db.readOne<{ n: number }>(
    systemScope,
    sql`SELECT (SELECT count(*) FROM matter_action WHERE id = ANY (${ids}::uuid[])) + (SELECT count(*) FROM entry WHERE id = ANY (${ids}::uuid[])) AS n`,
  );
  console.log(
    `storm: ${phones} phones pulled and pushed ${phones * 10} things in ${seconds.toFixed(0)} s (${(phones / seconds).toFixed(0)} phones/s; 60,000 take ${(60_000 / (phones / seconds) / 60).toFixed(0)} min); acknowledged ${done}, in the database ${there!.n}`,
  );
  console.log(
    `  pull p50 ${percentile(pulls, 0.5).toFixed(0)} p99 ${percentile(pulls, 0.99).toFixed(0)} ms; push of ten p50 ${percentile(pushes, 0.5).toFixed(0)} p99 ${percentile(pushes, 0.99).toFixed(0)} ms; console list meanwhile p50 ${percentile(console_, 0.5).toFixed(0)} p99 ${percentile(console_, 0.99).toFixed(0)} ms`,
  );
}

function lettersOf(n: number, regionOf: (n: number) => string): string {
  const file = path.join(data, `letters-${n}.csv`);
  fs.writeFileSync(
    file,
    `编号,标题,时间,内容,区划代码\n${Array.from({ length: n }, (_, i) => `F${i},路灯不亮 ${i},2026-11-1${i % 9},第${i}号路口的路灯坏了很多天，晚上看不见路，请尽快派人修理。,${regionOf(i)}`).join('\n')}`,
  );
  return file;
}

async function onePhone(matters: number, places: number): Promise<void> {
  const village = '411081101205';
  await importLetters(
    house,
    { actor: { person: null, posts: [], system: true }, scope: systemScope },
    { file: lettersOf(matters, () => village), source: 'phone', region: village, kind: 'request', live: true },
    { line: 0, read: 0, imported: 0, repeated: 0, refused: 0 },
    { save: async () => {}, refuse: () => {} },
  );
  await projectAll(house);
  await house.db.write(noScope, async tx => {
    await tx.run(sql`INSERT INTO place (county, id, kind, name, pinyin, region, path, lng, lat, valid_from)
      SELECT '411081', gen_random_uuid(), 'shop', '门店' || n, 'men dian', ${village}, ARRAY['411081000000', '411081101000', ${village}], 113.2 + n / 1e7, 34.1, '2026-01-01' FROM generate_series(1, ${places}) n`);
    await tx.run(
      sql`INSERT INTO place_pack VALUES ('411081', '411081101000', 9999) ON CONFLICT (county, region) DO UPDATE SET n = 9999`,
    );
  });
  const browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 360, height: 640 }, locale: 'zh-CN' });
  const page = await context.newPage();
  await page.goto(new URL('/field/', address).href);
  await page.getByLabel('用户名').fill('village');
  await page.getByLabel('密码').fill(demoPassword);
  await page.getByRole('button', { name: '登录' }).click();
  await page.getByLabel('设置 6 位 PIN').fill('274913');
  await page.getByLabel('再输一次').fill('274913');
  const first = performance.now();
  await page.getByRole('button', { name: '确定' }).click();
  await page.getByText(/已同步/).waitFor({ timeout: 180_000 });
  console.log(
    `phone: first sync of ${matters} matters and ${places} places: ${((performance.now() - first) / 1000).toFixed(1)} s`,
  );
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await context.setOffline(true);
  const slow = await context.newCDPSession(page);
  // As this machine is, and four times slower, as a cheap phone is.
  for (const rate of [1, 4]) {
    await slow.send('Emulation.setCPUThrottlingRate', { rate });
    const opened: number[] = [];
    const loads: number[] = [];
    for (let i = 0; i < 5; i++) {
      await page.evaluate(() => {
        location.hash = '/tasks';
      });
      const at = performance.now();
      await page.reload();
      await page.getByLabel('PIN').waitFor();
      loads.push(performance.now() - at);
      await page.getByLabel('PIN').fill('274913');
      opened.push(
        await page.evaluate(async () => {
          const begun = performance.now();
          document.querySelector<HTMLButtonElement>('button[type=submit]')!.click();
          while (!document.querySelector('.rows li')) await new Promise(requestAnimationFrame);
          return performance.now() - begun;
        }),
      );
    }
    const searched: number[] = [];
    await page.evaluate(() => {
      location.hash = '/find';
    });
    await page.getByRole('searchbox').waitFor();
    for (const typed of ['第777号', '门店99999', 'md', '珊瑚礁', '路灯']) {
      searched.push(
        await page.evaluate(async word => {
          const box = document.querySelector<HTMLInputElement>('input[type=search]')!;
          const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!;
          set.call(box, '');
          box.dispatchEvent(new Event('input', { bubbles: true }));
          await new Promise(resolve => setTimeout(resolve, 100));
          const begun = performance.now();
          set.call(box, word);
          box.dispatchEvent(new Event('input', { bubbles: true }));
          while (!document.querySelector('.rows li') && !document.querySelector('.empty'))
            await new Promise(requestAnimationFrame);
          return performance.now() - begun;
        }, typed),
      );
    }
    const { used } = await page.evaluate(async () => ({ used: (await navigator.storage.estimate()).usage ?? 0 }));
    console.log(
      `phone, offline, ${rate === 1 ? 'full speed' : 'a quarter of the speed'}: app there after ${percentile(loads, 0.5).toFixed(0)} ms; first list after the PIN ${percentile(opened, 0.5).toFixed(0)} ms (wanted 1000); search ${searched.map(ms => ms.toFixed(0)).join(', ')} ms (wanted 100); ${(used / 1e6).toFixed(0)} MB stored`,
    );
  }
  await browser.close();
}
