import fc from 'fast-check';
import { expect, test } from 'vitest';
import { calendarOf } from '../regions/directory.ts';
import { businessMoment, type Clock, dateOf, deadline, explain, momentOfDate, recount } from './clocks.ts';

const calendar = calendarOf([]);
const clock = (unit: Clock['unit'], count: number, more: Partial<Clock> = {}): Clock => ({
  step: 'handle',
  from: 'received',
  unit,
  count,
  roll: true,
  basis: '测试',
  ...more,
});
const at = (text: string) => Date.parse(`${text}+08:00`);
const dueDate = (c: Clock, start: string) => dateOf(deadline(c, at(start), calendar).at);

// The worked examples of the law, and the edges around swapped days.
test.each([
  ['hotline order, 5 working days', clock('workday', 5), '2026-03-09T10:00', '2026-03-16'],
  ['petition, 15 days, ends on a swapped working Saturday', clock('day', 15), '2026-02-13T10:00', '2026-02-28'],
  ['petition accepted, 60 days into an unannounced year', clock('day', 60), '2026-11-02T10:00', '2027-01-01'],
  ['agreement in force, 30 days, rolls over National Day', clock('day', 30), '2026-09-02T10:00', '2026-10-08'],
  ['one working day before the May holiday', clock('workday', 1), '2026-04-30T10:00', '2026-05-06'],
  [
    'a month from 31 January ends on the last of February',
    clock('month', 1, { roll: false }),
    '2026-01-31T10:00',
    '2026-02-28',
  ],
  [
    'received just before midnight counts from that day',
    clock('day', 1, { roll: false }),
    '2026-03-09T23:59',
    '2026-03-10',
  ],
  [
    'received just after midnight counts from the next',
    clock('day', 1, { roll: false }),
    '2026-03-10T00:01',
    '2026-03-11',
  ],
])('%s', (_name, c, start, expected) => {
  expect(dueDate(c, start)).toBe(expected);
});

test('a deadline in an unannounced year is provisional until the year is imported, then firm', () => {
  const before = deadline(clock('day', 60), at('2026-11-02T10:00'), calendar);
  expect(before.provisional).toBe(true);
  const known = calendarOf([{ year: 2027, off: ['2027-01-01'], work: [] }]);
  const after = recount(before, known);
  expect(after).toMatchObject({ provisional: false });
  expect(dateOf(after.at)).toBe('2027-01-04');
});

test('every deadline can be explained in a sentence', () => {
  const due = deadline(clock('workday', 5, { basis: 'hotline rule' }), at('2026-03-09T10:00'), calendar);
  expect(explain(due, 'en')).toBe(
    '5 working days from receipt on 9 March, the day itself not counted, 14 March, 15 March off: until 16 March 18:00. Basis: hotline rule',
  );
  expect(explain(due, 'zh')).toBe(
    '自3月9日收到起 5 个工作日，当日不计，3月14日、3月15日休息不计：至3月16日 18:00。依据：hotline rule',
  );
});

test('hours run through nights and weekends', () => {
  expect(deadline(clock('hour', 24), at('2026-03-13T17:00'), calendar).at).toBe(at('2026-03-14T17:00'));
});

test('reminders go out in business hours of working days', () => {
  expect(businessMoment(at('2026-03-14T11:00'), calendar)).toBe(at('2026-03-16T09:00'));
  expect(businessMoment(at('2026-03-13T10:30'), calendar)).toBe(at('2026-03-13T10:30'));
  expect(businessMoment(at('2026-03-13T19:00'), calendar)).toBe(at('2026-03-16T09:00'));
});

const moments = fc.integer({ min: momentOfDate('2020-01-01'), max: momentOfDate('2026-11-30') });

test('properties: a deadline is later than its start, on a working day when it rolls, and monotone in its length', () => {
  fc.assert(
    fc.property(
      moments,
      fc.constantFrom('day' as const, 'workday' as const, 'month' as const),
      fc.integer({ min: 1, max: 90 }),
      (start, unit, n) => {
        const due = deadline(clock(unit, n), start, calendar);
        const longer = deadline(clock(unit, n + 1), start, calendar);
        expect(due.at).toBeGreaterThan(start);
        expect(longer.at).toBeGreaterThanOrEqual(due.at);
        const date = dateOf(due.at);
        const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
        expect([0, 6].includes(weekday) ? calendar.work.has(date) : !calendar.off.has(date)).toBe(true);
      },
    ),
  );
});

test('the zone and daylight saving of the machine change nothing', () => {
  const zone = process.env.TZ;
  const answers = ['UTC', 'America/New_York', 'Asia/Shanghai', 'Pacific/Auckland'].map(tz => {
    process.env.TZ = tz;
    return [
      deadline(clock('workday', 7), at('2026-03-06T23:30'), calendar).at,
      explain(deadline(clock('month', 2), at('2026-02-27T00:10'), calendar)),
    ];
  });
  process.env.TZ = zone ?? 'UTC';
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});
