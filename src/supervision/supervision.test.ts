/** What the same records tell a supervisor, over real HTTP: figures, causes, hot spots, drives, a county's own rules. */
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readTable } from '../imports/table.ts';
import { uuid } from '../kernel/ids.ts';
import { writeLedger } from '../ledgers/ledger.ts';
import { matterContracts } from '../matters/contract.ts';
import { lapseDue, project } from '../matters/jobs.ts';
import { serve } from '../test/client.ts';
import { letter, testHouse } from '../test/harness.ts';
import { supervisionContracts as contracts } from './contract.ts';
import { writeDriveEnds } from './store.ts';

const house = await testHouse();
const server = await serve(house);
afterAll(() => server.app.close());
const unitNamed = (name: string) => [...house.keeper.current.units.values()].find(unit => unit.name.includes(name))!.id;
const day = 86_400_000;
type Client = Awaited<ReturnType<typeof server.signedIn>>;
const clients = new Map<string, Client>();
async function as(login: string): Promise<Client> {
  const client = clients.get(login) ?? (await server.signedIn(login));
  clients.set(login, client);
  return client;
}
async function raise(login: string, more: Parameters<typeof letter>[0]): Promise<string> {
  const input = letter({ region: '411081101000', ...more });
  await (await as(login)).call(matterContracts.register, { body: input });
  return input.id;
}
const go = async (login: string, id: string, type: string, data: object = {}, words: object = { text: '文字' }) =>
  (await as(login)).call(matterContracts.act, {
    params: { county: '411081', id },
    body: { id: uuid(), action: { type, data, words } as never },
  });
async function closed(login: string, text: string, cause: string): Promise<string> {
  const id = await raise(login, { text });
  await go(login, id, 'accept');
  await go(login, id, 'dispatch', { unit: unitNamed('顺店镇综治中心') });
  await go(login, id, 'sign');
  await go(login, id, 'report', { result: 'resolved' });
  await go(login, id, 'answer', { way: 'phone', position: 'supported' });
  await go(login, id, 'close', { cause });
  return id;
}

test('figures: what a unit was given, what it reported, and a return that the ruling sent back as wrong', async () => {
  const urban = unitNamed('城市管理局');
  for (const back of [urban, unitNamed('住房')]) {
    const id = await raise('shundian', { text: '人行道地砖松动，老人绊倒过两次。' });
    await go('shundian', id, 'accept');
    await go('shundian', id, 'dispatch', { unit: urban });
    await go('urban', id, 'return', { ground: 'remit' });
    await go('shundian', id, 'rule', { unit: back });
    if (back === urban) {
      await go('urban', id, 'sign');
      await go('urban', id, 'report', { result: 'resolved' });
    }
  }
  const span = { from: house.time.now - day, to: house.time.now + day };
  const { units } = await (await as('shundian')).call(contracts.figures, { query: span });
  expect(units.find(row => row.unit === urban)).toMatchObject({
    dispatched: 3,
    reported: 1,
    late: 0,
    returned: 2,
    returned_wrongly: 1,
  });
  expect((await (await as('urban')).refused(contracts.figures, { query: span })).code).toBe('forbidden');
  const { levels } = await (await as('shundian')).call(contracts.figures, { query: span });
  expect(levels.map(row => row.level)).toEqual(['village', 'township', 'county', 'city']);
  const other = await (await as('huolong')).call(contracts.figures, { query: span });
  expect(other.units).toEqual([]);
});

test('a cause that recurs becomes one measure with an owner, linked to the matters that speak for it', async () => {
  for (const n of [1, 2, 3]) await closed('shundian', `第${n}排楼下水道又堵了，污水漫到路上。`, 'service');
  await raise('shundian', { text: '下水道堵了', sensitive: true });
  const { causes } = await (await as('shundian')).call(contracts.causes, { query: {} });
  expect(causes).toMatchObject([{ township: '411081101000', cause: 'service', n: 3 }]);
  const id = await raise('shundian', {
    kind: 'prevention',
    category: '01',
    parties: [],
    fields: { matters: 3 },
    links: causes[0]!.matters.map(m => ({ matter: m.id, relation: 'similar' as const })),
  });
  const page = await (await as('shundian')).call(matterContracts.page, { params: { county: '411081', id } });
  expect(page.matter.relations).toHaveLength(3);
  expect(page.matter.due).toMatchObject({ step: 'accept', count: 3, unit: 'workday' });
  expect((await (await as('huolong')).call(contracts.causes, { query: {} })).causes).toEqual([]);
});

test('a hot spot is proposed, a person confirms it, and confirming twice changes nothing', async () => {
  const texts = ['东街烧烤店半夜噪音扰民。', '东街烧烤店半夜噪音太大睡不着。', '东街烧烤店半夜噪音，老人受不了。'];
  const ids: string[] = [];
  for (const text of texts) ids.push(await raise('shundian', { text, category: '02' }));
  await raise('shundian', { text: '东街烧烤店半夜噪音，孩子害怕。', category: '02', sensitive: true });
  const clerk = await as('shundian');
  const { spots } = await clerk.call(contracts.hotSpots, { query: {} });
  const spot = spots.find(one => one.matters.some(m => m.id === ids[0]))!;
  expect(spot.matters.map(m => m.id).sort()).toEqual([...ids].sort());
  expect(spot.words[0]).toBe('东街烧烤店半夜噪音');
  // Other titles, the same trouble in the narrative: alike once the index knows the words.
  const again: string[] = [];
  for (const title of ['请管一管', '投诉', '夜里睡不好'])
    again.push(
      await raise('shundian', { title, category: '02', text: `${title}：后河桥头砂石厂大货车彻夜轰鸣，粉尘飘进屋。` }),
    );
  while ((await project(house.loop)) > 0);
  const later = (await clerk.call(contracts.hotSpots, { query: {} })).spots;
  expect(
    later
      .find(one => one.matters.some(m => m.id === again[0]))!
      .matters.map(m => m.id)
      .sort(),
  ).toEqual(again.sort());
  expect(later.some(one => one.matters.some(m => m.id === ids[0]) && one.matters.some(m => m.id === again[0]))).toBe(
    false,
  );
  const body = { id: uuid(), county: '411081', lead: ids[0]!, matters: ids };
  expect((await (await as('huolong')).refused(contracts.gather, { body })).code).toBe('not_found');
  await clerk.call(contracts.gather, { body });
  await clerk.call(contracts.gather, { body });
  const page = await clerk.call(matterContracts.page, { params: { county: '411081', id: ids[0]! } });
  expect(page.matter.relations.filter(r => r.relation === 'whole-of')).toHaveLength(2);
  expect(
    (await clerk.call(contracts.hotSpots, { query: {} })).spots.some(one => one.matters.some(m => m.id === ids[1])),
  ).toBe(false);
});

test('a drive holds what a filter found; everybody sees of it only their own matters', async () => {
  const lead = unitNamed('顺店镇综治中心');
  const clerk = await as('shundian');
  const drive = {
    id: uuid(),
    name: '噪音整治',
    target: '月底前清零',
    lead,
    units: [unitNamed('公安局')],
    to: '2026-04-30',
  };
  expect(
    (await clerk.refused(contracts.addDrive, { body: { ...drive, query: { kind: 'petition', category: '77' } } })).code,
  ).toBe('drive_empty');
  expect((await (await as('urban')).refused(contracts.addDrive, { body: { ...drive, query: {} } })).code).toBe(
    'forbidden',
  );
  const { total } = await clerk.call(contracts.addDrive, { body: { ...drive, query: { category: '02' } } });
  expect(total).toBe(7);
  const told = async (login: string) =>
    (await (await as(login)).call(contracts.notices, {})).rows
      .filter(row => row.data.drive === drive.id)
      .map(row => row.what);
  expect([await told('shundian'), await told('police'), await told('urban')]).toEqual([['drive'], ['drive'], []]);
  expect(await writeDriveEnds(house.loop, Date.parse('2026-04-30T12:00:00+08:00'))).toBe(0);
  for (const _twice of [1, 2]) await writeDriveEnds(house.loop, Date.parse('2026-05-01T09:00:00+08:00'));
  expect([await told('shundian'), await told('police')]).toEqual([['drive-over', 'drive'], ['drive']]);
  const seen = async (login: string) =>
    (await (await as(login)).call(contracts.drives, {})).drives.filter(d => d.id === drive.id).map(d => d.total);
  expect(await seen('shundian')).toEqual([7]);
  // The police take part in the drive, and in none of its matters yet.
  expect(await seen('police')).toEqual([0]);
  expect((await (await as('police')).call(contracts.driveMatters, { params: { id: drive.id } })).rows).toEqual([]);
  expect((await (await as('shundian2')).call(contracts.driveMatters, { params: { id: drive.id } })).rows).toHaveLength(
    6,
  );
  expect((await (await as('huolong')).refused(contracts.endDrive, { params: { id: drive.id } })).code).toBe(
    'not_found',
  );
  await clerk.call(contracts.endDrive, { params: { id: drive.id } });
});

test('a county sets its own rule from a day on: what is wrong is refused, what is set is kept, and the timers follow it', async () => {
  const system = await as('system');
  const rule = {
    after: { count: 0, unit: 'hour' as const },
    do: 'order' as const,
    by: 'centre' as const,
    reply: 1,
    escalates: false,
  };
  const body = {
    county: '411081',
    kind: 'request' as const,
    what: 'alarms' as const,
    from: '2026-03-09',
    basis: '禹州市督办办法第八条',
    value: [rule],
  };
  expect((await (await as('county')).refused(contracts.setRule, { body })).code).toBe('forbidden');
  for (const value of [[], 'x', [{ ...rule, do: 'shout' }], [{ ...rule, after: { count: 9, unit: 'workday' } }, rule]])
    expect((await system.refused(contracts.setRule, { body: { ...body, value } })).code).toBe('invalid');
  await system.call(contracts.setRule, { body });
  expect((await system.refused(contracts.setRule, { body })).code).toBe('rule_stands');
  const id = await raise('shundian', { text: '路口红绿灯不亮了。' });
  house.time.now += 4 * day;
  clients.clear(); // sessions ended meanwhile
  while ((await lapseDue(house.loop, house.time.now)) > 0);
  const page = await (await as('county')).call(matterContracts.page, { params: { county: '411081', id } });
  expect(page.matter.orders[0]).toMatchObject({ level: 'order' });
  // A grade may have alarms of its own; the others keep theirs.
  const graded = {
    ...body,
    what: 'alarms.large' as const,
    value: [{ ...rule, do: 'notice' as const, by: 'above' as const, reply: 3 }],
  };
  await (await as('system')).call(contracts.setRule, { body: graded });
  const hard = await raise('shundian', { text: '渠道垮塌，几十户浇不上地。' });
  await go('shundian', hard, 'grade', { answers: { people: 40, minor: 1 } }, {});
  house.time.now += 4 * day;
  clients.clear();
  while ((await lapseDue(house.loop, house.time.now)) > 0);
  const harder = await (await as('county')).call(matterContracts.page, { params: { county: '411081', id: hard } });
  expect(harder.matter.orders[0]).toMatchObject({ level: 'notice', by: unitNamed('禹州市综治中心') });
  const { gradedAlarms } = await (await as('county')).call(contracts.rules, { query: { kind: 'request' } });
  expect(Object.keys(gradedAlarms)).toEqual(['large']);
});

test('clocks are set for all, or for one county: which may shorten what a law gives, and never lengthen it', async () => {
  clients.clear();
  const clock = { from: 'received' as const, count: 2, unit: 'workday' as const, basis: '禹州市热线办法' };
  const set = { kind: 'request' as const, step: 'handle' as const, from: '2026-03-09', value: clock };
  const system = await as('system');
  expect((await system.refused(contracts.setClock, { body: { ...set, step: 'nothing' as 'handle' } })).code).toBe(
    'invalid',
  );
  expect((await system.refused(contracts.setClock, { body: { ...set, county: '999999' } })).code).toBe('invalid');
  const law = { ...set, kind: 'petition' as const, county: '411081' };
  for (const [step, value] of [
    ['accept', { from: 'received', count: 16, unit: 'day' }],
    ['accept', { from: 'registered', count: 3, unit: 'day' }],
    ['handle', { from: 'accepted', count: 3, unit: 'month' }],
    ['handle', { from: 'accepted', count: 60, unit: 'workday' }],
  ] as const)
    expect(
      (await system.refused(contracts.setClock, { body: { ...law, step, value: { ...value, basis: '禹州市规定' } } }))
        .code,
    ).toBe('clock_too_long');
  await system.call(contracts.setClock, {
    body: { ...law, step: 'accept', value: { from: 'received', count: 5, unit: 'workday', basis: '禹州市首办责任制' } },
  });
  await system.call(contracts.setClock, { body: { ...set, county: '411081' } });
  await system.call(contracts.setClock, { body: { ...set, value: { ...clock, count: 4, basis: '平台规则' } } });
  const basisOf = async (kind: 'request' | 'petition', step: string) =>
    (await (await as('county')).call(contracts.rules, { query: { kind } })).clocks.find(c => c.step === step)!.basis;
  expect(await basisOf('request', 'handle')).toBe('禹州市热线办法');
  expect(await basisOf('petition', 'accept')).toBe('禹州市首办责任制');
  const { rules } = house.keeper.current;
  expect(rules.clock('411082', 'request', 'handle', house.time.now).basis).toBe('平台规则');
  expect(rules.clock('411082', 'petition', 'accept', house.time.now).basis).toContain('第22条');
  // A grade's own clock stands above a county's for all grades.
  await system.call(contracts.setClock, {
    body: { ...set, county: '411081', grade: 'simple', value: { ...clock, count: 1, basis: '简单件当日办' } },
  });
  expect(house.keeper.current.rules.clock('411081', 'request', 'handle', house.time.now, 'simple').basis).toBe(
    '简单件当日办',
  );
});

test('standing agreements with neighbours are recorded by those who oversee a region, and seen in the county', async () => {
  const body = {
    id: uuid(),
    neighbour: '长葛市后河镇',
    title: '边界矛盾联调协议',
    terms: '双方每季度会商一次，先到先接。',
    from: '2026-03-01',
  };
  expect((await (await as('urban')).refused(contracts.addAgreement, { body })).code).toBe('forbidden');
  expect(
    (await (await as('shundian')).refused(contracts.addAgreement, { body: { ...body, to: '2026-03-01' } })).code,
  ).toBe('invalid');
  await (await as('shundian')).call(contracts.addAgreement, { body });
  expect((await (await as('shundian')).refused(contracts.addAgreement, { body })).code).toBe('conflict');
  expect((await (await as('urban')).call(contracts.agreements, {})).agreements).toMatchObject([
    { neighbour: body.neighbour, to: null },
  ]);
});

test('a county’s own fields: set from a day on, checked, shown, filtered, corrected, exported; free text is not among them', async () => {
  const system = await as('system');
  const body = {
    county: '411081',
    kind: 'dispute' as const,
    what: 'fields' as const,
    from: '2026-03-09',
    basis: '禹州市登记规范',
  };
  const fields = [
    { name: 'line', title: '条线', type: 'choice' as const, options: ['农业', '城建'], required: true },
    { name: 'mu', title: '涉及亩数', type: 'number' as const },
  ];
  for (const value of [
    [{ name: 'x', title: '备注', type: 'text' }],
    [{ name: 'line', title: '条线', type: 'choice' }],
    [fields[1], fields[1]],
  ])
    expect((await system.refused(contracts.setRule, { body: { ...body, value } })).code).toBe('invalid');
  await system.call(contracts.setRule, { body: { ...body, value: fields } });
  const clerk = await as('shundian');
  const quarrel = (own: object | undefined) =>
    letter({
      region: '411081101000',
      kind: 'dispute',
      category: '06',
      text: '两家争一块承包地的地边。',
      fields: own ? { own } : {},
    });
  for (const own of [undefined, { line: '工业' }, { line: '农业', mu: '三' }, { line: '农业', other: 1 }])
    expect((await clerk.refused(matterContracts.register, { body: quarrel(own) })).code).toBe('invalid');
  const input = quarrel({ line: '农业', mu: 3.5 });
  await clerk.call(matterContracts.register, { body: input });
  await clerk.call(matterContracts.register, { body: quarrel({ line: '城建' }) });
  const found = await clerk.call(matterContracts.list, { query: { own: 'line:农业' } });
  expect(found.rows.map(row => [row.id, row.own])).toEqual([[input.id, { line: '农业', mu: 3.5 }]]);
  const correct = (own: object) => ({
    params: { county: '411081', id: input.id },
    body: {
      id: uuid(),
      action: { type: 'correct', data: { set: { fields: { own } } }, words: { text: '选错' } } as never,
    },
  });
  expect((await clerk.refused(matterContracts.act, correct({ line: '工业' }))).code).toBe('invalid');
  await clerk.call(matterContracts.act, correct({ line: '城建', mu: 4 }));
  const file = path.join(house.data, 'own.xlsx');
  const staff = await house.staff('shundian');
  await writeLedger(
    house,
    staff,
    { filters: { kind: ['dispute'] }, order: 'received', columns: ['number', 'own.line', 'own.mu'], language: 'zh' },
    file,
    async () => {},
  );
  const rows: unknown[][] = [];
  for await (const row of readTable(file)) rows.push(row.values);
  expect(rows[0]).toEqual(['事项编号', '条线', '涉及亩数']);
  expect(rows.slice(1).map(row => row.slice(1))).toContainEqual(['城建', 4]);
});

test('what a unit is told of a sensitive matter is told only to those who may know', async () => {
  const id = await raise('shundian', { text: '邻居家孩子常被打。', sensitive: true });
  await go('shundian', id, 'accept');
  await go('shundian', id, 'dispatch', { unit: unitNamed('城市管理局') });
  const told = async (login: string) =>
    (await (await as(login)).call(contracts.notices, {})).rows.some(row => row.matter === id);
  expect(await told('urban')).toBe(true);
  expect(await told('urban2')).toBe(false);
  expect((await (await as('urban')).call(contracts.notices, {})).fresh).toBeGreaterThan(0);
  await (await as('urban')).call(contracts.seen, {});
  expect((await (await as('urban')).call(contracts.notices, {})).fresh).toBe(0);
});
