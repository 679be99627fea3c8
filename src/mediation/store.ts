/** The register in the database; one mediation read whole; figures and the rows behind them. */
import type { House } from '../house.ts';
import { noScope, type Scope, sql, systemScope, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { confirmBy, missingOf, sumOf } from '../matters/agreement.ts';
import { dateOf } from '../matters/clocks.ts';
import { visible } from '../matters/filters.ts';
import type { Matter } from '../matters/matter.ts';
import type { Mediation } from '../matters/mediation.ts';
import { tell } from '../matters/notices.ts';
import { matterOf } from '../matters/rows.ts';
import { derivedId, type MatterWords, type PartyWords } from '../matters/store.ts';
import type { MediatorInput } from './contract.ts';
import { commonRates, commonStars, hintsOf, type Rates, type Stars, starsOf } from './register.ts';

export type MediatorRow = {
  county: string;
  id: string;
  committee: string;
  person: string | null;
  name: string;
  head: boolean;
  woman: boolean;
  full_time: boolean;
  civil_servant: boolean;
  profession: 'mediator' | 'lawyer' | 'counsellor' | 'notary' | 'policy' | 'legal-aid';
  specialities: string[];
  languages: string[];
  free: string;
  phone: string | null;
  certificate_until: string | null;
  photo: boolean;
  open: number;
  agreed: number;
  ended: number;
  filed: number;
};

/** The register of those in office alone, without anybody's figures: the sides' page asks for it every few seconds. */
export const registerOf = (house: House, counties: readonly string[]) =>
  house.db.read<
    Pick<MediatorRow, 'id' | 'committee' | 'name' | 'profession' | 'specialities' | 'languages' | 'free' | 'photo'>
  >(
    systemScope,
    sql`SELECT id, committee, name, profession, specialities, languages, free, photo IS NOT NULL AS photo
        FROM mediator WHERE county = ANY (${counties}::text[]) AND valid_to IS NULL ORDER BY committee, NOT head, name`,
  );

const year = 365 * 86_400_000;

/** Mediators in office, with what they have open and how the mediations of the last year ended. Counts of office work, in no one's scope. */
export const listMediators = (house: House, counties: readonly string[]): Promise<MediatorRow[]> =>
  house.db.read<MediatorRow>(
    systemScope,
    sql`WITH work AS (
        SELECT (x->>'mediator')::uuid AS mediator, m.open, m.mediation->>'outcome' AS outcome, m.mediation->'dossier' <> 'null' AS filed
        FROM matter m, jsonb_array_elements(m.mediation->'mediators') x
        WHERE m.county = ANY (${counties}::text[]) AND m.mediation IS NOT NULL AND m.received_at >= ${time(house.clock() - year)} AND x->>'state' = 'accepted')
      SELECT d.county, d.id, d.committee, d.person, d.name, d.head, d.woman, d.full_time, d.civil_servant, d.profession, d.specialities, d.languages,
        d.free, d.phone, d.certificate_until, d.photo IS NOT NULL AS photo,
        (SELECT count(*) FROM work w WHERE w.mediator = d.id AND w.outcome IS NULL AND w.open) AS open,
        (SELECT count(*) FROM work w WHERE w.mediator = d.id AND w.outcome = 'agreed') AS agreed,
        (SELECT count(*) FROM work w WHERE w.mediator = d.id AND w.outcome IS NOT NULL) AS ended,
        (SELECT count(*) FROM work w WHERE w.mediator = d.id AND w.outcome IS NOT NULL AND w.filed) AS filed
      FROM mediator d WHERE d.county = ANY (${counties}::text[]) AND d.valid_to IS NULL ORDER BY d.committee, NOT d.head, d.name`,
  );

export const starsFor = (house: House, county: string): Stars =>
  house.keeper.current.ownRule(county, 'dispute', 'stars', house.clock()) ?? commonStars;
export const ratesFor = (house: House, county: string): Rates =>
  house.keeper.current.ownRule(county, 'dispute', 'rates', house.clock()) ?? commonRates;

export async function listCommittees(house: House, counties: readonly string[]) {
  const rows = await house.db.read<any>(
    noScope,
    sql`SELECT c.unit, u.name, u.region, c.county, c.kind, c.line, c.mark, c.founded, c.term_ends FROM committee c JOIN unit u ON u.id = c.unit
        WHERE c.county = ANY (${counties}::text[]) AND u.valid_to IS NULL ORDER BY u.region, u.name`,
  );
  const mediators = Map.groupBy(await listMediators(house, counties), row => row.committee);
  const today = dateOf(house.clock());
  return rows.map(({ county, ...row }) => {
    const members = mediators.get(row.unit) ?? [];
    const sum = (of: (row: MediatorRow) => number) => members.reduce((total, one) => total + of(one), 0);
    const hints = hintsOf(
      row.kind,
      row.term_ends,
      members.map(m => ({ head: m.head, woman: m.woman, certificateUntil: m.certificate_until })),
      today,
    );
    const percent = (part: number) => (sum(m => m.ended) ? Math.round((part / sum(m => m.ended)) * 100) : 0);
    const table = starsFor(house, county);
    const { stars, lines } = starsOf(table, {
      members: members.length,
      mediated: sum(m => m.ended),
      agreedPercent: percent(sum(m => m.agreed)),
      filedPercent: percent(sum(m => m.filed)),
      hints: hints.length,
    });
    return { ...row, members: members.length, hints, stars, lines, starVersion: table.version };
  });
}

/** Enters a mediator, or changes what the register says of one. */
export async function putMediator(house: House, county: string, input: MediatorInput): Promise<void> {
  const person = input.login
    ? await house.db.readOne<{ id: string }>(noScope, sql`SELECT id FROM person WHERE login = ${input.login}`)
    : null;
  if (input.login && !person) throw new Failure('invalid', { issues: `login: ${input.login}` });
  const known = await house.db.readOne(
    noScope,
    sql`SELECT unit FROM committee WHERE unit = ${input.committee} AND county = ${county}`,
  );
  if (!known) throw new Failure('unit_unknown');
  await house.db.write(noScope, tx =>
    tx.run(sql`INSERT INTO mediator (county, id, committee, person, name, head, woman, full_time, civil_servant, profession, specialities, languages, free, phone, certificate_until, valid_from)
      VALUES (${county}, ${input.id}, ${input.committee}, ${person?.id ?? null}, ${input.name}, ${input.head}, ${input.woman}, ${input.fullTime}, ${input.civilServant},
        ${input.profession}, ${input.specialities}, ${input.languages}, ${input.free}, ${input.phone}, ${input.certificateUntil}, ${dateOf(house.clock())})
      ON CONFLICT (county, id) DO UPDATE SET committee = excluded.committee, person = excluded.person, name = excluded.name, head = excluded.head, woman = excluded.woman,
        full_time = excluded.full_time, civil_servant = excluded.civil_servant, profession = excluded.profession, specialities = excluded.specialities,
        languages = excluded.languages, free = excluded.free, phone = excluded.phone, certificate_until = excluded.certificate_until`),
  );
}

/** A month before a certificate or a committee's term runs out, its centre is told, once, however often this is called. */
export async function writeRegisterReminders(house: House, now: number): Promise<number> {
  const [today, soon] = [dateOf(now), dateOf(now + 30 * 86_400_000)];
  const rows = await house.db.read<{
    county: string;
    unit: string;
    id: string;
    what: string;
    until: string;
  }>(
    noScope,
    sql`SELECT d.county, coalesce(u.above, u.id) AS unit, d.id, 'certificate-ends' AS what, d.certificate_until AS until FROM mediator d JOIN unit u ON u.id = d.committee
        WHERE d.valid_to IS NULL AND d.certificate_until BETWEEN ${today} AND ${soon}
      UNION ALL SELECT c.county, coalesce(u.above, u.id), c.unit, 'term-ends', c.term_ends FROM committee c JOIN unit u ON u.id = c.unit
        WHERE u.valid_to IS NULL AND c.term_ends BETWEEN ${today} AND ${soon}`,
  );
  if (rows.length)
    await house.db.write(systemScope, tx =>
      tell(
        tx,
        rows.map(({ county, unit, id, what, until }) => ({
          county,
          id: derivedId(house.loop, what, id, until),
          unit,
          matter: null,
          what,
          at: now,
          data: { of: id, until },
        })),
      ),
    );
  return rows.length;
}

export type Minute = {
  line: string;
  sitting: number;
  kind: string;
  party: string | null;
  version: number;
  text: string;
  by: string | null;
  at: number;
};
export type ReadMediation = {
  matter: Matter & { mediation: Mediation };
  words: MatterWords;
  parties: Map<string, PartyWords>;
  minutes: Minute[];
  agreement: { text: string; clauses: string[] } | null;
  /** Everything done, with its words. */
  done: { type: string; at: number; by: string | null; data: any; words: any }[];
};

/** A mediation with its words in clear, for those who see the matter; the caller puts on record that it was read. */
export async function readMediation(house: House, scope: Scope, county: string, id: string): Promise<ReadMediation> {
  const [rows, actions, keys, parties] = (await house.db.reads(
    scope,
    sql`SELECT m.* FROM matter m WHERE m.county = ${county} AND m.id = ${id} ${scope.system ? sql`` : sql`AND ${visible(scope)}`}`,
    sql`SELECT a.type, a.at, p.name AS by, a.data, a.words FROM matter_action a LEFT JOIN person p ON p.id = a.actor WHERE a.county = ${county} AND a.matter = ${id} ORDER BY a.seq`,
    sql`SELECT wrapped, version FROM matter_key WHERE county = ${county} AND matter = ${id}`,
    sql`SELECT id, words, wrapped, version FROM matter_party WHERE county = ${county} AND matter = ${id}`,
  )) as [any[], any[], any[], any[]];
  const matter: Matter | undefined = rows[0] && matterOf(rows[0]);
  if (!matter) throw new Failure('not_found');
  if (!matter.mediation) throw new Failure('no_mediation');
  if (!keys[0]?.wrapped) throw new Failure('erased');
  const key = house.secrets.unwrap(keys[0].wrapped, keys[0].version);
  const done = actions.map(row => ({
    type: row.type,
    at: row.at,
    by: row.by,
    data: row.data,
    words: row.words ? house.secrets.open<any>(key, row.words) : {},
  }));
  const begun = done.findLastIndex(one => one.type === 'mediate');
  const ours = done.slice(begun);
  const minutes = matter.mediation.minutes.map(line => {
    const last = ours.findLast(one => one.type === 'minute' && one.data.line === line.line);
    return { ...line, text: String(last?.words.text ?? ''), by: last?.by ?? null, at: last?.at ?? 0 };
  });
  const written = matter.mediation.agreement && ours.findLast(one => one.type === 'writeAgreement');
  return {
    matter: matter as ReadMediation['matter'],
    words: house.secrets.open<MatterWords>(key, rows[0].words),
    parties: new Map(
      parties.filter(row => row.wrapped).map(row => [row.id, house.secrets.openRow<PartyWords>(row)] as const),
    ),
    minutes,
    agreement: written ? { text: written.words.text, clauses: written.words.clauses } : null,
    done,
  };
}

/** What is still missing, by when a court may be asked, and which: the one that sent it, else of the place. */
export function standingOf(house: House, { matter }: Pick<ReadMediation, 'matter'>) {
  const { mediation } = matter;
  const directory = house.keeper.current;
  const sides = mediation.sides.map(side => side.party);
  const invited = matter.docks.find(dock => dock.way === 'in' && dock.body === 'court');
  const local = [...directory.units.values()].filter(
    unit => unit.kind === 'court' && unit.county === matter.county && !unit.valid_to,
  );
  return {
    missing: mediation.agreement ? missingOf(mediation.agreement, sides) : [],
    confirmBy: mediation.agreement?.inForceAt ? confirmBy(mediation.agreement.inForceAt, directory.calendar).at : null,
    courts: [
      ...(invited ? [{ name: invited.name, ground: 'invited' as const }] : []),
      ...local
        .filter(unit => unit.name !== invited?.name)
        .map(unit => ({ name: unit.name, ground: 'domicile' as const })),
    ],
  };
}

export type MediationRow = {
  county: string;
  id: string;
  number: string;
  summary: string | null;
  at: number;
  category: string | null;
  basis: string;
  referred: string | null;
  outcome: Mediation['outcome'];
  fen: number;
  paid: number;
  confirmed: number;
  dossier: string | null;
};
export type MediationFilter = { from: number; to: number; category?: string; basis?: string; outcome?: string };

/** Mediations begun in a span, in the asker's scope: figures and ledger are sums and rows of this one list. */
export async function listMediations(
  house: House,
  scope: Scope,
  counties: readonly string[],
  { from, to, category, basis, outcome }: MediationFilter,
): Promise<MediationRow[]> {
  const rows = await house.db.read<Omit<MediationRow, keyof Mediation> & { mediation: Mediation }>(
    scope,
    sql`SELECT m.county, m.id, m.number, m.summary, m.category, m.mediation FROM matter m
      WHERE m.county = ANY (${counties}::text[]) AND m.mediation IS NOT NULL AND (m.mediation->>'at')::float8 >= ${from} AND (m.mediation->>'at')::float8 < ${to}
        AND ${visible(scope)} ORDER BY m.received_at DESC, m.id`,
  );
  return rows
    .map(({ mediation, ...row }) => ({
      ...row,
      at: mediation.at,
      basis: mediation.basis,
      referred: mediation.referredBy,
      outcome: mediation.outcome,
      fen: mediation.outcome === 'agreed' ? sumOf(mediation.agreement!.clauses) : 0,
      paid: mediation.payments.reduce((sum, payment) => sum + payment.fen, 0),
      confirmed: mediation.confirmation?.result === 'confirmed' ? 1 : 0,
      dossier: mediation.dossier?.number ?? null,
    }))
    .filter(
      row =>
        (category === undefined || row.category === category) &&
        (basis === undefined || row.basis === basis) &&
        (outcome === undefined || (row.outcome ?? 'open') === outcome),
    );
}

/** By type, source and result: numbers, sums agreed and paid, confirmations. */
export function figuresOf(rows: readonly MediationRow[]) {
  const groups = Map.groupBy(rows, row => JSON.stringify([row.category, row.basis, row.referred, row.outcome]));
  return [...groups.values()].map(group => {
    const { category, basis, referred, outcome } = group[0]!;
    const sum = (of: (row: MediationRow) => number) => group.reduce((total, row) => total + of(row), 0);
    const n = group.length;
    return {
      category,
      basis,
      referred,
      outcome,
      n,
      fen: sum(r => r.fen),
      paid: sum(r => r.paid),
      confirmed: sum(r => r.confirmed),
    };
  });
}
