/** The server: one line per capability. `buildApp` makes it without listening. */

import { createHash, timingSafeEqual } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import files from '@fastify/static';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import helmet from 'helmet';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { open311Routes } from './channels/open311.ts';
import { channelRoutes } from './channels/routes.ts';
import { deskRoutes } from './desk/routes.ts';
import { hotlineRoutes } from './hotline/routes.ts';
import type { House } from './house.ts';
import { base } from './kernel/contract.ts';
import { noScope, sql, time } from './kernel/db.ts';
import { catalogue, Failure, type Language, messageOf } from './kernel/errors.ts';
import type { Web } from './kernel/http.ts';
import { matterRoutes } from './matters/routes.ts';
import { mediationRoutes } from './mediation/routes.ts';
import { findStaff, scopeOf } from './people/actors.ts';
import { Oidc, type OidcOptions } from './people/oidc.ts';
import { cookieName, peopleRoutes } from './people/routes.ts';
import { Sessions } from './people/sessions.ts';
import { placeRoutes } from './places/routes.ts';
import { portalDeskRoutes } from './portal/desk-routes.ts';
import { portalRoutes } from './portal/routes.ts';
import { regionRoutes } from './regions/routes.ts';
import { roundRoutes } from './rounds/routes.ts';
import { supervisionRoutes } from './supervision/routes.ts';
import { Devices } from './sync/devices.ts';
import { syncRoutes } from './sync/routes.ts';
import { tipRoutes } from './tips/routes.ts';

export type AppOptions = {
  house: House;
  log?: boolean /** Requests a minute for each session or address; 0 for no limit. */;
  perMinute?: number;
  trustProxy?: boolean;
  oidc?: OidcOptions | undefined;
};

const dist = path.join(import.meta.dirname, '..', 'dist');

export async function buildApp({
  house,
  log = false,
  perMinute = 1200,
  trustProxy = false,
  oidc,
}: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    logger: log ? { redact: ['req.headers.cookie', 'req.headers.authorization'] } : false,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy,
    bodyLimit: 2 * 1024 * 1024,
    routerOptions: { maxParamLength: 200 },
  });
  const sessions = new Sessions(house);
  const devices = new Devices(house);
  const web: Web = { app, house, sessions, devices };

  // Made once: the plugin around it makes every header anew for every request.
  const secure = helmet({
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        mediaSrc: ["'self'", 'blob:'],
        workerSrc: ["'self'", 'blob:'],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        upgradeInsecureRequests: null,
      },
    },
    strictTransportSecurity: { maxAge: 31_536_000 },
    referrerPolicy: { policy: 'no-referrer' },
  });
  app.addHook('onRequest', (request, reply, done) => secure(request.raw, reply.raw, done as () => void));
  await app.register(cookie);
  if (perMinute)
    await app.register(rateLimit, {
      max: perMinute,
      timeWindow: 60_000,
      keyGenerator: request => {
        const known = request.cookies[cookieName] ?? request.headers.authorization;
        return known ? createHash('sha256').update(known).digest('base64url') : request.ip;
      },
      errorResponseBuilder: (_request, context) =>
        new Failure('rate_limited', { seconds: Math.ceil(context.ttl / 1000) }),
    });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Yuandian 原点',
        version: '1',
        description:
          'Errors are {"error": {code, message, details}}; every code is in docs/api.md. Ids are minted by the client (UUIDv7): sending the same request again returns the first answer.',
      },
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: cookieName },
          token: { type: 'http', scheme: 'bearer' },
        },
      },
      security: [{ session: [] }, { token: [] }],
    },
  });

  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const duration = new Histogram({
    name: 'yuandian_request_seconds',
    help: 'Time to answer, by route',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.3, 1, 3],
    registers: [metrics],
  });

  app.addHook('onRequest', async request => {
    const bearer = /^Bearer (yd_[\w-]+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (bearer) return signInByToken(house, request, bearer);
    const phone = /^Bearer (ydd_[\w-]+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (phone) {
      const { staff, device } = await devices.find(phone);
      request.staff = staff;
      request.device = device;
      return;
    }
    const token = request.cookies[cookieName];
    const found = token ? await sessions.find(token) : undefined;
    if (!found) return;
    request.staff = found.staff;
    request.sessionToken = token!;
    request.csrf = found.csrf;
    // The cookie is SameSite=Strict already; the header proves that our own page asked.
    if (
      request.method !== 'GET' &&
      request.method !== 'HEAD' &&
      !sameText(String(request.headers['x-csrf'] ?? ''), found.csrf) &&
      !request.url.endsWith('/sign-in')
    )
      throw new Failure('csrf');
  });

  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    duration.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
    // The route's pattern, never the address: addresses carry what people searched for.
    if (log)
      request.log.info({
        method: request.method,
        route,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        person: request.staff?.person,
      });
  });

  app.setErrorHandler(async (error, request, reply) => {
    const language: Language =
      request.staff?.language ?? (/^en/.test(String(request.headers['accept-language'] ?? '')) ? 'en' : 'zh');
    const failure = failureOf(error, request.id);
    if (failure.code === 'internal') request.log.error({ err: error, route: request.routeOptions.url });
    if (failure.code === 'internal' && !log) console.error(error);
    return reply.code(failure.status).send({
      error: {
        code: failure.code,
        message: messageOf(failure.code, failure.details, language),
        details: failure.details,
      },
    });
  });

  app.get(`${base}/health`, { schema: { hide: true } }, async () => ({ status: 'up' }));
  app.get(`${base}/ready`, { schema: { hide: true } }, async (_request, reply) => {
    const row = await house.db.readOne<{ ok: number }>(noScope, sql`SELECT 1 AS ok`).catch(() => undefined);
    return reply.code(row ? 200 : 503).send({ status: row ? 'ready' : 'no database' });
  });
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    // Figures of the machine are for the machine's own collector.
    if (!['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(request.socket.remoteAddress ?? ''))
      throw new Failure('not_found');
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });
  app.get(`${base}/errors`, { schema: { summary: 'The catalogue of errors', tags: ['about'] } }, async () => ({
    errors: Object.entries(catalogue).map(([code, [status, zh, en]]) => ({ code, status, zh, en })),
  }));

  peopleRoutes(web, oidc && new Oidc(house, oidc));
  regionRoutes(web);
  await matterRoutes(web);
  deskRoutes(web);
  supervisionRoutes(web);
  mediationRoutes(web);
  placeRoutes(web);
  roundRoutes(web);
  syncRoutes(web);
  portalRoutes(web);
  portalDeskRoutes(web);
  hotlineRoutes(web);
  tipRoutes(web);
  channelRoutes(web);
  open311Routes(web);

  app.get(`${base}/openapi.json`, { schema: { hide: true } }, async () => app.swagger());
  let reference: Promise<FastifyInstance> | undefined;
  for (const url of [`${base}/docs`, `${base}/docs/*`])
    app.get(url, { schema: { hide: true } }, async (request, reply) => {
      reference ??= referencePages();
      const { statusCode, headers, rawPayload } = await (await reference).inject(request.url);
      if (headers.location) reply.header('location', headers.location);
      return reply
        .code(statusCode)
        .type(String(headers['content-type'] ?? 'text/plain'))
        .send(rawPayload);
    });
  app.addHook('onSend', async (request, reply) => {
    // The reference page starts by an inline script of its own; nothing of ours is on that page.
    if (request.url.startsWith(`${base}/docs`))
      reply.header(
        'content-security-policy',
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; frame-ancestors 'none'",
      );
  });

  if (fs.existsSync(dist)) {
    await app.register(files, {
      root: dist,
      wildcard: false,
      preCompressed: true,
      immutable: true,
      maxAge: '365d',
      // Whatever keeps its name is asked for each time; the rest carries the hash of what is in it.
      setHeaders: (reply, file) => !/[\\/]assets[\\/]/.test(file) && reply.header('cache-control', 'no-cache'),
    });
    app.setNotFoundHandler(async (request, reply) => {
      // The app of the field asks for what is beside it, at whatever path it lies.
      if (request.url === '/field') return reply.redirect('field/');
      if (request.method === 'GET' && !request.url.startsWith('/api/') && !path.extname(request.url.split('?')[0]!))
        return reply.header('cache-control', 'no-cache').sendFile(pageOf(request.url), { cacheControl: false });
      throw new Failure('not_found');
    });
  } else
    app.setNotFoundHandler(async () => {
      throw new Failure('not_found');
    });
  return app;
}

/** The pages that explain the interface: four megabytes of script, opened when somebody asks for them. */
async function referencePages(): Promise<FastifyInstance> {
  const { default: reference } = await import('@scalar/fastify-api-reference');
  const pages = Fastify();
  await pages.register(reference, {
    routePrefix: `${base}/docs`,
    configuration: { url: `${base}/openapi.json`, withDefaultFonts: false },
  });
  return pages;
}

/** Which face an address belongs to: the field's app, a side's page, the residents' portal, else the console. */
const pageOf = (url: string) => `${/^\/(side|field|portal)(?:[/?]|$)/.exec(url)?.[1] ?? 'console'}/index.html`;

const sameText = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

function failureOf(error: unknown, request: string): Failure {
  if (error instanceof Failure) return error;
  const { statusCode, message } = error as { statusCode?: number; message: string };
  if (statusCode === 413) return new Failure('file_too_large', { limit: '50 MB' });
  if (statusCode && statusCode >= 400 && statusCode < 500) return new Failure('invalid', { issues: message });
  return new Failure('internal', { request });
}

async function signInByToken(house: House, request: FastifyRequest, bearer: string): Promise<void> {
  const now = house.clock();
  const row = await house.db.readOne<{ person: string; post: string; scopes: string[] }>(
    noScope,
    sql`SELECT p.person, t.post, t.scopes FROM api_token t JOIN post p ON p.id = t.post WHERE t.hash = ${createHash('sha256').update(bearer).digest()} AND t.ended_at IS NULL AND t.expires_at > ${time(now)}`,
  );
  const staff = row && (await findStaff(house.db, house.keeper.current, row.person, now));
  // A token for one door alone is nobody here: that door asks for it by itself.
  if (row && !row.scopes.includes('read') && !row.scopes.includes('write')) return;
  // A programme never opens what is sensitive by its post; the person it acts for may have been admitted to a matter by name.
  const posts = (staff?.posts ?? []).flatMap(post => (post.id === row!.post ? [{ ...post, needToKnow: false }] : []));
  if (!staff || !posts.length) throw new Failure('unauthenticated');
  request.staff = {
    ...staff,
    posts,
    scope: scopeOf(staff.person, posts, house.keeper.current),
    mustChange: false,
    mustProve: false,
  };
  request.readOnly = !row!.scopes.includes('write');
}
