/** The people and organisations of a matter: masked for everybody who sees it, sealed under a key of each one's own. */
import { sql, type Tx } from '../kernel/db.ts';
import type { Secrets } from '../kernel/secrets.ts';
import type { Directory } from '../regions/directory.ts';
import type { PartyInput, PartyRef } from './actions.ts';
import { identityHash, normalIdentity, normalPhone, phoneHash } from './lookups.ts';
import { maskIdentity, maskName, maskPhone } from './redact.ts';
import type { PartyWords } from './store.ts';
import { hex, type Lookup } from './writing.ts';

export const shownName = (name: string | null | undefined): string => (name ? maskName(name) : '匿名');
/** A party as everybody who sees the matter sees it. */
export const refOf = ({ id, role, name, actsFor, unit, anonymous }: PartyInput, directory: Directory): PartyRef => ({
  id,
  role,
  name: unit ? (directory.units.get(unit)?.name ?? '') : shownName(anonymous ? null : name),
  ...(actsFor && { actsFor }),
  ...(unit && { unit }),
});

/** A party's words under a key of its own, with their masked form beside them. */
export function sealParty(secrets: Secrets, party: PartyInput) {
  const { id, name, phone, identity, address, safe } = party;
  const key = secrets.newKey();
  const clear: PartyWords = { name, phone, identity, address, safe };
  return { id, key, words: secrets.seal(key.key, clear), masked: maskedOf(clear) };
}
export const maskedOf = ({ phone, identity, safe }: PartyWords) => ({
  phone: phone ? maskPhone(normalPhone(phone)) : null,
  identity: identity ? maskIdentity(normalIdentity(identity)) : null,
  safe: Boolean(safe),
});
type SealedParty = ReturnType<typeof sealParty>;
export const partyRow = (county: string, matter: string, { id, words, masked, key }: SealedParty) => ({
  county,
  id,
  matter,
  words: hex(words),
  masked,
  wrapped: hex(key.wrapped),
  version: key.version,
});
export const partyLookups = (
  secrets: Secrets,
  { id, phone, identity }: Pick<PartyInput, 'id' | 'phone' | 'identity'>,
): Lookup[] => [
  ...(phone ? [{ hash: phoneHash(secrets, phone), what: 'phone' as const, party: id }] : []),
  ...(identity ? [{ hash: identityHash(secrets, identity), what: 'identity' as const, party: id }] : []),
];

type SealedRow = { matter: string; words: Buffer; wrapped: Buffer; version: number };
/** By matter, the clear names of its parties: they are struck out of what is shown to many. */
export async function partyNames(
  tx: Tx,
  matters: readonly { county: string; id: string }[],
  open: (row: SealedRow) => PartyWords | undefined,
): Promise<Map<string, string[]>> {
  const names = new Map<string, string[]>();
  const rows = await tx.many<SealedRow>(sql`SELECT p.matter, p.words, p.wrapped, p.version FROM matter_party p
    WHERE p.county = ANY (${[...new Set(matters.map(m => m.county))]}::text[]) AND p.matter = ANY (${matters.map(m => m.id)}::uuid[]) AND p.wrapped IS NOT NULL`);
  for (const row of rows) {
    const name = open(row)?.name;
    if (name) names.set(row.matter, [...(names.get(row.matter) ?? []), name]);
  }
  return names;
}
