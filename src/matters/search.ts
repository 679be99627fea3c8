/** Full-text search in the actor's scope, with redacted snippets around what was found. */
import { type Scope, type Sql, sql, time } from '../kernel/db.ts';
import { and, conditions, decode, type Filters, visible } from './filters.ts';
import { queryOf } from './lexemes.ts';
import type { Ready } from './lists.ts';
import { redact } from './redact.ts';
import type { Doing, Loop, MatterWords } from './store.ts';

/**
 * Full text, newest first, through the one function that applies the scope; other filters after it. Returns up to
 * `limit` + 1 rows of `columns`, which call the matter `m`.
 */
export async function searchMatters(
  loop: Loop,
  { scope, now }: Pick<Doing, 'scope' | 'now'>,
  counties: readonly string[],
  filters: Filters,
  cursor: string | undefined,
  limit: number,
  columns: Sql,
): Promise<Ready[]> {
  const query = queryOf(filters.q!);
  if (!query) return [];
  let before = cursor ? decode(cursor) : undefined;
  const found: Ready[] = [];
  const { q: _, box, ...others } = filters;
  const plain = (box ?? 'all') === 'all' && Object.values(others).every(value => value === undefined);
  const step = plain ? limit + 1 : 200;
  for (;;) {
    const at = before ? time(before[0] ?? 0) : null;
    const rows = await loop.db.read<Ready & { kept: boolean }>(
      scope,
      sql`WITH hits AS MATERIALIZED (
            SELECT c.county, h.id, h.received_at FROM unnest(${counties}::text[]) AS c(county)
            CROSS JOIN LATERAL search_matters(c.county, ${query}::tsquery, ${at}::timestamptz, ${before?.[1] ?? null}::uuid, ${step}) h
            ORDER BY h.received_at DESC, h.id DESC LIMIT ${step})
          SELECT ${columns}, (${and(conditions(filters, counties, scope, now))}) AS kept
          FROM hits JOIN matter m ON m.county = hits.county AND m.id = hits.id ORDER BY m.received_at DESC, m.id DESC`,
    );
    found.push(...rows.filter(row => row.kept));
    const last = rows.at(-1);
    if (found.length > limit || rows.length < step || !last) return found;
    before = [last.received_at, last.id];
  }
}

export type Snippet = { before: string; hit: string; after: string };

/** Where the words of a search stand in a text: a short piece around the first hit. */
export function snippetOf(text: string, typed: string): Snippet | undefined {
  for (const word of typed.normalize('NFKC').split(/\s+/).filter(Boolean)) {
    const at = text.toLowerCase().indexOf(word.toLowerCase());
    if (at < 0) continue;
    return {
      before: text.slice(Math.max(0, at - 16), at),
      hit: text.slice(at, at + word.length),
      after: text.slice(at + word.length, at + word.length + 30),
    };
  }
}

/** Redacted snippets for the rows of one page of search results. */
export async function snippets(
  loop: Loop,
  scope: Scope,
  counties: readonly string[],
  ids: readonly string[],
  typed: string,
): Promise<Record<string, Snippet>> {
  const keys = await loop.db.read<any>(
    scope,
    sql`SELECT m.id, m.words, k.wrapped, k.version FROM matter m JOIN matter_key k ON k.county = m.county AND k.matter = m.id
        WHERE m.county = ANY (${counties}::text[]) AND m.id = ANY (${ids}::uuid[]) AND ${visible(scope)}`,
  );
  const found: Record<string, Snippet> = {};
  for (const row of keys) {
    if (!row.wrapped) continue;
    const words = loop.secrets.openRow<MatterWords>(row);
    const snippet = snippetOf(redact(`${words.title} ${words.text}`).replace(/\s+/g, ' '), typed);
    if (snippet) found[row.id] = snippet;
  }
  return found;
}
