/** The wire shapes of the phones: signing in on one, pulling, pushing, what was held back. Pure; the phone reads them too. */
import { z } from 'zod';
import { contract } from '../kernel/contract.ts';
import { kindNames } from '../kinds/kinds.ts';
import { Action, RegisterInput } from '../matters/actions.ts';
import { states } from '../matters/matter.ts';
import { postRoles } from '../matters/policy.ts';
import { Duty, EntryInput } from '../rounds/contract.ts';

const id = z.uuid();
const county = z.string().regex(/^\w{1,16}$/);
const tag = 'phones';

/**
 * Facts: what somebody saw or did. They commute, and are taken by whoever held the post when it was seen. Everything else
 * is a decision, and needs the state it was made on.
 */
export const facts: readonly Action['type'][] = ['note', 'contact', 'urgent', 'rectify'];
/** What a phone may send without a network; the rest is done at a desk. */
export const fieldActions = [
  'note',
  'contact',
  'urgent',
  'sign',
  'report',
  'return',
  'followUp',
  'rectify',
  'reinspect',
  'accept',
] as const satisfies readonly Action['type'][];
/** How long a fact may lie on a phone. */
export const factDays = 7;

/** One thing typed. Its id is the id of the action or entry it becomes: what arrives twice is done once. */
export const Item = z.discriminatedUnion('do', [
  z.object({ do: z.literal('register'), id, input: RegisterInput }),
  z.object({ do: z.literal('act'), id, county, matter: id, action: Action, saw: z.number().int() }),
  z.object({ do: z.literal('enter'), id, input: EntryInput }),
  z.object({
    do: z.literal('attach'),
    id,
    county,
    matter: id,
    file: id,
    name: z.string().min(1).max(200),
    audience: z.enum(['unit', 'participants']),
  }),
]);
export type Item = z.infer<typeof Item>;
/** What is sealed: the item, whose phone it was typed on, and what its clock said. */
export const Envelope = z.object({ token: z.string().min(20).max(100), at: z.number(), item: Item });
export type Envelope = z.infer<typeof Envelope>;

const Beside = z.object({ person: z.string(), at: z.number(), type: z.string() });
export const PushResult = z.object({
  id,
  /** `later`: not now, send it again. `held`: kept at the server for its author, who sees it at a desk or here once signed in. */
  result: z.enum(['done', 'repeated', 'refused', 'held', 'later']),
  code: z.string().optional(),
  message: z.string().optional(),
  /** Of a new matter. */
  number: z.string().optional(),
  /** The state it is in now, where a decision came too late. */
  present: z
    .object({ seq: z.number(), state: z.enum(states), unit: z.string(), dueAt: z.number().nullable() })
    .optional(),
  /** What others did meanwhile without knowing of this. */
  beside: z.array(Beside).default([]),
});
export type PushResult = z.infer<typeof PushResult>;

/** A matter as a phone holds it. */
export const PhoneMatter = z.object({
  county,
  id,
  seq: z.number(),
  number: z.string(),
  kind: z.enum(kindNames),
  state: z.enum(states),
  unit: id,
  dueAt: z.number().nullable(),
  path: z.array(z.string()),
  location: z.object({ lng: z.number(), lat: z.number() }).nullable(),
  /** Redacted; nothing for a sensitive matter, which is opened with a network only. */
  title: z.string(),
  text: z.string(),
  told: z.string(),
  sensitive: z.boolean(),
  parties: z.array(z.object({ id, role: z.string(), name: z.string() })),
  abilities: z.array(z.string()),
});
export type PhoneMatter = z.infer<typeof PhoneMatter>;

export const PhoneMe = z.object({
  person: id,
  name: z.string(),
  language: z.enum(['zh', 'en']),
  posts: z.array(z.object({ unit: id, unitName: z.string(), role: z.enum(postRoles), region: z.string() })),
});
export type PhoneMe = z.infer<typeof PhoneMe>;
const Pack = z.object({ name: z.string(), hash: z.string() });
const Told = z.object({
  id,
  matter: id.nullable(),
  county,
  number: z.string().nullable(),
  what: z.string(),
  at: z.number(),
  data: z.record(z.string(), z.unknown()),
});

export const Held = z.object({
  county,
  id,
  at: z.number(),
  deviceAt: z.number(),
  code: z.string(),
  message: z.string(),
  item: Item,
});

export const syncContracts = {
  enrol: contract({
    method: 'POST',
    path: '/sync/devices',
    summary: 'Sign in on a phone; the token is shown once',
    tag,
    access: 'public',
    perMinute: 20,
    body: z.object({
      id,
      login: z.string().min(1).max(100),
      password: z.string().min(1).max(200),
      name: z.string().trim().min(1).max(60),
      /** The one-time code, of whoever uses one. */
      code: z.string().max(20).optional(),
    }),
    example: { id: '01990000-0000-7000-8000-000000000061', login: 'village', password: '…', name: '红米 12' },
    reply: z.object({
      token: z.string(),
      /** To which everything typed is sealed (P-256, base64). */
      sealTo: z.string(),
      me: PhoneMe,
    }),
  }),
  key: contract({
    method: 'GET',
    path: '/sync/key',
    summary: 'The public key to which phones seal what is typed',
    tag,
    access: 'public',
    reply: z.object({ sealTo: z.string() }),
  }),
  pull: contract({
    method: 'POST',
    path: '/sync/pull',
    summary: 'What changed since: tasks, matters, names of packs. No cursor: digests of what the phone holds',
    tag,
    access: 'staff',
    body: z.object({
      clock: z.number(),
      stamp: z.string().max(80).default(''),
      digests: z.array(z.string().max(40)).min(1).max(4096),
      duties: z.string().max(80).default(''),
    }),
    example: { clock: 1_795_000_000_000, stamp: '', digests: [''], duties: '' },
    reply: z.object({
      now: z.number(),
      me: PhoneMe,
      /** Rights or words changed: everything held was replaced. */
      stamp: z.string(),
      fresh: z.boolean(),
      buckets: z.number(),
      matters: z.array(z.object({ bucket: z.number(), rows: z.array(PhoneMatter) })),
      /** Absent when the phone holds just these. */
      duties: z.array(Duty).optional(),
      dutiesHash: z.string(),
      packs: z.array(Pack),
      told: z.array(Told),
      held: z.number(),
    }),
  }),
  pack: contract({
    method: 'GET',
    path: '/sync/packs/:hash',
    summary: 'A pack by its content: places and grids of a township, names and forms of the county',
    tag,
    access: 'staff',
    params: z.object({ hash: z.string().regex(/^[\w-]{20,60}$/) }),
    reply: z.unknown(),
  }),
  push: contract({
    method: 'POST',
    path: '/sync/push',
    summary: 'What was typed, sealed. Whoever carries it, its author is named inside',
    tag,
    access: 'public',
    perMinute: 6000,
    body: z.object({
      clock: z.number(),
      items: z
        .array(
          z.object({
            id,
            sealed: z.string().max(400_000),
            /** Its phone was signed out and cannot show it any more: what is refused is kept for its author. */
            orphan: z.boolean().default(false),
          }),
        )
        .min(1)
        .max(50),
    }),
    reply: z.object({ now: z.number(), results: z.array(PushResult) }),
  }),
  devices: contract({
    method: 'GET',
    path: '/me/devices',
    summary: 'My phones',
    tag,
    access: 'staff',
    reply: z.object({
      devices: z.array(
        z.object({
          id,
          name: z.string(),
          agent: z.string(),
          madeAt: z.number(),
          seenAt: z.number(),
          endedAt: z.number().nullable(),
          endedBy: z.string().nullable(),
          current: z.boolean(),
        }),
      ),
    }),
  }),
  endDevice: contract({
    method: 'DELETE',
    path: '/me/devices/:device',
    summary: 'Sign a phone of mine out, or report it lost',
    tag,
    access: 'staff',
    params: z.object({ device: id }),
    query: z.object({ lost: z.stringbool().default(false) }),
    reply: z.object({ done: z.literal(true) }),
  }),
  revoke: contract({
    method: 'POST',
    path: '/people/:person/devices/revoke',
    summary: 'Revoke every phone of a person',
    tag,
    access: ['security-admin'],
    params: z.object({ person: id }),
    reply: z.object({ revoked: z.number() }),
  }),
  held: contract({
    method: 'GET',
    path: '/me/held',
    summary: 'What my phones sent that could not be taken',
    tag,
    access: 'staff',
    reply: z.object({ items: z.array(Held) }),
  }),
  settle: contract({
    method: 'POST',
    path: '/me/held/:county/:id',
    summary: 'Submit it by my rights of today, or drop it',
    tag,
    access: 'staff',
    params: z.object({ county, id }),
    body: z.object({ send: z.boolean() }),
    reply: PushResult,
  }),
};
