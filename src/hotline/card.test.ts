/** Identity cards by their protocol (GA 450): bytes as a reader sends them, whole, torn and broken. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerOf, cardOf, command, findCard, found, good, readText } from './card.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** An answer as the module frames it: three bytes of status before the data. */
const framed = (status: number, data: number[]) => command(0, 0, status, ...data);
const utf16 = (text: string, bytes: number) => [...Buffer.from(text.padEnd(bytes / 2, ' '), 'utf16le')].slice(0, bytes);
const text = [
  ...utf16('欧阳翠花', 30),
  ...utf16('2', 2),
  ...utf16('01', 4),
  ...utf16('19491231', 16),
  ...utf16('河南省禹州市顺店镇毛吕村', 70),
  ...utf16('11010519491231002X', 36),
  ...utf16('禹州市公安局', 30),
  ...utf16('20200101', 16),
  ...utf16('长期', 16),
];
while (text.length < 256) text.push(0x20, 0);
const portrait = Array.from({ length: 1024 }, (_, i) => i & 255);
const data = [1, 0, 4, 0, ...text, ...portrait];

test('commands carry their length and check byte as the standard has them', () => {
  expect(hex(findCard)).toBe('aaaaaa96690003200122');
  expect(hex(readText)).toBe('aaaaaa96690003300132');
});

test('an answer is taken once it is whole, from the middle of noise, and never with a wrong check', () => {
  const whole = framed(good, data);
  expect(answerOf(whole)).toMatchObject({ status: good });
  expect(answerOf(framed(found, []))!.status).toBe(found);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: whole.length - 1 }),
      fc.integer({ min: 7, max: whole.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (cut, at, flip) => {
        expect(answerOf(whole.subarray(0, cut))).toBeUndefined();
        const broken = Uint8Array.from(whole);
        broken[at]! ^= flip;
        expect(() => answerOf(broken)).toThrow();
        expect(answerOf(Uint8Array.from([0, 0xaa, 0xaa, ...whole]))).toMatchObject({ status: good });
      },
    ),
    { numRuns: 200 },
  );
});

test('name, number and address are read, and nothing else of the card', () => {
  const card = cardOf(answerOf(framed(good, data))!.data);
  expect(card).toEqual({ name: '欧阳翠花', identity: '11010519491231002X', address: '河南省禹州市顺店镇毛吕村' });
  expect(() => cardOf(Uint8Array.from([0, 10, 0, 0, 1, 2]))).toThrow();
});
