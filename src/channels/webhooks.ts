/**
 * Webhooks by the Standard Webhooks specification: `webhook-id`, `webhook-timestamp`, `webhook-signature`. An event says
 * that something happened to which matter; it carries no text and nobody's data, and guarded matters are never told.
 */
import { Webhook } from 'standardwebhooks';
import type { House } from '../house.ts';
import { sql, systemScope, type Tx, time } from '../kernel/db.ts';
import type { Matter } from '../matters/matter.ts';
import { derivedId } from '../matters/store.ts';
import type { Happened } from './announce.ts';
import { openText } from './outbox.ts';

/** The specification's own schedule: at once, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h. */
const waits = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];

export const eventOf = (type: string) => `matter.${type}`;

/** Writes a delivery for each webhook that wants to know. */
export async function enqueueEvents(tx: Tx, house: House, matter: Matter, happened: Happened[], now: number) {
  const hooks = await tx.many<{ id: string; events: string[]; made_at: number }>(
    sql`SELECT id, events, made_at FROM webhook WHERE county = ${matter.county} AND ended_at IS NULL`,
  );
  for (const hook of hooks)
    for (const one of happened) {
      const type = eventOf(one.type);
      if (one.at < hook.made_at || (hook.events.length && !hook.events.includes(type))) continue;
      const { county, id, number, kind, category, state, unit, open, dueAt } = matter;
      const data = { county, id, number, kind, category, state, unit, open, dueAt: time(dueAt), seq: one.seq };
      const body = JSON.stringify({ type, timestamp: time(one.at), data });
      await tx.run(sql`INSERT INTO webhook_delivery (county, id, webhook, matter, seq, type, body, at, state, next_at)
        VALUES (${county}, ${derivedId(house.loop, 'hook', hook.id, one.id)}, ${hook.id}, ${id}, ${one.seq}, ${type}, ${body}, ${time(one.at)}, 'waiting', ${time(now)}) ON CONFLICT DO NOTHING`);
    }
}

type Due = {
  county: string;
  id: string;
  webhook: string;
  body: string;
  tries: number;
  url: string;
  secret: Buffer;
  version: number;
};

/** Delivers what is due; the same id at every try, so that a receiver counts it once. Returns how many were tried. */
export async function deliverHooks(house: House, now: number, limit = 20): Promise<number> {
  // The next try is booked before this one begins: a process that dies loses nothing and hammers nobody.
  const due = await house.db.write(systemScope, tx =>
    tx.many<Due>(sql`UPDATE webhook_delivery d SET tries = d.tries + 1, next_at = ${time(now + 60_000)} FROM webhook w
      WHERE w.county = d.county AND w.id = d.webhook AND w.ended_at IS NULL
        AND (d.county, d.id) IN (SELECT county, id FROM webhook_delivery WHERE state = 'waiting' AND next_at <= ${time(now)} ORDER BY next_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING d.county, d.id, d.webhook, d.body, d.tries, w.url, w.secret, w.version`),
  );
  await Promise.all(
    due.map(async one => {
      const status = await tryOnce(house, one, now);
      const wait = waits[one.tries - 1];
      const state = status >= 200 && status < 300 ? 'sent' : wait === undefined || status === 410 ? 'dead' : 'waiting';
      await house.db.write(systemScope, async tx => {
        await tx.run(
          sql`UPDATE webhook_delivery SET state = ${state}, status = ${status}, next_at = ${time(now + (wait ?? 0) * 1000)} WHERE county = ${one.county} AND id = ${one.id}`,
        );
        // 410 Gone: the receiver says that it wants no more (specification, "operational").
        if (status === 410)
          await tx.run(
            sql`UPDATE webhook SET ended_at = ${time(now)} WHERE county = ${one.county} AND id = ${one.webhook}`,
          );
      });
    }),
  );
  return due.length;
}

/** The status of the answer; 0 where there was none. */
async function tryOnce(house: House, one: Due, now: number): Promise<number> {
  try {
    const at = new Date(now);
    const response = await fetch(one.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': one.id,
        'webhook-timestamp': String(Math.floor(now / 1000)),
        'webhook-signature': new Webhook(openText(house.secrets, one.secret, one.version)).sign(one.id, at, one.body),
      },
      body: one.body,
      // Wherever it points: what was agreed is this address.
      redirect: 'manual',
      signal: AbortSignal.timeout(15_000),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
}

/** Sends again what happened since a moment: the same ids. Returns how many. */
export const replayHooks = (house: House, county: string, webhook: string, since: number, now: number) =>
  house.db.write(systemScope, tx =>
    tx.run(
      sql`UPDATE webhook_delivery SET state = 'waiting', tries = 0, next_at = ${time(now)} WHERE county = ${county} AND webhook = ${webhook} AND at >= ${time(since)}`,
    ),
  );
