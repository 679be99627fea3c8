/** Plans become duties, duties are done, missed and explained; teams, swaps, tasks; what was found. Over real HTTP. */
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { sql, systemScope } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { placeContracts } from '../places/contract.ts';
import { metresBetween } from '../places/kinds.ts';
import { placeCode } from '../places/store.ts';
import { type Client, serve } from '../test/client.ts';
import { testHouse } from '../test/harness.ts';
import { type PlanInput, roundContracts } from './contract.ts';
import { occurrences } from './recurrence.ts';
import { answerSwap, askSwap } from './rota.ts';
import { makeDuties, missDuties } from './store.ts';

const house = await testHouse();
const server = await serve(house);
const day = 86_400_000;
let town: Client;
let village: Client;
let huolong: Client;
const unitOf = async (login: string) => (await house.staff(login)).posts[0]!.unit;
/** Everybody signs in, and again when time has passed: sessions end. */
const signIn = async () => {
  [town, village, huolong] = (await Promise.all(
    ['shundian', 'village-head', 'huolong'].map(login => server.signedIn(login)),
  )) as [Client, Client, Client];
};
beforeAll(signIn);
const later = async (ms: number) => {
  house.time.now += ms;
  await signIn();
};
const plan = async (more: Partial<PlanInput> = {}): Promise<PlanInput> => ({
  id: uuid(),
  sort: 'round',
  name: '矛盾纠纷排查',
  guide: '逐户问',
  unit: await unitOf('shundian'),
  region: '411081101000',
  each: 'village',
  placeKind: null,
  places: [],
  team: null,
  rule: 'FREQ=DAILY;BYHOUR=8;BYMINUTE=0;BYSECOND=0',
  hours: 10,
  keyPeriod: false,
  starts: '2026-03-09',
  ends: null,
  ...more,
});
const dutiesOf = async (id: string) =>
  house.db.read<any>(
    systemScope,
    sql`SELECT id, region, unit, state, opens_at, due_at, people, place FROM duty WHERE plan = ${id} ORDER BY due_at, id`,
  );
const enter = (duty: { id: string; region: string }, more: object = {}) => ({
  id: uuid(),
  county: '411081',
  duty: duty.id,
  sort: 'round' as const,
  region: duty.region,
  outcome: 'nothing' as const,
  ...more,
});

test("a plan is refused without a rule that can be read, for places that are not one's own, of a team too small", async () => {
  expect((await town.refused(roundContracts.putPlan, { body: await plan({ rule: '每天' }) })).code).toBe('no_rule');
  expect((await town.refused(roundContracts.putPlan, { body: await plan({ region: '411081100000' }) })).code).toBe(
    'forbidden',
  );
  expect((await town.refused(roundContracts.putPlan, { body: await plan({ each: 'place' }) })).code).toBe('invalid');
  expect((await town.refused(roundContracts.putPlan, { body: await plan({ ends: '2026-01-01' }) })).code).toBe(
    'date_wrong',
  );
  expect((await town.refused(roundContracts.putPlan, { body: await plan({ team: uuid() }) })).code).toBe('not_found');
  const worker = await server.signedIn('village');
  expect((await worker.refused(roundContracts.putPlan, { body: await plan() })).code).toBe('forbidden');
});

test("each occurrence is a duty of each village's centre, made once by however many processes; what is past is missed, and whoever answers for it is told", async () => {
  const given = await plan();
  const { next } = await town.call(roundContracts.putPlan, { body: given });
  expect(next[0]).toBe(Date.parse('2026-03-10T08:00:00+08:00'));
  await Promise.all([makeDuties(house, house.time.now), makeDuties(house, house.time.now)]);
  const duties = await dutiesOf(given.id);
  const villages = [...house.keeper.current.regions.values()].filter(
    one => one.level === 'village' && one.parent === '411081101000',
  );
  expect(duties.length).toBe(2 * villages.length);
  expect(new Set(duties.map(one => one.unit)).size).toBe(villages.length);
  const mine = duties.find(one => one.region === '411081101205')!;
  expect(mine.unit).toBe(await unitOf('village-head'));
  // Nobody else sees it, and nobody else may do it.
  expect((await huolong.call(roundContracts.duties, { query: {} })).rows).toEqual([]);
  expect((await huolong.refused(roundContracts.enter, { body: enter(mine) })).code).toBe('no_such_duty');
  expect((await village.refused(roundContracts.enter, { body: enter(mine, { region: '999999999999' }) })).code).toBe(
    'invalid',
  );
  const done = enter(mine, { words: { note: '问了十二户，没有纠纷' } });
  expect(await village.call(roundContracts.enter, { body: done })).toEqual({ replayed: false, presence: 'none' });
  expect((await village.call(roundContracts.enter, { body: done })).replayed).toBe(true);
  expect((await village.refused(roundContracts.enter, { body: { ...done, outcome: 'findings' } })).code).toBe(
    'conflict',
  );
  await later(day);
  await missDuties(house, house.time.now);
  const after = await dutiesOf(given.id);
  expect(after.find(one => one.id === mine.id)!.state).toBe('done');
  const missed = after.filter(one => one.state === 'missed');
  expect(missed.length).toBe(villages.length - 1);
  const told = await house.db.read(systemScope, sql`SELECT 1 FROM notice WHERE what = 'duty-missed'`);
  expect(told.length).toBe(missed.length);
  // Late, and from a phone that was away: it counts as done, and as late only if it was done late.
  const late = missed[0]!;
  const path = { county: '411081', id: late.id };
  expect(
    (await village.refused(roundContracts.stepDuty, { params: path, body: { step: 'reason', text: '停电' } })).status,
  ).toBe(404);
  expect(
    (await town.refused(roundContracts.stepDuty, { params: path, body: { step: 'excuse', text: '同意' } })).code,
  ).toBe('duty_step');
  expect(
    (await town.refused(roundContracts.stepDuty, { params: path, body: { step: 'reason', text: '停电' } })).code,
  ).toBe('forbidden');
  const cover = (
    await town.call(roundContracts.coverage, {
      query: { from: '2026-03-09', to: '2026-03-09', region: '411081101000' },
    })
  ).rows;
  expect(cover.reduce((sum, row) => sum + row.done, 0)).toBe(1);
  expect(cover.reduce((sum, row) => sum + row.missed, 0)).toBe(villages.length - 1);
  expect(
    (await huolong.call(roundContracts.coverage, { query: { from: '2026-03-09', to: '2026-03-09' } })).rows,
  ).toEqual([]);
  const ledger = await town.raw('GET', '/api/v1/duties/ledger?from=2026-03-09&to=2026-03-09');
  expect(ledger.body.subarray(0, 2).toString()).toBe('PK');
});

test('a reason is given by whose duty it was, and excused by who oversees it', async () => {
  const given = await plan({ region: '411081101205', name: '补说明', starts: '2026-03-10' });
  await town.call(roundContracts.putPlan, { body: given });
  await later(2 * day);
  await makeDuties(house, house.time.now);
  await missDuties(house, house.time.now);
  const duty = (await dutiesOf(given.id)).find(one => one.state === 'missed')!;
  const params = { county: '411081', id: duty.id };
  await village.call(roundContracts.stepDuty, { params, body: { step: 'reason', text: '暴雨封路' } });
  expect(
    (await village.refused(roundContracts.stepDuty, { params, body: { step: 'excuse', text: '属实' } })).code,
  ).toBe('forbidden');
  await town.call(roundContracts.stepDuty, { params, body: { step: 'excuse', text: '属实' } });
  expect((await dutiesOf(given.id)).find(one => one.id === duty.id)!.state).toBe('excused');
});

test('an ended or changed plan leaves nothing due that has not begun; what was done stays', async () => {
  const given = await plan({ name: '要改的计划', starts: '2026-03-12' });
  await town.call(roundContracts.putPlan, { body: given });
  const first = (await dutiesOf(given.id)).filter(one => one.opens_at > house.time.now).map(one => one.id);
  expect(first.length).toBeGreaterThan(0);
  await town.call(roundContracts.putPlan, { body: { ...given, hours: 20 } });
  // The same duties, due again as the plan now says: none is left excused, none stands twice.
  const again = (await dutiesOf(given.id)).filter(one => one.opens_at > house.time.now);
  expect(again.map(one => one.id).sort()).toEqual(first.sort());
  for (const one of again) expect([one.state, one.due_at - one.opens_at]).toEqual(['due', 20 * 3_600_000]);
  await town.call(roundContracts.endPlan, { params: { county: '411081', id: given.id } });
  expect((await dutiesOf(given.id)).filter(one => one.state === 'due' && one.opens_at > house.time.now)).toEqual([]);
  expect((await huolong.refused(roundContracts.endPlan, { params: { county: '411081', id: given.id } })).status).toBe(
    404,
  );
});

test('presence: by the code of the place, by nearness, else unproven; the position itself is nowhere', async () => {
  const place = {
    id: uuid(),
    kind: 'checkpoint' as const,
    name: '村口',
    region: '411081101205',
    location: { lng: 113.2, lat: 34.1 },
  };
  await village.call(placeContracts.put, { body: place });
  const proven = async (proof: object) =>
    (
      await village.call(roundContracts.enter, {
        body: { ...enter({ id: '', region: '411081101205' }), duty: null, sort: 'patrol', place: place.id, proof },
      })
    ).presence;
  expect(await proven({ code: placeCode(house.secrets, '411081', place.id) })).toBe('code');
  expect(await proven({ code: placeCode(house.secrets, '411081', uuid()) })).toBe('none');
  expect(await proven({ metres: 40 })).toBe('near');
  expect(await proven({ metres: 400 })).toBe('none');
  expect(await proven({})).toBe('none');
  const columns = await house.db.read<{ column_name: string }>(
    systemScope,
    sql`SELECT column_name FROM information_schema.columns WHERE table_name IN ('entry', 'device')`,
  );
  expect(columns.map(one => one.column_name).filter(name => /lng|lat|position|track/.test(name))).toEqual([]);
  expect(metresBetween({ lng: 113.2, lat: 34.1 }, { lng: 113.2, lat: 34.101 })).toBeCloseTo(111.2, 0);
});

test('entries are append-only, whoever asks; their words are sealed', async () => {
  await expect(house.owner.query(`UPDATE entry SET outcome = 'findings'`)).rejects.toThrow(/append-only/);
  await expect(house.owner.query('DELETE FROM entry')).rejects.toThrow(/append-only/);
  const rows = await house.owner.query<{ words: Buffer }>('SELECT words FROM entry WHERE words IS NOT NULL');
  expect(rows.rows.length).toBeGreaterThan(0);
  for (const row of rows.rows) expect(row.words.toString()).not.toContain('十二户');
});

test('a visit is printed with its signature; the form of another place is not found', async () => {
  const png = `data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==`;
  const visit = {
    ...enter({ id: '', region: '411081101205' }),
    duty: null,
    sort: 'visit' as const,
    words: { host: '毛老汉', note: '反映路灯不亮', signature: png },
  };
  await village.call(roundContracts.enter, { body: visit });
  const form = await village.raw('GET', `/api/v1/entries/411081/${visit.id}/form`);
  expect(form.status).toBe(200);
  expect(form.body.subarray(0, 5).toString()).toBe('%PDF-');
  expect((await huolong.raw('GET', `/api/v1/entries/411081/${visit.id}/form`)).status).toBe(404);
  expect((await village.call(roundContracts.entries, { query: { sort: 'visit' } })).rows[0]!.note).toBe('反映路灯不亮');
  expect((await huolong.call(roundContracts.entries, { query: {} })).rows).toEqual([]);
});

test('a team: members by masked names, a rota by turns, swaps that both want, tasks that are taken, hours', async () => {
  const id = uuid();
  const unit = await unitOf('village-head');
  await village.call(roundContracts.putTeam, { body: { id, sort: 'patrol', name: '毛吕巡逻队', unit, strength: 3 } });
  expect(
    (await town.refused(roundContracts.putPlan, { body: await plan({ team: id, region: '411081101205' }) })).code,
  ).toBe('team_too_small');
  // Nobody elsewhere takes a team over by its id.
  const away = await unitOf('huolong');
  const taken = await huolong.refused(roundContracts.putTeam, {
    body: { id, sort: 'patrol', name: '改名', unit: away },
  });
  expect(taken.code).toBe('forbidden');
  const members = [uuid(), uuid(), uuid(), uuid()];
  for (const [n, member] of members.entries())
    await village.call(roundContracts.putMember, {
      params: { county: '411081', id },
      body: { id: member, name: `队员${n}`, phone: '13800138000', ...(n === 2 && { login: 'village' }) },
    });
  expect(
    (
      await huolong.refused(roundContracts.putMember, {
        params: { county: '411081', id },
        body: { id: uuid(), name: '外人' },
      })
    ).code,
  ).toBe('forbidden');
  const given = await plan({
    sort: 'patrol',
    name: '夜巡',
    region: '411081101205',
    each: 'village',
    team: id,
    unit,
    rule: 'FREQ=DAILY;BYHOUR=20;BYMINUTE=0;BYSECOND=0',
    hours: 4,
    starts: '2026-03-12',
  });
  await village.call(roundContracts.putPlan, { body: given });
  await later(2 * day);
  await makeDuties(house, house.time.now);
  const duties = (await dutiesOf(given.id)).filter(one => one.state === 'due');
  for (const duty of duties) expect(new Set(duty.people).size).toBe(2);
  expect(new Set(duties.flatMap(one => one.people)).size).toBe(4);
  const duty = duties.at(-1)!;
  const params = { county: '411081', id: duty.id };
  const free = members.filter(one => !duty.people.includes(one));
  expect(
    (
      await village.refused(roundContracts.stepDuty, {
        params,
        body: { step: 'ask-swap', from: free[0]!, to: duty.people[0] },
      })
    ).code,
  ).toBe('not_on_duty');
  await village.call(roundContracts.stepDuty, {
    params,
    body: { step: 'ask-swap', from: duty.people[0], to: free[0]! },
  });
  await village.call(roundContracts.stepDuty, { params, body: { step: 'answer-swap', n: 1, yes: true } });
  expect(
    (await village.refused(roundContracts.stepDuty, { params, body: { step: 'answer-swap', n: 1, yes: true } })).code,
  ).toBe('duty_step');
  expect((await dutiesOf(given.id)).find(one => one.id === duty.id)!.people).toEqual([free[0], duty.people[1]]);

  const task = uuid();
  const { now } = house.time;
  await village.call(roundContracts.addTask, {
    body: { id: task, name: '给独居老人送菜', region: '411081101205', minutes: 90, opensAt: now, dueAt: now + day },
  });
  const on = { county: '411081', id: task };
  expect(
    (await village.refused(roundContracts.stepDuty, { params: on, body: { step: 'take', team: id, people: [uuid()] } }))
      .code,
  ).toBe('not_on_duty');
  await village.call(roundContracts.stepDuty, {
    params: on,
    body: { step: 'take', team: id, people: members.slice(0, 2) },
  });
  expect(
    (
      await village.refused(roundContracts.stepDuty, {
        params: on,
        body: { step: 'take', team: id, people: members.slice(2) },
      })
    ).code,
  ).toBe('duty_step');
  await village.call(roundContracts.enter, {
    body: { ...enter({ id: task, region: '411081101205' }), sort: 'task', minutes: 90 },
  });
  const team = (await village.call(roundContracts.teams, {})).teams.find(one => one.id === id)!;
  expect(team.minutes).toBe(180);
  expect(team.members.map(one => one.name).join()).not.toContain('队员0');
  expect((await huolong.call(roundContracts.teams, {})).teams.map(one => one.id)).not.toContain(id);
});

test('swaps: whatever is asked and answered, as many stand in the rota as before, nobody twice, only members', () => {
  const member = fc.integer({ min: 0, max: 5 }).map(n => `m${n}`);
  fc.assert(
    fc.property(fc.array(fc.record({ from: member, to: member, yes: fc.boolean() }), { maxLength: 20 }), proposals => {
      const team = ['m0', 'm1', 'm2', 'm3'];
      let duty = {
        people: ['m0', 'm1'],
        swaps: [],
        state: 'due',
        opensAt: 0,
        dueAt: 10,
        team: 't',
      } as unknown as Parameters<typeof askSwap>[0];
      for (const { from, to, yes } of proposals) {
        const asked = askSwap(duty, team, from, to, [], 1);
        if ('code' in asked) continue;
        duty = { ...duty, ...asked };
        const answered = answerSwap(duty, duty.swaps.at(-1)!.n, yes, [], 2);
        if (!('code' in answered)) duty = { ...duty, ...answered };
        expect(new Set(duty.people).size).toBe(2);
        for (const person of duty.people) expect(team).toContain(person);
      }
    }),
  );
  const base = { people: ['a'], swaps: [], state: 'due' as const, opensAt: 10, dueAt: 20, team: 't' };
  expect(askSwap(base, ['a', 'b'], 'a', 'b', [{ opensAt: 15, dueAt: 30 }], 1)).toEqual({ code: 'not_on_duty' });
  expect(askSwap(base, ['a', 'b'], 'a', 'b', [{ opensAt: 20, dueAt: 30 }], 1)).toMatchObject({ swaps: [{ n: 1 }] });
});

test('recurrence: half-monthly, quarterly, on weekdays; nothing before its start, nothing twice', () => {
  const dates = (rule: string, to: string) =>
    occurrences(rule, '2026-01-01', 0, Date.parse(to)).map(at =>
      new Date(at + 8 * 3_600_000).toISOString().slice(0, 10),
    );
  expect(dates('FREQ=MONTHLY;BYMONTHDAY=1,16', '2026-02-20')).toEqual([
    '2026-01-01',
    '2026-01-16',
    '2026-02-01',
    '2026-02-16',
  ]);
  expect(dates('FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1', '2026-12-31')).toEqual([
    '2026-01-01',
    '2026-04-01',
    '2026-07-01',
    '2026-10-01',
  ]);
  expect(dates('FREQ=WEEKLY;BYDAY=MO,FR', '2026-01-13')).toEqual([
    '2026-01-02',
    '2026-01-05',
    '2026-01-09',
    '2026-01-12',
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 400 }), (a, b) => {
      const [from, middle] = [Math.min(a, b), Math.max(a, b)].map(
        n => Date.parse('2026-01-01T00:00:00+08:00') + n * day,
      ) as [number, number];
      const end = middle + 30 * day;
      const rule = 'FREQ=DAILY;BYHOUR=8;BYMINUTE=0;BYSECOND=0';
      // Made in two parts or in one, the same duties come of it.
      expect([
        ...occurrences(rule, '2026-01-01', from, middle),
        ...occurrences(rule, '2026-01-01', middle, end),
      ]).toEqual(occurrences(rule, '2026-01-01', from, end));
    }),
    { numRuns: 50 },
  );
});
