/**
 * How a tip-off is sealed (in the resident's browser) and opened (in the organ's): HPKE to the organ's key; answers under
 * a key that the receipt gives. The server handles ciphertext and the hash of the receipt. Pure; both faces use it.
 */
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';
import { base64, own, unbase64 } from '../kernel/bytes.ts';
import { meantCode, spokenCode } from '../kernel/spoken.ts';

const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
const info = new TextEncoder().encode('yuandian tip 1').buffer;
const text = new TextEncoder();
export const rounds = 600_000;

export type Tip = {
  text: string;
  about: string;
  contact: string /** Where answers are sealed to: base64. */;
  answer: string;
};
export type Locked = { salt: string; iv: string; rounds: number; key: string };

/** 125 bits. Read out in groups of five. */
export const newReceipt = (): string => spokenCode(25);

async function derived(receipt: string, purpose: string): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', text.encode(meantCode(receipt)), 'HKDF', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(32), info: text.encode(`yuandian tip ${purpose}`) },
    key,
    256,
  );
  return new Uint8Array(bits);
}
/** By which the server finds it: says nothing of the receipt. */
export const codeOf = async (receipt: string): Promise<string> =>
  [...(await derived(receipt, 'code'))].map(byte => byte.toString(16).padStart(2, '0')).join('');
export const answerKeyOf = async (receipt: string): Promise<string> => base64(await derived(receipt, 'answer'));

export async function sealTip(publicKey: string, tip: Tip): Promise<string> {
  const key = await suite.kem.deserializePublicKey(own(unbase64(publicKey)));
  const { enc, ct } = await suite.seal({ recipientPublicKey: key, info }, own(text.encode(JSON.stringify(tip))));
  const sealed = new Uint8Array(enc.byteLength + ct.byteLength);
  sealed.set(new Uint8Array(enc));
  sealed.set(new Uint8Array(ct), enc.byteLength);
  return base64(sealed);
}
export async function openTip(privateKey: CryptoKey, sealed: string): Promise<Tip> {
  const bytes = unbase64(sealed);
  const enc = own(bytes.subarray(0, 65));
  const plain = await suite.open({ recipientKey: privateKey, enc, info }, own(bytes.subarray(65)));
  return JSON.parse(new TextDecoder().decode(plain));
}

const aes = (key: Uint8Array, use: KeyUsage) => crypto.subtle.importKey('raw', own(key), 'AES-GCM', false, [use]);
export async function sealAnswer(answerKey: string, said: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const body = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv },
    await aes(unbase64(answerKey), 'encrypt'),
    text.encode(said),
  );
  return `${base64(iv)}.${base64(new Uint8Array(body))}`;
}
export async function openAnswer(answerKey: string, sealed: string): Promise<string> {
  const [iv = '', body = ''] = sealed.split('.');
  const plain = await crypto.subtle.decrypt(
    { name: 'AES-GCM', iv: own(unbase64(iv)) },
    await aes(unbase64(answerKey), 'decrypt'),
    own(unbase64(body)),
  );
  return new TextDecoder().decode(plain);
}

async function lockKey(passphrase: string, salt: Uint8Array, n: number): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', text.encode(passphrase.normalize('NFKC')), 'PBKDF2', false, [
    'deriveKey',
  ]);
  return crypto.subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt: own(salt), iterations: n },
    base,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}
/** A new key for an organ: its public half, and its private half under a passphrase that only the organ knows. */
export async function newOrganKey(passphrase: string): Promise<{ key: string; locked: Locked }> {
  const pair = await suite.kem.generateKeyPair();
  const [salt, iv] = [crypto.getRandomValues(new Uint8Array(16)), crypto.getRandomValues(new Uint8Array(12))];
  const raw = await suite.kem.serializePrivateKey(pair.privateKey);
  const body = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await lockKey(passphrase, salt, rounds), raw);
  return {
    key: base64(new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey))),
    locked: { salt: base64(salt), iv: base64(iv), rounds, key: base64(new Uint8Array(body)) },
  };
}
/** Throws where the passphrase is wrong. */
export async function unlock(locked: Locked, passphrase: string): Promise<CryptoKey> {
  const key = await lockKey(passphrase, unbase64(locked.salt), locked.rounds);
  const raw = await crypto.subtle.decrypt(
    { name: 'AES-GCM', iv: own(unbase64(locked.iv)) },
    key,
    own(unbase64(locked.key)),
  );
  return suite.kem.deserializePrivateKey(raw);
}
