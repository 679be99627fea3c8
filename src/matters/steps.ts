/**
 * The steps of the loop, from acceptance to rating, with return and ruling (L1–L3, L7, L11). Each says from which states it
 * is possible and which effects it has. Pure.
 */
import type { Refusal } from '../kernel/errors.ts';
import { kinds } from '../kinds/kinds.ts';
import type { Action, ActionType } from './actions.ts';
import { waitsForBorder } from './border.ts';
import { deadline, recount } from './clocks.ts';
import { waitsForInspection } from './hazard.ts';
import {
  armed,
  type Effect,
  end,
  enter,
  impartialCentre,
  type Matter,
  openStates,
  type Rules,
  type State,
  states,
  union,
} from './matter.ts';
import { waitsForMediation, withSide } from './mediation.ts';
import { unsigned } from './papers.ts';
import { waitsForParts } from './parts.ts';
import type { Actor, Post } from './policy.ts';

export type Context = {
  actor: Actor;
  now: number;
  rules: Rules /** The post by which the actor acts. */;
  post: Post | undefined;
};
type Of<T extends ActionType> = Extract<Action, { type: T }>;
export type Step<T extends ActionType> = {
  from: readonly State[];
  run(matter: Matter, action: Of<T>, context: Context): Effect[] | Refusal;
};
export type Steps<T extends ActionType> = { [K in T]: Step<K> };

const anyState = states;
const beforeEnd = openStates;

/** The steps of the loop: from which states, and what each does. */
export const loopSteps = {
  accept: {
    from: ['registered'],
    run: (m, action, { now, rules }) =>
      enter(m, 'accepted', m.unit, now, rules, {
        acceptedAt: now,
        fields: { ...m.fields, ...(action.data.route ? { route: action.data.route } : {}) },
      }),
  },
  decline: {
    from: ['registered'],
    run: (m, _action, { now, rules }) => unsigned(m, 'not-accepted', now, rules) ?? end(m, 'declined', now),
  },
  dispatch: {
    from: ['accepted'],
    run: (m, action, { now, rules }) => dispatchTo(m, action.data.unit, now, rules),
  },
  recall: {
    from: ['dispatched'],
    run: (m, _action, { now, rules }) => enter(m, 'accepted', m.centre, now, rules, { handler: null }),
  },
  sign: { from: ['dispatched'], run: (m, _action, { now, rules }) => enter(m, 'handling', m.unit, now, rules) },
  note: { from: anyState, run: () => [] },
  contact: { from: anyState, run: () => [] },
  urgent: { from: anyState, run: () => [] },
  attach: { from: anyState, run: (_m, action) => [{ add: { files: [action.data] } }] },
  report: {
    from: ['handling'],
    run: (m, action, { now, rules }) => {
      if (m.pause) return { code: 'clock_stands' };
      // A part reports to the whole and is done; nobody is answered twice.
      if (m.whole) return end(m, 'struck', now);
      const waits =
        waitsForParts(m) ?? waitsForMediation(m, action.data.result) ?? waitsForInspection(m, action.data.result);
      return waits ?? enter(m, 'reported', m.centre, now, rules);
    },
  },
  sendBack: {
    from: ['reported'],
    run: (m, _action, { now, rules }) => toHandler(m, now, rules),
  },
  answer: {
    from: ['reported'],
    run: (m, _action, { now, rules }) =>
      unsigned(m, 'opinion', now, rules) ?? enter(m, 'answered', m.centre, now, rules, { answeredAt: now }),
  },
  close: {
    from: ['answered'],
    run: (m, action, { now, rules }) => {
      const waits = waitsForBorder(m);
      if (waits) return waits;
      // Follow-up is by someone else: the centre, or the centre above where the centre itself handled the matter.
      const own = m.handler === m.centre;
      const above = own ? rules.unit(m.centre)?.centreAbove : null;
      const unit = above && !m.excludedUnits.includes(above) ? above : m.centre;
      return enter(m, 'closed', unit, now, rules, { closedAt: now, cause: action.data.cause ?? m.cause });
    },
  },
  followUp: {
    from: ['closed'],
    run: (m, action, { actor, now, rules }) => {
      if (actor.person && m.handledBy.includes(actor.person)) return { code: 'same_person' };
      if (action.data.outcome === 'unsatisfied') return rework(m, now, rules);
      return enter(m, 'followed', m.unit, now, rules, action.data.outcome === 'satisfied' ? { solved: true } : {});
    },
  },
  rate: {
    from: ['answered', 'closed', 'followed'],
    run: (m, action, { now, rules }) => {
      const rated = { rating: action.data.stars, solved: action.data.solved };
      if (!action.data.solved && m.state !== 'answered') return rework(m, now, rules, rated);
      return m.state === 'followed' ? end(m, 'struck', now, rated) : [{ set: rated }];
    },
  },
  return: {
    from: ['dispatched', 'handling'],
    run: (m, _action, { now, rules }) => {
      if (m.unit === m.centre) return { code: 'illegal_step', details: { state: m.state, action: 'return' } };
      if (m.returnedBy.includes(m.unit)) return { code: 'returned_before' };
      const clock = kinds[m.kind].returnWindow;
      const window = deadline({ ...clock }, m.dispatchedAt ?? now, rules.calendar);
      if (now > window.at) return { code: 'return_window', details: { window: `${clock.count} ${clock.unit}` } };
      return [{ add: { returnedBy: [m.unit] } }, ...enter(m, 'returned', m.centre, now, rules)];
    },
  },
  rule: { from: ['returned'], run: (m, action, { now, rules }) => dispatchTo(m, action.data.unit, now, rules) },
  escalate: {
    from: ['registered', 'accepted', 'handling', 'returned', 'reported'],
    run: (m, _action, { now, rules }) => {
      const above = rules.unit(m.centre)?.centreAbove;
      const centre = above && impartialCentre(above, m.excludedUnits, rules);
      if (!centre) return { code: 'no_level_above' };
      const state = m.state === 'registered' ? 'registered' : 'accepted';
      return enter(m, state, centre, now, rules, { centre, handler: null });
    },
  },
  reopen: {
    from: ['closed', 'followed', 'struck', 'declined', 'withdrawn'],
    run: (m, _action, { now, rules }) => {
      const centre = impartialCentre(m.centre, m.excludedUnits, rules);
      if (!centre) return { code: 'no_level_above' };
      const more = { centre, handler: null, reworks: m.reworks + 1, solved: null, closedAt: null, endedAt: null };
      return enter(m, 'accepted', centre, now, rules, { ...more, acceptedAt: now });
    },
  },
  link: {
    from: anyState,
    run: (m, action) => {
      if (action.data.matter === m.id) return { code: 'merge_self' };
      return [{ add: { relations: [action.data] } }];
    },
  },
  merge: {
    from: beforeEnd,
    run: (m, action, { now }) => {
      if (action.data.matter === m.id) return { code: 'merge_self' };
      return [{ add: { relations: [{ ...action.data, relation: 'merged-into' }] } }, ...end(m, 'merged', now)];
    },
  },
  withdraw: {
    from: ['registered', 'accepted', 'dispatched', 'handling', 'returned', 'reported', 'reviewing', 'reexamining'],
    run: (m, _a, { now }) => end(m, 'withdrawn', now),
  },
  correct: {
    from: anyState,
    run: (m, action, { now, rules }) => {
      const { externals, ...set } = action.data.set;
      const next = { ...m, ...set };
      const effects: Effect[] = [{ set }];
      if (m.due && set.receivedAt !== undefined && m.due.from === 'received') {
        const due = recount({ ...m.due, start: next.receivedAt }, rules.calendar);
        effects.push({ set: armed({ ...m, lapses: 0 }, due, now, rules) });
      }
      if (externals) effects.push({ add: { externals } });
      return effects;
    },
  },
  join: {
    from: openStates,
    run: (m, action) => {
      const { party } = action.data;
      if (m.parties.some(one => one.id === party.id)) return { code: 'conflict' };
      if (party.actsFor && !m.parties.some(one => one.id === party.actsFor))
        return { code: 'no_such_side', details: { clause: '' } };
      const speakers = m.parties.filter(one => one.role === 'representative').length;
      if (party.role === 'representative' && speakers >= 5) return { code: 'too_many_representatives' };
      const mediation = withSide(m, party);
      if (mediation && 'code' in mediation) return mediation;
      const set = { parties: [...m.parties, party], ...(mediation && { mediation }) };
      // A unit that becomes a party is handled like one complained of.
      return party.unit && party.role !== 'witness' ? { code: 'unit_is_party' } : [{ set }];
    },
  },
  amend: {
    from: anyState,
    run: (m, action) => {
      const { party, name } = action.data;
      const known = m.parties.find(one => one.id === party);
      if (!known) return { code: 'not_found' };
      // One of our units is called as it is called.
      if (known.unit) return { code: 'conflict' };
      return name === undefined
        ? []
        : [{ set: { parties: m.parties.map(one => (one.id === party ? { ...one, name } : one)) } }];
    },
  },
  protect: {
    from: anyState,
    run: (m, action, { now, rules }) => {
      const excludedUnits = union(m.excludedUnits, action.data.excludedUnits);
      const effects: Effect[] = [
        { set: { sensitive: action.data.sensitive } },
        { add: { excludedUnits: action.data.excludedUnits, excludedPeople: action.data.excludedPeople } },
      ];
      const centre = impartialCentre(m.centre, excludedUnits, rules);
      if (!centre) return { code: 'unit_is_party' };
      const handler = m.handler && excludedUnits.includes(m.handler) ? null : m.handler;
      if (centre !== m.centre || handler !== m.handler) effects.push({ set: { centre, handler } });
      if (!m.open || !excludedUnits.includes(m.unit)) return effects;
      // The unit complained of holds it: it goes to the first centre above that is not concerned.
      if (m.stock) return [...effects, { set: { unit: centre } }, { add: { participants: [centre] } }];
      const state = m.state === 'registered' ? 'registered' : 'accepted';
      return [...effects, ...enter(m, state, centre, now, rules, { centre, handler: null })];
    },
  },
  admit: { from: anyState, run: (_m, action) => [{ add: { readers: [action.data.person] } }] },
  openStock: {
    from: ['registered'],
    run: (m, _action, { now, rules }) =>
      m.stock
        ? enter(m, 'registered', m.unit, now, rules)
        : { code: 'illegal_step', details: { state: m.state, action: 'openStock' } },
  },
  succeed: {
    from: beforeEnd,
    run: (m, action, { rules }) => {
      const { from, to } = action.data;
      const facts = rules.unit(to);
      if (!facts || facts.closed) return { code: 'unit_unknown' };
      // A party to the matter does not inherit it: the centre that is not concerned does.
      const heir = m.excludedUnits.includes(to) ? impartialCentre(to, m.excludedUnits, rules) : to;
      if (!heir) return { code: 'no_level_above' };
      const moved = (unit: string) => (unit === from ? heir : unit);
      if (![m.unit, m.centre, m.handler].includes(from))
        return { code: 'illegal_step', details: { state: m.state, action: 'succeed' } };
      return [
        { set: { unit: moved(m.unit), centre: moved(m.centre), handler: m.handler && moved(m.handler) } },
        { add: { participants: [heir] } },
      ];
    },
  },
} satisfies Partial<Steps<ActionType>>;

function dispatchTo(m: Matter, unit: string, now: number, rules: Rules): Effect[] | Refusal {
  if (m.excludedUnits.includes(unit)) return { code: 'unit_is_party' };
  const facts = rules.unit(unit);
  if (!facts || facts.closed) return { code: 'unit_unknown' };
  return enter(m, 'dispatched', unit, now, rules, { handler: unit, dispatchedAt: now });
}

/** Back to the unit that handled it; to the centre's dispatch when that unit has turned out to be concerned. */
function toHandler(m: Matter, now: number, rules: Rules, more: Partial<Matter> = {}, fresh = false): Effect[] {
  if (!m.handler) return enter(m, 'accepted', m.centre, now, rules, more);
  return enter(m, 'handling', m.handler, now, rules, more, fresh);
}

/** 返工: handled again, on a clock of its own that starts now. */
export function rework(m: Matter, now: number, rules: Rules, more: Partial<Matter> = {}): Effect[] {
  return toHandler(m, now, rules, { ...more, solved: false, reworks: m.reworks + 1, closedAt: null }, true);
}
