/**
 * Backup and restore of the embedded database while it runs: a base backup by pg_backup_start/stop with the log it
 * needs, and the files of matters. Master keys are left out unless asked for: keys and data belong in two places.
 */
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import type { House } from './house.ts';
import { sql, systemScope } from './kernel/db.ts';
import { Failure } from './kernel/errors.ts';
import type { EmbeddedPostgres } from './kernel/postgres.ts';

export type BackupResult = { directory: string; matters: number; actions: number; bytes: number; withKeys: boolean };

/** Directories of a cluster that a backup holds empty: PostgreSQL fills them when it starts. */
const emptied = [
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
];
const excluded = new Set([...emptied, 'postmaster.pid', 'postmaster.opts', 'pgsql_tmp']);

function empty(directory: string): boolean {
  return !fs.existsSync(directory) || fs.readdirSync(directory).length === 0;
}

export async function backup(
  house: House,
  postgres: EmbeddedPostgres,
  target: string,
  withKeys: boolean,
): Promise<BackupResult> {
  if (!empty(target)) throw new Failure('restore_not_empty', { directory: target });
  const cluster = path.join(target, 'postgres');
  fs.mkdirSync(cluster, { recursive: true, mode: 0o700 });
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const slot = `yuandian_backup_${process.pid}`;
  try {
    // The slot keeps the log from the start of the backup until it is copied.
    await client.query('SELECT pg_create_physical_replication_slot($1, true)', [slot]);
    await client.query('SELECT pg_backup_start($1, true)', ['yuandian']);
    fs.cpSync(postgres.dataDirectory, cluster, {
      recursive: true,
      // Neither what the next start makes anew, nor the socket clients come by.
      filter: source => !excluded.has(path.basename(source)) && !path.basename(source).startsWith('.s.PGSQL.'),
    });
    const { rows } = await client.query('SELECT labelfile, spcmapfile FROM pg_backup_stop()');
    fs.writeFileSync(path.join(cluster, 'backup_label'), rows[0].labelfile);
    for (const name of emptied) fs.mkdirSync(path.join(cluster, name), { mode: 0o700 });
    const log = path.join(postgres.dataDirectory, 'pg_wal');
    for (const name of fs.readdirSync(log))
      if (/^[0-9A-F]{24}$/.test(name)) fs.copyFileSync(path.join(log, name), path.join(cluster, 'pg_wal', name));
  } finally {
    await client.query('SELECT pg_drop_replication_slot($1)', [slot]).catch(() => {});
    await client.end();
  }
  for (const name of ['files', 'templates', 'postgres.password', ...(withKeys ? ['secrets'] : [])]) {
    const from = path.join(house.data, name);
    if (fs.existsSync(from)) fs.cpSync(from, path.join(target, name), { recursive: true });
  }
  const [matters, actions] = await house.db.reads(
    systemScope,
    sql`SELECT count(*) AS n FROM matter`,
    sql`SELECT count(*) AS n FROM matter_action`,
  );
  const result = { directory: target, matters: matters![0].n, actions: actions![0].n, bytes: sizeOf(target), withKeys };
  fs.writeFileSync(
    path.join(target, 'backup.json'),
    JSON.stringify({ ...result, at: new Date().toISOString() }, null, 2),
  );
  return result;
}

function sizeOf(directory: string): number {
  let bytes = 0;
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const at = path.join(directory, entry.name);
    bytes += entry.isDirectory() ? sizeOf(at) : fs.statSync(at).size;
  }
  return bytes;
}

/** Lays a backup into an empty data directory. The next start replays the log and is consistent. */
export function restore(from: string, data: string, keys: string | undefined): void {
  if (!fs.existsSync(path.join(from, 'backup.json')))
    throw new Failure('import_unreadable', { reason: `${from}: backup.json` });
  if (!empty(data)) throw new Failure('restore_not_empty', { directory: data });
  const secrets = keys ?? path.join(from, 'secrets', 'keys.json');
  if (!fs.existsSync(secrets)) throw new Failure('key_missing', { version: 'secrets/keys.json' });
  fs.mkdirSync(path.join(data, 'secrets'), { recursive: true, mode: 0o700 });
  fs.chmodSync(data, 0o755);
  fs.copyFileSync(secrets, path.join(data, 'secrets', 'keys.json'));
  for (const name of ['files', 'templates', 'postgres.password', 'postgres']) {
    const source = path.join(from, name);
    if (fs.existsSync(source)) fs.cpSync(source, path.join(data, name), { recursive: true });
  }
  fs.chmodSync(path.join(data, 'postgres'), 0o700);
}
