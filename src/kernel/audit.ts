/** The audit: who did what, when, to what, with which result. Append-only in the database. */
import { json, sql, time } from './db.ts';

/** Puts a line into the audit. */
export const auditLine = (
  at: number,
  person: string | null,
  what: string,
  county: string | null,
  subject: string | null,
  result: string,
  detail: unknown = {},
) =>
  sql`INSERT INTO audit (at, person, what, county, subject, result, detail) VALUES (${time(at)}, ${person}, ${what}, ${county}, ${subject}, ${result}, ${json(detail)})`;
