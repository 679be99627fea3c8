/** Two counties, one matter: nothing is lost or doubled when it fails between them, and neither closes without the other. */
import { expect, test } from 'vitest';
import { sql, systemScope } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { putPeople } from '../people/store.ts';
import { putRegions, putUnits } from '../regions/store.ts';
import { letter, testHouse } from '../test/harness.ts';
import { verify } from '../verify.ts';
import { act } from './acting.ts';
import { Action } from './actions.ts';
import type { Matter } from './matter.ts';
import { carry } from './messages.ts';
import { readPage, reveal } from './reading.ts';
import { registerMatter } from './registration.ts';
import { matterOf } from './rows.ts';
import type { Loop } from './store.ts';

const house = await testHouse();
const [here, there] = ['411081', '411082'];
const [centre, town] = [uuid(), uuid()];
await house.db.write(systemScope, async tx => {
  await putRegions(tx, [
    { code: '411082000000', parent: '411000000000', level: 'county', name: '长葛市' },
    { code: '411082100000', parent: '411082000000', level: 'township', name: '后河镇' },
  ]);
  await tx.run(sql`INSERT INTO county VALUES (${there}, '411082000000', '长葛市')`);
  const unit = { county: there, kind: 'centre' as const };
  await putUnits(tx, [
    { ...unit, id: centre, region: '411082000000', name: '长葛市综治中心', above: null },
    { ...unit, id: town, region: '411082100000', name: '后河镇综治中心', above: centre },
  ]);
  const [clerk, other] = [uuid(), uuid()];
  const post = { unit: town, region: '411082100000', role: 'clerk' as const, needToKnow: true, from: '2025-01-01' };
  await putPeople(
    tx,
    [
      { id: clerk, login: 'houhe', name: '李芳', password: null },
      { id: other, login: 'houhe2', name: '王芳', password: null },
    ],
    [
      { ...post, id: uuid(), person: clerk },
      { ...post, id: uuid(), person: other },
    ],
  );
});
await house.keeper.changed();

const read = async (county: string, id: string): Promise<Matter> =>
  matterOf(
    (await house.db.read<any>(systemScope, sql`SELECT * FROM matter WHERE county = ${county} AND id = ${id}`))[0],
  );
const go = async (login: string, county: string, id: string, type: Action['type'], data: object = {}) =>
  (
    await act(house.loop, await house.as(login), county, id, {
      id: uuid(),
      action: Action.parse({ type, data, words: { text: '文字' } }),
    })
  ).matter;
const refused = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    error => error.code as string,
  );

/** A matter here, shared with the township there; the invitation waits to be carried. */
async function shared(): Promise<{ id: string; twin: string }> {
  const input = letter({ region: '411081101000', text: '两县交界的河堤被挖沙车压坏，雨季前必须修。' });
  await registerMatter(house.loop, await house.as('shundian'), input);
  const twin = uuid();
  await go('shundian', here, input.id, 'invite', { county: there, matter: twin, region: '411082100000' });
  return { id: input.id, twin };
}
/** A loop whose writes fail from the n-th on: a process killed there. */
function killedAfter(writes: number): Loop {
  let left = writes;
  const db = new Proxy(house.loop.db, {
    get(target, key) {
      const value = Reflect.get(target, key);
      if (key !== 'write') return typeof value === 'function' ? value.bind(target) : value;
      return async (...args: Parameters<typeof target.write>) => {
        if (left-- <= 0) throw new Error('killed');
        return target.write(...args);
      };
    },
  });
  return { ...house.loop, db };
}

test('killed before, between and after, and carried by three at once: the other side has one matter, and each word once', async () => {
  const { id, twin } = await shared();
  await expect(carry(killedAfter(0), house.time.now)).rejects.toThrow('killed');
  await expect(carry(killedAfter(1), house.time.now)).rejects.toThrow('killed');
  await Promise.allSettled([1, 2, 3].map(() => carry(house.loop, house.time.now)));
  while ((await carry(house.loop, house.time.now)) > 0);
  const { rows } = await house.owner.query('SELECT county, id FROM matter WHERE id = $1', [twin]);
  expect(rows).toEqual([{ county: there, id: twin }]);
  expect(await read(there, twin)).toMatchObject({
    state: 'registered',
    unit: town,
    border: { county: here, matter: id, role: 'other' },
  });
  const page = await readPage(house.loop, await house.as('houhe'), there, twin);
  expect(page.words!.text).toContain('河堤');
  await expect(reveal(house.loop, await house.as('houhe'), here, id, undefined)).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('neither closes before both agree; agreement is carried once however often it comes', async () => {
  const { id, twin } = await shared();
  while ((await carry(house.loop, house.time.now)) > 0);
  const through = async (login: string, county: string, matter: string, unit: string) => {
    await go(login, county, matter, 'accept');
    await go(login, county, matter, 'dispatch', { unit });
    await go(login, county, matter, 'sign');
    await go(login, county, matter, 'report', { result: 'resolved' });
    await go(login, county, matter, 'answer', { way: 'phone', position: 'supported' });
  };
  const shundian = (await read(here, id)).centre;
  await through('shundian', here, id, shundian);
  await through('houhe', there, twin, town);
  expect(await refused(go('shundian', here, id, 'close'))).toBe('border_open');
  await go('shundian', here, id, 'agreeClose');
  expect(await refused(go('shundian', here, id, 'agreeClose'))).toBe('border_none');
  expect(await refused(go('shundian', here, id, 'close'))).toBe('border_open');
  await expect(carry(killedAfter(1), house.time.now)).rejects.toThrow('killed');
  while ((await carry(house.loop, house.time.now)) > 0);
  expect((await read(there, twin)).border!.theirsAt).toBe(house.time.now);
  const { rows } = await house.owner.query(
    "SELECT count(*)::int AS n FROM matter_action WHERE matter = $1 AND type = 'hear'",
    [twin],
  );
  expect(rows[0].n).toBe(1);
  await go('houhe', there, twin, 'agreeClose');
  expect((await go('houhe', there, twin, 'close')).state).toBe('closed');
  expect(await refused(go('shundian', here, id, 'close'))).toBe('border_open');
  while ((await carry(house.loop, house.time.now)) > 0);
  expect((await go('shundian', here, id, 'close')).state).toBe('closed');
});

test('a side that ends otherwise lets the other go on alone', async () => {
  const { id, twin } = await shared();
  while ((await carry(house.loop, house.time.now)) > 0);
  await go('houhe', there, twin, 'withdraw', { by: 'person' });
  while ((await carry(house.loop, house.time.now)) > 0);
  expect((await read(here, id)).border).toMatchObject({ gone: true });
  expect(
    await refused(go('shundian', here, id, 'invite', { county: there, matter: uuid(), region: '411082100000' })),
  ).toBe('border_before');
});

test('a neighbour outside of this system: its consent is recorded by hand, nothing is sent, and only then it closes', async () => {
  const input = letter({ region: '411081101000', text: '与邻县交界的路桩被撞断。' });
  await registerMatter(house.loop, await house.as('shundian'), input);
  const id = input.id;
  expect(await refused(go('shundian', here, id, 'invite', { county: there, matter: uuid() }))).toBe('border_place');
  expect(await refused(go('shundian', here, id, 'consent', { way: 'letter' }))).toBe('border_none');
  const m = await go('shundian', here, id, 'invite', { county: '襄城县公路站', matter: uuid() });
  expect(m.border).toMatchObject({ outside: true, county: '襄城县公路站' });
  expect(await carry(house.loop, house.time.now)).toBe(0);
  await go('shundian', here, id, 'accept');
  await go('shundian', here, id, 'dispatch', { unit: m.centre });
  await go('shundian', here, id, 'sign');
  await go('shundian', here, id, 'report', { result: 'resolved' });
  await go('shundian', here, id, 'answer', { way: 'phone', position: 'supported' });
  await go('shundian', here, id, 'agreeClose');
  expect(await refused(go('shundian', here, id, 'close'))).toBe('border_open');
  await go('shundian', here, id, 'consent', { way: 'letter' });
  expect((await go('shundian', here, id, 'close')).state).toBe('closed');
});

test('every chain of both counties verifies', async () => {
  expect((await verify(house)).broken).toEqual([]);
});
