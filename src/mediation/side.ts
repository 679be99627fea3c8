/**
 * A side of a mediation on its own phone, through the link it was given: it sees its own part and what both sides share,
 * and nothing else of the matter. Whoever holds the link acts for that side alone.
 */
import { randomBytes } from 'node:crypto';
import type { House } from '../house.ts';
import { sql, systemScope } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { sumOf } from '../matters/agreement.ts';
import { sideHash } from '../matters/lookups.ts';
import { sidesOf } from '../matters/mediation.ts';
import type { Doing } from '../matters/store.ts';
import { hex } from '../matters/writing.ts';
import { readMediation, registerOf } from './store.ts';

const month = 30 * 86_400_000;
export type Joined = { county: string; matter: string; party: string; doing: Doing };

/** A new link for a side; the one before stops working. */
export async function makeLink(house: House, county: string, matter: string, party: string): Promise<string> {
  const token = randomBytes(24).toString('base64url');
  await house.db.write(systemScope, async tx => {
    await tx.run(
      sql`DELETE FROM matter_lookup WHERE county = ${county} AND matter = ${matter} AND what = 'side' AND party = ${party}`,
    );
    await tx.run(
      sql`INSERT INTO matter_lookup (county, hash, matter, what, party) VALUES (${county}, ${hex(sideHash(house.secrets, token))}, ${matter}, 'side', ${party})`,
    );
  });
  return token;
}

export const linkedSides = async (house: House, county: string, matter: string): Promise<Set<string>> =>
  new Set(
    (
      await house.db.read<{ party: string }>(
        systemScope,
        sql`SELECT party FROM matter_lookup WHERE county = ${county} AND matter = ${matter} AND what = 'side'`,
      )
    ).map(row => row.party),
  );

/** Whom a link stands for, while the mediation runs and for a month after; the same refusal for every other case. */
export async function join(house: House, token: unknown): Promise<Joined> {
  if (typeof token !== 'string' || !/^[\w-]{32}$/.test(token)) throw new Failure('not_found');
  const row = await house.db.readOne<any>(
    systemScope,
    sql`SELECT l.county, l.matter, l.party, m.mediation, m.open FROM matter_lookup l JOIN matter m ON m.county = l.county AND m.id = l.matter
        WHERE l.county = ANY (${[...house.keeper.current.counties.keys()]}::text[]) AND l.hash = ${hex(sideHash(house.secrets, token))} AND l.what = 'side'`,
  );
  const now = house.clock();
  const running = row?.mediation && (row.mediation.endedAt === null ? row.open : now < row.mediation.endedAt + month);
  if (!running || !row.mediation.sides.some((side: { party: string }) => side.party === row.party))
    throw new Failure('not_found');
  const { county, matter, party } = row;
  const actor = { person: null, posts: [], side: { matter, party } };
  return { county, matter, party, doing: { actor, scope: systemScope, now } };
}

/** What a side sees. */
export async function sideView(house: House, { county, matter: id, party }: Joined) {
  const { matter, parties, agreement: words } = await readMediation(house, systemScope, county, id);
  const { mediation } = matter;
  const names = new Map(
    sidesOf(matter.parties).map(side => [side.id, { name: parties.get(side.id)?.name ?? side.name, role: side.role }]),
  );
  const directory = house.keeper.current;
  const unitName = (unit: string) => directory.units.get(unit)?.name ?? '';
  const register = await registerOf(house, [county]);
  const nameOf = new Map(register.map(one => [one.id, one.name]));
  const me = mediation.sides.find(side => side.party === party)!;
  const { agreement } = mediation;
  return {
    number: matter.number,
    committee: unitName(mediation.committee),
    me: { party, ...(names.get(party) ?? { name: '', role: '' }) },
    other: [...names].filter(([one]) => one !== party).map(([, side]) => side),
    consents: me.consents,
    rightsAt: me.rightsAt,
    choice: me.choice,
    directory: register.map(one => ({
      id: one.id,
      name: one.name,
      committee: unitName(one.committee),
      profession: one.profession,
      specialities: one.specialities,
      languages: one.languages,
      free: one.free,
      photo: one.photo,
    })),
    mediators: mediation.mediators.map(one => ({
      id: one.mediator,
      name: nameOf.get(one.mediator) ?? '',
      state: one.state,
      interest: one.interest,
    })),
    sittings: mediation.sittings.map(({ at, way, room, state }) => ({ at, way, room, state })),
    agreement: agreement &&
      words && {
        ...words,
        hash: agreement.hash,
        form: agreement.form,
        signed: agreement.signatures.some(({ signer }) => signer.as === 'side' && signer.party === party),
        inForceAt: agreement.inForceAt,
        total: sumOf(agreement.clauses),
        instalments: agreement.clauses.flatMap((clause, c) =>
          clause.kind === 'pay'
            ? clause.instalments.map((one, i) => ({
                clause: c,
                from: names.get(clause.from)?.name ?? '',
                to: names.get(clause.to)?.name ?? '',
                due: one.due,
                fen: one.fen,
                paid: mediation.payments.reduce(
                  (sum, p) => sum + (p.clause === c && p.instalment === i ? p.fen : 0),
                  0,
                ),
              }))
            : [],
        ),
      },
    outcome: mediation.outcome,
  };
}
