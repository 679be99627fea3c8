/** Who joins a matter later, and what was written down wrongly of somebody: sealed, masked and found by the new data. */
import { clash, json, sql, type Tx } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { Action, type PartyChanges, type PartyInput } from './actions.ts';
import { maskedOf, partyLookups, partyRow, refOf, sealParty, shownName } from './parties.ts';
import { append, type Doing, type Loop, type PartyWords } from './store.ts';
import { hex, type Lookup } from './writing.ts';

/** Two of a matter may have one telephone: it leads there once. */
const addLookups = (tx: Tx, county: string, matter: string, lookups: readonly Lookup[]) =>
  tx.run(sql`INSERT INTO matter_lookup SELECT * FROM json_populate_recordset(NULL::matter_lookup,
      ${JSON.stringify(lookups.map(({ hash, what, party }) => ({ county, hash: hex(hash), matter, what, party })))}) ON CONFLICT DO NOTHING`);

/** Adds somebody to a matter later: the other side, an agent, a witness. Sent again it is done once. */
export async function addParty(
  loop: Loop,
  doing: Doing,
  on: { county: string; id: string },
  given: { action: string; party: PartyInput; reason: string },
): Promise<void> {
  const { secrets } = loop;
  const { county, id } = on;
  const sealed = sealParty(secrets, given.party);
  const party = refOf(given.party, loop.directory());
  const action = Action.parse({ type: 'join', data: { party }, words: { text: given.reason } });
  await loop.db
    .write(doing.scope, async tx => {
      const acted = await append(tx, loop, doing, county, id, { id: given.action, action, named: given.party.name });
      if (acted.replayed) return;
      await Promise.all([
        tx.run(
          sql`INSERT INTO matter_party SELECT * FROM json_populate_record(NULL::matter_party, ${JSON.stringify(partyRow(county, id, sealed))})`,
        ),
        addLookups(tx, county, id, partyLookups(secrets, given.party)),
      ]);
    })
    .catch(clash('conflict'));
}

/**
 * Puts right what was written down of somebody: a mistyped phone, a name heard wrongly. What stood there before is gone with
 * its look-ups (the record says what was corrected and why, not the old data). Sent again it is done once.
 * @throws not_found, forbidden, conflict for one of our units, erased
 */
export async function correctParty(
  loop: Loop,
  doing: Doing,
  on: { county: string; id: string },
  given: { action: string; party: string; changes: PartyChanges; reason: string },
): Promise<void> {
  await loop.db.write(doing.scope, tx => correctPartyIn(tx, loop, doing, on, given));
}

/** The same within a transaction. */
export async function correctPartyIn(
  tx: Tx,
  loop: Loop,
  doing: Doing,
  { county, id }: { county: string; id: string },
  given: { action: string; party: string; changes: PartyChanges; reason: string },
): Promise<void> {
  const { secrets } = loop;
  const { party, changes } = given;
  const fields = (Object.keys(changes) as (keyof PartyChanges)[]).filter(field => changes[field] !== undefined);
  const action = Action.parse({
    type: 'amend',
    data: { party, fields, ...(changes.name !== undefined && { name: shownName(changes.name) }) },
    words: { text: given.reason },
  });
  const acted = await append(tx, loop, doing, county, id, {
    id: given.action,
    action,
    named: changes.name ?? undefined,
    asSent: given,
  });
  if (acted.replayed) return;
  const rows = await tx.many<{ id: string; words: Buffer; wrapped: Buffer; version: number }>(
    sql`SELECT id, words, wrapped, version FROM matter_party WHERE county = ${county} AND matter = ${id} AND wrapped IS NOT NULL FOR UPDATE`,
  );
  const row = rows.find(one => one.id === party);
  if (!row) throw new Failure('erased');
  const key = secrets.unwrap(row.wrapped, row.version);
  const old = secrets.open<PartyWords>(key, row.words);
  const fresh: PartyWords = { ...old };
  for (const field of fields) Object.assign(fresh, { [field]: changes[field] ?? undefined });
  // Of how to reach somebody without harm nothing is lost by saying one thing more.
  if (changes.safe) fresh.safe = { ...old.safe, ...changes.safe };
  await tx.run(
    sql`UPDATE matter_party SET words = ${secrets.seal(key, fresh)}, masked = ${json(maskedOf(fresh))} WHERE county = ${county} AND matter = ${id} AND id = ${party}`,
  );
  await tx.run(
    sql`DELETE FROM matter_lookup WHERE county = ${county} AND matter = ${id} AND party = ${party} AND what IN ('phone', 'identity')`,
  );
  // What stood there for this one may still be somebody else's.
  const all = rows.map(one => ({ ...(one === row ? fresh : secrets.openRow<PartyWords>(one)), id: one.id }));
  await addLookups(
    tx,
    county,
    id,
    all.flatMap(one => partyLookups(secrets, one)),
  );
}
