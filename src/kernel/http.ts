/** Routes from contracts: one Zod schema per wire shape, shared with the console, checked here, published as OpenAPI. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { House } from '../house.ts';
import type { Doing } from '../matters/store.ts';
import type { Staff } from '../people/actors.ts';
import type { Sessions } from '../people/sessions.ts';
import type { Devices } from '../sync/devices.ts';
import { base, type Contract } from './contract.ts';
import { Failure, invalid } from './errors.ts';

type Part<C extends Contract, K extends 'params' | 'query' | 'body'> = C[K] extends z.ZodType
  ? z.output<C[K]>
  : undefined;
type ReplyOf<C extends Contract> = z.input<C['reply']>;

/** A reply that is JSON text already. */
export class Json {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Call<C extends Contract> = {
  params: Part<C, 'params'>;
  query: Part<C, 'query'>;
  body: Part<C, 'body'>;
  staff: Staff;
  doing: Doing;
  token: string | undefined;
  request: FastifyRequest;
  reply: FastifyReply;
};

declare module 'fastify' {
  interface FastifyRequest {
    staff?: Staff;
    sessionToken?: string;
    csrf?: string;
    /** The phone that asks. */
    device?: string;
    readOnly?: boolean;
  }
}

export type Web = { app: FastifyInstance; house: House; sessions: Sessions; devices: Devices };

function parse(schema: z.ZodType | undefined, value: unknown): any {
  if (!schema) return undefined;
  const result = schema.safeParse(value);
  if (!result.success) throw invalid(result.error);
  return result.data;
}

/** Sends a file to be saved under a name, which may be Chinese (RFC 6266, RFC 8187). */
export const sendFile = (reply: FastifyReply, name: string, type: string, content: Buffer | NodeJS.ReadableStream) =>
  reply
    .header('content-type', type)
    .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`)
    .send(content) as never;
export const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
export const docxType = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

/** Registers a contract with its handler. The handler returns the reply, or sends it itself and returns undefined. */
export function route<const C extends Contract>(
  { app, house }: Web,
  c: C,
  handle: (call: Call<C>) => Promise<ReplyOf<C> | Json | undefined>,
): void {
  const schema = {
    summary: c.summary,
    tags: [c.tag],
    ...(c.params && { params: z.toJSONSchema(c.params, { io: 'input' }) }),
    ...(c.query && { querystring: z.toJSONSchema(c.query, { io: 'input' }) }),
    ...(c.body && {
      body: {
        ...z.toJSONSchema(c.body, { io: 'input', unrepresentable: 'any' }),
        ...(c.example !== undefined && { examples: [c.example] }),
      },
    }),
    response: { 200: z.toJSONSchema(c.reply, { io: 'input', unrepresentable: 'any' }) },
  };
  app.route({
    method: c.method,
    url: base + c.path,
    schema,
    ...(c.most && { bodyLimit: c.most }),
    // Zod checks below; the JSON schemas are for the published description only.
    validatorCompiler: () => () => true,
    serializerCompiler: () => data => JSON.stringify(data),
    ...(c.perMinute && {
      config: {
        rateLimit: {
          max: c.perMinute,
          timeWindow: 60_000,
          // Whoever is not signed in counts by address: a made-up cookie or token must not buy another try.
          ...(c.access === 'public' && { keyGenerator: (request: FastifyRequest) => request.ip }),
        },
      },
    }),
    handler: async (request, reply) => {
      const { staff } = request;
      if (c.access !== 'public') {
        if (!staff) throw new Failure('unauthenticated');
        if (staff.mustChange && !c.path.startsWith('/me') && c.path !== '/sign-out')
          throw new Failure('password_change_required');
        if (staff.mustProve && !c.path.startsWith('/me') && c.path !== '/sign-out') throw new Failure('enrol_first');
        if (request.readOnly && c.method !== 'GET') throw new Failure('forbidden', { action: 'write' });
        if (c.access !== 'staff' && !staff.posts.some(post => c.access.includes(post.role)))
          throw new Failure('forbidden', { action: c.summary });
      }
      const call = {
        params: parse(c.params, request.params),
        query: parse(c.query, request.query),
        body: parse(c.body, request.body),
        staff: staff as Staff,
        doing: staff
          ? { actor: staff, scope: staff.scope, now: house.clock() }
          : { actor: { person: null, posts: [] }, scope: {}, now: house.clock() },
        token: request.sessionToken,
        request,
        reply,
      } as Call<C>;
      const result = await handle(call);
      if (result instanceof Json) return reply.type('application/json; charset=utf-8').send(Buffer.from(result.text));
      return result === undefined ? reply : reply.send(result);
    },
  });
}

/** The file of a multipart request with the fields sent before it; refuses what is missing or too large. */
export async function readUpload<F extends z.ZodType>(
  request: FastifyRequest,
  shape: F,
): Promise<{ bytes: Buffer; filename: string; fields: z.output<F> }> {
  const part = await request.file();
  if (!part) throw new Failure('invalid', { issues: 'file' });
  const bytes = await part.toBuffer().catch(() => {
    throw new Failure('file_too_large', { limit: '50 MB' });
  });
  const sent = Object.entries(part.fields).map(([name, field]) => [name, (field as { value?: unknown }).value]);
  return { bytes, filename: part.filename, fields: parse(shape, Object.fromEntries(sent)) };
}

/** Works on an upload as a file of its own, for readers that want a path; gone afterwards whatever happens. */
export async function withFile<R>(bytes: Buffer, work: (file: string) => Promise<R>): Promise<R> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'yuandian-'));
  try {
    const file = path.join(directory, 'table');
    fs.writeFileSync(file, bytes, { mode: 0o600 });
    return await work(file);
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}
