import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checks, identityOk, matterNumber, parseNumber, parseReceipt, receiptCode } from './numbers.ts';

test('a number survives being read out: wherever one digit is misheard, it is noticed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9_999_999 }),
      fc.nat(),
      fc.integer({ min: 1, max: 9 }),
      (serial, where, shift) => {
        const digits = matterNumber('411081', 2026, serial).replace(/\D/g, '');
        expect(checks(digits)).toBe(true);
        const i = where % digits.length;
        const misheard = digits.slice(0, i) + ((Number(digits[i]) + shift) % 10) + digits.slice(i + 1);
        expect(checks(misheard)).toBe(false);
      },
    ),
  );
});

test('a number is understood however it is typed', () => {
  const number = matterNumber('411081', 2026, 1234);
  expect(number).toMatch(/^411081-26-0001234-\d$/);
  for (const typed of [
    number,
    number.replaceAll('-', ''),
    ` ${number.replaceAll('-', ' ')} `,
    [...number].map(c => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).join(''),
  ])
    expect(parseNumber(typed)).toBe(number);
  expect(parseNumber('411081-26-0001234-X')).toBeUndefined();
});

test('receipt codes check, and are not guessed by counting on', () => {
  const codes = Array.from({ length: 200 }, () => receiptCode(randomBytes));
  expect(new Set(codes).size).toBe(200);
  for (const code of codes) expect(parseReceipt(code)).toBe(code);
  expect(parseReceipt(`${codes[0]!.slice(0, 11)}${(Number(codes[0]![11]) + 1) % 10}`)).toBeUndefined();
});

test.each([
  ['11010519491231002X', true],
  ['110105194912310020', false],
  ['11010519490231002X', false],
  ['1101051949123100', false],
])('identity number %s → %s', (value, ok) => expect(identityOk(value)).toBe(ok));
