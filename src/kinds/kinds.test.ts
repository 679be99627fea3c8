/** Every clock that a law or rule gives, by kind, on dates where it bites: holidays, swapped days, an unannounced year. */
import { expect, test } from 'vitest';
import { type Clock, type Due, dateOf, daysBetween, deadline, recount } from '../matters/clocks.ts';
import { Points } from '../matters/grading.ts';
import { calendarOf } from '../regions/directory.ts';
import { clockOf, type Kind, type Step, steps } from './kind.ts';
import { type KindName, kindNames, kinds } from './kinds.ts';

const calendar = calendarOf([]);
const at = (text: string) => Date.parse(`${text}T10:00:00+08:00`);
const kind = (name: KindName): Kind => kinds[name];
const due = (clock: Clock, start: string): Due => deadline(clock, at(start), calendar);

test.each<[KindName, Step, Clock['from'], string, string]>([
  ['petition', 'accept', 'received', '2026-02-13', '2026-02-28'],
  ['petition', 'accept', 'received', '2026-03-02', '2026-03-17'],
  ['petition', 'handle', 'accepted', '2026-11-02', '2027-01-01'],
  ['petition', 'handle', 'accepted', '2026-03-02', '2026-05-06'],
  ['petition', 'review', 'entered', '2026-09-02', '2026-10-08'],
  ['petition', 'reexamine', 'entered', '2026-09-02', '2026-10-08'],
  ['request', 'handle', 'received', '2026-03-09', '2026-03-16'],
  ['request', 'handle', 'received', '2026-02-09', '2026-02-14'],
  ['dispute', 'accept', 'received', '2026-04-29', '2026-05-07'],
  ['dispute', 'handle', 'accepted', '2026-01-31', '2026-02-28'],
  ['dispute', 'followUp', 'entered', '2026-03-02', '2026-03-09'],
  ['prevention', 'handle', 'dispatched', '2026-03-02', '2026-06-02'],
])('%s %s counts from %s: %s → %s', (name, step, from, start, expected) => {
  const clock = kind(name).clocks[step];
  expect(clock.from).toBe(from);
  expect(dateOf(due(clock, start).at)).toBe(expected);
});

test('the windows: five working days to return a petition, hours for a request, thirty days to ask for a review', () => {
  expect(dateOf(due(kind('petition').returnWindow, '2026-03-09').at)).toBe('2026-03-16');
  expect(due(kind('request').returnWindow, '2026-03-13').at).toBe(at('2026-03-14'));
  expect(dateOf(due(kind('petition').reviewWindow!, '2026-09-02').at)).toBe('2026-10-08');
});

test('grades: simple in a day, hard in twenty working days; a law’s clock is only ever shortened', () => {
  const graded = kind('request').graded!;
  expect(dateOf(due(clockOf('handle', graded.simple!.handle!), '2026-03-09').at)).toBe('2026-03-10');
  expect(dateOf(due(clockOf('handle', graded.large!.handle!), '2026-03-09').at)).toBe('2026-04-07');
  expect(kind('petition').graded).toBeUndefined();
});

test('an extension follows where the clock would have ended; an announced year moves both', () => {
  const first = due(kind('petition').clocks.handle, '2026-03-02');
  const longer = recount({ ...first, extra: kind('petition').extension! }, calendar);
  // 60 days end on 1 May, 30 more on 31 May, a Sunday.
  expect(dateOf(longer.at)).toBe('2026-06-01');
  const open = recount(
    { ...due(kind('petition').clocks.handle, '2026-11-02'), extra: kind('petition').extension! },
    calendar,
  );
  expect([dateOf(open.at), open.provisional]).toEqual(['2027-02-01', true]);
  const known = calendarOf([{ year: 2027, off: ['2027-01-01', '2027-02-01', '2027-02-02'], work: [] }]);
  expect([dateOf(recount(open, known).at), recount(open, known).provisional]).toEqual(['2027-02-03', false]);
});

test('a clock stands still only on its grounds, by civil days or by working days as it counts', () => {
  expect(kind('request').suspension).toEqual({});
  expect(kind('petition').suspension).toEqual({ hearing: ['reexamine'] });
  expect(kind('dispute').suspension).toEqual({ appraisal: ['handle'] });
  const days = (unit: Clock['unit']) => daysBetween(at('2026-02-13'), at('2026-03-02'), unit, calendar);
  expect([days('day'), days('workday')]).toEqual([17, 7]);
  const hearing = recount({ ...due(kind('petition').clocks.reexamine, '2026-03-02'), stood: 10 }, calendar);
  expect(dateOf(hearing.at)).toBe('2026-04-13');
  const month = recount({ ...due(kind('dispute').clocks.handle, '2026-03-02'), stood: 15 }, calendar);
  expect(dateOf(month.at)).toBe('2026-04-17');
});

test('every kind has a clock with a basis for every step, and points that read', () => {
  for (const name of kindNames) {
    for (const step of steps) expect(kind(name).clocks[step].basis.length, `${name} ${step}`).toBeGreaterThan(3);
    expect(() => Points.parse(kind(name).points)).not.toThrow();
  }
});
