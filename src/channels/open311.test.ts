/** Open311 GeoReport v2 as its specification has it, in JSON and XML; and what it never shows. */
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { XMLParser } from 'fast-xml-parser';
import { afterAll, expect, test } from 'vitest';
import { uuid } from '../kernel/ids.ts';
import { act } from '../matters/acting.ts';
import { Action } from '../matters/actions.ts';
import { registerMatter } from '../matters/registration.ts';
import { peopleContracts } from '../people/contract.ts';
import { serve } from '../test/client.ts';
import { letter, testHouse } from '../test/harness.ts';
import schemas from './open311.schemas.json' with { type: 'json' };

const house = await testHouse();
const server = await serve(house);
afterAll(() => server.app.close());
const county = '411081';
const root = `${server.address}/open311/v2`;
const ajv = new Ajv({ strict: false });
(addFormats as unknown as (ajv: Ajv) => void)(ajv);
const holds = (name: keyof typeof schemas, value: unknown) => {
  const check = ajv.compile(schemas[name]);
  expect(check(value), JSON.stringify([name, check.errors, value]).slice(0, 600)).toBe(true);
};
const xml = new XMLParser({
  isArray: name => ['service', 'request', 'error', 'request_update'].includes(name),
  parseTagValue: false,
});
const get = async (path: string) => {
  const reply = await fetch(root + path);
  return { status: reply.status, type: reply.headers.get('content-type'), text: await reply.text() };
};
const json = async (path: string) => JSON.parse((await get(path)).text);
const post = async (path: string, fields: Record<string, string>) => {
  const reply = await fetch(root + path, { method: 'POST', body: new URLSearchParams(fields) });
  return { status: reply.status, text: await reply.text() };
};
const keyFor = async (scopes: ('read' | 'write' | 'open311' | 'calls')[], login = 'village-head') => {
  const security = await server.signedIn('security');
  const post = (await house.staff(login)).posts[0]!.id;
  return (await security.call(peopleContracts.addToken, { body: { id: uuid(), name: 'app', post, scopes, days: 30 } }))
    .token;
};
const grid = [...house.keeper.current.regions.values()].find(
  one => one.level === 'grid' && one.parent === '411081101205',
)!;
const ring = (house.keeper.current.boundary(grid.code)!.coordinates as number[][][])[0]!;
const [lng, lat] = [ring[0]![0]! + 0.002, ring[0]![1]! + 0.002];

test('services and their definitions, as JSON and as XML with the element names of the specification', async () => {
  const services = await json('/services.json');
  holds('services', services);
  expect(services.map((one: any) => one.service_code)).toContain('repair.01');
  const { text, type } = await get('/services.xml');
  expect(type).toContain('xml');
  expect(xml.parse(text).services.service.length).toBe(services.length);
  const definition = await json('/services/request.0101.json');
  holds('definition', definition);
  expect(definition.attributes[0]).toMatchObject({ code: 'purpose', datatype: 'singlevaluelist' });
  expect(xml.parse((await get('/services/request.0101.xml')).text).service_definition.service_code).toBe(
    'request.0101',
  );
  for (const path of ['/services/none.json', '/services.json?jurisdiction_id=999999']) {
    const refused = await get(path);
    expect(refused.status).toBe(404);
    holds('errors', JSON.parse(refused.text));
  }
  expect(xml.parse((await get('/services/none.xml')).text).errors.error[0].code).toBe('404');
});

test('a report needs a key made for this door, a place in the county and a service; sent twice it is one', async () => {
  const key = await keyFor(['open311']);
  const report = {
    api_key: key,
    jurisdiction_id: county,
    service_code: 'repair.01',
    lat: String(lat),
    long: String(lng),
    description: '灯杆倒了，电话 13800138000',
    first_name: '小明',
    last_name: '王',
    phone: '13800138000',
    media_url: 'http://169.254.169.254/x.jpg',
  };
  for (const [wrong, status] of [
    [{ ...report, api_key: 'none' }, 403],
    [{ ...report, api_key: await keyFor(['read', 'write']) }, 403],
    [{ ...report, service_code: 'petition.01' }, 404],
    [{ ...report, lat: '1', long: '1' }, 422],
    [{ ...report, description: '' }, 422],
    [{ ...report, lat: '', long: '', address_string: '' }, 422],
  ] as const) {
    const refused = await post('/requests.json', wrong as Record<string, string>);
    expect(refused.status, JSON.stringify(wrong)).toBe(status);
    holds('errors', JSON.parse(refused.text));
  }
  // The key opens nothing else.
  expect(
    (await fetch(`${server.address}/api/v1/matters`, { headers: { authorization: `Bearer ${key}` } })).status,
  ).toBe(401);
  const first = JSON.parse((await post('/requests.json', report)).text);
  holds('posted', first);
  expect(JSON.parse((await post('/requests.json', report)).text)).toEqual(first);
  const number = first[0].service_request_id;
  const [token] = await json(`/tokens/${number}.json`);
  expect(token.service_request_id).toBe(number);
  const asXml = await post('/requests.xml', {
    ...report,
    service_code: 'request.0101',
    description: '路面坑洼',
    'attribute[purpose]': 'complaint',
  });
  const other = xml.parse(asXml.text).service_requests.request[0].service_request_id;
  expect(other).not.toBe(number);

  const all = await json('/requests.json');
  holds('requests', all);
  const seen = all.find((one: any) => one.service_request_id === number);
  expect(seen).toMatchObject({ status: 'open', service_code: 'repair.01', description: '', lat, long: lng });
  // A request may be somebody's home: its place and words are not shown.
  expect(all.find((one: any) => one.service_request_id === other)).toMatchObject({
    lat: '',
    long: '',
    description: '',
    address: '',
  });
  const [mine] = await json(`/requests/${number}.json?api_key=${key}`);
  expect(mine.description).toContain('138****8000');
  expect(JSON.stringify(all)).not.toMatch(/13800138000|王|小明/);

  const { id } = (await house.owner.query('SELECT id FROM matter WHERE number = $1', [number])).rows[0];
  await act(house.loop, await house.as('village-head'), county, id, {
    id: uuid(),
    action: Action.parse({ type: 'accept', data: {}, words: {} }),
  });
  const updates = await json('/servicerequestupdates.json');
  holds('updates', updates);
  expect(updates.filter((one: any) => one.service_request_id === number).map((one: any) => one.description)).toEqual([
    '待受理',
    '待分流',
  ]);
  expect(
    (
      await post('/servicerequestupdates.json', {
        api_key: await keyFor(['open311']),
        service_request_id: number,
        description: '还没修',
      })
    ).status,
  ).toBe(404);
  const update = { api_key: key, service_request_id: number, update_id: 'u1', description: '还没修' };
  const added = JSON.parse((await post('/servicerequestupdates.json', update)).text);
  expect(JSON.parse((await post('/servicerequestupdates.json', update)).text)).toEqual(added);
  expect(
    (await house.owner.query("SELECT 1 FROM matter_action WHERE matter = $1 AND type = 'add'", [id])).rows.length,
  ).toBe(1);
});

test('filters of the specification; guarded, sensitive and other people’s matters are never there', async () => {
  const doing = await house.as('village-head');
  const hidden = await registerMatter(house.loop, doing, letter({ kind: 'repair', category: '01', sensitive: true }));
  const plain = await registerMatter(house.loop, doing, letter());
  const shown = await registerMatter(house.loop, doing, letter({ kind: 'repair', category: '01' }));
  const numbers = (rows: any[]) => rows.map(one => one.service_request_id);
  const all = numbers(await json('/requests.json'));
  expect(all).toContain(shown.number);
  expect(all).not.toContain(hidden.number);
  expect(all).not.toContain(plain.number);
  expect((await get(`/requests/${hidden.number}.json`)).status).toBe(404);
  expect(numbers(await json(`/requests.json?service_request_id=${shown.number},${hidden.number}`))).toEqual([
    shown.number,
  ]);
  expect(numbers(await json('/requests.json?status=closed'))).toEqual([]);
  expect(numbers(await json('/requests.json?service_code=repair.02'))).toEqual([]);
  expect(numbers(await json('/requests.json?end_date=2020-01-01T00:00:00Z'))).toEqual([]);
  expect((await get('/requests.json?start_date=yesterday')).status).toBe(422);
});
