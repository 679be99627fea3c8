/** When a deadline passes, whoever is away: orders, replies, extensions, parts, papers, reviews, on a real database. */
import PizZip from 'pizzip';
import { expect, test } from 'vitest';
import { fillTemplate } from '../documents/documents.ts';
import { sql, systemScope } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { letter, testHouse } from '../test/harness.ts';
import { verify } from '../verify.ts';
import { act } from './acting.ts';
import { Action } from './actions.ts';
import { dateOf } from './clocks.ts';
import type { Template } from './contract.ts';
import { lapseDue, recountProvisional } from './jobs.ts';
import type { Matter } from './matter.ts';
import { deliver, readNotices, writeDigests } from './notices.ts';
import { readPage } from './reading.ts';
import { registerMatter } from './registration.ts';
import { matterOf } from './rows.ts';

const house = await testHouse();
const county = '411081';
const day = 86_400_000;
const at = (text: string) => Date.parse(`${text}+08:00`);
const unitNamed = (name: string) => [...house.keeper.current.units.values()].find(unit => unit.name.includes(name))!.id;

async function go(
  login: string,
  id: string,
  type: Action['type'],
  data: object = {},
  words: object = { text: '文字' },
) {
  const doing = await house.as(login);
  return (await act(house.loop, doing, county, id, { id: uuid(), action: Action.parse({ type, data, words }) })).matter;
}
const refused = async (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    error => error.code as string,
  );
const read = async (id: string): Promise<Matter> =>
  matterOf((await house.db.read<any>(systemScope, sql`SELECT * FROM matter WHERE id = ${id}`))[0]);
async function raise(login: string, more: Parameters<typeof letter>[0] = {}): Promise<string> {
  const input = letter({ region: '411081000000', ...more });
  await registerMatter(house.loop, await house.as(login), input);
  return input.id;
}
/** A petition of appeal whose handling 顺店镇综治中心 reports itself: what is left is the answer. */
async function reportedPetition(): Promise<string> {
  const appeal = { kind: 'petition' as const, category: '01', fields: { purpose: 'appeal' } };
  const id = await raise('shundian', { region: '411081101000', ...appeal });
  await go('shundian', id, 'accept');
  await go('shundian', id, 'dispatch', { unit: unitNamed('顺店镇综治中心') });
  await go('shundian', id, 'sign');
  await go('shundian', id, 'report', { result: 'explained' });
  return id;
}
/** Lets the timers run as the clock goes. */
async function until(moment: number): Promise<void> {
  while (house.time.now < moment) {
    house.time.now = Math.min(moment, house.time.now + 6 * 3_600_000);
    while ((await lapseDue(house.loop, house.time.now)) > 0);
  }
}

test('overdue: warned before, reminded, ordered, noticed by the level above; the unit replies; each is on record and told', async () => {
  house.time.now = at('2026-03-09T09:00');
  const id = await raise('shundian', { region: '411081101000' });
  await go('shundian', id, 'accept');
  await go('shundian', id, 'dispatch', { unit: unitNamed('城市管理局') });
  await go('urban', id, 'sign');
  const { dueAt } = await read(id);
  expect(dateOf(dueAt!)).toBe('2026-03-16');
  await until(at('2026-03-13T20:00'));
  const notices = async (login: string) =>
    (await readNotices(house.db, (await house.as(login)).scope, [county])).rows
      .filter(row => row.matter === id)
      .map(row => row.what);
  expect(await notices('urban')).toContain('soon');
  expect((await read(id)).orders).toEqual([]);

  await until(at('2026-03-17T12:00'));
  expect((await read(id)).orders.map(o => [o.level, o.by])).toEqual([['remind', unitNamed('顺店镇综治中心')]]);
  await until(at('2026-03-19T12:00'));
  let m = await read(id);
  expect(m.orders.at(-1)).toMatchObject({ level: 'order', repliedAt: null, over: false });
  expect(m.replyAt).toBe(m.orders.at(-1)!.replyBy);
  expect(await refused(go('shundian', id, 'reply', { order: m.orders.at(-1)!.n }))).toBe('forbidden');
  expect(await refused(go('urban', id, 'reply', { order: 99 }))).toBe('no_such_order');
  m = await go('urban', id, 'reply', { order: m.orders.at(-1)!.n }, { text: '配件已到，明日安装' });
  expect(m).toMatchObject({ replyAt: null });
  expect(await refused(go('urban', id, 'reply', { order: m.orders.at(-1)!.n }))).toBe('no_such_order');

  await until(at('2026-03-24T12:00'));
  m = await read(id);
  expect(m.orders.at(-1)).toMatchObject({ level: 'notice', by: unitNamed('禹州市综治中心') });
  expect(m.participants).toContain(unitNamed('禹州市综治中心'));
  expect(await notices('county')).toContain('notice-copy');
  // Left without a reply, it is not forgotten: the next alarm comes.
  const count = m.orders.length;
  await until(at('2026-04-03T12:00'));
  expect((await read(id)).orders.length).toBeGreaterThan(count);
  await go('urban', id, 'report', { result: 'resolved' });
  m = await read(id);
  expect(m.orders.every(o => o.over || o.repliedAt !== null || o.replyBy === null)).toBe(true);
  expect(m.replyAt).toBeNull();
});

test('a supervisor reminds, orders and notices by hand; the unit itself, and one without the region, may not', async () => {
  house.time.now = at('2026-03-09T09:00');
  const id = await raise('shundian', { region: '411081101000' });
  await go('shundian', id, 'accept');
  await go('shundian', id, 'dispatch', { unit: unitNamed('城市管理局') });
  expect(await refused(go('urban', id, 'order'))).toBe('forbidden');
  expect(await refused(go('huolong', id, 'remind'))).toBe('not_found');
  expect(await refused(go('county', id, 'notice'))).toBe('forbidden');
  const m = await go('county', id, 'order', { days: 1 });
  expect(m.orders.at(-1)).toMatchObject({ level: 'order', by: unitNamed('禹州市综治中心'), to: m.unit });
  expect(dateOf(m.replyAt!)).toBe('2026-03-10');
  await go('leader', id, 'notice', { days: 2 });
  const led = await go('leader', id, 'lead', { person: (await house.staff('leader')).person });
  expect(led.leader).toBe((await house.staff('leader')).person);
});

test('an extension is asked before the end, once, within the law, and decided by the head; the deadline tells of it', async () => {
  house.time.now = at('2026-03-09T09:00');
  const id = await raise('county');
  await go('county', id, 'accept');
  await go('county', id, 'dispatch', { unit: unitNamed('城市管理局') });
  await go('urban', id, 'sign');
  expect(await refused(go('urban', id, 'askExtension', { count: 9 }))).toBe('extension_too_long');
  await go('urban', id, 'askExtension', { count: 3 });
  expect(await refused(go('urban', id, 'askExtension', { count: 1 }))).toBe('extended_before');
  expect(await refused(go('county', id, 'decideExtension', { granted: true, told: 'phone' }))).toBe('forbidden');
  const m = await go('leader', id, 'decideExtension', { granted: true, told: 'phone' });
  expect([dateOf(m.dueAt!), m.due!.extra]).toEqual(['2026-03-19', expect.objectContaining({ count: 3 })]);
  expect(await refused(go('urban', id, 'askExtension', { count: 1 }))).toBe('extended_before');

  const late = await raise('county');
  await go('county', late, 'accept');
  await go('county', late, 'dispatch', { unit: unitNamed('城市管理局') });
  await go('urban', late, 'sign');
  await until(at('2026-03-17T10:00'));
  expect(await refused(go('urban', late, 'askExtension', { count: 1 }))).toBe('asked_too_late');
});

test('a petition is extended only with the notice signed at the centre that grants it; refused without one', async () => {
  house.time.now = at('2026-03-09T09:00');
  const petition = async () => {
    const id = await raise('county', { kind: 'petition', category: '01', fields: { purpose: 'appeal' } });
    await go('county', id, 'accept');
    await go('county', id, 'dispatch', { unit: unitNamed('自然资源') });
    await go('land', id, 'sign');
    await go('land', id, 'askExtension', { count: 30 });
    return id;
  };
  const id = await petition();
  expect(await refused(go('leader', id, 'decideExtension', { granted: true, told: 'written' }))).toBe('unsigned');
  // A notice of the handling department is not the centre's, and nobody else signs it.
  await go('land', id, 'draft', { paper: 'extended' });
  expect(await refused(go('leader', id, 'pass', { paper: 1, step: 'sign' }))).toBe('not_signer');
  await go('county', id, 'draft', { paper: 'extended' }, { text: '因案情复杂，延长三十日。' });
  expect(await refused(go('county2', id, 'pass', { paper: 2, step: 'sign' }))).toBe('not_signer');
  await go('leader', id, 'pass', { paper: 2, step: 'sign' });
  expect(await refused(go('leader', id, 'decideExtension', { granted: true, told: 'written' }))).toBe('unsigned');
  await go('county', id, 'pass', { paper: 2, step: 'seal' });
  const m = await go('leader', id, 'decideExtension', { granted: true, told: 'written' });
  expect(m.due!.extra).toMatchObject({ count: 30, unit: 'day' });
  const refusedOne = await go('leader', await petition(), 'decideExtension', { granted: false, told: 'written' });
  expect([refusedOne.asked, refusedOne.due!.extra]).toEqual([null, undefined]);
});

test('a clock stands still only where its law lets it, and runs on by the days that were left', async () => {
  house.time.now = at('2026-03-02T09:00');
  const parties = [
    { id: uuid(), role: 'applicant' as const, name: '王小明', anonymous: false },
    { id: uuid(), role: 'respondent' as const, name: '李大山', anonymous: false },
  ];
  const request = await raise('village-head', { region: '411081101205' });
  await go('village-head', request, 'accept');
  await go('village-head', request, 'dispatch', { unit: unitNamed('毛吕村综治中心') });
  await go('village-head', request, 'sign');
  expect(await refused(go('village-head', request, 'suspend', { ground: 'appraisal' }))).toBe('no_suspension');

  const id = await raise('village-head', { region: '411081101205', kind: 'dispute', category: '05', parties });
  await go('village-head', id, 'accept');
  await go('village-head', id, 'dispatch', { unit: unitNamed('毛吕村综治中心') });
  await go('village-head', id, 'sign');
  expect(dateOf((await read(id)).dueAt!)).toBe('2026-04-02');
  expect(await refused(go('village-head', id, 'suspend', { ground: 'hearing' }))).toBe('no_suspension');
  house.time.now = at('2026-03-10T09:00');
  await go('village-head', id, 'suspend', { ground: 'appraisal' });
  expect(await refused(go('village-head', id, 'report', { result: 'resolved' }))).toBe('clock_stands');
  house.time.now = at('2026-03-25T09:00');
  const m = await go('village-head', id, 'resume');
  expect([dateOf(m.dueAt!), m.due!.stood, m.pause]).toEqual(['2026-04-17', 15, null]);
});

test('the grade explains itself line by line, sets the clock, tells those above, and is overridden only with a reason', async () => {
  house.time.now = at('2026-03-09T09:00');
  const id = await raise('shundian', { region: '411081101000' });
  await go('shundian', id, 'accept');
  await go('shundian', id, 'dispatch', { unit: unitNamed('城市管理局') });
  await go('urban', id, 'sign');
  let m = await go('shundian', id, 'grade', { answers: { people: 40, minor: 1 } }, {});
  expect(m.grading).toMatchObject({
    grade: 'large',
    points: 40,
    lines: [
      { code: 'people', points: 25 },
      { code: 'minor', points: 15 },
    ],
  });
  expect(dateOf(m.dueAt!)).toBe('2026-04-07');
  expect(m.participants).toContain(unitNamed('禹州市综治中心'));
  expect(await refused(go('shundian', id, 'grade', { answers: { people: 40 }, override: 'simple' }, {}))).toBe(
    'reason_needed',
  );
  m = await go('shundian', id, 'grade', { answers: { people: 40 }, override: 'simple' }, { text: '人数有误' });
  expect([m.grade, m.grading!.overrides, dateOf(m.dueAt!)]).toEqual(['simple', 'general', '2026-03-10']);
});

test('what is graded 重大 at a lower desk goes to the level above at once, and every level knows', async () => {
  house.time.now = at('2026-03-09T09:00');
  const id = await raise('village-head', { region: '411081101205' });
  const m = await go('village-head', id, 'grade', { answers: { people: 120, injury: 1 } }, {});
  expect(m).toMatchObject({ grade: 'major', state: 'registered', unit: unitNamed('顺店镇综治中心') });
  expect(m.participants).toEqual(expect.arrayContaining([unitNamed('毛吕村综治中心'), unitNamed('禹州市综治中心')]));
});

test('whistle: departments are called to parts of their own, report in, close; the whole reports last; nobody is called twice', async () => {
  house.time.now = at('2026-03-09T09:00');
  const id = await raise('shundian', { region: '411081101000', text: '镇区河道边违建和偷排，多家都有责任。' });
  await go('shundian', id, 'accept');
  await go('shundian', id, 'dispatch', { unit: unitNamed('顺店镇综治中心') });
  await go('shundian', id, 'sign');
  const [land, urban] = [uuid(), uuid()];
  const parts = [
    { matter: land, unit: unitNamed('自然资源') },
    { matter: urban, unit: unitNamed('城市管理局') },
  ];
  expect(
    await refused(go('shundian', id, 'whistle', { parts: [parts[0], { matter: uuid(), unit: parts[0]!.unit }] })),
  ).toBe('called_before');
  await go('shundian', id, 'whistle', { parts }, { text: '请到现场会商' });
  expect(await refused(go('shundian', id, 'report', { result: 'resolved' }))).toBe('parts_open');
  expect(await read(urban)).toMatchObject({
    state: 'dispatched',
    unit: parts[1]!.unit,
    whole: { matter: id },
    open: true,
  });
  expect(await refused(go('urban', land, 'sign'))).toBe('not_found');
  await go('urban', urban, 'sign');
  expect(await refused(go('urban', urban, 'whistle', { parts: [{ matter: uuid(), unit: unitNamed('公安局') }] }))).toBe(
    'part_of_part',
  );
  await go('urban', urban, 'report', { result: 'resolved' });
  expect(await read(urban)).toMatchObject({ state: 'struck', open: false });
  expect((await read(id)).parts.map(part => part.done)).toEqual([false, true]);
  await go('land', land, 'sign');
  await go('land', land, 'report', { result: 'partly' });
  expect(await go('shundian', id, 'report', { result: 'resolved' })).toMatchObject({ state: 'reported' });

  const other = await raise('shundian', { region: '411081101000' });
  await go('shundian', other, 'accept');
  const left = uuid();
  await go('shundian', other, 'whistle', { parts: [{ matter: left, unit: unitNamed('公安局') }] });
  await go('shundian', other, 'withdraw', { by: 'person' });
  expect(await read(left)).toMatchObject({ state: 'withdrawn', open: false });
});

test('no answer without its signatures: by other hands, in order, numbered without gaps; then review and re-examination, and no more', async () => {
  house.time.now = at('2026-03-09T09:00');
  const opinion = async (drafter: string, reviewer: string, head: string, id: string) => {
    await go(drafter, id, 'draft', { paper: 'opinion' }, { text: '经查，反映属实，予以支持。' });
    const n = (await read(id)).papers.at(-1)!.n;
    expect(await refused(go(drafter, id, 'pass', { paper: n, step: 'review' }))).toBe('four_eyes');
    expect(await refused(go(reviewer, id, 'pass', { paper: n, step: 'sign' }))).toBe('illegal_step');
    await go(reviewer, id, 'pass', { paper: n, step: 'review' });
    expect(await refused(go(reviewer, id, 'pass', { paper: n, step: 'sign' }))).toBe('not_signer');
    await go(head, id, 'pass', { paper: n, step: 'sign' });
    expect(await refused(go(drafter, id, 'answer', { way: 'written', position: 'supported' }))).toBe('unsigned');
    return go(drafter, id, 'pass', { paper: n, step: 'seal', number: '冒充〔2026〕1号' });
  };
  const handled = async () => {
    const id = await reportedPetition();
    expect(await refused(go('shundian', id, 'answer', { way: 'written', position: 'supported' }))).toBe('unsigned');
    return id;
  };
  const [first, second] = [await handled(), await handled()];
  const one = await opinion('shundian', 'shundian2', 'shundian-head', first);
  const two = await opinion('shundian', 'shundian2', 'shundian-head', second);
  expect([one, two].map(m => m.papers.at(-1)!.number)).toEqual([
    '顺店镇综治中心〔2026〕1号',
    '顺店镇综治中心〔2026〕2号',
  ]);
  await go('shundian', first, 'answer', { way: 'written', position: 'not-supported' });
  await go('shundian', first, 'serve', { paper: 1, way: 'hand', at: house.time.now });
  expect(await refused(go('county', first, 'askReview'))).toBe('forbidden');
  const asked = await go('shundian', first, 'askReview');
  expect(asked).toMatchObject({ state: 'reviewing', unit: unitNamed('禹州市综治中心'), rounds: 1 });
  expect(asked.due).toMatchObject({ count: 30, unit: 'day', basis: '《信访工作条例》第35条' });
  await go('county', first, 'decideReview', { outcome: 'upheld' });
  const last = await go('county', first, 'askReview');
  expect(last).toMatchObject({ state: 'reexamining', unit: unitNamed('许昌市综治中心'), rounds: 2 });
  expect(last.due).toMatchObject({ count: 30, unit: 'day', basis: '《信访工作条例》第36条' });
  expect(await refused(go('county', first, 'decideReview', { outcome: 'upheld' }))).toBe('forbidden');
  await go('city', first, 'decideReview', { outcome: 'upheld' });
  expect(await refused(go('city', first, 'askReview'))).toBe('review_exhausted');
  await go('shundian', second, 'answer', { way: 'written', position: 'not-supported' });
  house.time.now += 40 * day;
  expect(await refused(go('shundian', second, 'askReview'))).toBe('review_window');
});

test("the last step of a paper, sent again with a number of the sender's own, is answered with the first answer", async () => {
  house.time.now = at('2026-03-09T09:00');
  const id = await reportedPetition();
  await go('shundian', id, 'draft', { paper: 'opinion' });
  await go('shundian2', id, 'pass', { paper: 1, step: 'review' });
  await go('shundian-head', id, 'pass', { paper: 1, step: 'sign' });
  const seal = Action.parse({ type: 'pass', data: { paper: 1, step: 'seal', number: '冒充〔2026〕1号' }, words: {} });
  const sent = { id: uuid(), action: seal };
  const first = await act(house.loop, await house.as('shundian'), county, id, sent);
  const again = await act(house.loop, await house.as('shundian'), county, id, sent);
  expect([first.replayed, again.replayed]).toEqual([false, true]);
  expect(again.matter.papers).toEqual(first.matter.papers);
});

test('each paper prints as its notice, its reading sheet and its proof of service; what is unsigned says so', async () => {
  house.time.now = at('2026-05-11T09:00');
  const id = await reportedPetition();
  await go('shundian', id, 'draft', { paper: 'opinion' }, { text: '经查，补偿标准符合规定。' });
  const print = async (template: Template) => {
    const doing = await house.as('shundian');
    const page = await readPage(house.loop, doing, county, id);
    const bytes = await fillTemplate(
      house,
      template,
      page,
      { title: '补偿', text: '文', receipt: '123456789012' },
      { name: '王小明' },
      1,
    );
    return new PizZip(bytes)
      .file('word/document.xml')!
      .asText()
      .replace(/<[^>]+>/g, '');
  };
  expect(await print('opinion')).toContain('未签发稿');
  await go('shundian2', id, 'pass', { paper: 1, step: 'review' }, { text: '同意' });
  await go('shundian-head', id, 'pass', { paper: 1, step: 'sign' });
  await go('shundian', id, 'pass', { paper: 1, step: 'seal' });
  const opinion = await print('opinion');
  expect(opinion).not.toContain('未签发稿');
  expect(opinion).toContain('经查，补偿标准符合规定。');
  expect(opinion).toContain('向禹州市综治中心请求复查');
  const reading = await print('reading');
  for (const word of ['审核', '签发', '盖章', '王志远', '赵磊']) expect(reading).toContain(word);
  await go('shundian', id, 'answer', { way: 'written', position: 'explained' });
  await go('shundian', id, 'serve', { paper: 1, way: 'left', at: house.time.now });
  expect(await print('service')).toContain('留置送达2026-05-11 09:00'.slice(0, 4));
  for (const template of ['not-accepted', 'extended', 'supplement', 'transferred'] as const)
    expect((await print(template)).length).toBeGreaterThan(20);
});

test('who is away is replaced: the substitute signs by the post of the one who is away, and the record names both', async () => {
  house.time.now = at('2026-06-01T09:00');
  const id = await reportedPetition();
  await go('shundian', id, 'draft', { paper: 'opinion' });
  await go('shundian2', id, 'pass', { paper: 1, step: 'review' });
  expect(await refused(go('shundian2', id, 'pass', { paper: 1, step: 'sign' }))).toBe('not_signer');
  const head = await house.staff('shundian-head');
  const deputy = await house.staff('shundian2');
  await house.owner.query('INSERT INTO absence VALUES ($1, $2, $3, $4, $5)', [
    uuid(),
    head.posts[0]!.id,
    deputy.person,
    '2026-06-01',
    '2026-06-03',
  ]);
  await go('shundian2', id, 'pass', { paper: 1, step: 'sign' });
  const [row] = await house.db.read<any>(
    systemScope,
    sql`SELECT actor, post FROM matter_action WHERE matter = ${id} ORDER BY seq DESC LIMIT 1`,
  );
  expect(row).toEqual({ actor: deputy.person, post: head.posts[0]!.id });
  house.time.now = at('2026-06-04T09:00');
  expect(await refused(go('shundian2', id, 'reject', { paper: 1 }))).toBe('done');
});

test('three processes and a restart in the middle of timers: each fires once, none is skipped', async () => {
  house.time.now = at('2026-03-09T09:00');
  const ids = await Promise.all(Array.from({ length: 12 }, () => raise('village-head', { region: '411081101205' })));
  const later = at('2026-03-11T10:00');
  await Promise.all([lapseDue(house.loop, later), lapseDue(house.loop, later, 3), lapseDue(house.loop, later, 5)]);
  while ((await lapseDue(house.loop, later)) > 0);
  const { rows } = await house.owner.query(
    "SELECT matter, count(*)::int AS n, count(DISTINCT at)::int AS moments FROM matter_action WHERE type = 'lapse' AND matter = ANY ($1) GROUP BY matter",
    [ids],
  );
  expect(rows).toHaveLength(12);
  const counts = new Set(rows.map(row => row.n));
  expect(counts.size).toBe(1);
  for (const id of ids) expect((await read(id)).nextAt!).toBeGreaterThan(later);
});

test('a digest comes once a day to each unit; ports are given each notice once, and again after a failure', async () => {
  const now = at('2026-03-12T08:00');
  expect(await writeDigests(house.loop, now, '2026-03-12', at('2026-03-13T00:00'))).toBeGreaterThan(0);
  await writeDigests(house.loop, now, '2026-03-12', at('2026-03-13T00:00'));
  const { rows } = await house.owner.query("SELECT unit FROM notice WHERE what = 'digest'");
  expect(new Set(rows.map(row => row.unit)).size).toBe(rows.length);
  const { rows: waiting } = await house.owner.query('SELECT id FROM notice WHERE sent_at IS NULL');
  const got: string[] = [];
  let failing = true;
  const port = {
    name: 'trial',
    send: async ({ id }: { id: string }) => {
      if (got.length === 3 && failing) throw new Error('the line is down');
      got.push(id);
    },
  };
  expect(await deliver(house.loop, [port], now)).toBe(3);
  failing = false;
  while ((await deliver(house.loop, [port], now)) > 0);
  expect([...got].sort()).toEqual(waiting.map(row => row.id).sort());
});

test('after all of it every chain verifies, and recounting a year leaves every open matter with its deadline', async () => {
  expect((await verify(house)).broken).toEqual([]);
  expect(await recountProvisional(house.loop, house.time.now)).toBe(0);
});
