/**
 * What stands between the portal and a flood: a proof of work that opens one door once, and a queue that gives every
 * source its turn. No puzzle for people, nothing kept about them: sources are counted in memory for a minute.
 */
import { createChallenge, verifySolution } from 'altcha-lib/v1';
import type { House } from '../house.ts';
import { noScope, sql, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { spend } from '../kernel/tickets.ts';

/** A tenth of a second on a desk, two seconds on an old phone, while the person is still typing. */
const easiest = 20_000;
const hardest = 2_000_000;
const valid = 20 * 60_000;
const minute = 60_000;

/** How often something happened per source in the last minute or two. */
export class Counted {
  #now = 0;
  #fresh = new Map<string, number>();
  #old = new Map<string, number>();
  add(source: string, now: number): number {
    this.#turn(now);
    const n = (this.#fresh.get(source) ?? 0) + 1;
    this.#fresh.set(source, n);
    return n + (this.#old.get(source) ?? 0);
  }
  of(source: string, now: number): number {
    this.#turn(now);
    return (this.#fresh.get(source) ?? 0) + (this.#old.get(source) ?? 0);
  }
  #turn(now: number): void {
    const slot = Math.floor(now / minute);
    if (slot === this.#now) return;
    this.#old = slot === this.#now + 1 ? this.#fresh : new Map();
    this.#fresh = new Map();
    this.#now = slot;
  }
}

/**
 * Few at a time, sources by turns: whoever sends a thousand waits behind themselves. A source with `perSource` waiting is
 * told to come back; nothing of what it typed is lost on its side.
 */
export class FairQueue {
  readonly #atOnce: number;
  readonly #perSource: number;
  #running = 0;
  readonly #waiting = new Map<string, (() => void)[]>();
  constructor(atOnce = 4, perSource = 20) {
    this.#atOnce = atOnce;
    this.#perSource = perSource;
  }
  async run<T>(source: string, work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) {
      const line = this.#waiting.get(source) ?? [];
      if (line.length >= this.#perSource) throw new Failure('queue_full', { seconds: 10 });
      await new Promise<void>(resolve => {
        line.push(resolve);
        this.#waiting.set(source, line);
      });
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#next();
    }
  }
  /** The place passes to the source that waited longest since its last turn. */
  #next(): void {
    const [source, line] = this.#waiting.entries().next().value ?? [];
    if (source === undefined || !line) {
      this.#running -= 1;
      return;
    }
    const go = line.shift()!;
    this.#waiting.delete(source);
    if (line.length) this.#waiting.set(source, line);
    go();
  }
}

export class Guard {
  readonly #house: House;
  readonly #key: string;
  readonly #asked = new Counted();
  readonly #misses = new Counted();
  readonly queue = new FairQueue();
  constructor(house: House) {
    this.#house = house;
    this.#key = house.secrets.derive('proof of work');
  }

  /** A challenge; the more a source asks for, the harder. */
  async challenge(source: string) {
    const now = this.#house.clock();
    const asked = this.#asked.add(source, now);
    const maxnumber = Math.min(hardest, easiest * 2 ** Math.floor(asked / 10));
    const { algorithm, challenge, salt, signature } = await createChallenge({
      hmacKey: this.#key,
      maxNumber: maxnumber,
      expires: new Date(now + valid),
    });
    return { algorithm, challenge, maxnumber, salt, signature };
  }

  /** Takes a solved challenge, once. `work_needed` where it is wrong, old or used. */
  async takeWork(work: string): Promise<void> {
    const now = this.#house.clock();
    const expires = Number(/[?&]expires=(\d+)/.exec(saltOf(work))?.[1] ?? 0) * 1000;
    if (expires < now || !(await verifySolution(work, this.#key, false).catch(() => false)))
      throw new Failure('work_needed');
    if (!(await spend(this.#house.db, saltOf(work), expires))) throw new Failure('work_needed');
  }

  /** Codes are not guessed: whoever missed ten times waits, also when the next one is right. */
  async counted<T>(source: string, open: () => Promise<T>): Promise<T> {
    if (this.#misses.of(source, this.#house.clock()) >= 10) throw new Failure('rate_limited', { seconds: 120 });
    try {
      return await open();
    } catch (error) {
      if (error instanceof Failure && error.code === 'not_found') this.#misses.add(source, this.#house.clock());
      throw error;
    }
  }
}

function saltOf(work: string): string {
  try {
    return String(JSON.parse(Buffer.from(work, 'base64').toString('utf8')).salt);
  } catch {
    throw new Failure('work_needed');
  }
}

/** Forgets what can no longer be sent again. */
export const sweepSpent = (house: House, now: number) =>
  house.db.write(noScope, tx => tx.run(sql`DELETE FROM spent WHERE expires_at < ${time(now)}`));
