/**
 * Keys and sealing. A master key per version (a file outside the database, or the environment) wraps data keys; a data
 * key per matter and per party seals what people wrote and who they are. Rotation rewraps data keys; erasure destroys
 * one. Look-up hashes and chain hashes use keys of their own that rotation leaves alone.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Failure } from './errors.ts';

export type Algorithms = { cipher: 'aes-256-gcm' | 'sm4-ctr-hmac-sm3'; hash: 'sha256' | 'sm3' };

const AES = 1;
const SM4 = 2;

type KeyFile = { current: number; keys: Record<string, string>; lookup: string };

/** Random bytes out of a block drawn at once: a call to the system for every twelve would cost as much as the sealing. */
let drawn = randomBytes(4096);
let used = 0;
export function random(size: number): Buffer {
  if (used + size > drawn.length) {
    drawn = randomBytes(4096);
    used = 0;
  }
  used += size;
  return Buffer.from(drawn.subarray(used - size, used));
}

export class Secrets {
  readonly algorithms: Algorithms;
  #file: KeyFile;
  readonly #path: string;

  private constructor(file: KeyFile, at: string, algorithms: Algorithms) {
    this.#file = file;
    this.#path = at;
    this.algorithms = algorithms;
  }

  /** Reads `<data>/secrets/keys.json`, making it on the first start. */
  static open(data: string, algorithms: Algorithms): Secrets {
    const at = path.join(data, 'secrets', 'keys.json');
    if (!fs.existsSync(at)) {
      fs.mkdirSync(path.dirname(at), { recursive: true, mode: 0o700 });
      const fresh: KeyFile = {
        current: 1,
        keys: { 1: randomBytes(32).toString('base64') },
        lookup: randomBytes(32).toString('base64'),
      };
      writeDurably(at, JSON.stringify(fresh, null, 2));
    }
    return new Secrets(JSON.parse(fs.readFileSync(at, 'utf8')), at, algorithms);
  }

  get version(): number {
    return this.#file.current;
  }

  /** Adds a master key and makes it current. The old ones stay until nothing is wrapped by them. */
  addVersion(): number {
    const next = this.#file.current + 1;
    this.#file = {
      ...this.#file,
      current: next,
      keys: { ...this.#file.keys, [next]: randomBytes(32).toString('base64') },
    };
    writeDurably(this.#path, JSON.stringify(this.#file, null, 2));
    return next;
  }

  readonly #masters = new Map<number, KeyObject>();
  #master(version: number): KeyObject {
    const known = this.#masters.get(version);
    if (known) return known;
    const key = this.#file.keys[version];
    if (!key) throw new Failure('key_missing', { version });
    const master = createSecretKey(Buffer.from(key, 'base64'));
    this.#masters.set(version, master);
    return master;
  }
  #lookupKey: KeyObject | undefined;

  /** A new data key and its wrapped form. */
  newKey(): { key: Buffer; wrapped: Buffer; version: number } {
    const key = random(32);
    return { key, wrapped: this.wrap(key), version: this.version };
  }
  wrap(key: Buffer): Buffer {
    return this.#seal(this.#master(this.version), key);
  }
  unwrap(wrapped: Buffer, version: number): Buffer {
    return this.#open(this.#master(version), wrapped);
  }

  /** Seals an object of texts under a data key. */
  seal(key: Buffer, words: unknown): Buffer {
    return this.sealBytes(key, Buffer.from(JSON.stringify(words), 'utf8'));
  }
  open<T = Record<string, string>>(key: Buffer, sealed: Buffer): T {
    return JSON.parse(this.openBytes(key, sealed).toString('utf8'));
  }
  /** Opens the words of a row that carries its wrapped key beside them. */
  openRow<T>(row: { words: Buffer; wrapped: Buffer; version: number }): T {
    return this.open<T>(this.unwrap(row.wrapped, row.version), row.words);
  }
  sealBytes(key: Buffer, bytes: Buffer): Buffer {
    return this.#seal(createSecretKey(key), bytes);
  }
  openBytes(key: Buffer, sealed: Buffer): Buffer {
    return this.#open(createSecretKey(key), sealed);
  }

  /** Keyed hash for exact look-up of a phone, an identity number, a receipt code, a number elsewhere. */
  lookup(what: string, value: string): Buffer {
    this.#lookupKey ??= createSecretKey(Buffer.from(this.#file.lookup, 'base64'));
    return createHmac('sha256', this.#lookupKey).update(`${what}:${value}`).digest();
  }
  /** A stable secret for a purpose inside this installation (application role, cookies). */
  derive(purpose: string): string {
    return Buffer.from(hkdfSync('sha256', Buffer.from(this.#file.lookup, 'base64'), '', purpose, 24)).toString(
      'base64url',
    );
  }
  hash(text: string): Buffer {
    return hashWith(this.algorithms.hash, text);
  }

  // Keys as objects: given as bytes, each use of one costs four times as much. In these modes `final` adds no bytes.
  #seal(key: KeyObject, plain: Buffer): Buffer {
    if (this.algorithms.cipher === 'aes-256-gcm') {
      const iv = random(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const body = cipher.update(plain);
      cipher.final();
      return Buffer.concat([Buffer.from([AES]), iv, cipher.getAuthTag(), body]);
    }
    const iv = random(16);
    const { encryption, authentication } = sm4Keys(key);
    const body = createCipheriv('sm4-ctr', encryption, iv).update(plain);
    return Buffer.concat([
      Buffer.from([SM4]),
      iv,
      createHmac('sm3', authentication).update(iv).update(body).digest(),
      body,
    ]);
  }

  #open(key: KeyObject, sealed: Buffer): Buffer {
    if (sealed[0] === AES) {
      const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13));
      cipher.setAuthTag(sealed.subarray(13, 29));
      const plain = cipher.update(sealed.subarray(29));
      cipher.final(); // throws where one byte is another
      return plain;
    }
    const [iv, tag, body] = [sealed.subarray(1, 17), sealed.subarray(17, 49), sealed.subarray(49)];
    const { encryption, authentication } = sm4Keys(key);
    if (!timingSafeEqual(createHmac('sm3', authentication).update(iv).update(body).digest(), tag))
      throw new Error('seal broken');
    return createDecipheriv('sm4-ctr', encryption, iv).update(body);
  }
}

/** Node has no SM4-GCM: SM4-CTR with HMAC-SM3, from two keys derived of one. */
function sm4Keys(key: KeyObject) {
  const derived = Buffer.from(hkdfSync('sha256', key, '', 'sm4', 48));
  return {
    encryption: createSecretKey(derived.subarray(0, 16)),
    authentication: createSecretKey(derived.subarray(16)),
  };
}

export const hashWith = (alg: string, text: string): Buffer => createHash(alg).update(text, 'utf8').digest();

/** Write, fsync, rename: a crash leaves the old file or the new one. */
export function writeDurably(at: string, text: string): void {
  const half = `${at}.${process.pid}.half`;
  const file = fs.openSync(half, 'w', 0o600);
  fs.writeFileSync(file, text);
  fs.fsyncSync(file);
  fs.closeSync(file);
  fs.renameSync(half, at);
}
