/** Starting: twice in one directory, killed and started again, production without known passwords, settings checked; backup and restore. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readSettings } from './settings.ts';

const base = fs.mkdtempSync(path.join(os.tmpdir(), 'yuandian-start-'));
fs.chmodSync(base, 0o755);
const cli = path.join(import.meta.dirname, 'cli.ts');
const children: ChildProcess[] = [];
// Below the range that outgoing connections take their ports from.
const port = () => 20000 + Math.floor(Math.random() * 12000);
const environment = (data: string, more: Record<string, string> = {}) => ({
  ...process.env,
  DATABASE_URL: '',
  NODE_ENV: 'test',
  YUANDIAN_DATA: data,
  LANG: 'zh_CN.UTF-8',
  LC_ALL: '',
  ...more,
});

function launch(data: string, at: number, more: Record<string, string> = {}) {
  const child = spawn(process.execPath, [cli, 'start'], {
    env: environment(data, { PORT: String(at), ...more }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let text = '';
  child.stdout!.on('data', chunk => {
    text += chunk;
  });
  child.stderr!.on('data', chunk => {
    text += chunk;
  });
  return {
    child,
    text: () => text,
    exited: new Promise<number | null>(resolve => child.on('exit', code => resolve(code))),
  };
}
/** Waits for the server; says what it printed when it leaves or never comes up. */
async function ready(at: number, started: ReturnType<typeof launch>): Promise<void> {
  let left = false;
  started.exited.then(() => {
    left = true;
  });
  for (let i = 0; i < 1200 && !left; i++) {
    const up = await fetch(`http://127.0.0.1:${at}/api/v1/ready`).then(
      r => r.ok,
      () => false,
    );
    if (up) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error(`not ready: ${started.text()}`);
}
const run = (data: string, args: string[], more: Record<string, string> = {}) => {
  const done = spawnSync(process.execPath, [cli, ...args], {
    env: environment(data, more),
    encoding: 'utf8',
    cwd: base,
  });
  return { status: done.status, out: done.stdout, err: done.stderr, last: done.stdout.trim().split('\n').at(-1)! };
};
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const name of fs.readdirSync(base)) {
    const file = path.join(base, name, 'postgres', 'postmaster.pid');
    if (fs.existsSync(file)) process.kill(Number(fs.readFileSync(file, 'utf8').split('\n')[0]), 'SIGQUIT');
  }
  await new Promise(resolve => setTimeout(resolve, 500));
  fs.rmSync(base, { recursive: true, force: true });
});

test('the demonstration: first start, second start refused, killed and taken up again, verified, backed up, restored', async () => {
  const data = path.join(base, 'demo');
  const at = port();
  const first = launch(data, at);
  await ready(at, first);
  await expect.poll(first.text, { timeout: 20_000 }).toContain('演示账号');
  const second = launch(data, port());
  expect(await second.exited).toBe(2);
  expect(second.text()).toContain('已有一个原点在运行');

  first.child.kill('SIGKILL');
  await first.exited;
  const third = launch(data, at);
  await ready(at, third);
  expect(third.text()).not.toContain('正在建立演示数据');

  // While it runs: verify, back up, and verify the restored copy.
  const whole = JSON.parse(run(data, ['verify', '--json']).last);
  expect(whole).toMatchObject({ broken: 0 });
  expect(whole.matters).toBeGreaterThan(200);
  const copy = path.join(base, 'backup');
  expect(run(data, ['backup', copy, '--json']).status).toBe(0);
  expect(run(data, ['backup', copy, '--json']).status).toBe(2);
  const restored = path.join(base, 'restored');
  expect(run(restored, ['restore', copy]).status, 'without keys').toBe(2);
  expect(run(restored, ['restore', copy, '--keys', path.join(data, 'secrets', 'keys.json')]).status).toBe(0);
  expect(JSON.parse(run(restored, ['verify', '--json']).last)).toMatchObject({
    matters: whole.matters,
    actions: whole.actions,
    broken: 0,
  });
  const ledger = run(restored, ['export', 'ledger.xlsx', '--as', 'county', '--json']);
  expect(JSON.parse(ledger.last).rows).toBeGreaterThan(100);

  third.child.kill('SIGTERM');
  expect(await third.exited).toBe(0);
  expect(fs.existsSync(path.join(data, 'yuandian.pid'))).toBe(false);
  expect(fs.existsSync(path.join(data, 'postgres', 'postmaster.pid'))).toBe(false);
});

test('production: no demonstration, three administrators with one-time passwords, shown once', async () => {
  const data = path.join(base, 'production');
  const at = port();
  const unnamed = launch(data, at, { NODE_ENV: 'production' });
  expect(await unnamed.exited).toBe(2);
  expect(unnamed.text()).toContain('YUANDIAN_COUNTY');
  const more = { NODE_ENV: 'production', YUANDIAN_COUNTY: '411081', YUANDIAN_COUNTY_NAME: '禹州市' };
  const first = launch(data, at, more);
  await ready(at, first);
  await expect.poll(first.text, { timeout: 20_000 }).toContain('audit: ');
  const passwords = [...first.text().matchAll(/(system|security|audit): (\S+)/g)].map(m => [m[1]!, m[2]!]);
  expect(passwords).toHaveLength(3);
  const sign = (login: string, password: string) =>
    fetch(`http://127.0.0.1:${at}/api/v1/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login, password }),
    });
  for (const [login, password] of passwords) {
    const reply = await sign(login!, password!);
    expect(reply.status).toBe(200);
    expect((await reply.json()).mustChange).toBe(true);
  }
  expect((await sign('county', 'Yuandian-2026')).status).toBe(401);
  first.child.kill('SIGTERM');
  await first.exited;
  const second = launch(data, at, more);
  await ready(at, second);
  expect(second.text()).not.toMatch(/(system|security|audit): /);
  second.child.kill('SIGTERM');
  await second.exited;
});

test('wrong settings are named, all of them, and nothing starts', () => {
  const done = run(path.join(base, 'none'), ['start'], { PORT: 'abc', YUANDIAN_CIPHER: 'rot13' });
  expect(done.status).toBe(2);
  expect(done.err).toContain('PORT');
  expect(done.err).toContain('YUANDIAN_CIPHER');
  expect(readSettings({ PORT: '' }).port).toBe(8080);
});

test('every verb explains itself, and refuses what it does not know', () => {
  for (const verb of ['start', 'import', 'export', 'seed', 'verify', 'rotate-keys', 'backup', 'restore', 'admin'])
    expect(run(base, [verb, '--help']).status, verb).toBe(0);
  expect(run(base, ['nonsense']).status).not.toBe(0);
  expect(run(path.join(base, 'none'), ['import', 'missing.xlsx']).status).toBe(2);
});
