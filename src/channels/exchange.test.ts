/** Matters between two installations, over a network that loses, doubles and delays, and as files on a disk. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { seeded } from '../demo/random.ts';
import { noScope, sql, systemScope } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { act } from '../matters/acting.ts';
import { Action } from '../matters/actions.ts';
import { attach } from '../matters/attaching.ts';
import { project } from '../matters/jobs.ts';
import { registerMatter } from '../matters/registration.ts';
import { serve } from '../test/client.ts';
import { letter, type TestHouse, testHouse } from '../test/harness.ts';
import { verify } from '../verify.ts';
import { announce } from './announce.ts';
import { channelContracts as contracts } from './contract.ts';
import { receive } from './exchange.ts';
import { pull, push } from './exchange-carry.ts';
import { ownKeys, pack } from './packages.ts';

const county = '411081';
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Stands between two instances and does what networks do. */
async function badNetwork(
  target: () => string,
  mood: () => 'pass' | 'lose request' | 'lose answer' | 'twice' | 'error',
) {
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', part => parts.push(part));
    request.on('end', async () => {
      const now = mood();
      if (now === 'lose request') return void request.socket.destroy();
      if (now === 'error') return void response.writeHead(502).end();
      const send = () =>
        fetch(target() + request.url, {
          method: 'POST',
          headers: { 'content-type': request.headers['content-type'] ?? '' },
          body: Buffer.concat(parts),
        });
      let answer = await send();
      if (now === 'twice') answer = await send();
      const text = await answer.text();
      if (now === 'lose answer') return void request.socket.destroy();
      response.writeHead(answer.status, { 'content-type': 'application/jose' }).end(text);
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
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const step = async (house: TestHouse, login: string, id: string, type: string, data: object = {}, text = '已办') =>
  act(house.loop, await house.as(login), county, id, {
    id: uuid(),
    action: Action.parse({ type, data, words: { text } }),
  });
const turn = async (house: TestHouse) => {
  while (await project(house.loop));
  while (await announce(house, house.time.now));
  await push(house, house.time.now);
};
/** Takes an order through the house that got it, to its answer. */
async function work(house: TestHouse, id: string, text: string) {
  const state = (await house.db.readOne<{ state: string; handler: string | null; unit: string }>(
    systemScope,
    sql`SELECT state, handler, unit FROM matter WHERE id = ${id}`,
  ))!;
  const urban = (await house.staff('urban')).posts[0]!.unit;
  if (state.state === 'registered') await step(house, 'village-head', id, 'accept');
  if (state.state === 'registered' || state.state === 'accepted') {
    await step(house, 'village-head', id, 'dispatch', { unit: urban });
    await step(house, 'urban', id, 'sign');
  }
  await step(house, 'urban', id, 'report', { result: 'resolved' });
  await step(house, 'village-head', id, 'answer', { way: 'written', position: 'supported' }, text);
}

describe('two installations', async () => {
  const above = await testHouse();
  const below = await testHouse();
  const [a, b] = [await serve(above), await serve(below)];
  afterAll(async () => {
    await a.app.close();
    await b.app.close();
  });
  const random = seeded(7);
  let rough = 0;
  const mood = () =>
    random.chance(rough) ? random.pick(['lose request', 'lose answer', 'twice', 'error'] as const) : 'pass';
  const [toBelow, toAbove] = [await badNetwork(() => b.address, mood), await badNetwork(() => a.address, mood)];
  const [peerBelow, peerAbove] = [uuid(), uuid()];
  const keysOf = async (house: TestHouse) => (await ownKeys(house.secrets)).public;

  const both = async (turns: number) => {
    for (let i = 0; i < turns; i++) {
      await turn(above);
      await turn(below);
      above.time.now += 121_000;
      below.time.now += 121_000;
    }
  };
  const hand = async (more: object = {}, files = 0) => {
    const doing = await above.as('county');
    const made = await registerMatter(
      above.loop,
      doing,
      letter({
        region: '411081101205',
        parties: [
          {
            id: uuid(),
            role: 'applicant',
            name: '王小明',
            phone: '13800138000',
            anonymous: false,
            safe: { never: '别提起诉' },
          },
        ],
        ...more,
      }),
    );
    const ids = [];
    for (let i = 0; i < files; i++) {
      ids.push(uuid());
      await attach(above, await above.as('village-head'), made, {
        id: ids[i]!,
        action: uuid(),
        name: `照片${i}.png`,
        bytes: png,
        audience: 'participants',
      });
    }
    const exchange = uuid();
    const clerk = await a.signedIn('village-head');
    const body = { action: uuid(), exchange, peer: peerBelow, days: 5, text: '请办理并按期反馈', files: ids };
    const send = () => clerk.call(contracts.handOut, { params: { county, id: made.id }, body });
    await send();
    await send(); // the click that came twice
    return { ...made, exchange };
  };
  const thereOf = async (exchange: string) =>
    await below.db.read<{ matter: string; number: string; state: string; round: number }>(
      systemScope,
      sql`SELECT matter, number, state, round FROM exchange WHERE id = ${exchange}`,
    );

  test('unknown senders, packages for others, altered and unsigned ones are refused; only the administrator knows peers', async () => {
    const stranger = await testHouse();
    const order = { v: 1, id: uuid(), exchange: uuid(), at: 1, type: 'again', round: 2, text: 'x' };
    const forBelow = await pack(stranger.secrets, await keysOf(below), order);
    const post = (text: string, type = 'application/jose') =>
      fetch(`${b.address}/api/v1/exchange`, { method: 'POST', headers: { 'content-type': type }, body: text }).then(
        async reply => ({ status: reply.status, code: (await reply.json().catch(() => ({}))).error?.code }),
      );
    expect(await post(forBelow)).toEqual({ status: 403, code: 'peer_unknown' });
    expect((await post('nonsense')).code).toBe('package_wrong');
    expect((await post('{}', 'application/json')).code).toBe('package_wrong');
    const admin = async (server: typeof a) => server.signedIn('system');
    const add = async (
      server: typeof a,
      id: string,
      name: string,
      house: TestHouse,
      url: string,
      system: 'hotline' | 'other',
    ) =>
      (await admin(server)).call(contracts.addPeer, {
        params: { county },
        body: { id, name, system, keys: await keysOf(house), url, pulls: false },
      });
    expect(
      (
        await (
          await a.signedIn('county')
        ).refused(contracts.addPeer, {
          params: { county },
          body: { id: uuid(), name: 'x', system: 'other', keys: await keysOf(below), url: null, pulls: false },
        })
      ).status,
    ).toBe(403);
    await add(a, peerBelow, '禹州市综治中心（下级）', below, `${toBelow}/api/v1/exchange`, 'other');
    await add(b, peerAbove, '许昌市12345热线', above, `${toAbove}/api/v1/exchange`, 'hotline');
    const good = await pack(above.secrets, await keysOf(below), order);
    const cut = good.split('.');
    cut[3] = (cut[3]![0] === 'A' ? 'B' : 'A') + cut[3]!.slice(1);
    expect((await post(cut.join('.'))).code).toBe('package_wrong');
    // Meant for somebody else, and passed on to us by who got it.
    const forStranger = await pack(above.secrets, await keysOf(stranger), order);
    expect((await post(forStranger)).code).toBe('package_wrong');
  });

  test('an order goes down, is accepted and answered, comes back; another round; the neighbour’s number is found by typing it', async () => {
    rough = 0;
    const sent = await hand({ text: '市热线转来：村口井盖丢失，请尽快处理。' }, 2);
    await both(1);
    const [there] = await thereOf(sent.exchange);
    const row = (await below.db.readOne<any>(
      systemScope,
      sql`SELECT source, kind, path, files, parties, externals FROM matter WHERE id = ${there!.matter}`,
    ))!;
    expect(row).toMatchObject({
      source: 'superior',
      kind: 'request',
      externals: [{ system: 'hotline', number: sent.number }],
    });
    expect(row.files).toHaveLength(2);
    expect(row.parties[0].name).toBe('王**');
    const clerk = await b.signedIn('county');
    expect(
      (await clerk.raw('POST', '/api/v1/find', { typed: sent.number })).body.rows?.length ??
        (await clerk.raw('POST', '/api/v1/matters/find', { typed: sent.number })).body.rows.length,
    ).toBe(1);
    await step(below, 'village-head', there!.matter, 'accept');
    await both(2);
    const dock = async () =>
      (await above.db.readOne<any>(systemScope, sql`SELECT docks FROM matter WHERE id = ${sent.id}`))!.docks.at(-1);
    expect((await dock()).state).toBe('accepted');
    await step(below, 'village-head', there!.matter, 'dispatch', { unit: (await below.staff('urban')).posts[0]!.unit });
    await step(below, 'urban', there!.matter, 'sign');
    await step(below, 'urban', there!.matter, 'report', { result: 'resolved' });
    await step(
      below,
      'village-head',
      there!.matter,
      'answer',
      { way: 'written', position: 'supported' },
      '井盖已补装。',
    );
    await both(2);
    expect((await dock()).state).toBe('done');
    const page = (await (await a.signedIn('village-head')).raw('GET', `/api/v1/matters/${county}/${sent.id}`)).body;
    expect(JSON.stringify(page.timeline)).toContain('井盖已补装');
    const again = { action: uuid(), days: 3, text: '群众反映又丢了，请再办。' };
    const village = await a.signedIn('village-head');
    for (let i = 0; i < 2; i++)
      await village.call(contracts.sendAgain, {
        params: { county, id: sent.id, exchange: sent.exchange },
        body: again,
      });
    await both(2);
    expect(
      await below.db.readOne<any>(systemScope, sql`SELECT state, reworks FROM matter WHERE id = ${there!.matter}`),
    ).toEqual({ state: 'handling', reworks: 1 });
    await work(below, there!.matter, '已加锁。');
    await both(3);
    expect(await dock()).toMatchObject({ n: 2, state: 'done' });
    expect((await village.call(contracts.journeys, { params: { county, id: sent.id } })).rows).toMatchObject([
      { state: 'done', round: 2, waiting: 0, refused: null },
    ]);
  });

  test('over a network that loses, doubles and breaks: nothing lost, nothing twice, both histories verify', async () => {
    rough = 0.5;
    const sent = [];
    for (let i = 0; i < 12; i++) sent.push(await hand({ text: `第 ${i} 件：路面塌陷。` }, i % 3));
    await both(12);
    const theirs = await Promise.all(sent.map(one => thereOf(one.exchange)));
    expect(theirs.map(rows => rows.length)).toEqual(sent.map(() => 1));
    for (const [one] of theirs) await work(below, one!.matter, '已修补。');
    await both(12);
    for (const one of sent.slice(0, 6))
      await (await a.signedIn('village-head')).call(contracts.sendAgain, {
        params: { county, id: one.id, exchange: one.exchange },
        body: { action: uuid(), days: 3, text: '请再办' },
      });
    await both(12);
    for (const [one] of theirs.slice(0, 6)) await work(below, one!.matter, '已重修。');
    await both(14);
    rough = 0;
    above.time.now += 86_400_000;
    below.time.now += 86_400_000;
    await both(4);
    const journeys = await above.db.read<any>(
      systemScope,
      sql`SELECT id, state, round FROM exchange WHERE id = ANY (${sent.map(one => one.exchange)}::uuid[])`,
    );
    for (const [i, one] of sent.entries())
      expect(journeys.find(row => row.id === one.exchange)).toMatchObject({ state: 'done', round: i < 6 ? 2 : 1 });
    expect((await below.owner.query("SELECT count(*) FROM matter WHERE source = 'superior'")).rows[0].count).toBe(13);
    for (const house of [above, below]) {
      expect(
        (
          await house.owner.query(
            "SELECT state, reason FROM exchange_message WHERE way = 'out' AND state <> 'acknowledged'",
          )
        ).rows,
      ).toEqual([]);
      expect((await verify(house)).broken).toEqual([]);
    }
  });

  test('the same id with other words is refused, and so is what a peer says of a matter that is not with it', async () => {
    const order = {
      v: 1 as const,
      id: uuid(),
      exchange: uuid(),
      at: below.time.now,
      type: 'accepted' as const,
      round: 1,
      number: '1',
    };
    const first = await receive(below, await pack(above.secrets, await keysOf(below), order), below.time.now);
    expect(first.answer).toMatchObject({ state: 'refused' });
    const again = await receive(below, await pack(above.secrets, await keysOf(below), order), below.time.now);
    expect(again.answer).toEqual(first.answer);
    await expect(
      receive(below, await pack(above.secrets, await keysOf(below), { ...order, number: '2' }), below.time.now),
    ).rejects.toMatchObject({ code: 'conflict' });
  });

  test('across separated networks: as a file, carried twice, with the acknowledgements carried back', async () => {
    await above.db.write(noScope, tx => tx.run(sql`UPDATE peer SET url = NULL`));
    await below.db.write(noScope, tx => tx.run(sql`UPDATE peer SET url = NULL`));
    const sent = await hand({ text: '用光盘送去的一件。' });
    await both(1);
    const [up, down] = [await a.signedIn('county'), await b.signedIn('county')];
    const file = await up.call(contracts.exportPackages, { params: { county, id: peerBelow } });
    expect(file.packages).toBe(1);
    expect(file.lines).not.toContain('光盘');
    const read = await down.call(contracts.importPackages, { body: { lines: `${file.lines}\nbroken line\n` } });
    expect(read).toMatchObject({ taken: 1, refused: 0, unreadable: 1 });
    expect(await down.call(contracts.importPackages, { body: { lines: file.lines } })).toMatchObject({ taken: 1 });
    expect((await thereOf(sent.exchange)).length).toBe(1);
    expect(await up.call(contracts.importPackages, { body: { lines: read.back } })).toMatchObject({ acknowledged: 1 });
    expect((await up.call(contracts.exportPackages, { params: { county, id: peerBelow } })).packages).toBe(0);
  });

  test('a peer that does not listen fetches what waits for it, and hands over what it has', async () => {
    await below.db.write(noScope, tx =>
      tx.run(sql`UPDATE peer SET url = ${`${toAbove}/api/v1/exchange`}, pulls = true`),
    );
    const sent = await hand({ text: '等着被取走的一件。' });
    await turn(above);
    expect(await pull(below, below.time.now)).toBe(1);
    const [there] = await thereOf(sent.exchange);
    await work(below, there!.matter, '取走后办好。');
    await turn(below);
    await pull(below, below.time.now);
    expect(
      (await above.db.readOne<any>(systemScope, sql`SELECT state FROM exchange WHERE id = ${sent.exchange}`))!.state,
    ).toBe('done');
    expect(
      (await above.owner.query("SELECT 1 FROM exchange_message WHERE way = 'out' AND state <> 'acknowledged'")).rows,
    ).toEqual([]);
  });
});
