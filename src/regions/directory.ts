/**
 * What every process keeps in memory of the reference tables: the tree of regions, grids with their boundaries, units,
 * clocks, categories and the calendar. A snapshot is immutable; a change raises `revision` and every process reloads.
 */
import chineseDays from 'chinese-days';
import Flatbush from 'flatbush';
import inPolygon from 'point-in-polygon-hao';
import type { Database } from '../kernel/db.ts';
import { noScope, sql } from '../kernel/db.ts';
import { clockOf, type Kind, type Step } from '../kinds/kind.ts';
import { type KindName, kinds } from '../kinds/kinds.ts';
import { type Calendar, type Clock, dateOf } from '../matters/clocks.ts';
import type { Grade } from '../matters/grading.ts';
import type { Rules } from '../matters/matter.ts';
import { commonAlarms } from '../matters/supervision.ts';

export type Level = 'city' | 'county' | 'township' | 'village' | 'grid' | 'group';
export type Region = {
  code: string;
  parent: string | null;
  level: Level;
  name: string;
  pinyin: string;
  valid_to: string | null;
};
export type UnitKind =
  | 'centre'
  | 'department'
  | 'committee'
  | 'station'
  | 'court'
  | 'insurer'
  | 'enterprise'
  | 'school'
  | 'village';
export type Unit = {
  id: string;
  county: string;
  region: string;
  kind: UnitKind;
  name: string;
  pinyin: string;
  phone: string | null;
  above: string | null;
  words: string[];
  valid_to: string | null;
};
export type Category = {
  kind: KindName;
  version: number;
  code: string;
  parent: string | null;
  name: string;
  words: string[];
};

/** A county's own rule, versioned by date: see `ruleNames`, and `clock.<step>[.<grade>]`. */
export type RuleRow = { county: string; kind: string; what: string; effective_from: string; value: unknown };

type Boundary = { region: string; geometry: { type: 'Polygon' | 'MultiPolygon'; coordinates: any } };

const ownKnownThrough = 2026; // chinese-days treats later years as ordinary

/** The calendar of the years the library knows, with what administrators imported on top. */
export function calendarOf(
  years: readonly { year: number; off: readonly string[]; work: readonly string[] }[],
): Calendar {
  const off = new Set<string>();
  const work = new Set<string>();
  const imported = new Map(years.map(year => [year.year, year]));
  const last = Math.max(ownKnownThrough, ...imported.keys());
  for (let day = Date.UTC(2004, 0, 1); day < Date.UTC(ownKnownThrough + 1, 0, 1); day += 86_400_000) {
    const date = new Date(day).toISOString().slice(0, 10);
    if (imported.has(Number(date.slice(0, 4)))) continue;
    const weekend = [0, 6].includes(new Date(day).getUTCDay());
    const works = chineseDays.isWorkday(date);
    if (weekend && works) work.add(date);
    if (!weekend && !works) off.add(date);
  }
  for (const year of imported.values()) {
    for (const date of year.off) off.add(date);
    for (const date of year.work) work.add(date);
  }
  let known = ownKnownThrough;
  while (known < last && imported.has(known + 1)) known += 1;
  return { off, work, knownThrough: `${known}-12-31` };
}

export class Directory {
  readonly revision: number;
  readonly counties: Map<string, { county: string; region: string; name: string }>;
  readonly regions: Map<string, Region>;
  readonly units: Map<string, Unit>;
  readonly calendar: Calendar;
  readonly categories: Map<KindName, Category[]>;
  readonly #clocks: Map<string, { from: string; clock: Clock }[]>;
  readonly #centres: Map<string, string>;
  readonly #boundaries: Boundary[];
  readonly #ruleRows: RuleRow[];
  readonly #index: Flatbush | undefined;

  constructor(data: {
    revision: number;
    counties: { county: string; region: string; name: string }[];
    regions: Region[];
    units: Unit[];
    boundaries: Boundary[];
    clocks: { kind: string; step: string; effective_from: string; value: Clock }[];
    categories: Category[];
    calendar: Calendar;
    rules: RuleRow[];
  }) {
    this.#ruleRows = data.rules.toSorted((a, b) => (a.effective_from < b.effective_from ? 1 : -1));
    this.revision = data.revision;
    this.counties = new Map(data.counties.map(county => [county.county, county]));
    this.regions = new Map(data.regions.map(region => [region.code, region]));
    this.units = new Map(data.units.map(unit => [unit.id, unit]));
    this.calendar = data.calendar;
    this.#centres = new Map(
      data.units.filter(unit => unit.kind === 'centre' && !unit.valid_to).map(unit => [unit.region, unit.id]),
    );
    this.categories = new Map(
      Object.keys(kinds).map(kind => [kind as KindName, data.categories.filter(c => c.kind === kind)]),
    );
    this.#clocks = new Map();
    for (const row of data.clocks) {
      const key = `${row.kind}.${row.step}`;
      this.#clocks.set(key, [...(this.#clocks.get(key) ?? []), { from: row.effective_from, clock: row.value }]);
    }
    for (const versions of this.#clocks.values()) versions.sort((a, b) => (a.from < b.from ? 1 : -1));
    this.#boundaries = data.boundaries;
    if (data.boundaries.length) {
      this.#index = new Flatbush(data.boundaries.length);
      for (const boundary of data.boundaries) this.#index.add(...boxOf(boundary.geometry));
      this.#index.finish();
    }
  }

  /** Codes from the county down to the place itself. */
  path(code: string): string[] {
    const path: string[] = [];
    for (
      let at = this.regions.get(code);
      at && at.level !== 'city';
      at = at.parent ? this.regions.get(at.parent) : undefined
    )
      path.unshift(at.code);
    return path;
  }

  /** The county key of a place. */
  countyOf(code: string): string | undefined {
    const top = this.path(code)[0];
    return [...this.counties.values()].find(county => county.region === top)?.county;
  }

  /** The lowest centre responsible for a place. */
  centreOf(code: string): string | undefined {
    for (const at of this.path(code).reverse()) {
      const centre = this.#centres.get(at);
      if (centre) return centre;
    }
  }

  /** Below this region, itself included, are all its counties: what a post at city level oversees. */
  overseen(code: string): string[] {
    if (this.regions.get(code)?.level !== 'city') return [code];
    return [...this.regions.values()]
      .filter(region => region.level === 'county' && region.parent === code)
      .map(r => r.code);
  }

  /** "禹州市 / 火龙镇 / 刘沟村" */
  nameOf(path: readonly string[]): string {
    return path.map(code => this.regions.get(code)?.name ?? code).join(' / ');
  }

  /** The grid a WGS-84 point lies in; a few microseconds. */
  locate(lng: number, lat: number): Region | undefined {
    for (const i of this.#index?.search(lng, lat, lng, lat) ?? []) {
      const { geometry, region } = this.#boundaries[i]!;
      const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
      if (polygons.some((polygon: any) => inPolygon([lng, lat], polygon) !== false)) return this.regions.get(region);
    }
  }

  boundary(code: string) {
    return this.#boundaries.find(boundary => boundary.region === code)?.geometry;
  }
  boundariesBelow(code: string) {
    // By the tree, not by the digits: a town 100 would begin like all of its county.
    return this.#boundaries.filter(boundary => this.path(boundary.region).includes(code));
  }

  searchRegions(typed: string, within: readonly string[], limit = 20): (Region & { path: string[] })[] {
    const wanted = typed.trim().toLowerCase();
    const rank = { city: 0, county: 1, township: 2, village: 3, grid: 4, group: 5 };
    const hits: Region[] = [];
    for (const region of this.regions.values()) {
      if (region.valid_to) continue;
      if (!region.name.includes(wanted) && !matchesPinyin(region.pinyin, wanted) && !region.code.startsWith(wanted))
        continue;
      if (within.length && !this.path(region.code).some(code => within.includes(code))) continue;
      hits.push(region);
    }
    hits.sort(
      (a, b) =>
        Number(b.name.startsWith(wanted)) - Number(a.name.startsWith(wanted)) ||
        rank[a.level] - rank[b.level] ||
        (a.code < b.code ? -1 : 1),
    );
    return hits.slice(0, limit).map(region => ({ ...region, path: this.path(region.code) }));
  }

  get rules(): Rules {
    return {
      calendar: this.calendar,
      clock: (county, kind, step, at, grade) => this.clock(county, kind, step, at, grade),
      unit: id => {
        const unit = this.units.get(id);
        return (
          unit && { id, centreAbove: unit.above, isCentre: unit.kind === 'centre', closed: unit.valid_to !== null }
        );
      },
      alarms: (county, kind, at, grade) =>
        (grade && this.ownRule(county, kind, `alarms.${grade}`, at)) ??
        this.ownRule(county, kind, 'alarms', at) ??
        commonAlarms,
      points: (county, kind, at) => this.ownRule(county, kind, 'points', at) ?? kinds[kind].points,
      knows: county => this.counties.has(county),
      fields: (county, kind, at) => this.ownRule(county, kind, 'fields', at) ?? [],
      // A village has one desk: what it answers itself goes out by its own hand, unless the county says otherwise.
      chain: (m, paper, at) => {
        const region = this.regions.get(this.units.get(m.centre)?.region ?? '');
        const level = region?.level ?? 'county';
        const own = this.ownRule(m.county, m.kind, `chain.${level}`, at) ?? this.ownRule(m.county, m.kind, 'chain', at);
        return (own ?? (level === 'village' ? {} : (kinds[m.kind] as Kind).chain))[paper] ?? [];
      },
    };
  }

  /** For a grade, then for all grades: the county's own clock, the installation's, the kind's. */
  clock(county: string, kind: KindName, step: Step, at: number, grade?: Grade | null): Clock {
    return (
      this.ownRule(county, kind, `clock.${grade ? `${step}.${grade}` : step}`, at) ??
      this.commonClock(kind, step, at, grade) ??
      this.clock(county, kind, step, at)
    );
  }

  /** The clock before a county's own; of a grade only where that grade has one. */
  commonClock(kind: KindName, step: Step, at: number): Clock;
  commonClock(kind: KindName, step: Step, at: number, grade: Grade | null | undefined): Clock | undefined;
  commonClock(kind: KindName, step: Step, at: number, grade?: Grade | null): Clock | undefined {
    const date = dateOf(at);
    const set = this.#clocks.get(`${kind}.${grade ? `${step}.${grade}` : step}`)?.find(version => version.from <= date);
    if (set) return set.clock;
    if (!grade) return kinds[kind].clocks[step];
    const graded = (kinds[kind] as Kind).graded?.[grade]?.[step];
    return graded && clockOf(step, graded);
  }

  /** A county's own rule of what was asked, in force at a moment; what capabilities keep there they read themselves. */
  ownRule(county: string, kind: KindName, what: string, at: number): any {
    const date = dateOf(at);
    return this.#ruleRows.find(
      row => row.county === county && row.kind === kind && row.what === what && row.effective_from <= date,
    )?.value;
  }
}

function boxOf(geometry: Boundary['geometry']): [number, number, number, number] {
  const points: [number, number][] = (
    geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat()
  ).flat();
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
}

/** `pinyin` holds "huo long zhen": matches by beginning of the syllables joined, or by initials. */
export function matchesPinyin(pinyin: string, typed: string): boolean {
  if (!/^[a-z' ]+$/.test(typed)) return false;
  const syllables = pinyin.split(' ');
  const wanted = typed.replace(/[' ]/g, '');
  return (
    syllables.join('').startsWith(wanted) ||
    syllables
      .map(s => s[0])
      .join('')
      .startsWith(wanted)
  );
}

/** Loads a snapshot. */
export async function loadDirectory(db: Database): Promise<Directory> {
  const [revision, counties, regions, units, boundaries, clocks, categories, years, rules] = await db.reads(
    noScope,
    sql`SELECT n FROM revision WHERE what = 'directory'`,
    sql`SELECT county, region, name FROM county`,
    sql`SELECT code, parent, level, name, pinyin, valid_to FROM region ORDER BY code`,
    sql`SELECT id, county, region, kind, name, pinyin, phone, above, words, valid_to FROM unit ORDER BY region, name`,
    sql`SELECT region, geometry FROM region_boundary WHERE valid_to IS NULL`,
    sql`SELECT kind, step, effective_from, value FROM clock`,
    sql`SELECT c.* FROM category c JOIN (SELECT kind, max(version) AS version FROM category_version GROUP BY kind) v USING (kind, version) ORDER BY c.code`,
    sql`SELECT year, off::text[] AS off, work::text[] AS work FROM calendar_year`,
    sql`SELECT county, kind, what, effective_from, value FROM county_rule`,
  );
  return new Directory({
    revision: revision![0].n,
    counties: counties!,
    regions: regions!,
    units: units!,
    boundaries: boundaries!,
    clocks: clocks!,
    categories: categories!,
    calendar: calendarOf(years as any),
    rules: rules!,
  });
}

/** Keeps one snapshot current; ask `now` each time, never hold it across awaits that write. */
export class DirectoryKeeper {
  current: Directory;
  readonly #db: Database;
  #timer: NodeJS.Timeout;
  private constructor(db: Database, first: Directory) {
    this.#db = db;
    this.current = first;
    this.#timer = setInterval(() => this.#look().catch(() => {}), 3000);
    this.#timer.unref();
  }
  static async open(db: Database): Promise<DirectoryKeeper> {
    return new DirectoryKeeper(db, await loadDirectory(db));
  }
  async #look(): Promise<void> {
    const row = await this.#db.readOne<{ n: number }>(noScope, sql`SELECT n FROM revision WHERE what = 'directory'`);
    if (row && row.n !== this.current.revision) this.current = await loadDirectory(this.#db);
  }
  /** After a change by this process: raise the revision and reload at once. */
  async changed(): Promise<void> {
    await this.#db.write(noScope, tx => tx.run(sql`UPDATE revision SET n = n + 1 WHERE what = 'directory'`));
    this.current = await loadDirectory(this.#db);
  }
  close(): void {
    clearInterval(this.#timer);
  }
}
