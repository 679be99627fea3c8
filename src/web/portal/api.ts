/** Asking the server: typed by the contracts, with errors in words. Nothing is kept but the draft of this tab. */
import type { z } from 'zod';
import type { Contract } from '../../kernel/contract.ts';
import type { portalContracts } from '../../portal/contract.ts';

type Contracts = typeof portalContracts;
export type Reply<K extends keyof Contracts> = Contracts[K] extends { reply: infer R }
  ? R extends z.ZodType
    ? z.output<R>
    : never
  : never;

export class Refused extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

let language = 'zh';
export const speak = (now: 'zh' | 'en') => {
  language = now;
};

/** A request to the portal; `offline` where there is no network. */
export async function ask<K extends keyof Contracts>(
  _name: K,
  method: Contract['method'],
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply<K>> {
  const form = body instanceof FormData;
  let response: Response;
  try {
    response = await fetch(`/api/v1/portal${path}`, {
      method,
      headers: {
        'accept-language': language,
        ...(body !== undefined && !form && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: form ? body : JSON.stringify(body) }),
      credentials: 'omit',
    });
  } catch {
    throw new Refused('offline', '');
  }
  const answer = await response.json().catch(() => undefined);
  if (!response.ok || !answer) throw new Refused(answer?.error?.code ?? 'broken', answer?.error?.message ?? '');
  return answer as Reply<K>;
}

/** A version 7 UUID (RFC 9562), also where `crypto.randomUUID` does not exist. */
export function mint(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const now = Date.now();
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) & 255;
  bytes[6] = (bytes[6]! & 15) | 112;
  bytes[8] = (bytes[8]! & 63) | 128;
  const hex = [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Solves a proof of work; begun while the person is typing, so that sending waits for nothing. */
export async function solve(): Promise<string> {
  const challenge = await ask('work', 'POST', '/work');
  const { solveChallenge } = await import('altcha-lib/v1');
  const solution = await solveChallenge(challenge.challenge, challenge.salt, challenge.algorithm, challenge.maxnumber)
    .promise;
  return btoa(JSON.stringify({ ...challenge, number: solution?.number }));
}
let prepared: Promise<string> | undefined;
export const prepare = () => {
  prepared ??= solve().catch(() => {
    prepared = undefined;
    return '';
  });
};
/** Sends with a proof of work; where it had expired meanwhile, once more with a new one. */
export async function withWork<T>(send: (work: string) => Promise<T>): Promise<T> {
  prepare();
  const first = await prepared!;
  prepared = undefined;
  try {
    return await send(first || (await solve()));
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'work_needed') throw error;
    return send(await solve());
  }
}
