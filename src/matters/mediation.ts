/**
 * 人民调解 (M2, M4–M7): while a dispute is handled, from the sides' consent to an agreement in force or an honest end, and
 * afterwards its performance, confirmation and dossier. Pure.
 */
import type { Refusal } from '../kernel/errors.ts';
import type { PartyRef } from './actions.ts';
import {
  type Agreement,
  inForceAt,
  notConfirmable,
  owedOf,
  type Payment,
  sameSigner,
  wrongMoney,
} from './agreement.ts';
import { type Effect, type Matter, states } from './matter.ts';
import type { MinuteKind, Outcome } from './mediation-codes.ts';
import type { Actor } from './policy.ts';
import { rework, type Steps } from './steps.ts';

/** One side of the quarrel: whether it consents, when it was told its rights, and whom it would choose. */
export type Side = { party: string; consents: boolean | null; rightsAt: number | null; choice: string[] };
export type Appointment = {
  /** In the register of mediators. */
  mediator: string;
  how: 'chosen' | 'assigned';
  state: 'asked' | 'accepted' | 'declined' | 'recused';
  /** Has disclosed an interest in it. */
  interest: boolean;
  at: number;
};
export type Sitting = {
  n: number;
  at: number;
  /** Minutes it is planned to last. */
  lasts: number;
  way: 'room' | 'home' | 'video';
  room: string | null;
  /** Not open to the public (调解法 23). */
  closed: boolean;
  state: 'planned' | 'held' | 'adjourned' | 'cancelled';
};
/** A line of the minutes as it stands: what it says is with the action that wrote its last version. */
export type MinuteLine = { line: string; sitting: number; kind: MinuteKind; party: string | null; version: number };
export type Mediation = {
  /** First, second … of this matter. */
  n: number;
  basis: 'application' | 'own' | 'referred';
  referredBy: string | null;
  committee: string;
  at: number;
  sides: Side[];
  mediators: Appointment[];
  sittings: Sitting[];
  minutes: MinuteLine[];
  agreement: Agreement | null;
  outcome: Outcome | null;
  endedAt: number | null;
  payments: Payment[];
  breaches: { clause: number; instalment: number; next: 'mediation' | 'court' | 'enforcement'; at: number }[];
  confirmation: {
    court: string;
    at: number;
    result: 'confirmed' | 'refused' | 'withdrawn' | null;
    number: string | null;
    decidedAt: number | null;
  } | null;
  dossier: Dossier | null;
};
export type Dossier = {
  number: string;
  /** Of the file as it was filed. */
  hash: string;
  file: string;
  pages: number;
  at: number;
  /** Until which year it is kept; null: for good. */
  keepUntil: number | null;
  open: boolean;
};

/** The people on both sides, not those who speak for them. */
export const sidesOf = (parties: readonly PartyRef[]) =>
  parties.filter(party => (party.role === 'applicant' || party.role === 'respondent') && !party.actsFor);

/** Who joins a quarrel while it is mediated becomes a side that has still to consent; nobody joins an agreement in force. */
export function withSide(m: Matter, party: PartyRef): Mediation | Refusal | undefined {
  if (!running(m) || !sidesOf([party]).length) return undefined;
  if (m.mediation.agreement?.inForceAt) return { code: 'agreement_in_force' };
  return {
    ...m.mediation,
    sides: [...m.mediation.sides, { party: party.id, consents: null, rightsAt: null, choice: [] }],
  };
}

/** Those who really mediate it. */
export const sittingMediators = (mediation: Mediation) =>
  mediation.mediators.filter(one => one.state === 'accepted').map(one => one.mediator);

type Running = Matter & { mediation: Mediation };
const running = (m: Matter): m is Running => m.mediation !== null && m.mediation.outcome === null;
const over = (m: Matter): m is Running => m.mediation !== null && m.mediation.outcome !== null;
const none: Refusal = { code: 'no_mediation' };
const change = (m: Running, set: Partial<Mediation>): Effect[] => [{ set: { mediation: { ...m.mediation, ...set } } }];
const changeSide = (m: Running, party: string, set: Partial<Side>): Effect[] =>
  change(m, { sides: m.mediation.sides.map(side => (side.party === party ? { ...side, ...set } : side)) });
const isSide = (m: Running, party: string) => m.mediation.sides.some(side => side.party === party);
/** A side speaks for itself only. */
const speaksFor = (actor: Actor, party: string) => !actor.side || actor.side.party === party;
const notYours: Refusal = { code: 'not_your_side' };

/** Why a matter cannot be reported: it is being mediated; or it is called resolved though no agreement came of it. */
export function waitsForMediation(m: Matter, result: string): Refusal | undefined {
  if (running(m)) return { code: 'mediation_open' };
  if (over(m) && m.mediation.outcome !== 'agreed' && result === 'resolved') return { code: 'not_a_success' };
  return undefined;
}

const handling = ['handling'] as const;

export const mediationSteps = {
  mediate: {
    from: handling,
    run: (m, action, { now, rules }) => {
      if (m.kind !== 'dispute') return { code: 'not_mediated' };
      if (running(m)) return { code: 'mediation_open' };
      const facts = rules.unit(action.data.committee);
      if (!facts || facts.closed) return { code: 'unit_unknown' };
      if (m.excludedUnits.includes(facts.id)) return { code: 'unit_is_party' };
      const sides = sidesOf(m.parties);
      if (!sides.some(p => p.role === 'applicant') || !sides.some(p => p.role === 'respondent'))
        return { code: 'sides_needed' };
      const { basis, referredBy = null, committee } = action.data;
      if ((basis === 'referred') !== (referredBy !== null)) return { code: 'referrer_needed' };
      const mediation: Mediation = {
        n: (m.mediation?.n ?? 0) + 1,
        basis,
        referredBy,
        committee,
        at: now,
        // Whoever applied has consented by applying (17).
        sides: sides.map(({ id, role }) => ({
          party: id,
          consents: basis === 'application' && role === 'applicant' ? true : null,
          rightsAt: null,
          choice: [],
        })),
        mediators: [],
        sittings: [],
        minutes: [],
        agreement: null,
        outcome: null,
        endedAt: null,
        payments: [],
        breaches: [],
        confirmation: null,
        dossier: null,
      };
      return [{ set: { mediation } }, { add: { participants: [committee] } }];
    },
  },
  sideConsent: {
    from: handling,
    run: (m, action, { actor, now }) => {
      if (!running(m)) return none;
      const { party, yes, routes: told } = action.data;
      if (!isSide(m, party)) return { code: 'no_such_side', details: { clause: '' } };
      if (!speaksFor(actor, party)) return notYours;
      if (yes) return changeSide(m, party, { consents: true });
      // What is in force binds (31): nobody refuses it afterwards.
      if (m.mediation.agreement?.inForceAt) return { code: 'agreement_in_force' };
      // One side's clear refusal ends it (17), and the open routes are told in writing (26); a side on its own page reads them there.
      if (!told?.length && !actor.side) return { code: 'routes_needed' };
      const [said] = changeSide(m, party, { consents: false });
      const { mediation } = (said as { set: { mediation: Mediation } }).set;
      return [{ set: { mediation: { ...mediation, outcome: 'refused', endedAt: now } } }];
    },
  },
  tellRights: {
    from: handling,
    run: (m, action, { now }) => {
      if (!running(m)) return none;
      if (action.data.parties.some(party => !isSide(m, party)))
        return { code: 'no_such_side', details: { clause: '' } };
      const sides = m.mediation.sides.map(side =>
        action.data.parties.includes(side.party) ? { ...side, rightsAt: now } : side,
      );
      return change(m, { sides });
    },
  },
  chooseMediators: {
    from: handling,
    run: (m, action, { actor, now }) => {
      if (!running(m)) return none;
      const { party, mediators } = action.data;
      if (!isSide(m, party)) return { code: 'no_such_side', details: { clause: '' } };
      if (!speaksFor(actor, party)) return notYours;
      const gone = m.mediation.mediators.filter(one => one.state === 'recused' || one.state === 'declined');
      if (mediators.some(one => gone.some(other => other.mediator === one))) return { code: 'mediator_gone' };
      const sides = m.mediation.sides.map(side => (side.party === party ? { ...side, choice: mediators } : side));
      // Whom every side chose is asked; nobody is put upon a side that did not choose them.
      const common = mediators.filter(one => sides.every(side => side.choice.includes(one)));
      const fresh = common.filter(one => !m.mediation.mediators.some(other => other.mediator === one));
      const asked = fresh.map(
        mediator => ({ mediator, how: 'chosen', state: 'asked', interest: false, at: now }) as const,
      );
      return change(m, { sides, mediators: [...m.mediation.mediators, ...asked] });
    },
  },
  appoint: {
    from: handling,
    run: (m, action, { now }) => {
      if (!running(m)) return none;
      const { mediators } = action.data;
      if (mediators.some(one => m.mediation.mediators.some(other => other.mediator === one)))
        return { code: 'mediator_gone' };
      const asked = mediators.map(
        mediator => ({ mediator, how: 'assigned', state: 'asked', interest: false, at: now }) as const,
      );
      return change(m, { mediators: [...m.mediation.mediators, ...asked] });
    },
  },
  answerAppointment: {
    from: handling,
    run: (m, action, { now }) => {
      if (!running(m)) return none;
      const { mediator, answer } = action.data;
      const one = m.mediation.mediators.find(other => other.mediator === mediator);
      if (!one || (one.state !== 'asked' && !(answer === 'disclose' && one.state === 'accepted')))
        return { code: 'no_such_mediator' };
      const state = answer === 'decline' ? 'declined' : answer === 'accept' ? 'accepted' : one.state;
      const next = { ...one, state, interest: one.interest || answer === 'disclose', at: now } as const;
      return change(m, { mediators: m.mediation.mediators.map(other => (other === one ? next : other)) });
    },
  },
  object: {
    from: handling,
    run: (m, action, { actor, now }) => {
      if (!running(m)) return none;
      const { party, mediator } = action.data;
      if (!isSide(m, party)) return { code: 'no_such_side', details: { clause: '' } };
      if (!speaksFor(actor, party)) return notYours;
      const one = m.mediation.mediators.find(other => other.mediator === mediator);
      if (!one || (one.state !== 'asked' && one.state !== 'accepted')) return { code: 'no_such_mediator' };
      const { agreement } = m.mediation;
      if (agreement?.inForceAt) return { code: 'agreement_in_force' };
      // Sides may choose or reject (23): no reason of theirs is weighed. What the mediator signed counts no longer.
      const next = { ...one, state: 'recused', at: now } as const;
      const signatures = agreement?.signatures.filter(
        ({ signer }) => signer.as !== 'mediator' || signer.mediator !== mediator,
      );
      return change(m, {
        mediators: m.mediation.mediators.map(other => (other === one ? next : other)),
        ...(agreement && { agreement: { ...agreement, signatures: signatures! } }),
      });
    },
  },
  planSitting: {
    from: handling,
    run: (m, action, { now }) => {
      if (!running(m)) return none;
      if (!m.mediation.sides.every(side => side.consents)) return { code: 'consent_needed' };
      if (!sittingMediators(m.mediation).length) return { code: 'mediator_needed' };
      if (action.data.at <= now - 86_400_000 * 366) return { code: 'date_wrong' };
      const sitting: Sitting = {
        ...action.data,
        room: action.data.room ?? null,
        n: m.mediation.sittings.length + 1,
        state: 'planned',
      };
      return change(m, { sittings: [...m.mediation.sittings, sitting] });
    },
  },
  endSitting: {
    from: handling,
    run: (m, action) => {
      if (!running(m)) return none;
      const one = m.mediation.sittings.find(sitting => sitting.n === action.data.sitting);
      if (one?.state !== 'planned') return { code: 'no_such_sitting' };
      const sittings = m.mediation.sittings.map(other => (other === one ? { ...one, state: action.data.to } : other));
      return change(m, { sittings });
    },
  },
  minute: {
    from: handling,
    run: (m, action) => {
      if (!running(m)) return none;
      const { line, sitting, kind, party = null, saw } = action.data;
      if (sitting > 0 && !m.mediation.sittings.some(one => one.n === sitting)) return { code: 'no_such_sitting' };
      if (party !== null && !m.parties.some(one => one.id === party))
        return { code: 'no_such_side', details: { clause: '' } };
      const old = m.mediation.minutes.find(one => one.line === line);
      // Two who write lines of their own never meet; two who change one line: the second sees the first's.
      if ((old?.version ?? 0) !== saw) return { code: 'minutes_changed', details: { line } };
      const next = { line, sitting, kind, party, version: saw + 1 };
      const minutes = old ? m.mediation.minutes.map(one => (one === old ? next : one)) : [...m.mediation.minutes, next];
      return change(m, { minutes });
    },
  },
  writeAgreement: {
    from: handling,
    run: (m, action) => {
      if (!running(m)) return none;
      const { form, clauses, hash } = action.data;
      if (!m.mediation.sides.every(side => side.consents)) return { code: 'consent_needed' };
      if (!m.mediation.sides.every(side => side.rightsAt !== null)) return { code: 'rights_needed' };
      if (!sittingMediators(m.mediation).length) return { code: 'mediator_needed' };
      if (m.mediation.agreement?.inForceAt) return { code: 'agreement_in_force' };
      if (!hash || clauses.length !== action.words.clauses.length) return { code: 'clauses_incomplete' };
      const wrong = wrongMoney(
        clauses,
        m.mediation.sides.map(side => side.party),
      );
      if (wrong) return wrong;
      const version = (m.mediation.agreement?.version ?? 0) + 1;
      return change(m, {
        agreement: { form, version, hash, clauses, signatures: [], inForceAt: null, paperAt: null },
      });
    },
  },
  signAgreement: {
    from: handling,
    run: (m, action, { actor, now }) => {
      if (!running(m)) return none;
      const { agreement } = m.mediation;
      const { signer, way, at, hash, file = null } = action.data;
      if (!agreement) return { code: 'no_agreement' };
      if (hash !== agreement.hash) return { code: 'agreement_changed' };
      if (agreement.inForceAt) return { code: 'agreement_in_force' };
      if (at > now) return { code: 'date_wrong' };
      if (actor.side && (signer.as !== 'side' || signer.party !== actor.side.party || way !== 'screen'))
        return notYours;
      const oral = agreement.form === 'oral';
      const ways = {
        side: oral ? ['oral'] : ['screen', 'fingerprint', 'paper', 'seal'],
        mediator: oral ? ['record'] : ['screen', 'paper'],
        seal: oral ? [] : ['seal', 'paper'],
      };
      if (!ways[signer.as].includes(way)) return { code: 'sign_way' };
      // The picture is a file of this matter; a seal may stand on the paper alone.
      if (file ? !m.files.some(one => one.id === file) : !oral && signer.as !== 'seal')
        return { code: 'picture_needed' };
      if (signer.as === 'side') {
        if (!isSide(m, signer.party)) return { code: 'no_such_side', details: { clause: '' } };
        if (signer.through && !m.parties.some(p => p.id === signer.through && p.actsFor === signer.party))
          return { code: 'no_such_side', details: { clause: '' } };
      }
      if (signer.as === 'mediator' && !sittingMediators(m.mediation).includes(signer.mediator))
        return { code: 'no_such_mediator' };
      if (agreement.signatures.some(one => sameSigner(one.signer, signer))) return { code: 'signed_before' };
      const signatures = [...agreement.signatures, { signer, way, at, file }];
      const parties = m.mediation.sides.map(side => side.party);
      const signed = { ...agreement, signatures };
      return change(m, { agreement: { ...signed, inForceAt: inForceAt(signed, parties) } });
    },
  },
  endMediation: {
    from: handling,
    run: (m, action, { now }) => {
      if (!running(m)) return none;
      const { outcome, routes: told } = action.data;
      if (outcome === 'agreed' && !m.mediation.agreement?.inForceAt) return { code: 'not_in_force' };
      if (outcome !== 'agreed' && m.mediation.agreement?.inForceAt) return { code: 'agreement_in_force' };
      if (outcome === 'failed' && !told?.length) return { code: 'routes_needed' };
      return change(m, { outcome, endedAt: now });
    },
  },
  keepPaper: {
    from: states,
    run: (m, action) => {
      const agreement = m.mediation?.agreement;
      if (!m.mediation || !agreement) return { code: 'no_agreement' };
      return [{ set: { mediation: { ...m.mediation, agreement: { ...agreement, paperAt: action.data.place } } } }];
    },
  },
  pay: {
    from: states,
    run: (m, action, { now }) => {
      if (!over(m) || !m.mediation.agreement?.inForceAt) return { code: 'not_in_force' };
      const { clause, instalment, fen, at } = action.data;
      if (at > now) return { code: 'date_wrong' };
      const left = owedOf(m.mediation.agreement, m.mediation.payments, clause, instalment);
      if (fen > left) return { code: 'paid_too_much', details: { left: left / 100 } };
      return change(m, { payments: [...m.mediation.payments, { clause, instalment, fen, at }] });
    },
  },
  breach: {
    from: states,
    run: (m, action, { now, rules }) => {
      if (!over(m) || !m.mediation.agreement?.inForceAt) return { code: 'not_in_force' };
      const { clause, instalment, next } = action.data;
      if (owedOf(m.mediation.agreement, m.mediation.payments, clause, instalment) <= 0) return { code: 'nothing_owed' };
      if (m.mediation.breaches.some(one => one.clause === clause && one.instalment === instalment))
        return { code: 'nothing_owed' };
      // Only what a court confirmed can be enforced at once (33).
      if (next === 'enforcement' && m.mediation.confirmation?.result !== 'confirmed') return { code: 'not_confirmed' };
      const noted = change(m, { breaches: [...m.mediation.breaches, { clause, instalment, next, at: now }] });
      return next === 'mediation' && !m.stock && ['closed', 'followed', 'struck'].includes(m.state)
        ? [...noted, ...rework(m, now, rules)]
        : noted;
    },
  },
  askConfirmation: {
    from: states,
    run: (m, action, { now, rules }) => {
      if (!m.mediation) return none;
      const { court, together, bars } = action.data;
      if (m.mediation.confirmation && m.mediation.confirmation.result !== 'withdrawn') return { code: 'asked_before' };
      const why = notConfirmable(m.mediation.agreement, together, bars, now, rules.calendar);
      if (why.length) return { code: 'not_confirmable', details: { why: why.join('；') } };
      const confirmation = { court, at: now, result: null, number: null, decidedAt: null };
      return [{ set: { mediation: { ...m.mediation, confirmation } } }];
    },
  },
  confirmed: {
    from: states,
    run: (m, action, { now }) => {
      const confirmation = m.mediation?.confirmation;
      if (!m.mediation || confirmation?.result !== null || !confirmation) return { code: 'not_asked' };
      const { result, number = null, at } = action.data;
      if (at > now) return { code: 'date_wrong' };
      const decided = { ...confirmation, result, number, decidedAt: at };
      return [{ set: { mediation: { ...m.mediation, confirmation: decided } } }];
    },
  },
  fileDossier: {
    from: states,
    run: (m, action, { now }) => {
      if (!over(m)) return { code: 'mediation_open' };
      if (m.mediation.dossier && !m.mediation.dossier.open) return { code: 'filed_before' };
      const { number, hash, file, pages, keepUntil } = action.data;
      // A dossier opened again keeps its number.
      const kept = m.mediation.dossier?.number ?? number;
      if (!kept) return { code: 'number_needed' };
      return change(m, { dossier: { number: kept, hash, file, pages, at: now, keepUntil, open: false } });
    },
  },
  openDossier: {
    from: states,
    run: m => {
      const dossier = m.mediation?.dossier;
      if (!m.mediation || !dossier || dossier.open) return { code: 'not_filed' };
      return [{ set: { mediation: { ...m.mediation, dossier: { ...dossier, open: true } } } }];
    },
  },
} satisfies Steps<
  | 'mediate'
  | 'sideConsent'
  | 'tellRights'
  | 'chooseMediators'
  | 'appoint'
  | 'answerAppointment'
  | 'object'
  | 'planSitting'
  | 'endSitting'
  | 'minute'
  | 'writeAgreement'
  | 'signAgreement'
  | 'endMediation'
  | 'keepPaper'
  | 'pay'
  | 'breach'
  | 'askConfirmation'
  | 'confirmed'
  | 'fileDossier'
  | 'openDossier'
>;
