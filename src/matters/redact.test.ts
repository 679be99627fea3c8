import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lexemes, maskIdentity, maskName, maskPhone, queryOf, redact } from './redact.ts';

test.each([
  ['请打13800138000找我', '请打138****8000找我'],
  ['请打 138 0013 8000 找我', '请打 138****8000 找我'],
  ['身份证11010519491231002X，谢谢', '身份证1101**********002X，谢谢'],
  ['卡号6222021234567890123', '卡号6222****0123'],
  ['写信到 a.b@c.cn 即可', '写信到 ***@*** 即可'],
  ['座机0374-8123456', '座机****'],
  ['房号 1380 号，2026年3月9日，欠款 3500000 元', '房号 1380 号，2026年3月9日，欠款 3500000 元'],
])('%s', (text, expected) => expect(redact(text)).toBe(expected));

test('names of the parties are masked wherever they stand', () => {
  expect(redact('王小明和李四的纠纷', ['王小明', '李四'])).toBe('王**和李*的纠纷');
  expect(maskName('𠮷安')).toBe('𠮷*');
  expect(maskName('禹州市某某有限公司')).toBe('禹州市某某有限公司');
});

test('no phone or identity number survives, whatever surrounds it', () => {
  const phone = fc.integer({ min: 300_000_000, max: 999_999_999 }).map(n => `1${3 + (n % 7)}${String(n)}`);
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('村', '的', ' ', '，', 'a', '\n') }),
      phone,
      fc.string({ unit: fc.constantFrom('找', '。', ' ', 'x') }),
      (before, number, after) => {
        expect(redact(`${before}${number}${after}`)).not.toContain(number);
      },
    ),
  );
  expect(maskPhone('13800138000')).toBe('138****8000');
  expect(maskIdentity('11010519491231002X')).toBe('1101**********002X');
});

test('bigrams: what is searched for is found in the text it was taken from', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'村口路灯坏了三天请派人修ABC12，。 '), minLength: 4 }),
      fc.nat(),
      fc.integer({ min: 2, max: 6 }),
      (text, from, length) => {
        const piece = [...text].slice(from % text.length, (from % text.length) + length).join('');
        if (/[a-z0-9]/i.test(piece)) return;
        const run = /\p{Script=Han}{2,}/u.exec(piece)?.[0];
        if (!run) return;
        const all = new Set(lexemes(text));
        for (const word of lexemes(run)) expect(all).toContain(word);
      },
    ),
  );
  expect(queryOf('，。')).toBeUndefined();
  expect(queryOf("路灯' | '坏")).not.toContain("''' |");
});
