/**
 * A year in a minute: residents raise matters by season, weekday and hour; units work well and badly; people are away,
 * posts change, holidays come. Everybody acts only through `decide`, and errs: illegal, stale, doubled, at once. The clock
 * is virtual; what it shows is that no matter is orphaned and nothing that should happen by itself is missed.
 */
import Flatqueue from 'flatqueue';
import { kinds } from '../kinds/kinds.ts';
import type { Action, Registration } from '../matters/actions.ts';
import { businessMoment, momentOfDate, shifted } from '../matters/clocks.ts';
import { decide, register } from '../matters/decide.ts';
import { apply, type Effect, isRefusal, type Matter } from '../matters/matter.ts';
import { matterNumber } from '../matters/numbers.ts';
import { registerPart } from '../matters/parts.ts';
import type { Actor, Post } from '../matters/policy.ts';
import type { Directory } from '../regions/directory.ts';
import { nextMove, type World } from './behaviour.ts';
import { type Random, seeded } from './random.ts';
import { type Story, stories } from './stories.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export type SimulationOptions = {
  county: string;
  days: number;
  seed: number;
  /** Matters raised in a year. */
  perYear?: number;
  /** The first day. */
  from?: string;
  /** Told each matter's history when it is over, in the order of ending; the rest at the end. */
  keep?: (told: Told) => void;
  /** Told after every day; what it returns is waited for. */
  progress?: (day: number) => void | Promise<void>;
  /** For a simulation that is written down: ids and numbers of its own. */
  mint?: (at: number) => string;
  serial?: number;
};
/** One matter as it went: who did what when, with the effects it had. */
export type Told = {
  matter: Matter;
  story: Story;
  acts: {
    type: string;
    data: object;
    words: object;
    effects: Effect[];
    at: number;
    actor: Actor;
    unit: string | null;
  }[];
};
export type Simulated = {
  matters: number;
  actions: number;
  /** Proposals that were refused: illegal, stale, doubled. */
  refused: number;
  /** Open matters that at any moment had no accountable unit or no next deadline. */
  orphans: number;
  /** Automatic steps that did not happen at their time, or not as the rules say. */
  missed: number;
  open: number;
  late: number;
  lapses: number;
  orders: number;
  notices: number;
  returned: number;
  whistled: number;
  reviewed: number;
  struck: number;
  days: number;
};

/** How many raise something: more in spring and after the new year, on Mondays, in the morning. */
const months = [1.1, 0.8, 1.25, 1.1, 1, 1, 0.95, 0.95, 1.05, 0.9, 1.05, 0.95];
const weekdays = [0.5, 1.3, 1.15, 1.1, 1.1, 1.05, 0.6];
const hours = [0, 0, 0, 0, 0, 0, 1, 3, 9, 12, 11, 7, 3, 4, 9, 10, 9, 7, 4, 3, 3, 2, 1, 1];
const hourSum = hours.reduce((a, b) => a + b, 0);

type Worker = Actor & { person: string };
type Life = { matter: Matter; story: Story; acts: Told['acts'] };
type Event = { what: 'raise' } | { what: 'work'; life: number } | { what: 'timer'; life: number; at: number };

export async function simulate(directory: Directory, options: SimulationOptions): Promise<Simulated> {
  const random = seeded(options.seed);
  const { county } = options;
  const { rules } = directory;
  const start = momentOfDate(options.from ?? '2026-01-01');
  const end = start + options.days * DAY;
  const perDay = (options.perYear ?? 60_000) / 365;
  const people = new Offices(directory, county, options.seed);
  const top = directory.counties.get(county)!.region;
  const villages = [...directory.regions.values()].filter(
    r => r.level === 'village' && directory.path(r.code)[0] === top,
  );
  const departments = [...directory.units.values()]
    .filter(u => u.county === county && u.kind === 'department' && !u.valid_to)
    .map(u => u.id);
  const result: Simulated = {
    matters: 0,
    actions: 0,
    refused: 0,
    orphans: 0,
    missed: 0,
    open: 0,
    late: 0,
    lapses: 0,
    orders: 0,
    notices: 0,
    returned: 0,
    whistled: 0,
    reviewed: 0,
    struck: 0,
    days: options.days,
  };
  const lives: (Life | undefined)[] = [];
  const byId = new Map<string, number>();
  const queue = new Flatqueue<number>();
  const events: Event[] = [];
  const free: number[] = [];
  const plan = (at: number, event: Event) => {
    const slot = free.pop() ?? events.length;
    events[slot] = event;
    queue.push(slot, at);
  };
  let serial = options.serial ?? 0;
  let minted = 0;
  const mint = () => options.mint?.(now) ?? `00000000-0000-7000-8000-${(++minted).toString(16).padStart(12, '0')}`;
  const timer: Actor = { person: null, posts: [], system: true };
  const chosen = new Map<string, string>();
  const world: World<Worker> = {
    rules,
    staff: unit => people.workers(unit, now),
    leaders: unit => people.leaders(unit, now),
    unitOf: (story, m) => {
      if (story.unit === 'village' || m.whole) return undefined;
      const key = `${story.unit}`;
      if (!chosen.has(key)) chosen.set(key, departments[chosen.size % departments.length]!);
      return chosen.get(key);
    },
    departments,
    committeeOf: m => m.centre,
    mediatorOf: () => '00000000-0000-4000-8000-000000000001',
    mint,
  };
  let now = start;

  /** Whoever is accountable, and until when: looked at after every action. */
  const look = (m: Matter) => {
    if (m.open && (!rules.unit(m.unit) || (!m.stock && (m.due === null || m.nextAt === null)))) result.orphans += 1;
  };
  const schedule = (n: number) => {
    const { matter } = lives[n]!;
    if (matter.nextAt !== null) plan(Math.max(matter.nextAt, now), { what: 'timer', life: n, at: matter.nextAt });
  };
  const keep = (n: number) => {
    const life = lives[n]!;
    options.keep?.(life);
    byId.delete(life.matter.id);
    lives[n] = undefined;
  };

  const record = (life: Life, actor: Actor, action: Action, effects: Effect[], unit: string | null) => {
    const before = life.matter;
    life.matter = apply(before, effects);
    result.actions += 1;
    if (options.keep)
      life.acts.push({ type: action.type, data: action.data, words: action.words, effects, at: now, actor, unit });
    look(life.matter);
    return before;
  };

  /** Proposes; what is refused changes nothing. */
  const propose = (n: number, actor: Actor, action: Action): boolean => {
    const life = lives[n];
    if (!life) return false;
    const effects = decide(life.matter, action, actor, now, rules);
    if (isRefusal(effects)) {
      result.refused += 1;
      return false;
    }
    const unit = actor.posts[0]?.unit ?? null;
    const before = record(life, actor, action, effects, unit);
    const after = life.matter;
    if (action.type === 'return') result.returned += 1;
    if (action.type === 'askReview') result.reviewed += 1;
    for (const order of after.orders.slice(before.orders.length)) {
      if (order.level === 'order') result.orders += 1;
      if (order.level === 'notice') result.notices += 1;
    }
    if (action.type === 'whistle') for (const part of action.data.parts) addPart(life, part, actor);
    if (after.nextAt !== before.nextAt) schedule(n);
    if (before.open && !after.open) {
      if (after.state === 'struck') result.struck += 1;
      if (after.whole) {
        const whole = byId.get(after.whole.matter);
        if (whole !== undefined) propose(whole, timer, { type: 'partDone', data: { matter: after.id }, words: {} });
      }
      for (const part of after.parts) {
        const at = part.done ? undefined : byId.get(part.matter);
        if (at !== undefined) propose(at, timer, { type: 'release', data: {}, words: {} });
      }
      keep(n);
    }
    return true;
  };

  const begin = (matter: Matter, story: Story, effects: Effect[], actor: Actor) => {
    const n = lives.length;
    const first = {
      type: 'register',
      data: {},
      words: {},
      effects,
      at: now,
      actor,
      unit: actor.posts[0]?.unit ?? null,
    };
    lives.push({ matter, story, acts: options.keep ? [first] : [] });
    byId.set(matter.id, n);
    result.matters += 1;
    result.actions += 1;
    look(matter);
    schedule(n);
    plan(workTime(now, random, rules.calendar), { what: 'work', life: n });
  };
  const addPart = (whole: Life, part: { matter: string; unit: string }, actor: Actor) => {
    const number = matterNumber(county, new Date(now).getUTCFullYear(), ++serial);
    const effects = registerPart(whole.matter, { ...part, number }, now, rules);
    result.whistled += 1;
    begin(apply(undefined, effects), whole.story, effects, actor);
  };
  const raise = () => {
    const story = random.pick(stories);
    const village = random.pick(villages).code;
    const centre = directory.centreOf(village)!;
    const clerk = people.workers(centre, now)[0];
    if (!clerk) return void plan(now + 4 * HOUR, { what: 'raise' });
    const registration: Registration = {
      number: matterNumber(county, new Date(now + 8 * HOUR).getUTCFullYear(), ++serial),
      kind: story.kind,
      category: story.category,
      source: random.pick(['window', 'hotline', 'letter', 'grid', 'visit']),
      fields: kinds[story.kind].fields.parse({}),
      centre,
      path: directory.path(village),
      grid: null,
      location: null,
      receivedAt: now,
      registeredAt: now,
      stock: false,
      sensitive: random.chance(0.02),
      excludedUnits: [],
      excludedPeople: [],
      parties:
        story.kind === 'dispute'
          ? [
              { id: mint(), role: 'applicant', name: '某**' },
              { id: mint(), role: 'respondent', name: '某**' },
            ]
          : [],
      externals: [],
    };
    const effects = register(county, mint(), registration, clerk, now, rules);
    if (isRefusal(effects)) result.refused += 1;
    else begin(apply(undefined, effects), story, effects, clerk);
  };

  const work = (n: number) => {
    const life = lives[n];
    if (!life) return;
    const move = nextMove(life.matter, life.story, world, random, now);
    if (move) {
      const err = random.next();
      // Somebody tries what is not theirs; somebody clicks twice; two do it at once, one of them on what is no longer so.
      if (err < 0.04) propose(n, people.anybody(random, now), move.action);
      propose(n, move.actor, move.action);
      if (err > 0.97) propose(n, move.actor, move.action);
      if (err > 0.94 && err < 0.97) {
        const colleague = world.staff(life.matter.unit)[1];
        if (colleague) propose(n, colleague, move.action);
      }
    }
    if (!lives[n]) return;
    // Some units let things lie until they are told: those are the ones that the clocks are for.
    const wait = random.chance(0.03) ? 12 * DAY : 0;
    plan(workTime(now + wait, random, rules.calendar), { what: 'work', life: n });
  };

  for (let day = 0; day < options.days; day++) {
    const noon = new Date(start + day * DAY + 12 * HOUR);
    const weight = months[noon.getUTCMonth()]! * weekdays[noon.getUTCDay()]!;
    const count = Math.round(perDay * weight * (0.85 + random.next() * 0.3));
    for (let i = 0; i < count; i++)
      plan(start + day * DAY + hourOf(random) * HOUR + random.int(HOUR), { what: 'raise' });
  }
  let told = 0;
  while (queue.length) {
    const at = queue.peekValue()!;
    if (at > end) break;
    const slot = queue.pop()!;
    const event = events[slot]!;
    free.push(slot);
    now = Math.max(now, at);
    if (now - told > DAY) {
      told = now;
      await options.progress?.(Math.floor((now - start) / DAY));
    }
    if (event.what === 'raise') raise();
    else if (event.what === 'work') work(event.life);
    else {
      const life = lives[event.life];
      // The matter has moved on: another timer was set for it.
      if (!life || life.matter.nextAt !== event.at) continue;
      if (!propose(event.life, timer, { type: 'lapse', data: {}, words: {} })) result.missed += 1;
      else result.lapses += 1;
    }
  }
  for (const [n, life] of lives.entries()) {
    if (!life) continue;
    const { matter: m } = life;
    result.open += 1;
    if (m.nextAt !== null && m.nextAt < end - HOUR) result.missed += 1;
    if (m.dueAt !== null && m.dueAt < end) {
      result.late += 1;
      // Three working days late, nobody ordered to act, and no alarm at the next business hour either: the rules were not
      // kept. (A step may begin with its deadline passed: then the alarms follow each other hour by hour.)
      const overdue = shifted(m.dueAt, { count: 3, unit: 'workday' }, rules.calendar) + 2 * HOUR;
      const ordered = m.orders.some(o => o.level !== 'remind' && o.at > m.dueAt!);
      const coming = m.nextAt !== null && m.nextAt <= businessMoment(end + HOUR, rules.calendar);
      if (m.state !== 'followed' && businessMoment(overdue, rules.calendar) < end && !ordered && !coming)
        result.missed += 1;
    }
    keep(n);
  }
  return result;
}

/** Some hours later, in business hours. */
const workTime = (now: number, random: Random, calendar: Parameters<typeof businessMoment>[1]) =>
  businessMoment(now + 20 * 60_000 + random.int(9 * HOUR), calendar) + random.int(90) * 60_000;

function hourOf(random: Random): number {
  let left = random.next() * hourSum;
  for (const [hour, weight] of hours.entries()) {
    left -= weight;
    if (left < 0) return hour;
  }
  return hours.length - 1;
}

/** Two who handle and one who leads in every unit; away now and then, and some leave: their successor is another person. */
class Offices {
  readonly #units = new Map<string, { posts: Post[]; region: string }>();
  readonly #seed: number;
  constructor(directory: Directory, county: string, seed: number) {
    this.#seed = seed;
    for (const unit of directory.units.values()) {
      if (unit.county !== county || unit.valid_to) continue;
      const centre = unit.kind === 'centre';
      const post = (n: number, role: Post['role']): Post => ({
        id: `${unit.id.slice(0, 34)}${String(n).padStart(2, '0')}`,
        unit: unit.id,
        role,
        region: unit.region,
        oversees: centre ? [unit.region] : [],
        needToKnow: n !== 1,
      });
      const roles: Post['role'][] = centre ? ['clerk', 'clerk', 'leader'] : ['handler', 'handler', 'leader'];
      this.#units.set(unit.id, { posts: roles.map((role, n) => post(n, role)), region: unit.region });
    }
  }
  /** Who holds a post on a day; nobody while they are away, except that a leader's substitute signs. */
  #holder(unit: string, n: number, now: number): Worker | undefined {
    const posts = this.#units.get(unit)?.posts;
    const post = posts?.[n];
    if (!post) return undefined;
    const day = Math.floor((now + 8 * HOUR) / DAY);
    const chance = hash(this.#seed, unit, n);
    const week = Math.floor((day + chance * 7) / 7);
    const away = hash(this.#seed, `${unit}${week}`, n) < 0.06;
    if (away && n !== 2) return undefined;
    // Twice in three years somebody leaves: another person from that day on.
    const era = Math.floor(day / 540 + chance);
    const held = away ? 1 : n;
    return {
      person: `${post.id.slice(0, 30)}${String(era % 100).padStart(4, '0')}${String(held).padStart(2, '0')}`,
      posts: [post],
    };
  }
  workers(unit: string, now: number): Worker[] {
    return [0, 1].flatMap(n => this.#holder(unit, n, now) ?? []);
  }
  leaders(unit: string, now: number): Worker[] {
    return [this.#holder(unit, 2, now)].flatMap(worker => worker ?? []);
  }
  anybody(random: Random, now: number): Actor {
    const unit = random.pick([...this.#units.keys()]);
    return this.#holder(unit, random.int(3), now) ?? { person: null, posts: [] };
  }
}

/** A number below one that the same words always give. */
function hash(seed: number, text: string, n: number): number {
  let h = seed ^ (n * 0x9e3779b1);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return ((h ^ (h >>> 15)) >>> 0) / 4294967296;
}
