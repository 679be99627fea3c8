/** Phones: signed in with a password once, known by a token afterwards. A phone is never a place: nothing is kept of where it is. */
import { createHash, randomBytes } from 'node:crypto';
import type { House } from '../house.ts';
import { auditLine } from '../kernel/audit.ts';
import { base64 } from '../kernel/bytes.ts';
import { clash, noScope, sql, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { workingRoles } from '../matters/policy.ts';
import { findStaff, type Staff, scopeOf } from '../people/actors.ts';
import { factorsOf, needsFactor, proveCode } from '../people/factors.ts';
import { provePassword } from '../people/sessions.ts';
import type { PhoneMe } from './contract.ts';
import { keyPairOf, publicBytes } from './sealing.ts';

export const tokenHash = (token: string) => createHash('sha256').update(token).digest();

export type Device = {
  id: string;
  person: string;
  ended_at: number | null;
  ended_by: 'signed-out' | 'revoked' | null;
};
export const findDevice = (house: House, token: string) =>
  house.db.readOne<Device>(
    noScope,
    sql`SELECT id, person, ended_at, ended_by FROM device WHERE token = ${tokenHash(token)}`,
  );

const keyPairs = new WeakMap<House['secrets'], Promise<CryptoKeyPair>>();
/** The installation's own pair, to whose public half phones seal. Survives rotation: what lies on phones can be opened always. */
export function sealingKeys({ secrets }: House): Promise<CryptoKeyPair> {
  let pair = keyPairs.get(secrets);
  if (!pair) {
    const secret = createHash('sha512').update(secrets.derive('phones seal to us')).digest();
    pair = keyPairOf(secret);
    keyPairs.set(secrets, pair);
  }
  return pair;
}
export const sealToOf = async (house: House) => base64(await publicBytes((await sealingKeys(house)).publicKey));

/** A person on a phone: their working posts only. Administration is for desks. */
export function onPhone(house: House, staff: Staff): Staff {
  const posts = staff.posts.filter(post => workingRoles.includes(post.role));
  return { ...staff, posts, scope: scopeOf(staff.person, posts, house.keeper.current) };
}

export const meOf = (house: House, { person, name, language, posts }: Staff): PhoneMe => ({
  person,
  name,
  language,
  posts: posts.map(({ unit, role, region }) => ({
    unit,
    unitName: house.keeper.current.units.get(unit)?.name ?? '',
    role,
    region,
  })),
});

export async function enrol(
  house: House,
  given: { id: string; login: string; password: string; name: string; code?: string | undefined },
  from: { address: string; agent: string },
): Promise<{ token: string; staff: Staff }> {
  const person = await provePassword(house, given.login, given.password, from);
  const now = house.clock();
  const staff = await findStaff(house.db, house.keeper.current, person, now);
  if (!staff) throw new Failure('sign_in_failed');
  // Whoever shows a second factor at the desk shows it on the phone: a one-time code, typed once.
  const ways = await factorsOf(house, person);
  if (ways.length && !given.code) throw new Failure('second_factor', { ways: ['totp'] });
  if (ways.length) await proveCode(house, person, given.code!, from);
  else if (await needsFactor(house, onPhone(house, staff))) throw new Failure('enrol_first');
  if (staff.mustChange) throw new Failure('password_change_required');
  const token = `ydd_${randomBytes(32).toString('base64url')}`;
  await house.db
    .write(noScope, async tx => {
      await tx.run(sql`UPDATE person SET misses = 0, locked_until = NULL WHERE id = ${person}`);
      await tx.run(
        sql`INSERT INTO device (id, person, token, name, agent, made_at, seen_at) VALUES (${given.id}, ${person}, ${tokenHash(token)}, ${given.name}, ${from.agent.slice(0, 200)}, ${time(now)}, ${time(now)})`,
      );
      await tx.run(auditLine(now, person, 'device-add', null, given.id, 'done', from));
    })
    .catch(clash('conflict'));
  return { token, staff: onPhone(house, staff) };
}

type Cached = { staff: Staff; device: string; read: number };
/** Whom a token speaks for, as read a moment ago. */
export class Devices {
  readonly #house: House;
  readonly #cache = new Map<string, Cached>();
  constructor(house: House) {
    this.#house = house;
  }

  async find(token: string): Promise<{ staff: Staff; device: string }> {
    const now = this.#house.clock();
    const cached = this.#cache.get(token);
    if (cached && now - cached.read < 2000 && now >= cached.read) return cached;
    this.#cache.delete(token);
    const device = await findDevice(this.#house, token);
    if (!device) throw new Failure('unauthenticated');
    if (device.ended_at !== null) throw new Failure('device_ended', { by: device.ended_by });
    const staff = await findStaff(this.#house.db, this.#house.keeper.current, device.person, now);
    if (!staff) throw new Failure('device_ended', { by: 'revoked' });
    if (this.#cache.size > 20_000) this.#cache.clear();
    const found = { staff: onPhone(this.#house, staff), device: device.id, read: now };
    this.#cache.set(token, found);
    return found;
  }

  forget(): void {
    this.#cache.clear();
  }
}
