/** What leaves the house, against servers that speak the protocols: SMTP, 云MAS, WeCom, the official account, webhooks. */
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { noScope, sql, systemScope } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { act } from '../matters/acting.ts';
import { Action } from '../matters/actions.ts';
import { project } from '../matters/jobs.ts';
import { deliver } from '../matters/notices.ts';
import { registerMatter } from '../matters/registration.ts';
import { rotateKeys } from '../rotate.ts';
import { serve } from '../test/client.ts';
import { letter, testHouse } from '../test/harness.ts';
import { announce } from './announce.ts';
import { channelContracts as contracts } from './contract.ts';
import { enqueue, openText, sendDue } from './outbox.ts';
import { staffPort } from './staff-port.ts';
import { deliverHooks } from './webhooks.ts';
import { afterQuiet, backOff, fill, strangers } from './words.ts';

const county = '411081';
const minute = 60_000;

type Seen = { method: string; url: string; body: string; headers: http.IncomingHttpHeaders };
/** A server that answers as it is told: a status with JSON, nothing at all, or too late. */
async function peer(answer: (seen: Seen, n: number) => { status?: number; json?: object } | 'hang up' | 'silence') {
  const seen: Seen[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', part => (body += part));
    request.on('end', () => {
      const one = { method: request.method!, url: request.url!, body, headers: request.headers };
      seen.push(one);
      const said = answer(one, seen.length);
      if (said === 'hang up') return void request.socket.destroy();
      if (said === 'silence') return;
      response
        .writeHead(said.status ?? 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(said.json ?? {}));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  afterAll(
    () =>
      new Promise(resolve => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  );
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('words', () => {
  test('only known places; quiet hours across midnight; back-off ends', () => {
    expect(strangers('answered', '{number} {name} {phone} {}')).toEqual(['name', 'phone', '']);
    expect(fill('a {x} b {y}', { x: '1' })).toBe('a 1 b ');
    const at = (time: string) => Date.parse(`2026-03-09T${time}:00+08:00`);
    const night = { from: '21:00', to: '08:00' };
    expect(afterQuiet(at('20:59'), night)).toBe(at('20:59'));
    expect(afterQuiet(at('21:00'), night)).toBe(at('08:00') + 86_400_000);
    expect(afterQuiet(at('07:59'), night)).toBe(at('08:00'));
    expect(afterQuiet(at('08:00'), night)).toBe(at('08:00'));
    expect(afterQuiet(at('12:30'), { from: '12:00', to: '13:00' })).toBe(at('13:00'));
    expect(afterQuiet(at('03:00'), { from: '08:00', to: '08:00' })).toBe(at('03:00'));
    expect([1, 2, 6, 7].map(backOff)).toEqual([1, 5, 720, undefined]);
  });
});

describe('the outbox', async () => {
  const house = await testHouse();
  const server = await serve(house);
  afterAll(() => server.app.close());
  const admin = await server.signedIn('system');
  const outRow = async (id: string) =>
    (await house.db.readOne<any>(
      systemScope,
      sql`SELECT state, reason, tries, next_at, sealed, data FROM message_out WHERE id = ${id}`,
    ))!;
  const step = async (login: string, id: string, type: string, data: object = {}, text = '已办') =>
    act(house.loop, await house.as(login), county, id, {
      id: uuid(),
      action: Action.parse({ type, data, words: { text } }),
    });
  const tellAll = async () => {
    while (await project(house.loop));
    while (await announce(house, house.time.now));
  };

  // 云MAS: checks the MAC as the carrier does, by the fields as they were sent.
  const secret = 'mas-secret';
  let carrier: 'ok' | 'busy' | 'refuses' | 'hang up' = 'ok';
  const got: { mobiles: string; templateId: string; params: string[] }[] = [];
  const mas = await peer(({ body }) => {
    if (carrier === 'hang up') return 'hang up';
    const one = JSON.parse(Buffer.from(body, 'base64').toString());
    const mac = createHash('md5')
      .update(one.ecName + one.apId + secret + one.templateId + one.mobiles + one.params + one.sign + one.addSerial)
      .digest('hex');
    if (mac !== one.mac) return { json: { success: false, rspcod: 'IllegalMac' } };
    if (carrier === 'busy') return { json: { success: false, rspcod: 'SystemBusy' } };
    if (carrier === 'refuses') return { json: { success: false, rspcod: 'InvalidMessage' } };
    got.push({ mobiles: one.mobiles, templateId: one.templateId, params: JSON.parse(one.params) });
    return { json: { success: true, rspcod: 'success', msgGroup: `g${got.length}` } };
  });

  test('set by the system administrator alone; secrets are never shown; templates hold no strange places, an SMS its approval', async () => {
    const sms = { config: { url: mas.url, enterprise: '禹州综治', account: 'zz', sign: 'S1' }, secret, enabled: true };
    expect(
      (
        await (
          await server.signedIn('county')
        ).refused(contracts.setChannel, { params: { county, name: 'sms' }, body: sms })
      ).status,
    ).toBe(403);
    expect(
      (
        await admin.refused(contracts.setChannel, {
          params: { county, name: 'sms' },
          body: { ...sms, config: { url: 'x' } },
        })
      ).code,
    ).toBe('invalid');
    expect(
      (
        await admin.refused(contracts.setChannel, {
          params: { county, name: 'sms' },
          body: { ...sms, config: { ...sms.config, url: 'http://169.254.169.254/latest' } },
        })
      ).code,
    ).toBe('address_refused');
    await admin.call(contracts.setChannel, { params: { county, name: 'sms' }, body: sms });
    const shown = await admin.call(contracts.channels, { params: { county } });
    expect(shown.channels).toMatchObject([{ name: 'sms', hasSecret: true }]);
    expect(JSON.stringify(shown)).not.toContain(secret);
    const template = (body: object) => ({
      params: { county },
      body: {
        name: 'answered' as const,
        channel: 'sms' as const,
        language: 'zh' as const,
        carrier: 'T100',
        title: '',
        body: '事项 {number} 已答复',
        ...body,
      },
    });
    expect((await admin.refused(contracts.setTemplate, template({ body: '{name}您好' }))).code).toBe('template_places');
    expect((await admin.refused(contracts.setTemplate, template({ carrier: null }))).code).toBe('invalid');
    await admin.call(contracts.setTemplate, template({}));
    await admin.call(
      contracts.setTemplate,
      template({ name: 'registered', carrier: 'T101', body: '编号 {number} 查询码 {receipt}' }),
    );
    await admin.call(contracts.setTemplate, template({ name: 'code', carrier: 'T102', body: '{code} {minutes}' }));
  });

  test('the person is told when it was registered and answered, once each, by the approved template; what has none is withheld', async () => {
    const made = await registerMatter(house.loop, await house.as('village-head'), letter());
    await step('village-head', made.id, 'accept');
    await tellAll();
    await tellAll();
    while (await sendDue(house, house.time.now));
    expect(got).toEqual([{ mobiles: '13800138000', templateId: 'T101', params: [made.number, made.receipt] }]);
    await step('village-head', made.id, 'dispatch', { unit: (await house.staff('urban')).posts[0]!.unit });
    await step('urban', made.id, 'sign');
    await step('urban', made.id, 'ask', {}, '哪一盏？');
    await step('urban', made.id, 'report', { result: 'resolved' });
    await step('village-head', made.id, 'answer', { way: 'phone', position: 'supported' });
    await tellAll();
    while (await sendDue(house, house.time.now));
    expect(got.slice(1)).toEqual([{ mobiles: '13800138000', templateId: 'T100', params: [made.number] }]);
    const rows = await house.db.read<{ template: string; state: string; reason: string }>(
      systemScope,
      sql`SELECT template, state, reason FROM message_out WHERE matter = ${made.id} ORDER BY template`,
    );
    expect(rows).toEqual([
      { template: 'answered', state: 'sent', reason: null },
      { template: 'asked', state: 'withheld', reason: 'no-approved-template' },
      { template: 'registered', state: 'sent', reason: null },
    ]);
    // Nothing of the person stands in the outbox.
    const { rows: raw } = await house.owner.query('SELECT * FROM message_out');
    expect(JSON.stringify(raw)).not.toMatch(/13800138000|王小明|路灯/);
    expect(JSON.stringify(raw)).not.toContain(made.receipt);
  });

  test('never to a number that the safe-contact note forbids: to the one it names, or to none; nothing once erased or withdrawn', async () => {
    got.length = 0;
    const doing = await house.as('village-head');
    const party = (safe: object) => [
      { id: uuid(), role: 'applicant' as const, name: '某某', phone: '13800000001', anonymous: false, safe },
    ];
    const named = await registerMatter(house.loop, doing, letter({ parties: party({ phone: '13800000002' }) }));
    const never = await registerMatter(house.loop, doing, letter({ parties: party({ never: '不要提到离婚' }) }));
    const later = await registerMatter(
      house.loop,
      doing,
      letter({ parties: party({ phone: '13800000003', when: '上午' }) }),
    );
    await tellAll();
    while (await sendDue(house, house.time.now));
    expect(got.map(one => one.mobiles)).toEqual(['13800000002']);
    const state = async (id: string) =>
      (await house.db.readOne<any>(systemScope, sql`SELECT state, reason FROM message_out WHERE matter = ${id}`))!;
    expect(await state(named.id)).toEqual({ state: 'sent', reason: null });
    expect(await state(never.id)).toEqual({ state: 'withheld', reason: 'safe-contact' });
    expect(await state(later.id)).toEqual({ state: 'withheld', reason: 'safe-contact' });
  });

  test('busy is tried again with growing waits and given up to a person; refused is dead at once; a lost answer is nobody’s guess', async () => {
    const send = async () => {
      const id = uuid();
      await house.db.write(systemScope, tx =>
        enqueue(
          tx,
          house,
          {
            county,
            id,
            channel: 'sms',
            template: 'code',
            address: { to: '13700137000', data: { code: '123456' } },
            data: { minutes: '10' },
            urgent: true,
          },
          house.time.now,
        ),
      );
      await sendDue(house, house.time.now);
      return id;
    };
    carrier = 'busy';
    const busy = await send();
    expect(await outRow(busy)).toMatchObject({
      state: 'waiting',
      reason: 'SystemBusy',
      tries: 1,
      next_at: house.time.now + minute,
    });
    expect((await outRow(busy)).sealed).not.toBeNull();
    for (const wait of [1, 5, 30, 120, 360, 720]) {
      house.time.now += wait * minute;
      await sendDue(house, house.time.now);
    }
    expect((await outRow(busy)).state).toBe('dead');
    carrier = 'refuses';
    expect(await outRow(await send())).toMatchObject({ state: 'dead', reason: 'InvalidMessage' });
    carrier = 'hang up';
    const lost = await send();
    expect(await outRow(lost)).toMatchObject({ state: 'unknown' });
    house.time.now += 24 * 60 * minute;
    await sendDue(house, house.time.now);
    expect((await outRow(lost)).state).toBe('unknown');
    carrier = 'ok';
    got.length = 0;
    const sent = await send();
    expect(await outRow(sent)).toMatchObject({ state: 'sent', sealed: null });
    expect(got).toMatchObject([{ mobiles: '13700137000', params: ['123456', '10'] }]);
    expect(JSON.stringify((await outRow(sent)).data)).not.toContain('123456');
  });

  test('a process that dies while sending leaves it to a person; two senders at once send each message once', async () => {
    got.length = 0;
    const ids = Array.from({ length: 30 }, () => uuid());
    await house.db.write(systemScope, async tx => {
      for (const id of ids)
        await enqueue(
          tx,
          house,
          {
            county,
            id,
            channel: 'sms',
            template: 'code',
            address: { to: '13700137000', data: { code: id } },
            data: {},
            urgent: true,
          },
          house.time.now,
        );
    });
    await Promise.all([
      sendDue(house, house.time.now, 20),
      sendDue(house, house.time.now, 20),
      sendDue(house, house.time.now, 20),
    ]);
    expect(got.map(one => one.params[0]).sort()).toEqual(ids.toSorted());
    const cut = uuid();
    await house.db.write(systemScope, tx =>
      enqueue(
        tx,
        house,
        { county, id: cut, channel: 'sms', template: 'code', address: { to: '13700137000' }, data: {}, urgent: true },
        house.time.now,
      ),
    );
    await house.owner.query(
      `UPDATE message_out SET state = 'sending', tries = 1, next_at = to_timestamp(${house.time.now / 1000 - 1}) WHERE id = '${cut}'`,
    );
    await sendDue(house, house.time.now);
    expect(await outRow(cut)).toMatchObject({ state: 'unknown', reason: 'interrupted' });
    expect(got.length).toBe(30);
  });

  test('at night what can wait waits for the morning; a code does not', async () => {
    house.time.now = Date.parse('2026-03-20T23:00:00+08:00');
    const [calm, urgent] = [uuid(), uuid()];
    await house.db.write(systemScope, async tx => {
      const one = {
        county,
        channel: 'sms' as const,
        template: 'code' as const,
        address: { to: '13700137000' },
        data: {},
      };
      await enqueue(tx, house, { ...one, id: calm }, house.time.now);
      await enqueue(tx, house, { ...one, id: urgent, urgent: true }, house.time.now);
    });
    await sendDue(house, house.time.now);
    expect(await outRow(calm)).toMatchObject({
      state: 'waiting',
      tries: 0,
      next_at: Date.parse('2026-03-21T08:00:00+08:00'),
    });
    expect((await outRow(urgent)).state).toBe('sent');
    house.time.now = Date.parse('2026-03-21T08:00:00+08:00');
    await sendDue(house, house.time.now);
    expect((await outRow(calm)).state).toBe('sent');
  });

  test('mail by SMTP to staff who asked for it: a notice, with ids and office words, once; deferred and refused as the server says', async () => {
    const mails: string[] = [];
    let answer: 'ok' | 'defer' | 'refuse' = 'ok';
    const smtp = new SMTPServer({
      authOptional: false,
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      onAuth: (auth, _session, done) =>
        auth.password === 'mail-secret' ? done(null, { user: auth.username! }) : done(new Error('no')),
      onRcptTo: (_address, _session, done) => {
        const error = (code: number) => Object.assign(new Error('not now'), { responseCode: code });
        done(answer === 'defer' ? error(451) : answer === 'refuse' ? error(550) : null);
      },
      onData: (stream, _session, done) => {
        let text = '';
        stream.on('data', part => (text += part));
        stream.on('end', () => {
          mails.push(text);
          done();
        });
      },
    });
    await new Promise<void>(resolve => smtp.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>(resolve => smtp.close(() => resolve())));
    const port = (smtp.server.address() as AddressInfo).port;
    const signed = await server.signedIn('system');
    await signed.call(contracts.setChannel, {
      params: { county, name: 'email' },
      body: {
        config: { host: '127.0.0.1', port, user: 'zz', from: 'zz@yuzhou.example' },
        secret: 'mail-secret',
        enabled: true,
      },
    });
    const urban = await server.signedIn('urban');
    expect(
      (await urban.refused(contracts.setAddress, { params: { channel: 'email' }, body: { to: 'no address' } })).code,
    ).toBe('invalid');
    await urban.call(contracts.setAddress, { params: { channel: 'email' }, body: { to: 'chengang@yuzhou.example' } });
    expect((await urban.call(contracts.addresses, {})).addresses).toEqual([
      { channel: 'email', to: 'chengang@yuzhou.example' },
    ]);
    expect(JSON.stringify((await house.owner.query('SELECT sealed::text FROM person_address')).rows)).not.toContain(
      'chengang',
    );
    const arrive = async () => {
      const made = await registerMatter(house.loop, await house.as('village-head'), letter());
      await step('village-head', made.id, 'accept');
      await step('village-head', made.id, 'dispatch', { unit: (await house.staff('urban')).posts[0]!.unit });
      while (await deliver(house.loop, [staffPort(house)], house.time.now));
      await sendDue(house, house.time.now);
      return made;
    };
    const first = await arrive();
    expect(mails.length).toBe(1);
    expect(mails[0]).toContain('Auto-Submitted: auto-generated');
    const text = Buffer.from(/\r\n\r\n([\s\S]+)$/.exec(mails[0]!)![1]!, 'base64').toString();
    expect(text).toContain(first.number);
    expect(text).not.toMatch(/路灯|王小明/);
    answer = 'defer';
    const second = await arrive();
    const mailOf = async (id: string) =>
      (await house.db.readOne<any>(
        systemScope,
        sql`SELECT state, tries FROM message_out WHERE matter = ${id} AND channel = 'email'`,
      ))!;
    expect(await mailOf(second.id)).toMatchObject({ state: 'waiting', tries: 1 });
    answer = 'ok';
    house.time.now += minute;
    await sendDue(house, house.time.now);
    expect([mails.length, (await mailOf(second.id)).state]).toEqual([2, 'sent']);
    answer = 'refuse';
    const third = await arrive();
    expect((await mailOf(third.id)).state).toBe('dead');
    const rows = (
      await (await server.signedIn('county')).call(contracts.outbox, { params: { county }, query: { state: 'dead' } })
    ).rows;
    const dead = rows.find(row => row.matter === third.id)!;
    answer = 'ok';
    await (await server.signedIn('county')).call(contracts.decideOut, {
      params: { county, id: dead.id },
      body: { again: true },
    });
    await sendDue(house, house.time.now);
    expect(mails.length).toBe(3);
  });

  test('WeCom: the token is fetched once, renewed when it is worn; a lost answer is asked again because WeCom drops repeats', async () => {
    let life = 0;
    let worn = false;
    let lose = false;
    const wecom = await peer(({ url, body }) => {
      if (url.startsWith('/cgi-bin/gettoken'))
        return { json: { errcode: 0, access_token: `t${++life}`, expires_in: 7200 } };
      if (!url.includes(`access_token=t${life}`) || worn) {
        worn = false;
        return { json: { errcode: 42001, errmsg: 'access_token expired' } };
      }
      if (lose) {
        lose = false;
        return 'hang up';
      }
      const { touser, enable_duplicate_check } = JSON.parse(body);
      if (touser === 'nobody') return { json: { errcode: 0, invaliduser: 'nobody' } };
      return {
        json: enable_duplicate_check === 1 ? { errcode: 0, msgid: 'm' } : { errcode: 40035, errmsg: 'no check' },
      };
    });
    await house.db.write(noScope, async tx => {
      await tx.run(
        sql`INSERT INTO channel SELECT county, 'wecom', ${JSON.stringify({ url: wecom.url, corp: 'c', agent: 1 })}::jsonb, secret, version, true, set_by, set_at FROM channel WHERE name = 'sms'`,
      );
    });
    const send = async (to: string) => {
      const id = uuid();
      await house.db.write(systemScope, tx =>
        enqueue(
          tx,
          house,
          {
            county,
            id,
            channel: 'wecom',
            template: 'notice',
            address: { to },
            data: { what: '新到事项', number: 'n', unit: 'u' },
            urgent: true,
          },
          house.time.now,
        ),
      );
      await sendDue(house, house.time.now);
      return id;
    };
    expect((await outRow(await send('zhang'))).state).toBe('sent');
    expect((await outRow(await send('zhang'))).state).toBe('sent');
    expect(life).toBe(1);
    worn = true;
    expect((await outRow(await send('zhang'))).state).toBe('sent');
    expect(life).toBe(2);
    expect(await outRow(await send('nobody'))).toMatchObject({ state: 'dead' });
    lose = true;
    const lost = await send('zhang');
    expect((await outRow(lost)).state).toBe('waiting');
    house.time.now += minute;
    await sendDue(house, house.time.now);
    expect((await outRow(lost)).state).toBe('sent');
    const bodies = wecom.seen.filter(one => one.method === 'POST').map(one => one.body);
    expect(bodies.at(-1)).toBe(bodies.at(-2));
  });

  test('an alert goes to those who follow the official account, under an id that keeps it from going out twice', async () => {
    const official = await peer(({ url }) =>
      url.startsWith('/cgi-bin/token')
        ? { json: { access_token: 'o', expires_in: 7200 } }
        : { json: { errcode: 0, msg_id: 9 } },
    );
    await house.db.write(noScope, tx =>
      tx.run(
        sql`INSERT INTO channel SELECT county, 'official', ${JSON.stringify({ url: official.url, app: 'a' })}::jsonb, secret, version, true, set_by, set_at FROM channel WHERE name = 'sms'`,
      ),
    );
    const leader = await server.signedIn('leader');
    const body = {
      id: uuid(),
      sort: 'fraud' as const,
      level: 'red' as const,
      title: '谨防冒充客服',
      body: '不要转账',
      regions: ['411081000000'],
      until: house.time.now + 86_400_000,
      broadcast: true,
    };
    const { portalDesk } = await import('../portal/desk-contract.ts');
    for (let i = 0; i < 2; i++) await leader.call(portalDesk.makeAlert, { params: { county }, body });
    while (await sendDue(house, house.time.now));
    const sent = official.seen.filter(one => one.method === 'POST').map(one => JSON.parse(one.body));
    expect(sent.length).toBe(1);
    expect(sent[0]).toMatchObject({
      filter: { is_to_all: true },
      clientmsgid: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(sent[0].text.content).toContain('谨防冒充客服');
  });

  test('webhooks: signed by the specification, retried on its schedule under one id, ended by 410, replayed; guarded matters are never told', async () => {
    let status = 500;
    const receiver = await peer(() => ({ status }));
    const signed = await server.signedIn('system');
    const hook = uuid();
    expect(
      (
        await signed.refused(contracts.addHook, {
          params: { county },
          body: { id: uuid(), url: 'http://a:b@example.cn/', events: [] },
        })
      ).code,
    ).toBe('address_refused');
    const { secret: key } = await signed.call(contracts.addHook, {
      params: { county },
      body: { id: hook, url: receiver.url, events: ['matter.accept'] },
    });
    const made = await registerMatter(house.loop, await house.as('village-head'), letter());
    const guarded = await registerMatter(house.loop, await house.as('village-head'), letter({ sensitive: true }));
    for (const one of [made, guarded]) await step('village-head', one.id, 'accept');
    await tellAll();
    await deliverHooks(house, house.time.now);
    expect(receiver.seen.length).toBe(1);
    const { body, headers } = receiver.seen[0]!;
    const verified = (at: Seen) => new Webhook(key).verify(at.body, at.headers as Record<string, string>);
    expect(() => new Webhook(key).sign(String(headers['webhook-id']), new Date(), body)).not.toThrow();
    expect(JSON.parse(body)).toMatchObject({
      type: 'matter.accept',
      data: { id: made.id, number: made.number, state: 'accepted' },
    });
    expect(body).not.toMatch(/路灯|王/);
    await deliverHooks(house, house.time.now + 4000);
    expect(receiver.seen.length).toBe(1);
    house.time.now += 5000;
    status = 200;
    await deliverHooks(house, house.time.now);
    expect(receiver.seen.length).toBe(2);
    expect(receiver.seen[1]!.headers['webhook-id']).toBe(headers['webhook-id']);
    const { again } = await signed.call(contracts.replayHook, { params: { county, id: hook }, body: { since: 0 } });
    expect(again).toBe(1);
    await deliverHooks(house, house.time.now);
    expect(receiver.seen[2]!.headers['webhook-id']).toBe(headers['webhook-id']);
    // The library of the specification accepts it (it allows five minutes of clock, so the clock is now's).
    house.time.now = Date.now();
    await (await server.signedIn('system')).call(contracts.replayHook, {
      params: { county, id: hook },
      body: { since: 0 },
    });
    await deliverHooks(house, house.time.now);
    expect(verified(receiver.seen.at(-1)!)).toMatchObject({ type: 'matter.accept' });
    expect(() => verified({ ...receiver.seen.at(-1)!, body: body.replace('accepted', 'struck') })).toThrow();
    status = 410;
    await (await server.signedIn('system')).call(contracts.replayHook, {
      params: { county, id: hook },
      body: { since: 0 },
    });
    await deliverHooks(house, house.time.now);
    expect(
      (await (await server.signedIn('system')).call(contracts.hooks, { params: { county } })).hooks[0],
    ).toMatchObject({ ended: true });
  });

  test('rotation seals every secret anew', async () => {
    const before = await house.owner.query('SELECT secret FROM channel');
    const { rewrapped } = await rotateKeys(house, true);
    expect(rewrapped).toBeGreaterThan(10);
    for (const [table, column, version] of [
      ['channel', 'secret', 'version'],
      ['webhook', 'secret', 'version'],
      ['person_address', 'sealed', 'version'],
    ]) {
      const { rows } = await house.owner.query(
        `SELECT ${column} AS sealed, ${version} AS version FROM ${table} WHERE ${column} IS NOT NULL`,
      );
      expect(rows.length, table).toBeGreaterThan(0);
      for (const row of rows) {
        expect(row.version).toBe(house.secrets.version);
        expect(openText(house.secrets, row.sealed, row.version).length).toBeGreaterThan(5);
      }
    }
    expect(before.rows[0].secret.equals((await house.owner.query('SELECT secret FROM channel')).rows[0].secret)).toBe(
      false,
    );
  });
});
