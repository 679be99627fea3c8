/** Key rotation: a new master key version, then every data key rewrapped. The data itself stays as it is. */
import type { House } from './house.ts';
import { sql, systemScope } from './kernel/db.ts';

/** Every table whose rows carry a wrapped data key. */
const keyed = ['matter_key', 'entry', 'team_member', 'listing', 'footage_request', 'held_item'] as const;

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
  return { version, rewrapped };
}
