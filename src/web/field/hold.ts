/** What the phone holds, in memory and in sealed blocks: matters, duties, places; and how it is brought up to date. */

import type { PlaceKind } from '../../places/kinds.ts';
import type { Duty } from '../../rounds/contract.ts';
import type { PhoneMatter, PhoneMe, syncContracts } from '../../sync/contract.ts';
import { bucketOf, digests } from '../../sync/digest.ts';
import type { Answer as Reply } from '../ui/api.ts';
import type { Vault } from './vault.ts';

type Pull = Reply<typeof syncContracts.pull>;
type Geometry = { type: 'Polygon' | 'MultiPolygon'; coordinates: any };
export type Place = {
  id: string;
  county: string;
  kind: PlaceKind;
  name: string;
  pinyin: string;
  region: string;
  lng: number | null;
  lat: number | null;
  code: string | null;
  state: string;
};
export type Form = { zh: string; en: string; checklist: { key: string; title: string }[] };
type NamesPack = {
  name: string;
  county: string;
  units: [id: string, name: string, region: string, kind: string][];
  regions: [code: string, name: string, pinyin: string][];
  categories: Record<string, [code: string, name: string, words: string[]][]>;
  forms: Record<PlaceKind, Form>;
};
type PlacesPack = {
  name: string;
  township: string;
  county: string;
  regions: [code: string, name: string, pinyin: string][];
  grids: { region: string; geometry: Geometry }[];
  places: [string, PlaceKind, string, string, string, number | null, number | null, string | null, string][];
};
type Pack = NamesPack | PlacesPack;
const isPlaces = (pack: Pack): pack is PlacesPack => 'places' in pack;

/** How the phone asks; throws `Away` without a network and `Ended` once the server knows it no more. */
export type Ask = {
  pull(body: { clock: number; stamp: string; digests: string[]; duties: string }): Promise<Pull>;
  pack(hash: string): Promise<Pack>;
};

type Head = {
  stamp: string;
  buckets: number;
  dutiesHash: string;
  packs: { name: string; hash: string }[];
  told: Pull['told'];
  held: number;
  syncedAt: number;
  skew: number;
};
const noHead: Head = { stamp: '', buckets: 1, dutiesHash: '', packs: [], told: [], held: 0, syncedAt: 0, skew: 0 };

export class Hold {
  me: PhoneMe | undefined;
  head: Head = noHead;
  matters = new Map<string, PhoneMatter>();
  duties: Duty[] = [];
  places: Place[] = [];
  names: NamesPack[] = [];
  #placesById: Map<string, Place> | undefined;
  readonly #packs = new Map<string, Pack>();
  readonly #vault: Vault;
  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** Reads what the first screen shows: some dozens of blocks, whatever they hold. The places of a county come after it. */
  async load(): Promise<void> {
    const [me, head, duties, matters, packs] = await Promise.all([
      this.#vault.get<PhoneMe>('me'),
      this.#vault.get<Head>('head'),
      this.#vault.get<Duty[]>('duties'),
      this.#vault.all<PhoneMatter[]>('m:'),
      this.#vault.all<Pack>('pack:names'),
    ]);
    this.me = me;
    this.head = head ?? noHead;
    this.duties = duties ?? [];
    this.matters = new Map(matters.flatMap(block => block.value).map(row => [row.id, row]));
    for (const { value } of packs) this.#packs.set(value.name, value);
    this.#unpack();
  }
  async loadPlaces(): Promise<void> {
    for (const { value } of await this.#vault.all<Pack>('pack:places')) this.#packs.set(value.name, value);
    this.#unpack();
  }

  /** Replaces what was held too long without asking; only names and forms stay, so that a report can still be written. */
  async forgetOld(): Promise<void> {
    await this.#vault.store.blocks.where('id').startsWith('m:').delete();
    await this.#vault.store.blocks.bulkDelete(['duties', 'head']);
    this.matters.clear();
    this.duties = [];
    this.head = noHead;
  }

  /** Asks the server what is to be held, and writes it: what is on disk is always whole. */
  async pull(ask: Ask, now = Date.now()): Promise<void> {
    const { head } = this;
    const reply = await ask.pull({
      clock: now,
      stamp: head.stamp,
      digests: digests(this.matters.values(), head.buckets),
      duties: head.dutiesHash,
    });
    const matters = reply.fresh ? new Map<string, PhoneMatter>() : new Map(this.matters);
    const touched = new Set(reply.matters.map(part => part.bucket));
    for (const id of [...matters.keys()]) if (touched.has(bucketOf(id, reply.buckets))) matters.delete(id);
    for (const part of reply.matters) for (const row of part.rows) matters.set(row.id, row);
    const duties = reply.duties ?? this.duties;
    const next: Head = {
      stamp: reply.stamp,
      buckets: reply.buckets,
      dutiesHash: reply.dutiesHash,
      packs: head.packs,
      told: reply.told,
      held: reply.held,
      syncedAt: now,
      skew: now - reply.now,
    };
    await this.#write(matters, duties, reply.me, next, reply.fresh ? undefined : touched, reply.buckets);
    this.matters = matters;
    this.duties = duties;
    this.me = reply.me;
    this.head = next;
    await this.#pullPacks(ask, reply.packs);
  }

  /** On disk a block holds some sixteen buckets: one change seals a few hundred rows anew, not twenty thousand. */
  async #write(
    matters: Map<string, PhoneMatter>,
    duties: Duty[],
    me: PhoneMe,
    head: Head,
    touched: Set<number> | undefined,
    buckets: number,
  ): Promise<void> {
    const blockOf = (bucket: number) => bucket % Math.min(64, buckets);
    const wanted = touched && new Set([...touched].map(blockOf));
    const parts = new Map<number, PhoneMatter[]>([...(wanted ?? [])].map(block => [block, []]));
    for (const row of matters.values()) {
      const block = blockOf(bucketOf(row.id, buckets));
      if (wanted && !wanted.has(block)) continue;
      const rows = parts.get(block);
      if (rows) rows.push(row);
      else parts.set(block, [row]);
    }
    const values = [
      ...[...parts].map(([block, rows]) => ({ id: `m:${block}`, value: rows as unknown })),
      { id: 'duties', value: duties },
      { id: 'me', value: me },
      { id: 'head', value: head },
    ];
    const sealed = await Promise.all(
      values.map(async ({ id, value }) => ({ id, data: await this.#vault.seal(value) })),
    );
    const { store } = this.#vault;
    await store.transaction('rw', store.blocks, async () => {
      if (!wanted) await store.blocks.where('id').startsWith('m:').delete();
      await store.blocks.bulkPut(sealed);
    });
  }

  async #pullPacks(ask: Ask, wanted: { name: string; hash: string }[]): Promise<void> {
    const known = new Map(this.head.packs.map(pack => [pack.name, pack.hash]));
    for (const { name, hash } of wanted) {
      if (known.get(name) === hash && this.#packs.has(name)) continue;
      const pack = await ask.pack(hash);
      await this.#vault.put(`pack:${name}`, pack);
      this.#packs.set(name, pack);
      known.set(name, hash);
      this.head = { ...this.head, packs: [...known].map(([n, h]) => ({ name: n, hash: h })) };
      await this.#vault.put('head', this.head);
    }
    for (const name of [...this.#packs.keys()])
      if (!wanted.some(pack => pack.name === name)) {
        this.#packs.delete(name);
        await this.#vault.store.blocks.delete(`pack:${name}`);
      }
    this.#unpack();
  }

  /** Frees what can be had again: the packs of places. */
  async makeRoom(): Promise<void> {
    await this.#vault.store.blocks.where('id').startsWith('pack:places').delete();
    this.head = { ...this.head, packs: this.head.packs.filter(pack => !pack.name.startsWith('places')) };
  }

  #unpack(): void {
    const packs = [...this.#packs.values()];
    this.names = packs.filter((pack): pack is NamesPack => !isPlaces(pack));
    this.places = packs.filter(isPlaces).flatMap(pack =>
      pack.places.map(([id, kind, name, pinyin, region, lng, lat, code, state]) => ({
        id,
        county: pack.county,
        kind,
        name,
        pinyin,
        region,
        lng,
        lat,
        code,
        state,
      })),
    );
    this.#placesById = undefined;
    this.#regionNames = new Map(this.regions.map(([code, name]) => [code, name]));
  }
  #regionNames = new Map<string, string>();
  get grids(): { region: string; geometry: Geometry }[] {
    return [...this.#packs.values()].filter(isPlaces).flatMap(pack => pack.grids);
  }
  place(id: string | null): Place | undefined {
    this.#placesById ??= new Map(this.places.map(place => [place.id, place]));
    return id ? this.#placesById.get(id) : undefined;
  }
  /** Villages and grids that can be named, with their codes. */
  get regions(): [code: string, name: string, pinyin: string][] {
    return [
      ...this.names.flatMap(pack => pack.regions),
      ...[...this.#packs.values()].filter(isPlaces).flatMap(pack => pack.regions),
    ];
  }
  regionName(code: string): string {
    return this.#regionNames.get(code) ?? code;
  }
  unitName(id: string): string {
    for (const pack of this.names) for (const unit of pack.units) if (unit[0] === id) return unit[1];
    return '';
  }
  form(kind: PlaceKind | null): Form | undefined {
    return kind ? this.names[0]?.forms[kind] : undefined;
  }
  get county(): string {
    return this.names[0]?.county ?? '';
  }
}

export type Hit = { type: 'matter' | 'place' | 'duty'; id: string; title: string; line: string };
/** Everything held that has the typed characters: numbers, titles, texts, names, pinyin, codes. */
export function search(hold: Hold, typed: string, limit = 50): Hit[] {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return [];
  const hits: Hit[] = [];
  for (const m of hold.matters.values()) {
    if (hits.length >= limit) return hits;
    if (
      m.number.toLowerCase().includes(wanted) ||
      m.title.includes(wanted) ||
      m.text.includes(wanted) ||
      m.parties.some(party => party.name.includes(wanted))
    )
      hits.push({ type: 'matter', id: m.id, title: m.title || m.number, line: m.number });
  }
  for (const d of hold.duties) {
    if (hits.length >= limit) return hits;
    if (d.name.includes(wanted)) hits.push({ type: 'duty', id: d.id, title: d.name, line: hold.regionName(d.region) });
  }
  const latin = /^[a-z]+$/.test(wanted);
  for (const p of hold.places) {
    if (hits.length >= limit) return hits;
    if (
      p.name.includes(wanted) ||
      p.code?.toLowerCase().includes(wanted) ||
      (latin && initials(p.pinyin).includes(wanted))
    )
      hits.push({ type: 'place', id: p.id, title: p.name, line: hold.regionName(p.region) });
  }
  return hits;
}
/** "mao lv xiao xue" → "mlxx maolvxiaoxue", so that initials find it as well. */
function initials(pinyin: string): string {
  const parts = pinyin.split(' ');
  return `${parts.map(part => part[0] ?? '').join('')} ${parts.join('')}`;
}
