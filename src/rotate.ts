/** Key rotation: a new master key version, then every data key rewrapped. The data itself stays as it is. */
import type { House } from './house.ts';
import { sql, systemScope } from './kernel/db.ts';

/** Returns how many data keys were rewrapped. May be stopped and run again: what is rewrapped stays so. */
export async function rotateKeys(
  house: House,
  fresh: boolean,
  progress: (done: number) => void = () => {},
): Promise<{ version: number; rewrapped: number }> {
  const version = fresh ? house.secrets.addVersion() : house.secrets.version;
  let rewrapped = 0;
  for (;;) {
    const done = await house.db.write(systemScope, async tx => {
      const rows = await tx.many<{ county: string; id: string; wrapped: Buffer; version: number }>(
        sql`SELECT county, id, wrapped, version FROM matter_key WHERE version <> ${version} AND wrapped IS NOT NULL ORDER BY county, id LIMIT 1000 FOR UPDATE`,
      );
      await Promise.all(
        rows.map(row =>
          tx.run(
            sql`UPDATE matter_key SET wrapped = ${house.secrets.wrap(house.secrets.unwrap(row.wrapped, row.version))}, version = ${version} WHERE county = ${row.county} AND id = ${row.id}`,
          ),
        ),
      );
      return rows.length;
    });
    rewrapped += done;
    progress(rewrapped);
    if (!done) return { version, rewrapped };
  }
}
