/** The simulated county: nobody is orphaned, nothing is missed, the same seed gives the same year; written down, it verifies. */
import { expect, test } from 'vitest';
import { uuid } from '../kernel/ids.ts';
import { testHouse } from '../test/harness.ts';
import { verify } from '../verify.ts';
import { Chronicle, reserveNumbers } from './chronicle.ts';
import { simulate } from './simulate.ts';

const house = await testHouse({ clock: () => Date.parse('2026-12-31T09:00:00+08:00') });
const county = '411081';

test('half a year through holidays, absences and errors: no orphan, no missed step, every kind of trouble seen', async () => {
  const figures = await simulate(house.keeper.current, { county, days: 180, seed: 3, perYear: 8000 });
  expect(figures).toMatchObject({ orphans: 0, missed: 0, days: 180 });
  expect(figures.matters).toBeGreaterThan(3000);
  for (const seen of [
    'refused',
    'lapses',
    'orders',
    'notices',
    'returned',
    'whistled',
    'reviewed',
    'late',
    'struck',
  ] as const)
    expect(figures[seen], seen).toBeGreaterThan(0);
});

test('the same seed tells the same story, another seed another', async () => {
  const tell = (seed: number) => simulate(house.keeper.current, { county, days: 30, seed, perYear: 4000 });
  const [one, again, other] = [await tell(5), await tell(5), await tell(6)];
  expect(again).toEqual(one);
  expect(other).not.toEqual(one);
});

test('a simulation that forgets its timers is found out: the check can fail', async () => {
  const directory = house.keeper.current;
  const { rules } = directory;
  // The first alarm comes a year after the deadline: nothing is ordered in time.
  const late = { after: { count: 260, unit: 'workday' as const }, do: 'remind' as const, by: 'centre' as const };
  const alarms = [{ ...late, reply: null, escalates: false }];
  const deaf = new Proxy(directory, {
    get(target, key) {
      if (key === 'rules') return { ...rules, alarms: () => alarms };
      const value = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const figures = await simulate(deaf, { county, days: 60, seed: 3, perYear: 4000 });
  expect(figures.missed).toBeGreaterThan(0);
});

test('written into the database, twice: every chain verifies, the fold is the projection, no number is given twice', async () => {
  for (const seed of [1, 2]) {
    const chronicle = new Chronicle(house);
    const serial = await reserveNumbers(house, county, [2026, 2027], 5000);
    const figures = await simulate(house.keeper.current, {
      county,
      days: 12,
      seed,
      perYear: 6000,
      serial,
      mint: at => uuid(at),
      keep: told => chronicle.keep(told),
      progress: () => chronicle.flush(),
    });
    await chronicle.flush(true);
    expect(chronicle.actions).toBe(figures.actions);
  }
  const found = await verify(house);
  expect(found.broken).toEqual([]);
  expect(found.matters).toBeGreaterThan(250);
});
