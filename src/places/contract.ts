/** The wire shapes of places: the register, equipment, footage, listing of enterprises, officers' certificates. Pure. */
import { z } from 'zod';
import { contract } from '../kernel/contract.ts';
import { Location } from '../matters/actions.ts';
import { Refused } from '../regions/contract.ts';
import { placeKindNames } from './kinds.ts';

const id = z.uuid();
const region = z.string().regex(/^\d{12,17}$/);
const county = z.string().regex(/^\w{1,16}$/);
const text = (max: number) => z.string().trim().min(2).max(max);
const done = z.object({ done: z.literal(true) });
const tag = 'places';

export const placeStates = ['working', 'faulty', 'removed'] as const;
export const PlaceInput = z.object({
  id,
  kind: z.enum(placeKindNames),
  code: z.string().trim().max(40).nullable().default(null),
  name: z.string().trim().min(1).max(100),
  region,
  location: Location.nullable().default(null),
  unit: id.nullable().default(null),
  state: z.enum(placeStates).default('working'),
  facts: z.record(z.string().max(40), z.string().max(200)).default({}),
});
export type PlaceInput = z.infer<typeof PlaceInput>;
export const Place = PlaceInput.extend({
  county: z.string(),
  seq: z.number(),
  path: z.array(z.string()),
  listed: z.string().nullable(),
  visited: z.number().nullable(),
});
export type Place = z.infer<typeof Place>;

export const listingGrounds = ['fatal-accident', 'serious-hazard'] as const;
export const listingStates = ['proposed', 'heard', 'listed', 'refused', 'lifted'] as const;
const Listing = z.object({
  county: z.string(),
  id,
  place: id,
  name: z.string(),
  ground: z.enum(listingGrounds),
  state: z.enum(listingStates),
  proposedAt: z.number(),
  heardAt: z.number().nullable(),
  until: z.string().nullable(),
  appealedAt: z.number().nullable(),
  upheld: z.boolean().nullable(),
  words: z.record(z.string(), z.string()),
});
const Footage = z.object({
  county: z.string(),
  id,
  place: id,
  name: z.string(),
  matter: id,
  number: z.string().nullable(),
  from: z.number(),
  to: z.number(),
  state: z.enum(['asked', 'approved', 'refused', 'handed', 'expired']),
  askedBy: z.string(),
  askedAt: z.number(),
  approved: z.number(),
  mine: z.boolean(),
  purpose: z.string(),
});
const Of = z.object({ county, id });

export const placeContracts = {
  list: contract({
    method: 'GET',
    path: '/places',
    summary: 'Places in my scope',
    tag,
    access: 'staff',
    query: z.object({
      kind: z.enum(placeKindNames).optional(),
      region: region.optional(),
      state: z.enum(placeStates).optional(),
      q: z.string().trim().max(40).optional(),
      cursor: id.optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
    reply: z.object({ rows: z.array(Place), next: id.nullable() }),
  }),
  export: contract({
    method: 'GET',
    path: '/places/export',
    summary: 'The register as .xlsx, with the same filters',
    tag,
    access: 'staff',
    query: z.object({ kind: z.enum(placeKindNames).optional(), region: region.optional() }),
    reply: z.unknown(),
  }),
  summary: contract({
    method: 'GET',
    path: '/places/summary',
    summary: 'How many places of a kind each village has, and how many do not work',
    tag,
    access: 'staff',
    query: z.object({ kind: z.enum(placeKindNames) }),
    reply: z.object({
      rows: z.array(z.object({ region: z.string(), places: z.number(), faulty: z.number(), repairs: z.number() })),
      /** Villages that have none. */
      without: z.array(z.string()),
    }),
  }),
  put: contract({
    method: 'POST',
    path: '/places',
    summary: 'Add a place or change it',
    tag,
    access: 'staff',
    body: PlaceInput,
    example: {
      id: '01990000-0000-7000-8000-000000000041',
      kind: 'school',
      code: null,
      name: '毛吕小学',
      region: '411081101205',
    },
    reply: done,
  }),
  end: contract({
    method: 'POST',
    path: '/places/:county/:id/end',
    summary: 'A place that is no more',
    tag,
    access: 'staff',
    params: Of,
    body: z.object({ reason: text(200) }),
    reply: done,
  }),
  import: contract({
    method: 'POST',
    path: '/places/import',
    summary: 'Places from a table; refused rows come back by line',
    tag,
    access: ['clerk', 'leader', 'system-admin'],
    reply: z.object({ done: z.number(), refused: Refused }),
  }),
  labels: contract({
    method: 'GET',
    path: '/places/labels',
    summary: 'Codes of places to print and put up, as PDF',
    tag,
    access: ['clerk', 'leader'],
    query: z.object({ kind: z.enum(placeKindNames), region }),
    reply: z.unknown(),
  }),
  certificates: contract({
    method: 'GET',
    path: '/certificates',
    summary: 'Officers who may order to rectify',
    tag,
    access: 'staff',
    reply: z.object({
      rows: z.array(z.object({ number: z.string(), person: id, name: z.string(), until: z.string() })),
    }),
  }),
  addCertificate: contract({
    method: 'POST',
    path: '/certificates',
    summary: 'Record an officer’s certificate',
    tag,
    access: ['leader', 'system-admin'],
    body: z.object({
      login: z.string().trim().min(1).max(60),
      number: z.string().trim().min(3).max(40),
      until: z.iso.date(),
    }),
    reply: done,
  }),
  listings: contract({
    method: 'GET',
    path: '/listings',
    summary: 'Enterprises proposed for or under close supervision',
    tag,
    access: ['clerk', 'leader', 'handler'],
    reply: z.object({ rows: z.array(Listing) }),
  }),
  propose: contract({
    method: 'POST',
    path: '/listings',
    summary: 'Propose an enterprise, on a legal ground',
    tag,
    access: ['clerk', 'leader', 'handler'],
    body: z.object({
      id,
      county,
      place: id,
      ground: z.enum(listingGrounds),
      matter: id.nullable().default(null),
      text: text(2000),
    }),
    reply: done,
  }),
  stepListing: contract({
    method: 'POST',
    path: '/listings/:county/:id',
    summary: 'Hear, decide, appeal, rule, lift',
    tag,
    access: ['clerk', 'leader', 'handler'],
    params: Of,
    body: z.discriminatedUnion('step', [
      z.object({ step: z.literal('heard'), text: text(2000) }),
      z.object({ step: z.literal('decide'), list: z.boolean(), until: z.iso.date().optional(), text: text(2000) }),
      z.object({ step: z.literal('appeal'), text: text(2000) }),
      z.object({ step: z.literal('rule'), upheld: z.boolean(), text: text(2000) }),
      z.object({ step: z.literal('lift'), text: text(2000) }),
    ]),
    reply: done,
  }),
  footage: contract({
    method: 'GET',
    path: '/footage',
    summary: 'Requests for footage',
    tag,
    access: ['clerk', 'leader', 'handler'],
    reply: z.object({ rows: z.array(Footage) }),
  }),
  askFootage: contract({
    method: 'POST',
    path: '/footage',
    summary: 'Ask for footage of a camera, for a matter',
    tag,
    access: ['clerk', 'handler', 'leader'],
    body: z.object({ id, county, place: id, matter: id, from: z.number(), to: z.number(), purpose: text(1000) }),
    reply: done,
  }),
  stepFootage: contract({
    method: 'POST',
    path: '/footage/:county/:id',
    summary: 'Approve, refuse, or record that it was handed over',
    tag,
    access: ['clerk', 'leader', 'handler'],
    params: Of,
    body: z.object({ step: z.enum(['approve', 'refuse', 'handed']), text: z.string().trim().max(1000).default('') }),
    reply: done,
  }),
};
