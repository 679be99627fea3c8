/** The embedded PostgreSQL across a stop and a start. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { startEmbedded } from './postgres.ts';

test('what lay in memory before a stop lies there again after the start, before anybody asks for it', async () => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'yuandian-warm-'));
  fs.chmodSync(data, 0o755);
  let running = await startEmbedded(data);
  onTestFinished(async () => {
    await running.stop();
    fs.rmSync(data, { recursive: true });
  });
  const asked = async (...texts: string[]) => {
    const client = new pg.Client({ connectionString: running.url });
    await client.connect();
    let rows: any[] = [];
    for (const text of texts) ({ rows } = await client.query(text));
    await client.end();
    return rows;
  };
  const inMemory = `SELECT count(*)::int AS n FROM pg_buffercache WHERE relfilenode = pg_relation_filenode('page')`;
  const [before] = await asked(
    'CREATE EXTENSION pg_buffercache',
    `CREATE TABLE page AS SELECT n FROM generate_series(1, 50000) n`,
    inMemory,
  );
  expect(before.n).toBeGreaterThan(50);
  await running.stop();
  running = await startEmbedded(data);
  await expect.poll(async () => (await asked(inMemory))[0].n, { timeout: 10_000 }).toBe(before.n);
});
