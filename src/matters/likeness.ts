/** Matters like a text: for duplicates at intake and for suggestions from what was decided before. */
import { sql } from '../kernel/db.ts';
import { isOfText, lexemes } from './lexemes.ts';
import type { State } from './matter.ts';
import { redact } from './redact.ts';
import type { Doing, Loop } from './store.ts';

export type Likeness = {
  county: string;
  id: string;
  number: string;
  summary: string | null;
  state: State;
  received_at: number;
  category: string | null;
  unit: string;
  handler: string | null;
  score: number;
  shared: string[];
};

/**
 * Matters like a text: candidates that share rare bigrams, ranked by shared bigrams weighted by rarity among them.
 * Looks only at what the actor may see; serves duplicates at intake and suggestions from past decisions.
 */
export async function likeMatters(
  loop: Loop,
  { scope }: Doing,
  county: string,
  text: string,
  limit: number,
): Promise<Likeness[]> {
  const wanted = lexemes(redact(text)).slice(0, 120);
  if (wanted.length < 3) return [];
  const rows = await loop.db.read<any>(
    scope,
    sql`SELECT county, id, number, summary, state, received_at, category, unit, handler, lexemes FROM like_matters(${county}, ${wanted}::text[], 150)`,
  );
  for (const row of rows) row.lexemes = row.lexemes.filter(isOfText);
  const seen = new Map<string, number>();
  for (const row of rows) for (const word of row.lexemes) seen.set(word, (seen.get(word) ?? 0) + 1);
  const weight = (word: string) => Math.log(1 + (rows.length + 1) / (1 + (seen.get(word) ?? 0)));
  const total = wanted.reduce((sum, word) => sum + weight(word), 0);
  return rows
    .map(({ lexemes: theirs, ...row }: any) => {
      const set = new Set<string>(theirs);
      const shared = wanted.filter(word => set.has(word));
      const both = shared.reduce((sum, word) => sum + weight(word), 0);
      const other = theirs.reduce((sum: number, word: string) => sum + weight(word), 0);
      return {
        ...row,
        score: both / Math.sqrt(total * Math.max(other, 1)),
        shared: shared.sort((a, b) => weight(b) - weight(a)).slice(0, 6),
      };
    })
    .sort((a: Likeness, b: Likeness) => b.score - a.score)
    .slice(0, limit);
}
