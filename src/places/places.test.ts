/** The register of places, hazards and their officers, listing of enterprises by law, footage by two. Over real HTTP. */
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { sql, systemScope } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { act } from '../matters/acting.ts';
import { Action } from '../matters/actions.ts';
import { attach } from '../matters/attaching.ts';
import { registerMatter } from '../matters/registration.ts';
import { supervisionContracts } from '../supervision/contract.ts';
import { type Client, serve } from '../test/client.ts';
import { letter, testHouse } from '../test/harness.ts';
import { Phone } from '../test/phone.ts';
import { placeContracts as contracts, type PlaceInput } from './contract.ts';
import { type Listing, type ListingStep, stepListing } from './listing.ts';

const house = await testHouse();
const server = await serve(house);
let town: Client;
let head: Client;
let village: Client;
let huolong: Client;
let leader: Client;
let county: Client;
let urban: Client;
beforeAll(async () => {
  [town, head, village, huolong, leader, county, urban] = (await Promise.all(
    ['shundian', 'shundian-head', 'village-head', 'huolong', 'leader', 'county', 'urban'].map(login =>
      server.signedIn(login),
    ),
  )) as [Client, Client, Client, Client, Client, Client, Client];
});
const place = (more: Partial<PlaceInput> = {}) => ({
  id: uuid(),
  kind: 'enterprise' as PlaceInput['kind'],
  name: '顺店建材厂',
  region: '411081101205',
  code: null as string | null,
  ...more,
});
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

test('the register: kept by who works there, one code for one place, found by name, initials and code; an ended place leaves', async () => {
  expect((await huolong.refused(contracts.put, { body: place() })).code).toBe('forbidden');
  expect((await village.refused(contracts.put, { body: place({ region: '411081101000' }) })).code).toBe('forbidden');
  expect((await village.refused(contracts.put, { body: place({ region: '000000000000' }) })).code).toBe('forbidden');
  const one = place({ code: '4110811012050001', kind: 'facility', name: '主街路灯' });
  await village.call(contracts.put, { body: one });
  expect((await village.refused(contracts.put, { body: place({ code: one.code }) })).code).toBe('place_code_taken');
  await village.call(contracts.put, { body: { ...one, state: 'faulty' } });
  // Somebody elsewhere cannot take it over by its id.
  expect((await huolong.refused(contracts.put, { body: { ...one, region: '411081100000' } })).code).toBe('forbidden');
  for (const q of ['路灯', 'zhujieludeng', one.code ?? ''])
    expect((await town.call(contracts.list, { query: { q: q! } })).rows.map(row => [row.id, row.state])).toEqual([
      [one.id, 'faulty'],
    ]);
  expect((await huolong.call(contracts.list, { query: {} })).rows).toEqual([]);
  expect(
    (await huolong.refused(contracts.end, { params: { county: '411081', id: one.id }, body: { reason: '拆了' } })).code,
  ).toBe('forbidden');
  await village.call(contracts.end, { params: { county: '411081', id: one.id }, body: { reason: '拆了' } });
  expect((await town.call(contracts.list, { query: { q: '路灯' } })).rows).toEqual([]);
});

test('places from a table: any header we know, names or codes, datums converted, refused rows with their reasons', async () => {
  const csv = [
    '点位类别,点位名称,区划代码,部件编码,经度,纬度,坐标系,责任单位',
    '学校,毛吕小学,411081101205,,113.2,34.1,WGS84,',
    '水域,东坑塘,411081101205,,113.2061,34.0986,GCJ02,',
    '游乐场,乐园,411081101205,,,,,',
    '门店,外地店,999999999999,,,,,',
    '门店,便民店,411081101205,,abc,34,,',
    '门店,归属店,411081101205,,,,,没有的单位',
    '门店,偏门店,411081101205,,113,34,北京54,',
  ].join('\n');
  const form = new FormData();
  form.append('file', new Blob([csv]), 'places.csv');
  const reply = await town.raw('POST', '/api/v1/places/import', form);
  expect(reply.body.done).toBe(2);
  expect(reply.body.refused.map((one: any) => one.line)).toEqual([4, 5, 6, 7, 8]);
  expect(reply.body.refused[0].reason).toContain('游乐场');
  const [pond] = (await town.call(contracts.list, { query: { kind: 'water' } })).rows;
  // GCJ-02 lies some hundred metres off: it was converted, not taken as it is.
  expect(Math.abs(pond!.location!.lng - 113.2061)).toBeGreaterThan(0.001);
  const labels = await town.raw('GET', '/api/v1/places/labels?kind=school&region=411081101205');
  expect(labels.body.subarray(0, 5).toString()).toBe('%PDF-');
  const table = await town.raw('GET', '/api/v1/places/export');
  expect(table.body.subarray(0, 2).toString()).toBe('PK');
});

test('a county sets its own checklist from a day on; phones get it with the next pack; villages without any are named', async () => {
  const system = await server.signedIn('system');
  const rule = {
    county: '411081',
    kind: 'hazard' as const,
    what: 'checklist.school' as const,
    from: '2026-03-01',
    basis: '禹州市校园安全检查办法',
  };
  const wrong = await system.refused(supervisionContracts.setRule, {
    body: {
      ...rule,
      value: [
        { key: 'a', title: '一' },
        { key: 'a', title: '二' },
      ],
    },
  });
  expect(wrong.code).toBe('invalid');
  await system.call(supervisionContracts.setRule, { body: { ...rule, value: [{ key: 'gate', title: '校门隔离墩' }] } });
  const phone = await new Phone(server.anyone()).enrol('village');
  const { packs } = await phone.pull(house.time.now);
  const pack = await phone.client.raw('GET', `/api/v1/sync/packs/${packs[0]!.hash}`, undefined, phone.headers);
  expect(pack.body.forms.school.checklist).toEqual([{ key: 'gate', title: '校门隔离墩' }]);
  expect(pack.body.forms.water.checklist.length).toBeGreaterThan(2);
  const schools = await town.call(contracts.summary, { query: { kind: 'school' } });
  expect(schools.rows).toEqual([{ region: '411081101205', places: 1, faulty: 0, repairs: 0 }]);
  expect(schools.without.length).toBeGreaterThan(3);
  expect((await huolong.call(contracts.summary, { query: { kind: 'school' } })).rows).toEqual([]);
});

test('a hazard: two officers with valid certificates order, a photograph shows it rectified, somebody else re-inspects, then it is reported back', async () => {
  const input = letter({ kind: 'hazard', category: '02', text: '坑塘没有护栏', fields: {} });
  const doing = async (login: string) => house.as(login);
  await registerMatter(house.loop, await doing('county'), { ...input, region: '411081000000' });
  const unit = (await house.staff('urban')).posts[0]!.unit;
  const go = async (login: string, type: string, data: object = {}) =>
    act(house.loop, await doing(login), '411081', input.id, {
      id: uuid(),
      action: Action.parse({ type, data, words: { text: '说明文字' } }),
    });
  const code = (promise: Promise<unknown>) =>
    promise.then(
      () => 'done',
      error => error.code,
    );
  await go('county', 'accept');
  await go('county', 'dispatch', { unit });
  await go('urban', 'sign');
  const person = async (login: string) => (await house.staff(login)).person;
  const until = house.time.now + 3 * 86_400_000;
  const officers = [
    { person: await person('urban'), certificate: 'K-1' },
    { person: await person('urban2'), certificate: 'K-2' },
  ];
  expect(await code(go('urban', 'orderRectify', { until, officers }))).toBe('two_officers');
  expect(
    (await village.refused(contracts.addCertificate, { body: { login: 'urban', number: 'K-1', until: '2028-01-01' } }))
      .code,
  ).toBe('forbidden');
  for (const [login, number, end] of [
    ['urban', 'K-1', '2028-01-01'],
    ['urban2', 'K-2', '2028-01-01'],
    ['land', 'K-9', '2020-01-01'],
  ] as const)
    await leader.call(contracts.addCertificate, { body: { login, number, until: end } });
  expect((await county.call(contracts.certificates, {})).rows.map(row => row.number).sort()).toEqual(['K-1', 'K-2']);
  const expired = [officers[0]!, { person: await person('land'), certificate: 'K-9' }];
  expect(await code(go('urban', 'orderRectify', { until, officers: expired }))).toBe('two_officers');
  expect(await code(go('urban', 'orderRectify', { until, officers: [officers[0], officers[0]] }))).toBe('two_officers');
  expect(await code(go('urban', 'orderRectify', { until: house.time.now + 400 * 86_400_000, officers }))).toBe(
    'date_wrong',
  );
  expect(await code(go('urban', 'report', { result: 'resolved' }))).toBe('not_inspected');
  await go('urban', 'orderRectify', { until, officers });
  // From now on the order's date is the deadline, and what follows from a deadline follows from it.
  const held = await house.db.readOne<any>(systemScope, sql`SELECT due_at, next_at FROM matter WHERE id = ${input.id}`);
  expect(held.due_at).toBe(until);
  expect(held.next_at).toBeLessThanOrEqual(until);
  const file = uuid();
  expect(await code(go('urban', 'rectify', { file }))).toBe('no_photo');
  await attach(
    house,
    await doing('urban'),
    { county: '411081', id: input.id },
    { id: file, action: uuid(), name: '整改后.png', bytes: png, audience: 'participants' },
  );
  expect(await code(go('urban', 'reinspect', { passed: true }))).toBe('not_rectified');
  await go('urban', 'rectify', { file });
  expect(await code(go('urban', 'reinspect', { passed: true }))).toBe('same_person');
  expect(await code(go('urban2', 'reinspect', { passed: true }))).toBe('same_person');
  await go('county', 'reinspect', { passed: false });
  expect(await code(go('urban', 'report', { result: 'resolved' }))).toBe('not_inspected');
  await go('urban', 'rectify', { file });
  await go('county', 'reinspect', { passed: true });
  await go('urban', 'report', { result: 'resolved' });
  expect((await house.db.readOne<any>(systemScope, sql`SELECT state FROM matter WHERE id = ${input.id}`)).state).toBe(
    'reported',
  );
});

test('an enterprise is listed on a ground of law, heard first, by other hands, with an end; it appeals once and others rule', async () => {
  const works = place();
  const shop = place({ kind: 'shop', name: '小卖部' });
  for (const body of [works, shop]) await village.call(contracts.put, { body });
  const proposal = {
    id: uuid(),
    county: '411081',
    place: works.id,
    ground: 'fatal-accident' as const,
    text: '三月二日发生死亡事故',
  };
  expect((await town.refused(contracts.propose, { body: { ...proposal, place: shop.id } })).code).toBe(
    'only_enterprises',
  );
  expect((await huolong.refused(contracts.propose, { body: proposal })).code).toBe('forbidden');
  expect((await town.refused(contracts.propose, { body: { ...proposal, ground: 'complaints' as never } })).status).toBe(
    422,
  );
  await town.call(contracts.propose, { body: proposal });
  expect((await town.refused(contracts.propose, { body: { ...proposal, id: uuid() } })).code).toBe('listing_open');
  const params = { county: '411081', id: proposal.id };
  const list = { step: 'decide' as const, list: true, until: '2026-09-01', text: '列管六个月' };
  expect((await head.refused(contracts.stepListing, { params, body: list })).code).toBe('listing_step');
  await town.call(contracts.stepListing, { params, body: { step: 'heard', text: '企业陈述：已停产整改' } });
  expect((await town.refused(contracts.stepListing, { params, body: list })).code).toBe('forbidden');
  expect((await head.refused(contracts.stepListing, { params, body: { ...list, until: '2030-01-01' } })).code).toBe(
    'date_wrong',
  );
  await head.call(contracts.stepListing, { params, body: list });
  const shown = (await town.call(contracts.list, { query: { q: works.name } })).rows.find(row => row.id === works.id)!;
  expect(shown.listed).toBe('2026-09-01');
  await town.call(contracts.stepListing, { params, body: { step: 'appeal', text: '认为事故认定有误' } });
  expect(
    (await head.refused(contracts.stepListing, { params, body: { step: 'rule', upheld: true, text: '维持' } })).code,
  ).toBe('other_hands');
  await leader.call(contracts.stepListing, { params, body: { step: 'rule', upheld: false, text: '撤销' } });
  const [row] = (await town.call(contracts.listings, {})).rows;
  expect(row).toMatchObject({ state: 'lifted', upheld: false, words: { heard: '企业陈述：已停产整改', rule: '撤销' } });
});

test('listing by property: nothing is listed that was not heard, without an end, or by who proposed it', () => {
  const step: fc.Arbitrary<ListingStep> = fc.oneof(
    fc.constant<ListingStep>({ step: 'heard' }),
    fc.record({
      step: fc.constant('decide' as const),
      list: fc.boolean(),
      until: fc.constantFrom('2026-05-01', '2020-01-01', undefined),
    }),
    fc.constant<ListingStep>({ step: 'appeal' }),
    fc.record({ step: fc.constant('rule' as const), upheld: fc.boolean() }),
    fc.constant<ListingStep>({ step: 'lift' }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(step, fc.constantFrom('a', 'b', 'c')), { maxLength: 12 }), steps => {
      let listing: Listing = {
        state: 'proposed',
        proposedBy: 'a',
        heardAt: null,
        decidedBy: null,
        until: null,
        appealedAt: null,
        upheld: null,
      };
      let heard = false;
      let ruled = 0;
      for (const [one, person] of steps) {
        const next = stepListing(listing, one, person, 1, '2026-03-09');
        if ('code' in next) continue;
        if (one.step === 'heard') heard = true;
        if (one.step === 'rule') ruled += 1;
        listing = next;
        if (listing.state === 'listed') {
          expect(heard && listing.until! > '2026-03-09').toBe(true);
          expect(listing.decidedBy).not.toBe('a');
        }
      }
      expect(ruled).toBeLessThan(2);
    }),
  );
});

test('footage: for a matter one sees, of a past day at most, by two others, each step on record; nobody watches', async () => {
  const camera = place({ kind: 'camera', name: '村口监控' });
  const lamp = place({ kind: 'facility', name: '路灯' });
  for (const body of [camera, lamp]) await village.call(contracts.put, { body });
  const input = letter({ text: '羊被偷了三只' });
  await registerMatter(house.loop, await house.as('village-head'), input);
  const ask = {
    id: uuid(),
    county: '411081',
    place: camera.id,
    matter: input.id,
    from: house.time.now - 7_200_000,
    to: house.time.now - 3_600_000,
    purpose: '查找被盗羊只',
  };
  expect((await huolong.refused(contracts.askFootage, { body: ask })).status).toBe(404);
  expect((await town.refused(contracts.askFootage, { body: { ...ask, place: lamp.id } })).code).toBe('only_cameras');
  expect((await town.refused(contracts.askFootage, { body: { ...ask, to: house.time.now + 3_600_000 } })).code).toBe(
    'date_wrong',
  );
  expect((await town.refused(contracts.askFootage, { body: { ...ask, from: ask.to - 3 * 86_400_000 } })).code).toBe(
    'date_wrong',
  );
  await town.call(contracts.askFootage, { body: ask });
  const params = { county: '411081', id: ask.id };
  expect((await town.refused(contracts.stepFootage, { params, body: { step: 'approve' } })).code).toBe('other_hands');
  expect((await huolong.refused(contracts.stepFootage, { params, body: { step: 'approve' } })).status).toBe(404);
  expect((await head.refused(contracts.stepFootage, { params, body: { step: 'handed' } })).code).toBe('footage_step');
  await head.call(contracts.stepFootage, { params, body: { step: 'approve' } });
  expect((await head.refused(contracts.stepFootage, { params, body: { step: 'approve' } })).code).toBe('other_hands');
  await county.call(contracts.stepFootage, { params, body: { step: 'approve' } });
  await town.call(contracts.stepFootage, { params, body: { step: 'handed' } });
  expect((await town.call(contracts.footage, {})).rows[0]).toMatchObject({ state: 'handed', approved: 2 });
  const audited = await house.owner.query("SELECT what FROM audit WHERE what LIKE 'footage%' ORDER BY n");
  expect(audited.rows.map(row => row.what)).toEqual([
    'footage-ask',
    'footage-approve',
    'footage-approve',
    'footage-handed',
  ]);
  expect((await urban.call(contracts.footage, {})).rows).toEqual([]);
});
