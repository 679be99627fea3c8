/** Sign-in, one's own account, and administration by three administrators apart: system (people, posts), security (accounts), audit (reads). */
import { createHash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { auditLine } from '../kernel/audit.ts';
import type { AuditAct } from '../kernel/audit-words.ts';
import { base } from '../kernel/contract.ts';
import { noScope, sql, sqlState, time, uniqueViolation } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { route, sendFile, type Web, xlsxType } from '../kernel/http.ts';
import { uuid } from '../kernel/ids.ts';
import { xlsxStream } from '../ledgers/xlsx.ts';
import { dateOf } from '../matters/clocks.ts';
import { workingRoles } from '../matters/policy.ts';
import type { Staff } from './actors.ts';
import { peopleContracts as contracts, type Me } from './contract.ts';
import {
  addPasskey,
  askPasskey,
  beginCode,
  beginPasskey,
  dropFactors,
  factorsOf,
  factorTicket,
  listPasskeys,
  proveCode,
  provePasskey,
  type Site,
  setCode,
  ticketHolder,
} from './factors.ts';
import type { Oidc } from './oidc.ts';
import { hashPassword } from './passwords.ts';
import { changePassword, openSession, provePassword, raiseSession, type SignedIn, signIn } from './sessions.ts';
import { employ, endPost, grant, initialPassword, mustFit, mustRemain, notAdministrator } from './store.ts';
import { readTrail, trailHead, trailRows } from './trail.ts';

export const cookieName = 'yuandian';
const oidcCookie = 'yuandian-oidc';
const done = { done: true } as const;

const meOf = (staff: Staff, csrf: string): Me => ({
  person: staff.person,
  name: staff.name,
  login: staff.login,
  language: staff.language,
  mustChange: staff.mustChange,
  mustProve: staff.mustProve ?? false,
  csrf,
  posts: staff.posts.map(post => ({ ...post, oversees: [...post.oversees] })),
  counties: staff.counties,
});

export function peopleRoutes(web: Web, oidc?: Oidc): void {
  const { app, house, sessions } = web;
  const { db } = house;
  const administer = (
    by: string,
    what: AuditAct,
    subject: string,
    work: (tx: any) => Promise<unknown>,
    detail: unknown = {},
  ) =>
    db
      .write(noScope, async tx => {
        await work(tx);
        await tx.run(auditLine(house.clock(), by, what, null, subject, 'done', detail));
      })
      .catch(error => {
        if (sqlState(error) === uniqueViolation) throw new Failure('conflict');
        if (sqlState(error) === '23503') throw new Failure('not_found');
        throw error;
      });

  const fromOf = (request: FastifyRequest) => ({
    address: request.ip,
    agent: String(request.headers['user-agent'] ?? ''),
  });
  const siteOf = (request: FastifyRequest): Site => ({
    origin: `${request.protocol}://${request.host}`,
    host: request.hostname,
  });
  const enter = ({ token, csrf, staff }: SignedIn, request: FastifyRequest, reply: FastifyReply): Me => {
    reply.setCookie(cookieName, token, {
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure: request.protocol === 'https',
    });
    return meOf(staff, csrf);
  };

  route(web, contracts.ways, async () => ({ oidc: oidc?.options.name ?? null }));
  route(web, contracts.signIn, async ({ body, request, reply }) =>
    enter(await signIn(house, body.login, body.password, fromOf(request)), request, reply),
  );
  route(web, contracts.factor, async ({ body, request, reply }) => {
    const person = await ticketHolder(house, body.ticket);
    await proveCode(house, person, body.code, fromOf(request));
    return enter(await openSession(house, person, 'totp', fromOf(request)), request, reply);
  });
  route(web, contracts.askPasskey, async ({ body, request }) =>
    askPasskey(house, siteOf(request), body.ticket ? await ticketHolder(house, body.ticket) : undefined),
  );
  route(web, contracts.passkey, async ({ body, request, reply }) => {
    const person = await provePasskey(house, siteOf(request), body);
    return enter(await openSession(house, person, 'passkey', fromOf(request)), request, reply);
  });
  if (oidc) {
    const callbackOf = (request: FastifyRequest) => `${siteOf(request).origin}${base}/oidc/callback`;
    app.get(`${base}/oidc/start`, { schema: { hide: true } }, async (request, reply) => {
      const { url, kept } = await oidc.begin(callbackOf(request));
      // Lax: it must come along when the provider sends the browser back.
      reply.setCookie(oidcCookie, kept, {
        path: `${base}/oidc`,
        httpOnly: true,
        sameSite: 'lax',
        secure: request.protocol === 'https',
        maxAge: 600,
      });
      return reply.redirect(url);
    });
    app.get(`${base}/oidc/callback`, { schema: { hide: true } }, async (request, reply) => {
      // A page of its own that goes on by itself: the strict cookie would not travel with a redirect from elsewhere.
      const goOn = (to: string) =>
        reply
          .type('text/html; charset=utf-8')
          .send(
            `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${to}"><title>原点</title>`,
          );
      reply.clearCookie(oidcCookie, { path: `${base}/oidc` });
      try {
        const query = request.url.slice(request.url.indexOf('?'));
        const { person, strong } = await oidc.end(
          callbackOf(request) + query,
          request.cookies[oidcCookie],
          fromOf(request),
        );
        const ways = strong ? [] : await factorsOf(house, person);
        if (ways.length) return goOn(`/#factor=${factorTicket(house, person)}&ways=${ways.join(',')}`);
        enter(await openSession(house, person, strong ? 'oidc' : null, fromOf(request)), request, reply);
        return goOn('/');
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        return goOn(`/#refused=${error.code}`);
      }
    });
  }

  route(web, contracts.factors, async ({ staff }) => ({
    totp: (await factorsOf(house, staff.person)).includes('totp'),
    passkeys: await listPasskeys(house, staff.person),
  }));
  // A session left open must not be enough to change how one signs in.
  const proveAgain = (staff: Staff, password: string, request: FastifyRequest) =>
    provePassword(house, staff.login, password, fromOf(request));
  route(web, contracts.beginCode, async ({ staff, body, request }) => {
    await proveAgain(staff, body.password, request);
    return beginCode(house, staff.login);
  });
  route(web, contracts.setCode, async ({ staff, body, token }) => {
    await setCode(house, staff.person, body.ticket, body.code);
    if (token) await raiseSession(house, token, 'totp');
    sessions.forget(staff.person);
    return done;
  });
  route(web, contracts.beginPasskey, async ({ staff, body, request }) => {
    await proveAgain(staff, body.password, request);
    return beginPasskey(house, staff, siteOf(request));
  });
  route(web, contracts.addPasskey, async ({ staff, body, request, token }) => {
    await addPasskey(house, staff, siteOf(request), body);
    if (token) await raiseSession(house, token, 'passkey');
    sessions.forget(staff.person);
    return done;
  });
  route(web, contracts.dropFactor, async ({ staff, body, request }) => {
    await proveAgain(staff, body.password, request);
    const { password: _, ...which } = body;
    await dropFactors(house, staff.person, staff.person, which);
    return done;
  });
  route(web, contracts.resetFactors, async ({ staff, params }) => {
    await db.write(noScope, tx => notAdministrator(tx, params.person, dateOf(house.clock())));
    await dropFactors(house, staff.person, params.person, { totp: true, passkey: '*' });
    sessions.forget(params.person);
    return done;
  });
  route(web, contracts.signOut, async ({ staff, token, reply }) => {
    await sessions.end(staff.person, undefined, token);
    reply.clearCookie(cookieName, { path: '/' });
    return done;
  });
  route(web, contracts.me, async ({ staff, request }) => meOf(staff, request.csrf ?? ''));
  route(web, contracts.password, async ({ staff, body, token }) => {
    await changePassword(house, staff.person, body.old, body.fresh, token);
    sessions.forget(staff.person);
    return done;
  });
  route(web, contracts.sessions, async ({ staff, token }) => ({ sessions: await sessions.list(staff.person, token) }));
  route(web, contracts.endSession, async ({ staff, params }) => {
    await sessions.end(staff.person, params.session);
    return done;
  });

  route(web, contracts.absences, async ({ staff }) => {
    const own = staff.posts.filter(post => !post.acting);
    const [absences, colleagues] = (await db.reads(
      noScope,
      sql`SELECT a.id, a.post, a.substitute, a.valid_from AS "from", a.valid_to AS "to", p.name AS "substituteName" FROM absence a JOIN person p ON p.id = a.substitute
        WHERE a.post = ANY (${own.map(post => post.id)}::uuid[]) AND a.ended_at IS NULL AND a.valid_to > ${dateOf(house.clock())} ORDER BY a.valid_from`,
      sql`SELECT DISTINCT p.id, p.name, o.unit FROM post o JOIN person p ON p.id = o.person
        WHERE o.unit = ANY (${own.map(post => post.unit)}::uuid[]) AND o.valid_to IS NULL AND p.disabled_at IS NULL AND p.id <> ${staff.person}
          AND o.role = ANY (${[...workingRoles, ...own.map(post => post.role)]}::text[]) ORDER BY p.name`,
    )) as [any[], any[]];
    return { absences, colleagues };
  });
  route(web, contracts.addAbsence, async ({ staff, body }) => {
    const post = staff.posts.find(one => one.id === body.post && !one.acting);
    if (!post) throw new Failure('not_found');
    if (body.to <= body.from) throw new Failure('invalid', { issues: `${body.from} – ${body.to}` });
    await administer(
      staff.person,
      'absence-add',
      body.post,
      async tx => {
        await mustFit(tx, { ...post, person: staff.person }, body.substitute, 'unit');
        await tx.run(
          sql`INSERT INTO absence (id, post, substitute, valid_from, valid_to) VALUES (${body.id}, ${body.post}, ${body.substitute}, ${body.from}, ${body.to})`,
        );
      },
      { substitute: body.substitute, from: body.from, to: body.to },
    );
    sessions.forget(body.substitute);
    return done;
  });
  route(web, contracts.endAbsence, async ({ staff, params }) => {
    const own = staff.posts.filter(post => !post.acting).map(post => post.id);
    await administer(staff.person, 'absence-end', params.absence, async tx => {
      const ended = await tx.run(
        sql`UPDATE absence SET ended_at = ${time(house.clock())} WHERE id = ${params.absence} AND post = ANY (${own}::uuid[]) AND ended_at IS NULL`,
      );
      if (!ended) throw new Failure('not_found');
    });
    sessions.forget();
    return done;
  });

  route(web, contracts.people, async ({ query }) => {
    const like = `%${query.search.replace(/[%_\\]/g, '\\$&')}%`;
    const limit = 100;
    const people = await db.read<any>(
      noScope,
      sql`SELECT p.id, p.login, p.name, p.disabled_at, p.locked_until,
        coalesce((SELECT jsonb_agg(jsonb_build_object('id', o.id, 'unit', o.unit, 'region', o.region, 'role', o.role, 'need_to_know', o.need_to_know, 'pending', o.pending, 'substitute', o.substitute,
          'substitute_name', (SELECT s.name FROM person s WHERE s.id = o.substitute), 'valid_from', o.valid_from, 'valid_to', o.valid_to) ORDER BY o.valid_from) FROM post o WHERE o.person = p.id), '[]') AS posts
      FROM person p WHERE (p.login LIKE ${like} OR p.name LIKE ${like} OR replace(p.pinyin, ' ', '') LIKE ${like}) AND p.login > ${query.after}
        AND (NOT ${query.pending}::boolean OR EXISTS (SELECT FROM post o WHERE o.person = p.id AND o.pending AND (o.valid_to IS NULL OR o.valid_to > ${dateOf(house.clock())}))) ORDER BY p.login LIMIT ${limit}`,
    );
    return { people, next: people.length === limit ? people.at(-1).login : undefined };
  });
  route(web, contracts.addPerson, async ({ staff, body }) => {
    const unit = house.keeper.current.units.get(body.unit);
    if (!unit) throw new Failure('unit_unknown');
    const password = initialPassword();
    const hashed = await hashPassword(password);
    await administer(staff.person, 'person-add', body.id, tx =>
      employ(
        tx,
        [{ id: body.id, login: body.login, name: body.name, password: hashed }],
        [
          {
            id: uuid(),
            person: body.id,
            unit: body.unit,
            region: unit.region,
            role: body.role,
            needToKnow: body.needToKnow,
            from: dateOf(house.clock()),
          },
        ],
        dateOf(house.clock()),
      ),
    );
    return { password };
  });
  route(web, contracts.addPost, async ({ staff, body }) => {
    const unit = house.keeper.current.units.get(body.unit);
    if (!unit) throw new Failure('unit_unknown');
    const today = dateOf(house.clock());
    await administer(staff.person, 'post-add', body.id, tx =>
      employ(tx, [], [{ ...body, region: unit.region }], today),
    );
    sessions.forget(body.person);
    return done;
  });
  route(web, contracts.grantPost, async ({ staff, body }) => {
    const now = house.clock();
    const what = body.granted ? 'post-grant' : 'post-withdraw';
    await db.write(noScope, async tx => {
      for (const post of body.posts) {
        await grant(tx, staff.person, post, body.granted, dateOf(now));
        await tx.run(auditLine(now, staff.person, what, null, post, 'done'));
      }
    });
    sessions.forget();
    return done;
  });
  route(web, contracts.endPost, async ({ staff, params, body }) => {
    const handover = await endPost(house, staff.person, params.post, body.substitute);
    sessions.forget();
    return { handover };
  });
  route(web, contracts.resetPassword, async ({ staff, params }) => {
    const password = initialPassword();
    const hashed = await hashPassword(password);
    await administer(staff.person, 'password-reset', params.person, async tx => {
      await notAdministrator(tx, params.person, dateOf(house.clock()));
      const changed = await tx.run(
        sql`UPDATE person SET password = ${hashed}, must_change = true, misses = 0, locked_until = NULL WHERE id = ${params.person}`,
      );
      if (!changed) throw new Failure('not_found');
    });
    return { password };
  });
  route(web, contracts.disable, async ({ staff, params, body }) => {
    const at = body.disabled ? time(house.clock()) : null;
    await administer(staff.person, body.disabled ? 'person-disable' : 'person-enable', params.person, async tx => {
      if (!(await tx.run(sql`UPDATE person SET disabled_at = ${at} WHERE id = ${params.person}`)))
        throw new Failure('not_found');
      if (at) await mustRemain(tx, params.person, dateOf(house.clock()));
      if (at)
        await tx.run(sql`UPDATE session SET ended_at = ${at} WHERE person = ${params.person} AND ended_at IS NULL`);
    });
    sessions.forget(params.person);
    return done;
  });
  route(web, contracts.audit, async ({ query, staff }) => readTrail(house, staff.scope, query, 100));
  route(web, contracts.exportAudit, async ({ query, staff, reply }) => {
    await db.write(noScope, tx =>
      tx.run(auditLine(house.clock(), staff.person, 'export-audit', null, null, 'done', { filters: query })),
    );
    const name = staff.language === 'zh' ? '审计日志' : 'Audit';
    const rows = trailRows(house, staff.scope, query, staff.language);
    return sendFile(
      reply,
      `${name}.xlsx`,
      xlsxType,
      xlsxStream(name, trailHead[staff.language], rows, [10, 18, 12, 16, 18, 10, 24, 38, 60]),
    );
  });
  route(web, contracts.addToken, async ({ staff, body }) => {
    const token = `yd_${randomBytes(32).toString('base64url')}`;
    const now = house.clock();
    await administer(staff.person, 'token-add', body.id, async tx => {
      // A programme works by a working post: none administers.
      const made = await tx.run(
        sql`INSERT INTO api_token (id, hash, name, post, scopes, created_by, created_at, expires_at)
          SELECT ${body.id}::uuid, ${createHash('sha256').update(token).digest()}::bytea, ${body.name}, id, ${body.scopes}::text[], ${staff.person}::uuid, ${time(now)}::timestamptz, ${time(now + body.days * 86_400_000)}::timestamptz
          FROM post WHERE id = ${body.post} AND role = ANY (${workingRoles}::text[])`,
      );
      if (!made) throw new Failure('not_found');
    });
    return { token };
  });
  route(web, contracts.tokens, async () => ({
    tokens: await db.read<any>(
      noScope,
      sql`SELECT t.id, t.name, t.post, p.name AS holder, o.unit, o.role, t.scopes, t.created_at, t.expires_at, t.ended_at
        FROM api_token t JOIN post o ON o.id = t.post JOIN person p ON p.id = o.person ORDER BY t.created_at DESC`,
    ),
  }));
  route(web, contracts.endToken, async ({ staff, params }) => {
    await administer(staff.person, 'token-end', params.token, tx =>
      tx.run(sql`UPDATE api_token SET ended_at = ${time(house.clock())} WHERE id = ${params.token}`),
    );
    return done;
  });
}
