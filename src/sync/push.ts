/**
 * What phones push: each item opened, its author found by the token inside, decided again. Accepted, already done, refused
 * with the present state, or kept for its author; never dropped, and never applied twice.
 */
import type { House } from '../house.ts';
import { unbase64 } from '../kernel/bytes.ts';
import { noScope, sql, sqlState, systemScope, time } from '../kernel/db.ts';
import { Failure, messageOf } from '../kernel/errors.ts';
import { act } from '../matters/acting.ts';
import { attach } from '../matters/attaching.ts';
import { dateOf } from '../matters/clocks.ts';
import type { State } from '../matters/matter.ts';
import { registerMatter, registrationContent } from '../matters/registration.ts';
import { contentOf, derivedId } from '../matters/store.ts';
import { findStaff, type Staff } from '../people/actors.ts';
import { enterFound } from '../rounds/store.ts';
import { Envelope, factDays, facts, fieldActions, type Item, type PushResult } from './contract.ts';
import { type Device, findDevice, onPhone, sealingKeys } from './devices.ts';
import { openSealed } from './sealing.ts';
import { dropUpload, takenUpload } from './uploads.ts';

const day = 86_400_000;
type Sealed = { id: string; sealed: string; orphan: boolean };
/** When it was done: by the phone's clock, and by ours (the phone's corrected by how wrong it is now). */
type When = { deviceAt: number; claimedAt: number };

/**
 * Every item, in the order it was typed where they are about the same thing; what is about different things goes side by
 * side. One that fails holds up no other.
 */
export async function pushAll(house: House, items: readonly Sealed[], clock: number): Promise<PushResult[]> {
  const skew = clock - house.clock();
  const authors = new Authors(house);
  const opened = await Promise.all(items.map(one => openItem(house, one)));
  const last = new Map<string, Promise<unknown>>();
  return Promise.all(
    opened.map((envelope, n) => {
      const sealed = items[n]!;
      if (!envelope) return refusal(sealed.id, new Failure('sealed_wrong'), 'zh');
      const about = subjectOf(envelope.item);
      const result = (last.get(about) ?? Promise.resolve()).then(() => pushOne(house, authors, sealed, envelope, skew));
      last.set(about, result);
      return result;
    }),
  );
}

/** Opens an item; nothing where it was not sealed to us, was changed, or says another id than its cover. */
async function openItem(house: House, { id, sealed }: Sealed): Promise<Envelope | undefined> {
  try {
    const plain = await openSealed(await sealingKeys(house), 'item', unbase64(sealed));
    const envelope = Envelope.parse(JSON.parse(new TextDecoder().decode(plain)));
    return envelope.item.id === id ? envelope : undefined;
  } catch {
    return undefined;
  }
}

/** The matter, or the duty, that an item is about. */
function subjectOf(item: Item): string {
  if (item.do === 'register') return item.input.id;
  if (item.do === 'enter') return item.input.duty ?? item.id;
  return item.matter;
}

async function pushOne(
  house: House,
  authors: Authors,
  { id, orphan }: Sealed,
  envelope: Envelope,
  skew: number,
): Promise<PushResult> {
  const { item, token, at } = envelope;
  const device = await authors.device(token);
  if (!device) return refusal(id, new Failure('unauthenticated'), 'zh');
  const when = { deviceAt: at, claimedAt: Math.min(at - skew, house.clock()) };
  // Kept already, and only the answer was lost: its author decides about it, not the wind.
  if ((orphan || device.ended_at !== null) && (await isHeld(house, device.person, item)))
    return { id, result: 'held', beside: [] };
  // A lost phone speaks for nobody any more: what comes from it is kept for its owner to see.
  if (device.ended_by === 'revoked') return hold(house, device, item, when, new Failure('device_ended'));
  try {
    return await apply(house, item, when, rightsFor(house, authors, device.person, item, when));
  } catch (error) {
    if (!(error instanceof Failure)) {
      if (!sqlState(error)) console.error(error);
      return { id, result: 'later', beside: [] };
    }
    // Done before, and only its answer was lost: rights that ended since do not undo it.
    if (await doneBefore(house, device.person, item)) return { id, result: 'repeated', beside: [] };
    if (error.code === 'file_missing') return { ...refusal(id, error, 'zh'), result: 'later' };
    // The phone was signed out and cannot show it any more.
    if (orphan || device.ended_by === 'signed-out') return hold(house, device, item, when, error);
    return refused(house, device.person, item, error);
  }
}

/** Who the items of one push are by: mostly one person on one phone, asked for once. */
class Authors {
  readonly #house: House;
  readonly #devices = new Map<string, Promise<Device | undefined>>();
  readonly #staff = new Map<string, Promise<Staff | undefined>>();
  constructor(house: House) {
    this.#house = house;
  }
  device(token: string): Promise<Device | undefined> {
    const known = this.#devices.get(token) ?? findDevice(this.#house, token);
    this.#devices.set(token, known);
    return known;
  }
  staff(person: string, moment: number): Promise<Staff | undefined> {
    // Posts change by the day, people are disabled by the moment: a push lasts neither.
    const key = `${person}/${dateOf(moment)}`;
    const known =
      this.#staff.get(key) ??
      findStaff(this.#house.db, this.#house.keeper.current, person, moment).then(
        staff => staff && onPhone(this.#house, staff),
      );
    this.#staff.set(key, known);
    return known;
  }
}

/** By whose rights, in order: today's; for a fact also those of the moment it was seen, and of the day a post ended. */
async function* rightsFor(
  house: House,
  authors: Authors,
  person: string,
  item: Item,
  { claimedAt }: When,
): AsyncGenerator<Staff> {
  const now = house.clock();
  const isFact = item.do !== 'act' || facts.includes(item.action.type);
  const moments = isFact ? [now, claimedAt, claimedAt - day] : [now];
  for (const moment of moments) {
    if (moment !== now && now - claimedAt > factDays * day) throw new Failure('too_old');
    const staff = await authors.staff(person, moment);
    if (staff) yield staff;
  }
}

/** Tries an item by each of the rights it may be done by; throws the first refusal. */
async function apply(house: House, item: Item, when: When, rights: AsyncIterable<Staff>): Promise<PushResult> {
  let first: Failure | undefined;
  for await (const staff of rights) {
    try {
      return await once(house, staff, item, when);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      first ??= error;
      if (!['forbidden', 'not_found', 'no_such_duty'].includes(error.code)) throw error;
    }
  }
  throw first ?? new Failure('forbidden', { action: item.do });
}

async function once(house: House, staff: Staff, item: Item, { deviceAt, claimedAt }: When): Promise<PushResult> {
  const now = house.clock();
  const { id } = item;
  const doing = { actor: staff, scope: staff.scope, now };
  const ok = (replayed: boolean, more: Partial<PushResult> = {}): PushResult => ({
    id,
    result: replayed ? 'repeated' : 'done',
    beside: [],
    ...more,
  });
  if (item.do === 'register') {
    if (item.input.action !== id) throw new Failure('sealed_wrong');
    const { number } = await registerMatter(house.loop, doing, replaced(house, { ...item.input, deviceAt }));
    return ok(false, { number });
  }
  if (item.do === 'enter') {
    if (item.input.id !== id) throw new Failure('sealed_wrong');
    const { replayed, beside } = await enterFound(house, staff, item.input, now, { claimedAt, deviceAt });
    return ok(replayed, {
      beside: await Promise.all(
        beside.map(async other => ({ person: await nameOf(house, other.person), at: other.at, type: 'enter' })),
      ),
    });
  }
  if (item.do === 'attach') {
    const sealed = await takenUpload(house, item.file);
    if (!sealed) throw new Failure('file_missing');
    const bytes = await openSealed(await sealingKeys(house), 'file', sealed).catch(() => undefined);
    if (!bytes) throw new Failure('sealed_wrong');
    await attach(
      house,
      doing,
      { county: item.county, id: item.matter },
      {
        id: item.file,
        action: id,
        name: item.name,
        bytes: Buffer.from(bytes),
        audience: item.audience,
      },
    );
    await dropUpload(house, item.file);
    return ok(false);
  }
  // The rest is done at a desk: what rests on bytes of ours comes through the routes that make them.
  if (!(fieldActions as readonly string[]).includes(item.action.type))
    throw new Failure('forbidden', { action: item.action.type });
  const isFact = facts.includes(item.action.type);
  const { replayed, seq } = await act(house.loop, doing, item.county, item.matter, {
    id,
    action: item.action,
    ...(!isFact && { saw: item.saw }),
    deviceAt,
  });
  return ok(replayed, { beside: replayed ? [] : await tellBeside(house, staff, item, seq) });
}

/** A grid was redrawn since: where the point lies today counts, and where there is no point, the village. */
function replaced<T extends { region: string; grid: string | null; location: { lng: number; lat: number } | null }>(
  house: House,
  input: T,
): T {
  const { keeper } = house;
  const alive = (code: string | null) => code !== null && keeper.current.regions.get(code)?.valid_to === null;
  if (alive(input.grid ?? input.region) && alive(input.region)) return input;
  const grid = input.location && keeper.current.locate(input.location.lng, input.location.lat);
  if (grid) return { ...input, grid: grid.code, region: keeper.current.path(grid.code).at(-2) ?? grid.code };
  return { ...input, grid: null, region: alive(input.region) ? input.region : input.region.slice(0, 12) };
}

const nameOf = async (house: House, person: string): Promise<string> =>
  (await house.db.readOne<{ name: string }>(noScope, sql`SELECT name FROM person WHERE id = ${person}`))?.name ?? '';

/** Whether just this was done by just this person, whatever their rights are now. */
async function doneBefore(house: House, person: string, item: Item): Promise<boolean> {
  const { secrets } = house;
  const actor = { person, posts: [] };
  if (item.do === 'attach')
    return Boolean(
      await house.db.readOne(
        systemScope,
        sql`SELECT 1 FROM matter_action WHERE county = ${item.county} AND id = ${item.id} AND matter = ${item.matter} AND actor = ${person} AND data->>'id' = ${item.file}`,
      ),
    );
  if (item.do === 'enter') {
    const row = await house.db.readOne<{ content: Buffer }>(
      systemScope,
      sql`SELECT content FROM entry WHERE county = ${item.input.county} AND id = ${item.id} AND person = ${person}`,
    );
    return Boolean(row?.content.equals(secrets.lookup(`entry:${person}`, JSON.stringify(item.input))));
  }
  const county = item.do === 'act' ? item.county : house.keeper.current.countyOf(item.input.region);
  const row = await house.db.readOne<{ content: Buffer }>(
    systemScope,
    sql`SELECT content FROM matter_action WHERE county = ${county ?? ''} AND id = ${item.id} AND actor = ${person}`,
  );
  const contents =
    item.do === 'act' ? [item.action] : [item.input, replaced(house, item.input)].map(registrationContent);
  return Boolean(row && contents.some(one => row.content.equals(contentOf(secrets, actor, one))));
}

type Other = { id: string; type: string; name: string; at: number };

/** What others did on phones since this one last saw the matter: neither knew of the other. */
const meanwhile = (
  house: House,
  staff: Pick<Staff, 'scope' | 'person'>,
  on: Extract<Item, { do: 'act' }>,
  before: number,
) =>
  house.db.read<Other>(
    staff.scope,
    sql`SELECT a.id, a.type, p.name, a.at FROM matter_action a JOIN person p ON p.id = a.actor WHERE a.county = ${on.county} AND a.matter = ${on.matter}
      AND a.seq > ${on.saw} AND a.seq < ${before} AND a.actor <> ${staff.person} AND a.device_at IS NOT NULL ORDER BY a.seq`,
  );

/** Tells both: the one who pushes by the answer, the others by a notice to the matter's unit that names both. */
async function tellBeside(
  house: House,
  staff: Staff,
  item: Extract<Item, { do: 'act' }>,
  seq: number,
): Promise<PushResult['beside']> {
  const others = await meanwhile(house, staff, item, seq);
  if (others.length)
    await house.db.write(systemScope, tx =>
      tx.run(sql`INSERT INTO notice (county, id, unit, matter, what, at, data) SELECT ${item.county}, ${derivedId(house.loop, 'beside', item.id)}, unit, id, 'beside', ${time(house.clock())},
        ${JSON.stringify({ action: item.id, type: item.action.type, others: others.map(one => one.id) })}::jsonb FROM matter WHERE county = ${item.county} AND id = ${item.matter} ON CONFLICT DO NOTHING`),
    );
  return others.map(({ name, at, type }) => ({ person: name, at, type }));
}

const refusal = (id: string, error: Failure, language: 'zh' | 'en'): PushResult => ({
  id,
  result: 'refused',
  code: error.code,
  message: messageOf(error.code, error.details, language),
  beside: [],
});

/** A refusal with the state of now and what others did; the others learn of it too. */
async function refused(house: House, person: string, item: Item, error: Failure): Promise<PushResult> {
  const staff = await findStaff(house.db, house.keeper.current, person, house.clock());
  const plain = refusal(item.id, error, staff?.language ?? 'zh');
  if (item.do !== 'act' || !staff) return plain;
  const row = await house.db.readOne<{ seq: number; state: State; unit: string; due_at: number | null }>(
    staff.scope,
    sql`SELECT seq, state, unit, due_at FROM matter WHERE county = ${item.county} AND id = ${item.matter}`,
  );
  if (!row) return plain;
  const beside = await tellBeside(house, onPhone(house, staff), item, row.seq + 1);
  return { ...plain, present: { seq: row.seq, state: row.state, unit: row.unit, dueAt: row.due_at }, beside };
}

/** Keeps for its author what cannot be taken and what the phone can no longer show. */
async function hold(house: House, device: Device, item: Item, when: When, error: Failure): Promise<PushResult> {
  const key = house.secrets.newKey();
  const county = countyOf(house, item);
  if (!county) return refusal(item.id, error, 'zh');
  await house.db.write(systemScope, tx =>
    tx.run(sql`INSERT INTO held_item (county, id, person, device, at, device_at, code, details, words, wrapped, version)
      VALUES (${county}, ${item.id}, ${device.person}, ${device.id}, ${time(house.clock())}, ${time(when.deviceAt)}, ${error.code}, ${JSON.stringify(error.details)}, ${house.secrets.seal(key.key, { item, when })}, ${key.wrapped}, ${key.version}) ON CONFLICT DO NOTHING`),
  );
  return { ...refusal(item.id, error, 'zh'), result: 'held' };
}
const countyOf = (house: House, item: Item): string | undefined => {
  if (item.do === 'act' || item.do === 'attach') return known(house, item.county);
  return item.do === 'enter'
    ? known(house, item.input.county)
    : (house.keeper.current.countyOf(item.input.region) ?? [...house.keeper.current.counties.keys()][0]);
};
const known = (house: House, county: string) => (house.keeper.current.counties.has(county) ? county : undefined);

const isHeld = async (house: House, person: string, item: Item): Promise<boolean> =>
  Boolean(
    await house.db.readOne(
      systemScope,
      sql`SELECT 1 FROM held_item WHERE county = ${countyOf(house, item) ?? ''} AND id = ${item.id} AND person = ${person}`,
    ),
  );

/** What is kept for somebody. */
export async function listHeld(house: House, staff: Staff) {
  const rows = await house.db.read<any>(
    staff.scope,
    sql`SELECT * FROM held_item WHERE person = ${staff.person} AND state = 'waiting' ORDER BY at`,
  );
  return rows.map(row => ({
    county: row.county,
    id: row.id,
    at: row.at,
    deviceAt: row.device_at,
    code: row.code,
    message: messageOf(row.code, row.details, staff.language),
    item: house.secrets.openRow<{ item: Item }>(row).item,
  }));
}

/** Submits something kept, by its author's rights of today, or drops it. */
export async function settleHeld(
  house: House,
  staff: Staff,
  county: string,
  id: string,
  send: boolean,
): Promise<PushResult> {
  const now = house.clock();
  const row = await house.db.readOne<any>(
    staff.scope,
    sql`SELECT * FROM held_item WHERE county = ${county} AND id = ${id} AND person = ${staff.person} AND state = 'waiting'`,
  );
  if (!row) throw new Failure('not_found');
  const { item, when } = house.secrets.openRow<{ item: Item; when: When }>(row);
  let result: PushResult = { id, result: 'done', beside: [] };
  if (send) {
    const mine = async function* () {
      yield onPhone(house, staff);
    };
    result = await apply(house, item, when, mine()).catch(error => {
      if (error instanceof Failure) return refused(house, staff.person, item, error);
      throw error;
    });
  }
  if (result.result === 'done' || result.result === 'repeated')
    await house.db.write(staff.scope, tx =>
      tx.run(
        sql`UPDATE held_item SET state = ${send ? 'sent' : 'dropped'}, settled_at = ${time(now)} WHERE county = ${county} AND id = ${id} AND state = 'waiting'`,
      ),
    );
  return result;
}
