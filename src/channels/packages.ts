/**
 * A package between two systems: signed by the sender (JWS, Ed25519), then sealed to the receiver (JWE, X25519 and
 * AES-256-GCM), as one line of text that travels over HTTP or on a disk. RFC 7515, 7516, 8037.
 */
import { createHash, createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import {
  CompactEncrypt,
  CompactSign,
  calculateJwkThumbprint,
  compactDecrypt,
  compactVerify,
  importJWK,
  type JWK,
} from 'jose';
import { z } from 'zod';
import { Failure } from '../kernel/errors.ts';
import type { Secrets } from '../kernel/secrets.ts';

export const PublicKeys = z.object({
  sign: z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string().min(43).max(43) }),
  seal: z.object({ kty: z.literal('OKP'), crv: z.literal('X25519'), x: z.string().min(43).max(43) }),
});
export type PublicKeys = z.output<typeof PublicKeys>;

type Keys = { sign: KeyObject; open: KeyObject; public: PublicKeys; kid: string };
const made = new WeakMap<Secrets, Promise<Keys>>();

/** PKCS #8 of an Ed25519 or X25519 key around its 32 bytes (RFC 8410). */
const privateKey = (oid: '70' | '6e', seed: Buffer) =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from(`302e020100300506032b65${oid}04220420`, 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  });
const publicJwk = (key: KeyObject) => {
  const { kty, crv, x } = createPublicKey(key).export({ format: 'jwk' }) as JsonWebKey;
  return { kty, crv, x };
};

/** This installation's own keys, which its secret always gives. */
export function ownKeys(secrets: Secrets): Promise<Keys> {
  let keys = made.get(secrets);
  if (!keys) {
    const seed = (purpose: string) => createHash('sha256').update(secrets.derive(purpose)).digest();
    const sign = privateKey('70', seed('exchange signs'));
    const open = privateKey('6e', seed('exchange opens'));
    const mine = PublicKeys.parse({ sign: publicJwk(sign), seal: publicJwk(open) });
    keys = kidOf(mine).then(kid => ({ sign, open, public: mine, kid }));
    made.set(secrets, keys);
  }
  return keys;
}
/** RFC 7638. */
export const kidOf = (keys: PublicKeys) => calculateJwkThumbprint(keys.sign as JWK);

const type = 'yuandian-exchange+json';

/** Signs and seals a message for a receiver. */
export async function pack(secrets: Secrets, to: PublicKeys, message: unknown): Promise<string> {
  const own = await ownKeys(secrets);
  const signed = await new CompactSign(Buffer.from(JSON.stringify(message)))
    .setProtectedHeader({ alg: 'EdDSA', kid: own.kid, typ: type, to: await kidOf(to) })
    .sign(own.sign);
  return new CompactEncrypt(Buffer.from(signed))
    .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', kid: await kidOf(to) })
    .encrypt(await importJWK(to.seal as JWK, 'ECDH-ES+A256KW'));
}

/** Opens a package and checks who signed it. `find` knows the peers by the thumbprint of their key. */
export async function unpack<P extends { keys: PublicKeys }>(
  secrets: Secrets,
  text: string,
  find: (kid: string) => Promise<P | undefined>,
): Promise<{ peer: P; message: unknown }> {
  const own = await ownKeys(secrets);
  try {
    const { plaintext } = await compactDecrypt(text.trim(), own.open, {
      keyManagementAlgorithms: ['ECDH-ES+A256KW'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    const signed = Buffer.from(plaintext).toString('utf8');
    const header = JSON.parse(Buffer.from(signed.split('.')[0]!, 'base64url').toString('utf8'));
    const peer = typeof header.kid === 'string' ? await find(header.kid) : undefined;
    if (!peer) throw new Failure('peer_unknown');
    const key = await importJWK(peer.keys.sign as JWK, 'EdDSA');
    const { payload, protectedHeader } = await compactVerify(signed, key, { algorithms: ['EdDSA'] });
    // Sealed to us by whoever it was: signed for us as well, or somebody passes on what was meant for another.
    if (protectedHeader.typ !== type || protectedHeader.to !== own.kid) throw new Failure('package_wrong');
    return { peer, message: JSON.parse(Buffer.from(payload).toString('utf8')) };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('package_wrong');
  }
}
