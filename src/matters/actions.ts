/**
 * The actions of the loop as they travel. `data` is stored in clear and decides; `words` are what people wrote: they
 * are encrypted under the matter's key and never decide anything.
 */
import { z } from 'zod';
import { chainSteps, grounds, paperKinds } from '../kinds/kind.ts';
import { kindNames } from '../kinds/kinds.ts';
import { barredNames, Clause, Signer, signWays } from './agreement.ts';
import { grades } from './grading.ts';
import { bodies, dossierParts, minuteKinds, routes, stages } from './mediation-codes.ts';

const id = z.uuid();
const text = (max: number) => z.string().trim().min(1).max(max);
const optionalText = (max: number) => z.string().trim().max(max).optional();

export const causes = [
  'negligence',
  'policy',
  'contract',
  'neighbour',
  'money',
  'service',
  'misunderstanding',
  'other',
] as const;
export const sources = [
  'window',
  'hotline',
  'letter',
  'online',
  'visit',
  'superior',
  'grid',
  'import',
  'whistle',
  'other',
] as const;
/** Why somebody says that it is not solved. */
export const unsolved = ['not-done', 'too-slow', 'bad-manner', 'not-agreed', 'came-back'] as const;
export const systems = ['petition', 'hotline', 'court', 'police', 'other'] as const;
export const roles = [
  'applicant',
  'respondent',
  'representative',
  'agent',
  'guardian',
  'complained-of',
  'witness',
] as const;

/** A party as everybody who sees the matter sees it: masked. The clear text lies encrypted in `matter_party`. */
export const PartyRef = z.object({
  id,
  role: z.enum(roles),
  name: z.string(),
  /** Whom a representative, agent or guardian acts for. */
  actsFor: id.optional(),
  /** Set when the party is one of our units. */
  unit: id.optional(),
});
export type PartyRef = z.infer<typeof PartyRef>;

/** How to reach a person without harm: which phone, when, and what must not be said. */
export const SafeContact = z.object({ phone: optionalText(40), when: optionalText(200), never: optionalText(500) });
const optionalId = z.uuid().optional();
export const PartyInput = z.object({
  id,
  role: z.enum(roles),
  name: optionalText(100),
  phone: optionalText(40),
  identity: optionalText(18),
  address: optionalText(300),
  actsFor: optionalId,
  unit: optionalId,
  anonymous: z.boolean().default(false),
  safe: SafeContact.optional(),
});
export type PartyInput = z.infer<typeof PartyInput>;
const partyFields = ['name', 'phone', 'identity', 'address', 'safe'] as const;
/** What is put right of somebody; what is null is taken away, what is not said stays. */
export const PartyChanges = z
  .object({
    name: text(100).nullable(),
    phone: text(40).nullable(),
    identity: text(18).nullable(),
    address: text(300).nullable(),
    safe: SafeContact.nullable(),
  })
  .partial()
  .refine(given => Object.values(given).some(value => value !== undefined), 'nothing is put right');
export type PartyChanges = z.infer<typeof PartyChanges>;

export const External = z.object({ system: z.enum(systems), number: text(64) });
export const Location = z.object({ lng: z.number().min(-180).max(180), lat: z.number().min(-90).max(90) });

export const Registration = z.object({
  number: z.string(),
  kind: z.enum(kindNames),
  category: z.string().nullable(),
  source: z.enum(sources),
  fields: z.record(z.string(), z.unknown()),
  centre: id,
  path: z.array(z.string()).min(1),
  grid: z.string().nullable(),
  location: Location.nullable(),
  receivedAt: z.number(),
  registeredAt: z.number(),
  stock: z.boolean(),
  sensitive: z.boolean(),
  excludedUnits: z.array(id),
  excludedPeople: z.array(id),
  parties: z.array(PartyRef),
  externals: z.array(External),
  border: z.custom<import('./matter.ts').Border>().nullable().optional(),
});
export type Registration = z.infer<typeof Registration>;

/** A new matter as the desk, the importer or the phone sends it. `id` and `action` are minted by the client (UUIDv7). */
export const RegisterInput = z.object({
  id,
  action: id,
  kind: z.enum(kindNames),
  title: optionalText(200),
  text: text(20000),
  category: z.string().nullable().default(null),
  source: z.enum(sources),
  /** When it reached the office; may lie in the past with a reason. Epoch milliseconds. */
  receivedAt: z.number().optional(),
  receivedReason: optionalText(500),
  region: z.string(),
  grid: z.string().nullable().default(null),
  location: Location.nullable().default(null),
  address: optionalText(300),
  fields: z.record(z.string(), z.unknown()).default({}),
  parties: z.array(PartyInput).max(200).default([]),
  externals: z.array(External).max(20).default([]),
  sensitive: z.boolean().default(false),
  excludedUnits: z.array(id).default([]),
  excludedPeople: z.array(id).default([]),
  links: z.array(z.object({ matter: id, relation: z.enum(['similar', 'repeat']) })).default([]),
  deviceAt: z.number().optional(),
});
export type RegisterInput = z.infer<typeof RegisterInput>;

const none = z.object({}).default({});
const said = (max = 4000) => z.object({ text: text(max) });
const perhaps = z.object({ text: optionalText(4000) }).default({});
const audience = z.enum(['unit', 'participants']).default('participants');
const other = z.object({ county: z.string(), matter: id });

const shape = <T extends string, D extends z.ZodType, W extends z.ZodType>(type: T, data: D, words: W) =>
  z.object({ type: z.literal(type), data, words });

export const Action = z.discriminatedUnion('type', [
  shape('accept', z.object({ route: z.number().int().min(1).max(6).optional() }).default({}), perhaps),
  shape(
    'decline',
    z.object({
      route: z.enum(['court', 'arbitration', 'reconsideration', 'police', 'discipline', 'superior', 'other']),
      told: z.enum(['spot', 'phone', 'written']),
    }),
    said(),
  ),
  shape('dispatch', z.object({ unit: id }), perhaps),
  shape('recall', none, said(500)),
  shape('sign', none, perhaps),
  shape('note', z.object({ audience }).default({ audience: 'participants' }), said()),
  shape('contact', z.object({ way: z.enum(['phone', 'visit', 'message', 'office']), reached: z.boolean() }), said()),
  shape(
    'urgent',
    z.object({
      danger: z.enum(['violence', 'self-harm', 'child']),
      told: z
        .array(
          z.object({
            who: z.enum(['110', '120', '119', '12338', '12355', 'leader', 'family', 'school', 'other']),
            at: z.number(),
          }),
        )
        .min(1),
    }),
    perhaps,
  ),
  shape(
    'attach',
    z.object({
      id,
      type: z.string(),
      size: z.number().int(),
      audience,
      sha256: z.string(),
      /** Where it belongs in a dossier. */
      part: z.enum(dossierParts).optional(),
    }),
    z.object({ text: text(200) }),
  ),
  shape('report', z.object({ result: z.enum(['resolved', 'partly', 'explained', 'not-resolved']) }), said()),
  shape('sendBack', none, said()),
  shape(
    'answer',
    z.object({
      way: z.enum(['phone', 'visit', 'message', 'written', 'none']),
      position: z.enum(['supported', 'explained', 'not-supported']),
    }),
    said(),
  ),
  shape('close', z.object({ cause: z.enum(causes).optional() }).default({}), perhaps),
  shape(
    'followUp',
    z.object({
      outcome: z.enum(['satisfied', 'unsatisfied', 'unreachable', 'anonymous', 'deceased']),
      cause: z.enum(unsolved).optional(),
    }),
    perhaps,
  ),
  shape(
    'rate',
    z.object({
      stars: z.number().int().min(1).max(5),
      solved: z.boolean(),
      /** Why it is not solved. */
      cause: z.enum(unsolved).optional(),
    }),
    perhaps,
  ),
  // What is asked of the person who raised it, what they add, and another round asked for by the system it came from.
  shape('ask', none, said()),
  shape('add', z.object({ question: optionalId }).default({}), said()),
  shape('again', z.object({ round: z.number().int().min(2) }), said()),
  shape('return', z.object({ ground: z.enum(['remit', 'region', 'court', 'duplicate', 'unclear']) }), said()),
  shape('rule', z.object({ unit: id }), said()),
  shape('escalate', none, said()),
  shape('reopen', none, said()),
  shape(
    'link',
    other.extend({ relation: z.enum(['similar', 'repeat', 'merged-from', 'part-of', 'whole-of']) }),
    perhaps,
  ),
  shape('merge', other, said(500)),
  shape('withdraw', z.object({ by: z.enum(['person', 'on-behalf']) }), said(1000)),
  shape(
    'correct',
    z.object({
      set: z
        .object({
          category: z.string().nullable(),
          receivedAt: z.number(),
          path: z.array(z.string()).min(1),
          grid: z.string().nullable(),
          location: Location.nullable(),
          fields: z.record(z.string(), z.unknown()),
          externals: z.array(External),
        })
        .partial(),
      rewrites: z.boolean().default(false),
    }),
    z.object({ text: text(1000), title: optionalText(200), narrative: optionalText(20000) }),
  ),
  shape(
    'protect',
    z.object({
      sensitive: z.boolean(),
      excludedUnits: z.array(id).default([]),
      excludedPeople: z.array(id).default([]),
    }),
    said(1000),
  ),
  /** Somebody is added: the other side, an agent, a witness. Masked here; the clear text is sealed under their own key. */
  shape('join', z.object({ party: PartyRef }), perhaps),
  /** What was written down wrongly of somebody is put right. The masked name is all that is said of it here. */
  shape(
    'amend',
    z.object({ party: id, fields: z.array(z.enum(partyFields)).min(1), name: z.string().optional() }),
    said(500),
  ),
  shape('admit', z.object({ person: id }), said(500)),
  shape('openStock', none, perhaps),
  shape('lapse', none, none),
  // Supervision: by hand what the rules also do by themselves.
  shape('remind', none, said(1000)),
  shape('order', z.object({ days: z.number().int().min(1).max(30).default(2) }).default({ days: 2 }), said(2000)),
  shape('notice', z.object({ days: z.number().int().min(1).max(30).default(3) }).default({ days: 3 }), said(2000)),
  shape('reply', z.object({ order: z.number().int().min(1) }), said()),
  shape('lead', z.object({ person: id }), perhaps),
  // Clocks: what the law lets happen to them.
  shape('suspend', z.object({ ground: z.enum(grounds) }), said(1000)),
  shape('resume', none, perhaps),
  shape('askExtension', z.object({ count: z.number().int().min(1).max(365) }), said(1000)),
  shape('decideExtension', z.object({ granted: z.boolean(), told: z.enum(['spot', 'phone', 'written']) }), said(1000)),
  shape(
    'grade',
    z.object({
      answers: z.record(z.string().max(40), z.number().min(0).max(1e9)),
      override: z.enum(grades).optional(),
    }),
    perhaps,
  ),
  shape('askReview', none, said()),
  shape('decideReview', z.object({ outcome: z.enum(['upheld', 'changed', 'revoked']) }), said()),
  // Co-handling: each part is a matter whose id the caller minted.
  shape(
    'whistle',
    z.object({
      parts: z
        .array(z.object({ matter: id, unit: id }))
        .min(1)
        .max(20),
    }),
    said(2000),
  ),
  shape('partDone', z.object({ matter: id }), none),
  shape('release', none, none),
  // Across a border: two linked matters, each side's consent carried to the other.
  shape(
    'invite',
    z.object({
      /** A county here with the place, or the name of a neighbour that runs another system or none. */
      county: z.string().min(1).max(60),
      matter: id,
      region: z.string().optional(),
      /** The standing agreement between the regions by which it is shared. */
      agreement: id.optional(),
    }),
    said(2000),
  ),
  shape('agreeClose', none, perhaps),
  /** What a neighbour outside of this system has agreed to, as it was told. */
  shape('consent', z.object({ way: z.enum(['letter', 'phone', 'meeting']) }), said(1000)),
  shape('hear', z.object({ county: z.string(), matter: id, what: z.enum(['agreed', 'ended']), at: z.number() }), none),
  // Paper and seal.
  shape('draft', z.object({ paper: z.enum(paperKinds) }), said(20000)),
  shape(
    'pass',
    z.object({
      paper: z.number().int().min(1),
      step: z.enum(chainSteps),
      /** 文号: given by the server with the last step. */
      number: z.string().max(80).optional(),
    }),
    perhaps,
  ),
  shape('reject', z.object({ paper: z.number().int().min(1) }), said(1000)),
  shape(
    'serve',
    z.object({
      paper: z.number().int().min(1),
      way: z.enum(['hand', 'post', 'left', 'message', 'announced']),
      at: z.number(),
    }),
    perhaps,
  ),
  // Mediation: what decides in clear, what was said and written sealed.
  shape(
    'mediate',
    z.object({
      basis: z.enum(['application', 'own', 'referred']),
      referredBy: z.enum(bodies).optional(),
      committee: id,
    }),
    perhaps,
  ),
  shape('sideConsent', z.object({ party: id, yes: z.boolean(), routes: z.array(z.enum(routes)).optional() }), perhaps),
  shape(
    'tellRights',
    z.object({ parties: z.array(id).min(1).max(200), way: z.enum(['read', 'paper', 'message']) }),
    none,
  ),
  shape('chooseMediators', z.object({ party: id, mediators: z.array(id).max(9) }), none),
  shape('appoint', z.object({ mediators: z.array(id).min(1).max(9) }), perhaps),
  shape('answerAppointment', z.object({ mediator: id, answer: z.enum(['accept', 'decline', 'disclose']) }), perhaps),
  shape('object', z.object({ party: id, mediator: id }), perhaps),
  shape(
    'planSitting',
    z.object({
      at: z.number(),
      lasts: z.number().int().min(10).max(1440).default(120),
      way: z.enum(['room', 'home', 'video']),
      room: optionalText(60),
      closed: z.boolean().default(false),
    }),
    perhaps,
  ),
  shape(
    'endSitting',
    z.object({ sitting: z.number().int().min(1), to: z.enum(['held', 'adjourned', 'cancelled']) }),
    perhaps,
  ),
  shape(
    'minute',
    z.object({
      /** Minted where it is typed; `saw`: the version that was changed, 0 for a new line. */
      line: id,
      saw: z.number().int().min(0),
      /** 0: an inquiry outside of a sitting. */
      sitting: z.number().int().min(0),
      kind: z.enum(minuteKinds),
      party: optionalId,
    }),
    said(),
  ),
  shape(
    'writeAgreement',
    z.object({
      form: z.enum(['written', 'oral']),
      clauses: z.array(Clause).min(1).max(60),
      /** SHA-256, made by the server of what is to be signed. */
      hash: z.string().optional(),
    }),
    z.object({ text: text(20000), clauses: z.array(text(4000)).max(60) }),
  ),
  shape(
    'signAgreement',
    z.object({ signer: Signer, way: z.enum(signWays), at: z.number(), hash: z.string(), file: optionalId }),
    perhaps,
  ),
  shape(
    'endMediation',
    z.object({ outcome: z.enum(['agreed', 'failed', 'withdrawn']), routes: z.array(z.enum(routes)).optional() }),
    perhaps,
  ),
  shape('keepPaper', z.object({ place: text(200) }), none),
  shape(
    'pay',
    z.object({
      clause: z.number().int().min(0),
      instalment: z.number().int().min(0),
      fen: z.number().int().min(1).max(1e13),
      at: z.number(),
    }),
    perhaps,
  ),
  shape(
    'breach',
    z.object({
      clause: z.number().int().min(0),
      instalment: z.number().int().min(0),
      next: z.enum(['mediation', 'court', 'enforcement']),
    }),
    said(),
  ),
  shape(
    'askConfirmation',
    z.object({ court: text(100), together: z.boolean(), bars: z.array(z.enum(barredNames)).default([]) }),
    perhaps,
  ),
  shape(
    'confirmed',
    z.object({ result: z.enum(['confirmed', 'refused', 'withdrawn']), number: optionalText(80), at: z.number() }),
    perhaps,
  ),
  shape(
    'fileDossier',
    z.object({
      /** Number, file, hash and pages are the server's: what it filed. */
      number: optionalText(80),
      hash: z.string(),
      file: id,
      pages: z.number().int().min(1),
      keepUntil: z.number().int().nullable(),
    }),
    perhaps,
  ),
  shape('openDossier', none, said(1000)),
  // Docking with other bodies, and hearings: on any matter.
  shape(
    'dock',
    z.object({
      way: z.enum(['out', 'in']),
      body: z.enum(bodies),
      stage: z.enum(stages).optional(),
      unit: optionalId,
      name: text(100),
      days: z.number().int().min(1).max(180).default(3),
      package: z.object({ file: id, hash: z.string() }).optional(),
    }),
    perhaps,
  ),
  shape(
    'dockStep',
    z.object({
      dock: z.number().int().min(1),
      to: z.enum(['accepted', 'refused', 'done', 'returned']),
      days: z.number().int().min(1).max(180).default(30),
    }),
    said(),
  ),
  shape(
    'callHearing',
    z.object({
      at: z.number(),
      open: z.boolean().default(true),
      panel: z
        .array(z.object({ name: text(40), from: text(80), chair: z.boolean() }))
        .min(3)
        .max(15),
    }),
    said(),
  ),
  shape(
    'recusePanel',
    z.object({ hearing: z.number().int().min(1), member: z.number().int().min(1), name: text(40), from: text(80) }),
    said(1000),
  ),
  shape(
    'closeHearing',
    z.object({ hearing: z.number().int().min(1), to: z.enum(['held', 'cancelled']) }),
    z.object({ text: text(20000), opinion: optionalText(4000) }),
  ),
  // A hazard: ordered away, rectified, re-inspected.
  shape(
    'orderRectify',
    z.object({
      until: z.number(),
      officers: z.array(z.object({ person: id, certificate: text(40) })).length(2),
    }),
    said(),
  ),
  shape('rectify', z.object({ file: id }), said()),
  shape('reinspect', z.object({ passed: z.boolean() }), said()),
  /** What is to be told besides the deadline. */
  shape('watch', none, none),
  /** A unit is closed: its successor takes its place. */
  shape('succeed', z.object({ from: id, to: id }), none),
  /** The year of a provisional deadline is announced: the same clock counted again. */
  shape('recount', none, none),
]);
export type Action = z.infer<typeof Action>;
export type ActionType = Action['type'] | 'register';
export const actionTypes = ['register', ...Action.options.map(option => option.shape.type.value)] as ActionType[];
