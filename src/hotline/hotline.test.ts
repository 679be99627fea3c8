/** Hotline and window over real HTTP: the telephone system's port, the operator's desk, numbers in a queue, answers. */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { uuid } from '../kernel/ids.ts';
import { registerMatter } from '../matters/registration.ts';
import { peopleContracts } from '../people/contract.ts';
import { serve } from '../test/client.ts';
import { letter, testHouse } from '../test/harness.ts';
import { type CallEvent, hotlineContracts as contracts } from './contract.ts';
import { simulateCalls } from './routes.ts';

const house = await testHouse();
const server = await serve(house);
afterAll(() => server.app.close());
const county = '411081';
const tokenFor = async (scopes: ('read' | 'write' | 'calls')[]) => {
  const security = await server.signedIn('security');
  const post = (await house.staff('county')).posts[0]!.id;
  return (await security.call(peopleContracts.addToken, { body: { id: uuid(), name: 'pbx', post, scopes, days: 30 } }))
    .token;
};
const port = await tokenFor(['calls']);
const tell = (event: object, token = port) =>
  server.anyone().raw('POST', '/api/v1/calls/events', event, { authorization: `Bearer ${token}` });

test('only a token made for the port speaks for the telephone system, and it opens nothing else', async () => {
  const event = { type: 'arrived', call: 'c0', at: house.time.now };
  expect((await server.anyone().raw('POST', '/api/v1/calls/events', event)).status).toBe(401);
  expect((await tell(event, await tokenFor(['read', 'write']))).status).toBe(401);
  expect(
    (await server.anyone().raw('GET', '/api/v1/matters', undefined, { authorization: `Bearer ${port}` })).status,
  ).toBe(401);
  expect((await tell({ ...event, type: 'exploded' })).status).toBe(422);
});

test('events twice, late and in any order give the same call', async () => {
  const events: CallEvent[] = [
    { type: 'arrived', call: 'x', at: house.time.now, phone: '13900139000', line: '12345' },
    { type: 'answered', call: 'x', at: house.time.now + 9000, operator: 'county' },
    { type: 'ended', call: 'x', at: house.time.now + 60_000 },
    { type: 'recorded', call: 'x', at: house.time.now + 61_000, recording: 'rec/x.wav' },
  ];
  let n = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...events, ...events, events[0]!], { minLength: 9, maxLength: 9 }),
      async shuffled => {
        const call = `order-${n++}`;
        for (const event of shuffled) expect((await tell({ ...event, call })).status).toBe(200);
        const row = (
          await house.owner.query(
            'SELECT masked, line, arrived_at, answered_at, ended_at, recording FROM call WHERE reference = $1',
            [call],
          )
        ).rows[0];
        expect(row).toMatchObject({ masked: '139****9000', line: '12345', recording: 'rec/x.wav' });
        expect([+row.arrived_at, +row.answered_at, +row.ended_at]).toEqual([
          house.time.now,
          house.time.now + 9000,
          house.time.now + 60_000,
        ]);
      },
    ),
    { numRuns: 15 },
  );
  expect(JSON.stringify((await house.owner.query('SELECT * FROM call')).rows)).not.toContain('13900139000');
});

test('the operator sees earlier matters of the number as far as they may, the number itself on record; another operator’s call is not theirs', async () => {
  const doing = await house.as('village-head');
  const parties = [{ id: uuid(), role: 'applicant' as const, name: '孙大娘', phone: '13700000009', anonymous: false }];
  const seen = await registerMatter(house.loop, doing, letter({ parties }));
  const hidden = await registerMatter(
    house.loop,
    doing,
    letter({
      parties: [{ ...parties[0]!, id: uuid() }],
      sensitive: true,
      excludedPeople: [(await house.staff('county')).person],
    }),
  );
  await tell({ type: 'arrived', call: 'y', at: house.time.now, phone: '137 0000 0009' });
  const clerk = await server.signedIn('county');
  const call = (await clerk.call(contracts.calls, { query: { county } })).rows.find(
    row => row.masked === '137****0009',
  )!;
  const open = await clerk.call(contracts.open, { params: { county, id: call.id } });
  expect(open.phone).toBe('13700000009');
  expect(open.matters.map(row => row.id)).toEqual([seen.id]);
  expect(open.matters.map(row => row.id)).not.toContain(hidden.id);
  expect(
    (await house.owner.query("SELECT 1 FROM audit WHERE what = 'call-number' AND subject = $1", [call.id])).rows.length,
  ).toBe(1);
  const other = await server.signedIn('county2');
  expect((await other.refused(contracts.open, { params: { county, id: call.id } })).status).toBe(404);
  expect(
    (await other.refused(contracts.close, { params: { county, id: call.id }, body: { outcome: 'silent' } })).status,
  ).toBe(404);
  await clerk.call(contracts.close, { params: { county, id: call.id }, body: { outcome: 'matter', matter: seen.id } });
  // No telephone system: the number is typed.
  const typed = uuid();
  await clerk.call(contracts.typed, { body: { id: typed, county, phone: '03741234567' } });
  expect((await clerk.call(contracts.calls, { query: { county } })).rows[0]).toMatchObject({ mine: true });
});

test('an answer fits what is said, best first; out of date and out of use it is not offered', async () => {
  const clerk = await server.signedIn('county');
  const put = (title: string, answer: string, more: object = {}) => {
    const id = uuid();
    return clerk
      .call(contracts.putKnowledge, {
        params: { county, id },
        body: { title, answer, basis: '', until: null, open: false, ended: false, ...more },
      })
      .then(() => id);
  };
  const card = await put('老年优待证怎么办', '带身份证到村委会，十五个工作日。');
  await put('停水找谁', '自来水公司，二十四小时值班。');
  await put('老年优待证旧办法', '已停止', { until: '2020-01-01' });
  await put('老年优待证错的', '停用', { ended: true });
  const { rows } = await clerk.call(contracts.knowledge, {
    query: { county, q: '我妈七十了想办个老年优待证，要带什么' },
  });
  expect(rows[0]!.id).toBe(card);
  expect(rows.map(row => row.title)).not.toContain('老年优待证旧办法');
  expect(rows.map(row => row.title)).not.toContain('老年优待证错的');
  expect((await clerk.call(contracts.knowledge, { query: { county, q: '火星移民' } })).rows).toEqual([]);
  expect(
    (
      await (
        await server.signedIn('urban')
      ).refused(contracts.putKnowledge, { params: { county, id: card }, body: { title: 'x', answer: 'y' } })
    ).status,
  ).toBe(403);
});

test('numbers are drawn without doubles, called in order to one counter each, and the screen shows nobody', async () => {
  const clerk = await server.signedIn('county');
  const { unit } = (await house.staff('county')).posts[0]!;
  const params = { county, unit };
  const drawn = await Promise.all(
    Array.from({ length: 20 }, () => clerk.call(contracts.draw, { params, body: { id: uuid(), line: 'A' } })),
  );
  expect(drawn.map(one => one.number).sort()).toEqual(
    Array.from({ length: 20 }, (_, i) => `A${String(i + 1).padStart(3, '0')}`),
  );
  const again = uuid();
  const first = await clerk.call(contracts.draw, { params, body: { id: again, line: 'B' } });
  expect(await clerk.call(contracts.draw, { params, body: { id: again, line: 'B' } })).toEqual(first);
  const called = await Promise.all(
    ['1', '2', '3'].map(counter => clerk.call(contracts.call, { params, body: { counter } })),
  );
  expect(new Set(called.map(one => one.ticket!.id)).size).toBe(3);
  const board = await server.anyone().call(contracts.board, { params });
  expect(board).toMatchObject({
    waiting: 18,
    called: expect.arrayContaining([{ number: 'A001', counter: expect.any(String) }]),
  });
  await clerk.call(contracts.endTicket, {
    params: { ...params, ticket: called[0]!.ticket!.id },
    body: { to: 'served' },
  });
  expect(
    (
      await clerk.refused(contracts.endTicket, {
        params: { ...params, ticket: called[0]!.ticket!.id },
        body: { to: 'gone' },
      })
    ).status,
  ).toBe(404);
  expect((await (await server.signedIn('urban')).refused(contracts.queue, { params })).status).toBe(403);
});

test('the simulator speaks the port as it is documented; the figures come from what it said', async () => {
  house.time.now = Date.now();
  const from = house.time.now - 1000;
  const fresh = await tokenFor(['calls']);
  expect(await simulateCalls(server.address, fresh, 5, 'county', () => {})).toBe(5);
  const figures = await (await server.signedIn('county')).call(contracts.figures, {
    query: { county, from, to: Date.now() + 600_000 },
  });
  expect(figures).toMatchObject({ calls: 5, answered: 5, quick: 5, matters: 0 });
  expect(figures.byHour.reduce((a, b) => a + b)).toBe(5);
});
