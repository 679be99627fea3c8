#!/usr/bin/env node
// The sources are TypeScript and want Node 24; whatever Node runs this file hands over to the pinned one.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
// A young generation of 16 MB: with less, what a request leaves behind is kept too long and the process grows; with more
// it is only larger. The old one is looked through when it has grown by half: left alone, the engine waits until it is
// three times as large.
const memory = ['--max-semi-space-size=16', '--heap-growing-percent=50'];
const child = spawn(node, [...memory, join(root, 'src', 'cli.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  // Memory that threads of the library behind Node keep for themselves: two shares are enough.
  env: { MALLOC_ARENA_MAX: '2', ...process.env },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 128 : 1)));
