/** Reading the audit, as auditors ask it: by whom, what, when, with which result, of which matter. Newest first. */
import type { z } from 'zod';
import type { House } from '../house.ts';
import { actName, detailText, resultName } from '../kernel/audit-words.ts';
import { type Scope, sql, systemScope, time } from '../kernel/db.ts';
import type { Language } from '../kernel/errors.ts';
import type { Cell } from '../ledgers/xlsx.ts';
import { momentOfDate } from '../matters/clocks.ts';
import { and } from '../matters/filters.ts';
import { parseNumber } from '../matters/numbers.ts';
import type { AuditLine, AuditQuery } from './contract.ts';

export type Line = z.infer<typeof AuditLine>;
export type Asked = z.infer<typeof AuditQuery>;

const DAY = 86_400_000;

/** A matter and what of it is opened by itself: what was done with any of them was done with the matter. */
async function subjectsOf(house: House, number: string): Promise<string[]> {
  const parsed = parseNumber(number);
  const matter =
    parsed &&
    (await house.db.readOne<{ id: string; parties: { id: string }[]; files: { id: string }[] }>(
      systemScope,
      sql`SELECT id, parties, files FROM matter WHERE county = ${parsed.slice(0, 6)} AND number = ${parsed}`,
    ));
  return matter ? [matter.id, ...[...matter.parties, ...matter.files].map(one => one.id)] : [];
}

/** One page of the audit, and where the next one begins. Reads as the asker may: others than auditors see nothing. */
export async function readTrail(
  house: House,
  scope: Scope,
  asked: Asked,
  limit: number,
): Promise<{ lines: Line[]; next: string | undefined }> {
  const wanted = [sql`true`];
  if (asked.what) wanted.push(sql`a.what = ${asked.what}`);
  if (asked.result) wanted.push(sql`a.result = ${asked.result}`);
  // Said apart, so that the few that were not done have an index of their own.
  if (asked.result && asked.result !== 'done') wanted.push(sql`a.result <> 'done'`);
  if (asked.person) {
    const people = await house.db.read<{ id: string }>(
      systemScope,
      sql`SELECT id FROM person WHERE login = ${asked.person} OR name = ${asked.person}`,
    );
    if (!people.length) return { lines: [], next: undefined };
    // Of one person the index gives the newest first; namesakes are sorted.
    wanted.push(
      people.length === 1
        ? sql`a.person = ${people[0]!.id}`
        : sql`a.person = ANY (${people.map(one => one.id)}::uuid[])`,
    );
  }
  if (asked.matter) {
    const subjects = await subjectsOf(house, asked.matter);
    if (!subjects.length) return { lines: [], next: undefined };
    wanted.push(
      sql`a.subject = ANY (${subjects}::text[]) AND coalesce(a.detail->>'matter', ${subjects[0]!}) = ${subjects[0]!}`,
    );
  }
  if (asked.from) wanted.push(sql`a.at >= ${time(momentOfDate(asked.from))}`);
  if (asked.to) wanted.push(sql`a.at < ${time(momentOfDate(asked.to) + DAY)}`);
  if (asked.cursor) {
    const [at, n] = asked.cursor.split('-').map(Number);
    wanted.push(sql`(a.at, a.n) < (${time(at!)}, ${n!}::bigint)`);
  }
  const found = await house.db.read<Omit<Line, 'about'>>(
    scope,
    sql`SELECT a.n, a.at, p.name AS person, p.login, a.what, a.county, a.subject, a.result, a.detail
        FROM audit a LEFT JOIN person p ON p.id = a.person
        WHERE ${and(wanted)} ORDER BY a.at DESC, a.n DESC LIMIT ${limit}`,
  );
  const names = await namesOf(house, found);
  const lines = found.map(line => ({ ...line, about: names.get(idOf(line)) ?? null }));
  const last = found.length === limit ? found.at(-1) : undefined;
  return { lines, next: last && `${last.at}-${last.n}` };
}

/** What a line is about: the matter, where one is told beside the subject (somebody in it has no name of their own here). */
const idOf = ({ subject, detail }: Pick<Line, 'subject' | 'detail'>): string => String(detail.matter ?? subject ?? '');

/** Ids mean nothing to a reader: a matter is called by its number, a person by name, a unit by its own. */
async function namesOf(
  house: House,
  lines: readonly Pick<Line, 'county' | 'subject' | 'detail'>[],
): Promise<Map<string, string>> {
  const named = new Map(
    lines.flatMap(line => (/^[0-9a-f-]{36}$/.test(idOf(line)) ? [[idOf(line), line.county] as const] : [])),
  );
  if (!named.size) return new Map();
  // One after the other through the keys: joined as lists, whole tables would be read.
  const rows = await house.db.read<{ id: string; name: string | null }>(
    systemScope,
    sql`SELECT x.id, coalesce(
        (SELECT m.number FROM matter m WHERE m.county = x.county AND m.id = x.id),
        (SELECT m.number FROM matter_file f JOIN matter m ON m.county = f.county AND m.id = f.matter WHERE f.county = x.county AND f.id = x.id),
        (SELECT p.name FROM person p WHERE p.id = x.id),
        (SELECT u.name FROM unit u WHERE u.id = x.id),
        (SELECT p.name FROM post o JOIN person p ON p.id = o.person WHERE o.id = x.id)) AS name
      FROM unnest(${[...named.values()]}::text[], ${[...named.keys()]}::uuid[]) AS x(county, id)`,
  );
  return new Map(rows.flatMap(row => (row.name === null ? [] : [[row.id, row.name]])));
}

export const trailHead: Record<Language, string[]> = {
  zh: ['序号', '时间', '人员', '用户名', '操作', '结果', '对象', '对象标识', '说明'],
  en: ['No.', 'Time', 'Person', 'User name', 'Action', 'Result', 'Subject', 'Subject id', 'Details'],
};

/** The same lines as rows of a spreadsheet, page after page. */
export async function* trailRows(house: House, scope: Scope, asked: Asked, language: Language): AsyncGenerator<Cell[]> {
  for (let cursor: string | undefined; ; ) {
    const { lines, next } = await readTrail(house, scope, { ...asked, cursor }, 1000);
    for (const line of lines)
      yield [
        line.n,
        { at: line.at },
        line.person,
        line.login,
        actName(line.what, language),
        resultName(line.result, language),
        line.about,
        line.subject,
        detailText(line.detail, language),
      ];
    if (!next) return;
    cursor = next;
  }
}
