/** The wire shapes of the portal: what residents send and see without an account. */
import { z } from 'zod';
import { contract } from '../kernel/contract.ts';
import { Location, PartyInput, unsolved } from '../matters/actions.ts';
import { states } from '../matters/matter.ts';

const id = z.uuid();
const county = z.string().regex(/^\d{6}$/);
const text = (max: number) => z.string().trim().min(1).max(max);
const code = z.string().regex(/^\d{12,17}$/);
const ok = z.object({ done: z.literal(true) });
const tag = 'portal';
const common = { tag, access: 'public' as const };

/** What residents raise themselves. A data request is raised from the page of the matter it is about. */
export const portalKinds = ['request', 'repair', 'dispute', 'petition', 'hazard', 'wish'] as const;
export type PortalKind = (typeof portalKinds)[number];

export const PortalSetting = z.object({
  open: z.boolean().default(true),
  /** A phone is confirmed by a code that is sent to it. */
  phoneCode: z.boolean().default(false),
  /** Kinds that may be raised without a name. A petition and a dispute have somebody who is answered. */
  anonymous: z.array(z.enum(['request', 'repair', 'hazard'])).default(['request', 'repair', 'hazard']),
  hotline: z.string().max(40).default('12345'),
});
export type PortalSetting = z.output<typeof PortalSetting>;

const Place = z.object({ code: z.string(), name: z.string() });
export const RaiseInput = z.object({
  id,
  action: id,
  kind: z.enum(portalKinds),
  text: text(5000),
  region: code,
  location: Location.nullable().default(null),
  address: z.string().trim().max(300).optional(),
  anonymous: z.boolean().default(false),
  name: z.string().trim().max(60).optional(),
  phone: z.string().trim().max(30).optional(),
  safe: PartyInput.shape.safe,
  /** Against an official: it opens to those who handle it only. */
  againstOfficial: z.boolean().default(false),
  purpose: z.enum(['help', 'complaint', 'consult', 'errand']).optional(),
  service: id.optional(),
  need: z.enum(['thing', 'hand', 'skill']).optional(),
  wanted: z.array(id).max(9).optional(),
  phoneCode: z.object({ id, code: z.string().regex(/^\d{6}$/) }).optional(),
  /** The proof of work: a solved challenge, base64. */
  work: z.string().max(2000),
});
export type RaiseInput = z.output<typeof RaiseInput>;

const Step = z.object({
  id,
  at: z.number(),
  what: z.enum([
    'register',
    'accept',
    'decline',
    'dispatch',
    'sign',
    'answer',
    'close',
    'rework',
    'extended',
    'ask',
    'add',
    'attach',
    'rate',
    'withdraw',
    'review',
    'end',
  ]),
  unit: z.string().nullable(),
  text: z.string().nullable(),
  mine: z.boolean(),
});
export const ReceiptView = z.object({
  county,
  number: z.string(),
  kind: z.string(),
  state: z.enum(states),
  open: z.boolean(),
  text: z.string().nullable(),
  unit: z.object({ name: z.string(), phone: z.string().nullable() }).nullable(),
  dueAt: z.number().nullable(),
  steps: z.array(Step),
  /** A question that was not answered yet. */
  question: z.object({ id, text: z.string() }).nullable(),
  can: z.array(z.enum(['add', 'attach', 'rate', 'withdraw', 'askReview'])),
  rated: z.object({ stars: z.number(), solved: z.boolean().nullable() }).nullable(),
  mediated: z.boolean(),
  reception: z.boolean(),
});
export type ReceiptView = z.output<typeof ReceiptView>;

export const ResidentAction = z.discriminatedUnion('what', [
  z.object({ what: z.literal('add'), text: text(4000), question: id.optional() }),
  z.object({ what: z.literal('withdraw'), text: text(1000) }),
  z.object({
    what: z.literal('rate'),
    stars: z.number().int().min(1).max(5),
    solved: z.boolean(),
    cause: z.enum(unsolved).optional(),
    text: z.string().trim().max(2000).optional(),
  }),
  z.object({ what: z.literal('askReview'), text: text(4000) }),
]);

const Alert = z.object({
  id,
  sort: z.string(),
  level: z.enum(['red', 'orange', 'yellow', 'blue']),
  title: z.string(),
  body: z.string(),
  regions: z.array(z.string()),
  audience: z.array(z.string()),
  until: z.number(),
});

export const portalContracts = {
  counties: contract({
    ...common,
    method: 'GET',
    path: '/portal',
    summary: 'The counties that take matters in online',
    reply: z.object({ counties: z.array(z.object({ county, name: z.string() })) }),
  }),
  home: contract({
    ...common,
    method: 'GET',
    path: '/portal/:county',
    summary: 'What the page of a county needs to begin: its places, kinds and rules',
    params: z.object({ county }),
    reply: z.object({
      name: z.string(),
      setting: PortalSetting,
      places: z.array(Place.extend({ villages: z.array(Place) })),
      alerts: z.number(),
    }),
  }),
  where: contract({
    ...common,
    method: 'GET',
    path: '/portal/:county/where',
    summary: 'The village and grid a point lies in. The point is not kept',
    params: z.object({ county }),
    query: z.object({ lng: z.coerce.number().min(-180).max(180), lat: z.coerce.number().min(-90).max(90) }),
    perMinute: 60,
    reply: z.object({ region: z.string().nullable(), name: z.string() }),
  }),
  map: contract({
    ...common,
    method: 'GET',
    path: '/portal/:county/map/:region',
    summary: 'Outlines of the grids of a township, to point at a place',
    params: z.object({ county, region: code }),
    perMinute: 60,
    reply: z.object({
      grids: z.array(
        z.object({ code: z.string(), name: z.string(), rings: z.array(z.array(z.tuple([z.number(), z.number()]))) }),
      ),
    }),
  }),
  contacts: contract({
    ...common,
    method: 'GET',
    path: '/portal/:county/contacts/:region',
    summary: 'Who is responsible for a place, and their numbers',
    params: z.object({ county, region: code }),
    perMinute: 60,
    reply: z.object({
      path: z.array(z.string()),
      contacts: z.array(
        z.object({ what: z.string(), unit: z.string(), person: z.string().nullable(), phone: z.string().nullable() }),
      ),
    }),
  }),
  work: contract({
    ...common,
    method: 'POST',
    path: '/portal/work',
    summary: 'A challenge to be solved before something is sent',
    perMinute: 120,
    reply: z.object({
      algorithm: z.string(),
      challenge: z.string(),
      maxnumber: z.number(),
      salt: z.string(),
      signature: z.string(),
    }),
  }),
  phoneCode: contract({
    ...common,
    method: 'POST',
    path: '/portal/:county/phone-codes',
    summary: 'Send a code to a phone',
    params: z.object({ county }),
    body: z.object({ id, phone: text(30), work: z.string().max(2000) }),
    perMinute: 5,
    reply: z.object({ expires: z.number() }),
  }),
  raise: contract({
    ...common,
    method: 'POST',
    path: '/portal/:county/matters',
    summary: 'Raise a matter; answers with its number and the receipt code',
    params: z.object({ county }),
    body: RaiseInput,
    perMinute: 60,
    reply: z.object({ county, id, number: z.string(), receipt: z.string() }),
  }),
  file: contract({
    ...common,
    method: 'POST',
    path: '/portal/receipt/files',
    summary: 'Add a picture, sound or paper (multipart; headers x-receipt, x-tail)',
    perMinute: 60,
    reply: z.object({ id, type: z.string(), size: z.number() }),
  }),
  receipt: contract({
    ...common,
    method: 'GET',
    path: '/portal/receipt',
    summary: 'The state of a matter (headers x-receipt: the code; x-tail: last four digits of the phone given)',
    perMinute: 60,
    reply: ReceiptView,
  }),
  act: contract({
    ...common,
    method: 'POST',
    path: '/portal/receipt/actions',
    summary: 'Add, answer a question, rate, withdraw, ask for a review',
    body: z.object({ id, do: ResidentAction }),
    perMinute: 30,
    reply: ReceiptView,
  }),
  side: contract({
    ...common,
    method: 'POST',
    path: '/portal/receipt/side',
    summary: 'The link to the person’s own page of the mediation',
    perMinute: 10,
    reply: z.object({ token: z.string() }),
  }),
  data: contract({
    ...common,
    method: 'GET',
    path: '/portal/receipt/data',
    summary: 'What is held about the person in this matter, and to whom it was shown (个人信息保护法 44, 45)',
    perMinute: 20,
    reply: z.object({
      held: z.object({
        name: z.string().nullable(),
        phone: z.string().nullable(),
        identity: z.string().nullable(),
        address: z.string().nullable(),
        text: z.string().nullable(),
        files: z.array(z.object({ name: z.string(), type: z.string(), size: z.number() })),
      }),
      shown: z.array(
        z.object({ at: z.number(), what: z.string(), units: z.array(z.string()), reason: z.string().nullable() }),
      ),
      asked: z.array(
        z.object({ number: z.string(), right: z.string(), state: z.enum(states), dueAt: z.number().nullable() }),
      ),
    }),
  }),
  askData: contract({
    ...common,
    method: 'POST',
    path: '/portal/receipt/data',
    summary: 'Ask for a copy, a correction or deletion: a matter with its own clock',
    body: z.object({ id, action: id, right: z.enum(['access', 'correct', 'delete']), text: text(2000) }),
    perMinute: 5,
    reply: z.object({ number: z.string(), receipt: z.string() }),
  }),
  mediators: contract({
    ...common,
    method: 'GET',
    path: '/portal/:county/mediators',
    summary: 'Mediators one may choose from',
    params: z.object({ county }),
    reply: z.object({
      mediators: z.array(
        z.object({
          id,
          name: z.string(),
          committee: z.string(),
          profession: z.string(),
          specialities: z.array(z.string()),
          languages: z.array(z.string()),
          free: z.string(),
        }),
      ),
    }),
  }),
  services: contract({
    ...common,
    method: 'GET',
    path: '/portal/:county/services',
    summary: 'The menu of services, and the days one may book',
    params: z.object({ county }),
    reply: z.object({
      services: z.array(
        z.object({
          id,
          name: z.string(),
          sort: z.string(),
          unit: z.string().nullable(),
          body: z.record(z.string(), z.string()),
          errand: z.boolean(),
        }),
      ),
      receptions: z.array(
        z.object({
          id,
          sort: z.enum(['leader', 'window']),
          unit: z.string(),
          who: z.string(),
          at: z.number(),
          minutes: z.number(),
          room: z.string(),
          free: z.array(z.number()),
        }),
      ),
    }),
  }),
  book: contract({
    ...common,
    method: 'POST',
    path: '/portal/:county/bookings',
    summary: 'Book a time; answers with the code to show or to cancel by',
    params: z.object({ county }),
    body: z.object({
      id,
      reception: id,
      slot: z.number().int().min(0).max(99),
      name: text(60),
      phone: text(30),
      about: text(500),
      work: z.string().max(2000),
    }),
    perMinute: 10,
    reply: z.object({ code: z.string(), at: z.number(), room: z.string() }),
  }),
  booking: contract({
    ...common,
    method: 'POST',
    path: '/portal/:county/bookings/look',
    summary: 'Look at a booking by its code, or cancel it',
    params: z.object({ county }),
    body: z.object({ code: z.string().max(30), cancel: z.boolean().default(false) }),
    perMinute: 20,
    reply: z.object({ at: z.number(), who: z.string(), room: z.string(), state: z.string() }),
  }),
  open: contract({
    ...common,
    method: 'GET',
    path: '/portal/:county/open',
    summary: 'What stands in the open: figures, answers, wishes. Each was released by a second person',
    params: z.object({ county }),
    query: z.object({ sort: z.enum(['answer', 'figures', 'wish']), before: z.coerce.number().optional() }),
    reply: z.object({
      rows: z.array(
        z.object({
          id,
          title: z.string(),
          body: z.record(z.string(), z.unknown()),
          at: z.number(),
          taken: z.enum(['no', 'taken', 'fulfilled']),
          thanks: z.string().nullable(),
        }),
      ),
    }),
  }),
  offer: contract({
    ...common,
    method: 'POST',
    path: '/portal/:county/wishes/:wish/offers',
    summary: 'Offer to fulfil a wish',
    params: z.object({ county, wish: id }),
    body: z.object({ id, name: text(60), phone: text(30), text: text(500), work: z.string().max(2000) }),
    perMinute: 10,
    reply: ok,
  }),
  alerts: contract({
    ...common,
    method: 'GET',
    path: '/portal/:county/alerts',
    summary: 'Alerts in force',
    params: z.object({ county }),
    query: z.object({ region: code.optional() }),
    reply: z.object({ alerts: z.array(Alert) }),
  }),
  seen: contract({
    ...common,
    method: 'POST',
    path: '/portal/:county/alerts/:alert/seen',
    summary: 'An alert was read: counted once by a token made for it alone',
    params: z.object({ county, alert: id }),
    body: z.object({ token: id, region: code.optional() }),
    perMinute: 60,
    reply: ok,
  }),
  review: contract({
    ...common,
    method: 'GET',
    path: '/portal/:county/reviews/:review',
    summary: 'A public review: the units, and the key that signs ballots',
    params: z.object({ county, review: id }),
    reply: z.object({
      title: z.string(),
      year: z.number(),
      units: z.array(z.object({ id, name: z.string() })),
      until: z.number(),
      open: z.boolean(),
      key: z.string(),
    }),
  }),
  signBallot: contract({
    ...common,
    method: 'POST',
    path: '/portal/:county/reviews/:review/sign',
    summary: 'One blind signature for a ticket (RFC 9474); the same ticket and message again give the same answer',
    params: z.object({ county, review: id }),
    body: z.object({ ticket: z.string().max(40), blinded: z.string().max(1000) }),
    perMinute: 20,
    reply: z.object({ signature: z.string() }),
  }),
  ballot: contract({
    ...common,
    method: 'POST',
    path: '/portal/:county/reviews/:review/ballots',
    summary: 'Cast a ballot: it carries its signature and nothing of the voter',
    params: z.object({ county, review: id }),
    body: z.object({
      token: z.string().max(200),
      signature: z.string().max(1000),
      marks: z.record(id, z.number().int().min(1).max(5)),
    }),
    perMinute: 20,
    reply: ok,
  }),
  organs: contract({
    ...common,
    method: 'GET',
    path: '/portal/:county/organs',
    summary: 'Organs that take tip-offs, with the keys to seal to',
    params: z.object({ county }),
    reply: z.object({
      organs: z.array(
        z.object({ unit: id, n: z.number(), name: z.string(), sort: z.enum(['crime', 'official']), key: z.string() }),
      ),
    }),
  }),
  tip: contract({
    ...common,
    method: 'POST',
    path: '/portal/:county/tips',
    summary: 'Hand in a sealed tip-off',
    params: z.object({ county }),
    body: z.object({
      id,
      unit: id,
      n: z.number().int().min(1),
      sealed: z.string().max(200_000),
      /** SHA-256 of the receipt, hex: the receipt itself never leaves the browser. */
      code: z.string().regex(/^[0-9a-f]{64}$/),
      work: z.string().max(2000),
    }),
    perMinute: 10,
    reply: ok,
  }),
  tipState: contract({
    ...common,
    method: 'POST',
    path: '/portal/:county/tips/look',
    summary: 'The state of a tip-off and sealed replies, by the hash of its receipt',
    params: z.object({ county }),
    body: z.object({ code: z.string().regex(/^[0-9a-f]{64}$/) }),
    perMinute: 20,
    reply: z.object({ state: z.string(), day: z.string(), replies: z.array(z.string()) }),
  }),
};
