/** The app as it is now: signed in or not, locked or open, what is being sent; everything the screens do goes through here. */
import { v7 as uuid } from 'uuid';
import type { Item, PhoneMe } from '../../sync/contract.ts';
import { type Ask, Hold } from './hold.ts';
import { httpWay, type NewFile, type NewItem, Outbox, type Shown } from './outbox.ts';
import { destroy, type OutRow, offlineDays, type Plain, Store, Vault } from './vault.ts';

type Secret = { token: string; sealTo: string; device: string };
export type Phase = 'starting' | 'new' | 'pin' | 'locked' | 'open';
/** `full`: nothing more fits on this phone. */
export type Trouble = 'offline' | 'full' | 'server' | undefined;
export type LogRow = OutRow & Shown;

export class Told extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Works below any path: the app lies at …/field/, the API beside it. */
export const apiBase = new URL('../api/v1/', document.baseURI);
const syncEvery = 60_000;
const lockAfter = 5 * 60_000;

export class Session {
  readonly store = new Store();
  readonly outbox = new Outbox(this.store);
  phase: Phase = 'starting';
  trouble: Trouble;
  /** The server knows this phone no more: said until somebody signs in again. */
  ended = false;
  syncing = false;
  waiting = 0;
  refused = 0;
  hold: Hold | undefined;
  plain: Plain | undefined;
  /** Reads nothing until it has asked again: what it holds is older than a week. */
  stale = false;
  /** When the places of the phone can be found: a moment after it was opened. */
  ready: Promise<void> = Promise.resolve();
  #vault: Vault | undefined;
  #secret: Secret | undefined;
  /** When everything that was to be kept of forms is; and the forms that were sent and not opened since. */
  #kept: Promise<void> = Promise.resolve();
  #sent = new Set<string>();
  #enrolled: { secret: Secret; me: PhoneMe } | undefined;
  #listeners = new Set<() => void>();
  version = 0;
  #hiddenAt = 0;

  subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  #changed(): void {
    this.version += 1;
    for (const listener of this.#listeners) listener();
  }

  async start(): Promise<void> {
    this.plain = await this.store.plain.get('phone');
    this.phase = (await this.store.keys.count()) ? 'locked' : 'new';
    await this.#count();
    addEventListener('online', () => void this.sync());
    setInterval(() => document.visibilityState === 'visible' && void this.sync(), syncEvery);
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') this.#hiddenAt = Date.now();
      else if (this.phase === 'open' && this.#hiddenAt && Date.now() - this.#hiddenAt > lockAfter) this.lock();
      else void this.sync();
    });
    // Asks the phone not to clear us away when it runs short.
    void navigator.storage?.persist?.();
    this.#changed();
    void this.sync();
  }

  get language(): 'zh' | 'en' {
    return this.hold?.me?.language ?? this.plain?.language ?? (navigator.language.startsWith('en') ? 'en' : 'zh');
  }
  get drafts(): Vault {
    return this.#vault!;
  }

  #headers = (): Record<string, string> => (this.#secret ? { authorization: `Bearer ${this.#secret.token}` } : {});

  /** Asks the server; `Told` carries its words. */
  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    let response: Response;
    try {
      response = await fetch(new URL(path, apiBase), {
        method,
        headers: {
          ...this.#headers(),
          'accept-language': this.language,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    } catch {
      throw new Told('offline', 'offline');
    }
    const answer = await response.json().catch(() => undefined);
    if (response.ok) return answer as T;
    throw new Told(answer?.error?.code ?? 'server', answer?.error?.message ?? `HTTP ${response.status}`);
  }

  async enrol(login: string, password: string, name: string, code: string): Promise<void> {
    const device = uuid();
    const answer = await this.ask<{ token: string; sealTo: string; me: PhoneMe }>('POST', 'sync/devices', {
      id: device,
      login,
      password,
      name,
      ...(code && { code }),
    });
    this.#enrolled = { secret: { token: answer.token, sealTo: answer.sealTo, device }, me: answer.me };
    this.ended = false;
    this.phase = 'pin';
    this.#changed();
  }

  async setPin(pin: string): Promise<void> {
    const { secret, me } = this.#enrolled!;
    const vault = await Vault.create(this.store, pin);
    await vault.put('secret', secret);
    await vault.put('me', me);
    this.plain = { id: 'phone', language: me.language };
    await this.store.plain.put(this.plain);
    this.#enrolled = undefined;
    await this.#open(vault);
  }

  async unlock(pin: string): Promise<void> {
    try {
      await this.#open(await Vault.open(this.store, pin));
    } catch (error) {
      if (!(await this.store.keys.count())) {
        this.phase = 'new';
        this.#changed();
      }
      throw error;
    }
  }

  async #open(vault: Vault): Promise<void> {
    this.#vault = vault;
    this.#secret = await vault.get<Secret>('secret');
    const hold = new Hold(vault);
    await hold.load();
    this.stale = hold.head.syncedAt > 0 && Date.now() - hold.head.syncedAt > offlineDays * 86_400_000;
    if (this.stale) await hold.forgetOld();
    this.hold = hold;
    this.phase = 'open';
    this.ready = hold.loadPlaces().then(() => this.#changed());
    await this.#count();
    this.#changed();
    await this.ready;
    void this.sync();
  }

  lock(): void {
    this.#vault = undefined;
    this.#secret = undefined;
    this.hold = undefined;
    this.phase = 'locked';
    this.#changed();
  }

  /** Signs out: hands over what waits if it can, then forgets how to read. */
  async signOut(): Promise<void> {
    await this.outbox.push(httpWay(apiBase, this.#headers)).catch(() => {});
    const device = this.#secret?.device;
    if (device) await this.ask('DELETE', `me/devices/${device}`).catch(() => {});
    await this.#wipe();
  }
  async #wipe(): Promise<void> {
    await destroy(this.store);
    this.lock();
    this.phase = 'new';
    await this.#count();
    this.#changed();
    void this.sync();
  }

  #again = false;
  /** Sends and fetches. What is asked for while it runs is done once more afterwards. */
  async sync(): Promise<void> {
    if (this.syncing) {
      this.#again = true;
      return;
    }
    this.syncing = true;
    this.#changed();
    try {
      if (this.waiting) await this.outbox.push(httpWay(apiBase, this.#headers));
      await this.#count();
      if (this.#secret && this.hold) {
        await this.hold.pull(this.#asking());
        this.stale = false;
      }
      this.trouble = undefined;
    } catch (error) {
      await this.#inTrouble(error);
    } finally {
      this.syncing = false;
      this.#changed();
      if (this.#again) {
        this.#again = false;
        void this.sync();
      } else this.#later();
    }
  }
  #retry = 0;
  #misses = 0;
  /** Phones do not always say that the network is back: what waits is tried again, less and less often. */
  #later(): void {
    clearTimeout(this.#retry);
    this.#misses = this.trouble ? this.#misses + 1 : 0;
    if (!this.trouble && !this.waiting) return;
    this.#retry = window.setTimeout(() => void this.sync(), Math.min(60_000, 2_000 * 2 ** Math.min(this.#misses, 5)));
  }

  async #inTrouble(error: unknown): Promise<void> {
    const code = error instanceof Told ? error.code : (error as Error).name;
    if (code === 'device_ended' || code === 'unauthenticated') {
      this.ended = true;
      await this.#wipe();
    } else if (isFull(error)) {
      this.trouble = 'full';
      await this.hold?.makeRoom();
    } else this.trouble = code === 'offline' || code === 'TypeError' || !navigator.onLine ? 'offline' : 'server';
  }
  #asking(): Ask {
    return {
      pull: body => this.ask('POST', 'sync/pull', body),
      pack: hash => this.ask('GET', `sync/packs/${hash}`),
    };
  }

  /** What can be had again makes room for what cannot. Throws `Told('full')` when it does not fit even so. */
  async #fitting(put: () => Promise<void>): Promise<void> {
    try {
      await put();
    } catch (error) {
      if (!isFull(error)) throw error;
      await this.hold!.makeRoom();
      await put().catch(again => {
        throw isFull(again) ? new Told('full', 'full') : again;
      });
    }
  }

  /** What was kept of a form, which is open from now on. */
  async draft<T>(id: string): Promise<T | undefined> {
    this.#sent.delete(id);
    return this.#vault!.get<T>(id);
  }
  /**
   * Keeps what is being typed, and the pictures beside it, in their order, however long the sealing takes: the last word
   * stays. What comes to a form that was sent (a position found late) is not kept.
   */
  keep(id: string, value: unknown): Promise<void> {
    const vault = this.#vault!;
    const kept = this.#kept.then(async () => {
      if (![...this.#sent].some(form => id.startsWith(form))) await this.#fitting(() => vault.put(id, value));
    });
    this.#kept = kept.catch(() => {});
    return kept;
  }

  /** Puts what was typed into the outbox and sends when it can. Throws `Told('full')` when the phone is full: it stays in the form. */
  async send(items: NewItem[], files: NewFile[] = [], draft?: string): Promise<void> {
    await this.#kept;
    if (draft) this.#sent.add(draft);
    try {
      await this.#fitting(() => this.outbox.add(this.#vault!, this.#secret!, items, files, draft));
    } catch (error) {
      if (draft) this.#sent.delete(draft);
      throw error;
    }
    await this.#count();
    this.#changed();
    void this.sync();
  }

  /** What was sent, what waits, what was refused; newest first. */
  async log(): Promise<LogRow[]> {
    const rows = await this.store.outbox.orderBy('n').reverse().toArray();
    const vault = this.#vault;
    return Promise.all(
      rows
        .filter(row => row.kind === 'item')
        .map(async row => ({
          ...row,
          ...(row.orphan || !vault ? { title: '' } : await vault.unseal<Shown>(row.shown).catch(() => ({ title: '' }))),
        })),
    );
  }
  async drop(n: number): Promise<void> {
    await this.outbox.drop(n);
    await this.#count();
    this.#changed();
  }
  /** Sends a refused thing again as a new one, by its author's hand, on the state of now. */
  async resend(row: LogRow, item: Item): Promise<void> {
    await this.send([{ item, title: row.title }]);
    await this.drop(row.n);
  }

  async #count(): Promise<void> {
    const waits = this.store.outbox.where('state').equals('waiting');
    this.waiting = await waits.filter(row => row.kind === 'item').count();
    this.refused = await this.store.outbox.where('state').equals('refused').count();
  }
}

const isFull = (error: unknown): boolean => {
  const names = [(error as Error)?.name, (error as { inner?: Error })?.inner?.name];
  return names.includes('QuotaExceededError');
};
