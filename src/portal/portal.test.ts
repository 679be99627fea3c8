/** The portal over real HTTP: residents without an account, the desk behind it. Refusals first. */
import { RSABSSA } from '@cloudflare/blindrsa-ts';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openText } from '../channels/outbox.ts';
import { sql, systemScope } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { act } from '../matters/acting.ts';
import { Action } from '../matters/actions.ts';
import { project } from '../matters/jobs.ts';
import { addParty } from '../matters/joining.ts';
import { registerMatter } from '../matters/registration.ts';
import { serve } from '../test/client.ts';
import { letter, testHouse } from '../test/harness.ts';
import { Resident, raising, work } from '../test/resident.ts';
import { verify } from '../verify.ts';
import { draw } from './ballots.ts';
import { portalContracts as contracts } from './contract.ts';
import { portalDesk } from './desk-contract.ts';
import { Counted, FairQueue } from './guard.ts';

const county = '411081';
const day = 86_400_000;
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe('raising and following', async () => {
  const house = await testHouse();
  const server = await serve(house);
  afterAll(() => server.app.close());
  const resident = () => new Resident(server.address);
  const step = async (login: string, id: string, type: string, data: object = {}, text = '已办') =>
    act(house.loop, await house.as(login), county, id, {
      id: uuid(),
      action: Action.parse({ type, data, words: { text } }),
    });

  test('refused: without work, with used, altered or old work; where no name is given and one is needed; outside of the county', async () => {
    const one = resident();
    const send = (body: object) => one.refused(contracts.raise, { params: { county }, body: body as never });
    expect((await send({ ...raising(), work: 'nothing' })).code).toBe('work_needed');
    const used = await work(one);
    await one.call(contracts.raise, { params: { county }, body: { ...raising(), work: used } });
    expect((await send({ ...raising(), work: used })).code).toBe('work_needed');
    const altered = JSON.parse(Buffer.from(await work(one), 'base64').toString());
    altered.salt = altered.salt.replace(/expires=\d+/, 'expires=9999999999');
    expect((await send({ ...raising(), work: Buffer.from(JSON.stringify(altered)).toString('base64') })).code).toBe(
      'work_needed',
    );
    const old = await work(one);
    house.time.now += 30 * 60_000;
    expect((await send({ ...raising(), work: old })).code).toBe('work_needed');
    const petition = {
      ...raising({ kind: 'petition', anonymous: true, name: undefined, phone: undefined }),
      work: await work(one),
    };
    expect((await send(petition)).code).toBe('name_needed');
    expect((await send({ ...raising({ region: '411600000000' }), work: await work(one) })).code).toBe('invalid');
    expect((await send({ ...raising({ phone: '12' }), work: await work(one) })).code).toBe('invalid');
  });

  test('raised in one request; sent again it is the same matter with the same receipt; the audit and the logs hold no words', async () => {
    const one = resident();
    const body = raising({ location: { lng: 113.2, lat: 34.1 }, address: '村口' });
    const first = await one.call(contracts.raise, { params: { county }, body: { ...body, work: await work(one) } });
    const again = await one.call(contracts.raise, { params: { county }, body: { ...body, work: await work(one) } });
    expect(again).toEqual(first);
    expect(first.receipt).toMatch(/^\d{12}$/);
    const other = await one.refused(contracts.raise, {
      params: { county },
      body: { ...body, text: '别的事', work: await work(one) },
    });
    expect(other.code).toBe('conflict');
  });

  test('a receipt opens one matter, with the tail of the phone; misses are refused alike and then made to wait', async () => {
    const one = resident();
    const { number } = await one.raise();
    expect((await one.look()).body).toMatchObject({
      number,
      state: 'registered',
      text: expect.stringContaining('路灯'),
    });
    one.tail = '0000';
    const wrongTail = await one.look();
    one.receipt = '123456789012';
    const wrongCode = await one.look();
    expect([wrongTail.status, wrongCode.status]).toEqual([404, 404]);
    expect(wrongTail.body).toEqual(wrongCode.body);
    for (let i = 0; i < 10; i++) await one.look();
    expect((await one.look()).body.error.code).toBe('rate_limited');
    house.time.now += 3 * 60_000;
    expect((await one.look()).status).toBe(404);
    house.time.now += 3 * 60_000;
  });

  test('the whole loop as the person sees it: accepted, dispatched, asked, answered back, answered, not solved with a cause, reworked, solved', async () => {
    const one = resident();
    const { id } = await one.raise();
    await step('village-head', id, 'accept');
    await step('village-head', id, 'dispatch', { unit: (await house.staff('urban')).posts[0]!.unit });
    await step('urban', id, 'sign');
    await step('urban', id, 'note', {}, '只给单位看的办理记录，电话13900001111');
    await step('urban', id, 'ask', {}, '是哪一盏灯？');
    const asked = (await one.look()).body;
    expect(asked.question.text).toBe('是哪一盏灯？');
    expect(JSON.stringify(asked)).not.toContain('办理记录');
    expect(asked.unit.name).toContain('城市管理局');
    const answered = (await one.act({ what: 'add', text: '小卖部门口那盏。', question: asked.question.id })).body;
    expect(answered.question).toBeNull();
    expect(answered.steps.filter((s: any) => s.mine).map((s: any) => s.text)).toContain('小卖部门口那盏。');
    // The unit is told.
    const notices = await house.db.read<{ what: string }>(
      systemScope,
      sql`SELECT what FROM notice WHERE matter = ${id}`,
    );
    expect(notices.map(n => n.what)).toContain('added');
    const form = new FormData();
    for (const [key, value] of Object.entries({ id: uuid(), action: uuid() })) form.set(key, value);
    form.set('file', new Blob([png]), '照片.png');
    expect((await one.raw('POST', '/api/v1/portal/receipt/files', form, one.key)).body.type).toBe('image/png');
    const script = new FormData();
    for (const [key, value] of Object.entries({ id: uuid(), action: uuid() })) script.set(key, value);
    script.set('file', new Blob(['<script>1</script>']), 'x.html');
    expect((await one.raw('POST', '/api/v1/portal/receipt/files', script, one.key)).status).toBe(415);
    await step('urban', id, 'report', { result: 'resolved' });
    await step('village-head', id, 'answer', { way: 'phone', position: 'supported' }, '已更换，联系人 13911112222。');
    const told = (await one.look()).body;
    expect(told.steps.at(-1)).toMatchObject({ what: 'answer', text: '已更换，联系人 139****2222。' });
    await step('village-head', id, 'close', {});
    const back = (await one.act({ what: 'rate', stars: 1, solved: false, cause: 'not-done', text: '还是不亮' })).body;
    expect(back.state).toBe('handling');
    await step('urban', id, 'report', { result: 'resolved' });
    await step('village-head', id, 'answer', { way: 'phone', position: 'supported' });
    await step('village-head', id, 'close', {});
    expect((await one.act({ what: 'rate', stars: 5, solved: true })).body.rated).toEqual({ stars: 5, solved: true });
    // A replay is the same answer, a step out of turn is refused.
    expect((await one.act({ what: 'withdraw', text: '不用了' })).body.error.code).toBe('illegal_step');
  });

  test('a complaint against an official is closed to the official; a dispute names wished mediators; anonymous ones have nobody to show', async () => {
    const one = resident();
    const { id } = await one.raise({ kind: 'petition', againstOfficial: true, text: '反映村干部优亲厚友。' });
    const row = await house.db.readOne<any>(systemScope, sql`SELECT sensitive, source FROM matter WHERE id = ${id}`);
    expect(row).toEqual({ sensitive: true, source: 'online' });
    const nobody = resident();
    nobody.tail = '';
    await nobody.raise({ anonymous: true, name: undefined, phone: undefined });
    const data = await nobody.raw('GET', '/api/v1/portal/receipt/data', undefined, nobody.key);
    expect(data.body.held).toMatchObject({ name: null, phone: null });
  });

  test('where the county wants it a phone is confirmed by a code: sent sealed, five tries, once; three in an hour for one phone', async () => {
    const admin = await server.signedIn('system');
    const set = (phoneCode: boolean) =>
      admin.call(portalDesk.setSetting, { params: { county, name: 'portal' }, body: { value: { phoneCode } } });
    await set(true);
    const one = resident();
    const send = async (more: object) =>
      one.raw('POST', `/api/v1/portal/${county}/matters`, { ...raising(), ...more, work: await work(one) });
    expect((await send({})).body.error.code).toBe('phone_code_needed');
    const codeFor = async (phone = '13800138000') => {
      const id = uuid();
      const reply = await one.raw('POST', `/api/v1/portal/${county}/phone-codes`, { id, phone, work: await work(one) });
      if (reply.status !== 200) return { id, code: '', reply };
      const row = (await house.db.readOne<any>(
        systemScope,
        sql`SELECT sealed, version, data FROM message_out WHERE id = ${id}`,
      ))!;
      expect(JSON.stringify(row.data)).not.toMatch(/\d{6}/);
      const { to, data } = JSON.parse(openText(house.secrets, row.sealed, row.version));
      expect(to).toBe(phone);
      return { id, code: data.code as string, reply };
    };
    const proof = await codeFor();
    expect(
      (await send({ phoneCode: { id: proof.id, code: proof.code === '000000' ? '000001' : '000000' } })).body.error
        .code,
    ).toBe('phone_code_wrong');
    expect((await send({ phone: '13900139000', phoneCode: { id: proof.id, code: proof.code } })).body.error.code).toBe(
      'phone_code_wrong',
    );
    const body = raising();
    const right = { ...body, phoneCode: { id: proof.id, code: proof.code } };
    expect((await send(right)).status).toBe(200);
    // Sent again it is the same matter; for another matter the code is used up.
    expect((await send(right)).status).toBe(200);
    expect((await send({ phoneCode: { id: proof.id, code: proof.code } })).body.error.code).toBe('phone_code_wrong');
    await codeFor();
    await codeFor();
    expect((await codeFor()).reply.body.error.code).toBe('rate_limited');
    // Whoever leaves no name is asked for no code.
    expect((await send({ anonymous: true, name: undefined, phone: undefined })).status).toBe(200);
    await set(false);
  });

  test('who raised a dispute enters its mediation by the receipt, and chooses', async () => {
    const one = resident();
    const { id } = await one.raise({
      kind: 'dispute',
      region: '411081101000',
      text: '两家为一堵院墙争了三年。',
      wanted: [uuid()],
    });
    const [party] = (await house.db.readOne<any>(
      systemScope,
      sql`SELECT parties, fields FROM matter WHERE id = ${id}`,
    ))!.parties;
    const side = () => one.raw('POST', '/api/v1/portal/receipt/side', {}, one.key);
    await step('shundian', id, 'accept');
    await addParty(
      house.loop,
      await house.as('shundian'),
      { county, id },
      { action: uuid(), reason: '对方', party: { id: uuid(), role: 'respondent', name: '李大山', anonymous: false } },
    );
    await step('shundian', id, 'dispatch', { unit: (await house.staff('shundian')).posts[0]!.unit });
    await step('shundian', id, 'sign');
    expect((await side()).status).toBe(404);
    const committee = [...house.keeper.current.units.values()].find(unit =>
      unit.name.includes('顺店镇人民调解委员会'),
    )!.id;
    await step('shundian', id, 'mediate', { basis: 'application', committee });
    const { token } = (await side()).body;
    const view = (await one.raw('GET', '/api/v1/side', undefined, { 'x-side': token })).body;
    expect(view.me.party).toBe(party.id);
    const chosen = view.directory[0].id;
    expect(
      (
        await one.raw(
          'POST',
          '/api/v1/side/actions',
          { id: uuid(), do: { what: 'choose', mediators: [chosen] } },
          { 'x-side': token },
        )
      ).status,
    ).toBe(200);
    const { mediation } = (await house.db.readOne<any>(
      systemScope,
      sql`SELECT mediation FROM matter WHERE id = ${id}`,
    ))!;
    expect(mediation.sides.find((one: any) => one.party === party.id).choice).toEqual([chosen]);
  });

  test('the scope of a receipt reaches its matter alone, by row-level security too', async () => {
    const one = resident();
    const other = resident();
    const { id } = await one.raise();
    const { id: hidden } = await other.raise();
    const scope = { receipt: id };
    for (const table of ['matter', 'matter_action', 'matter_key', 'matter_party', 'matter_lookup', 'matter_file']) {
      const column = table === 'matter' ? sql.ref('id') : sql.ref('matter');
      const rows = await house.db.read<{ of: string }>(
        scope,
        sql`SELECT DISTINCT ${column} AS of FROM ${sql.table(table)}`,
      );
      expect(
        rows.every(row => row.of === id),
        table,
      ).toBe(true);
    }
    expect(await house.db.read(scope, sql`SELECT 1 FROM matter WHERE id = ${hidden}`)).toEqual([]);
    for (const table of [
      'call',
      'booking',
      'message_out',
      'tip',
      'wish_offer',
      'exchange_message',
      'review_ticket',
      'review_ballot',
      'phone_code',
      'notice',
      'audit',
    ])
      expect(await house.db.read(scope, sql`SELECT 1 FROM ${sql.table(table)}`), table).toEqual([]);
  });

  test('what is held and to whom it was shown; corrected, then erased: keys die, the history verifies, the search forgets', async () => {
    const one = resident();
    const { id } = await one.raise({ text: '隔壁装修扰民，住址在绿竹巷七号。' });
    await step('village-head', id, 'accept');
    const clerk = await server.signedIn('village-head');
    const page = (await clerk.raw('GET', `/api/v1/matters/${county}/${id}`)).body;
    await clerk.raw('POST', `/api/v1/matters/${county}/${id}/reveal`, {
      party: page.matter.parties[0].id,
      reason: '电话核实',
    });
    const held = (await one.raw('GET', '/api/v1/portal/receipt/data', undefined, one.key)).body;
    expect(held.held).toMatchObject({ name: '王小明', phone: '13800138000' });
    expect(held.shown).toMatchObject([
      { what: 'reveal', reason: '电话核实', units: [expect.stringContaining('毛吕村')] },
    ]);
    const ask = async (right: string) => {
      const reply = await one.raw(
        'POST',
        '/api/v1/portal/receipt/data',
        { id: uuid(), action: uuid(), right, text: '请办理' },
        one.key,
      );
      expect(reply.status, JSON.stringify(reply.body)).toBe(200);
      const row = await house.db.readOne<{ id: string }>(
        systemScope,
        sql`SELECT id FROM matter WHERE number = ${reply.body.number}`,
      );
      return row!.id;
    };
    const correcting = await ask('correct');
    const erasing = await ask('delete');
    expect((await one.raw('GET', '/api/v1/portal/receipt/data', undefined, one.key)).body.asked).toHaveLength(2);
    const carry = (request: string, what: object) =>
      clerk.raw('POST', `/api/v1/matters/${county}/${request}/privacy`, { action: uuid(), what, reason: '依申请办理' });
    for (const request of [correcting, erasing]) {
      await step('village-head', request, 'accept');
      await step('village-head', request, 'dispatch', { unit: (await house.staff('village-head')).posts[0]!.unit });
      await step('village-head', request, 'sign');
    }
    expect((await carry(correcting, { do: 'erase', reach: 'matter' })).body.error.code).toBe('invalid');
    expect(
      (await (await server.signedIn('urban')).raw('GET', `/api/v1/matters/${county}/${correcting}/privacy`)).status,
    ).toBe(404);
    expect((await carry(correcting, { do: 'correct', name: '王大明', phone: '13700137000' })).status).toBe(200);
    one.tail = '7000';
    expect((await one.raw('GET', '/api/v1/portal/receipt/data', undefined, one.key)).body.held).toMatchObject({
      name: '王大明',
      phone: '13700137000',
    });
    expect((await carry(erasing, { do: 'erase', reach: 'matter' })).body.error.code).toBe('must_be_kept');
    await one.act({ what: 'withdraw', text: '已经好了' });
    while (await project(house.loop));
    expect((await carry(erasing, { do: 'erase', reach: 'matter' })).status).toBe(200);
    while (await project(house.loop));
    one.tail = '';
    expect((await one.look()).body).toMatchObject({ text: null, can: [] });
    const found = await (await server.signedIn('county')).raw(
      'GET',
      `/api/v1/matters?q=${encodeURIComponent('绿竹巷')}`,
    );
    expect(found.body.rows.map((row: any) => row.id)).not.toContain(id);
    const checked = await verify(house);
    expect(checked.broken).toEqual([]);
    expect(checked.erased).toBe(1);
  });

  test('a lost receipt comes back to whoever shows the card and bears its name; each try is on record', async () => {
    const input = letter({
      parties: [
        {
          id: uuid(),
          role: 'applicant',
          name: '李秀英',
          phone: '13900139000',
          identity: '11010519491231002X',
          anonymous: false,
        },
      ],
    });
    const made = await registerMatter(house.loop, await house.as('village-head'), input);
    const clerk = await server.signedIn('county');
    const ask = (name: string) =>
      clerk.call(portalDesk.restore, { body: { county, identity: '11010519491231002X', name } });
    expect((await ask('李秀兰')).rows).toEqual([]);
    expect((await ask('李秀英')).rows).toMatchObject([{ number: made.number, receipt: made.receipt }]);
    const lines = await house.db.read<{ result: string }>(
      systemScope,
      sql`SELECT result FROM audit WHERE what = 'receipt-restored' ORDER BY n`,
    );
    expect(lines.map(line => line.result)).toEqual(['refused', 'done']);
    expect(
      (
        await (
          await server.signedIn('urban')
        ).refused(portalDesk.restore, { body: { county, identity: '11010519491231002X', name: '李秀英' } })
      ).status,
    ).toBe(403);
  });

  test('where: who is responsible, the outline to point at, the grid of a point; nothing of another county', async () => {
    const one = resident();
    const { grids } = await one.call(contracts.map, { params: { county, region: '411081101000' } });
    const [x, y] = grids[0]!.rings[0]![0]!;
    const { region } = await one.call(contracts.where, {
      params: { county },
      query: { lng: x + 0.001, lat: y + 0.001 },
    });
    expect(grids.map(grid => grid.code)).toContain(region);
    expect(await one.call(contracts.where, { params: { county }, query: { lng: 1, lat: 1 } })).toEqual({
      region: null,
      name: '',
    });
    const { contacts, path } = await one.call(contracts.contacts, { params: { county, region: '411081101205' } });
    expect(path).toEqual(['禹州市', '顺店镇', '毛吕村']);
    expect(contacts.map(one => one.what)).toContain('centre');
    expect(contacts.some(one => one.person === '刘大山')).toBe(true);
    expect((await one.refused(contracts.contacts, { params: { county, region: '110000000000' } })).status).toBe(404);
  });

  test('a post that begins or ends today does so at midnight here, not at eight in the morning', async () => {
    const one = resident();
    const named = async () => {
      const { contacts } = await one.call(contracts.contacts, { params: { county, region: '411081101205' } });
      return contacts.some(one => one.person === '刘大山');
    };
    const at = house.time.now;
    const post = `role = 'grid' AND person = (SELECT id FROM person WHERE name = '刘大山')`;
    const { rows } = await house.owner.query(`SELECT id, valid_from, valid_to, substitute FROM post WHERE ${post}`);
    house.time.now = Date.parse('2026-03-10T00:30:00+08:00');
    await house.owner.query(`UPDATE post SET valid_from = '2026-03-10' WHERE ${post}`);
    expect(await named()).toBe(true);
    await house.owner.query(
      `UPDATE post SET valid_from = '2026-03-01', valid_to = '2026-03-10', substitute = (SELECT id FROM person WHERE login = 'county') WHERE ${post}`,
    );
    expect(await named()).toBe(false);
    for (const { id, valid_from, valid_to, substitute } of rows)
      await house.owner.query('UPDATE post SET valid_from = $2, valid_to = $3, substitute = $4 WHERE id = $1', [
        id,
        valid_from,
        valid_to,
        substitute,
      ]);
    house.time.now = at;
  });
});

describe('in the open', async () => {
  const house = await testHouse();
  const server = await serve(house);
  afterAll(() => server.app.close());
  const resident = () => new Resident(server.address);

  test('an answer is shown once another person released it, and never with a name, a phone or an address in it', async () => {
    const clerk = await server.signedIn('county');
    const leader = await server.signedIn('leader');
    const { id } = await resident().raise({ address: '绿竹巷七号' });
    const write = (more: object) => ({
      params: { county },
      body: {
        id: uuid(),
        sort: 'answer' as const,
        matter: id,
        title: '路灯什么时候修好',
        question: '村口路灯不亮',
        answer: '三日内修复',
        ...more,
      },
    });
    expect((await clerk.refused(portalDesk.publish, write({ question: '王小明反映路灯不亮' }))).code).toBe(
      'names_inside',
    );
    expect((await clerk.refused(portalDesk.publish, write({ answer: '请拨 13911112222' }))).code).toBe('names_inside');
    const ok = write({});
    await clerk.call(portalDesk.publish, ok);
    expect((await clerk.refused(portalDesk.publish, write({}))).code).toBe('conflict');
    const decide = (who: typeof clerk, to: 'shown' | 'taken-down') => ({
      params: { county, id: ok.body.id },
      body: { to },
    });
    expect((await clerk.refused(portalDesk.decidePublication, decide(clerk, 'shown'))).code).toBe('other_hands');
    expect((await resident().call(contracts.open, { params: { county }, query: { sort: 'answer' } })).rows).toEqual([]);
    await leader.call(portalDesk.decidePublication, decide(leader, 'shown'));
    const { rows } = await resident().call(contracts.open, { params: { county }, query: { sort: 'answer' } });
    expect(rows).toMatchObject([{ title: '路灯什么时候修好', body: { answer: '三日内修复' } }]);
    expect(Object.keys(rows[0]!)).not.toContain('matter');
    const sensitive = await resident().raise({ kind: 'petition', againstOfficial: true });
    expect((await leader.refused(portalDesk.publish, write({ matter: sensitive.id }))).status).toBeGreaterThanOrEqual(
      403,
    );
    await leader.call(portalDesk.decidePublication, decide(leader, 'taken-down'));
    expect((await resident().call(contracts.open, { params: { county }, query: { sort: 'answer' } })).rows).toEqual([]);
    expect((await clerk.refused(portalDesk.draftFigures, { params: { county }, body: { id: uuid() } })).code).toBe(
      'few_figures',
    );
  });

  test('figures are shares of enough matters, released by a second person, and count nobody', async () => {
    const urban = (await house.staff('urban')).posts[0]!.unit;
    const step = async (login: string, id: string, type: string, data: object = {}) =>
      act(house.loop, await house.as(login), county, id, {
        id: uuid(),
        action: Action.parse({ type, data, words: { text: '已办' } }),
      });
    for (let i = 0; i < 11; i++) {
      const one = resident();
      const { id } = await one.raise();
      await step('village-head', id, 'accept');
      await step('village-head', id, 'dispatch', { unit: urban });
      await step('urban', id, 'sign');
      await step('urban', id, 'report', { result: 'resolved' });
      await step('village-head', id, 'answer', { way: 'phone', position: 'supported' });
      await step('village-head', id, 'close', {});
      await step('village', id, 'followUp', { outcome: 'satisfied' });
      expect((await one.act({ what: 'rate', stars: i ? 5 : 2, solved: true })).body.state).toBe('struck');
    }
    house.time.now += 60_000;
    const clerk = await server.signedIn('county');
    const figures = uuid();
    await clerk.call(portalDesk.draftFigures, { params: { county }, body: { id: figures } });
    await (await server.signedIn('leader')).call(portalDesk.decidePublication, {
      params: { county, id: figures },
      body: { to: 'shown' },
    });
    const { rows } = await resident().call(contracts.open, { params: { county }, query: { sort: 'figures' } });
    expect(rows[0]!.body.figures).toEqual({
      inTime: { part: 11, whole: 11 },
      solved: { part: 11, whole: 11 },
      content: { part: 10, whole: 11 },
      near: { part: 11, whole: 11 },
      once: { part: 11, whole: 11 },
    });
  });

  test('a wish is shown without the wisher, offered for by neighbour and unit, taken once, fulfilled with thanks', async () => {
    const clerk = await server.signedIn('county');
    const leader = await server.signedIn('leader');
    const wisher = resident();
    const { id: matter } = await wisher.raise({ kind: 'wish', need: 'thing', text: '想要一个书包。' });
    const wish = uuid();
    await clerk.call(portalDesk.publish, {
      params: { county },
      body: { id: wish, sort: 'wish', matter, title: '想要一个书包', question: '上小学用' },
    });
    const offer = async (name: string) => {
      const one = resident();
      return one.call(contracts.offer, {
        params: { county, wish },
        body: { id: uuid(), name, phone: '13600136000', text: '我来送', work: await work(one) },
      });
    };
    await expect(offer('张三')).rejects.toThrow();
    await leader.call(portalDesk.decidePublication, { params: { county, id: wish }, body: { to: 'shown' } });
    await Promise.all([offer('张三'), offer('李四')]);
    const { rows } = await leader.call(portalDesk.offers, { params: { county } });
    expect(rows.map(row => row.by).sort()).toEqual(['张三', '李四']);
    await leader.call(portalDesk.decideOffer, { params: { county, id: rows[0]!.id }, body: { to: 'taken' } });
    expect(
      (await leader.refused(portalDesk.decideOffer, { params: { county, id: rows[1]!.id }, body: { to: 'taken' } }))
        .code,
    ).toBe('wish_taken');
    await leader.call(portalDesk.decideOffer, {
      params: { county, id: rows[0]!.id },
      body: { to: 'fulfilled', thanks: '谢谢好心人' },
    });
    expect((await wisher.call(contracts.open, { params: { county }, query: { sort: 'wish' } })).rows).toMatchObject([
      { taken: 'fulfilled', thanks: '谢谢好心人' },
    ]);
    // Once it is fulfilled nobody's phone is kept.
    expect(
      (await leader.call(portalDesk.offers, { params: { county } })).rows.find(row => row.state === 'fulfilled'),
    ).toMatchObject({ by: '', phone: null });
    expect(
      (await house.owner.query('SELECT words::text FROM wish_offer')).rows.every(row => !row.words.includes('张三')),
    ).toBe(true);
  });

  test('a day is booked by one only; cancelled by its code; names die thirty days after', async () => {
    const clerk = await server.signedIn('county');
    const reception = uuid();
    const unit = (await house.staff('county')).posts[0]!.unit;
    const body = {
      unit,
      who: '郑建国',
      sort: 'leader' as const,
      at: house.time.now + 2 * day,
      minutes: 15,
      slots: 2,
      room: '一楼接访室',
    };
    await clerk.call(portalDesk.putReception, { params: { county, id: reception }, body });
    const book = async (slot: number) => {
      const one = resident();
      return one.raw('POST', `/api/v1/portal/${county}/bookings`, {
        id: uuid(),
        reception,
        slot,
        name: '赵六',
        phone: '13500135000',
        about: '低保',
        work: await work(one),
      });
    };
    const both = await Promise.all([book(0), book(0)]);
    expect(both.map(reply => reply.status).sort()).toEqual([200, 409]);
    const { code } = both.find(reply => reply.status === 200)!.body;
    expect((await resident().call(contracts.services, { params: { county } })).receptions[0]!.free).toEqual([1]);
    expect((await clerk.call(portalDesk.bookings, { params: { county, id: reception } })).rows).toMatchObject([
      { name: '赵六', state: 'booked' },
    ]);
    expect(
      (await resident().refused(contracts.booking, { params: { county }, body: { code: 'AAAAAAAAAA', cancel: false } }))
        .status,
    ).toBe(404);
    expect(
      (
        await resident().call(contracts.booking, {
          params: { county },
          body: { code: `${code.slice(0, 5)} ${code.slice(5).toLowerCase()}`, cancel: true },
        })
      ).state,
    ).toBe('cancelled');
    expect((await book(0)).status).toBe(200);
    expect(
      (
        await clerk.refused(portalDesk.putReception, {
          params: { county, id: uuid() },
          body: { ...body, unit: uuid() },
        })
      ).code,
    ).toBe('unit_unknown');
    const { forgetBookings } = await import('./open.ts');
    await forgetBookings(house, house.time.now + 40 * day);
    expect((await house.owner.query('SELECT count(*) FROM booking WHERE wrapped IS NOT NULL')).rows[0].count).toBe(0);
  });

  test('an alert reaches its area until its end; each reader counts once and is nobody', async () => {
    const village = await server.signedIn('village-head');
    const leader = await server.signedIn('leader');
    const alert = uuid();
    const body = {
      id: alert,
      sort: 'water' as const,
      level: 'orange' as const,
      title: '水库开闸，远离河道',
      body: '今晚八点开闸。',
      regions: ['411081101000'],
      until: house.time.now + day,
    };
    expect((await village.refused(portalDesk.makeAlert, { params: { county }, body })).code).toBe('forbidden');
    expect(
      (await leader.refused(portalDesk.makeAlert, { params: { county }, body: { ...body, until: house.time.now - 1 } }))
        .code,
    ).toBe('date_wrong');
    await leader.call(portalDesk.makeAlert, { params: { county }, body });
    const one = resident();
    const see = (region: string) => one.call(contracts.alerts, { params: { county }, query: { region } });
    expect((await see('411081101205')).alerts).toHaveLength(1);
    expect((await see('411081100000')).alerts).toHaveLength(0);
    const token = uuid();
    for (const t of [token, token, uuid()])
      await one.call(contracts.seen, { params: { county, alert }, body: { token: t, region: '411081101205' } });
    expect((await leader.call(portalDesk.alerts, { params: { county } })).rows[0]).toMatchObject({
      seen: 2,
      seenBy: { '411081101000': 2 },
    });
    house.time.now += day + 1;
    expect((await one.call(contracts.alerts, { params: { county }, query: {} })).alerts).toEqual([]);
  });
});

describe('the yearly review', async () => {
  const house = await testHouse();
  const server = await serve(house);
  afterAll(() => server.app.close());
  const suite = RSABSSA.SHA384.PSS.Randomized();

  test('a sample is drawn from the seed alone: anybody draws the same, another seed another', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 20 }), (seed, n, villages) => {
        const frame = { T1: Array.from({ length: villages }, (_, i) => `V${i}`), T2: ['W1'] };
        const drawn = draw(frame, n, seed);
        expect(drawn).toEqual(draw({ T2: ['W1'], T1: frame.T1.toReversed() }, n, seed));
        expect(drawn.length).toBe(Math.min(n, villages) + 1);
        expect(new Set(drawn).size).toBe(drawn.length);
      }),
    );
    const frame = { T: Array.from({ length: 40 }, (_, i) => `V${i}`) };
    expect(draw(frame, 5, 'a')).not.toEqual(draw(frame, 5, 'b'));
  });

  test('one ticket buys one ballot, which nobody can trace; doubles, forgeries and latecomers are refused', async () => {
    const leader = await server.signedIn('leader');
    const units = [(await house.staff('urban')).posts[0]!.unit, (await house.staff('police')).posts[0]!.unit];
    const review = uuid();
    const { tickets } = await leader.call(portalDesk.makeReview, {
      params: { county },
      body: {
        id: review,
        year: 2026,
        title: '2026 年度群众评议',
        units,
        from: house.time.now,
        until: house.time.now + day,
        villages: 1,
        tickets: 6,
        seed: '双色球 2026030',
      },
    });
    expect(tickets.length).toBe(12);
    const voter = new Resident(server.address);
    const { key } = await voter.call(contracts.review, { params: { county, review } });
    const publicKey = await crypto.subtle.importKey(
      'spki',
      Buffer.from(key, 'base64'),
      { name: 'RSA-PSS', hash: 'SHA-384' },
      true,
      ['verify'],
    );
    const buy = async (ticket: string) => {
      const message = suite.prepare(crypto.getRandomValues(new Uint8Array(32)));
      const { blindedMsg, inv } = await suite.blind(publicKey, message);
      const blinded = Buffer.from(blindedMsg).toString('base64');
      const sign = () => voter.raw('POST', `/api/v1/portal/${county}/reviews/${review}/sign`, { ticket, blinded });
      const first = await sign();
      if (first.status !== 200) return first;
      // The answer was lost on the way: the same again gives the same.
      expect((await sign()).body).toEqual(first.body);
      const signature = await suite.finalize(
        publicKey,
        message,
        new Uint8Array(Buffer.from(first.body.signature, 'base64')),
        inv,
      );
      return {
        token: Buffer.from(message).toString('base64'),
        signature: Buffer.from(signature).toString('base64'),
        blinded,
      };
    };
    const cast = (ballot: any, marks: object) =>
      voter.raw('POST', `/api/v1/portal/${county}/reviews/${review}/ballots`, {
        token: ballot.token,
        signature: ballot.signature,
        marks,
      });
    const ballots = [];
    for (const { ticket } of tickets.slice(0, 6)) ballots.push((await buy(ticket.toLowerCase())) as any);
    for (const ballot of ballots) expect((await cast(ballot, { [units[0]!]: 4, [units[1]!]: 5 })).status).toBe(200);
    expect(((await buy(tickets[0]!.ticket)) as any).body.error.code).toBe('ticket_used');
    expect((await cast(ballots[0], { [units[0]!]: 4, [units[1]!]: 5 })).status).toBe(200);
    expect((await cast(ballots[0], { [units[0]!]: 1 })).body.error.code).toBe('ticket_used');
    expect(
      (await cast({ ...ballots[1], token: Buffer.from('forged').toString('base64') }, { [units[0]!]: 1 })).body.error
        .code,
    ).toBe('ballot_wrong');
    expect((await cast(ballots[1], { [uuid()]: 1 })).body.error.code).toBe('ballot_wrong');
    // What lies in the database joins no ticket to a ballot: not by value, not by time, not by order of its columns.
    const { rows } = await house.owner.query('SELECT hash, marks FROM review_ballot');
    const { rows: bought } = await house.owner.query(
      'SELECT hash, blinded FROM review_ticket WHERE blinded IS NOT NULL',
    );
    expect(rows.length).toBe(6);
    for (const ballot of rows)
      for (const ticket of bought)
        expect(ballot.hash.equals(ticket.blinded) || ballot.hash.equals(ticket.hash)).toBe(false);
    const columns = await house.owner.query(
      "SELECT column_name FROM information_schema.columns WHERE table_name = 'review_ballot' ORDER BY 1",
    );
    expect(columns.rows.map(row => row.column_name)).toEqual(['county', 'hash', 'marks', 'review']);
    // Nothing is told before the end.
    expect((await leader.call(portalDesk.reviews, { params: { county } })).rows[0]!.units[0]).toMatchObject({
      n: null,
      mean: null,
    });
    house.time.now += 2 * day;
    const late = (await server.signedIn('leader')) as typeof leader;
    expect((await late.call(portalDesk.reviews, { params: { county } })).rows[0]).toMatchObject({
      sent: 12,
      used: 6,
      units: [
        { n: 6, mean: 4, content: 6 },
        { n: 6, mean: 5 },
      ],
    });
    expect((await cast(ballots[1], { [units[0]!]: 1 })).body.error.code).toBe('review_closed');
  });
});

describe('against a flood', () => {
  test('every source has its turn: one that sends a thousand waits behind itself, and is told so', async () => {
    const queue = new FairQueue(2, 20);
    const order: string[] = [];
    const task = (source: string) =>
      queue.run(source, async () => {
        await new Promise(resolve => setTimeout(resolve, 1));
        order.push(source);
      });
    const flood = Array.from({ length: 1000 }, () => task('flood').catch(error => error.code));
    const real = Array.from({ length: 5 }, (_, i) => task(`real${i}`));
    await Promise.all(real);
    expect(order.filter(one => one === 'flood').length).toBeLessThan(12);
    expect((await Promise.all(flood)).filter(one => one === 'queue_full').length).toBe(1000 - 22);
  });
  test('counts fade by the minute', () => {
    const counted = new Counted();
    for (let i = 0; i < 5; i++) counted.add('a', 60_000);
    expect([
      counted.of('a', 119_999),
      counted.of('a', 120_000),
      counted.of('a', 240_000),
      counted.of('b', 60_000),
    ]).toEqual([5, 5, 0, 0]);
  });
});
