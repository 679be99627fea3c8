/** The wire shapes of sign-in, sessions and administration. */
import { z } from 'zod';
import { contract } from '../kernel/contract.ts';
import { postRoles } from '../matters/policy.ts';

const id = z.uuid();
const date = z.iso.date();
const ok = z.object({ done: z.literal(true) });
const tag = 'people';

export const Me = z.object({
  person: id,
  name: z.string(),
  login: z.string(),
  language: z.enum(['zh', 'en']),
  mustChange: z.boolean(),
  csrf: z.string(),
  posts: z.array(
    z.object({
      id,
      unit: id,
      role: z.enum(postRoles),
      region: z.string(),
      oversees: z.array(z.string()),
      needToKnow: z.boolean(),
      acting: z.boolean().optional(),
    }),
  ),
  counties: z.array(z.string()),
});
export type Me = z.output<typeof Me>;

const Person = z.object({
  id,
  login: z.string(),
  name: z.string(),
  disabled_at: z.number().nullable(),
  locked_until: z.number().nullable(),
  posts: z.array(
    z.object({
      id,
      unit: id,
      region: z.string(),
      role: z.enum(postRoles),
      need_to_know: z.boolean(),
      substitute: id.nullable(),
      valid_from: z.string(),
      valid_to: z.string().nullable(),
    }),
  ),
});

/** Away from `from` until the day before `to`. */
const Absence = z.object({ id, post: id, substitute: id, from: date, to: date });

export const peopleContracts = {
  signIn: contract({
    method: 'POST',
    path: '/sign-in',
    summary: 'Sign in',
    tag,
    access: 'public',
    perMinute: 20,
    example: { login: 'county', password: 'Yuandian-2026' },
    body: z.object({ login: z.string().max(64), password: z.string().max(200) }),
    reply: Me,
  }),
  signOut: contract({ method: 'POST', path: '/sign-out', summary: 'Sign out', tag, access: 'staff', reply: ok }),
  me: contract({
    method: 'GET',
    path: '/me',
    summary: 'Who I am and which posts I hold',
    tag,
    access: 'staff',
    reply: Me,
  }),
  password: contract({
    method: 'POST',
    path: '/me/password',
    summary: 'Change my password',
    tag,
    access: 'staff',
    perMinute: 10,
    body: z.object({ old: z.string().max(200), fresh: z.string().max(200) }),
    reply: ok,
  }),
  sessions: contract({
    method: 'GET',
    path: '/me/sessions',
    summary: 'My sessions',
    tag,
    access: 'staff',
    reply: z.object({
      sessions: z.array(
        z.object({
          id: z.string(),
          created_at: z.number(),
          seen_at: z.number(),
          address: z.string(),
          agent: z.string(),
          current: z.boolean(),
        }),
      ),
    }),
  }),
  endSession: contract({
    method: 'DELETE',
    path: '/me/sessions/:session',
    summary: 'End one of my sessions',
    tag,
    access: 'staff',
    params: z.object({ session: z.string().regex(/^[0-9a-f]{64}$/) }),
    reply: ok,
  }),
  absences: contract({
    method: 'GET',
    path: '/me/absences',
    summary: 'When I am away, and who acts for me',
    tag,
    access: 'staff',
    reply: z.object({
      absences: z.array(Absence.extend({ substituteName: z.string() })),
      colleagues: z.array(z.object({ id, name: z.string(), unit: id })),
    }),
  }),
  addAbsence: contract({
    method: 'POST',
    path: '/me/absences',
    summary: 'Be away for some days: a colleague acts by my post as well',
    tag,
    access: 'staff',
    example: {
      id: '01990000-0000-7000-8000-000000000005',
      post: '01990000-0000-7000-8000-00000000000b',
      substitute: '01990000-0000-7000-8000-00000000000c',
      from: '2026-10-01',
      to: '2026-10-09',
    },
    body: Absence,
    reply: ok,
  }),
  endAbsence: contract({
    method: 'DELETE',
    path: '/me/absences/:absence',
    summary: 'Be back',
    tag,
    access: 'staff',
    params: z.object({ absence: id }),
    reply: ok,
  }),
  people: contract({
    method: 'GET',
    path: '/people',
    summary: 'People and their posts',
    tag: 'administration',
    access: ['system-admin', 'security-admin'],
    query: z.object({ search: z.string().max(50).default('') }),
    reply: z.object({ people: z.array(Person) }),
  }),
  addPerson: contract({
    method: 'POST',
    path: '/people',
    summary: 'Add a person with a first post',
    tag: 'administration',
    access: ['system-admin'],
    body: z.object({
      id,
      login: z.string().regex(/^[a-z][a-z0-9._-]{1,31}$/),
      name: z.string().trim().min(1).max(50),
      unit: id,
      role: z.enum(postRoles),
      needToKnow: z.boolean().default(false),
    }),
    reply: z.object({ password: z.string() }),
  }),
  addPost: contract({
    method: 'POST',
    path: '/posts',
    summary: 'Give a person another post',
    tag: 'administration',
    access: ['system-admin'],
    body: z.object({
      id,
      person: id,
      unit: id,
      role: z.enum(postRoles),
      needToKnow: z.boolean().default(false),
      from: date,
      substitute: id.nullable().default(null),
    }),
    reply: ok,
  }),
  endPost: contract({
    method: 'POST',
    path: '/posts/:post/end',
    summary: 'End a post and hand over',
    tag: 'administration',
    access: ['system-admin'],
    params: z.object({ post: id }),
    body: z.object({ substitute: id.optional() }),
    reply: z.object({
      handover: z.array(
        z.object({
          county: z.string(),
          id,
          number: z.string(),
          summary: z.string().nullable(),
          state: z.string(),
          due_at: z.number().nullable(),
        }),
      ),
    }),
  }),
  resetPassword: contract({
    method: 'POST',
    path: '/people/:person/reset',
    summary: 'Unlock and set a one-time password',
    tag: 'administration',
    access: ['security-admin'],
    params: z.object({ person: id }),
    reply: z.object({ password: z.string() }),
  }),
  disable: contract({
    method: 'POST',
    path: '/people/:person/disable',
    summary: 'Disable or enable an account',
    tag: 'administration',
    access: ['security-admin'],
    params: z.object({ person: id }),
    body: z.object({ disabled: z.boolean() }),
    reply: ok,
  }),
  audit: contract({
    method: 'GET',
    path: '/audit',
    summary: 'The audit, newest first',
    tag: 'administration',
    access: ['audit-admin', 'auditor'],
    query: z.object({ before: z.coerce.number().optional(), what: z.string().max(40).optional() }),
    reply: z.object({
      lines: z.array(
        z.object({
          n: z.number(),
          at: z.number(),
          person: z.string().nullable(),
          what: z.string(),
          county: z.string().nullable(),
          subject: z.string().nullable(),
          result: z.string(),
          detail: z.record(z.string(), z.unknown()),
        }),
      ),
    }),
  }),
  addToken: contract({
    method: 'POST',
    path: '/tokens',
    summary: 'Make a token for an integration',
    tag: 'administration',
    access: ['security-admin'],
    body: z.object({
      id,
      name: z.string().trim().min(1).max(80),
      post: id,
      scopes: z.array(z.enum(['read', 'write'])).min(1),
      days: z.number().int().min(1).max(730).default(365),
    }),
    reply: z.object({ token: z.string() }),
  }),
  tokens: contract({
    method: 'GET',
    path: '/tokens',
    summary: 'Tokens of integrations',
    tag: 'administration',
    access: ['security-admin'],
    reply: z.object({
      tokens: z.array(
        z.object({
          id,
          name: z.string(),
          post: id,
          scopes: z.array(z.string()),
          created_at: z.number(),
          expires_at: z.number(),
          ended_at: z.number().nullable(),
        }),
      ),
    }),
  }),
  endToken: contract({
    method: 'DELETE',
    path: '/tokens/:token',
    summary: 'End a token',
    tag: 'administration',
    access: ['security-admin'],
    params: z.object({ token: id }),
    reply: ok,
  }),
};
