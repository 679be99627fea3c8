/** Tip-offs: sealed to one organ, invisible to everybody else, whatever they hold. */
import { afterAll, expect, test } from 'vitest';
import { noScope, sql, systemScope } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { portalContracts } from '../portal/contract.ts';
import { serve } from '../test/client.ts';
import { testHouse } from '../test/harness.ts';
import { Resident, work } from '../test/resident.ts';
import { tipContracts as contracts } from './contract.ts';
import {
  answerKeyOf,
  codeOf,
  newOrganKey,
  newReceipt,
  openAnswer,
  openTip,
  sealAnswer,
  sealTip,
  unlock,
} from './sealing.ts';

const house = await testHouse();
const server = await serve(house);
afterAll(() => server.app.close());
const county = '411081';
const passphrase = '七里河边一棵老柳树';

test('an organ, never a centre, takes keys; sealed there, opened there, answered, passed on; nobody else learns that it exists', async () => {
  const police = await server.signedIn('police');
  const land = await server.signedIn('land');
  const [policeUnit, landUnit] = [
    (await house.staff('police')).posts[0]!.unit,
    (await house.staff('land')).posts[0]!.unit,
  ];
  const made = await newOrganKey(passphrase);
  const key = { county, sort: 'crime' as const, ...made };
  expect((await police.refused(contracts.makeKey, { body: { ...key, unit: landUnit } })).status).toBe(403);
  const leader = await server.signedIn('leader');
  expect(
    (await leader.refused(contracts.makeKey, { body: { ...key, unit: (await house.staff('leader')).posts[0]!.unit } }))
      .status,
  ).toBe(403);
  await police.call(contracts.makeKey, { body: { ...key, unit: policeUnit } });
  const other = await newOrganKey('另一个口令也很长');
  await land.call(contracts.makeKey, { body: { county, sort: 'official', ...other, unit: landUnit } });

  const person = new Resident(server.address);
  const { organs } = await person.call(portalContracts.organs, { params: { county } });
  const organ = organs.find(one => one.unit === policeUnit)!;
  const receipt = newReceipt();
  const tip = { text: '东河桥下夜里有人倒废油。', about: '东河桥', contact: '', answer: await answerKeyOf(receipt) };
  const body = {
    id: uuid(),
    unit: organ.unit,
    n: organ.n,
    sealed: await sealTip(organ.key, tip),
    code: await codeOf(receipt),
  };
  const send = async (more: object = {}) =>
    person.raw('POST', `/api/v1/portal/${county}/tips`, { ...body, ...more, work: await work(person) });
  expect((await send({ n: 9 })).status).toBe(404);
  expect((await send()).status).toBe(200);
  expect((await send()).status).toBe(200);
  expect(
    (
      await send({
        sealed: body.sealed.replace(/^(.{100})./, (_, head) => `${head}${body.sealed[100] === 'A' ? 'B' : 'A'}`),
      })
    ).status,
  ).toBe(409);

  const { rows } = await police.call(contracts.list, {});
  expect(rows).toHaveLength(1);
  const { keys } = await police.call(contracts.keys, {});
  await expect(unlock(keys[0]!.locked, '猜一个口令')).rejects.toThrow();
  const mine = await unlock(keys[0]!.locked, passphrase);
  const opened = await openTip(mine, rows[0]!.sealed);
  expect(opened).toEqual(tip);
  await police.call(contracts.move, {
    params: { county, id: body.id },
    body: { state: 'taken', reply: await sealAnswer(opened.answer, '已立案，谢谢。') },
  });
  const state = await person.call(portalContracts.tipState, {
    params: { county },
    body: { code: await codeOf(receipt.toLowerCase().replace(/(.{5})/g, '$1 ')) },
  });
  expect(state.state).toBe('taken');
  expect(await openAnswer(await answerKeyOf(receipt), state.replies[0]!)).toBe('已立案，谢谢。');
  expect(
    (await person.refused(portalContracts.tipState, { params: { county }, body: { code: await codeOf(newReceipt()) } }))
      .status,
  ).toBe(404);

  // Nobody else: other organs, centres, leaders, administrators, auditors, the system itself, a superuser with every key of the house.
  for (const login of ['land', 'county', 'leader', 'village-head', 'urban'])
    expect((await (await server.signedIn(login)).call(contracts.list, {})).rows, login).toEqual([]);
  for (const login of ['system', 'security', 'audit'])
    expect((await (await server.signedIn(login)).raw('GET', '/api/v1/tips')).status, login).toBe(403);
  for (const scope of [systemScope, noScope, { audit: true }])
    expect(await house.db.read(scope, sql`SELECT 1 FROM tip`)).toEqual([]);
  const everything = await house.owner.query('SELECT * FROM tip');
  expect(JSON.stringify(everything.rows)).not.toMatch(/东河桥|废油/);
  expect(Object.keys(everything.rows[0]).sort()).toEqual([
    'code',
    'county',
    'day',
    'id',
    'n',
    'replies',
    'sealed',
    'state',
    'unit',
  ]);
  const { rows: audit } = await house.owner.query('SELECT what, subject, detail FROM audit');
  expect(JSON.stringify(audit)).not.toContain(body.id);
  for (const path of ['/api/v1/matters?q=%E5%BA%9F%E6%B2%B9', '/api/v1/counts'])
    expect(JSON.stringify((await (await server.signedIn('county')).raw('GET', path)).body)).not.toContain(body.id);

  // Passed on: sealed anew for the other organ, and gone from the first.
  const to = (await police.call(contracts.keys, {})).others.find(one => one.unit === landUnit)!;
  const sealed = await sealTip(to.key, opened);
  expect(
    (await police.refused(contracts.move, { params: { county, id: body.id }, body: { state: 'passed-on' } })).code,
  ).toBe('invalid');
  await police.call(contracts.move, {
    params: { county, id: body.id },
    body: { state: 'passed-on', to: { unit: to.unit, n: to.n, sealed } },
  });
  expect((await police.call(contracts.list, {})).rows).toEqual([]);
  const theirs = (await land.call(contracts.list, {})).rows;
  expect(
    await openTip(
      await unlock((await land.call(contracts.keys, {})).keys[0]!.locked, '另一个口令也很长'),
      theirs[0]!.sealed,
    ),
  ).toEqual(tip);
});
