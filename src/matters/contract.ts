/** The wire shapes of matters. Shared with the console. */
import { z } from 'zod';
import { contract } from '../kernel/contract.ts';
import { paperKinds } from '../kinds/kind.ts';
import { kindNames } from '../kinds/kinds.ts';
import { Action, PartyChanges, PartyInput, RegisterInput, sources } from './actions.ts';
import { grades } from './grading.ts';
import { states } from './matter.ts';

const id = z.uuid();
const county = z.string().regex(/^\w{1,16}$/);
export const Ref = z.object({ county, id });

const csv = <T extends string>(values: readonly [T, ...T[]]) =>
  z.string().transform((text, context) => {
    const parts = text.split(',').filter(Boolean);
    const wrong = parts.find(part => !(values as readonly string[]).includes(part));
    if (wrong) context.addIssue({ code: 'custom', message: `unknown: ${wrong}` });
    return parts as T[];
  });

/** Filters as they stand in a URL. */
export const ListQuery = z.object({
  box: z.enum(['inbox', 'given', 'awaited', 'late', 'watch', 'all']).optional(),
  grade: csv(grades).optional(),
  kind: csv(kindNames).optional(),
  state: csv(states).optional(),
  unit: id.optional(),
  region: z
    .string()
    .regex(/^\d{12,17}$/)
    .optional(),
  category: z.string().max(40).optional(),
  source: z.enum(sources).optional(),
  from: z.coerce.number().optional(),
  to: z.coerce.number().optional(),
  stock: z.stringbool().optional(),
  q: z.string().max(100).optional(),
  /** One of the county's own fields: `name:value`. */
  own: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,29}:.{1,40}$/)
    .optional(),
  order: z.enum(['due', 'received']).default('received'),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type ListQuery = z.input<typeof ListQuery>;

export const RowShape = z.object({
  county: z.string(),
  id,
  seq: z.number(),
  number: z.string(),
  kind: z.enum(kindNames),
  state: z.enum(states),
  open: z.boolean(),
  stock: z.boolean(),
  summary: z.string().nullable(),
  unit: id,
  centre: id,
  handler: id.nullable(),
  due_at: z.number().nullable(),
  lapses: z.number(),
  category: z.string().nullable(),
  source: z.string(),
  path: z.array(z.string()),
  received_at: z.number(),
  ended_at: z.number().nullable(),
  sensitive: z.boolean(),
  reworks: z.number(),
  rating: z.number().nullable(),
  solved: z.boolean().nullable(),
  grade: z.enum(grades).nullable(),
  reply_at: z.number().nullable(),
  leader: id.nullable(),
  orders: z.array(
    z.object({
      n: z.number(),
      level: z.enum(['remind', 'order', 'notice']),
      by: id.nullable(),
      to: id,
      at: z.number(),
      replyBy: z.number().nullable(),
      repliedAt: z.number().nullable(),
      over: z.boolean(),
    }),
  ),
  parts: z.array(z.object({ county: z.string(), matter: id, unit: id, done: z.boolean() })),
  own: z.record(z.string(), z.unknown()).nullable(),
});

const Snippet = z.object({ before: z.string(), hit: z.string(), after: z.string() });
const Timeline = z.object({
  seq: z.number(),
  id,
  type: z.string(),
  actor: id.nullable(),
  actorName: z.string().nullable(),
  unit: id.nullable(),
  at: z.number(),
  deviceAt: z.number().nullable(),
  data: z.record(z.string(), z.unknown()),
  words: z.record(z.string(), z.unknown()).nullable(),
  state: z.enum(states),
  dueAt: z.number().nullable(),
});
export const PageShape = z.object({
  matter: z.custom<import('./matter.ts').Matter>(() => true),
  summary: z.string().nullable(),
  words: z
    .object({ title: z.string(), text: z.string(), address: z.string().optional(), reason: z.string().optional() })
    .nullable(),
  parties: z.array(
    z.object({
      id,
      masked: z.object({ phone: z.string().nullable(), identity: z.string().nullable(), safe: z.boolean() }),
    }),
  ),
  timeline: z.array(Timeline),
  abilities: z.array(z.string()),
  erased: z.boolean(),
});
export type PageShape = z.output<typeof PageShape>;

const Suggested = <T extends z.ZodType>(value: T) =>
  z.array(z.object({ value, score: z.number(), grounds: z.array(z.string()) }));
const Likeness = z.object({
  handler: id.nullable(),
  county: z.string(),
  id,
  number: z.string(),
  summary: z.string().nullable(),
  state: z.enum(states),
  received_at: z.number(),
  category: z.string().nullable(),
  unit: id,
  score: z.number(),
  shared: z.array(z.string()),
});

/** What can be printed: of the matter itself, and of one of its papers. */
export const templates = ['acceptance', 'reply', 'sheet', ...paperKinds, 'reading', 'service'] as const;
export type Template = (typeof templates)[number];

const tag = 'matters';
export const matterContracts = {
  register: contract({
    method: 'POST',
    path: '/matters',
    summary: 'Register a matter',
    tag,
    access: 'staff',
    body: RegisterInput,
    example: {
      id: '01990000-0000-7000-8000-000000000001',
      action: '01990000-0000-7000-8000-000000000002',
      kind: 'request',
      text: '村口的路灯坏了三天，晚上看不见路，请派人修理。',
      source: 'window',
      region: '411081101205',
      parties: [
        { id: '01990000-0000-7000-8000-000000000003', role: 'applicant', name: '王小明', phone: '13800138000' },
      ],
    },
    reply: z.object({ county: z.string(), id, number: z.string(), receipt: z.string() }),
  }),
  list: contract({
    method: 'GET',
    path: '/matters',
    summary: 'List and search matters',
    tag,
    access: 'staff',
    query: ListQuery,
    reply: z.object({
      rows: z.array(RowShape),
      next: z.string().nullable(),
      snippets: z.record(z.string(), Snippet).optional(),
    }),
  }),
  find: contract({
    method: 'POST',
    path: '/matters/find',
    summary: 'Find by number, receipt code, phone or a number elsewhere',
    tag,
    access: 'staff',
    perMinute: 60,
    body: z.object({ typed: z.string().trim().min(4).max(64) }),
    example: { typed: '13800138000' },
    reply: z.object({ rows: z.array(RowShape) }),
  }),
  count: contract({
    method: 'GET',
    path: '/matters/count',
    summary: 'Count by kind and state',
    tag,
    access: 'staff',
    reply: z.object({ counts: z.array(z.object({ kind: z.enum(kindNames), state: z.enum(states), n: z.number() })) }),
  }),
  suggest: contract({
    method: 'POST',
    path: '/matters/suggest',
    summary: 'Suggest kind, category, unit and likely duplicates, with grounds',
    tag,
    access: 'staff',
    example: { text: '小区电梯坏了一周没人修', region: '411081001001' },
    body: z.object({
      text: z.string().max(20000),
      region: z.string().optional(),
      kind: z.enum(kindNames).optional(),
      excludedUnits: z.array(id).default([]),
    }),
    reply: z.object({
      kinds: Suggested(z.enum(kindNames)),
      categories: Suggested(z.string()),
      units: Suggested(id),
      duplicates: z.array(Likeness),
      urgent: z.array(z.object({ danger: z.enum(['violence', 'self-harm', 'child']), words: z.array(z.string()) })),
      sensitive: z.array(z.string()),
    }),
  }),
  page: contract({
    method: 'GET',
    path: '/matters/:county/:id',
    summary: 'One matter, whole',
    tag,
    access: 'staff',
    params: Ref,
    reply: PageShape,
  }),
  row: contract({
    method: 'GET',
    path: '/matters/:county/:id/row',
    summary: 'Where one matter stands, as a row of a list: for whoever watches it',
    tag,
    access: 'staff',
    params: Ref,
    reply: RowShape,
  }),
  act: contract({
    method: 'POST',
    path: '/matters/:county/:id/actions',
    summary: 'Do something to a matter',
    tag,
    access: 'staff',
    params: Ref,
    example: {
      id: '01990000-0000-7000-8000-000000000004',
      action: {
        type: 'dispatch',
        data: { unit: '01990000-0000-7000-8000-00000000000a' },
        words: { text: '请三日内修复。' },
      },
      saw: 2,
    },
    body: z.object({ id, action: Action, saw: z.number().int().optional(), deviceAt: z.number().optional() }),
    reply: z.object({ seq: z.number(), state: z.enum(states), replayed: z.boolean() }),
  }),
  addParty: contract({
    method: 'POST',
    path: '/matters/:county/:id/parties',
    summary: 'Add somebody: the other side, an agent, a guardian, a witness',
    tag,
    access: 'staff',
    params: Ref,
    body: z.object({ action: id, party: PartyInput, reason: z.string().trim().min(2).max(500) }),
    example: {
      action: '01990000-0000-7000-8000-000000000005',
      party: { id: '01990000-0000-7000-8000-000000000006', role: 'respondent', name: '李大山', phone: '13900139000' },
      reason: '登记时漏填对方',
    },
    reply: z.object({ done: z.literal(true) }),
  }),
  correctParty: contract({
    method: 'POST',
    path: '/matters/:county/:id/parties/:party',
    summary: 'Put right what was written down of somebody: a mistyped phone, a name heard wrongly',
    tag,
    access: 'staff',
    params: Ref.extend({ party: z.uuid() }),
    body: z.object({ action: id, changes: PartyChanges, reason: z.string().trim().min(2).max(500) }),
    example: {
      action: '01990000-0000-7000-8000-000000000007',
      changes: { phone: '13900139000' },
      reason: '登记时电话少记一位',
    },
    reply: z.object({ done: z.literal(true) }),
  }),
  reveal: contract({
    method: 'POST',
    path: '/matters/:county/:id/reveal',
    summary: 'Show clear personal data, with a reason that goes on record',
    tag,
    access: 'staff',
    perMinute: 60,
    params: Ref,
    example: { party: '01990000-0000-7000-8000-000000000003', reason: '电话联系当事人' },
    body: z.object({ party: id.optional(), reason: z.string().trim().min(2).max(200) }),
    reply: z.record(z.string(), z.unknown()),
  }),
  upload: contract({
    method: 'POST',
    path: '/matters/:county/:id/files',
    summary: 'Attach a file (multipart: id, action, audience, file)',
    tag,
    access: 'staff',
    params: Ref,
    reply: z.object({ id, type: z.string(), size: z.number() }),
  }),
  download: contract({
    method: 'GET',
    path: '/matters/:county/:id/files/:file',
    summary: 'Download a file',
    tag,
    access: 'staff',
    params: Ref.extend({ file: id }),
    reply: z.unknown(),
  }),
  print: contract({
    method: 'GET',
    path: '/matters/:county/:id/documents/:template',
    summary: 'Print a notice or sheet as .docx',
    tag,
    access: 'staff',
    params: Ref.extend({ template: z.enum(templates) }),
    query: z.object({
      reason: z.string().max(200).default('打印'),
      /** Which paper, for its notice, reading sheet and proof of service. */
      paper: z.coerce.number().int().min(1).optional(),
    }),
    reply: z.unknown(),
  }),
};
