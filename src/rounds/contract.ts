/** The wire shapes of plans, duties, what was found, and teams. Pure; the phone reads them too. */
import { z } from 'zod';
import { contract } from '../kernel/contract.ts';
import { answers, placeKindNames } from '../places/kinds.ts';

const id = z.uuid();
const region = z.string().regex(/^\d{12,17}$/);
const county = z.string().regex(/^\w{1,16}$/);
const done = z.object({ done: z.literal(true) });
const Of = z.object({ county, id });
const tag = 'rounds';

/** 排查、走访、巡逻、值守、零报告、志愿任务 */
export const sorts = ['round', 'visit', 'patrol', 'guard', 'report', 'task'] as const;
export type Sort = (typeof sorts)[number];
export const targets = ['county', 'township', 'village', 'grid', 'place'] as const;
export const dutyStates = ['due', 'done', 'missed', 'excused'] as const;
export const outcomes = ['nothing', 'findings', 'nobody-there'] as const;
export const presences = ['code', 'near', 'none'] as const;
export const teamSorts = ['patrol', 'volunteer', 'group'] as const;

export const PlanInput = z.object({
  id,
  sort: z.enum(sorts),
  name: z.string().trim().min(2).max(100),
  /** 工作指引 */
  guide: z.string().trim().max(4000).default(''),
  unit: id,
  region,
  each: z.enum(targets),
  placeKind: z.enum(placeKindNames).nullable().default(null),
  places: z.array(id).max(500).default([]),
  team: id.nullable().default(null),
  /** RFC 5545 */
  rule: z.string().max(200),
  hours: z.number().int().min(1).max(2400),
  keyPeriod: z.boolean().default(false),
  starts: z.iso.date(),
  ends: z.iso.date().nullable().default(null),
});
export type PlanInput = z.infer<typeof PlanInput>;
const Plan = PlanInput.extend({ county: z.string(), endedAt: z.number().nullable() });

export const Duty = z.object({
  county: z.string(),
  id,
  seq: z.number(),
  plan: id.nullable(),
  sort: z.enum(sorts),
  name: z.string(),
  guide: z.string(),
  region: z.string(),
  path: z.array(z.string()),
  place: id.nullable(),
  placeName: z.string().nullable(),
  placeKind: z.enum(placeKindNames).nullable(),
  lng: z.number().nullable(),
  lat: z.number().nullable(),
  unit: id,
  team: id.nullable(),
  people: z.array(id),
  strength: z.number(),
  minutes: z.number().nullable(),
  opensAt: z.number(),
  dueAt: z.number(),
  state: z.enum(dutyStates),
  doneAt: z.number().nullable(),
  found: z.number(),
  reason: z.string().nullable(),
  swaps: z.array(
    z.object({ n: z.number(), from: id, to: id, at: z.number(), state: z.enum(['asked', 'accepted', 'declined']) }),
  ),
});
export type Duty = z.infer<typeof Duty>;

/** What was found at a place, as the phone or the desk sends it; `id` is minted by the client. A fact: it is never refused for being late. */
export const EntryInput = z.object({
  id,
  county,
  duty: id.nullable().default(null),
  sort: z.enum(sorts),
  region,
  place: id.nullable().default(null),
  outcome: z.enum(outcomes),
  /** What was found became these matters. */
  matters: z.array(id).max(50).default([]),
  answers: z.record(z.string().max(30), z.enum(answers)).default({}),
  /** How the phone knows that it is at the place: the code it read there, or how near it was; never where it was. */
  proof: z.object({ code: z.string().max(200).optional(), metres: z.number().min(0).optional() }).default({}),
  minutes: z.number().int().min(1).max(1440).nullable().default(null),
  words: z
    .object({
      note: z.string().trim().max(4000).optional(),
      /** Who received the visit, and their signature as PNG. */
      host: z.string().trim().max(40).optional(),
      signature: z
        .string()
        .max(80_000)
        .regex(/^data:image\/png;base64,/)
        .optional(),
    })
    .default({}),
});
export type EntryInput = z.infer<typeof EntryInput>;

const Entry = z.object({
  county: z.string(),
  id,
  duty: id.nullable(),
  sort: z.enum(sorts),
  region: z.string(),
  path: z.array(z.string()),
  place: id.nullable(),
  placeName: z.string().nullable(),
  unit: id,
  personName: z.string(),
  at: z.number(),
  claimedAt: z.number(),
  outcome: z.enum(outcomes),
  matters: z.array(id),
  answers: z.record(z.string(), z.string()),
  presence: z.enum(presences),
  minutes: z.number().nullable(),
  note: z.string().nullable(),
});
const Span = z.object({
  from: z.iso.date(),
  to: z.iso.date(),
  region: region.optional(),
  sort: z.enum(sorts).optional(),
});
const Cover = z.object({
  region: z.string(),
  due: z.number(),
  done: z.number(),
  late: z.number(),
  missed: z.number(),
  excused: z.number(),
  open: z.number(),
  proven: z.number(),
  found: z.number(),
  reasons: z.number(),
});
export type Cover = z.infer<typeof Cover>;

const Team = z.object({
  county: z.string(),
  id,
  sort: z.enum(teamSorts),
  name: z.string(),
  unit: id,
  region: z.string(),
  strength: z.number(),
  members: z.array(z.object({ id, name: z.string(), person: id.nullable() })),
  minutes: z.number(),
});

export const roundContracts = {
  plans: contract({
    method: 'GET',
    path: '/plans',
    summary: 'Plans of rounds, visits, patrols and duty in my scope',
    tag,
    access: 'staff',
    reply: z.object({ plans: z.array(Plan) }),
  }),
  putPlan: contract({
    method: 'POST',
    path: '/plans',
    summary: 'Make a plan, or change what is not yet made of it',
    tag,
    access: ['clerk', 'leader'],
    body: PlanInput,
    example: {
      id: '01990000-0000-7000-8000-000000000051',
      sort: 'round',
      name: '矛盾纠纷周排查',
      unit: '01990000-0000-7000-8000-00000000000a',
      region: '411081101000',
      each: 'village',
      rule: 'FREQ=WEEKLY;BYDAY=MO;BYHOUR=8',
      hours: 130,
      starts: '2026-11-23',
    },
    reply: z.object({ next: z.array(z.number()) }),
  }),
  endPlan: contract({
    method: 'POST',
    path: '/plans/:county/:id/end',
    summary: 'End a plan; what is due stays due',
    tag,
    access: ['clerk', 'leader'],
    params: Of,
    reply: done,
  }),
  duties: contract({
    method: 'GET',
    path: '/duties',
    summary: 'Duties of my units and places',
    tag,
    access: 'staff',
    query: z.object({
      state: z.enum(dutyStates).optional(),
      sort: z.enum(sorts).optional(),
      region: region.optional(),
      from: z.iso.date().optional(),
      to: z.iso.date().optional(),
      cursor: z.string().max(80).optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
    reply: z.object({ rows: z.array(Duty), next: z.string().nullable() }),
  }),
  addTask: contract({
    method: 'POST',
    path: '/duties',
    summary: 'Offer a single task, for a team to take',
    tag,
    access: ['clerk', 'leader', 'grid'],
    body: z.object({
      id,
      name: z.string().trim().min(2).max(100),
      region,
      place: id.nullable().default(null),
      minutes: z.number().int().min(10).max(1440),
      opensAt: z.number(),
      dueAt: z.number(),
    }),
    reply: done,
  }),
  stepDuty: contract({
    method: 'POST',
    path: '/duties/:county/:id',
    summary: 'Give the reason of a missed duty, excuse it, take a task, change who is on',
    tag,
    access: 'staff',
    params: Of,
    body: z.discriminatedUnion('step', [
      z.object({ step: z.literal('reason'), text: z.string().trim().min(2).max(500) }),
      z.object({ step: z.literal('excuse'), text: z.string().trim().min(2).max(500) }),
      z.object({ step: z.literal('take'), team: id, people: z.array(id).min(1).max(50) }),
      z.object({ step: z.literal('give-back'), text: z.string().trim().min(2).max(500) }),
      z.object({ step: z.literal('ask-swap'), from: id, to: id }),
      z.object({ step: z.literal('answer-swap'), n: z.number().int(), yes: z.boolean() }),
    ]),
    reply: done,
  }),
  enter: contract({
    method: 'POST',
    path: '/entries',
    summary: 'Record what was found',
    tag,
    access: 'staff',
    body: EntryInput,
    reply: z.object({ replayed: z.boolean(), presence: z.enum(presences) }),
  }),
  entries: contract({
    method: 'GET',
    path: '/entries',
    summary: 'What was found',
    tag,
    access: 'staff',
    query: z.object({
      duty: id.optional(),
      place: id.optional(),
      sort: z.enum(sorts).optional(),
      region: region.optional(),
      cursor: z.string().max(80).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    reply: z.object({ rows: z.array(Entry), next: z.string().nullable() }),
  }),
  form: contract({
    method: 'GET',
    path: '/entries/:county/:id/form',
    summary: 'The form of a visit or round as PDF, with the signature',
    tag,
    access: 'staff',
    params: Of,
    reply: z.unknown(),
  }),
  coverage: contract({
    method: 'GET',
    path: '/coverage',
    summary: 'Due, done, missed, by place below a region',
    tag,
    access: 'staff',
    query: Span,
    reply: z.object({ rows: z.array(Cover) }),
  }),
  ledger: contract({
    method: 'GET',
    path: '/duties/ledger',
    summary: 'The ledger of a span as .xlsx',
    tag,
    access: 'staff',
    query: Span,
    reply: z.unknown(),
  }),
  teams: contract({
    method: 'GET',
    path: '/teams',
    summary: 'Patrol teams, volunteers, groups of households',
    tag,
    access: 'staff',
    reply: z.object({ teams: z.array(Team) }),
  }),
  putTeam: contract({
    method: 'POST',
    path: '/teams',
    summary: 'Make or change a team',
    tag,
    access: ['clerk', 'leader', 'grid'],
    body: z.object({
      id,
      sort: z.enum(teamSorts),
      name: z.string().trim().min(2).max(60),
      unit: id,
      strength: z.number().int().min(0).max(500).default(0),
    }),
    reply: done,
  }),
  putMember: contract({
    method: 'POST',
    path: '/teams/:county/:id/members',
    summary: 'Add a member, or end a membership',
    tag,
    access: ['clerk', 'leader', 'grid'],
    params: Of,
    body: z.object({
      id,
      name: z.string().trim().min(2).max(40),
      phone: z.string().trim().max(20).optional(),
      login: z.string().trim().max(60).optional(),
      ended: z.boolean().default(false),
    }),
    reply: done,
  }),
};
