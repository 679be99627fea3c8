/** Keyed hashes by which a matter is found exactly: nothing of them can be read back, sorted or counted. */
import type { Secrets } from '../kernel/secrets.ts';

export const normalPhone = (phone: string) =>
  phone
    .normalize('NFKC')
    .replace(/[^\d+]/g, '')
    .replace(/^\+?86(?=1)/, '');
/** A number that somebody can be called on: a mobile, or a landline with its area code. */
export const isPhone = (typed: string) => /^(1\d{10}|0\d{9,11})$/.test(normalPhone(typed));
export const normalIdentity = (value: string) => value.normalize('NFKC').toUpperCase().trim();

export const phoneHash = (secrets: Secrets, phone: string) => secrets.lookup('phone', normalPhone(phone));
export const receiptHash = (secrets: Secrets, receipt: string) => secrets.lookup('receipt', receipt);
/** Of the link by which a side of a mediation takes part. */
export const sideHash = (secrets: Secrets, token: string) => secrets.lookup('side', token);
export const identityHash = (secrets: Secrets, value: string) => secrets.lookup('identity', normalIdentity(value));
export const externalHash = (secrets: Secrets, number: string) =>
  secrets.lookup('external', number.normalize('NFKC').trim().toUpperCase());
