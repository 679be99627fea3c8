/** The wire shapes of a clerk's desk: saved views, tasks, imports of letters. */
import { z } from 'zod';
import { letterFields } from '../imports/letters.ts';
import { contract } from '../kernel/contract.ts';
import { kindNames } from '../kinds/kinds.ts';
import { ledgerColumns } from '../ledgers/columns.ts';
import { ListQuery } from '../matters/contract.ts';

const id = z.uuid();
const ok = z.object({ done: z.literal(true) });
const tag = 'desk';
const View = z.object({ id, name: z.string().trim().min(1).max(40), query: z.record(z.string(), z.string()) });
export const TaskShape = z.object({
  id,
  kind: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']),
  done: z.number(),
  total: z.number().nullable(),
  counts: z.record(z.string(), z.number()),
  hasResult: z.boolean(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  created_at: z.number(),
  ended_at: z.number().nullable(),
});
const Mapping = z.partialRecord(z.enum(letterFields), z.string());

export const deskContracts = {
  views: contract({
    method: 'GET',
    path: '/views',
    summary: 'My saved views',
    tag,
    access: 'staff',
    reply: z.object({ views: z.array(View) }),
  }),
  saveView: contract({
    method: 'POST',
    path: '/views',
    summary: 'Save a view under a name',
    tag,
    access: 'staff',
    example: { id: '01990000-0000-7000-8000-000000000006', name: '本周超期', query: { box: 'late' } },
    body: View,
    reply: ok,
  }),
  dropView: contract({
    method: 'DELETE',
    path: '/views/:id',
    summary: 'Drop a saved view',
    tag,
    access: 'staff',
    params: z.object({ id }),
    reply: ok,
  }),
  tasks: contract({
    method: 'GET',
    path: '/tasks',
    summary: 'My long tasks, newest first',
    tag,
    access: 'staff',
    reply: z.object({ tasks: z.array(TaskShape) }),
  }),
  result: contract({
    method: 'GET',
    path: '/tasks/:id/result',
    summary: 'Download what a task made',
    tag,
    access: 'staff',
    params: z.object({ id }),
    reply: z.unknown(),
  }),
  export: contract({
    method: 'POST',
    path: '/exports',
    summary: 'Export a list exactly as shown',
    tag,
    access: 'staff',
    perMinute: 20,
    example: {
      id: '01990000-0000-7000-8000-000000000007',
      query: { kind: 'petition', order: 'received' },
      columns: ['number', 'state', 'summary', 'unit', 'due_at'],
    },
    body: z.object({
      id,
      query: ListQuery,
      columns: z
        .array(
          z.union([z.enum(ledgerColumns), z.templateLiteral(['own.', z.string().regex(/^[a-z][a-z0-9_]{0,29}$/)])]),
        )
        .min(1),
      language: z.enum(['zh', 'en']).default('zh'),
    }),
    reply: ok,
  }),
  uploadLetters: contract({
    method: 'POST',
    path: '/imports',
    summary: 'Upload a table of letters and see how it would be read (multipart: id, source, file)',
    tag,
    access: ['clerk', 'leader'],
    reply: z.object({
      id,
      sheet: z.string(),
      headers: z.array(z.string()),
      mapping: Mapping,
      missing: z.array(z.string()),
      rows: z.array(z.array(z.string())),
      total: z.number(),
    }),
  }),
  runImport: contract({
    method: 'POST',
    path: '/imports/:id/run',
    summary: 'Run an uploaded import, or try it without writing',
    tag,
    access: ['clerk', 'leader'],
    params: z.object({ id }),
    body: z.object({
      task: id,
      source: z.string().trim().min(1).max(60),
      mapping: Mapping,
      region: z.string(),
      kind: z.enum(kindNames).default('request'),
      live: z.boolean().default(false),
      dryRun: z.boolean().default(false),
    }),
    reply: ok,
  }),
};
