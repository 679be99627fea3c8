/** The audit: who did what, when, to what, with which result. Append-only in the database. */
import type { AuditAct, AuditResult } from './audit-words.ts';
import { json, sql, type Tx, time } from './db.ts';

/** Puts a line into the audit. */
export const auditLine = (
  at: number,
  person: string | null,
  what: AuditAct,
  county: string | null,
  subject: string | null,
  result: AuditResult,
  detail: unknown = {},
) =>
  sql`INSERT INTO audit (at, person, what, county, subject, result, detail) VALUES (${time(at)}, ${person}, ${what}, ${county}, ${subject}, ${result}, ${json(detail)})`;

/** The same for what a member of staff did, in the transaction that does it. */
export const auditedBy =
  (clock: () => number) =>
  (tx: Tx, staff: { person: string }, what: AuditAct, county: string, subject: string, detail?: unknown) =>
    tx.run(auditLine(clock(), staff.person, what, county, subject, 'done', detail));
