/**
 * What a matter is, how effects fold into it, and how it enters a state. With `decide.ts` THE LOOP: pure, the same on the
 * server, the console and the phone.
 *
 * Invariant, also a check constraint: an open matter has exactly one accountable unit and one next deadline; the only
 * exception is stock (存量), old records on which nobody has started.
 */

import type { Refusal } from '../kernel/errors.ts';
import type { ChainStep, Ground, PaperKind, Step } from '../kinds/kind.ts';
import type { KindName } from '../kinds/kinds.ts';
import type { PartyRef } from './actions.ts';
import { type Calendar, type Clock, type Due, deadline, shifted } from './clocks.ts';
import type { Dock, Hearing } from './docking.ts';
import type { OwnField } from './fields.ts';
import type { Grade, Grading, Points } from './grading.ts';
import type { Hazard } from './hazard.ts';
import type { Mediation } from './mediation.ts';
import type { DossierPart } from './mediation-codes.ts';
import type { Alarm } from './supervision.ts';

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
  'reviewing',
  'reexamining',
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
  reviewing: 'review',
  reexamining: 'reexamine',
} as const satisfies Record<OpenState, Step>;

export type Relation = {
  county: string;
  matter: string;
  relation: 'similar' | 'repeat' | 'merged-into' | 'merged-from' | 'part-of' | 'whole-of';
};
export type External = { system: 'petition' | 'hotline' | 'court' | 'police' | 'other'; number: string };
/** 催办, 督办, 通报: who told which unit, until when it must reply, and whether it did. */
export type Order = {
  n: number;
  level: 'remind' | 'order' | 'notice';
  /** Null: by the rules, without anybody's hand. */
  by: string | null;
  to: string;
  at: number;
  replyBy: number | null;
  repliedAt: number | null;
  /** The unit no longer holds the matter, or the level above took it up. */
  over: boolean;
};
/** A part of this matter at another unit: a matter of its own, with its own unit and deadline. */
export type Part = { county: string; matter: string; unit: string; done: boolean };
/** The other side of a matter across a border: a matter of its own in the other county; both agree before either closes. */
export type Border = {
  county: string;
  matter: string;
  role: 'lead' | 'other';
  agreedAt: number | null;
  theirsAt: number | null;
  /** The neighbour runs another system or none: what it says is recorded by hand. */
  outside: boolean;
  /** The other side ended without closing: nobody waits for it any more. */
  gone: boolean;
};
/** A paper on its way out: which steps it goes through, and how far it is. */
export type Paper = {
  n: number;
  paper: PaperKind;
  unit: string;
  /** Who wrote it: neither reviews nor signs it. */
  by: string | null;
  chain: ChainStep[];
  passed: number;
  state: 'draft' | 'out' | 'rejected';
  number: string | null;
  at: number;
  /** In which round of handling it was written: an answer needs a paper of its own round. */
  round: number;
  served: { way: string; at: number } | null;
};
/** A clock that stands still: on which ground, since when, and the deadline it had. */
export type Pause = { ground: Ground; at: number; held: Due };
/** An extension asked for and not yet decided. */
export type Asked = { count: number; unit: string; at: number; dueAt: number };

export type FileRef = {
  id: string;
  type: string;
  size: number;
  audience: 'unit' | 'participants';
  sha256: string;
  part?: DossierPart | undefined;
};

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
  /** When someone opened what was stock: no clock counts from before. */
  openedAt: number | null;
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
  answeredAt: number | null;
  grade: Grade | null;
  grading: Grading | null;
  /** 包案: the leader who answers for a hard matter. */
  leader: string | null;
  orders: Order[];
  /** The earliest moment by which a unit owes a reply to an order. */
  replyAt: number | null;
  pause: Pause | null;
  asked: Asked | null;
  /** 0, then 1 with a review, 2 with a re-examination. */
  rounds: number;
  papers: Paper[];
  parts: Part[];
  /** The matter this one is a part of. */
  whole: { county: string; matter: string } | null;
  border: Border | null;
  mediation: Mediation | null;
  docks: Dock[];
  hearings: Hearing[];
  hazard: Hazard | null;
  /** What was told of sittings, instalments and the like, by key; and when there is more to tell. */
  told: string[];
  watchAt: number | null;
  parties: PartyRef[];
  relations: Relation[];
  externals: External[];
  files: FileRef[];
};

/** Whom a receipt stands for and who is told: who raised it, else who speaks for them. */
export const partyOf = (matter: Pick<Matter, 'parties'>) =>
  matter.parties.find(one => one.role === 'applicant' && !one.unit) ??
  matter.parties.find(one => one.role === 'representative' && !one.unit);

/** An effect carries values, never rules: folding the history never reads today's clocks. */
export type Effect = { set: Partial<Omit<Matter, ListField | 'seq'>> } | { add: { [F in ListField]?: Matter[F] } };

export const effectVersion = 1;

export type UnitFacts = { id: string; centreAbove: string | null; isCentre: boolean; closed: boolean };
export type Rules = {
  calendar: Calendar;
  /** The clock in force in a county for a kind, step and grade at a moment. */
  clock(county: string, kind: KindName, step: Step, at: number, grade?: Grade | null): Clock;
  unit(id: string): UnitFacts | undefined;
  /** What happens around a deadline, in order of time; at least one of them. */
  alarms(county: string, kind: KindName, at: number, grade?: Grade | null): readonly Alarm[];
  points(county: string, kind: KindName, at: number): Points;
  /** Whether a county lives here, so that its side has a matter of its own. */
  knows(county: string): boolean;
  /** The county's own fields of a kind. */
  fields(county: string, kind: KindName, at: number): readonly OwnField[];
  /** What a paper goes through at the level of the matter's centre. */
  chain(m: Pick<Matter, 'county' | 'kind' | 'centre'>, paper: PaperKind, at: number): readonly ChainStep[];
};

/** A matter of which nothing is said yet: where every fold begins. A first action says only what is otherwise. */
export const blank = Object.freeze({
  seq: 0,
  open: true,
  stock: false,
  openedAt: null,
  handler: null,
  due: null,
  dueAt: null,
  nextAt: null,
  lapses: 0,
  category: null,
  grid: null,
  location: null,
  acceptedAt: null,
  dispatchedAt: null,
  closedAt: null,
  endedAt: null,
  sensitive: false,
  participants: [],
  excludedUnits: [],
  excludedPeople: [],
  readers: [],
  handledBy: [],
  returnedBy: [],
  reworks: 0,
  rating: null,
  solved: null,
  cause: null,
  answeredAt: null,
  grade: null,
  grading: null,
  leader: null,
  orders: [],
  replyAt: null,
  pause: null,
  asked: null,
  rounds: 0,
  papers: [],
  parts: [],
  whole: null,
  border: null,
  mediation: null,
  docks: [],
  hearings: [],
  hazard: null,
  told: [],
  watchAt: null,
  parties: [],
  relations: [],
  externals: [],
  files: [],
} satisfies Partial<Matter>);

const lists = [
  'participants',
  'excludedUnits',
  'excludedPeople',
  'readers',
  'handledBy',
  'returnedBy',
  'relations',
  'externals',
  'files',
] as const satisfies readonly (keyof Matter)[];
type ListField = (typeof lists)[number];
const listFields: ReadonlySet<string> = new Set(lists);

/** The effects of a first action: what makes this matter of a blank one. */
export function beginning(matter: Matter): Effect[] {
  const set: Record<string, unknown> = {};
  const add: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(matter)) {
    const isEmpty = Array.isArray(value) && !value.length;
    if (field === 'seq' || isEmpty || value === blank[field as keyof typeof blank]) continue;
    (listFields.has(field) ? add : set)[field] = value;
  }
  return [{ set }, { add }];
}

export const isRefusal = (result: Effect[] | Refusal): result is Refusal => !Array.isArray(result);

/** Adds without doubling; order is order of arrival. */
export function union<T>(old: readonly T[], added: readonly T[]): T[] {
  const keys = new Set(old.map(item => JSON.stringify(item)));
  return [...old, ...added.filter(item => !keys.has(JSON.stringify(item)))];
}

/** Folds effects into a matter. The first action of a history starts from a blank one. */
export function apply(matter: Matter | undefined, effects: readonly Effect[]): Matter {
  const next = { ...(matter ?? blank) } as Matter;
  for (const effect of effects) {
    if ('set' in effect) Object.assign(next, effect.set);
    else
      for (const [field, added] of Object.entries(effect.add)) {
        const key = field as ListField;
        Object.assign(next, { [key]: union<unknown>(next[key], added) });
      }
  }
  next.seq += 1;
  return next;
}

/** The start of a clock on this matter; a clock whose start is not reached yet counts from now. */
function startOf(
  clock: Clock,
  matter: Pick<Matter, 'receivedAt' | 'registeredAt' | 'acceptedAt' | 'dispatchedAt' | 'answeredAt'>,
  now: number,
): number {
  if (clock.from === 'received') return matter.receivedAt;
  if (clock.from === 'registered') return matter.registeredAt;
  if (clock.from === 'accepted') return matter.acceptedAt ?? now;
  if (clock.from === 'dispatched') return matter.dispatchedAt ?? now;
  if (clock.from === 'answered') return matter.answeredAt ?? now;
  return now;
}

/** Enters a state: who is accountable from now on, and until when. The one place where a step's clock starts. */
export function enter(
  matter: Matter,
  state: OpenState,
  unit: string,
  now: number,
  rules: Rules,
  more: Partial<Matter> = {},
  fresh = false,
): Effect[] {
  const said = matter.stock ? { ...more, openedAt: now } : more;
  const seen = { ...matter, ...said };
  const clock = rules.clock(seen.county, seen.kind, owed[state], now, seen.grade);
  const counted: Clock = fresh ? { ...clock, from: 'entered' } : clock;
  const start = startOf(counted, seen, now);
  const due =
    seen.openedAt !== null && seen.openedAt > start
      ? deadline({ ...counted, from: 'opened' }, seen.openedAt, rules.calendar)
      : deadline(counted, start, rules.calendar);
  // Orders to a unit that no longer holds the matter are over; those to this one still want a reply.
  const orders = seen.orders.map(order => (order.to === unit || order.over ? order : { ...order, over: true }));
  const set = { ...said, state, unit, open: true, stock: false, orders, pause: null, asked: null };
  return [
    { set: { ...set, ...armed({ ...seen, ...set, lapses: 0 }, due, now, rules) } },
    { add: { participants: [unit] } },
  ];
}

/** A deadline with what follows from it: when something happens by itself next. */
export function armed(
  m: Pick<Matter, 'county' | 'kind' | 'state' | 'grade' | 'orders' | 'lapses'>,
  due: Due,
  now: number,
  rules: Rules,
): Pick<Matter, 'due' | 'dueAt' | 'nextAt' | 'lapses' | 'replyAt'> {
  const replyAt = replyOf(m.orders);
  // The person's silence ends a matter: nobody is warned of that.
  if (m.state === 'followed') return { due, dueAt: due.at, nextAt: due.at, lapses: m.lapses, replyAt };
  const alarms = rules.alarms(m.county, m.kind, now, m.grade);
  let { lapses } = m;
  // A warning whose time has passed before it could be given is not given.
  while (lapses < alarms.length && alarms[lapses]!.do === 'warn' && momentOf(alarms[lapses]!, due.at, rules) <= now)
    lapses += 1;
  const alarm = alarms[lapses];
  const moment = alarm ? momentOf(alarm, due.at, rules) : shifted(now, { count: 5, unit: 'workday' }, rules.calendar);
  const next = replyAt === null ? moment : Math.min(moment, replyAt);
  return { due, dueAt: due.at, nextAt: next, lapses, replyAt };
}
const momentOf = (alarm: Alarm, dueAt: number, rules: Rules) => shifted(dueAt, alarm.after, rules.calendar);

/** The earliest reply still owed. */
export function replyOf(orders: readonly Order[]): number | null {
  const waiting = orders.flatMap(order =>
    order.replyBy !== null && order.repliedAt === null && !order.over ? [order.replyBy] : [],
  );
  return waiting.length ? Math.min(...waiting) : null;
}

export const end = (m: Matter, state: State, now: number, more: Partial<Matter> = {}): Effect[] => [
  {
    set: {
      ...more,
      state,
      open: false,
      stock: false,
      due: null,
      dueAt: null,
      nextAt: null,
      replyAt: null,
      pause: null,
      asked: null,
      orders: m.orders.map(order => ({ ...order, over: true })),
      endedAt: now,
    },
  },
];

/** The centre that may coordinate: the one asked for, or the first above it that is no party to the matter. */
export function impartialCentre(wanted: string, excluded: readonly string[], rules: Rules): string | undefined {
  let unit: string | null = wanted;
  while (unit && excluded.includes(unit)) unit = rules.unit(unit)?.centreAbove ?? null;
  return unit ?? undefined;
}
