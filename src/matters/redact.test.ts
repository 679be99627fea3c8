import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskIdentity, maskName, maskPhone, redact } from './redact.ts';

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
});

test.each([
  ['禹州市某某有限公司', true],
  ['某某建筑有限公司（项目部）', true],
  ['禹州市第一高级中学', true],
  ['毛吕村三组全体村民', true],
  ['某某小区12户业主', true],
  ['万达物业', true],
  ['老王饭店', true],
  ['阿不都热合曼', false],
  ['扎西多吉顿珠', false],
  ['古丽·买买提', false],
  ['欧阳娜娜', false],
  ['John Smith', false],
  ['王会', false],
  ['李长村', false],
])('%s is an organisation, whose name stays: %s', (name, stays) => {
  if (stays) expect(maskName(name)).toBe(name);
  else expect(maskName(name)).toMatch(/^.\*+$/);
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
