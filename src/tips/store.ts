/** Handing in and looking after a tip-off, from outside: known by the hash of its receipt and by nothing else. */
import type { House } from '../house.ts';
import { noScope, sql } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { dateOf } from '../matters/clocks.ts';

/** Tip-offs: the house sees ciphertext, a day and a hash. Nothing is written to the audit: not even that there was one. */
export async function handInTip(
  house: House,
  county: string,
  given: { id: string; unit: string; n: number; sealed: string; code: string },
): Promise<void> {
  const organ = await house.db.readOne(
    noScope,
    sql`SELECT 1 FROM tip_organ WHERE county = ${county} AND unit = ${given.unit} AND n = ${given.n} AND ended_at IS NULL`,
  );
  if (!organ) throw new Failure('not_found');
  const sealed = Buffer.from(given.sealed, 'base64');
  await house.db.write(noScope, async tx => {
    await tx.run(sql`SELECT set_config('yd.tip', ${given.code}, true)`);
    await tx.run(sql`INSERT INTO tip (county, id, unit, n, sealed, code, day, state)
      VALUES (${county}, ${given.id}, ${given.unit}, ${given.n}, ${sealed}, ${Buffer.from(given.code, 'hex')}, ${dateOf(house.clock())}, 'new') ON CONFLICT DO NOTHING`);
    const mine = await tx.one<{ sealed: Buffer }>(
      sql`SELECT sealed FROM tip WHERE county = ${county} AND id = ${given.id}`,
    );
    if (!mine?.sealed.equals(sealed)) throw new Failure('conflict');
  });
}

export const lookTip = (house: House, county: string, code: string) =>
  house.db.write(noScope, async tx => {
    await tx.run(sql`SELECT set_config('yd.tip', ${code}, true)`);
    const row = await tx.one<{ state: string; day: string; replies: string[] }>(
      sql`SELECT state, day, replies FROM tip WHERE county = ${county} AND code = ${Buffer.from(code, 'hex')}`,
    );
    if (!row) throw new Failure('not_found');
    return row;
  });
