/** Sign-in and sessions: lock-out, idle end, forced change, a list of one's sessions that can be ended. */
import { createHash, randomBytes } from 'node:crypto';
import type { House } from '../house.ts';
import { auditLine } from '../kernel/audit.ts';
import { noScope, sql, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { findStaff, type Staff } from './actors.ts';
import { countMiss, type Factor, factorsOf, factorTicket, needsFactor } from './factors.ts';
import { hashPassword, idleMinutes, passwordMatches, sessionHours, strongEnough } from './passwords.ts';

const digest = (token: string) => createHash('sha256').update(token).digest();
const minutes = 60_000;

/** Spends the same time on names that do not exist, so that answers do not tell which names do. */
let decoy: Promise<string> | undefined;

export type SignedIn = { token: string; csrf: string; staff: Staff };

/** Who this is, by name and password; each miss is counted and on record, and locks in the end. */
export async function provePassword(
  house: House,
  login: string,
  password: string,
  from: { address: string; agent: string },
): Promise<string> {
  const { db } = house;
  const now = house.clock();
  decoy ??= hashPassword(randomBytes(16).toString('hex'));
  const person = await db.readOne<{
    id: string;
    password: string | null;
    misses: number;
    locked_until: number | null;
    disabled_at: number | null;
  }>(noScope, sql`SELECT id, password, misses, locked_until, disabled_at FROM person WHERE login = ${login.trim()}`);
  const right = await passwordMatches(person?.password ?? (await decoy), password);
  if (person?.locked_until && person.locked_until > now) {
    await db.write(noScope, tx => tx.run(auditLine(now, person.id, 'sign-in', null, null, 'locked', from)));
    throw new Failure('locked', { minutes: Math.ceil((person.locked_until - now) / minutes) });
  }
  if (!person || !right || !person.password || person.disabled_at) {
    if (person) await countMiss(house, person.id, from);
    else await db.write(noScope, tx => tx.run(auditLine(now, null, 'sign-in', null, null, 'refused', from)));
    throw new Failure('sign_in_failed');
  }
  return person.id;
}

/** Signs in by password; where a second factor is set up, it throws `second_factor` with a ticket to show it by. */
export async function signIn(
  house: House,
  login: string,
  password: string,
  from: { address: string; agent: string },
): Promise<SignedIn> {
  const person = await provePassword(house, login, password, from);
  const ways = await factorsOf(house, person);
  if (ways.length) throw new Failure('second_factor', { ways, ticket: factorTicket(house, person) });
  return openSession(house, person, null, from);
}

/** Opens a session for somebody who has proved who they are. */
export async function openSession(
  house: House,
  person: string,
  factor: Factor | 'oidc' | null,
  from: { address: string; agent: string },
): Promise<SignedIn> {
  const now = house.clock();
  const token = randomBytes(32).toString('base64url');
  const csrf = randomBytes(18).toString('base64url');
  await house.db.write(noScope, async tx => {
    await tx.run(sql`UPDATE person SET misses = 0, locked_until = NULL WHERE id = ${person}`);
    await tx.run(
      sql`INSERT INTO session (id, person, csrf, created_at, seen_at, address, agent, factor) VALUES (${digest(token)}, ${person}, ${csrf}, ${time(now)}, ${time(now)}, ${from.address}, ${from.agent.slice(0, 200)}, ${factor})`,
    );
    await tx.run(auditLine(now, person, 'sign-in', null, null, 'done', { ...from, factor }));
  });
  const staff = await findStaff(house.db, house.keeper.current, person, now);
  if (!staff) throw new Failure('sign_in_failed');
  return { token, csrf, staff: { ...staff, mustProve: factor === null && (await needsFactor(house, staff)) } };
}

/** A session that began without a second factor has shown one now. */
export const raiseSession = (house: House, token: string, factor: Factor) =>
  house.db.write(noScope, tx => tx.run(sql`UPDATE session SET factor = ${factor} WHERE id = ${digest(token)}`));

type Cached = { staff: Staff; csrf: string; read: number };

/** Sessions as read a moment ago: a list must not cost a second query each time. Ended ones disappear within seconds. */
export class Sessions {
  readonly #house: House;
  readonly #cache = new Map<string, Cached>();
  constructor(house: House) {
    this.#house = house;
  }

  async find(token: string): Promise<{ staff: Staff; csrf: string } | undefined> {
    const now = this.#house.clock();
    const cached = this.#cache.get(token);
    if (cached && now - cached.read < 2000 && now - cached.read >= 0) return cached;
    this.#cache.delete(token);
    const id = digest(token);
    const row = await this.#house.db.readOne<any>(
      noScope,
      sql`SELECT person, csrf, created_at, seen_at, factor FROM session WHERE id = ${id} AND ended_at IS NULL`,
    );
    if (!row || now - row.seen_at > idleMinutes * minutes || now - row.created_at > sessionHours * 60 * minutes)
      return undefined;
    const who = await findStaff(this.#house.db, this.#house.keeper.current, row.person, now);
    if (!who) return undefined;
    const staff = { ...who, mustProve: row.factor === null && (await needsFactor(this.#house, who)) };
    if (now - row.seen_at > minutes)
      await this.#house.db.write(noScope, tx =>
        tx.run(sql`UPDATE session SET seen_at = ${time(now)} WHERE id = ${id}`),
      );
    if (this.#cache.size > 5000) this.#cache.clear();
    const found = { staff, csrf: row.csrf, read: now };
    this.#cache.set(token, found);
    return found;
  }

  /** Forget what is cached of a person whose rights changed. */
  forget(person?: string): void {
    for (const [token, cached] of this.#cache) if (!person || cached.staff.person === person) this.#cache.delete(token);
  }

  async end(person: string, idHex: string | undefined, token?: string): Promise<void> {
    const id = idHex ? Buffer.from(idHex, 'hex') : digest(token ?? '');
    await this.#house.db.write(noScope, tx =>
      tx.run(
        sql`UPDATE session SET ended_at = ${time(this.#house.clock())} WHERE id = ${id} AND person = ${person} AND ended_at IS NULL`,
      ),
    );
    this.forget(person);
  }

  async list(
    person: string,
    token?: string,
  ): Promise<{ id: string; created_at: number; seen_at: number; address: string; agent: string; current: boolean }[]> {
    const rows = await this.#house.db.read<any>(
      noScope,
      sql`SELECT encode(id, 'hex') AS id, created_at, seen_at, address, agent FROM session WHERE person = ${person} AND ended_at IS NULL AND seen_at > ${time(this.#house.clock() - idleMinutes * minutes)} ORDER BY seen_at DESC`,
    );
    return rows.map(row => ({ ...row, current: token !== undefined && row.id === digest(token).toString('hex') }));
  }
}

/** Changes one's own password, ending every other session. */
export async function changePassword(
  house: House,
  person: string,
  old: string,
  fresh: string,
  keep: string | undefined,
): Promise<void> {
  const now = house.clock();
  const row = await house.db.readOne<{ password: string }>(
    noScope,
    sql`SELECT password FROM person WHERE id = ${person}`,
  );
  if (!row || !(await passwordMatches(row.password, old))) throw new Failure('sign_in_failed');
  if (!strongEnough(fresh) || old === fresh) throw new Failure('weak_password');
  const hashed = await hashPassword(fresh);
  await house.db.write(noScope, async tx => {
    await tx.run(sql`UPDATE person SET password = ${hashed}, must_change = false WHERE id = ${person}`);
    await tx.run(
      sql`UPDATE session SET ended_at = ${time(now)} WHERE person = ${person} AND ended_at IS NULL AND id <> ${digest(keep ?? '')}`,
    );
    await tx.run(auditLine(now, person, 'password-change', null, person, 'done'));
  });
}
