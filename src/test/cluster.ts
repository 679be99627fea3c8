/** One PostgreSQL for a test run: the embedded one, or the server TEST_DATABASE_URL names. Each test file makes its own databases. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../kernel/postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    clusterUrl: string;
  }
}

export default async function setup(project: TestProject) {
  const given = process.env.TEST_DATABASE_URL;
  if (given) {
    project.provide('clusterUrl', given);
    return;
  }
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'yuandian-test-'));
  fs.chmodSync(data, 0o755);
  // Losing the cluster of a test run costs nothing; the crash tests start clusters of their own with everything on.
  const postgres = await startEmbedded(data, {
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
  });
  project.provide('clusterUrl', postgres.url);
  return async () => {
    await postgres.stop();
    fs.rmSync(data, { recursive: true, force: true });
    const link = path.join(data, 'postgres');
    if (fs.existsSync(link)) fs.rmSync(link, { recursive: true, force: true });
  };
}
