/** Beside each text that is built lies its Brotli form, so that the server sends less and computes nothing. */
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import type { Plugin } from 'vite';

export const compressed = (): Plugin => {
  let directory = '';
  return {
    name: 'compressed',
    apply: 'build',
    configResolved(config) {
      directory = config.build.outDir;
    },
    closeBundle() {
      for (const name of fs.readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|mjs|css|html|svg|json|webmanifest)$/.test(name)) continue;
        const file = path.join(directory, name);
        const bytes = fs.readFileSync(file);
        if (bytes.length > 1000) fs.writeFileSync(`${file}.br`, zlib.brotliCompressSync(bytes));
      }
    },
  };
};
