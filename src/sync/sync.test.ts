/** Phones against the real server: what is typed is applied exactly once, or its author learns why not. */
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { base64, unbase64 } from '../kernel/bytes.ts';
import { sql, systemScope } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { act } from '../matters/acting.ts';
import { registerMatter } from '../matters/registration.ts';
import { endPost } from '../people/store.ts';
import { serve } from '../test/client.ts';
import { letter, testHouse } from '../test/harness.ts';
import { Phone } from '../test/phone.ts';
import { syncContracts } from './contract.ts';
import { bucketOf, bucketsFor, digests } from './digest.ts';
import { publicKeyOf, sealTo } from './sealing.ts';

const house = await testHouse();
const server = await serve(house);
const hour = 3_600_000;
const day = 24 * hour;
let worker: Phone;
let head: Phone;
beforeAll(async () => {
  worker = await new Phone(server.anyone()).enrol('village');
  head = await new Phone(server.anyone()).enrol('village-head');
});

const register = (more: object = {}) => {
  const input = letter({ source: 'grid', ...more });
  return { do: 'register' as const, id: input.action, input };
};
const note = (matter: string, saw: number, text = '已到现场查看') => ({
  do: 'act' as const,
  id: uuid(),
  county: '411081',
  matter,
  saw,
  action: { type: 'note' as const, data: { audience: 'participants' as const }, words: { text } },
});
const step = (matter: string, saw: number, type: string, data: object = {}, text = '说明') =>
  ({ do: 'act' as const, id: uuid(), county: '411081', matter, saw, action: { type, data, words: { text } } }) as never;
const made = async (more: object = {}) => {
  const doing = await house.as('village-head');
  const input = letter(more);
  await registerMatter(house.loop, doing, input);
  return input.id;
};
const countOf = async (id: string) =>
  (await house.db.readOne<{ n: number }>(
    systemScope,
    sql`SELECT (SELECT count(*) FROM matter_action WHERE id = ${id}) + (SELECT count(*) FROM entry WHERE id = ${id}) AS n`,
  ))!.n;

test('what was not sealed to us, sealed for another use, or by nobody we know is refused and changes nothing', async () => {
  const at = house.time.now;
  const item = register();
  const good = await worker.seal(item, at);
  const bytes = unbase64(good.sealed);
  bytes[bytes.length - 1]! ^= 1;
  const other = base64(
    await sealTo(await publicKeyOf(unbase64(worker.sealTo)), 'file', new TextEncoder().encode('{}')),
  );
  const results = await worker.push(
    [
      { id: good.id, sealed: base64(bytes) },
      { id: uuid(), sealed: other },
      { id: uuid(), sealed: 'AAAA' },
      { ...good, id: uuid() },
      await worker.seal(item, at, 'ydd_nobody-knows-this-token'),
    ],
    at,
  );
  expect(results.map(one => [one.result, one.code])).toEqual([
    ['refused', 'sealed_wrong'],
    ['refused', 'sealed_wrong'],
    ['refused', 'sealed_wrong'],
    ['refused', 'sealed_wrong'],
    ['refused', 'unauthenticated'],
  ]);
  expect(await countOf(item.id)).toBe(0);
  const wrong = await server
    .anyone()
    .refused(syncContracts.enrol, { body: { id: uuid(), login: 'village', password: 'wrong', name: 'x' } });
  expect(wrong.code).toBe('sign_in_failed');
  expect(
    (
      await server
        .anyone()
        .raw('POST', '/api/v1/sync/uploads', undefined, { 'tus-resumable': '1.0.0', 'upload-length': '3' })
    ).status,
  ).toBe(401);
});

test('a report is registered once however often it arrives, with the time of the phone beside ours', async () => {
  const at = house.time.now;
  const item = register({ text: '坑塘边护栏断了，孩子容易落水。', kind: 'hazard', category: '02' });
  const first = await worker.send(item, at - 2 * hour, at);
  expect(first).toMatchObject({ result: 'done' });
  expect(first.number).toMatch(/\d/);
  const again = await worker.send(item, at - 2 * hour, at);
  expect(again.number).toBe(first.number);
  const row = await house.db.readOne<any>(
    systemScope,
    sql`SELECT at, device_at FROM matter_action WHERE id = ${item.id}`,
  );
  expect(row).toEqual({ at: house.time.now, device_at: at - 2 * hour });
  expect(await countOf(item.id)).toBe(1);
  // Another text under the same id is another thing.
  const clash = await worker.send({ ...item, input: { ...item.input, text: '别的' } }, at);
  expect(clash).toMatchObject({ result: 'refused', code: 'conflict' });
});

test("pull: only one's own, in buckets; what changed, ended or was lost leaves the phone without a word about it", async () => {
  const matter = await made();
  const other = await made({ region: '411081100000' });
  const first = await worker.pull(house.time.now);
  const ids = first.matters.flatMap(part => part.rows.map(row => row.id));
  expect(ids).toContain(matter);
  expect(ids).not.toContain(other);
  const held = first.matters.flatMap(part => part.rows);
  const again = await worker.pull(house.time.now, {
    stamp: first.stamp,
    digests: digests(held, first.buckets),
    duties: first.dutiesHash,
  });
  expect(again).toMatchObject({ fresh: false, matters: [] });
  expect(again.duties).toBeUndefined();
  const doing = await house.as('village-head');
  await act(house.loop, doing, '411081', matter, { id: uuid(), action: { type: 'accept', data: {}, words: {} } });
  const changed = await worker.pull(house.time.now, { stamp: first.stamp, digests: digests(held, first.buckets) });
  expect(changed.matters.map(part => part.bucket)).toEqual([bucketOf(matter, first.buckets)]);
  await act(house.loop, doing, '411081', matter, {
    id: uuid(),
    action: { type: 'withdraw', data: { by: 'person' }, words: { text: '不需要了' } },
  });
  const gone = await worker.pull(house.time.now, { stamp: first.stamp, digests: digests(held, first.buckets) });
  expect(
    gone.matters.find(part => part.bucket === bucketOf(matter, first.buckets))!.rows.map(row => row.id),
  ).not.toContain(matter);
});

test('a sensitive matter lies on no phone in words; text on phones is redacted', async () => {
  const secret = await made({ text: '家里打人，电话13912345678。', sensitive: true });
  const blind = await new Phone(server.anyone()).enrol('shundian2');
  const open = await made({ text: '路灯坏了，请联系13912345678。' });
  const rows = (await head.pull(house.time.now)).matters.flatMap(part => part.rows);
  expect(rows.find(row => row.id === secret)).toMatchObject({ title: '', text: '', parties: [], sensitive: true });
  expect(rows.find(row => row.id === open)!.text).not.toContain('13912345678');
  expect(
    await house.db.readOne((await house.staff('shundian2')).scope, sql`SELECT id FROM matter WHERE id = ${secret}`),
  ).toBeUndefined();
  expect((await blind.pull(house.time.now)).matters.flatMap(part => part.rows.map(row => row.id))).not.toContain(
    secret,
  );
});

test('packs are named by their content, immutable, and only for whoever works there', async () => {
  const { packs } = await worker.pull(house.time.now);
  expect(packs.map(pack => pack.name)).toEqual(['names:411081', 'places:411081101000']);
  const pack = await worker.client.raw('GET', `/api/v1/sync/packs/${packs[1]!.hash}`, undefined, worker.headers);
  expect(pack.body.grids.length).toBeGreaterThan(0);
  expect(pack.headers.get('cache-control')).toContain('immutable');
  const elsewhere = await new Phone(server.anyone()).enrol('huolong');
  expect(
    (await elsewhere.client.raw('GET', `/api/v1/sync/packs/${packs[1]!.hash}`, undefined, elsewhere.headers)).status,
  ).toBe(404);
});

test('decisions need the state they were made on; the refusal says what it is now and who came first, and both are told', async () => {
  const matter = await made();
  const { seq } = (await house.db.readOne<{ seq: number }>(
    systemScope,
    sql`SELECT seq FROM matter WHERE id = ${matter}`,
  ))!;
  const at = house.time.now;
  const mine = step(matter, seq, 'accept', {}, '');
  const theirs = step(matter, seq, 'accept', {}, '');
  const deputy = await new Phone(server.anyone()).enrol('village-head', '备用机');
  expect(await head.send(mine, at)).toMatchObject({ result: 'done', beside: [] });
  const second = await deputy.send(theirs, at);
  expect(second).toMatchObject({ result: 'refused', code: 'stale', present: { state: 'accepted', seq: seq + 1 } });
  // Two phones of one person: nobody else to tell. Another person is told, and so is the unit.
  const late = await worker.send(note(matter, seq, '我也去看了，还没修好'), at);
  expect(late.result).toBe('done');
  expect(late.beside).toEqual([{ person: '毛卫东', at: expect.any(Number), type: 'accept' }]);
  const told = (await head.pull(at)).told.filter(one => one.what === 'beside');
  expect(told.map(one => one.matter)).toContain(matter);
  expect(await head.send(mine, at)).toMatchObject({ result: 'repeated' });
});

test('a phone sends only what is done in the field: nothing that rests on bytes it made up, nothing of the desk', async () => {
  const matter = await made();
  for (const [type, data] of [
    ['attach', { id: uuid(), type: 'image/png', size: 1, audience: 'participants', sha256: 'made up' }],
    ['join', { party: { id: uuid(), role: 'witness', name: '某某' } }],
    ['dock', { way: 'out', body: 'court', name: '法院', package: { file: uuid(), hash: 'made up' } }],
  ] as const) {
    const item = step(matter, 1, type, data) as { id: string };
    expect(await head.send(item as never, house.time.now)).toMatchObject({ result: 'refused', code: 'forbidden' });
    expect(await countOf(item.id)).toBe(0);
  }
});

test('facts are taken by the post of then within seven days; decisions by the authority of now; nothing is dropped', async () => {
  const at = house.time.now;
  const matter = await made();
  const fact = note(matter, 1, '走访时看到路灯仍未修');
  const decision = step(matter, 1, 'accept', {}, '');
  const old = note(matter, 1, '十天前看到的');
  const found = {
    do: 'enter' as const,
    id: uuid(),
    input: { id: '', county: '411081', sort: 'round' as const, region: '411081101205', outcome: 'nothing' as const },
  };
  found.input.id = found.id;
  const phone = await new Phone(server.anyone()).enrol('village-head', '要换岗的手机');
  const sealed = [
    await phone.seal(fact, at + hour),
    await phone.seal(decision, at + hour),
    await phone.seal(old, at - 10 * day),
    await phone.seal(found, at + 2 * hour),
  ];
  // Three days without a network; meanwhile the posts are another's.
  house.time.now = at + 3 * day;
  const person = await house.staff('village-head');
  const substitute = await house.staff('shundian');
  for (const post of person.posts)
    await endPost(house, (await house.staff('security')).person, post.id, substitute.person);
  house.time.now = at + 4 * day;
  const results = await phone.push(sealed, house.time.now);
  expect(results.map(one => [one.result, one.code])).toEqual([
    ['done', undefined],
    ['refused', 'not_found'],
    ['refused', 'too_old'],
    ['done', undefined],
  ]);
  expect(await countOf(fact.id)).toBe(1);
  expect(await countOf((decision as { id: string }).id)).toBe(0);
  expect(
    (await house.db.readOne<any>(systemScope, sql`SELECT device_at FROM matter_action WHERE id = ${fact.id}`))
      .device_at,
  ).toBe(at + hour);
});

test('done, and the answer lost: what is sent again after its author lost every right is repeated, not refused', async () => {
  const phone = await new Phone(server.anyone()).enrol('huolong2', '要走的人');
  const at = house.time.now;
  const doing = await house.as('huolong');
  const input = letter({ region: '411081100000' });
  await registerMatter(house.loop, doing, input);
  const item = step(input.id, 1, 'accept', {}, '');
  const report = register({ region: '411081100000', text: '火龙镇街口井盖松了' });
  const sealed = [await phone.seal(item, at), await phone.seal(report, at)];
  expect((await phone.push(sealed, at)).map(one => one.result)).toEqual(['done', 'done']);
  const person = await house.staff('huolong2');
  for (const post of person.posts)
    await endPost(house, (await house.staff('security')).person, post.id, (await house.staff('huolong')).person);
  house.time.now += 20 * day;
  expect((await phone.push(sealed, house.time.now)).map(one => one.result)).toEqual(['repeated', 'repeated']);
});

test('a clock that is a day fast changes nothing but what is noted of it', async () => {
  const phone = await new Phone(server.anyone()).enrol('village', '时钟不准');
  const at = house.time.now;
  const wrong = at + day;
  const found = {
    do: 'enter' as const,
    id: uuid(),
    input: { id: '', county: '411081', sort: 'round' as const, region: '411081101205', outcome: 'nothing' as const },
  };
  found.input.id = found.id;
  expect(await phone.send(found, wrong - hour, wrong)).toMatchObject({ result: 'done' });
  const row = await house.db.readOne<any>(
    systemScope,
    sql`SELECT at, device_at, claimed_at FROM entry WHERE id = ${found.id}`,
  );
  expect(row).toEqual({ at, device_at: wrong - hour, claimed_at: at - hour });
});

test('a grid that was redrawn: the point decides, and without one the village', async () => {
  const located = register({ grid: '411081101205999', location: null });
  expect(await worker.send(located, house.time.now)).toMatchObject({ result: 'done' });
  const row = await house.db.readOne<any>(
    systemScope,
    sql`SELECT grid, path FROM matter WHERE id = ${located.input.id}`,
  );
  expect(row).toMatchObject({ grid: null });
  expect(row.path.at(-1)).toBe('411081101205');
});

test('photographs come in pieces, resume, and are sealed; they never hold up a report', async () => {
  const matter = register();
  const at = house.time.now;
  expect(await worker.send(matter, at)).toMatchObject({ result: 'done' });
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  const file = uuid();
  const item = {
    do: 'attach' as const,
    id: uuid(),
    county: '411081',
    matter: matter.input.id,
    file,
    name: '现场.png',
    audience: 'participants' as const,
  };
  expect(await worker.send(item, at)).toMatchObject({ result: 'later', code: 'file_missing' });
  const sealed = Buffer.from(await sealTo(await publicKeyOf(unbase64(worker.sealTo)), 'file', png));
  const tus = { ...worker.headers, 'tus-resumable': '1.0.0' };
  const address = `${server.address}/api/v1/sync/uploads`;
  const bad = await fetch(address, {
    method: 'POST',
    headers: {
      ...tus,
      'upload-length': '10',
      'upload-metadata': `file ${Buffer.from('../../etc').toString('base64')}`,
    },
  });
  expect(bad.status).toBe(422);
  const begun = await fetch(address, {
    method: 'POST',
    headers: {
      ...tus,
      'upload-length': String(sealed.length),
      'upload-metadata': `file ${Buffer.from(file).toString('base64')}`,
    },
  });
  expect(begun.status).toBe(201);
  const patch = (from: number, bytes: Buffer) =>
    fetch(`${address}/${file}`, {
      method: 'PATCH',
      headers: { ...tus, 'content-type': 'application/offset+octet-stream', 'upload-offset': String(from) },
      body: new Uint8Array(bytes),
    });
  expect((await patch(0, sealed.subarray(0, 50))).status).toBe(204);
  // Half of it is not a file yet.
  expect(await worker.send(item, at)).toMatchObject({ result: 'later', code: 'file_missing' });
  const offset = Number(
    (await fetch(`${address}/${file}`, { method: 'HEAD', headers: tus })).headers.get('upload-offset'),
  );
  expect(offset).toBe(50);
  expect((await patch(offset, sealed.subarray(offset))).status).toBe(204);
  expect(await worker.send(item, at)).toMatchObject({ result: 'done' });
  expect(await worker.send(item, at)).toMatchObject({ result: 'repeated' });
  const page = await worker.client.raw(
    'GET',
    `/api/v1/matters/411081/${matter.input.id}/files/${file}`,
    undefined,
    worker.headers,
  );
  expect(page.status).toBe(200);
  expect(page.body.equals(png)).toBe(true);
});

test('signed out: what lies sealed is still taken, and what is refused is kept for its author; a lost phone speaks for nobody', async () => {
  const phone = await new Phone(server.anyone()).enrol('village', '换机');
  const at = house.time.now;
  const good = register();
  const bad = step(good.input.id, 99, 'sign', {}, '');
  const sealed = [await phone.seal(good, at), await phone.seal(bad, at)];
  const lost = register({ text: '丢失前登记的，羊圈的门被撬了。' });
  const sealedLost = await phone.seal(lost, at);
  expect((await phone.client.raw('DELETE', `/api/v1/me/devices/${phone.id}`, undefined, phone.headers)).status).toBe(
    200,
  );
  expect((await phone.pullRaw(at)).status).toBe(401);
  const carrier = await new Phone(server.anyone()).enrol('village');
  expect((await carrier.push(sealed, at)).map(one => one.result)).toEqual(['done', 'held']);
  const desk = await server.signedIn('village');
  expect((await desk.call(syncContracts.held, {})).items.map(one => [one.id, one.code])).toEqual([
    [(bad as { id: string }).id, 'stale'],
  ]);
  await desk.raw('DELETE', `/api/v1/me/devices/${phone.id}?lost=true`);
  expect((await carrier.push([sealedLost], at))[0]).toMatchObject({ result: 'held', code: 'device_ended' });
  expect((await carrier.pull(at)).held).toBe(2);
  expect(await countOf(lost.id)).toBe(0);
  // Nobody else sees or settles it.
  const other = await server.signedIn('shundian');
  expect((await other.call(syncContracts.held, {})).items).toEqual([]);
  expect(
    (await other.refused(syncContracts.settle, { params: { county: '411081', id: lost.id }, body: { send: true } }))
      .status,
  ).toBe(404);
  expect(
    await desk.call(syncContracts.settle, { params: { county: '411081', id: lost.id }, body: { send: true } }),
  ).toMatchObject({ result: 'done' });
  expect(await countOf(lost.id)).toBe(1);
  await desk.call(syncContracts.settle, {
    params: { county: '411081', id: (bad as { id: string }).id },
    body: { send: false },
  });
  expect((await desk.call(syncContracts.held, {})).items).toEqual([]);
});

test('the security administrator revokes every phone of a person; a phone does not administer', async () => {
  const phone = await new Phone(server.anyone()).enrol('shundian2');
  const security = await server.signedIn('security');
  const { person } = await house.staff('shundian2');
  expect((await (await server.signedIn('shundian')).refused(syncContracts.revoke, { params: { person } })).code).toBe(
    'forbidden',
  );
  expect((await security.call(syncContracts.revoke, { params: { person } })).revoked).toBeGreaterThan(0);
  expect((await phone.pullRaw(house.time.now)).status).toBe(401);
  const admin = await new Phone(server.anyone()).enrol('security');
  expect((await admin.client.raw('POST', `/api/v1/people/${person}/devices/revoke`, {}, admin.headers)).status).toBe(
    403,
  );
});

test('buckets: any two holdings agree exactly when their digests do', () => {
  const records = fc.uniqueArray(fc.record({ id: fc.uuid(), seq: fc.integer({ min: 1, max: 9 }) }), {
    selector: one => one.id,
    maxLength: 60,
  });
  fc.assert(
    fc.property(records, records, fc.constantFrom(1, 2, 8, 64), (a, b, n) => {
      const [x, y] = [digests(a, n), digests(b, n)];
      for (let bucket = 0; bucket < n; bucket++) {
        const of = (list: typeof a) =>
          list
            .filter(one => bucketOf(one.id, n) === bucket)
            .map(one => `${one.id}/${one.seq}`)
            .sort()
            .join();
        expect(x[bucket] === y[bucket]).toBe(of(a) === of(b));
      }
    }),
    { numRuns: 300 },
  );
  expect(bucketsFor(20_000)).toBe(2048);
  expect(bucketsFor(0)).toBe(1);
});
