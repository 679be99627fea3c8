/**
 * What lies on the phone. Everything readable is sealed under one key, which a PIN opens and which sign-out, revocation and
 * ten wrong PINs destroy. What was typed lies in the outbox, sealed to the server besides, and outlives the key.
 */
import Dexie, { type EntityTable } from 'dexie';
import type { PushResult } from '../../sync/contract.ts';

/** AES-GCM: 12 bytes of nonce, then ciphertext. */
type Sealed = Uint8Array<ArrayBuffer>;
export type Block = { id: string; data: Sealed };
/** One thing typed, on its way. */
export type OutRow = {
  n: number;
  id: string;
  kind: 'item' | 'file';
  /** Sealed to the server: an item as it is pushed, or the bytes of a file. */
  sealed: Uint8Array;
  /** What it says, for its author; unreadable once the key is gone. */
  shown: Sealed;
  /** What must have arrived before. */
  after: string[];
  at: number;
  state: 'waiting' | 'done' | 'refused';
  /** The key is gone: what the server refuses, it keeps for its author. */
  orphan?: boolean;
  answer?: PushResult;
  settledAt?: number;
};
type KeyRow = {
  id: 'main';
  salt: Uint8Array<ArrayBuffer>;
  /** The data key wrapped by the PIN's key, and that again by a key that never leaves this phone. */
  wrapped: Sealed;
  own: CryptoKey;
  misses: number;
};
/** What is known without a PIN: in which language to ask for it. */
export type Plain = { id: 'phone'; language: 'zh' | 'en' };

export class Store extends Dexie {
  blocks!: EntityTable<Block, 'id'>;
  outbox!: EntityTable<OutRow, 'n'>;
  keys!: EntityTable<KeyRow, 'id'>;
  plain!: EntityTable<Plain, 'id'>;
  constructor(name = 'yuandian-field') {
    super(name);
    this.version(1).stores({ blocks: 'id', outbox: '++n, &id, state', keys: 'id', plain: 'id' });
  }
}

/** Six digits are few: each guess costs this many rounds, and ten guesses are all there are. */
const rounds = 250_000;
export const maxMisses = 10;
/** For how long a phone shows what it holds without having asked the server. */
export const offlineDays = 7;

const text = new TextEncoder();
const plainText = new TextDecoder();

async function sealWith(key: CryptoKey, bytes: Uint8Array<ArrayBuffer>): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const body = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, bytes));
  const out = new Uint8Array(12 + body.length);
  out.set(iv);
  out.set(body, 12);
  return out;
}
const openWith = async (key: CryptoKey, sealed: Sealed) =>
  new Uint8Array(
    await crypto.subtle.decrypt({ name: 'AES-GCM', iv: sealed.subarray(0, 12) }, key, sealed.subarray(12)),
  );

async function pinKey(pin: string, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', text.encode(pin), 'PBKDF2', false, ['deriveKey']);
  return crypto.subtle.deriveKey(
    { name: 'PBKDF2', salt, iterations: rounds, hash: 'SHA-256' },
    base,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}
const dataKey = (raw: Uint8Array<ArrayBuffer>) =>
  crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);

export class WrongPin extends Error {
  readonly left: number;
  constructor(left: number) {
    super('wrong pin');
    this.left = left;
  }
}

/** An open vault: reads and writes blocks under its key. */
export class Vault {
  readonly store: Store;
  readonly #key: CryptoKey;
  private constructor(store: Store, key: CryptoKey) {
    this.store = store;
    this.#key = key;
  }

  /** A new key under a PIN; what lay under an older one is gone. */
  static async create(store: Store, pin: string): Promise<Vault> {
    const raw = crypto.getRandomValues(new Uint8Array(32));
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const own = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    const wrapped = await sealWith(own, await sealWith(await pinKey(pin, salt), raw));
    const key = await dataKey(raw);
    await store.transaction('rw', store.keys, store.blocks, async () => {
      await store.blocks.clear();
      await store.keys.put({ id: 'main', salt, wrapped, own, misses: 0 });
    });
    return new Vault(store, key);
  }

  /** Opens by the PIN; a miss is counted before it is known to be one, so that a killed app counts as well. */
  static async open(store: Store, pin: string): Promise<Vault> {
    const row = await store.keys.get('main');
    if (!row) throw new WrongPin(0);
    await store.keys.update('main', { misses: row.misses + 1 });
    try {
      const inner = await openWith(row.own, row.wrapped);
      const raw = await openWith(await pinKey(pin, row.salt), inner);
      await store.keys.update('main', { misses: 0 });
      return new Vault(store, await dataKey(raw));
    } catch {
      const left = maxMisses - row.misses - 1;
      if (left <= 0) await destroy(store);
      throw new WrongPin(Math.max(0, left));
    }
  }

  async seal(value: unknown): Promise<Sealed> {
    return sealWith(this.#key, text.encode(JSON.stringify(value)));
  }
  async unseal<T>(sealed: Sealed): Promise<T> {
    return JSON.parse(plainText.decode(await openWith(this.#key, sealed)));
  }
  async get<T>(id: string): Promise<T | undefined> {
    const block = await this.store.blocks.get(id);
    return block && this.unseal<T>(block.data);
  }
  async put(id: string, value: unknown): Promise<void> {
    await this.store.blocks.put({ id, data: await this.seal(value) });
  }
  /** Every block whose id begins so. */
  async all<T>(prefix: string): Promise<{ id: string; value: T }[]> {
    const blocks = await this.store.blocks.where('id').startsWith(prefix).toArray();
    return Promise.all(blocks.map(async ({ id, data }) => ({ id, value: await this.unseal<T>(data) })));
  }
}

/**
 * Forgets how to read everything. The outbox stays, sealed to the server: what was refused is sent once more, so that the
 * server keeps it for its author, since this phone can no longer show it.
 */
export async function destroy(store: Store): Promise<void> {
  await store.transaction('rw', store.keys, store.blocks, store.outbox, async () => {
    await store.keys.clear();
    await store.blocks.clear();
    await store.outbox.where('state').equals('done').delete();
    await store.outbox.toCollection().modify(row => {
      row.orphan = true;
      row.state = 'waiting';
    });
  });
}
