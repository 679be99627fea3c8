/** The server in a process of its own, as it runs for real. */
import { type ChildProcess, fork } from 'node:child_process';
import { buildApp } from '../src/app.ts';
import { openHouse } from '../src/house.ts';
import { Projector } from '../src/matters/jobs.ts';
import { runOneTask } from '../src/tasks.ts';

export type Served = { address: URL; child: ChildProcess };

export async function serveApart(data: string, ownerUrl: string, profile = false): Promise<Served> {
  const child = fork(import.meta.filename, ['--serve', data, ownerUrl], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // As bin/yuandian.mjs starts it.
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
    execArgv: [
      '--max-semi-space-size=16',
      '--heap-growing-percent=50',
      ...(profile ? ['--cpu-prof', '--cpu-prof-dir=.tmp/profile'] : []),
    ],
  });
  const address = await new Promise<string>(resolve => child.once('message', message => resolve(String(message))));
  return { address: new URL(address), child };
}

/** Bytes that the process holds in memory. */
export async function residentOf({ child }: Served): Promise<number> {
  child.send('memory');
  const { rss } = await new Promise<{ rss: number }>(resolve =>
    child.once('message', message => resolve(message as { rss: number })),
  );
  return rss;
}

if (process.argv.includes('--serve')) {
  const at = process.argv.indexOf('--serve');
  const house = await openHouse({ data: process.argv[at + 1]!, ownerUrl: process.argv[at + 2]!, numberBlock: 200 });
  const app = await buildApp({ house, perMinute: 0 });
  process.send!(await app.listen({ port: 0, host: '127.0.0.1' }));
  const again = async (turn: () => Promise<boolean>) => {
    for (;;) if (!(await turn().catch(() => false))) await new Promise(resolve => setTimeout(resolve, 300));
  };
  const projector = new Projector(house.loop, () => performance.now());
  again(() => projector.turn());
  again(() => runOneTask(house));
  process.on('message', () => process.send!({ rss: process.memoryUsage().rss }));
  // A bench that died must not leave it behind: it would falsify the next figures.
  process.on('disconnect', () => process.exit(0));
  process.on('SIGTERM', () => process.exit(0));
}
