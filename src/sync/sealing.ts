/**
 * Sealing to the server (RFC 9180, HPKE): what is typed on a phone is sealed at once to the server's public key, so that
 * the phone can forget how to read it and lose nothing. Both sides use this file. Pure.
 *
 * P-256, because WebViews of cheap phones have no X25519.
 */
import { Aes128Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';
import { own } from '../kernel/bytes.ts';

const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes128Gcm() });
/** Binds a sealed thing to what it is: an item of the outbox, or the bytes of a file. */
export type Purpose = 'item' | 'file';
const info = (purpose: Purpose) => new TextEncoder().encode(`yuandian ${purpose} 1`);

/** The key pair that an installation's secret always gives. `secret`: 32 bytes or more. */
export const keyPairOf = (secret: Uint8Array) => suite.kem.deriveKeyPair(own(secret));
/** 65 bytes. */
export const publicBytes = async (key: CryptoKey): Promise<Uint8Array> =>
  new Uint8Array(await suite.kem.serializePublicKey(key));
export const publicKeyOf = (bytes: Uint8Array) => suite.kem.deserializePublicKey(own(bytes));

/** enc (65 bytes) ‖ ciphertext */
export async function sealTo(key: CryptoKey, purpose: Purpose, plain: Uint8Array): Promise<Uint8Array> {
  const { enc, ct } = await suite.seal({ recipientPublicKey: key, info: info(purpose).buffer }, own(plain));
  const sealed = new Uint8Array(enc.byteLength + ct.byteLength);
  sealed.set(new Uint8Array(enc));
  sealed.set(new Uint8Array(ct), enc.byteLength);
  return sealed;
}

/** Throws where the bytes were not sealed to this key for this purpose, or were changed. */
export async function openSealed(keys: CryptoKeyPair, purpose: Purpose, sealed: Uint8Array): Promise<Uint8Array> {
  const enc = own(sealed.subarray(0, 65));
  const plain = await suite.open({ recipientKey: keys, enc, info: info(purpose).buffer }, own(sealed.subarray(65)));
  return new Uint8Array(plain);
}
