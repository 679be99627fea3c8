/** Key rotation: a new master key version, then everything under the old one rewrapped. The data itself stays as it is. */
import type { House } from './house.ts';
import { sql, systemScope } from './kernel/db.ts';

/** The data key that each row of a table carries. */
const wrapped = (table: string, keys = ['county', 'id']) => [table, 'wrapped', 'version', keys] as const;
/** What lies under the master key: tables with the column, that of its version, and the primary key of its rows. */
const underMaster = [
  wrapped('matter_key', ['county', 'matter']),
  wrapped('matter_party', ['county', 'matter', 'id']),
  ...['entry', 'team_member', 'listing', 'footage_request', 'held_item'].map(table => wrapped(table)),
  ...['wish_offer', 'booking', 'review', 'call'].map(table => wrapped(table)),
  // Short texts sealed under the master key itself.
  ['channel', 'secret', 'version', ['county', 'name']],
  ['message_out', 'sealed', 'version', ['county', 'id']],
  ['webhook', 'secret', 'version', ['county', 'id']],
  ['person_address', 'sealed', 'version', ['person', 'channel']],
  ['person', 'totp', 'totp_version', ['id']],
] as const;

/** Returns how much was rewrapped. May be stopped and run again: what is rewrapped stays so. */
export async function rotateKeys(
  house: House,
  fresh: boolean,
  progress: (done: number) => void = () => {},
): Promise<{ version: number; rewrapped: number }> {
  const { secrets } = house;
  const version = fresh ? secrets.addVersion() : secrets.version;
  let rewrapped = 0;
  for (const [name, column, at, keys] of underMaster) {
    const [table, text, which] = [sql.table(name), sql.ref(column), sql.ref(at)];
    const id = sql.join(keys.map(key => sql.ref(key)));
    // Walked once in the order of its key: what is rewrapped already is not read again for every thousand.
    for (let last: Record<string, any> | undefined, done = 1; done; ) {
      done = await house.db.write(systemScope, async tx => {
        const on = last ? sql`AND (${id}) > (${sql.join(keys.map(key => last![key]))})` : sql``;
        const rows = await tx.many<Record<string, any>>(
          sql`SELECT ${id}, ${text} AS sealed, ${which} AS version FROM ${table} WHERE ${which} <> ${version} AND ${text} IS NOT NULL ${on} ORDER BY ${id} LIMIT 1000 FOR UPDATE`,
        );
        last = rows.at(-1);
        await Promise.all(
          rows.map(row => {
            const mine = sql.join(
              keys.map(key => sql`${sql.ref(key)} = ${row[key]}`),
              sql` AND `,
            );
            const again = secrets.wrap(secrets.unwrap(row.sealed, row.version));
            return tx.run(sql`UPDATE ${table} SET ${text} = ${again}, ${which} = ${version} WHERE ${mine}`);
          }),
        );
        return rows.length;
      });
      rewrapped += done;
      progress(rewrapped);
    }
  }
  return { version, rewrapped };
}
