/** Search and figures give way to a burst of new matters, for a while. */
import { expect, test } from 'vitest';
import { letter, testHouse } from '../test/harness.ts';
import { Projector } from './jobs.ts';
import { registerMatter } from './registration.ts';
import { isPressed } from './writing.ts';

const house = await testHouse();
const searchable = async () => Number((await house.owner.query('SELECT count(*) AS n FROM matter_search')).rows[0].n);

test('a burst is written first and indexed after; one that does not end is indexed meanwhile; nothing stays behind', async () => {
  let now = 0;
  const projector = new Projector(house.loop, () => now);
  expect(await projector.turn()).toBe(false);
  const doing = await house.as('village-head');
  let written = 0;
  const all = Array.from({ length: 400 }, () =>
    registerMatter(house.loop, doing, letter()).then(() => {
      written += 1;
    }),
  );
  while (!isPressed(house.db) || !written) await new Promise(setImmediate);
  expect(await projector.turn()).toBe(false);
  expect(await searchable()).toBe(0);
  now += 3000;
  expect(isPressed(house.db)).toBe(true);
  expect(await projector.turn()).toBe(true);
  expect(await searchable()).toBeGreaterThan(0);
  await Promise.all(all);
  while (await projector.turn());
  expect(await searchable()).toBe(400);
});
