/** The wire shapes by which an organ reads what was sealed to it. What is sealed and opened, its own browser does. */
import { z } from 'zod';
import { contract } from '../kernel/contract.ts';

const id = z.uuid();
const county = z.string().regex(/^\d{6}$/);
const ok = z.object({ done: z.literal(true) });
const tag = 'tips';
const access = ['clerk', 'leader', 'handler'] as const;
/** A private key under a passphrase: PBKDF2-SHA-256, AES-256-GCM. */
const Locked = z.object({
  salt: z.string().max(100),
  iv: z.string().max(100),
  rounds: z.number().int().min(600_000),
  key: z.string().max(5000),
});
export const tipStates = ['new', 'opened', 'taken', 'not-taken', 'passed-on'] as const;

export const tipContracts = {
  keys: contract({
    method: 'GET',
    path: '/tips/keys',
    summary: "My organ's keys, locked by its passphrase; and the organs one may pass a tip on to",
    tag,
    access,
    reply: z.object({
      keys: z.array(
        z.object({
          county,
          unit: id,
          n: z.number(),
          sort: z.enum(['crime', 'official']),
          key: z.string(),
          locked: Locked,
          madeAt: z.number(),
          ended: z.boolean(),
        }),
      ),
      others: z.array(z.object({ county, unit: id, n: z.number(), key: z.string() })),
    }),
  }),
  makeKey: contract({
    method: 'POST',
    path: '/tips/keys',
    summary:
      'Give the organ a key; the one before takes no more tips. By two: whoever leads it, for a unit entitled to it',
    tag,
    access,
    body: z.object({ county, unit: id, sort: z.enum(['crime', 'official']), key: z.string().max(500), locked: Locked }),
    reply: z.object({ n: z.number() }),
  }),
  list: contract({
    method: 'GET',
    path: '/tips',
    summary: 'Tips sealed to my organ',
    tag,
    access,
    reply: z.object({
      rows: z.array(
        z.object({
          county,
          id,
          unit: id,
          n: z.number(),
          day: z.string(),
          state: z.enum(tipStates),
          sealed: z.string(),
          replies: z.array(z.string()),
        }),
      ),
    }),
  }),
  move: contract({
    method: 'POST',
    path: '/tips/:county/:id',
    summary: 'Note where it stands, answer (sealed to the tipster), or pass it on, sealed anew to another organ',
    tag,
    access,
    params: z.object({ county, id }),
    body: z.object({
      state: z.enum(['opened', 'taken', 'not-taken', 'passed-on']),
      reply: z.string().max(50_000).optional(),
      to: z.object({ unit: id, n: z.number().int(), sealed: z.string().max(200_000) }).optional(),
    }),
    reply: ok,
  }),
};
