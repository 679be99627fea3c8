/** Forward-only migrations, and the application role that bypasses nothing. Runs as the owner of the database. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { Failure } from './errors.ts';

const directory = path.join(import.meta.dirname, '..', '..', 'migrations');

/**
 * Brings the schema up to date, or as far as `last`; returns the names of the migrations that ran. Safe to call from
 * several processes.
 */
export async function migrate(ownerUrl: string, last?: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  const ran: string[] = [];
  try {
    const version = Number((await client.query('SHOW server_version_num')).rows[0].server_version_num);
    if (version < 150000) throw new Failure('postgres_too_old', { version: Math.floor(version / 10000) });
    await client.query('SELECT pg_advisory_lock(7091)');
    await client.query(
      'CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, hash text NOT NULL, at timestamptz NOT NULL)',
    );
    const done = new Map(
      (await client.query('SELECT name, hash FROM migration')).rows.map(row => [row.name, row.hash]),
    );
    for (const name of fs
      .readdirSync(directory)
      .filter(file => file.endsWith('.sql') && (last === undefined || file <= last))
      .sort()) {
      const text = fs.readFileSync(path.join(directory, name), 'utf8');
      const hash = createHash('sha256').update(text).digest('hex');
      if (done.has(name)) {
        if (done.get(name) !== hash) throw new Failure('migration_changed', { name });
        continue;
      }
      await client.query('BEGIN');
      await client.query(text);
      await client.query('INSERT INTO migration VALUES ($1, $2, $3)', [name, hash, new Date()]);
      await client.query('COMMIT');
      ran.push(name);
    }
  } finally {
    await client.end();
  }
  return ran;
}

/** Makes (or re-keys) this database's login role, a member of yuandian_rights, and returns its connection string. */
export async function appRole(ownerUrl: string, password: string): Promise<string> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const { rows } = await client.query('SELECT current_database() AS name');
    const role = `${rows[0].name}_app`.toLowerCase();
    const quoted = client.escapeIdentifier(role);
    try {
      await client.query('SELECT pg_advisory_lock(7091)');
      const exists = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
      const verb = exists.rowCount ? 'ALTER' : 'CREATE';
      await client.query(
        `${verb} ROLE ${quoted} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD ${client.escapeLiteral(password)}`,
      );
      await client.query(`GRANT yuandian_rights TO ${quoted}`);
      // Every statement is prepared and walks an index in order; planning each anew would cost more than running it.
      await client.query(
        `ALTER ROLE ${quoted} IN DATABASE ${client.escapeIdentifier(rows[0].name)} SET plan_cache_mode = force_generic_plan`,
      );
    } catch (error) {
      throw new Failure('role_not_creatable', { reason: (error as Error).message });
    }
    const url = new URL(ownerUrl);
    url.username = role;
    url.password = password;
    return url.toString();
  } finally {
    await client.end();
  }
}
