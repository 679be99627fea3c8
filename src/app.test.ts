/** Routes over real HTTP and a real database: refusals before successes. */
import { readFileSync } from 'node:fs';
import ExcelJS from 'exceljs';
import PizZip from 'pizzip';
import { afterAll, expect, test } from 'vitest';
import { demoPassword } from './demo/county.ts';
import { deskContracts } from './desk/contract.ts';
import { catalogue } from './kernel/errors.ts';
import { uuid } from './kernel/ids.ts';
import { matterContracts } from './matters/contract.ts';
import { project } from './matters/jobs.ts';
import { peopleContracts } from './people/contract.ts';
import { regionContracts } from './regions/contract.ts';
import { runOneTask } from './tasks.ts';
import { type Client, serve } from './test/client.ts';
import { letter, testHouse } from './test/harness.ts';
import { verify } from './verify.ts';

const house = await testHouse();
const server = await serve(house);
afterAll(() => server.app.close());
const act = (type: string, data: object = {}, words: object = {}) => ({
  id: uuid(),
  action: { type, data, words } as never,
});
const unitNamed = (name: string) => [...house.keeper.current.units.values()].find(unit => unit.name.includes(name))!.id;

test('without signing in nothing is served but health; every refusal is in the catalogue', async () => {
  const anyone = server.anyone();
  expect((await anyone.raw('GET', '/api/v1/health')).body).toEqual({ status: 'up' });
  expect((await anyone.raw('GET', '/api/v1/ready')).body).toEqual({ status: 'ready' });
  const { body } = await anyone.raw('GET', '/api/v1/openapi.json');
  expect(body.openapi).toBe('3.1.0');
  let tried = 0;
  for (const [path, methods] of Object.entries<any>(body.paths))
    for (const method of Object.keys(methods)) {
      if (['/sign-in', '/errors', '/sync/key'].some(end => path.endsWith(end))) continue;
      // Doors for those without an account have their own keys and limits: portal.test, open311.test, exchange.test, factors.test.
      if (/^\/open311\/|\/(portal|exchange|sign-in)(\/|$)|\/calls\/events$|\/queue\/.*\/board$/.test(path)) continue;
      const reply = await anyone.raw(
        method.toUpperCase(),
        path.replace(/\{\w+\}/g, uuid()),
        method === 'get' ? undefined : {},
      );
      // The page of a mediation's side works by its link, and shows the portraits of a public register: without either, nothing.
      // A phone signs in by name and password, and what it pushes names its author inside the seal: without, nothing.
      const linked = /\/side(\/|$)|\/sync\/(devices|push)$/.test(path) || (method === 'get' && path.endsWith('/photo'));
      const answers = linked ? ['404 not_found', '422 invalid'] : ['401 unauthenticated'];
      expect(answers, `${method} ${path}`).toContain(`${reply.status} ${reply.body.error.code}`);
      tried += 1;
    }
  expect(tried).toBeGreaterThan(30);
});

test('malformed calls are refused with a catalogued error, never a 5xx', async () => {
  const clerk = await server.signedIn('county');
  const { body } = await clerk.raw('GET', '/api/v1/openapi.json');
  const junk = [
    {},
    { id: 'x' },
    [],
    'text',
    { action: { type: 'nothing' } },
    { typed: '\u0000'.repeat(9) },
    { text: 1, limit: -1 },
  ];
  for (const [path, methods] of Object.entries<any>(body.paths))
    for (const method of Object.keys(methods))
      for (const value of junk) {
        if (/sign-(in|out)|sessions/.test(path) && method !== 'get') continue;
        const filled = path.replace(/\{county\}/g, "4'; --").replace(/\{\w+\}/g, '../x');
        const reply = await clerk.raw(
          method.toUpperCase(),
          `${filled}?cursor=%00&limit=x&state=nothing&q=%27`,
          method === 'get' ? undefined : value,
        );
        expect(
          reply.status,
          `${method} ${path} ${JSON.stringify(value)} → ${JSON.stringify(reply.body).slice(0, 200)}`,
        ).toBeLessThan(500);
        // Open311 answers as its specification says: a list, or XML.
        if (reply.status >= 400 && !Buffer.isBuffer(reply.body))
          expect(Object.keys(catalogue)).toContain(reply.body.error?.code ?? reply.body[0].catalogue);
      }
});

test('five wrong passwords lock the account, the right one too, until the time is over; and it is on record', async () => {
  const body = (password: string) => ({ body: { login: 'labour', password } });
  for (let i = 0; i < 5; i++)
    expect((await server.anyone().refused(peopleContracts.signIn, body('wrong'))).code).toBe('sign_in_failed');
  expect(await server.anyone().refused(peopleContracts.signIn, body(demoPassword))).toMatchObject({
    status: 423,
    code: 'locked',
  });
  expect(
    (await server.anyone().refused(peopleContracts.signIn, { body: { login: 'nobody', password: 'x' } })).code,
  ).toBe('sign_in_failed');
  house.time.now += 16 * 60_000;
  await server.signedIn('labour');
  const { lines } = await (await server.signedIn('audit')).call(peopleContracts.audit, { query: { what: 'sign-in' } });
  expect(lines.map(line => line.result)).toEqual(expect.arrayContaining(['refused', 'locked', 'done']));
});

test('a session ends when idle, and when its owner ends it; a cookie alone cannot write', async () => {
  const clerk = await server.signedIn('county');
  const csrf = clerk.csrf;
  clerk.csrf = '';
  expect(await clerk.refused(matterContracts.register, { body: letter() })).toMatchObject({
    status: 403,
    code: 'csrf',
  });
  clerk.csrf = csrf;
  const other = await server.signedIn('county');
  const { sessions } = await clerk.call(peopleContracts.sessions, {});
  expect(sessions.filter(session => session.current)).toHaveLength(1);
  for (const session of sessions.filter(s => !s.current))
    await clerk.call(peopleContracts.endSession, { params: { session: session.id } });
  expect((await other.refused(peopleContracts.me, {})).code).toBe('unauthenticated');
  house.time.now += 31 * 60_000;
  expect((await clerk.refused(peopleContracts.me, {})).code).toBe('unauthenticated');
});

test('a new person must change the one-time password first; weak ones are refused', async () => {
  const admin = await server.signedIn('system');
  const id = uuid();
  const { password } = await admin.call(peopleContracts.addPerson, {
    body: { id, login: 'newcomer', name: '新同事', unit: unitNamed('禹州市综治中心'), role: 'clerk' },
  });
  const fresh = server.anyone();
  fresh.csrf = (await fresh.call(peopleContracts.signIn, { body: { login: 'newcomer', password } })).csrf;
  expect((await fresh.refused(matterContracts.list, { query: {} })).code).toBe('password_change_required');
  expect((await fresh.refused(peopleContracts.password, { body: { old: password, fresh: 'short' } })).code).toBe(
    'weak_password',
  );
  await fresh.call(peopleContracts.password, { body: { old: password, fresh: 'Abcdef-12345' } });
  await fresh.call(matterContracts.list, { query: {} });
});

test('the three administrators are apart, and none of them sees a matter', async () => {
  const [system, security, audit] = await Promise.all(['system', 'security', 'audit'].map(server.signedIn));
  expect((await system!.refused(peopleContracts.audit, { query: {} })).code).toBe('forbidden');
  expect(
    (
      await security!.refused(peopleContracts.addPost, {
        body: { id: uuid(), person: uuid(), unit: uuid(), role: 'clerk', from: '2026-01-01' },
      })
    ).code,
  ).toBe('forbidden');
  expect((await audit!.refused(peopleContracts.people, { query: {} })).code).toBe('forbidden');
  await (await server.signedIn('county')).call(matterContracts.register, { body: letter() });
  for (const admin of [system!, security!, audit!])
    expect((await admin.call(matterContracts.list, { query: {} })).rows).toEqual([]);
});

test('registered twice by the same request, done once; a stale action is told the present state; If-Match counts too', async () => {
  const clerk = await server.signedIn('village-head');
  const body = letter();
  const first = await clerk.call(matterContracts.register, { body });
  expect(await clerk.call(matterContracts.register, { body })).toEqual(first);
  const params = { county: first.county, id: first.id };
  const page = await clerk.raw('GET', `/api/v1/matters/${first.county}/${first.id}`);
  expect(page.headers.get('etag')).toBe('"1"');
  await clerk.call(matterContracts.act, { params, body: { ...act('accept'), saw: 1 } });
  expect(
    await clerk.refused(matterContracts.act, {
      params,
      body: { ...act('decline', { route: 'court', told: 'spot' }, { text: '不属' }), saw: 1 },
    }),
  ).toMatchObject({ status: 409, code: 'stale', details: { seq: 2, state: 'accepted' } });
  expect(
    (
      await clerk.raw(
        'POST',
        `/api/v1/matters/${first.county}/${first.id}/actions`,
        act('note', {}, { text: '晚了' }),
        { 'if-match': '"1"' },
      )
    ).body.error.code,
  ).toBe('stale');
  expect((await clerk.refused(matterContracts.act, { params, body: act('close') })).code).toBe('illegal_step');
  expect((await clerk.refused(matterContracts.act, { params, body: act('lapse') })).code).toBe('forbidden');
});

test('messages come in the reader’s language', async () => {
  const anyone = server.anyone();
  expect((await anyone.raw('GET', '/api/v1/me', undefined, { 'accept-language': 'en' })).body.error.message).toBe(
    'Please sign in first.',
  );
  expect((await anyone.raw('GET', '/api/v1/me')).body.error.message).toBe('请先登录。');
});

test('clear data is shown with a reason, and each showing is on record; the safe-contact note comes with it', async () => {
  const clerk = await server.signedIn('village-head');
  const party = {
    id: uuid(),
    role: 'applicant' as const,
    name: '诸葛暗明',
    phone: '13912345678',
    anonymous: false,
    safe: { when: '只在白天', never: '不可对丈夫提起' },
  };
  const made = await clerk.call(matterContracts.register, { body: letter({ parties: [party], sensitive: true }) });
  const params = { county: made.county, id: made.id };
  const page = await clerk.call(matterContracts.page, { params });
  expect(JSON.stringify(page)).not.toContain('13912345678');
  expect(page.parties[0]!.masked).toEqual({ phone: '139****5678', identity: null, safe: true });
  expect((await clerk.refused(matterContracts.reveal, { params, body: { party: party.id, reason: '' } })).code).toBe(
    'invalid',
  );
  expect(await clerk.call(matterContracts.reveal, { params, body: { party: party.id, reason: '回访' } })).toMatchObject(
    { name: '诸葛暗明', phone: '13912345678', safe: { never: '不可对丈夫提起' } },
  );
  const { lines } = await (await server.signedIn('audit')).call(peopleContracts.audit, { query: {} });
  expect(lines.find(line => line.what === 'reveal')).toMatchObject({ subject: party.id, detail: { reason: '回访' } });
  expect(lines.some(line => line.what === 'read-sensitive' && line.subject === made.id)).toBe(true);
});

test('what was written down wrongly of somebody is put right, on record; the house forgets the wrong data and calls the matter anew', async () => {
  const desk = await server.signedIn('village-head');
  const party = {
    id: uuid(),
    role: 'applicant' as const,
    name: '赵大朋',
    phone: '13800001111',
    safe: { never: '不要说是综治中心' },
    anonymous: false,
  };
  const own = { id: uuid(), role: 'witness' as const, unit: unitNamed('教育体育局'), anonymous: false };
  const input = letter({
    title: '赵大鹏家门口的井盖碎了',
    text: '赵大鹏家门口的井盖碎了一半。',
    parties: [party, own],
  });
  const made = await desk.call(matterContracts.register, { body: input });
  const params = { county: made.county, id: made.id };
  const at = (of: string) => ({ params: { ...params, party: of } });
  const change = (changes: object) => ({ body: { action: uuid(), changes, reason: '登记时听错了' } });
  const page = () => desk.call(matterContracts.page, { params });
  const found = async (typed: string) =>
    (await desk.call(matterContracts.find, { body: { typed } })).rows.some(row => row.id === made.id);
  const listed = async (q: string) => {
    while (await project(house.loop));
    const { rows } = await desk.call(matterContracts.list, { query: { box: 'all', q, limit: 50 } });
    return rows.find(row => row.id === made.id);
  };

  const refused = async (client: Client, of: string, changes: object) =>
    (await client.refused(matterContracts.correctParty, { ...at(of), ...change(changes) })).code;
  expect(await refused(desk, party.id, {})).toBe('invalid');
  expect(await refused(desk, party.id, { phone: '' })).toBe('invalid');
  expect(await refused(desk, uuid(), { phone: '13800002222' })).toBe('not_found');
  expect(await refused(desk, own.id, { name: '教育局' })).toBe('conflict');
  expect(await refused(await server.signedIn('labour'), party.id, { phone: '13800002222' })).toBe('not_found');
  expect(await refused(await server.signedIn('leader'), party.id, { phone: '13800002222' })).toBe('forbidden');
  const by = act('amend', { party: party.id, fields: ['name'], name: '冒名' }, { text: '冒名' });
  expect((await desk.refused(matterContracts.act, { params, body: by })).code).toBe('invalid');
  expect((await listed('井盖'))!.summary).toContain('赵大鹏');

  const phone = { ...at(party.id), ...change({ phone: '13800002222', safe: { when: '晚上七点后' } }) };
  for (const _twice of [1, 2]) await desk.call(matterContracts.correctParty, phone);
  const clash = { ...phone, body: { ...phone.body, changes: { phone: '13800003333' } } };
  expect((await desk.refused(matterContracts.correctParty, clash)).code).toBe('conflict');
  expect([await found('13800001111'), await found('13800002222')]).toEqual([false, true]);
  const clear = await desk.call(matterContracts.reveal, { params, body: { party: party.id, reason: '核对' } });
  expect(clear).toMatchObject({
    name: '赵大朋',
    phone: '13800002222',
    safe: { when: '晚上七点后', never: '不要说是综治中心' },
  });
  expect((await page()).parties.find(one => one.id === party.id)!.masked).toMatchObject({ phone: '138****2222' });

  // A guardian with the same telephone: it finds the matter as long as one of them has it.
  const guardian = { id: uuid(), role: 'guardian' as const, name: '赵老三', phone: '13800002222', anonymous: false };
  await desk.call(matterContracts.addParty, { params, body: { action: uuid(), party: guardian, reason: '其父' } });
  const other = { phone: '13800004444' };
  await desk.call(matterContracts.correctParty, { ...at(guardian.id), ...change(other) });
  expect([await found('13800002222'), await found('13800004444')]).toEqual([true, true]);
  await desk.call(matterContracts.correctParty, { ...at(party.id), ...change(other) });
  expect([await found('13800002222'), await found('13800004444')]).toEqual([false, true]);
  await desk.call(matterContracts.correctParty, { ...at(guardian.id), ...change({ phone: null }) });
  expect(await found('13800004444')).toBe(true);

  // The right name stands in the title: from now on it is struck out there, in search too.
  await desk.call(matterContracts.correctParty, { ...at(party.id), ...change({ name: '赵大鹏' }) });
  expect((await listed('井盖'))!.summary).toBe('赵**家门口的井盖碎了');
  expect(await listed('赵大鹏')).toBeUndefined();
  // And it stays so when the title is corrected.
  const title = act('correct', { set: {} }, { text: '井盖是村里的', title: '赵大鹏家门口的村井盖碎了' });
  await desk.call(matterContracts.act, { params, body: title });
  expect((await listed('村井盖'))!.summary).toBe('赵**家门口的村井盖碎了');
  const { timeline, matter } = await page();
  expect(matter.parties.map(one => one.name)).toEqual(['赵**', house.keeper.current.units.get(own.unit)!.name, '赵**']);
  expect(timeline.slice(-2).map(entry => [entry.type, entry.words])).toEqual([
    ['amend', { text: '登记时听错了' }],
    ['correct', { text: '井盖是村里的', formerTitle: '赵大鹏家门口的井盖碎了' }],
  ]);
  expect((await verify(house)).broken).toEqual([]);
});

test('files are judged by content, sealed on disk, and served only to those who see the matter', async () => {
  const clerk = await server.signedIn('village-head');
  const made = await clerk.call(matterContracts.register, { body: letter() });
  const path = `/api/v1/matters/${made.county}/${made.id}/files`;
  const form = (bytes: Uint8Array<ArrayBuffer>, name: string) => {
    const data = new FormData();
    for (const field of ['id', 'action']) data.append(field, uuid());
    data.append('file', new Blob([bytes]), name);
    return data;
  };
  expect(
    (await clerk.raw('POST', path, form(new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), '照片.png'))).body.error
      .code,
  ).toBe('file_type');
  expect(
    (await clerk.raw('POST', path, form(new TextEncoder().encode('<html><script>alert(1)</script>'), '说明.txt'))).body
      .error.code,
  ).toBe('file_type');
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  const sent = await clerk.raw('POST', path, form(new Uint8Array(png), '现场照片.png'));
  expect(sent.body).toMatchObject({ type: 'image/png', size: png.length });
  const got = await clerk.raw('GET', `${path}/${sent.body.id}`);
  expect(Buffer.compare(got.body, png)).toBe(0);
  expect(got.headers.get('content-disposition')).toContain(encodeURIComponent('现场照片.png'));
  expect(
    readFileSync(`${house.data}/files/${sent.body.id.slice(-2)}/${sent.body.id}`).includes(png.subarray(0, 8)),
  ).toBe(false);
  expect((await (await server.signedIn('huolong')).raw('GET', `${path}/${sent.body.id}`)).status).toBe(404);
});

test.each(['acceptance', 'reply', 'sheet'])(
  'the %s is printed from its template, with every place filled',
  async template => {
    const clerk = await server.signedIn('village-head');
    const made = await clerk.call(matterContracts.register, {
      body: letter({
        parties: [{ id: uuid(), role: 'applicant', name: '𠮷安民', phone: '13912345678', anonymous: false }],
      }),
    });
    await clerk.call(matterContracts.act, { params: { county: made.county, id: made.id }, body: act('accept') });
    const reply = await clerk.raw('GET', `/api/v1/matters/${made.county}/${made.id}/documents/${template}`);
    expect(reply.status).toBe(200);
    const xml = new PizZip(reply.body).file('word/document.xml')!.asText();
    expect(xml).toContain(made.number);
    expect(xml).toContain('𠮷安民');
    expect(xml).not.toMatch(/\{[#/]?\w+\}|undefined/);
    if (template === 'acceptance') expect(xml).toContain(made.receipt.replace(/(\d{4})(?=\d)/g, '$1 '));
  },
);

test('a token acts by one post within its scopes and can be ended', async () => {
  const admin = await server.signedIn('security');
  const person = await house.staff('county2');
  const { token } = await admin.call(peopleContracts.addToken, {
    body: { id: uuid(), name: '热线平台', post: person.posts[0]!.id, scopes: ['read'] },
  });
  const machine = server.anyone();
  const bearer = { authorization: `Bearer ${token}` };
  expect((await machine.raw('GET', '/api/v1/matters', undefined, bearer)).status).toBe(200);
  expect((await machine.raw('POST', '/api/v1/matters', letter(), bearer)).body.error.code).toBe('forbidden');
  const { tokens } = await admin.call(peopleContracts.tokens, {});
  await admin.call(peopleContracts.endToken, { params: { token: tokens[0]!.id } });
  expect((await machine.raw('GET', '/api/v1/matters', undefined, bearer)).status).toBe(401);
});

test('a list is paged, filtered, searched with highlights, found by phone; the export is exactly what was shown', async () => {
  const clerk = await server.signedIn('county');
  const desk = await server.signedIn('village-head');
  for (let i = 0; i < 7; i++)
    await desk.call(matterContracts.register, {
      body: letter({
        text: `第${i}号变压器夜里嗡嗡响得睡不着`,
        parties: [{ id: uuid(), role: 'applicant', name: '赵大', phone: '13700001234', anonymous: false }],
      }),
    });
  while ((await project(house.loop)) > 0);
  const query = { q: '变压器', state: 'registered', limit: 3 };
  const one = await clerk.call(matterContracts.list, { query });
  expect(one.rows).toHaveLength(3);
  expect(one.snippets![one.rows[0]!.id]).toMatchObject({ hit: '变压器' });
  const two = await clerk.call(matterContracts.list, { query: { ...query, cursor: one.next! } });
  const three = await clerk.call(matterContracts.list, { query: { ...query, cursor: two.next! } });
  expect(three.next).toBeNull();
  expect(new Set([...one.rows, ...two.rows, ...three.rows].map(row => row.id)).size).toBe(7);
  expect((await clerk.call(matterContracts.find, { body: { typed: '137 0000 1234' } })).rows).toHaveLength(7);
  const id = uuid();
  await clerk.call(deskContracts.export, {
    body: { id, query: { q: '变压器', state: 'registered' }, columns: ['number', 'summary'] },
  });
  while (await runOneTask(house));
  const { tasks } = await clerk.call(deskContracts.tasks, {});
  expect(tasks.find(task => task.id === id)).toMatchObject({ state: 'done', counts: { rows: 7 } });
  const book = new ExcelJS.Workbook();
  await book.xlsx.load((await clerk.raw('GET', `/api/v1/tasks/${id}/result`)).body as never);
  const cells = book.worksheets[0]!.getSheetValues().slice(1) as string[][];
  expect(cells).toEqual([
    [undefined, '事项编号', '标题'],
    ...[...one.rows, ...two.rows, ...three.rows].map(row => [undefined, row.number, row.summary]),
  ]);
  expect((await desk.raw('GET', `/api/v1/tasks/${id}/result`)).status).toBe(404);
});

test('the desk that took it in keeps sight of it: adds, corrects until it is accepted, then notes; what is sensitive stays with who wrote it down', async () => {
  const [desk, colleague, village] = await Promise.all(['urban', 'urban2', 'village-head'].map(server.signedIn));
  const made = await desk!.call(matterContracts.register, { body: letter() });
  const params = { county: made.county, id: made.id };
  for (const one of [desk!, colleague!])
    expect((await one.call(matterContracts.page, { params })).matter.number).toBe(made.number);
  const correction = () => act('correct', { set: { category: '0102' } }, { text: '写错了类别' });
  await colleague!.call(matterContracts.act, { params, body: correction() });
  expect(
    (await (await server.signedIn('labour')).refused(matterContracts.act, { params, body: correction() })).code,
  ).toBe('not_found');
  expect((await desk!.refused(matterContracts.act, { params, body: act('accept') })).code).toBe('forbidden');
  await village!.call(matterContracts.act, { params, body: act('accept') });
  expect((await desk!.refused(matterContracts.act, { params, body: correction() })).code).toBe('forbidden');
  await desk!.call(matterContracts.act, { params, body: act('note', {}, { text: '来人又补充了位置' }) });

  const secret = await desk!.call(matterContracts.register, { body: letter({ sensitive: true }) });
  const hidden = { params: { county: secret.county, id: secret.id } };
  await desk!.call(matterContracts.page, hidden);
  expect((await colleague!.refused(matterContracts.page, hidden)).code).toBe('not_found');
  // A unit that is itself a party gets no sight of it by having written it down.
  const against = await desk!.call(matterContracts.register, {
    body: letter({ excludedUnits: [unitNamed('城市管理局')] }),
  });
  const kept = { params: { county: against.county, id: against.id } };
  for (const one of [desk!, colleague!]) expect((await one.refused(matterContracts.page, kept)).code).toBe('not_found');
});

test('suggestions come with grounds; a unit that is a party is not offered; likely duplicates are shown', async () => {
  const clerk = await server.signedIn('village-head');
  await clerk.call(matterContracts.register, { body: letter({ text: '村西头路灯不亮已经一个星期，晚上走路害怕' }) });
  while ((await project(house.loop)) > 0);
  const ask = { text: '村西头的路灯一个星期不亮了，晚上走路害怕', region: '411081101205' };
  const reply = await clerk.call(matterContracts.suggest, { body: ask });
  expect(reply.categories[0]).toMatchObject({
    value: '0101',
    grounds: expect.arrayContaining([expect.stringContaining('路灯')]),
  });
  expect(reply.units.map(u => u.value)).toContain(unitNamed('城市管理局'));
  expect(reply.duplicates[0]!.summary).toContain('路灯');
  const without = await clerk.call(matterContracts.suggest, {
    body: { ...ask, excludedUnits: [unitNamed('城市管理局')] },
  });
  expect(without.units.map(u => u.value)).not.toContain(unitNamed('城市管理局'));
  expect(
    (await clerk.call(matterContracts.suggest, { body: { text: '他喝醉了又家暴打孩子，还拿刀' } })).urgent.map(
      u => u.danger,
    ),
  ).toContain('violence');
});

test('a unit that handled like matters before is suggested although no word speaks for it', async () => {
  const clerk = await server.signedIn('county');
  const text = '老县衙旁边的石碑被人涂了红漆，字都看不清了';
  const made = await clerk.call(matterContracts.register, { body: letter({ text, region: '411081000000' }) });
  const params = { county: made.county, id: made.id };
  await clerk.call(matterContracts.act, { params, body: act('accept') });
  await clerk.call(matterContracts.act, { params, body: act('dispatch', { unit: unitNamed('教育体育局') }) });
  while ((await project(house.loop)) > 0);
  const { units } = await clerk.call(matterContracts.suggest, {
    body: { text: '老县衙的石碑又被涂了红漆，字看不清', region: '411081000000' },
  });
  expect(units[0]).toMatchObject({
    value: unitNamed('教育体育局'),
    grounds: [expect.stringContaining(made.number)],
  });
});

test('places: by pinyin, by initials, by point, with the datum converted', async () => {
  const clerk = await server.signedIn('county');
  for (const q of ['maolv', 'mlc', '毛吕', '411081101205'])
    expect((await clerk.call(regionContracts.search, { query: { q } })).regions[0]!.code, q).toBe('411081101205');
  const { features } = (await clerk.call(regionContracts.boundaries, { params: { code: '411081101205' } })) as {
    features: { properties: { code: string }; geometry: { coordinates: [number, number][][] } }[];
  };
  const [[x, y], , [x2, y2]] = features[0]!.geometry.coordinates[0] as [[number, number], unknown, [number, number]];
  const found = await clerk.call(regionContracts.locate, { query: { lng: (x + x2) / 2, lat: (y + y2) / 2 } });
  expect(found.grid!.code).toBe(features[0]!.properties.code);
  const shifted = await clerk.call(regionContracts.locate, { query: { lng: 113.3, lat: 34.1, datum: 'GCJ02' } });
  expect(Math.hypot(shifted.location.lng - 113.3, shifted.location.lat - 34.1)).toBeGreaterThan(0.003);
});

test('a post ends only with a substitute, hands over, and its holder is out at once', async () => {
  const admin = await server.signedIn('system');
  const clerk = await server.signedIn('shundian2');
  const person = await house.staff('shundian2');
  const made = await clerk.call(matterContracts.register, {
    body: letter({ region: '411081101000', sensitive: true }),
  });
  expect((await admin.refused(peopleContracts.endPost, { params: { post: person.posts[0]!.id }, body: {} })).code).toBe(
    'post_without_substitute',
  );
  const heir = await house.staff('county');
  const { handover } = await admin.call(peopleContracts.endPost, {
    params: { post: person.posts[0]!.id },
    body: { substitute: heir.person },
  });
  expect(handover.map(h => h.id)).toContain(made.id);
  house.time.now += 86_400_000;
  expect((await clerk.refused(peopleContracts.me, {})).code).toBe('unauthenticated');
  expect(
    (
      await (
        await server.signedIn('county')
      ).call(matterContracts.page, { params: { county: made.county, id: made.id } })
    ).matter.readers,
  ).toContain(heir.person);
});

test('who is away is replaced for those days by a colleague of the unit, and by nobody else', async () => {
  const clerk = await server.signedIn('urban');
  const me = await clerk.call(peopleContracts.me, {});
  const { colleagues } = await clerk.call(peopleContracts.absences, {});
  const stranger = (await house.staff('shundian')).person;
  const away = { id: uuid(), post: me.posts[0]!.id, from: '2026-03-09', to: '2026-03-12' };
  expect((await clerk.refused(peopleContracts.addAbsence, { body: { ...away, substitute: stranger } })).code).toBe(
    'substitute_unfit',
  );
  const colleague = colleagues[0]!.id;
  expect(
    (await clerk.refused(peopleContracts.addAbsence, { body: { ...away, to: away.from, substitute: colleague } })).code,
  ).toBe('invalid');
  const other = await server.signedIn('urban2');
  expect((await other.refused(peopleContracts.addAbsence, { body: { ...away, substitute: colleague } })).code).toBe(
    'not_found',
  );

  await clerk.call(peopleContracts.addAbsence, { body: { ...away, substitute: colleague } });
  const acting = (await house.staff('urban2')).posts.filter(post => post.acting);
  expect(acting.map(post => post.id)).toEqual([away.post]);
  const { absences } = await clerk.call(peopleContracts.absences, {});
  expect(absences).toMatchObject([{ post: away.post, substitute: colleague, from: away.from, to: away.to }]);
  house.time.now += 4 * 86_400_000;
  expect((await house.staff('urban2')).posts.filter(post => post.acting)).toEqual([]);
  house.time.now -= 4 * 86_400_000;
  await clerk.call(peopleContracts.endAbsence, { params: { absence: away.id } });
  expect((await house.staff('urban2')).posts.filter(post => post.acting)).toEqual([]);
});

test('a unit closes only empty and with a successor, which takes over every open matter on record', async () => {
  const county = await server.signedIn('county');
  const system = await server.signedIn('system');
  const town = await server.signedIn('shundian');
  const from = unitNamed('住房');
  const to = unitNamed('城市管理局');
  const input = letter({ region: '411081000000', text: '小区二期交付三年仍未办证，请核实。' });
  await county.call(matterContracts.register, { body: input });
  const params = { county: '411081', id: input.id };
  await county.call(matterContracts.act, { params, body: act('accept') });
  await county.call(matterContracts.act, { params, body: act('dispatch', { unit: from }) });
  const close = { params: { unit: from }, body: { successor: to } };
  expect((await town.refused(regionContracts.closeUnit, close)).code).toBe('forbidden');
  expect((await system.refused(regionContracts.closeUnit, { ...close, body: { successor: from } })).code).toBe(
    'unit_unknown',
  );
  expect(await system.refused(regionContracts.closeUnit, close)).toMatchObject({ code: 'unit_has_posts' });
  await house.owner.query('UPDATE post SET substitute = $2, valid_to = $3 WHERE unit = $1', [
    from,
    (await house.staff('urban')).person,
    '2026-03-09',
  ]);
  const { moved } = await system.call(regionContracts.closeUnit, close);
  expect(moved).toBe(1);
  const page = await county.call(matterContracts.page, { params });
  expect(page.matter).toMatchObject({ state: 'dispatched', unit: to, handler: to });
  expect(page.timeline.at(-1)).toMatchObject({ type: 'succeed', data: { from, to } });
  const units = (await county.call(regionContracts.directory, {})).units;
  expect(units.find(unit => unit.id === from)!.closed).toBe(true);
  const again = letter({ region: '411081000000' });
  await county.call(matterContracts.register, { body: again });
  await county.call(matterContracts.act, { params: { county: '411081', id: again.id }, body: act('accept') });
  expect(
    (
      await county.refused(matterContracts.act, {
        params: { county: '411081', id: again.id },
        body: act('dispatch', { unit: from }),
      })
    ).code,
  ).toBe('unit_unknown');
});

test('importing next year’s rest days makes provisional deadlines firm', async () => {
  house.time.now = Date.parse('2026-12-30T10:00:00+08:00');
  const clerk = await server.signedIn('village-head');
  const made = await clerk.call(matterContracts.register, { body: letter({ kind: 'petition' }) });
  const params = { county: made.county, id: made.id };
  expect((await clerk.call(matterContracts.page, { params })).matter.due!.provisional).toBe(true);
  const admin = await server.signedIn('system');
  const { recounted } = await admin.call(regionContracts.calendar, {
    body: { year: 2027, off: ['2027-01-01', '2027-01-14'], work: [], source: '国办发明电〔2026〕×号' },
  });
  expect(recounted).toBeGreaterThan(0);
  const after = await clerk.call(matterContracts.page, { params });
  expect(after.matter.due).toMatchObject({ provisional: false });
  expect(new Date(after.matter.dueAt! + 8 * 3_600_000).toISOString().slice(0, 10)).toBe('2027-01-15');
});

test('headers keep other pages out, and metrics are for the machine', async () => {
  const reply = await server.anyone().raw('GET', '/api/v1/health');
  expect(reply.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(reply.headers.get('content-security-policy')).not.toContain('unsafe-eval');
  expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
  expect(String((await server.anyone().raw('GET', '/metrics')).body)).toContain('yuandian_request_seconds_count');
});

test('requests over the limit are refused with the seconds to wait', async () => {
  const limited = await serve(house, 20);
  const client = limited.anyone();
  const codes = [];
  for (let i = 0; i < 25; i++) codes.push((await client.raw('GET', '/api/v1/me')).status);
  expect(codes.filter(code => code === 429)).toHaveLength(5);
  await limited.app.close();
});

test('who is not signed in counts by address: a made-up cookie or token buys no other try', async () => {
  const limited = await serve(house, 1000);
  const tries = await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      limited
        .anyone()
        .raw(
          'POST',
          n % 2 ? '/api/v1/sync/devices' : '/api/v1/sign-in',
          { id: uuid(), login: `nobody-${n}`, password: 'wrong', name: 'x' },
          { authorization: `Bearer made-up-${n}` },
        ),
    ),
  );
  const more = await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      limited
        .anyone()
        .raw(
          'POST',
          '/api/v1/sync/devices',
          { id: uuid(), login: 'x', password: 'x', name: 'x' },
          { authorization: `Bearer other-${n}` },
        ),
    ),
  );
  expect([...tries, ...more].filter(reply => reply.status === 429).length).toBeGreaterThan(15);
  await limited.app.close();
});
