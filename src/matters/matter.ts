/**
 * THE LOOP. `decide` says what an action does to a matter or why it may not; `apply` folds effects into the matter.
 * Both are pure and run on the server, the console and the phone alike.
 *
 * Invariant, also a check constraint: an open matter has exactly one accountable unit and one next deadline; the only
 * exception is stock (存量), old records on which nobody has started.
 */

import type { Refusal } from '../kernel/errors.ts';
import type { Step } from '../kinds/kind.ts';
import { type KindName, kinds } from '../kinds/kinds.ts';
import type { Action, ActionType, PartyRef, Registration } from './actions.ts';
import { businessMoment, type Calendar, type Clock, type Due, deadline, recount } from './clocks.ts';
import { type Actor, may } from './policy.ts';

export const openStates = [
  'registered',
  'accepted',
  'dispatched',
  'handling',
  'returned',
  'reported',
  'answered',
  'closed',
  'followed',
] as const;
export const endStates = ['struck', 'declined', 'withdrawn', 'merged'] as const;
export type OpenState = (typeof openStates)[number];
export type State = OpenState | (typeof endStates)[number];
export const states = [...openStates, ...endStates] as const;

/** What the accountable unit owes in each open state. */
export const owed = {
  registered: 'accept',
  accepted: 'dispatch',
  dispatched: 'sign',
  handling: 'handle',
  returned: 'rule',
  reported: 'answer',
  answered: 'close',
  closed: 'followUp',
  followed: 'rate',
} as const satisfies Record<OpenState, Step>;

export type Relation = {
  county: string;
  matter: string;
  relation: 'similar' | 'repeat' | 'merged-into' | 'merged-from' | 'part-of' | 'whole-of';
};
export type External = { system: 'petition' | 'hotline' | 'court' | 'police' | 'other'; number: string };
export type FileRef = { id: string; type: string; size: number; audience: 'unit' | 'participants'; sha256: string };

/** The projection of a matter's history: exactly what folding its effects gives. Times are epoch milliseconds. */
export type Matter = {
  county: string;
  id: string;
  seq: number;
  number: string;
  kind: KindName;
  state: State;
  open: boolean;
  /** Old record: no clock runs until someone opens it. */
  stock: boolean;
  /** The accountable unit; the last one once the matter has ended. */
  unit: string;
  /** The centre that coordinates it now, at the level the matter has reached. */
  centre: string;
  /** The unit that handles or handled it. */
  handler: string | null;
  due: Due | null;
  dueAt: number | null;
  /** When something happens by itself: the deadline, then the next reminder. */
  nextAt: number | null;
  lapses: number;
  category: string | null;
  source: string;
  fields: Record<string, unknown>;
  /** Region codes from county down to the place itself. */
  path: string[];
  grid: string | null;
  location: { lng: number; lat: number } | null;
  receivedAt: number;
  registeredAt: number;
  enteredAt: number;
  acceptedAt: number | null;
  dispatchedAt: number | null;
  closedAt: number | null;
  endedAt: number | null;
  sensitive: boolean;
  participants: string[];
  excludedUnits: string[];
  excludedPeople: string[];
  /** People who may open a sensitive matter although their post alone would not let them. */
  readers: string[];
  handledBy: string[];
  returnedBy: string[];
  reworks: number;
  rating: number | null;
  solved: boolean | null;
  cause: string | null;
  parties: PartyRef[];
  relations: Relation[];
  externals: External[];
  files: FileRef[];
};

type ListField =
  | 'participants'
  | 'excludedUnits'
  | 'excludedPeople'
  | 'readers'
  | 'handledBy'
  | 'returnedBy'
  | 'relations'
  | 'externals'
  | 'files';

/** An effect carries values, never rules: folding the history never reads today's clocks. */
export type Effect = { set: Partial<Omit<Matter, ListField | 'seq'>> } | { add: { [F in ListField]?: Matter[F] } };

export const effectVersion = 1;

export type UnitFacts = { id: string; centreAbove: string | null; isCentre: boolean; closed: boolean };
export type Rules = {
  calendar: Calendar;
  /** The clock in force for a kind and step at a moment. */
  clock(kind: KindName, step: Step, at: number): Clock;
  unit(id: string): UnitFacts | undefined;
};

export const isRefusal = (result: Effect[] | Refusal): result is Refusal => !Array.isArray(result);

/** Adds without doubling; order is order of arrival. */
function union<T>(old: readonly T[], added: readonly T[]): T[] {
  const keys = new Set(old.map(item => JSON.stringify(item)));
  return [...old, ...added.filter(item => !keys.has(JSON.stringify(item)))];
}

/** Folds effects into a matter. The first action of a history starts from nothing. */
export function apply(matter: Matter | undefined, effects: readonly Effect[]): Matter {
  let next = { ...matter } as Matter;
  for (const effect of effects) {
    if ('set' in effect) next = { ...next, ...effect.set };
    else
      for (const [field, added] of Object.entries(effect.add)) {
        const key = field as ListField;
        next = { ...next, [key]: union<unknown>(next[key] ?? [], added) };
      }
  }
  return { ...next, seq: (matter?.seq ?? 0) + 1 };
}

/** The start of a clock on this matter; a clock whose start is not reached yet counts from now. */
function startOf(
  clock: Clock,
  matter: Pick<Matter, 'receivedAt' | 'registeredAt' | 'acceptedAt' | 'dispatchedAt'>,
  now: number,
): number {
  if (clock.from === 'received') return matter.receivedAt;
  if (clock.from === 'registered') return matter.registeredAt;
  if (clock.from === 'accepted') return matter.acceptedAt ?? now;
  if (clock.from === 'dispatched') return matter.dispatchedAt ?? now;
  return now;
}

/** Enters a state: who is accountable from now on, and until when. The one place where deadlines are set. */
function enter(
  matter: Matter,
  state: OpenState,
  unit: string,
  now: number,
  rules: Rules,
  more: Partial<Matter> = {},
  fresh = false,
): Effect[] {
  const seen = { ...matter, ...more };
  const clock = rules.clock(seen.kind, owed[state], now);
  const counted: Clock = fresh ? { ...clock, from: 'entered' } : clock;
  const due = deadline(counted, startOf(counted, seen, now), rules.calendar);
  return [
    { set: { ...more, state, unit, open: true, stock: false, due, dueAt: due.at, nextAt: due.at, lapses: 0 } },
    { add: { participants: [unit] } },
  ];
}

const end = (state: State, now: number, more: Partial<Matter> = {}): Effect[] => [
  { set: { ...more, state, open: false, stock: false, due: null, dueAt: null, nextAt: null, endedAt: now } },
];

/** The centre that may coordinate: the one asked for, or the first above it that is no party to the matter. */
export function impartialCentre(wanted: string, excluded: readonly string[], rules: Rules): string | undefined {
  let unit: string | null = wanted;
  while (unit && excluded.includes(unit)) unit = rules.unit(unit)?.centreAbove ?? null;
  return unit ?? undefined;
}

type Context = { actor: Actor; now: number; rules: Rules };
type Of<T extends ActionType> = Extract<Action, { type: T }>;
type Transition<T extends ActionType> = {
  from: readonly State[];
  run(matter: Matter, action: Of<T>, context: Context): Effect[] | Refusal;
};

const anyState = states;
const beforeEnd = openStates;

/** Every step of the loop in one table: from which states, and what it does. */
const transitions = {
  accept: {
    from: ['registered'],
    run: (m, action, { now, rules }) =>
      enter(m, 'accepted', m.unit, now, rules, {
        acceptedAt: now,
        fields: { ...m.fields, ...(action.data.route ? { route: action.data.route } : {}) },
      }),
  },
  decline: { from: ['registered'], run: (_m, _action, { now }) => end('declined', now) },
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
  report: { from: ['handling'], run: (m, _action, { now, rules }) => enter(m, 'reported', m.centre, now, rules) },
  sendBack: {
    from: ['reported'],
    run: (m, _action, { now, rules }) => toHandler(m, now, rules),
  },
  answer: { from: ['reported'], run: (m, _action, { now, rules }) => enter(m, 'answered', m.centre, now, rules) },
  close: {
    from: ['answered'],
    run: (m, action, { now, rules }) => {
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
      return m.state === 'followed' ? end('struck', now, rated) : [{ set: rated }];
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
      return [{ add: { relations: [{ ...action.data, relation: 'merged-into' }] } }, ...end('merged', now)];
    },
  },
  withdraw: {
    from: ['registered', 'accepted', 'dispatched', 'handling', 'returned', 'reported'],
    run: (_m, _a, { now }) => end('withdrawn', now),
  },
  correct: {
    from: anyState,
    run: (m, action, { rules }) => {
      const { externals, ...set } = action.data.set;
      const next = { ...m, ...set };
      const effects: Effect[] = [{ set }];
      if (m.due && set.receivedAt !== undefined && m.due.from === 'received') {
        const due = recount({ ...m.due, start: next.receivedAt }, rules.calendar);
        effects.push({ set: { due, dueAt: due.at, nextAt: due.at, lapses: 0 } });
      }
      if (externals) effects.push({ add: { externals } });
      return effects;
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
        ? enter(m, 'registered', m.unit, now, rules, {}, true)
        : { code: 'illegal_step', details: { state: m.state, action: 'openStock' } },
  },
  lapse: {
    from: beforeEnd,
    run: (m, _action, { now, rules }) => {
      if (m.stock || m.nextAt === null || now < m.nextAt)
        return { code: 'illegal_step', details: { state: m.state, action: 'lapse' } };
      if (m.state === 'followed') return end('struck', now);
      const lapses = m.lapses + 1;
      const wait = deadline(
        { step: 'remind', from: 'entered', count: lapses === 1 ? 1 : 5, unit: 'workday', roll: true, basis: '' },
        now,
        rules.calendar,
      );
      const effects: Effect[] = [{ set: { lapses, nextAt: businessMoment(wait.at, rules.calendar) } }];
      // From the second reminder on the level above sees it as well.
      const above = lapses > 1 ? rules.unit(m.centre)?.centreAbove : null;
      if (above && !m.excludedUnits.includes(above)) effects.push({ add: { participants: [above] } });
      return effects;
    },
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
  recount: {
    from: beforeEnd,
    run: (m, _action, { rules }) => {
      if (!m.due?.provisional) return { code: 'illegal_step', details: { state: m.state, action: 'recount' } };
      const due = recount(m.due, rules.calendar);
      return [{ set: { due, dueAt: due.at, ...(m.lapses === 0 ? { nextAt: due.at } : {}) } }];
    },
  },
} satisfies { [T in Exclude<ActionType, 'register'>]: Transition<T> };

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
function rework(m: Matter, now: number, rules: Rules, more: Partial<Matter> = {}): Effect[] {
  return toHandler(m, now, rules, { ...more, solved: false, reworks: m.reworks + 1, closedAt: null }, true);
}

/** A new matter. `data` is complete: number, place, masked parties; the centre is the lowest that may coordinate. */
export function register(
  county: string,
  id: string,
  data: Registration,
  actor: Actor,
  now: number,
  rules: Rules,
): Effect[] | Refusal {
  if (!may(actor, 'register', undefined)) return { code: 'forbidden', details: { action: 'register' } };
  const centre = impartialCentre(data.centre, data.excludedUnits, rules);
  if (!centre) return { code: 'no_level_above' };
  const matter: Matter = {
    county,
    id,
    seq: 0,
    number: data.number,
    kind: data.kind,
    state: 'registered',
    open: true,
    stock: data.stock,
    unit: centre,
    centre,
    handler: null,
    due: null,
    dueAt: null,
    nextAt: null,
    lapses: 0,
    category: data.category,
    source: data.source,
    fields: data.fields,
    path: data.path,
    grid: data.grid,
    location: data.location,
    receivedAt: data.receivedAt,
    registeredAt: data.registeredAt,
    enteredAt: now,
    acceptedAt: null,
    dispatchedAt: null,
    closedAt: null,
    endedAt: null,
    sensitive: data.sensitive,
    participants: [centre],
    excludedUnits: data.excludedUnits,
    excludedPeople: data.excludedPeople,
    readers: data.sensitive && actor.person ? [actor.person] : [],
    handledBy: [],
    returnedBy: [],
    reworks: 0,
    rating: null,
    solved: null,
    cause: null,
    parties: data.parties,
    relations: [],
    externals: data.externals,
    files: [],
  };
  const {
    seq: _,
    participants,
    excludedUnits,
    excludedPeople,
    readers,
    handledBy,
    returnedBy,
    relations,
    externals,
    files,
    ...set
  } = matter;
  const lists: Effect = {
    add: { participants, excludedUnits, excludedPeople, readers, handledBy, returnedBy, relations, externals, files },
  };
  return data.stock ? [{ set }, lists] : [{ set }, lists, ...enter(matter, 'registered', centre, now, rules)];
}

/** Actions that make their actor one of those who handled the matter, and so unfit to follow it up. */
const handlingActions: readonly ActionType[] = ['sign', 'report', 'answer', 'contact'];

/** What an action does, or why it may not. Never looks at a clock of its own: `now` is given. */
export function decide(matter: Matter, action: Action, actor: Actor, now: number, rules: Rules): Effect[] | Refusal {
  const transition = transitions[action.type] as Transition<ActionType>;
  if (!may(actor, action.type, matter)) return { code: 'forbidden', details: { action: action.type } };
  if (!transition.from.includes(matter.state))
    return { code: 'illegal_step', details: { state: matter.state, action: action.type } };
  const effects = transition.run(matter, action as never, { actor, now, rules });
  if (isRefusal(effects) || !actor.person || !handlingActions.includes(action.type) || !matter.open) return effects;
  return [...effects, { add: { handledBy: [actor.person] } }];
}

/** The actions this actor may take now: what the page offers as buttons. */
export function abilities(matter: Matter, actor: Actor): ActionType[] {
  return (Object.keys(transitions) as Exclude<ActionType, 'register'>[]).filter(type => {
    if (!(transitions[type].from as readonly State[]).includes(matter.state)) return false;
    if (type === 'openStock' && !matter.stock) return false;
    if (type === 'followUp' && actor.person && matter.handledBy.includes(actor.person)) return false;
    if (type === 'return' && (matter.returnedBy.includes(matter.unit) || matter.unit === matter.centre)) return false;
    return may(actor, type, matter) !== undefined;
  });
}
