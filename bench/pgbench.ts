/** The same through PostgreSQL's own generator, where it is installed: what numbers of other products are compared with. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Scope, scopeText } from '../src/kernel/db.ts';

/**
 * Transactions a second of sixteen clients that each begin, name their scope, run `statement` and commit, for `seconds`;
 * `set` is a line of pgbench's own before them. Undefined where there is no pgbench.
 */
export async function pgbench(
  url: string,
  scope: Scope,
  statement: string,
  seconds: number,
  set = '',
): Promise<number | undefined> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'yuandian-pgbench-'));
  const script = path.join(directory, 'script.sql');
  const lines = [
    set,
    'BEGIN;',
    `SELECT set_config('yd.scope', '${scopeText(scope)}', true);`,
    `${statement};`,
    'COMMIT;',
  ];
  fs.writeFileSync(script, `${lines.filter(Boolean).join('\n')}\n`);
  const args = ['-n', '-M', 'prepared', '-c', '16', '-T', String(seconds), '-f', script, url];
  const child = spawn('pgbench', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      told += chunk;
    });
  const left = await new Promise<number | undefined>(resolve => {
    child.on('error', () => resolve(undefined));
    child.on('close', code => resolve(code ?? 1));
  });
  fs.rmSync(directory, { recursive: true });
  if (left === undefined) return undefined;
  const rate = /tps = ([\d.]+)/.exec(told);
  if (left !== 0 || !rate) throw new Error(told);
  return Number(rate[1]);
}
