/**
 * Tip-offs for the organ entitled to them. Who may open what is sensitive in that unit sees its ciphertexts by row-level
 * security; nobody else, not the administrators and not the system itself, sees that there is one. No audit line names one.
 */
import { auditLine } from '../kernel/audit.ts';
import { json, noScope, sql, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { route, type Web } from '../kernel/http.ts';
import type { Staff } from '../people/actors.ts';
import { tipContracts as contracts } from './contract.ts';

const mostReplies = 50;

export function tipRoutes(web: Web): void {
  const { house } = web;
  const { db } = house;
  const keyUnits = (staff: Staff) => staff.posts.filter(post => post.needToKnow).map(post => post.unit);

  route(web, contracts.keys, async ({ staff }) => {
    const rows = await db.read<any>(
      noScope,
      sql`SELECT county, unit, n, sort, public_key, locked, made_at AS "madeAt", ended_at IS NOT NULL AS ended FROM tip_organ WHERE county = ANY (${staff.counties}::text[]) ORDER BY unit, n DESC`,
    );
    const mine = keyUnits(staff);
    const wire = rows.map(({ public_key, ...row }) => ({ ...row, key: public_key.toString('base64') }));
    return {
      keys: wire.filter(row => mine.includes(row.unit)),
      others: wire
        .filter(row => !row.ended && !mine.includes(row.unit))
        .map(({ county, unit, n, key }) => ({ county, unit, n, key })),
    };
  });
  route(web, contracts.makeKey, async ({ staff, body }) => {
    const post = staff.posts.find(one => one.unit === body.unit && one.needToKnow);
    const unit = house.keeper.current.units.get(body.unit);
    // An organ, not a centre: what is sealed goes past the desks that coordinate.
    if (!post || unit?.county !== body.county || unit.kind === 'centre')
      throw new Failure('forbidden', { action: 'tips' });
    const now = house.clock();
    return db.write(noScope, async tx => {
      await tx.run(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`tips ${body.unit}`}, 0))`);
      await tx.run(
        sql`UPDATE tip_organ SET ended_at = ${time(now)} WHERE county = ${body.county} AND unit = ${body.unit} AND ended_at IS NULL`,
      );
      const row = await tx.one<{
        n: number;
      }>(sql`INSERT INTO tip_organ (county, unit, n, sort, public_key, locked, made_by, made_at)
        SELECT ${body.county}, ${body.unit}, coalesce(max(n), 0) + 1, ${body.sort}, ${Buffer.from(body.key, 'base64')}, ${json(body.locked)}, ${staff.person}, ${time(now)} FROM tip_organ WHERE county = ${body.county} AND unit = ${body.unit} RETURNING n`);
      await tx.run(
        auditLine(now, staff.person, 'tip-key', body.county, body.unit, 'done', { n: row!.n, sort: body.sort }),
      );
      return { n: row!.n };
    });
  });
  route(web, contracts.list, async ({ staff }) => {
    const rows = await db.read<any>(
      staff.scope,
      sql`SELECT county, id, unit, n, day, state, sealed, replies FROM tip WHERE county = ANY (${staff.counties}::text[]) ORDER BY day DESC, id LIMIT 500`,
    );
    return { rows: rows.map(row => ({ ...row, sealed: row.sealed.toString('base64') })) };
  });
  route(web, contracts.move, async ({ staff, params, body }) => {
    if ((body.state === 'passed-on') !== Boolean(body.to)) throw new Failure('invalid', { issues: 'to' });
    await db.write(staff.scope, async tx => {
      const row = await tx.one<{ replies: string[]; code: string }>(
        sql`SELECT replies, encode(code, 'hex') AS code FROM tip WHERE county = ${params.county} AND id = ${params.id} FOR UPDATE`,
      );
      if (!row || row.replies.length >= mostReplies) throw new Failure('not_found');
      const replies = body.reply ? [...row.replies, body.reply] : row.replies;
      await tx.run(
        sql`UPDATE tip SET state = ${body.state}, replies = ${json(replies)} WHERE county = ${params.county} AND id = ${params.id}`,
      );
      if (!body.to) return;
      const to = body.to;
      const organ = await tx.one(
        sql`SELECT 1 FROM tip_organ WHERE county = ${params.county} AND unit = ${to.unit} AND n = ${to.n} AND ended_at IS NULL`,
      );
      if (!organ) throw new Failure('unit_unknown');
      await tx.run(sql`SELECT set_config('yd.tip', ${row.code}, true)`);
      await tx.run(
        sql`UPDATE tip SET unit = ${to.unit}, n = ${to.n}, sealed = ${Buffer.from(to.sealed, 'base64')}, state = 'new' WHERE county = ${params.county} AND id = ${params.id}`,
      );
    });
    return { done: true } as const;
  });
}
