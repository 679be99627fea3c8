/**
 * Power cuts: the server and PostgreSQL are killed at random while sixteen clients write; another process (this one)
 * keeps what was acknowledged. Afterwards every acknowledged write is there and every chain verifies.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { demoPassword, loadCounty } from '../demo/county.ts';
import { seeded } from '../demo/random.ts';
import { openHouse } from '../house.ts';
import { noScope, sql } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { startEmbedded } from '../kernel/postgres.ts';
import { findStaff } from '../people/actors.ts';
import { Client } from '../test/client.ts';
import { letter } from '../test/harness.ts';
import { verify } from '../verify.ts';
import { act } from './acting.ts';
import { Action } from './actions.ts';
import { registerMatter } from './registration.ts';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'yuandian-crash-'));
fs.chmodSync(data, 0o755);
const cli = path.join(import.meta.dirname, '..', 'cli.ts');
const port = 12000 + (process.pid % 8000);
const address = `http://127.0.0.1:${port}`;
let child: ChildProcess;

async function start(): Promise<void> {
  child = spawn(process.execPath, [cli, 'start'], {
    env: { ...process.env, DATABASE_URL: '', YUANDIAN_DATA: data, PORT: String(port), YUANDIAN_RATE: '0' },
    stdio: 'ignore',
  });
  for (let i = 0; i < 600; i++) {
    const ok = await fetch(`${address}/api/v1/ready`).then(
      r => r.ok,
      () => false,
    );
    if (ok) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error('the server did not come up');
}
const gone = () =>
  new Promise<void>(resolve =>
    child.exitCode !== null || child.signalCode ? resolve() : child.once('exit', () => resolve()),
  );
const postmaster = () => Number(fs.readFileSync(path.join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);

afterAll(async () => {
  child?.kill('SIGKILL');
  await gone();
  const file = path.join(data, 'postgres', 'postmaster.pid');
  try {
    if (fs.existsSync(file)) process.kill(postmaster(), 'SIGQUIT');
  } catch {} // it was killed by the test itself
  await new Promise(resolve => setTimeout(resolve, 500));
  fs.rmSync(data, { recursive: true, force: true });
});

test('killed five times under load, nothing acknowledged is lost and every chain is whole', async () => {
  // A small county first: the demonstration's history would only take time.
  const postgres = await startEmbedded(data);
  const house = await openHouse({ ownerUrl: postgres.url, data });
  await loadCounty(house, { small: true });
  const row = await house.db.readOne<{ id: string }>(noScope, sql`SELECT id FROM person WHERE login = 'village-head'`);
  const staff = (await findStaff(house.db, house.keeper.current, row!.id, Date.now()))!;
  await registerMatter(house.loop, { actor: staff, scope: staff.scope, now: Date.now() }, letter());
  const owner = new pg.Client({ connectionString: postgres.url });
  await owner.connect();
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes'])
    expect((await owner.query(`SHOW ${setting}`)).rows[0][setting]).toBe('on');
  await owner.end();
  await house.close();
  await start();

  const random = seeded(3);
  const acknowledged: { id: string; actions: string[] }[] = [];
  let running = true;
  let cookie = '';
  let csrf = '';
  const signIn = async () => {
    const client = new Client(address);
    const { body } = await client.raw('POST', '/api/v1/sign-in', { login: 'village-head', password: demoPassword });
    cookie = client.cookie;
    csrf = body.csrf;
  };
  await signIn();
  const work = async () => {
    while (running) {
      const client = new Client(address);
      client.cookie = cookie;
      client.csrf = csrf;
      try {
        const body = letter();
        const made = await client.raw('POST', '/api/v1/matters', body);
        if (made.status !== 200) throw new Error(String(made.status));
        const kept = { id: made.body.id as string, actions: [] as string[] };
        acknowledged.push(kept);
        for (const [type, words] of [
          ['accept', {}],
          ['note', { text: '去看过了' }],
          ['note', { text: '又去了一次' }],
        ] as const) {
          const id = uuid();
          const done = await client.raw('POST', `/api/v1/matters/411081/${kept.id}/actions`, {
            id,
            action: { type, data: {}, words },
          });
          if (done.status === 200) kept.actions.push(id);
        }
      } catch {
        await new Promise(resolve => setTimeout(resolve, 100));
      }
    }
  };
  const clients = Array.from({ length: 16 }, work);
  for (let round = 0; round < 5; round++) {
    await new Promise(resolve => setTimeout(resolve, 800 + random.int(1200)));
    const both = round % 2 === 1;
    if (both) process.kill(postmaster(), 'SIGKILL');
    child.kill('SIGKILL');
    await gone();
    await start();
  }
  await new Promise(resolve => setTimeout(resolve, 800));
  running = false;
  await Promise.all(clients);
  child.kill('SIGTERM');
  await gone();

  const again = await startEmbedded(data);
  const after = await openHouse({ ownerUrl: again.url, data });
  const client = new pg.Client({ connectionString: again.url });
  await client.connect();
  expect(acknowledged.length).toBeGreaterThan(100);
  const there = new Set((await client.query('SELECT id FROM matter')).rows.map(r => r.id));
  const actions = new Set((await client.query('SELECT id FROM matter_action')).rows.map(r => r.id));
  expect(acknowledged.filter(kept => !there.has(kept.id))).toEqual([]);
  expect(acknowledged.flatMap(kept => kept.actions).filter(id => !actions.has(id))).toEqual([]);
  expect((await verify(after)).broken).toEqual([]);

  // And the loop goes on: a chain that was cut off is continued.
  const last = acknowledged.at(-1)!;
  await act(after.loop, { actor: staff, scope: staff.scope, now: Date.now() }, '411081', last.id, {
    id: uuid(),
    action: Action.parse({ type: 'note', data: {}, words: { text: '断电之后' } }),
  });
  await client.query('ALTER TABLE matter_action DISABLE TRIGGER USER');
  await client.query(
    'UPDATE matter_action SET words = set_byte(words, 20, (get_byte(words, 20) + 1) % 256) WHERE matter = $1 AND seq = 1',
    [last.id],
  );
  expect((await verify(after)).broken.map(b => [b.matter, b.seq])).toContainEqual([last.id, 1]);
  await client.end();
  await after.close();
  await again.stop();
});
