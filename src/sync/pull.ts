/** What a phone holds: the tasks and matters of its owner's units and places, packs of places and names; nothing more. */
import { createHash } from 'node:crypto';
import type { House } from '../house.ts';
import { noScope, sql, time } from '../kernel/db.ts';
import { abilities } from '../matters/decide.ts';
import { visible } from '../matters/filters.ts';
import type { Matter } from '../matters/matter.ts';
import { redact } from '../matters/redact.ts';
import { matterOf } from '../matters/rows.ts';
import type { MatterWords } from '../matters/store.ts';
import type { Staff } from '../people/actors.ts';
import { placeKinds } from '../places/kinds.ts';
import { phoneDuties } from '../rounds/store.ts';
import { fieldActions, type PhoneMatter } from './contract.ts';
import { bucketOf, bucketsFor, digests, type Held } from './digest.ts';

/** What a phone understands; raised when a row changes its shape, so that phones take everything anew. */
const shape = 3;
/** The most matters a phone holds; what is due first comes first. */
const most = 20_000;
const hashOf = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 32);

/** Open matters of one's units, and for a grid worker those of the village or grid. */
const mine = (staff: Staff) => {
  const places = staff.posts.filter(post => post.role === 'grid').map(post => post.region);
  const units = staff.scope.units ?? [];
  return sql`m.county = ANY (${staff.counties}::text[]) AND m.open AND NOT m.stock AND ${visible(staff.scope)}
    AND (m.unit = ANY (${units}::uuid[])${places.length ? sql` OR m.village = ANY (${places}::text[]) OR m.grid = ANY (${places}::text[])` : sql``})`;
};

export async function pullMatters(house: House, staff: Staff, given: { stamp: string; digests: readonly string[] }) {
  const stamp = hashOf(JSON.stringify([shape, staff.person, staff.posts, house.keeper.current.revision]));
  const held = await house.db.read<Held>(
    staff.scope,
    sql`SELECT m.id, m.seq FROM matter m WHERE ${mine(staff)} ORDER BY m.due_at, m.id LIMIT ${most}`,
  );
  const fresh = given.stamp !== stamp;
  // The phone's buckets, unless there are far too few or too many of them by now.
  const wanted = bucketsFor(held.length);
  const theirs = given.digests.length;
  const fits = !fresh && (theirs & (theirs - 1)) === 0 && theirs >= wanted / 4 && theirs <= wanted * 4;
  const buckets = fits ? theirs : wanted;
  const ours = digests(held, buckets);
  const differ = new Set(
    ours.flatMap((digest, n) => ((fits ? digest !== given.digests[n] : digest !== '') ? [n] : [])),
  );
  const ids = held.filter(one => differ.has(bucketOf(one.id, buckets))).map(one => one.id);
  const rows = new Map((await readMatters(house, staff, ids)).map(row => [row.id, row]));
  const parts = [...differ].map(bucket => ({ bucket, rows: [] as PhoneMatter[] }));
  const byBucket = new Map(parts.map(part => [part.bucket, part]));
  for (const row of rows.values()) byBucket.get(bucketOf(row.id, buckets))!.rows.push(row);
  return { stamp, fresh: !fits, buckets, matters: parts };
}

async function readMatters(house: House, staff: Staff, ids: readonly string[]): Promise<PhoneMatter[]> {
  if (!ids.length) return [];
  const rows = await house.db.read<any>(
    staff.scope,
    sql`SELECT m.*, k.wrapped, k.version, t.words AS told FROM matter m JOIN matter_key k ON k.county = m.county AND k.matter = m.id
      LEFT JOIN LATERAL (SELECT a.words FROM matter_action a WHERE a.county = m.county AND a.matter = m.id AND a.type IN ('dispatch', 'rule', 'sendBack', 'order', 'orderRectify') ORDER BY a.seq DESC LIMIT 1) t ON true
      WHERE m.county = ANY (${staff.counties}::text[]) AND m.id = ANY (${ids}::uuid[])`,
  );
  return rows.flatMap(row => {
    if (!row.wrapped) return [];
    const m: Matter = matterOf(row);
    const key = house.secrets.unwrap(row.wrapped, row.version);
    const words = house.secrets.open<MatterWords>(key, row.words);
    const told = row.told ? (house.secrets.open<{ text?: string }>(key, row.told).text ?? '') : '';
    const may = abilities(m, staff);
    return [
      {
        county: m.county,
        id: m.id,
        seq: m.seq,
        number: m.number,
        kind: m.kind,
        state: m.state,
        unit: m.unit,
        dueAt: m.dueAt,
        path: m.path,
        location: m.location,
        title: m.sensitive ? '' : redact(words.title),
        text: m.sensitive ? '' : redact(words.text).slice(0, 2000),
        told: m.sensitive ? '' : redact(told).slice(0, 500),
        sensitive: m.sensitive,
        parties: m.sensitive ? [] : m.parties.map(({ id, role, name }) => ({ id, role, name })),
        abilities: may.filter(type => (fieldActions as readonly string[]).includes(type)),
      },
    ];
  });
}

export async function pullDuties(house: House, staff: Staff, known: string) {
  const duties = await phoneDuties(house, staff, house.clock());
  const hash = hashOf(JSON.stringify(duties));
  return { dutiesHash: hash, ...(hash !== known && { duties }) };
}

/** What units were told in the last week, as far as it matters outside. */
export const pullTold = (house: House, staff: Staff) =>
  house.db.read<any>(
    staff.scope,
    sql`SELECT n.county, n.id, n.matter, n.what, n.at, n.data, m.number FROM notice n LEFT JOIN matter m ON m.county = n.county AND m.id = n.matter
      WHERE n.county = ANY (${staff.counties}::text[]) AND n.unit = ANY (${staff.scope.units ?? []}::uuid[]) AND n.at > ${time(house.clock() - 7 * 86_400_000)} ORDER BY n.at DESC, n.id LIMIT 50`,
  );

type Pack = { key: string; hash: string; json: string };
/** Packs by name as last made, and by hash; a process makes each once for all phones. */
export class Packs {
  readonly #house: House;
  readonly #byName = new Map<string, Pack>();
  readonly #byHash = new Map<string, string>();
  constructor(house: House) {
    this.#house = house;
  }

  /** The packs of somebody: the names and forms of their counties, and the places of the townships below their posts. */
  async listFor(staff: Staff): Promise<{ name: string; hash: string }[]> {
    const directory = this.#house.keeper.current;
    const packs: { name: string; hash: string }[] = [];
    for (const county of staff.counties) {
      const pack = await this.#get(`names:${county}`, `${directory.revision}`, async () => this.#names(county));
      packs.push({ name: `names:${county}`, hash: pack.hash });
    }
    const regions = staff.posts.map(post => post.region);
    const townships = [...directory.regions.values()].filter(
      region =>
        region.level === 'township' &&
        !region.valid_to &&
        regions.some(
          code => directory.path(region.code).includes(code) || directory.path(code).includes(region.code),
        ) &&
        // A city's post holds no places: a phone is for a county at most.
        staff.counties.length === 1,
    );
    if (!townships.length) return packs;
    const revisions = new Map(
      (
        await this.#house.db.read<{ region: string; n: number }>(
          noScope,
          sql`SELECT region, n FROM place_pack WHERE county = ANY (${staff.counties}::text[])`,
        )
      ).map(row => [row.region, row.n]),
    );
    for (const { code } of townships) {
      const pack = await this.#get(`places:${code}`, `${directory.revision}/${revisions.get(code) ?? 0}`, () =>
        this.#places(code),
      );
      packs.push({ name: `places:${code}`, hash: pack.hash });
    }
    return packs;
  }

  /** The text of a pack that was named to somebody a moment ago. */
  find(hash: string): string | undefined {
    return this.#byHash.get(hash);
  }

  async #get(name: string, key: string, make: () => Promise<object>): Promise<Pack> {
    const known = this.#byName.get(name);
    if (known?.key === key) return known;
    const json = JSON.stringify({ name, ...(await make()) });
    const pack = { key, hash: hashOf(json), json };
    if (known && known.hash !== pack.hash) this.#byHash.delete(known.hash);
    this.#byName.set(name, pack);
    this.#byHash.set(pack.hash, json);
    return pack;
  }

  async #names(county: string) {
    const directory = this.#house.keeper.current;
    const units = [...directory.units.values()].filter(unit => unit.county === county && !unit.valid_to);
    const regions = [...directory.regions.values()].filter(
      region =>
        !region.valid_to &&
        !['grid', 'group', 'city'].includes(region.level) &&
        directory.countyOf(region.code) === county,
    );
    return {
      county,
      units: units.map(({ id, name, region, kind }) => [id, name, region, kind]),
      regions: regions.map(({ code, name, pinyin }) => [code, name, pinyin]),
      categories: Object.fromEntries(
        [...directory.categories].map(([kind, list]) => [
          kind,
          list.map(({ code, name, words }) => [code, name, words]),
        ]),
      ),
      forms: Object.fromEntries(
        Object.entries(placeKinds).map(([kind, { zh, en, checklist }]) => [
          kind,
          { zh, en, checklist: this.#checklist(county, kind) ?? checklist },
        ]),
      ),
    };
  }
  /** A county's own checklist, in force today. */
  #checklist(county: string, kind: string) {
    return this.#house.keeper.current.ownRule(county, 'hazard', `checklist.${kind}`, this.#house.clock());
  }

  async #places(township: string) {
    const directory = this.#house.keeper.current;
    const county = directory.countyOf(township)!;
    const rows = await this.#house.db.read<{
      id: string;
      kind: string;
      name: string;
      pinyin: string;
      region: string;
      lng: number | null;
      lat: number | null;
      code: string | null;
      state: string;
    }>(
      noScope,
      sql`SELECT id, kind, name, pinyin, region, lng, lat, code, state FROM place WHERE county = ${county} AND path @> ARRAY[${township}]::text[] AND valid_to IS NULL ORDER BY id`,
    );
    const short = (n: number | null) => (n === null ? null : Math.round(n * 1e6) / 1e6);
    const below = [...directory.regions.values()].filter(
      region =>
        !region.valid_to &&
        ['grid', 'village'].includes(region.level) &&
        directory.path(region.code).includes(township),
    );
    return {
      township,
      county,
      regions: below.map(({ code, name, pinyin }) => [code, name, pinyin]),
      grids: directory.boundariesBelow(township).map(({ region, geometry }) => ({ region, geometry })),
      places: rows.map(p => [p.id, p.kind, p.name, p.pinyin, p.region, short(p.lng), short(p.lat), p.code, p.state]),
    };
  }
}
