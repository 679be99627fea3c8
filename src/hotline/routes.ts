/** Routes of hotline and window. A number is sealed and found by keyed hash; whoever sees it in clear is on record. */
import { createHash } from 'node:crypto';
import type { House } from '../house.ts';
import { auditLine } from '../kernel/audit.ts';
import { noScope, sql, systemScope, type Tx, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { route, type Web } from '../kernel/http.ts';
import { uuid } from '../kernel/ids.ts';
import { dateOf, momentOfDate } from '../matters/clocks.ts';
import { visible } from '../matters/filters.ts';
import { anyOf, lexemes } from '../matters/lexemes.ts';
import { type Ready, rowOf } from '../matters/lists.ts';
import { normalPhone, phoneHash } from '../matters/lookups.ts';
import { maskPhone } from '../matters/redact.ts';
import { derivedId } from '../matters/store.ts';
import { mustBelong, type Staff } from '../people/actors.ts';
import { type CallEvent, hotlineContracts as contracts } from './contract.ts';

const done = { done: true } as const;
const hour = 3_600_000;

/** The county whose telephone system a token speaks for; only one made for this port opens it. */
async function lineOf(house: House, header: unknown): Promise<string> {
  const token = /^Bearer (yd_[\w-]+)$/.exec(String(header ?? ''))?.[1];
  const row =
    token &&
    (await house.db.readOne<{ county: string }>(
      noScope,
      sql`SELECT u.county FROM api_token t JOIN post p ON p.id = t.post JOIN unit u ON u.id = p.unit WHERE t.hash = ${createHash('sha256').update(token).digest()} AND t.ended_at IS NULL AND t.expires_at > ${time(house.clock())} AND 'calls' = ANY (t.scopes)`,
    ));
  if (!row) throw new Failure('unauthenticated');
  return row.county;
}

/** Notes an event of a call; events may come twice, late, and in any order. */
async function note(tx: Tx, house: House, county: string, event: CallEvent): Promise<string> {
  const { secrets } = house;
  const id = derivedId(house.loop, 'call', county, event.call);
  const phone = event.phone ? normalPhone(event.phone) : '';
  const { key, wrapped, version } = secrets.newKey();
  await tx.run(sql`INSERT INTO call (county, id, reference, phone, masked, line, arrived_at, words, wrapped, version)
    VALUES (${county}, ${id}, ${event.call}, ${phone ? phoneHash(secrets, phone) : null}, ${phone ? maskPhone(phone) : ''}, ${event.line ?? ''}, ${time(event.at)}, ${secrets.seal(key, { phone })}, ${wrapped}, ${version})
    ON CONFLICT (county, reference) DO UPDATE SET masked = CASE WHEN call.masked = '' THEN excluded.masked ELSE call.masked END, phone = coalesce(call.phone, excluded.phone),
      words = CASE WHEN call.masked = '' THEN excluded.words ELSE call.words END, wrapped = CASE WHEN call.masked = '' THEN excluded.wrapped ELSE call.wrapped END, version = CASE WHEN call.masked = '' THEN excluded.version ELSE call.version END,
      line = CASE WHEN call.line = '' THEN excluded.line ELSE call.line END, arrived_at = least(call.arrived_at, excluded.arrived_at)`);
  const operator = event.operator
    ? ((
        await tx.one<{ id: string }>(sql`SELECT id FROM person WHERE login = ${event.operator} AND disabled_at IS NULL`)
      )?.id ?? null)
    : null;
  const at = time(event.at);
  await tx.run(sql`UPDATE call SET
      answered_at = CASE WHEN ${event.type} = 'answered' THEN least(coalesce(answered_at, ${at}::timestamptz), ${at}::timestamptz) ELSE answered_at END,
      ended_at = CASE WHEN ${event.type} = 'ended' THEN greatest(coalesce(ended_at, ${at}::timestamptz), ${at}::timestamptz) ELSE ended_at END,
      operator = coalesce(${operator}::uuid, operator), recording = coalesce(${event.recording ?? null}, recording)
    WHERE county = ${county} AND id = ${id}`);
  return id;
}

const ticketName = (line: string, n: number) => `${line}${String(n).padStart(3, '0')}`;

export function hotlineRoutes(web: Web): void {
  const { house } = web;
  const { db } = house;
  const here = (staff: Staff, county: string) => mustBelong(staff, county, house.keeper.current);
  /** The window's own people. */
  const atWindow = (staff: Staff, unit: string) => {
    if (!staff.posts.some(post => post.unit === unit)) throw new Failure('forbidden', { action: 'queue' });
  };

  route(web, contracts.event, async ({ body, request }) => {
    const county = await lineOf(house, request.headers.authorization);
    return { id: await db.write(systemScope, tx => note(tx, house, county, body)) };
  });
  route(web, contracts.calls, async ({ query, staff }) => {
    here(staff, query.county);
    const from = query.from ?? house.clock() - hour;
    const rows = await db.read<any>(
      systemScope,
      sql`SELECT c.id, c.masked, c.line, c.arrived_at AS "arrivedAt", c.answered_at AS "answeredAt", c.ended_at AS "endedAt", p.name AS operator, coalesce(c.operator = ${staff.person}, false) AS mine, c.outcome, c.matter, c.recording IS NOT NULL AS recorded
          FROM call c LEFT JOIN person p ON p.id = c.operator WHERE c.county = ${query.county} AND (c.arrived_at >= ${time(from)} OR (c.ended_at IS NULL AND c.outcome IS NULL AND c.arrived_at >= ${time(from - 11 * hour)})) AND c.arrived_at <= ${time(query.to ?? house.clock() + hour)}
          ORDER BY c.arrived_at DESC LIMIT 500`,
    );
    return { rows };
  });
  route(web, contracts.typed, async ({ body, staff }) => {
    here(staff, body.county);
    const now = house.clock();
    await db.write(systemScope, async tx => {
      const event = {
        type: 'answered' as const,
        call: `typed ${body.id}`,
        at: now,
        phone: body.phone,
        operator: staff.login,
      };
      await note(tx, house, body.county, event);
    });
    return done;
  });
  route(web, contracts.open, async ({ params, staff, doing }) => {
    here(staff, params.county);
    const row = await db.readOne<any>(
      systemScope,
      sql`SELECT operator, phone, words, wrapped, version FROM call WHERE county = ${params.county} AND id = ${params.id}`,
    );
    if (!row || (row.operator && row.operator !== staff.person)) throw new Failure('not_found');
    await db.write(systemScope, async tx => {
      await tx.run(
        sql`UPDATE call SET operator = ${staff.person}, answered_at = coalesce(answered_at, ${time(house.clock())}) WHERE county = ${params.county} AND id = ${params.id}`,
      );
      await tx.run(auditLine(house.clock(), staff.person, 'call-number', params.county, params.id, 'done'));
    });
    const phone = row.wrapped ? house.secrets.openRow<{ phone: string }>(row).phone || null : null;
    if (!row.phone) return { phone, matters: [], calls: 0 };
    // Earlier matters of the number, as far as this operator may see them at all.
    const [matters, calls] = (await Promise.all([
      db.read(
        doing.scope,
        sql`SELECT m.listed FROM matter m WHERE m.county = ${params.county} AND m.id IN (SELECT matter FROM matter_lookup WHERE county = ${params.county} AND hash = ${row.phone} AND what = 'phone') AND ${visible(doing.scope)} ORDER BY m.received_at DESC LIMIT 20`,
      ),
      db.readOne<{ n: number }>(
        systemScope,
        sql`SELECT count(*) AS n FROM call WHERE county = ${params.county} AND phone = ${row.phone} AND arrived_at > ${time(house.clock() - 30 * 24 * hour)}`,
      ),
    ])) as [Ready[], { n: number }];
    return { phone, matters: matters.map(rowOf), calls: calls.n };
  });
  route(web, contracts.close, async ({ params, body, staff }) => {
    await db.write(systemScope, async tx => {
      const closed = await tx.run(
        sql`UPDATE call SET outcome = ${body.outcome}, matter = ${body.matter ?? null}, knowledge = ${body.knowledge ?? null}, ended_at = coalesce(ended_at, ${time(house.clock())}) WHERE county = ${params.county} AND id = ${params.id} AND operator = ${staff.person}`,
      );
      if (!closed) throw new Failure('not_found');
      if (body.knowledge)
        await tx.run(
          sql`UPDATE knowledge SET used = used + 1 WHERE county = ${params.county} AND id = ${body.knowledge}`,
        );
    });
    return done;
  });
  route(web, contracts.figures, async ({ query, staff }) => {
    here(staff, query.county);
    const [rows, hours] = (await db.reads(
      systemScope,
      sql`SELECT count(*) AS calls, count(c.answered_at) AS answered, count(*) FILTER (WHERE c.answered_at - c.arrived_at <= interval '15 seconds') AS quick,
            count(*) FILTER (WHERE c.outcome IN ('answered', 'known')) AS "onTheSpot", count(c.matter) AS matters,
            count(*) FILTER (WHERE EXISTS (SELECT FROM matter_action a WHERE a.county = c.county AND a.matter = c.matter AND a.type IN ('accept', 'decline', 'answer') AND a.at <= c.arrived_at + interval '24 hours')) AS within24h
          FROM call c WHERE c.county = ${query.county} AND c.arrived_at >= ${time(query.from)} AND c.arrived_at < ${time(query.to)}`,
      sql`SELECT extract(hour FROM arrived_at AT TIME ZONE 'Asia/Shanghai')::int AS hour, count(*) AS n FROM call WHERE county = ${query.county} AND arrived_at >= ${time(query.from)} AND arrived_at < ${time(query.to)} GROUP BY 1`,
    )) as [any[], { hour: number; n: number }[]];
    return { ...rows[0], byHour: Array.from({ length: 24 }, (_, h) => hours.find(one => one.hour === h)?.n ?? 0) };
  });

  const today = () => dateOf(house.clock());
  const ticketColumns = sql`id, line, n, state, counter, at, called_at AS "calledAt"`;
  route(web, contracts.queue, async ({ params, staff }) => {
    atWindow(staff, params.unit);
    const rows = await db.read<any>(
      noScope,
      sql`SELECT ${ticketColumns} FROM queue_ticket WHERE county = ${params.county} AND unit = ${params.unit} AND day = ${today()} ORDER BY at, n`,
    );
    return { rows };
  });
  route(web, contracts.draw, async ({ params, body, staff }) => {
    atWindow(staff, params.unit);
    return db.write(noScope, async tx => {
      // One after the other at one window: two kiosks never draw the same number.
      await tx.run(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`queue ${params.unit} ${body.line}`}, 0))`);
      await tx.run(sql`INSERT INTO queue_ticket (county, id, unit, day, line, n, state, at)
        SELECT ${params.county}, ${body.id}, ${params.unit}, ${today()}, ${body.line}, coalesce(max(n), 0) + 1, 'waiting', ${time(house.clock())} FROM queue_ticket
        WHERE county = ${params.county} AND unit = ${params.unit} AND day = ${today()} AND line = ${body.line} ON CONFLICT (county, id) DO NOTHING`);
      const row = await tx.one<{ line: string; n: number; before: number }>(
        sql`SELECT t.line, t.n, (SELECT count(*) FROM queue_ticket o WHERE o.county = t.county AND o.unit = t.unit AND o.day = t.day AND o.state = 'waiting' AND o.at <= t.at AND o.id <> t.id) AS before FROM queue_ticket t WHERE t.county = ${params.county} AND t.id = ${body.id}`,
      );
      return { number: ticketName(row!.line, row!.n), before: row!.before };
    });
  });
  route(web, contracts.call, async ({ params, body, staff }) => {
    atWindow(staff, params.unit);
    const ticket = await db.write(noScope, tx =>
      tx.one<any>(sql`UPDATE queue_ticket SET state = 'called', counter = ${body.counter}, called_at = ${time(house.clock())}, called_by = ${staff.person}
        WHERE (county, id) = (SELECT county, id FROM queue_ticket WHERE county = ${params.county} AND unit = ${params.unit} AND day = ${today()} AND state = 'waiting' ORDER BY at, n LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING ${ticketColumns}`),
    );
    return { ticket: ticket ?? null };
  });
  route(web, contracts.endTicket, async ({ params, body, staff }) => {
    atWindow(staff, params.unit);
    const ended = await db.write(noScope, tx =>
      tx.run(
        sql`UPDATE queue_ticket SET state = ${body.to}, ended_at = ${body.to === 'waiting' ? null : time(house.clock())} WHERE county = ${params.county} AND unit = ${params.unit} AND id = ${params.ticket} AND state = 'called'`,
      ),
    );
    if (!ended) throw new Failure('not_found');
    return done;
  });
  route(web, contracts.board, async ({ params }) => {
    const unit = house.keeper.current.units.get(params.unit);
    if (unit?.county !== params.county) throw new Failure('not_found');
    const since = momentOfDate(today());
    const [called, waiting] = (await db.reads(
      noScope,
      sql`SELECT line, n, counter FROM queue_ticket WHERE county = ${params.county} AND unit = ${params.unit} AND day = ${today()} AND state = 'called' AND called_at >= ${time(since)} ORDER BY called_at DESC LIMIT 8`,
      sql`SELECT count(*) AS n FROM queue_ticket WHERE county = ${params.county} AND unit = ${params.unit} AND day = ${today()} AND state = 'waiting'`,
    )) as [any[], { n: number }[]];
    return {
      unit: unit.name,
      called: called.map(one => ({ number: ticketName(one.line, one.n), counter: one.counter })),
      waiting: waiting[0]!.n,
    };
  });

  route(web, contracts.knowledge, async ({ query, staff }) => {
    here(staff, query.county);
    const wanted = anyOf(query.q);
    const rows = await db.read<any>(
      noScope,
      sql`SELECT id, title, answer, basis, until, used, open, ended_at IS NOT NULL AS ended FROM knowledge WHERE county = ${query.county}
          AND (${!wanted} OR (tsv @@ ${wanted || "'x'"}::tsquery AND ended_at IS NULL AND (until IS NULL OR until >= ${today()})))
          ORDER BY ${wanted ? sql`ts_rank(tsv, ${wanted}::tsquery, 1) DESC` : sql`set_at DESC`} LIMIT ${wanted ? 8 : 500}`,
    );
    return { rows };
  });
  route(web, contracts.putKnowledge, async ({ params, body, staff }) => {
    here(staff, params.county);
    const words = lexemes(`${body.title}\n${body.answer}`);
    await db.write(noScope, async tx => {
      await tx.run(sql`INSERT INTO knowledge (county, id, title, answer, basis, until, tsv, open, set_by, set_at, ended_at)
        VALUES (${params.county}, ${params.id}, ${body.title}, ${body.answer}, ${body.basis}, ${body.until}, array_to_tsvector(${words}), ${body.open}, ${staff.person}, ${time(house.clock())}, ${body.ended ? time(house.clock()) : null})
        ON CONFLICT (county, id) DO UPDATE SET title = excluded.title, answer = excluded.answer, basis = excluded.basis, until = excluded.until, tsv = excluded.tsv, open = excluded.open, set_by = excluded.set_by, set_at = excluded.set_at, ended_at = excluded.ended_at`);
      await tx.run(auditLine(house.clock(), staff.person, 'knowledge', params.county, params.id, 'done'));
    });
    return done;
  });
}

/** A telephone system for trying things: calls that ring, are taken and end, as events on the documented port. */
export async function simulateCalls(
  address: string,
  token: string,
  calls: number,
  operator: string,
  progress: (n: number) => void,
): Promise<number> {
  const send = async (event: object) => {
    const response = await fetch(`${address}/api/v1/calls/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(event),
    });
    if (!response.ok) throw new Failure('invalid', { issues: `HTTP ${response.status}: ${await response.text()}` });
  };
  for (let n = 0; n < calls; n++) {
    const call = `sim-${uuid()}`;
    const at = Date.now();
    const phone = `139${String(10_000_000 + ((n * 7919) % 89_999_999)).padStart(8, '0')}`;
    await send({ type: 'arrived', call, at, phone, line: '12345' });
    // Told twice, as telephone systems do.
    await send({ type: 'arrived', call, at, phone, line: '12345' });
    await send({ type: 'answered', call, at: at + 4000, operator });
    await send({ type: 'ended', call, at: at + 90_000 });
    await send({ type: 'recorded', call, at: at + 95_000, recording: `rec/${call}.wav` });
    progress(n + 1);
  }
  return calls;
}
