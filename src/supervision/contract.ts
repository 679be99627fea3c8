/** The wire shapes of supervision: notices, a county's rules, figures of units, recurring causes, hot spots, joint drives. */
import { z } from 'zod';
import { contract } from '../kernel/contract.ts';
import { chainSteps, paperKinds, steps } from '../kinds/kind.ts';
import { kindNames } from '../kinds/kinds.ts';
import { Clock } from '../matters/clocks.ts';
import { ListQuery } from '../matters/contract.ts';
import { grades } from '../matters/grading.ts';
import { states } from '../matters/matter.ts';
import { placeKindNames } from '../places/kinds.ts';

const id = z.uuid();
const ok = z.object({ done: z.literal(true) });
const tag = 'supervision';
const Ref = z.object({
  county: z.string(),
  id,
  number: z.string(),
  summary: z.string().nullable(),
  state: z.enum(states),
});
const Agreement = z.object({
  id,
  neighbour: z.string().trim().min(2).max(60),
  title: z.string().trim().min(2).max(100),
  terms: z.string().trim().min(2).max(4000),
  from: z.iso.date(),
  to: z.iso.date().nullable().default(null),
});

/** A chain of signatures for each paper; what is left out needs none. */
export const Chains = z.partialRecord(z.enum(paperKinds), z.array(z.enum(chainSteps)).max(6));
/** What a county sets otherwise; checklists of places stand with the kind `hazard`. */
export const ruleNames = [
  'alarms',
  ...grades.map(grade => `alarms.${grade}` as const),
  'points',
  'fields',
  'chain',
  'chain.city',
  'chain.county',
  'chain.township',
  'chain.village',
  'stars',
  'rates',
  ...placeKindNames.map(kind => `checklist.${kind}` as const),
] as const;

export const supervisionContracts = {
  notices: contract({
    method: 'GET',
    path: '/notices',
    summary: 'What my units were told, newest first',
    tag,
    access: 'staff',
    reply: z.object({
      fresh: z.number(),
      rows: z.array(
        z.object({
          county: z.string(),
          id,
          unit: id,
          matter: id.nullable(),
          what: z.string(),
          at: z.number(),
          data: z.record(z.string(), z.unknown()),
          number: z.string().nullable(),
          summary: z.string().nullable(),
        }),
      ),
    }),
  }),
  seen: contract({
    method: 'POST',
    path: '/notices/seen',
    summary: 'I have seen them',
    tag,
    access: 'staff',
    reply: ok,
  }),
  rules: contract({
    method: 'GET',
    path: '/rules',
    summary: "The rules in force for a kind: the county's own, or the platform's",
    tag,
    access: 'staff',
    query: z.object({ kind: z.enum(kindNames) }),
    reply: z.object({
      alarms: z.unknown(),
      /** Alarms of grades that have their own. */
      gradedAlarms: z.partialRecord(z.enum(grades), z.unknown()),
      points: z.unknown(),
      fields: z.unknown(),
      chains: z.record(z.string(), z.unknown()),
      clocks: z.array(z.object({ step: z.string(), sentence: z.string(), basis: z.string() })),
      own: z.array(z.object({ what: z.string(), effective_from: z.string(), basis: z.string() })),
    }),
  }),
  setRule: contract({
    method: 'POST',
    path: '/rules',
    summary: "Set a county's own rule from a day on",
    tag,
    access: ['system-admin'],
    example: {
      county: '411081',
      kind: 'request',
      what: 'alarms',
      from: '2026-12-01',
      basis: '禹州市综治中心督办办法第八条',
      value: [{ after: { count: 0, unit: 'hour' }, do: 'order', by: 'centre', reply: 1, escalates: false }],
    },
    body: z.object({
      county: z.string(),
      kind: z.enum(kindNames),
      what: z.enum(ruleNames),
      from: z.iso.date(),
      basis: z.string().trim().min(4).max(200),
      value: z.unknown(),
    }),
    reply: ok,
  }),
  setClock: contract({
    method: 'POST',
    path: '/clocks',
    summary: 'Set a clock from a day on, with its basis: for one county, or for all',
    tag,
    access: ['system-admin'],
    body: z.object({
      /** Only this county's, which may shorten what a law gives, never lengthen it. */
      county: z.string().optional(),
      kind: z.enum(kindNames),
      step: z.enum(steps),
      grade: z.enum(grades).optional(),
      from: z.iso.date(),
      value: Clock.omit({ step: true }),
    }),
    reply: ok,
  }),
  figures: contract({
    method: 'GET',
    path: '/figures/units',
    summary: 'How units handled what they were given in a span, and at which level matters were resolved',
    tag,
    access: ['clerk', 'leader'],
    query: z.object({ from: z.coerce.number(), to: z.coerce.number() }),
    reply: z.object({
      units: z.array(
        z.object({
          unit: id,
          dispatched: z.number(),
          reported: z.number(),
          late: z.number(),
          orders: z.number(),
          unreplied: z.number(),
          returned: z.number(),
          returned_wrongly: z.number(),
        }),
      ),
      levels: z.array(z.object({ level: z.enum(['city', 'county', 'township', 'village']), n: z.number() })),
    }),
  }),
  causes: contract({
    method: 'GET',
    path: '/causes',
    summary: 'Causes that recur in a township and category, with the matters that speak for them',
    tag,
    access: ['clerk', 'leader'],
    query: z.object({
      days: z.coerce.number().int().min(7).max(1100).default(180),
      least: z.coerce.number().int().min(2).max(1000).default(3),
    }),
    reply: z.object({
      causes: z.array(
        z.object({
          county: z.string(),
          township: z.string(),
          kind: z.enum(kindNames),
          category: z.string(),
          cause: z.string(),
          n: z.number(),
          matters: z.array(Ref),
        }),
      ),
    }),
  }),
  hotSpots: contract({
    method: 'GET',
    path: '/hot-spots',
    summary: 'Open matters alike in text, place and time, proposed as one; a person confirms',
    tag,
    access: ['clerk', 'leader'],
    query: z.object({ days: z.coerce.number().int().min(1).max(365).default(30) }),
    reply: z.object({
      spots: z.array(z.object({ words: z.array(z.string()), township: z.string(), matters: z.array(Ref) })),
    }),
  }),
  gather: contract({
    method: 'POST',
    path: '/hot-spots',
    summary: 'Confirm a hot spot: one matter leads, the others are linked to it',
    tag,
    access: ['clerk', 'leader'],
    body: z.object({ id, county: z.string(), lead: id, matters: z.array(id).min(1).max(200) }),
    reply: z.object({ linked: z.number() }),
  }),
  drives: contract({
    method: 'GET',
    path: '/drives',
    summary: 'Task forces and joint drives with their progress',
    tag,
    access: 'staff',
    reply: z.object({
      drives: z.array(
        z.object({
          id,
          county: z.string(),
          name: z.string(),
          target: z.string(),
          units: z.array(id),
          lead: id,
          from: z.string(),
          to: z.string(),
          ended_at: z.number().nullable(),
          total: z.number(),
          done: z.number(),
          late: z.number(),
        }),
      ),
    }),
  }),
  addDrive: contract({
    method: 'POST',
    path: '/drives',
    summary: 'Start a drive on the matters that a filter finds now',
    tag,
    access: ['clerk', 'leader'],
    body: z.object({
      id,
      name: z.string().trim().min(2).max(80),
      target: z.string().trim().min(2).max(400),
      lead: id,
      units: z.array(id).max(40),
      to: z.iso.date(),
      query: ListQuery,
    }),
    reply: z.object({ total: z.number() }),
  }),
  driveMatters: contract({
    method: 'GET',
    path: '/drives/:id/matters',
    summary: 'The matters of a drive that I may see',
    tag,
    access: 'staff',
    params: z.object({ id }),
    reply: z.object({ rows: z.array(Ref.extend({ unit: id, due_at: z.number().nullable(), open: z.boolean() })) }),
  }),
  agreements: contract({
    method: 'GET',
    path: '/agreements',
    summary: 'Standing agreements with neighbouring regions',
    tag,
    access: 'staff',
    reply: z.object({ agreements: z.array(Agreement.extend({ county: z.string() })) }),
  }),
  addAgreement: contract({
    method: 'POST',
    path: '/agreements',
    summary: 'Record a standing agreement with a neighbouring region',
    tag,
    access: ['clerk', 'leader'],
    body: Agreement,
    reply: ok,
  }),
  endDrive: contract({
    method: 'POST',
    path: '/drives/:id/end',
    summary: 'End a drive',
    tag,
    access: ['clerk', 'leader'],
    params: z.object({ id }),
    reply: ok,
  }),
};
