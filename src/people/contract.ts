/** The wire shapes of sign-in, sessions and administration. */
import { z } from 'zod';
import { type AuditAct, type AuditResult, auditActs, auditResults } from '../kernel/audit-words.ts';
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
  /** A second factor must be set up before anything else. */
  mustProve: z.boolean(),
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
      /** Waits for the security administrator. */
      pending: z.boolean(),
      substitute: id.nullable(),
      substitute_name: z.string().nullable(),
      valid_from: z.string(),
      valid_to: z.string().nullable(),
    }),
  ),
});

/** Away from `from` until the day before `to`. */
const Absence = z.object({ id, post: id, substitute: id, from: date, to: date });

/** What an auditor asks. `person` is a name or a user name, `matter` a number; days are whole and of China's time. */
export const AuditQuery = z.object({
  person: z.string().trim().max(50).optional(),
  what: z.enum(Object.keys(auditActs) as [AuditAct, ...AuditAct[]]).optional(),
  result: z.enum(Object.keys(auditResults) as [AuditResult, ...AuditResult[]]).optional(),
  matter: z.string().trim().max(40).optional(),
  from: date.optional(),
  to: date.optional(),
  cursor: z
    .string()
    .regex(/^\d{1,15}-\d{1,18}$/)
    .optional(),
});
export const AuditLine = z.object({
  n: z.number(),
  at: z.number(),
  person: z.string().nullable(),
  login: z.string().nullable(),
  what: z.string(),
  county: z.string().nullable(),
  subject: z.string().nullable(),
  /** What the subject is called: a matter's number, a person's or a unit's name. */
  about: z.string().nullable(),
  result: z.string(),
  detail: z.record(z.string(), z.unknown()),
});

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
  ways: contract({
    method: 'GET',
    path: '/sign-in/ways',
    summary: 'Ways to sign in besides a password',
    tag,
    access: 'public',
    reply: z.object({ oidc: z.string().nullable() }),
  }),
  factor: contract({
    method: 'POST',
    path: '/sign-in/factor',
    summary: 'Show the second factor for a ticket: a one-time code',
    tag,
    access: 'public',
    perMinute: 20,
    body: z.object({ ticket: z.string().max(1000), code: z.string().max(20) }),
    reply: Me,
  }),
  askPasskey: contract({
    method: 'POST',
    path: '/sign-in/passkey',
    summary: 'Ask for a passkey: after a password by its ticket, or instead of one',
    tag,
    access: 'public',
    perMinute: 20,
    body: z.object({ ticket: z.string().max(1000).optional() }),
    reply: z.object({ options: z.unknown(), ticket: z.string() }),
  }),
  passkey: contract({
    method: 'POST',
    path: '/sign-in/passkey/done',
    summary: 'Show a passkey',
    tag,
    access: 'public',
    perMinute: 20,
    body: z.object({ ticket: z.string().max(1000), response: z.record(z.string(), z.unknown()) }),
    reply: Me,
  }),
  factors: contract({
    method: 'GET',
    path: '/me/factors',
    summary: 'My second factors',
    tag,
    access: 'staff',
    reply: z.object({
      totp: z.boolean(),
      passkeys: z.array(
        z.object({ id: z.string(), name: z.string(), madeAt: z.number(), usedAt: z.number().nullable() }),
      ),
    }),
  }),
  beginCode: contract({
    method: 'POST',
    path: '/me/factors/code',
    summary: 'Begin with one-time codes: the address for an authenticator',
    tag,
    access: 'staff',
    perMinute: 10,
    body: z.object({ password: z.string().max(200) }),
    reply: z.object({ uri: z.string(), ticket: z.string() }),
  }),
  setCode: contract({
    method: 'PUT',
    path: '/me/factors/code',
    summary: 'Take up one-time codes by showing the first',
    tag,
    access: 'staff',
    perMinute: 20,
    body: z.object({ ticket: z.string().max(1000), code: z.string().max(20) }),
    reply: ok,
  }),
  beginPasskey: contract({
    method: 'POST',
    path: '/me/factors/passkey',
    summary: 'Begin with a passkey',
    tag,
    access: 'staff',
    perMinute: 10,
    body: z.object({ password: z.string().max(200) }),
    reply: z.object({ options: z.unknown(), ticket: z.string() }),
  }),
  addPasskey: contract({
    method: 'PUT',
    path: '/me/factors/passkey',
    summary: 'Take up the passkey that was made',
    tag,
    access: 'staff',
    perMinute: 10,
    body: z.object({
      ticket: z.string().max(1000),
      name: z.string().trim().min(1).max(40),
      response: z.record(z.string(), z.unknown()),
    }),
    reply: ok,
  }),
  dropFactor: contract({
    method: 'POST',
    path: '/me/factors/drop',
    summary: 'Give up one of my second factors',
    tag,
    access: 'staff',
    perMinute: 10,
    body: z.object({
      password: z.string().max(200),
      totp: z.boolean().optional(),
      passkey: z.string().max(500).optional(),
    }),
    reply: ok,
  }),
  resetFactors: contract({
    method: 'POST',
    path: '/people/:person/factors/reset',
    summary: "Take away somebody's second factors: the phone is lost",
    tag,
    access: ['security-admin'],
    params: z.object({ person: id }),
    reply: ok,
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
    query: z.object({
      search: z.string().max(50).default(''),
      /** Only those with a post that waits for the security administrator. */
      pending: z.stringbool().default(false),
      /** The user name after which the next page begins. */
      after: z.string().max(32).default(''),
    }),
    reply: z.object({ people: z.array(Person), next: z.string().optional() }),
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
  grantPost: contract({
    method: 'POST',
    path: '/posts/grant',
    summary: 'Grant what posts ask for (to open what is sensitive; an administrator’s post), or take it back',
    tag: 'administration',
    access: ['security-admin'],
    example: { posts: ['01990000-0000-7000-8000-00000000000b'], granted: true },
    body: z.object({ posts: z.array(id).min(1).max(500), granted: z.boolean() }),
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
    summary: 'The audit, newest first: who did what, when, to what, with which result',
    tag: 'administration',
    access: ['audit-admin', 'auditor'],
    query: AuditQuery,
    reply: z.object({ lines: z.array(AuditLine), next: z.string().optional() }),
  }),
  exportAudit: contract({
    method: 'GET',
    path: '/audit/export',
    summary: 'The audit as .xlsx, with the same filters; the export itself is on record',
    tag: 'administration',
    access: ['audit-admin', 'auditor'],
    perMinute: 5,
    query: AuditQuery,
    reply: z.unknown(),
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
      /** Reading and writing by the post; or one door alone: Open311, the telephone system. */
      scopes: z.array(z.enum(['read', 'write', 'open311', 'calls'])).min(1),
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
          /** Whose post it works by. */
          holder: z.string(),
          unit: id,
          role: z.enum(postRoles),
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
