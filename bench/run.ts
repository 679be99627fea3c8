/**
 * Benchmarks: each prints a ratio against its raw limit in the same run: the fastest hand-written prepared, pipelined SQL
 * on the same tables under the same role. Everything over HTTP, signed in, validated, scoped, chained and clocked.
 *
 *   npm run bench -- --matters 1000000 --seconds 5
 *   npm run bench -- --data DIR --only list,create      takes up a volume that was kept, and only these parts
 *
 * Parts: list, one, count, search, create, act, crowd, export, import.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { demoPassword, loadCounty } from '../src/demo/county.ts';
import { seedVolume } from '../src/demo/volume.ts';
import { openHouse } from '../src/house.ts';
import { sql, systemScope } from '../src/kernel/db.ts';
import { startEmbedded } from '../src/kernel/postgres.ts';
import { findStaff } from '../src/people/actors.ts';
import { exporting, importing } from './bulk.ts';
import { crowd, type Person } from './crowd.ts';
import { type Bench, requests, type SignedIn } from './requests.ts';
import { residentOf, serveApart } from './serve.ts';

const usage = fs.readFileSync(import.meta.filename, 'utf8').match(/^\/\*\*[\s\S]*?\*\//)![0];
if (process.argv.includes('--help')) {
  console.log(usage.replace(/^\/?[ *]+\/?/gm, '').trim());
  process.exit(0);
}
const given = (name: string) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const flag = (name: string, otherwise: number) => Number(given(name) ?? otherwise);
const parts = given('only')?.split(',');
const asked = (part: string) => !parts || parts.includes(part);

// With --data the volume is kept and taken up again: a million matters take minutes to make.
const kept = given('data');
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
  const matters = flag('matters', 100_000);
  await loadCounty(house);
  const { actions, seconds } = await seedVolume(house, postgres.url, matters, 7, () => {});
  console.log(
    `${matters} matters with ${actions} actions made in ${seconds} s (${Math.round(matters / Math.max(1, seconds))}/s)`,
  );
  fs.writeFileSync(path.join(data, 'seeded'), String(matters));
}
const served = await serveApart(data, postgres.url, process.argv.includes('--profile'));
const { address } = served;
const bench: Bench = { house, ownerUrl: postgres.url, address, seconds: flag('seconds', 4), asked, signIn };

await requests(bench);
if (asked('crowd')) {
  await crowd(address, await everybody(), flag('users', 1000), flag('minutes', 1) * 60, flag('think', 10));
  console.log(`server process: ${Math.round((await residentOf(served)) / 1e6)} MB resident`);
}
if (asked('export')) await exporting(served, await signIn('county'), data);
served.child.kill();
if (asked('import')) await importing(house, data, flag('letters', 20_000));
await house.close();
await postgres.stop();
if (!kept) fs.rmSync(data, { recursive: true, force: true });
process.exit(0);

async function signIn(login: string): Promise<SignedIn> {
  const reply = await fetch(new URL('/api/v1/sign-in', address), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login, password: demoPassword }),
  });
  const me = await reply.json();
  const staff = (await findStaff(house.db, house.keeper.current, me.person, Date.now()))!;
  return { headers: { cookie: reply.headers.get('set-cookie')!.split(';')[0]!, 'x-csrf': me.csrf }, staff };
}

/** Clerks and heads of every village, township and department, and the county's: each signed in once, with as many places as it takes. */
async function everybody(): Promise<Person[]> {
  const logins = await house.db.read<{ login: string }>(
    systemScope,
    sql`SELECT DISTINCT p.login FROM person p JOIN post o ON o.person = p.id WHERE o.role IN ('clerk', 'leader', 'handler', 'grid') ORDER BY p.login`,
  );
  const people: Person[] = [];
  for (const { login } of logins.slice(0, flag('users', 1000))) {
    const { headers, staff } = await signIn(login);
    const region = staff.posts[0]?.region;
    people.push({ headers, region: region?.startsWith('411081') ? region : undefined });
  }
  return people;
}
