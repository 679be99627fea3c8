/**
 * What search and likeness compare, pure. A run of text is a row of units: each Chinese character is one, a word of
 * letters and digits is one as a whole. Neighbouring units make a lexeme (路灯, 第77, 77号), so that a house number is as
 * rare in the index as it is in the county, and 7号 is not found in 77号.
 */

/** Longer words are cut here and in what is searched for alike. */
const longest = 40;

const runsOf = (text: string): string[][] =>
  (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).map(run =>
    (run.match(/\p{Script=Han}|\P{Script=Han}+/gu) ?? []).map(unit =>
      unit.length > longest ? [...unit].slice(0, longest).join('') : unit,
    ),
  );

const isHan = (unit: string) => /^\p{Script=Han}/u.test(unit);
const pairsOf = (run: readonly string[]) => run.slice(1).map((unit, i) => run[i]! + unit);

/** Pairs of neighbouring units, whole words, and characters that stand alone; each once. */
export const lexemes = (text: string): string[] => [
  ...new Set(runsOf(text).flatMap(run => [...pairsOf(run), ...run.filter(unit => run.length === 1 || !isHan(unit))])),
];

/** What the index keeps besides: the character that ends a run begins no pair, and is found by this. */
export const endings = (text: string): string[] => [
  ...new Set(runsOf(text).flatMap(run => (run.length > 1 && isHan(run.at(-1)!) ? [`e:${run.at(-1)}`] : []))),
];

/** Whether a lexeme is of the text, and not what the index keeps of endings, dates and readers. */
export const isOfText = (lexeme: string): boolean => !/^[a-z]:/.test(lexeme);

const quoted = (lexeme: string) => `'${lexeme.replaceAll("'", "''")}'`;

/** A tsquery in which every run of what was typed must occur; undefined when nothing searchable was typed. */
export function queryOf(typed: string): string | undefined {
  const wanted = runsOf(typed).flatMap(run => {
    if (run.length > 1) return pairsOf(run).map(quoted);
    const [unit = ''] = run;
    return [isHan(unit) ? `(${quoted(unit)}:* | ${quoted(`e:${unit}`)})` : quoted(unit)];
  });
  return wanted.length ? [...new Set(wanted)].join(' & ') : undefined;
}

/** A tsquery that any word of what was typed satisfies; empty when nothing searchable was typed. */
export const anyOf = (typed: string): string => lexemes(typed).map(quoted).join(' | ');
