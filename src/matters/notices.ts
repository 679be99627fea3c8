/**
 * Who is told what (L5): units, by what was done to a matter. A notice holds ids; the words stay with the matter. In the
 * console at once, in a digest, and through ports that a deployment attaches.
 */
import { type Database, noScope, type Scope, sql, statement, systemScope, type Tx, time } from '../kernel/db.ts';
import type { Matter } from './matter.ts';
import { type ActInput, derivedId, type Loop } from './store.ts';

export type Notice = {
  county: string;
  id: string;
  unit: string;
  matter: string | null;
  what: string;
  at: number;
  data: Record<string, unknown>;
};

export const insertNotice = statement(
  'INSERT INTO notice (county, id, unit, matter, what, at, data) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING',
);

/** What the units concerned are told of one action. */
export function noticesOf(loop: Loop, before: Matter, after: Matter, input: ActInput, now: number): unknown[][] {
  const told: [string, string, object?][] = [];
  const { type } = input.action;
  const fresh = after.orders.slice(before.orders.length);
  for (const order of fresh) {
    told.push([order.to, order.level, { order: order.n, replyBy: order.replyBy }]);
    if (order.level === 'notice' && order.by && order.by !== order.to)
      told.push([order.by, 'notice-copy', { order: order.n }]);
  }
  if (type === 'lapse' && !fresh.length && after.open) told.push([after.unit, 'soon', { dueAt: after.dueAt }]);
  if (after.open && after.unit !== before.unit)
    told.push([after.unit, 'arrived', { state: after.state, dueAt: after.dueAt }]);
  if (type === 'reply') {
    const order = after.orders.find((o, i) => o.repliedAt !== before.orders[i]?.repliedAt);
    if (order?.by && order.by !== after.unit) told.push([order.by, 'replied', { order: order.n }]);
  }
  if (type === 'askExtension') told.push([after.centre, 'extension-asked']);
  if (type === 'decideExtension') told.push([after.unit, 'extension-decided']);
  // What is told besides deadlines: the committee that mediates, and the unit that holds the matter.
  for (const key of after.told.slice(before.told.length))
    for (const unit of new Set([after.mediation?.committee ?? after.centre, after.handler ?? after.unit, after.unit]))
      told.push([unit, key.split(':')[0]!, { key }]);
  for (const dock of after.docks) {
    const was = before.docks.find(one => one.n === dock.n);
    if (!was && dock.unit) told.push([dock.unit, 'docked', { dock: dock.n, dueAt: dock.dueAt }]);
    if (was && was.state !== dock.state) told.push([after.unit, 'dock-answered', { dock: dock.n }]);
  }
  if (type === 'add') told.push([after.unit, 'added']);
  if (type === 'partDone') told.push([after.unit, 'part-done']);
  if (type === 'whistle') for (const part of after.parts.slice(before.parts.length)) told.push([part.unit, 'called']);
  return told.map(([unit, what, data]) => [
    after.county,
    derivedId(loop, 'notice', input.id, unit, what, JSON.stringify(data ?? {})),
    unit,
    after.id,
    what,
    time(now),
    JSON.stringify(data ?? {}),
  ]);
}

/** The newest notices of the actor's units, and how many came since they last looked. */
export async function readNotices(db: Database, scope: Scope, counties: readonly string[]) {
  const [rows, count] = (await db.reads(
    scope,
    sql`SELECT n.county, n.id, n.unit, n.matter, n.what, n.at, n.data, m.number, m.summary FROM notice n
      LEFT JOIN matter m ON m.county = n.county AND m.id = n.matter
      WHERE n.county = ANY (${counties}::text[]) AND n.unit = ANY (${scope.units ?? []}::uuid[]) ORDER BY n.at DESC, n.id LIMIT 50`,
    sql`SELECT count(*) AS n FROM (SELECT FROM notice n WHERE n.county = ANY (${counties}::text[]) AND n.unit = ANY (${scope.units ?? []}::uuid[])
      AND n.at > coalesce((SELECT noticed_at FROM person WHERE id = ${scope.person ?? null}), '-infinity') LIMIT 100) fresh`,
  )) as [(Notice & { number: string | null; summary: string | null })[], [{ n: number }]];
  return { rows, fresh: count[0].n };
}

export const markSeen = (db: Database, person: string, now: number) =>
  db.write(noScope, tx => tx.run(sql`UPDATE person SET noticed_at = ${time(now)} WHERE id = ${person}`));

/** Writes notices of the system's own; what was told before is not told again. */
export const tell = (tx: Tx, notices: readonly Notice[]) =>
  Promise.all(
    notices.map(({ county, id, unit, matter, what, at, data }) =>
      tx.execute(insertNotice, [county, id, unit, matter, what, time(at), JSON.stringify(data)]),
    ),
  );

/** Once a day each unit is told how many matters are late and how many end today. Fires once, however often it is called. */
export async function writeDigests(loop: Loop, now: number, day: string, dayEnds: number): Promise<number> {
  const rows = await loop.db.read<{ county: string; unit: string; late: number; today: number }>(
    systemScope,
    sql`SELECT county, unit, count(*) FILTER (WHERE due_at < ${time(now)}) AS late, count(*) AS today FROM matter
        WHERE open AND due_at < ${time(dayEnds)} GROUP BY county, unit`,
  );
  if (rows.length) {
    const notices = rows.map(({ county, unit, late, today }) => ({
      county,
      id: derivedId(loop, 'digest', unit, day),
      unit,
      matter: null,
      what: 'digest',
      at: now,
      data: { late, today: today - late },
    }));
    await loop.db.write(systemScope, tx => tell(tx, notices));
  }
  return rows.length;
}

/**
 * Agreements are looked at again (L7): ninety days after a dispute was struck off its centre is told to ask whether the
 * peace holds; trouble again is reopened. Told once, however often it is called.
 */
export async function writeLaterChecks(loop: Loop, now: number): Promise<number> {
  const day = 86_400_000;
  const rows = await loop.db.read<{ county: string; id: string; centre: string }>(
    systemScope,
    sql`SELECT m.county, m.id, m.centre FROM matter m WHERE m.county = ANY (${[...loop.directory().counties.keys()]}::text[]) AND m.state = 'struck' AND m.kind = 'dispute' AND m.whole IS NULL
        AND m.ended_at < ${time(now - 90 * day)} AND m.ended_at > ${time(now - 120 * day)}
        AND NOT EXISTS (SELECT FROM notice n WHERE n.county = m.county AND n.matter = m.id AND n.what = 'later-check') LIMIT 500`,
  );
  if (rows.length) {
    const notices = rows.map(({ county, id, centre }) => ({
      county,
      id: derivedId(loop, 'later-check', id),
      unit: centre,
      matter: id,
      what: 'later-check',
      at: now,
      data: {},
    }));
    await loop.db.write(systemScope, tx => tell(tx, notices));
  }
  return rows.length;
}

/** A way out of the house (SMS, mail, WeCom …): told each notice once, in order; what throws is tried again later. */
export type NoticePort = { name: string; send(notice: Notice): Promise<void> };

/** Gives notices not yet given to the ports. Returns how many went out. */
export async function deliver(loop: Loop, ports: readonly NoticePort[], now: number, limit = 100): Promise<number> {
  if (!ports.length) return 0;
  return loop.db.write(systemScope, async tx => {
    const waiting = await tx.many<Notice>(
      sql`SELECT county, id, unit, matter, what, at, data FROM notice WHERE sent_at IS NULL ORDER BY at LIMIT ${limit} FOR UPDATE SKIP LOCKED`,
    );
    let sent = 0;
    for (const notice of waiting) {
      try {
        for (const port of ports) await port.send(notice);
      } catch {
        break;
      }
      await tx.run(sql`UPDATE notice SET sent_at = ${time(now)} WHERE county = ${notice.county} AND id = ${notice.id}`);
      sent += 1;
    }
    return sent;
  });
}
