/** Passwords: argon2id, and the rules of 等级保护 level 3 (complexity, lock-out). */
import { hash, verify } from '@node-rs/argon2';

/** OWASP's second recommendation for argon2id: 19 MiB, two passes, one lane. */
const parameters = { algorithm: 2, memoryCost: 19456, timeCost: 2, parallelism: 1 } as const;

export const hashPassword = (password: string): Promise<string> => hash(password.normalize('NFKC'), parameters);
export const passwordMatches = (stored: string, password: string): Promise<boolean> =>
  verify(stored, password.normalize('NFKC'));

/** At least ten characters of three classes. */
export function strongEnough(password: string): boolean {
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter(pattern => pattern.test(password)).length;
  return [...password].length >= 10 && classes >= 3;
}

export const maxMisses = 5;
export const lockMinutes = 15;
export const idleMinutes = 30;
export const sessionHours = 12;
