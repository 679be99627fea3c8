/** Some hundred matters with plausible histories, made by running the loop under a past clock, never by inserting rows. */
import type { House } from '../house.ts';
import { Database, noScope, sql, systemScope } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { uuid } from '../kernel/ids.ts';
import { act } from '../matters/acting.ts';
import type { RegisterInput } from '../matters/actions.ts';
import { businessMoment } from '../matters/clocks.ts';
import { lapseDue, project } from '../matters/jobs.ts';
import type { Matter } from '../matters/matter.ts';
import { registerMatter } from '../matters/registration.ts';
import { matterOf } from '../matters/rows.ts';
import { Numbers } from '../matters/store.ts';
import { findStaff, type Staff } from '../people/actors.ts';
import { nextMove, type World } from './behaviour.ts';
import { type Random, seeded } from './random.ts';
import { givenNames, type Story, stories, surnames } from './stories.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type Plan = { at: number; run: () => Promise<number | undefined> };

/** Runs `count` matters over the `days` before now, every step and every reminder in the order of time. */
export async function demoHistory(real: House, ownUrl: string, count = 260, days = 75, seed = 7): Promise<void> {
  // A demonstration that a power cut may shorten: waiting for the disk at each of thousands of steps would take a minute.
  const url = new URL(ownUrl);
  url.searchParams.set('options', '-c synchronous_commit=off');
  const db = new Database(url.toString(), 4);
  const house: House = { ...real, db, loop: { ...real.loop, db, numbers: new Numbers(db, 50) } };
  try {
    await tell(house, count, days, seed);
  } finally {
    await db.close();
  }
}

async function tell(house: House, count: number, days: number, seed: number): Promise<void> {
  const random = seeded(seed);
  const end = house.clock();
  const start = end - days * DAY;
  const people = await employees(house, end);
  const villages = [...house.keeper.current.regions.values()].filter(region => region.level === 'village');
  const plans: Plan[] = [];
  for (let i = 0; i < count; i++) {
    const at =
      businessMoment(start + random.int(end - start - 2 * HOUR), house.keeper.current.calendar) +
      random.int(300) * 60_000;
    const story = random.pick(stories);
    const village = random.chance(0.25) ? house.keeper.current.regions.get('411081101205')! : random.pick(villages);
    plans.push(
      new Life(house, people, random, story, village.code, plan => plans.push(plan)).begin(Math.min(at, end - HOUR)),
    );
  }
  // One queue in the order of time: reminders fall between the steps where they belong.
  let clock = start;
  while (plans.length) {
    plans.sort((a, b) => a.at - b.at);
    const plan = plans.shift()!;
    if (plan.at > end) continue;
    if (plan.at - clock > 6 * HOUR) {
      clock = plan.at;
      while ((await lapseDue(house.loop, clock)) > 0);
    }
    const next = await plan.run();
    if (next !== undefined) plans.push({ ...plan, at: next });
  }
  while ((await lapseDue(house.loop, end)) > 0);
  while ((await project(house.loop, 1000)) > 0);
}

type People = {
  handlers: Map<string, Staff[]>;
  leaders: Map<string, Staff[]>;
  committees: { unit: string; region: string; mediator: string }[];
};

/** Who handles and who leads in each unit. */
async function employees(house: House, now: number): Promise<People> {
  const rows = await house.db.read<{ id: string; unit: string; role: string }>(
    noScope,
    sql`SELECT p.id, o.unit, o.role FROM person p JOIN post o ON o.person = p.id WHERE o.role IN ('clerk', 'handler', 'grid', 'leader') ORDER BY o.need_to_know DESC, p.login`,
  );
  const committees = await house.db.read<People['committees'][number]>(
    noScope,
    sql`SELECT DISTINCT ON (c.unit) c.unit, u.region, d.id AS mediator FROM committee c JOIN unit u ON u.id = c.unit JOIN mediator d ON d.committee = c.unit WHERE c.kind = 'township' ORDER BY c.unit, d.civil_servant, d.name`,
  );
  const people: People = { handlers: new Map(), leaders: new Map(), committees };
  for (const row of rows) {
    const staff = await findStaff(house.db, house.keeper.current, row.id, now);
    const map = row.role === 'leader' ? people.leaders : people.handlers;
    if (staff) map.set(row.unit, [...(map.get(row.unit) ?? []), staff]);
  }
  return people;
}

/** One matter's life: what the accountable unit does next, and when. */
class Life {
  #house: House;
  #people: People;
  #random: Random;
  #story: Story;
  #village: string;
  #matter: Matter | undefined;
  #slow: boolean;
  #naps = false;
  readonly #born: (plan: Plan) => void;
  constructor(house: House, people: People, random: Random, story: Story, village: string, born: (plan: Plan) => void) {
    this.#born = born;
    this.#house = house;
    this.#people = people;
    this.#random = random;
    this.#story = story;
    this.#village = village;
    this.#slow = random.chance(0.15);
  }

  begin(at: number): Plan {
    let now = at;
    return {
      at,
      run: async () => {
        const done = this.#matter ? await this.#step(now) : await this.#register(now);
        if (!done) return undefined;
        const nap = this.#naps ? (6 + this.#random.int(14)) * DAY : 0;
        const wait = nap + this.#random.int((this.#slow ? 30 : 5) * HOUR) + 20 * 60_000;
        now = businessMoment(now + wait, this.#house.keeper.current.calendar) + this.#random.int(90) * 60_000;
        return now;
      },
    };
  }

  #unitNamed(key: string): string {
    const names: Record<string, string> = {
      urban: '城市管理局',
      labour: '人力资源和社会保障局',
      housing: '住房和城乡建设局',
      police: '公安局',
      land: '自然资源和规划局',
      environment: '生态环境局',
      traffic: '交通运输局',
      school: '教育体育局',
      health: '卫生健康委员会',
      market: '市场监督管理局',
      civil: '民政局',
      farm: '农业农村局',
      justice: '司法局',
    };
    const units = [...this.#house.keeper.current.units.values()];
    return (
      units.find(unit => unit.name.endsWith(names[key] ?? '〇'))?.id ??
      this.#house.keeper.current.centreOf(this.#village)!
    );
  }

  async #register(now: number): Promise<boolean> {
    const random = this.#random;
    const directory = this.#house.keeper.current;
    const centre = directory.centreOf(this.#village)!;
    const clerk = this.#people.handlers.get(centre)?.[0];
    if (!clerk) return false;
    const place = directory.regions.get(this.#village)!.name;
    const name = random.pick([...surnames]) + random.pick(givenNames);
    const person = (role: 'applicant' | 'respondent'): RegisterInput['parties'][number] => ({
      id: uuid(),
      role,
      name: role === 'applicant' ? name : random.pick([...surnames]) + random.pick(givenNames),
      phone: `139${String(10_000_000 + random.int(89_999_999))}`,
      anonymous: false,
    });
    const input: RegisterInput = {
      id: uuid(now),
      action: uuid(now),
      kind: this.#story.kind,
      text: this.#story.text.replace('{place}', place),
      category: this.#story.category,
      source: random.pick(['window', 'hotline', 'letter', 'grid', 'visit']),
      receivedAt: now - random.int(120) * 60_000,
      region: this.#village,
      grid: `${this.#village}00${1 + random.int(2)}`,
      location: null,
      fields: {},
      parties: this.#story.kind === 'dispute' ? [person('applicant'), person('respondent')] : [person('applicant')],
      externals: random.chance(0.1)
        ? [{ system: 'hotline', number: `HX2026${String(random.int(9_999_999)).padStart(7, '0')}` }]
        : [],
      sensitive: false,
      excludedUnits: [],
      excludedPeople: [],
      links: [],
    };
    const { county, id } = await registerMatter(this.#house.loop, { actor: clerk, scope: clerk.scope, now }, input);
    const row = await this.#read(county, id);
    this.#matter = row;
    return true;
  }

  async #read(county: string, id: string): Promise<Matter> {
    const [row] = await this.#house.db.read<any>(
      systemScope,
      sql`SELECT * FROM matter WHERE county = ${county} AND id = ${id}`,
    );
    return matterOf(row);
  }

  /** What the unit does next. */
  async #step(now: number): Promise<boolean> {
    this.#matter = await this.#read(this.#matter!.county, this.#matter!.id);
    if (!this.#matter.open) return false;
    // Some let it lie for days, until an order wakes them.
    this.#naps = this.#random.chance(0.05);
    const { keeper, loop } = this.#house;
    const directory = keeper.current;
    const world: World<Staff> = {
      rules: directory.rules,
      staff: unit => this.#people.handlers.get(unit) ?? [],
      leaders: unit => this.#people.leaders.get(unit) ?? [],
      unitOf: story => (story.unit === 'village' ? undefined : this.#unitNamed(story.unit)),
      departments: [this.#unitNamed('urban'), this.#unitNamed('housing'), this.#unitNamed('justice')],
      committeeOf: m => this.#committee(m).unit,
      mediatorOf: m => this.#committee(m).mediator,
      mint: () => uuid(now),
    };
    const move = nextMove(this.#matter, this.#story, world, this.#random, now);
    if (!move) return true;
    const { county, id } = this.#matter;
    try {
      const doing = { actor: move.actor, scope: move.actor.scope, now };
      const { matter } = await act(loop, doing, county, id, { id: uuid(now), action: move.action });
      this.#matter = matter;
      if (move.action.type === 'whistle')
        for (const part of move.action.data.parts) this.#born(this.#part(county, part.matter).begin(now + HOUR));
    } catch (error) {
      // People err: what is refused changes nothing, and the unit thinks again.
      if (!(error instanceof Failure)) throw error;
    }
    return this.#matter.open;
  }

  /** The committee of the township, or any that has mediators. */
  #committee(m: Matter): { unit: string; mediator: string } {
    const { committees } = this.#people;
    return committees.find(one => m.path.includes(one.region)) ?? committees[0]!;
  }

  #part(county: string, id: string): Life {
    const life = new Life(this.#house, this.#people, this.#random, this.#story, this.#village, this.#born);
    life.#matter = { county, id } as Matter;
    return life;
  }
}
