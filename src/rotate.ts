/** Key rotation: a new master key version, then every data key rewrapped. The data itself stays as it is. */
import type { House } from './house.ts';
import { sql, systemScope } from './kernel/db.ts';

/** Every table whose rows carry a wrapped data key. */
const keyed = [
  'matter_key',
  'entry',
  'team_member',
  'listing',
  'footage_request',
  'held_item',
  'wish_offer',
  'booking',
  'review',
  'call',
] as const;

/** Tables that seal a short text under the master key itself: each with its columns and the rows that hold one. */
const sealed = [
  ['channel', 'secret', 'version', ['county', 'name']],
  ['message_out', 'sealed', 'version', ['county', 'id']],
  ['webhook', 'secret', 'version', ['county', 'id']],
  ['person_address', 'sealed', 'version', ['person', 'channel']],
  ['person', 'totp', 'totp_version', ['id']],
] as const;

/** Returns how many data keys were rewrapped. May be stopped and run again: what is rewrapped stays so. */
export async function rotateKeys(
  house: House,
  fresh: boolean,
  progress: (done: number) => void = () => {},
): Promise<{ version: number; rewrapped: number }> {
  const version = fresh ? house.secrets.addVersion() : house.secrets.version;
  let rewrapped = 0;
  for (const name of keyed) {
    const table = sql.table(name);
    for (let done = 1; done; ) {
      done = await house.db.write(systemScope, async tx => {
        const rows = await tx.many<{ county: string; id: string; wrapped: Buffer; version: number }>(
          sql`SELECT county, id, wrapped, version FROM ${table} WHERE version <> ${version} AND wrapped IS NOT NULL ORDER BY county, id LIMIT 1000 FOR UPDATE`,
        );
        await Promise.all(
          rows.map(row =>
            tx.run(
              sql`UPDATE ${table} SET wrapped = ${house.secrets.wrap(house.secrets.unwrap(row.wrapped, row.version))}, version = ${version} WHERE county = ${row.county} AND id = ${row.id} AND version = ${row.version}`,
            ),
          ),
        );
        return rows.length;
      });
      rewrapped += done;
      progress(rewrapped);
    }
  }
  for (const [name, column, at, keys] of sealed) {
    const [table, text, which] = [sql.table(name), sql.ref(column), sql.ref(at)];
    const id = sql.join(keys.map(key => sql.ref(key)));
    for (let done = 1; done; ) {
      done = await house.db.write(systemScope, async tx => {
        const rows = await tx.many<Record<string, any>>(
          sql`SELECT ${id}, ${text} AS sealed, ${which} AS version FROM ${table} WHERE ${which} <> ${version} AND ${text} IS NOT NULL LIMIT 1000 FOR UPDATE`,
        );
        for (const row of rows) {
          const mine = sql.join(
            keys.map(key => sql`${sql.ref(key)} = ${row[key]}`),
            sql` AND `,
          );
          const fresh = house.secrets.wrap(house.secrets.unwrap(row.sealed, row.version));
          await tx.run(sql`UPDATE ${table} SET ${text} = ${fresh}, ${which} = ${version} WHERE ${mine}`);
        }
        return rows.length;
      });
      rewrapped += done;
      progress(rewrapped);
    }
  }
  return { version, rewrapped };
}
