/** Registering: everything a new matter writes is computed first, then written in one transaction. */
import { sql, sqlState, uniqueViolation } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { random } from '../kernel/secrets.ts';
import type { RegisterInput, Registration } from './actions.ts';
import { dateOf } from './clocks.ts';
import { register } from './decide.ts';
import { externalHash, receiptHash } from './lookups.ts';
import { apply, type Border, isRefusal } from './matter.ts';
import { receiptCode } from './numbers.ts';
import { partyLookups, partyRow, refOf, sealParty } from './parties.ts';
import { may } from './policy.ts';
import { redact, titleOf } from './redact.ts';
import { actionRow, checkFields, contentOf, type Doing, type Loop, type MatterWords, relate } from './store.ts';
import { actionJson, addMatter, hex, insertNew, insertTogether, type Lookup, noRows, type Rows } from './writing.ts';

export type Registered = { county: string; id: string; number: string; receipt: string };
export type RegisterOptions = {
  stock?: boolean;
  importing?: { source: string; sourceId: string; content: Buffer };
  registeredAt?: number;
  /** The matter is the other side of one across a border. */
  border?: Border;
};

/** Everything a new matter writes, computed before the transaction opens. */
export async function prepareRegistration(
  loop: Loop,
  { actor, now }: Doing,
  input: RegisterInput,
  options: RegisterOptions = {},
) {
  const { secrets } = loop;
  const directory = loop.directory();
  const county = directory.countyOf(input.grid ?? input.region);
  const path = directory.path(input.grid ?? input.region);
  const centre = directory.centreOf(input.grid ?? input.region);
  if (!county || !centre) throw new Failure('invalid', { issues: `region: ${input.region}` });
  const fields = checkFields(loop, county, input.kind, input.fields, now);
  const against = input.kind === 'petition' && (fields as { purpose?: string }).purpose === 'against-official';
  const representatives = input.parties.filter(party => party.role === 'representative');
  if (representatives.length > 5) throw new Failure('too_many_representatives');

  const own = input.parties.flatMap(party => (party.unit && party.role !== 'witness' ? [party.unit] : []));
  const names = input.parties.flatMap(party => (party.name && !party.unit ? [party.name] : []));
  const parties = input.parties.map(party => refOf(party, directory));
  const registration: Registration = {
    number: await loop.numbers.take(county, Number(dateOf(now).slice(0, 4))),
    kind: input.kind,
    category: input.category,
    source: input.source,
    fields,
    centre,
    path,
    grid: input.grid,
    location: input.location,
    receivedAt: Math.min(input.receivedAt ?? now, now),
    registeredAt: options.registeredAt ?? now,
    stock: options.stock ?? false,
    sensitive: input.sensitive || against,
    excludedUnits: [...new Set([...input.excludedUnits, ...own])],
    excludedPeople: input.excludedPeople,
    parties,
    externals: input.externals,
    border: options.border ?? null,
  };
  const effects = register(county, input.id, registration, actor, now, directory.rules);
  if (isRefusal(effects)) throw new Failure(effects.code, effects.details);
  const title = input.title ?? titleOf(input.text);
  const receipt = receiptCode(random);
  const words: MatterWords = {
    title,
    text: input.text,
    ...(input.address && { address: input.address }),
    receipt,
    summary: redact(title, names),
    ...(input.receivedReason && { reason: input.receivedReason }),
  };
  const key = secrets.newKey();
  const lookups: Lookup[] = [
    { hash: receiptHash(secrets, receipt), what: 'receipt', party: null },
    ...input.externals.map(external => ({
      hash: externalHash(secrets, external.number),
      what: 'external' as const,
      party: null,
    })),
  ];
  const sealedParties = input.parties.map(party => {
    lookups.push(...partyLookups(secrets, party));
    return sealParty(secrets, party);
  });
  const matter = apply(undefined, effects);
  return { county, matter, effects, words, sealed: secrets.seal(key.key, words), key, sealedParties, lookups, receipt };
}

/** What of a registration tells a replay from another thing under the same id. */
export function registrationContent({ id: _i, action: _a, deviceAt: _d, ...content }: RegisterInput) {
  return content;
}

type Prepared = Awaited<ReturnType<typeof prepareRegistration>>;

/** Adds the rows of a prepared registration to what is about to be written. */
export function addRows(
  rows: Rows,
  loop: Loop,
  doing: Doing,
  input: RegisterInput,
  prepared: Prepared,
  { importing }: RegisterOptions = {},
): void {
  const { matter, effects, key, sealed, sealedParties, lookups, words } = prepared;
  const { county, id } = matter;
  const grant = may(doing.actor, 'register', undefined);
  const post = typeof grant === 'object' ? grant : undefined;
  const { deviceAt } = input;
  const action = {
    id: input.action,
    type: 'register',
    data: {},
    words: sealed,
    content: contentOf(loop.secrets, doing.actor, registrationContent(input)),
    deviceAt,
  };
  const row = actionRow(loop, matter, 1, undefined, action, effects, doing, post?.id ?? null, post?.unit ?? null);
  addMatter(rows, matter, words.summary, sealed, key, lookups);
  rows.matter_action.push(actionJson(row));
  rows.matter_party.push(...sealedParties.map(party => partyRow(county, id, party)));
  if (importing)
    rows.import_seen.push({
      county,
      source: importing.source,
      source_id: importing.sourceId,
      content: hex(importing.content),
      matter: id,
    });
}

/** Registers a matter. A replay by the same actor with the same content returns the first answer. */
export async function registerMatter(
  loop: Loop,
  doing: Doing,
  input: RegisterInput,
  options: RegisterOptions = {},
): Promise<Registered> {
  const prepared = await prepareRegistration(loop, doing, input, options);
  const { matter, receipt } = prepared;
  try {
    const rows = noRows();
    addRows(rows, loop, doing, input, prepared, options);
    if (!input.links.length) await insertTogether(loop.db, matter.id, rows);
    else
      await loop.db.write(
        doing.scope,
        async tx => {
          await insertNew(tx, rows);
          const self = { county: matter.county, matter: matter.id };
          for (const { matter: other, relation } of input.links) {
            const target = { county: matter.county, matter: other };
            await relate(tx, loop, doing, self, target, relation, input.action);
            await relate(tx, loop, doing, target, self, relation, input.action);
          }
        },
        [matter.id],
      );
  } catch (error) {
    if (sqlState(error) === uniqueViolation) return replayedRegistration(loop, doing, input, prepared.county);
    throw error;
  }
  return { county: prepared.county, id: matter.id, number: matter.number, receipt };
}

async function replayedRegistration(
  loop: Loop,
  doing: Doing,
  input: RegisterInput,
  county: string,
): Promise<Registered> {
  const rows = await loop.db.read<any>(
    doing.scope,
    sql`SELECT a.content, m.number, a.words, k.wrapped, k.version FROM matter_action a
        JOIN matter m ON m.county = a.county AND m.id = a.matter JOIN matter_key k ON k.county = a.county AND k.matter = a.matter
        WHERE a.county = ${county} AND a.id = ${input.action} AND a.matter = ${input.id} AND a.seq = 1 AND a.actor IS NOT DISTINCT FROM ${doing.actor.person}`,
  );
  const row = rows[0];
  if (!row || !row.content.equals(contentOf(loop.secrets, doing.actor, registrationContent(input))))
    throw new Failure('conflict');
  const words = row.wrapped ? loop.secrets.openRow<MatterWords>(row) : undefined;
  return { county, id: input.id, number: row.number, receipt: words?.receipt ?? '' };
}
