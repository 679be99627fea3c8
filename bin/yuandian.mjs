#!/usr/bin/env node
// The sources are TypeScript and want Node 24; whatever Node runs this file hands over to the pinned one.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
// A young generation of 4 MB: requests leave little behind, and the process stays half as large at the same speed.
const child = spawn(node, ['--max-semi-space-size=4', join(root, 'src', 'cli.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 128 : 1)));
