import { expect, test } from 'vitest';
import { sql, systemScope } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { letter, testHouse } from '../test/harness.ts';
import { act } from './acting.ts';
import type { Action } from './actions.ts';
import { Action as ActionSchema } from './actions.ts';
import { project } from './jobs.ts';
import { listMatters } from './lists.ts';
import { readPage } from './reading.ts';
import { registerMatter } from './registration.ts';

const house = await testHouse();
const unitNamed = (name: string) => [...house.keeper.current.units.values()].find(unit => unit.name.includes(name))!.id;
const step = (type: Action['type'], data: object = {}, words: object = {}) => ({
  id: uuid(),
  action: ActionSchema.parse({ type, data, words }),
});

test('the whole loop: from the desk to struck off', async () => {
  const clerk = await house.as('village-head');
  const { county, id, number, receipt } = await registerMatter(house.loop, clerk, letter());
  expect(number).toMatch(/^411081-26-\d{7}-\d$/);
  expect(receipt).toMatch(/^\d{12}$/);
  const go = async (login: string, ...step_: Parameters<typeof step>) =>
    act(house.loop, await house.as(login), county, id, step(...step_));
  await go('village-head', 'accept');
  await go('village-head', 'escalate', {}, { text: '村里无权限维修市政路灯' });
  await go('shundian', 'escalate', {}, { text: '需城管局处理' });
  await go('county', 'dispatch', { unit: unitNamed('城市管理局') });
  await go('urban', 'sign');
  await go('urban', 'report', { result: 'resolved' }, { text: '已更换灯头三盏' });
  await go('county', 'answer', { way: 'phone', position: 'supported' }, { text: '已修好，感谢反映' });
  await go('county', 'close', { cause: 'service' });
  await expect(go('county', 'followUp', { outcome: 'satisfied' })).rejects.toMatchObject({ code: 'same_person' });
  await go('county2', 'followUp', { outcome: 'satisfied' });
  const { matter } = await go('county2', 'rate', { stars: 5, solved: true });
  expect(matter).toMatchObject({ state: 'struck', open: false, dueAt: null, solved: true, rating: 5 });
  const page = await readPage(house.loop, await house.as('county'), county, id);
  expect(page.matter).toEqual(matter);
  expect(page.timeline.map(entry => entry.type)).toEqual([
    'register',
    'accept',
    'escalate',
    'escalate',
    'dispatch',
    'sign',
    'report',
    'answer',
    'close',
    'followUp',
    'rate',
  ]);
  await project(house.loop);
  const found = await listMatters(house.loop, clerk, ['411081'], { q: '路灯' }, 'received', undefined, 20);
  expect(found.rows.map(row => row.id)).toEqual([id]);
  const [tally] = await house.db.read<any>(
    systemScope,
    sql`SELECT state, n FROM tally WHERE n > 0 AND place = '' AND unit = ''`,
  );
  expect(tally).toEqual({ state: 'struck', n: 1 });
});

test('forty at once, some of them clashes and replays: each gets its own answer, and nobody suffers for another', async () => {
  const clerk = await house.as('village-head');
  const first = letter();
  await registerMatter(house.loop, clerk, first);
  const good = Array.from({ length: 36 }, () => letter());
  const clash = { ...letter(), id: first.id };
  const taken = { ...letter(), action: first.action };
  const results = await Promise.allSettled(
    [...good.slice(0, 18), clash, first, taken, ...good.slice(18), good[3]!].map(input =>
      registerMatter(house.loop, clerk, input),
    ),
  );
  const codes = results.map(one => (one.status === 'fulfilled' ? 'done' : one.reason.code));
  expect(codes.filter(code => code !== 'done')).toEqual(['conflict', 'conflict']);
  const [{ n }] = (await house.db.read<{ n: number }>(
    systemScope,
    sql`SELECT count(*) AS n FROM matter WHERE id = ANY (${good.map(one => one.id)}::uuid[])`,
  )) as [{ n: number }];
  expect(n).toBe(36);
  const again = results.at(-1)!;
  expect(again.status === 'fulfilled' && again.value.number).toBe(
    results[3]!.status === 'fulfilled' && results[3]!.value.number,
  );
});
