import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyOf, endings, lexemes, queryOf } from './lexemes.ts';

/** Whether the index of a text answers a query, as PostgreSQL would say it. */
function found(text: string, typed: string): boolean {
  const all = [...lexemes(text), ...endings(text)];
  const has = (term: string) => {
    const [, word = '', prefix] = /^'(.*)'(:\*)?$/.exec(term)!;
    return all.some(one => (prefix ? one.startsWith(word) : one === word));
  };
  return queryOf(typed)!
    .split(' & ')
    .every(part =>
      part
        .replace(/^\(|\)$/g, '')
        .split(' | ')
        .some(has),
    );
}

test('whatever piece of a text is typed, cut at characters and whole words, finds the text', () => {
  const unit = fc.constantFrom(...'村口路灯坏了三天请派人修第号'.split(''), '77', '1204', 'wifi', 'A', '，', ' ', '。');
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1 }), fc.nat(), fc.integer({ min: 1, max: 6 }), (units, from, length) => {
      // Words beside each other are one word.
      const text = units.join('').match(/[a-z0-9]+|./giu)!;
      const piece = text.slice(from % text.length, (from % text.length) + length).join('');
      if (queryOf(piece)) expect(found(text.join(''), piece), `${piece} in ${text.join('')}`).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['张庄村第77号门前', '第77号', true],
  ['张庄村第77号门前', '77', true],
  ['张庄村第77号门前', '7号', false],
  ['张庄村第77号门前', '村第7', false],
  ['他丢了一只羊。', '羊', true],
  ['羊丢了', '羊', true],
  ['他的牛丢了', '羊', false],
  ['３号楼２单元', '3号楼 2单元', true],
  ['连不上WiFi密码也不对', 'wifi', true],
  ['路灯不亮', '灯路', false],
])('%s ← %s: %s', (text, typed, there) => expect(found(text, typed)).toBe(there));

test('nothing typed breaks out of the query', () => {
  expect(queryOf('，。')).toBeUndefined();
  expect(queryOf("路灯' | '坏")).not.toContain("''' |");
  expect(anyOf("路灯' & x")).toBe("'路灯' | 'x'");
  expect(queryOf('a'.repeat(3000))!.length).toBeLessThan(50);
});
