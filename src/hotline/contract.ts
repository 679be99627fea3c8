/** The wire shapes of hotline and window: calls as the telephone system tells them, numbers in a queue, answers one may give. */
import { z } from 'zod';
import { contract } from '../kernel/contract.ts';
import { RowShape } from '../matters/contract.ts';

const id = z.uuid();
const county = z.string().regex(/^\d{6}$/);
const text = (max: number) => z.string().trim().min(1).max(max);
const ok = z.object({ done: z.literal(true) });
const tag = 'hotline';
const desk = ['clerk', 'leader', 'handler'] as const;

/** What a telephone system sends. The reference is its own id of the call; the same event twice is one. */
export const CallEvent = z.object({
  type: z.enum(['arrived', 'answered', 'ended', 'recorded']),
  call: text(100),
  at: z.number(),
  phone: z.string().trim().max(30).optional(),
  line: z.string().trim().max(30).optional(),
  /** Login of the operator who took it. */
  operator: z.string().trim().max(60).optional(),
  /** Where the recording lies in the telephone system; it is never copied here. */
  recording: z.string().trim().max(300).optional(),
});
export type CallEvent = z.output<typeof CallEvent>;
export const callOutcomes = ['matter', 'answered', 'known', 'silent', 'wrong'] as const;

const Call = z.object({
  id,
  masked: z.string(),
  line: z.string(),
  arrivedAt: z.number(),
  answeredAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  operator: z.string().nullable(),
  mine: z.boolean(),
  outcome: z.enum(callOutcomes).nullable(),
  matter: id.nullable(),
  recorded: z.boolean(),
});
const Ticket = z.object({
  id,
  line: z.string(),
  n: z.number(),
  state: z.enum(['waiting', 'called', 'served', 'gone']),
  counter: z.string().nullable(),
  at: z.number(),
  calledAt: z.number().nullable(),
});
const Knowledge = z.object({
  id,
  title: z.string(),
  answer: z.string(),
  basis: z.string(),
  until: z.string().nullable(),
  used: z.number(),
  open: z.boolean(),
  ended: z.boolean(),
});

export const hotlineContracts = {
  event: contract({
    method: 'POST',
    path: '/calls/events',
    summary: 'What the telephone system tells (bearer token with scope calls): arrived, answered, ended, recorded',
    tag,
    access: 'public',
    body: CallEvent,
    example: { type: 'arrived', call: 'pbx-20261121-0042', at: 1795230000000, phone: '13800138000', line: '12345' },
    perMinute: 1200,
    reply: z.object({ id }),
  }),
  calls: contract({
    method: 'GET',
    path: '/calls',
    summary: 'Calls: those of this hour, or of a span',
    tag,
    access: desk,
    query: z.object({ county, from: z.coerce.number().optional(), to: z.coerce.number().optional() }),
    reply: z.object({ rows: z.array(Call) }),
  }),
  typed: contract({
    method: 'POST',
    path: '/calls',
    summary: 'A call where no telephone system is attached: typed in',
    tag,
    access: desk,
    body: z.object({ id, county, phone: text(30) }),
    reply: ok,
  }),
  open: contract({
    method: 'POST',
    path: '/calls/:county/:id/open',
    summary: 'Take a call: its number for the form, and earlier matters of that number; on record',
    tag,
    access: desk,
    params: z.object({ county, id }),
    reply: z.object({ phone: z.string().nullable(), matters: z.array(RowShape), calls: z.number() }),
  }),
  close: contract({
    method: 'POST',
    path: '/calls/:county/:id/close',
    summary: 'What became of the call',
    tag,
    access: desk,
    params: z.object({ county, id }),
    body: z.object({ outcome: z.enum(callOutcomes), matter: id.optional(), knowledge: id.optional() }),
    reply: ok,
  }),
  figures: contract({
    method: 'GET',
    path: '/calls/figures',
    summary: 'Answered within 15 seconds, answered on the spot, taken up within 24 hours: parts and wholes',
    tag,
    access: desk,
    query: z.object({ county, from: z.coerce.number(), to: z.coerce.number() }),
    reply: z.object({
      calls: z.number(),
      answered: z.number(),
      quick: z.number(),
      onTheSpot: z.number(),
      matters: z.number(),
      within24h: z.number(),
      byHour: z.array(z.number()),
    }),
  }),
  queue: contract({
    method: 'GET',
    path: '/queue/:county/:unit',
    summary: "Today's numbers at a window",
    tag,
    access: desk,
    params: z.object({ county, unit: id }),
    reply: z.object({ rows: z.array(Ticket) }),
  }),
  draw: contract({
    method: 'POST',
    path: '/queue/:county/:unit',
    summary: 'Draw a number',
    tag,
    access: desk,
    params: z.object({ county, unit: id }),
    body: z.object({
      id,
      line: z
        .string()
        .regex(/^[A-Z]$/)
        .default('A'),
    }),
    reply: z.object({ number: z.string(), before: z.number() }),
  }),
  call: contract({
    method: 'POST',
    path: '/queue/:county/:unit/call',
    summary: 'Call the next number to a counter',
    tag,
    access: desk,
    params: z.object({ county, unit: id }),
    body: z.object({ counter: text(20) }),
    reply: z.object({ ticket: Ticket.nullable() }),
  }),
  endTicket: contract({
    method: 'POST',
    path: '/queue/:county/:unit/:ticket',
    summary: 'Served, did not come, or call once more',
    tag,
    access: desk,
    params: z.object({ county, unit: id, ticket: id }),
    body: z.object({ to: z.enum(['served', 'gone', 'waiting']) }),
    reply: ok,
  }),
  board: contract({
    method: 'GET',
    path: '/queue/:county/:unit/board',
    summary: 'What the screen in the hall shows: numbers and counters, nothing else',
    tag,
    access: 'public',
    params: z.object({ county, unit: id }),
    perMinute: 120,
    reply: z.object({
      unit: z.string(),
      called: z.array(z.object({ number: z.string(), counter: z.string() })),
      waiting: z.number(),
    }),
  }),
  knowledge: contract({
    method: 'GET',
    path: '/knowledge',
    summary: 'Answers that fit what is being said, best first; without words the newest',
    tag,
    access: 'staff',
    query: z.object({ county, q: z.string().max(500).default('') }),
    reply: z.object({ rows: z.array(Knowledge) }),
  }),
  putKnowledge: contract({
    method: 'PUT',
    path: '/knowledge/:county/:id',
    summary: 'Write or change an answer, or take it out of use',
    tag,
    access: ['clerk', 'leader'],
    params: z.object({ county, id }),
    body: z.object({
      title: text(200),
      answer: text(5000),
      basis: z.string().trim().max(500).default(''),
      until: z.iso.date().nullable().default(null),
      open: z.boolean().default(false),
      ended: z.boolean().default(false),
    }),
    reply: ok,
  }),
};
