/** Short-lived signed tickets that need no row, and what may be used once only. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Database, noScope, sql, time } from './db.ts';
import type { Secrets } from './secrets.ts';

/** Signs a value for a purpose until a moment (epoch milliseconds). Who holds it can read it. */
export function makeTicket(secrets: Secrets, purpose: string, value: unknown, until: number): string {
  const body = Buffer.from(JSON.stringify({ value, until })).toString('base64url');
  return `${body}.${secrets.lookup(`ticket ${purpose}`, body).toString('base64url')}`;
}

/** What a ticket says, or undefined where it was not made here for this purpose or is over. */
export function readTicket<T>(secrets: Secrets, purpose: string, ticket: unknown, now: number): T | undefined {
  if (typeof ticket !== 'string') return undefined;
  const [body = '', mark = ''] = ticket.split('.');
  const right = secrets.lookup(`ticket ${purpose}`, body);
  const given = Buffer.from(mark, 'base64url');
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  const { value, until } = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
  return until > now ? (value as T) : undefined;
}

/** Marks something as used; false when it was used before. Forgotten once it could not be used anyhow. */
export async function spend(db: Database, what: string, until: number): Promise<boolean> {
  const hash = createHash('sha256').update(what).digest();
  return Boolean(
    await db.write(noScope, tx =>
      tx.run(sql`INSERT INTO spent VALUES (${hash}, ${time(until)}) ON CONFLICT DO NOTHING`),
    ),
  );
}
