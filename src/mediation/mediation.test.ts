/** A quarrel from the first word to the filed dossier, over real HTTP: refusals first, then both sides, agreement, court, money. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import PizZip from 'pizzip';
import { afterAll, expect, test } from 'vitest';
import { pagesOf } from '../documents/pdf.ts';
import { readTable } from '../imports/table.ts';
import { uuid } from '../kernel/ids.ts';
import { matterContracts } from '../matters/contract.ts';
import { watchDue } from '../matters/jobs.ts';
import { supervisionContracts } from '../supervision/contract.ts';
import { type Client, serve } from '../test/client.ts';
import { letter, testHouse } from '../test/harness.ts';
import { verify } from '../verify.ts';
import { urlOf } from '../web/ui/api.ts';
import { mediationContracts as contracts } from './contract.ts';
import { writeRegisterReminders } from './store.ts';

const house = await testHouse();
const server = await serve(house);
afterAll(() => server.app.close());
const county = '411081';
const day = 86_400_000;
const unitNamed = (name: string) => [...house.keeper.current.units.values()].find(unit => unit.name.includes(name))!.id;
/** The smallest picture there is: one white point. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==';

let clients = new Map<string, Client>();
async function as(login: string): Promise<Client> {
  const client = clients.get(login) ?? (await server.signedIn(login));
  clients.set(login, client);
  return client;
}
const doing = (id: string, type: string, data: object = {}, words: object = {}, action = uuid()) => ({
  params: { county, id },
  body: { id: action, action: { type, data, words } as never },
});
const go = async (login: string, id: string, type: string, data?: object, words?: object) =>
  (await as(login)).call(matterContracts.act, doing(id, type, data, words));
const refused = async (login: string, id: string, type: string, data?: object, words?: object) =>
  (await (await as(login)).refused(matterContracts.act, doing(id, type, data, words))).code;
const page = async (login: string, id: string) =>
  (await (await as(login)).call(matterContracts.page, { params: { county, id } })).matter;
const one = async (login: string, id: string) => (await as(login)).call(contracts.one, { params: { county, id } });
async function upload(login: string, id: string, part?: string, bytes = Buffer.from(png, 'base64')): Promise<string> {
  const file = uuid();
  const form = new FormData();
  form.set('id', file);
  form.set('action', uuid());
  if (part) form.set('part', part);
  form.set('file', new Blob([new Uint8Array(bytes)]), '材料.png');
  const reply = await (await as(login)).raw('POST', urlOf(matterContracts.upload.path, { county, id }), form);
  expect(reply.status, JSON.stringify(reply.body)).toBe(200);
  return file;
}

type Quarrel = { id: string; wang: string; li: string };
/** Two sides and a wall, in the hands of 顺店镇综治中心. */
async function quarrel(more: Parameters<typeof letter>[0] = {}): Promise<Quarrel> {
  const [wang, li] = [uuid(), uuid()];
  const input = letter({
    region: '411081101000',
    kind: 'dispute',
    category: '02',
    text: '两家为一堵院墙争了三年，墙倒了砸坏三轮车。',
    parties: [
      {
        id: wang,
        role: 'applicant',
        name: '王𠮷',
        phone: '13800138000',
        identity: '11010519491231002X',
        anonymous: false,
      },
      { id: li, role: 'respondent', name: '李大山', identity: '110105194912310038', anonymous: false },
    ],
    ...more,
  });
  await (await as('shundian')).call(matterContracts.register, { body: input });
  await go('shundian', input.id, 'accept');
  await go('shundian', input.id, 'dispatch', { unit: unitNamed('顺店镇综治中心') });
  await go('shundian', input.id, 'sign');
  return { id: input.id, wang, li };
}
const committee = () => unitNamed('顺店镇人民调解委员会');
const mediators = async () =>
  new Map((await (await as('shundian')).call(contracts.mediators, {})).mediators.map(m => [m.name, m.id]));
const clausesOf = ({ wang, li }: Quarrel, total = 300_000) => [
  {
    kind: 'pay' as const,
    from: li,
    to: wang,
    fen: total,
    instalments: [
      { due: '2026-04-01', fen: total / 2 },
      { due: '2026-05-01', fen: total / 2 },
    ],
  },
  { kind: 'do' as const, by: li, until: '2026-06-01' },
];
const texts = {
  text: '院墙年久失修，墙倒后砸坏三轮车一辆。',
  clauses: ['李大山赔偿王𠮷三轮车损失。', '李大山重砌院墙。'],
};

/** Both sides have consented, know their rights, and somebody mediates. */
async function begun(more: Parameters<typeof letter>[0] = {}): Promise<Quarrel & { mediator: string }> {
  const q = await quarrel(more);
  await go('shundian', q.id, 'mediate', { basis: 'application', committee: committee() });
  await go('shundian', q.id, 'sideConsent', { party: q.li, yes: true });
  await go('shundian', q.id, 'tellRights', { parties: [q.wang, q.li], way: 'read' });
  const mediator = (await mediators()).get('李静')!;
  await go('shundian', q.id, 'appoint', { mediators: [mediator] });
  await go('shundian', q.id, 'answerAppointment', { mediator, answer: 'accept' });
  return { ...q, mediator };
}
async function signedBy(q: Quarrel & { mediator: string }, at = house.time.now): Promise<void> {
  const { hash } = (await page('shundian', q.id)).mediation!.agreement!;
  for (const party of [q.wang, q.li])
    await go('shundian', q.id, 'signAgreement', {
      signer: { as: 'side', party },
      way: 'paper',
      at,
      hash,
      file: await upload('shundian', q.id, 'agreement'),
    });
  await go('shundian', q.id, 'signAgreement', {
    signer: { as: 'mediator', mediator: q.mediator },
    way: 'screen',
    at,
    hash,
    file: await upload('shundian', q.id),
  });
  await go('shundian', q.id, 'signAgreement', { signer: { as: 'seal' }, way: 'seal', at, hash });
}
async function agreed(more: Parameters<typeof letter>[0] = {}): Promise<Quarrel & { mediator: string }> {
  const q = await begun(more);
  await go(
    'shundian',
    q.id,
    'minute',
    { line: uuid(), saw: 0, sitting: 0, kind: 'fact', party: q.wang },
    { text: '墙是去年倒的。' },
  );
  await go('shundian', q.id, 'writeAgreement', { form: 'written', clauses: clausesOf(q) }, texts);
  await signedBy(q);
  await go('shundian', q.id, 'endMediation', { outcome: 'agreed' });
  return q;
}

test('only disputes with two sides are mediated; nothing is reported meanwhile; one clear refusal ends it, with the routes told, and is no success', async () => {
  const q = await quarrel();
  expect(await refused('urban', q.id, 'mediate', { basis: 'own', committee: committee() })).toBe('not_found');
  expect(await refused('shundian', q.id, 'mediate', { basis: 'referred', committee: committee() })).toBe(
    'referrer_needed',
  );
  expect(await refused('shundian', q.id, 'mediate', { basis: 'own', committee: unitNamed('城市管理局') })).toBe(
    'unit_unknown',
  );
  expect(await refused('shundian', q.id, 'sideConsent', { party: q.li, yes: true })).toBe('no_mediation');
  await go('shundian', q.id, 'mediate', { basis: 'application', committee: committee() });
  expect((await page('shundian', q.id)).mediation!.sides.map(side => side.consents)).toEqual([true, null]);
  expect(await refused('shundian', q.id, 'mediate', { basis: 'own', committee: committee() })).toBe('mediation_open');
  expect(await refused('shundian', q.id, 'report', { result: 'resolved' }, { text: '好了' })).toBe('mediation_open');
  expect(await refused('shundian', q.id, 'sideConsent', { party: q.li, yes: false })).toBe('routes_needed');
  expect(await refused('shundian', q.id, 'sideConsent', { party: uuid(), yes: true })).toBe('no_such_side');
  await go('shundian', q.id, 'sideConsent', { party: q.li, yes: false, routes: ['court'] });
  expect((await page('shundian', q.id)).mediation!.outcome).toBe('refused');
  expect(await refused('shundian', q.id, 'report', { result: 'resolved' }, { text: '好了' })).toBe('not_a_success');
  await go('shundian', q.id, 'report', { result: 'not-resolved' }, { text: '一方拒绝调解，已告知诉讼途径。' });

  const request = letter({ region: '411081101000', kind: 'request' });
  await (await as('shundian')).call(matterContracts.register, { body: request });
  await go('shundian', request.id, 'accept');
  await go('shundian', request.id, 'dispatch', { unit: unitNamed('顺店镇综治中心') });
  await go('shundian', request.id, 'sign');
  expect(await refused('shundian', request.id, 'mediate', { basis: 'own', committee: committee() })).toBe(
    'not_mediated',
  );
});

test('the other side is added later, sealed like the first; it has still to consent; whoever has agreed is not joined', async () => {
  const q = await quarrel({ parties: [{ id: uuid(), role: 'applicant', name: '王小明', anonymous: false }] });
  const begin = { basis: 'application', committee: committee() };
  expect(await refused('shundian', q.id, 'mediate', begin)).toBe('sides_needed');
  const party = { id: uuid(), role: 'respondent' as const, name: '李大山', phone: '13900139000', anonymous: false };
  const add = (login: string, given: object = {}, action = uuid()) => ({
    login,
    request: { params: { county, id: q.id }, body: { action, party: { ...party, ...given }, reason: '登记时漏填' } },
  });
  const no = async ({ login, request }: ReturnType<typeof add>) =>
    (await (await as(login)).refused(matterContracts.addParty, request)).code;
  expect(await no(add('urban'))).toBe('not_found');
  expect(await no(add('shundian', { actsFor: uuid(), role: 'agent' }))).toBe('no_such_side');
  const once = add('shundian');
  for (const _twice of [1, 2]) await (await as('shundian')).call(matterContracts.addParty, once.request);
  expect(await no(add('shundian'))).toBe('conflict');
  // Whoever minted the id of somebody in another matter: nothing is written over there.
  const elsewhere = await quarrel();
  const clear = async () =>
    (await as('shundian')).call(matterContracts.reveal, {
      params: { county, id: elsewhere.id },
      body: { party: elsewhere.wang, reason: '核对' },
    });
  const before = await clear();
  const copied = add('shundian', { id: elsewhere.wang, role: 'witness', name: '赵五' });
  await (await as('shundian')).call(matterContracts.addParty, copied.request);
  expect(await clear()).toEqual(before);
  expect(await refused('shundian', q.id, 'join', { party: { id: uuid(), role: 'witness', name: '冒名' } })).toBe(
    'invalid',
  );
  const m = await page('shundian', q.id);
  expect(m.parties.map(one => one.name)).toEqual(['王**', '李**', '赵*']);
  const found = await (await as('shundian')).call(matterContracts.find, { body: { typed: '13900139000' } });
  expect(found.rows.map(row => row.id)).toContain(q.id);
  await go('shundian', q.id, 'mediate', begin);
  const third = { id: uuid(), name: '李二山', phone: undefined };
  await (await as('shundian')).call(matterContracts.addParty, add('shundian', third).request);
  expect((await page('shundian', q.id)).mediation!.sides.map(side => side.consents)).toEqual([true, null, null]);
});

test('both sides choose: who is chosen by one alone is not asked; who declines or is objected to is out; an interest is disclosed', async () => {
  const q = await quarrel();
  await go('shundian', q.id, 'mediate', { basis: 'own', committee: committee() });
  const all = await mediators();
  const [li, mao, liu] = ['李静', '毛卫东', '刘大山'].map(name => all.get(name)!) as [string, string, string];
  await go('shundian', q.id, 'chooseMediators', { party: q.wang, mediators: [li, mao] });
  expect((await page('shundian', q.id)).mediation!.mediators).toEqual([]);
  await go('shundian', q.id, 'chooseMediators', { party: q.li, mediators: [mao, liu] });
  expect((await page('shundian', q.id)).mediation!.mediators).toMatchObject([
    { mediator: mao, how: 'chosen', state: 'asked' },
  ]);
  await go('shundian', q.id, 'answerAppointment', { mediator: mao, answer: 'disclose' }, { text: '是一方的表亲' });
  await go('shundian', q.id, 'object', { party: q.wang, mediator: mao });
  expect(await refused('shundian', q.id, 'answerAppointment', { mediator: mao, answer: 'accept' })).toBe(
    'no_such_mediator',
  );
  expect(await refused('shundian', q.id, 'chooseMediators', { party: q.wang, mediators: [mao] })).toBe('mediator_gone');
  expect(await refused('shundian', q.id, 'appoint', { mediators: [mao] })).toBe('mediator_gone');
  await go('shundian', q.id, 'appoint', { mediators: [liu] });
  await go('shundian', q.id, 'answerAppointment', { mediator: liu, answer: 'decline' });
  await go('shundian', q.id, 'appoint', { mediators: [li] });
  expect(await refused('shundian', q.id, 'planSitting', { at: house.time.now + day, way: 'room' })).toBe(
    'consent_needed',
  );
  for (const party of [q.wang, q.li]) await go('shundian', q.id, 'sideConsent', { party, yes: true });
  expect(await refused('shundian', q.id, 'planSitting', { at: house.time.now + day, way: 'room' })).toBe(
    'mediator_needed',
  );
  // Who does not answer within three working days is told of.
  house.time.now += 5 * day;
  clients = new Map();
  expect(await watchDue(house.loop, house.time.now)).toBe(1);
  expect(await watchDue(house.loop, house.time.now)).toBe(0);
  const told = (await (await as('shundian')).call(supervisionContracts.notices, {})).rows.filter(
    row => row.matter === q.id,
  );
  expect(told.map(row => row.what)).toContain('mediator-silent');
  await go('shundian', q.id, 'answerAppointment', { mediator: li, answer: 'accept' });
  await go('shundian', q.id, 'planSitting', { at: house.time.now + 2 * day, way: 'room', room: '一号调解室' });
  const { sittings } = await (await as('shundian')).call(contracts.sittings, {
    query: { from: house.time.now, to: house.time.now + 7 * day },
  });
  expect(sittings).toMatchObject([{ id: q.id, what: 'sitting', room: '一号调解室', mediators: [li] }]);
  expect((await (await as('huolong')).call(contracts.sittings, { query: { from: 0, to: 9e12 } })).sittings).toEqual([]);
});

test('minutes written by two at once: no line is lost; whoever changes a line that was changed meanwhile is shown it', async () => {
  const q = await begun();
  const [mine, theirs] = [uuid(), uuid()];
  const write = (login: string, line: string, saw: number, text: string) =>
    go(login, q.id, 'minute', { line, saw, sitting: 0, kind: 'position', party: q.li }, { text });
  const lines = Array.from({ length: 10 }, () => uuid());
  await Promise.all(lines.map((line, i) => write(i % 2 ? 'shundian' : 'shundian2', line, 0, `第${i}句`)));
  await Promise.all([write('shundian', mine, 0, '墙该他修。'), write('shundian2', theirs, 0, '愿意出一半。')]);
  const both = await Promise.all(
    ['shundian', 'shundian2'].map(async login =>
      (await as(login)).raw(
        'POST',
        urlOf(matterContracts.act.path, { county, id: q.id }),
        doing(q.id, 'minute', { line: mine, saw: 1, sitting: 0, kind: 'position' }, { text: `${login}改的` }).body,
      ),
    ),
  );
  expect(both.map(reply => reply.status).sort()).toEqual([200, 409]);
  expect(both.find(reply => reply.status === 409)!.body.error.code).toBe('minutes_changed');
  const { minutes } = await one('shundian', q.id);
  expect(new Set(minutes.map(m => m.text))).toEqual(
    new Set([
      ...lines.map((_, i) => `第${i}句`),
      '愿意出一半。',
      both[0]!.status === 200 ? 'shundian改的' : 'shundian2改的',
    ]),
  );
  expect(minutes.find(m => m.line === mine)).toMatchObject({ version: 2 });
});

test('the agreement: money adds up or is refused; it is in force with the last signature the law asks for; a changed clause undoes every signature', async () => {
  const q = await quarrel();
  await go('shundian', q.id, 'mediate', { basis: 'application', committee: committee() });
  const write = { form: 'written', clauses: clausesOf(q) };
  expect(await refused('shundian', q.id, 'writeAgreement', write, texts)).toBe('consent_needed');
  await go('shundian', q.id, 'sideConsent', { party: q.li, yes: true });
  expect(await refused('shundian', q.id, 'writeAgreement', write, texts)).toBe('rights_needed');
  await go('shundian', q.id, 'tellRights', { parties: [q.wang, q.li], way: 'paper' });
  expect(await refused('shundian', q.id, 'writeAgreement', write, texts)).toBe('mediator_needed');
  const mediator = (await mediators()).get('李静')!;
  await go('shundian', q.id, 'appoint', { mediators: [mediator] });
  await go('shundian', q.id, 'answerAppointment', { mediator, answer: 'accept' });
  const wrong = (set: object) => ({ form: 'written', clauses: [{ ...write.clauses[0], ...set }] });
  const said = { text: '事实', clauses: ['赔偿'] };
  expect(await refused('shundian', q.id, 'writeAgreement', wrong({ fen: 300_001 }), said)).toBe('money_mismatch');
  expect(await refused('shundian', q.id, 'writeAgreement', wrong({ from: q.wang }), said)).toBe('no_such_side');
  expect(
    await refused(
      'shundian',
      q.id,
      'writeAgreement',
      wrong({
        instalments: [
          { due: '2026-05-01', fen: 150_000 },
          { due: '2026-04-01', fen: 150_000 },
        ],
      }),
      said,
    ),
  ).toBe('dates_out_of_order');
  expect(await refused('shundian', q.id, 'writeAgreement', write, said)).toBe('clauses_incomplete');
  await go('shundian', q.id, 'writeAgreement', write, texts);
  expect((await one('shundian', q.id)).missing).toEqual([
    { as: 'side', party: q.wang },
    { as: 'side', party: q.li },
    { as: 'mediator' },
    { as: 'seal' },
  ]);
  const first = (await page('shundian', q.id)).mediation!.agreement!;
  expect(first.hash).toBe(
    createHash('sha256')
      .update(JSON.stringify(['written', write.clauses, texts.text, texts.clauses]))
      .digest('hex'),
  );
  const file = await upload('shundian', q.id);
  const side = (party: string, hash = first.hash) => ({
    signer: { as: 'side', party },
    way: 'paper',
    at: house.time.now - 3 * day,
    hash,
    file,
  });
  expect(await refused('shundian', q.id, 'signAgreement', { ...side(q.wang), hash: 'x'.repeat(64) })).toBe(
    'agreement_changed',
  );
  expect(await refused('shundian', q.id, 'signAgreement', { ...side(q.wang), file: undefined })).toBe('picture_needed');
  expect(await refused('shundian', q.id, 'signAgreement', { ...side(q.wang), at: house.time.now + day })).toBe(
    'date_wrong',
  );
  expect(await refused('shundian', q.id, 'signAgreement', { ...side(q.wang), way: 'oral' })).toBe('sign_way');
  await go('shundian', q.id, 'signAgreement', side(q.wang));
  expect(await refused('shundian', q.id, 'signAgreement', side(q.wang))).toBe('signed_before');
  expect(await refused('shundian', q.id, 'endMediation', { outcome: 'agreed' })).toBe('not_in_force');
  await go('shundian', q.id, 'writeAgreement', { form: 'written', clauses: clausesOf(q, 200_000) }, texts);
  const second = (await page('shundian', q.id)).mediation!.agreement!;
  expect([second.signatures, second.version]).toEqual([[], 2]);
  expect(await refused('shundian', q.id, 'signAgreement', side(q.wang))).toBe('agreement_changed');
  const seal = { signer: { as: 'seal' }, way: 'seal', at: house.time.now - day, hash: second.hash };
  for (const party of [q.wang, q.li]) await go('shundian', q.id, 'signAgreement', side(party, second.hash));
  await go('shundian', q.id, 'signAgreement', {
    signer: { as: 'mediator', mediator },
    way: 'screen',
    at: house.time.now - 2 * day,
    hash: second.hash,
    file,
  });
  expect((await page('shundian', q.id)).mediation!.agreement!.inForceAt).toBeNull();
  await go('shundian', q.id, 'signAgreement', seal);
  // Scanned days later: in force from the last date on the paper.
  expect((await page('shundian', q.id)).mediation!.agreement!.inForceAt).toBe(seal.at);
  expect(await refused('shundian', q.id, 'writeAgreement', write, texts)).toBe('agreement_in_force');
  await go('shundian', q.id, 'keepPaper', { place: '档案柜二层' });
  await go('shundian', q.id, 'endMediation', { outcome: 'agreed' });
  await go('shundian', q.id, 'report', { result: 'resolved' }, { text: '已达成协议。' });
});

test('a mediator of the committee itself works on what a centre holds; nobody of another unit does', async () => {
  const q = await quarrel();
  await go('shundian', q.id, 'mediate', { basis: 'own', committee: committee() });
  expect(await refused('labour', q.id, 'sideConsent', { party: q.li, yes: true })).toBe('not_found');
  const { person } = await house.staff('labour');
  await house.owner.query(
    "INSERT INTO post (id, person, unit, region, role, need_to_know, valid_from) VALUES ($1, $2, $3, '411081101000', 'mediator', true, '2025-01-01')",
    [uuid(), person, committee()],
  );
  clients.delete('labour');
  for (const party of [q.wang, q.li]) await go('labour', q.id, 'sideConsent', { party, yes: true });
  await go('labour', q.id, 'tellRights', { parties: [q.wang, q.li], way: 'read' });
  expect((await one('labour', q.id)).sides).toHaveLength(2);
  expect(await refused('labour', q.id, 'report', { result: 'resolved' }, { text: '好了' })).toBe('forbidden');
  await house.owner.query("DELETE FROM post WHERE person = $1 AND role = 'mediator'", [person]);
  clients.delete('labour');
  expect(await refused('labour', q.id, 'tellRights', { parties: [q.wang], way: 'read' })).toBe('not_found');
});

test('what is in force stays in force: neither an objection nor a refusal undoes it; only a picture of this matter counts as a signature', async () => {
  const q = await begun();
  await go('shundian', q.id, 'writeAgreement', { form: 'written', clauses: clausesOf(q) }, texts);
  const { hash } = (await page('shundian', q.id)).mediation!.agreement!;
  const mine = { signer: { as: 'side', party: q.wang }, way: 'paper', at: house.time.now, hash, file: uuid() };
  expect(await refused('shundian', q.id, 'signAgreement', mine)).toBe('picture_needed');
  await signedBy(q);
  for (const [type, data] of [
    ['object', { party: q.li, mediator: q.mediator }],
    ['sideConsent', { party: q.li, yes: false, routes: ['court'] }],
  ] as const)
    expect(await refused('shundian', q.id, type, data)).toBe('agreement_in_force');
  expect((await page('shundian', q.id)).mediation).toMatchObject({ outcome: null, mediators: [{ state: 'accepted' }] });
  await go('shundian', q.id, 'endMediation', { outcome: 'agreed' });
});

test('an oral agreement is in force when both agreed and a mediator recorded it', async () => {
  const q = await begun();
  await go(
    'shundian',
    q.id,
    'writeAgreement',
    { form: 'oral', clauses: [{ kind: 'do', by: q.li, until: null }] },
    { text: '口头说定。', clauses: ['李大山道歉。'] },
  );
  const { hash } = (await page('shundian', q.id)).mediation!.agreement!;
  const at = house.time.now;
  await go('shundian', q.id, 'signAgreement', { signer: { as: 'side', party: q.wang }, way: 'oral', at, hash });
  await go('shundian', q.id, 'signAgreement', { signer: { as: 'side', party: q.li }, way: 'oral', at, hash });
  expect((await one('shundian', q.id)).missing).toEqual([{ as: 'mediator' }]);
  await go('shundian', q.id, 'signAgreement', {
    signer: { as: 'mediator', mediator: q.mediator },
    way: 'record',
    at,
    hash,
  });
  expect((await page('shundian', q.id)).mediation!.agreement!.inForceAt).toBe(at);
});

test('each side on its own page: sees its own part, speaks for itself alone, signs what it read; an old link opens nothing', async () => {
  const q = await begun();
  const link = async (party: string) =>
    (await (await as('shundian')).call(contracts.link, { params: { county, id: q.id, party } })).token;
  const side = (token: string) => {
    const client = server.anyone();
    const send = (method: string, to: string, body?: unknown) =>
      client.raw(method, `/api/v1${to}`, body, { 'x-side': token });
    return { send, view: async () => (await send('GET', '/side')).body };
  };
  expect((await (await as('urban')).refused(contracts.link, { params: { county, id: q.id, party: q.li } })).code).toBe(
    'not_found',
  );
  const old = await link(q.li);
  const [wang, li] = [side(await link(q.wang)), side(await link(q.li))];
  for (const token of [old, 'x'.repeat(32), '', 'short'])
    expect((await side(token).send('GET', '/side')).status).toBe(404);
  const seen = await li.view();
  expect(seen).toMatchObject({ me: { name: '李大山' }, other: [{ name: '王𠮷' }], consents: true, agreement: null });
  for (const secret of ['13800138000', '11010519491231002X', '三轮车'])
    expect(JSON.stringify(seen)).not.toContain(secret);
  await go('shundian', q.id, 'writeAgreement', { form: 'written', clauses: clausesOf(q) }, texts);
  const { agreement } = await li.view();
  expect(agreement).toMatchObject({ clauses: texts.clauses, total: 300_000, signed: false });
  const sign = (hash: string) => ({ id: uuid(), file: uuid(), attach: uuid(), hash, png });
  expect((await li.send('POST', '/side/signature', sign('0'.repeat(64)))).body.error.code).toBe('agreement_changed');
  expect(
    (
      await li.send('POST', '/side/signature', {
        ...sign(agreement.hash),
        png: Buffer.from('<svg/>').toString('base64'),
      })
    ).body.error.code,
  ).toBe('picture_needed');
  const mine = sign(agreement.hash);
  for (const _twice of [1, 2]) expect((await li.send('POST', '/side/signature', mine)).status).toBe(200);
  expect((await wang.send('POST', '/side/signature', sign(agreement.hash))).status).toBe(200);
  const m = (await page('shundian', q.id)).mediation!;
  expect(m.agreement!.signatures.map(s => s.signer)).toEqual([
    { as: 'side', party: q.li },
    { as: 'side', party: q.wang },
  ]);
  expect(
    (await wang.send('POST', '/side/actions', { id: uuid(), do: { what: 'object', mediator: q.mediator } })).status,
  ).toBe(200);
  expect((await page('shundian', q.id)).mediation!.mediators[0]).toMatchObject({ state: 'recused' });
  expect(
    (await li.send('POST', '/side/actions', { id: uuid(), do: { what: 'choose', mediators: [uuid()] } })).body.error
      .code,
  ).toBe('no_such_mediator');
  // One side's clear refusal, from its own page, ends it: there it was told which routes are open.
  expect((await li.send('POST', '/side/actions', { id: uuid(), do: { what: 'consent', yes: false } })).status).toBe(
    200,
  );
  expect((await page('shundian', q.id)).mediation!.outcome).toBe('refused');
});

test('confirmation: refused with the article for each reason, within thirty days, to the court that is asked; the result is recorded', async () => {
  const q = await agreed();
  const ask = { court: '禹州市人民法院', together: true, bars: [] as string[] };
  const asked = async (set: object) =>
    (await as('shundian')).refused(matterContracts.act, doing(q.id, 'askConfirmation', { ...ask, ...set }));
  expect((await asked({ together: false })).message).toContain('第二百零五条');
  expect((await asked({ bars: ['status', 'title'] })).message).toMatch(/第（三）项.*第（五）项/);
  const { confirmBy, courts } = await one('shundian', q.id);
  expect(courts).toEqual([{ name: '禹州市人民法院', ground: 'domicile' }]);
  expect(await refused('shundian', q.id, 'confirmed', { result: 'confirmed', at: house.time.now })).toBe('not_asked');
  const now = house.time.now;
  house.time.now = confirmBy! + day;
  clients = new Map();
  expect((await asked({})).message).toContain('三十日');
  house.time.now = now;
  clients = new Map();
  await go('shundian', q.id, 'askConfirmation', ask);
  expect(await refused('shundian', q.id, 'askConfirmation', ask)).toBe('asked_before');
  expect(
    await refused('shundian', q.id, 'breach', { clause: 0, instalment: 0, next: 'enforcement' }, { text: '没给' }),
  ).toBe('not_confirmed');
  await go('shundian', q.id, 'confirmed', { result: 'confirmed', number: '（2026）豫1081诉前调确1号', at: now });
  expect((await page('shundian', q.id)).mediation!.confirmation).toMatchObject({ result: 'confirmed' });
});

test('performance: part payments, reminders once each, also after the matter is closed; a breach opens mediation again', async () => {
  const q = await agreed();
  await go('shundian', q.id, 'report', { result: 'resolved' }, { text: '已达成协议。' });
  await go('shundian', q.id, 'answer', { way: 'phone', position: 'supported' }, { text: '协议一式三份。' });
  await go('shundian', q.id, 'close');
  const pay = (fen: number, instalment = 0) => ({ clause: 0, instalment, fen, at: house.time.now });
  expect(await refused('shundian', q.id, 'pay', pay(150_001))).toBe('paid_too_much');
  await go('shundian', q.id, 'pay', pay(100_000));
  expect(await refused('shundian', q.id, 'pay', pay(50_001))).toBe('paid_too_much');
  await go('shundian', q.id, 'pay', pay(50_000));
  house.time.now = Date.parse('2026-05-03T10:00:00+08:00');
  clients = new Map();
  while ((await watchDue(house.loop, house.time.now)) > 0);
  const notices = (await (await as('shundian')).call(supervisionContracts.notices, {})).rows
    .filter(row => row.matter === q.id)
    .map(row => row.what);
  expect(notices.filter(what => what.startsWith('instalment')).sort()).toEqual(['instalment-late', 'instalment-soon']);
  expect(await refused('shundian', q.id, 'breach', { clause: 0, instalment: 0, next: 'court' }, { text: '没给' })).toBe(
    'nothing_owed',
  );
  await go('shundian', q.id, 'breach', { clause: 0, instalment: 1, next: 'mediation' }, { text: '第二期没有给。' });
  const m = await page('shundian', q.id);
  expect([m.state, m.open, m.reworks]).toEqual(['handling', true, 1]);
  await go('shundian', q.id, 'mediate', { basis: 'own', committee: committee() });
  expect((await page('shundian', q.id)).mediation).toMatchObject({ n: 2, agreement: null });
});

test('docking: one archive with manifest and hashes; the unit it was given to answers itself; late words are told; nothing is with nobody', async () => {
  const q = await quarrel();
  const file = await upload('shundian', q.id, 'evidence');
  const body = {
    id: uuid(),
    file: uuid(),
    attach: uuid(),
    body: 'court' as const,
    stage: 'before-filing' as const,
    unit: unitNamed('人民法院'),
    name: '禹州市人民法院',
    files: [file],
    text: '请诉前委派。',
  };
  expect(
    (
      await (
        await as('shundian')
      ).refused(contracts.hand, { params: { county, id: q.id }, body: { ...body, files: [uuid()] } })
    ).code,
  ).toBe('not_found');
  const { hash } = await (await as('shundian')).call(contracts.hand, { params: { county, id: q.id }, body });
  const archive = await (await as('shundian')).raw(
    'GET',
    urlOf(matterContracts.download.path, { county, id: q.id, file: body.file }),
  );
  expect(createHash('sha256').update(archive.body).digest('hex')).toBe(hash);
  const zip = new PizZip(archive.body);
  const manifest = JSON.parse(zip.file('manifest.json')!.asText());
  expect(manifest).toMatchObject({ to: '禹州市人民法院', stage: 'before-filing', files: [{ type: 'image/png' }] });
  expect(
    createHash('sha256')
      .update(Buffer.from(zip.file(manifest.files[0].name)!.asUint8Array()))
      .digest('hex'),
  ).toBe(manifest.files[0].sha256);
  let m = await page('shundian', q.id);
  expect(m.docks).toMatchObject([{ state: 'sent', package: { hash } }]);
  // The sender still holds it: one unit, one deadline.
  expect([m.unit, m.open, m.dueAt !== null]).toEqual([unitNamed('顺店镇综治中心'), true, true]);
  expect(await refused('shundian', q.id, 'dockStep', { dock: 1, to: 'accepted' }, { text: '收到' })).toBe('not_theirs');
  house.time.now = m.docks[0]!.dueAt! + 1000;
  clients = new Map();
  while ((await watchDue(house.loop, house.time.now)) > 0);
  const told = (await (await as('shundian')).call(supervisionContracts.notices, {})).rows
    .filter(row => row.matter === q.id)
    .map(row => row.what);
  expect(told).toContain('dock-late');
  await go('shundian', q.id, 'dock', { way: 'out', body: 'women', name: '禹州市妇联', days: 5 });
  expect(await refused('shundian', q.id, 'dock', { way: 'out', body: 'women', name: '禹州市妇联', days: 5 })).toBe(
    'docked_before',
  );
  // A unit that something was handed to speaks for itself, not for another body; an archive comes only from the route that packs it.
  const court = { id: uuid(), login: 'court' };
  await house.owner.query(
    "INSERT INTO post (id, person, unit, region, role, need_to_know, valid_from) SELECT $1, id, $2, '411081000000', 'handler', true, '2025-01-01' FROM person WHERE login = 'labour'",
    [court.id, unitNamed('人民法院')],
  );
  expect(await refused('labour', q.id, 'dockStep', { dock: 2, to: 'refused' }, { text: '代妇联答' })).toBe(
    'not_theirs',
  );
  await go('labour', q.id, 'dockStep', { dock: 1, to: 'accepted' }, { text: '收到' });
  await house.owner.query('DELETE FROM post WHERE id = $1', [court.id]);
  clients.delete('labour');
  const forged = { way: 'out', body: 'police', name: '派出所', package: { file: uuid(), hash: 'x' } };
  expect(await refused('shundian', q.id, 'dock', forged)).toBe('invalid');
  await go('shundian', q.id, 'dockStep', { dock: 2, to: 'refused' }, { text: '不属妇联职责' });
  expect(await refused('shundian', q.id, 'dockStep', { dock: 2, to: 'done' }, { text: '好' })).toBe('no_such_dock');
  m = await page('shundian', q.id);
  expect(m.docks.map(dock => dock.dueAt !== null)).toEqual([true, false]);
});

test('a hearing: one chair, a panelist who steps aside is replaced, the opinion enters the matter; it stops only a clock whose law says so', async () => {
  const q = await quarrel();
  const at = house.time.now + 7 * day;
  const panel = ['张律师', '李代表', '王委员'].map((name, i) => ({ name, from: '市人大', chair: i === 0 }));
  const call = (set: object) => ({ at, open: true, panel, ...set });
  const notice = { text: '定于下周听证。' };
  expect(await refused('shundian', q.id, 'callHearing', call({ at: 1 }), notice)).toBe('date_wrong');
  expect(
    await refused('shundian', q.id, 'callHearing', call({ panel: panel.map(p => ({ ...p, chair: false })) }), notice),
  ).toBe('one_chair');
  const before = (await page('shundian', q.id)).dueAt;
  await go('shundian', q.id, 'callHearing', call({}), notice);
  expect(await refused('shundian', q.id, 'callHearing', call({}), notice)).toBe('hearing_open');
  await go(
    'shundian',
    q.id,
    'recusePanel',
    { hearing: 1, member: 1, name: '赵律师', from: '律协' },
    { text: '与一方有亲属关系' },
  );
  const { hearings, dueAt, pause } = await page('shundian', q.id);
  expect(hearings[0]!.panel.filter(one => one.chair)).toMatchObject([{ name: '赵律师', n: 4 }]);
  expect([dueAt, pause]).toEqual([before, null]);
  expect(await refused('shundian', q.id, 'closeHearing', { hearing: 1, to: 'held' }, { text: '记录' })).toBe(
    'date_wrong',
  );
  house.time.now = at + 3_600_000;
  clients = new Map();
  await go(
    'shundian',
    q.id,
    'closeHearing',
    { hearing: 1, to: 'held' },
    { text: '双方陈述……', opinion: '建议各担一半。' },
  );
  expect((await page('shundian', q.id)).hearings[0]).toMatchObject({ state: 'held' });
});

test('the dossier: what is missing is named; filed once, numbered without gaps, frozen by its hash, opened again only on record', async () => {
  const file = async (q: Quarrel, body = { id: uuid(), file: uuid(), attach: uuid(), years: 10 }) => ({
    body,
    send: async () => (await as('shundian')).call(contracts.file, { params: { county, id: q.id }, body }),
    no: async () => await (await as('shundian')).refused(contracts.file, { params: { county, id: q.id }, body }),
  });
  const bare = await begun({
    parties: [
      { id: uuid(), role: 'applicant', name: '王小明', anonymous: false },
      { id: uuid(), role: 'respondent', name: '李大山', anonymous: false },
    ],
  }).catch(() => undefined);
  expect(bare).toBeUndefined(); // the helper names other sides: refused as no side of this one
  const q = await begun();
  expect((await (await file(q)).no()).code).toBe('mediation_open');
  await go('shundian', q.id, 'writeAgreement', { form: 'written', clauses: clausesOf(q) }, texts);
  await signedBy(q);
  await go('shundian', q.id, 'endMediation', { outcome: 'agreed' });
  const lacking = await (await file(q)).no();
  expect([lacking.code, lacking.message.includes('调解笔录')]).toEqual(['dossier_incomplete', true]);
  expect((await one('shundian', q.id)).parts.filter(part => part.state === 'missing').map(part => part.part)).toEqual([
    'minutes',
  ]);
  await upload('shundian', q.id, 'minutes');
  expect(
    (
      await (
        await as('shundian')
      ).raw(
        'POST',
        urlOf(matterContracts.act.path, { county, id: q.id }),
        doing(q.id, 'fileDossier', { hash: 'x', file: uuid(), pages: 1, keepUntil: null }).body,
      )
    ).status,
  ).toBe(422);
  const draft = await (await as('shundian')).raw('GET', urlOf(contracts.dossier.path, { county, id: q.id }));
  expect(draft.body.subarray(0, 5).toString()).toBe('%PDF-');
  const word = await (await as('shundian')).raw(
    'GET',
    urlOf(contracts.part.path, { county, id: q.id, part: 'agreement' }),
  );
  const said = new PizZip(word.body)
    .file('word/document.xml')!
    .asText()
    .replace(/<[^>]+>/g, '');
  for (const text of ['人民调解协议书', '李大山赔偿王𠮷三轮车损失', '1500.00', '3000.00', '本协议自'])
    expect(said).toContain(text);
  expect(
    (await (await as('shundian')).raw('GET', urlOf(contracts.part.path, { county, id: q.id, part: 'evidence' })))
      .status,
  ).toBe(404);
  const others = await Promise.all([agreed(), agreed()]);
  const filings = await Promise.all([q, ...others].map(one => file(one)));
  const filed = await Promise.all(filings.map(filing => filing.send()));
  expect(filed.map(one => one.number).sort()).toEqual([1, 2, 3].map(n => `（2026）顺店人调字第${n}号`));
  expect(await filings[0]!.send()).toEqual(filed[0]);
  const kept = await (await as('shundian')).raw('GET', urlOf(contracts.dossier.path, { county, id: q.id }));
  expect(createHash('sha256').update(kept.body).digest('hex')).toBe(filed[0]!.hash);
  expect(await pagesOf(kept.body)).toBe(filed[0]!.pages + 2);
  fs.mkdirSync(path.join(import.meta.dirname, '..', '..', '.tmp'), { recursive: true });
  fs.writeFileSync(path.join(import.meta.dirname, '..', '..', '.tmp', 'dossier.pdf'), kept.body);
  expect((await (await file(q)).no()).code).toBe('filed_before');
  expect(await refused('urban', q.id, 'openDossier', {}, { text: '补材料' })).toBe('not_found');
  await go('shundian', q.id, 'openDossier', {}, { text: '补身份证复印件' });
  expect((await (await file(q)).send()).number).toBe(filed[0]!.number);
});

test('figures are sums of the ledger, row by row, each in the scope of who asks; stars and hints explain themselves', async () => {
  const clerk = await as('shundian');
  const span = { from: 0, to: house.time.now + day };
  const { figures } = await clerk.call(contracts.figures, { query: span });
  const { rows } = await clerk.call(contracts.mediations, { query: span });
  expect(figures.reduce((sum, f) => sum + f.n, 0)).toBe(rows.length);
  for (const key of ['fen', 'paid', 'confirmed'] as const)
    expect(figures.reduce((sum, f) => sum + f[key], 0)).toBe(rows.reduce((sum, row) => sum + row[key], 0));
  const some = await clerk.call(contracts.mediations, { query: { ...span, outcome: 'refused' } });
  expect(some.rows.length).toBe(figures.filter(f => f.outcome === 'refused').reduce((sum, f) => sum + f.n, 0));
  const ledger = await clerk.raw('GET', urlOf(contracts.mediationLedger.path, {}, span));
  const saved = path.join(house.data, 'ledger.xlsx');
  fs.writeFileSync(saved, ledger.body);
  let lines = 0;
  for await (const _row of readTable(saved)) lines += 1;
  expect(lines).toBe(rows.length + 1);
  expect((await (await as('huolong')).call(contracts.mediations, { query: span })).rows).toEqual([]);
  const { committees } = await clerk.call(contracts.committees, {});
  const ours = committees.find(one => one.name.includes('顺店镇'))!;
  expect(ours).toMatchObject({ members: 4, hints: [] });
  expect(ours.lines.reduce((sum, line) => sum + line.points, 0)).toBeGreaterThanOrEqual(10);
  expect(committees.find(one => one.name.includes('医疗'))!.hints).toEqual(['too-few']);
});

test('sensitive quarrels are mediated by those who need to know, and by nobody else', async () => {
  const q = await begun({ sensitive: true, category: '01' });
  expect((await (await as('shundian2')).refused(contracts.one, { params: { county, id: q.id } })).code).toBe(
    'not_found',
  );
  expect((await (await as('county2')).raw('GET', urlOf(contracts.dossier.path, { county, id: q.id }))).status).toBe(
    404,
  );
  expect(
    (await (await as('shundian2')).call(contracts.mediations, { query: { from: 0, to: 9e12 } })).rows.some(
      row => row.id === q.id,
    ),
  ).toBe(false);
  expect((await one('shundian', q.id)).sides).toHaveLength(2);
});

test('pay by case: from filed dossiers only, once for ever, none to civil servants, by other hands at each step, appeals first', async () => {
  const month = '2026-05';
  house.time.now = Math.max(house.time.now, Date.parse('2026-05-20T09:00:00+08:00'));
  clients = new Map();
  const q = await agreed();
  await (await as('shundian')).call(contracts.file, {
    params: { county, id: q.id },
    body: { id: uuid(), file: uuid(), attach: uuid(), years: null },
  });
  const id = uuid();
  expect((await (await as('urban')).refused(contracts.computePay, { body: { id, month } })).code).toBe('forbidden');
  expect((await (await as('county')).refused(contracts.computePay, { body: { id, month: '2027-01' } })).code).toBe(
    'date_wrong',
  );
  await (await as('county')).call(contracts.computePay, { body: { id, month } });
  const batch = async () =>
    (await (await as('shundian')).call(contracts.pay, {})).batches.find(one => one.month === month)!;
  const first = await batch();
  // Below the county only what is one's own: its committee's lines, its own lines, and none of others.
  expect((await (await as('huolong')).call(contracts.pay, {})).batches.flatMap(one => one.lines)).toEqual([]);
  expect(first.lines.map(line => [line.matter, line.fen])).toContainEqual([q.id, 20_000]);
  await (await as('county')).call(contracts.computePay, { body: { id: uuid(), month } });
  expect((await batch()).lines).toEqual(first.lines);
  const step = async (login: string, what: 'review' | 'approve' | 'paid') =>
    (await as(login)).raw('POST', urlOf(contracts.stepPay.path, { id, step: what }));
  const code = async (login: string, what: 'review' | 'approve' | 'paid') =>
    (await step(login, what)).body.error?.code ?? 'done';
  expect(await code('shundian', 'review')).toBe('forbidden');
  expect(await code('county', 'review')).toBe('four_eyes');
  expect(await code('county', 'paid')).toBe('pay_step');
  expect(await code('county2', 'review')).toBe('done');
  expect((await (await as('county')).refused(contracts.computePay, { body: { id: uuid(), month } })).code).toBe(
    'pay_settled',
  );
  expect(await code('county2', 'approve')).toBe('forbidden');
  const line = { matter: q.id, n: 1, mediator: q.mediator };
  await (await as('shundian')).call(contracts.appealPay, { params: { id }, body: { ...line, text: '应按疑难件计' } });
  expect(await code('leader', 'approve')).toBe('pay_appealed');
  expect(
    (
      await (
        await as('shundian')
      ).refused(contracts.appealPay, { params: { id }, body: { ...line, text: '加', fen: 1 } })
    ).code,
  ).toBe('forbidden');
  // What was appealed against outlives another computing.
  await house.owner.query("UPDATE pay_batch SET state = 'computed', reviewed_by = NULL WHERE id = $1", [id]);
  await (await as('county')).call(contracts.computePay, { body: { id: uuid(), month } });
  expect((await batch()).lines.find(one => one.matter === q.id)!.appeal).toBe('应按疑难件计');
  expect(await code('county2', 'review')).toBe('done');
  await (await as('leader')).call(contracts.appealPay, {
    params: { id },
    body: { ...line, text: '同意', fen: 30_000 },
  });
  expect(await code('leader', 'approve')).toBe('done');
  expect(await code('leader', 'approve')).toBe('four_eyes');
  expect(await code('county', 'paid')).toBe('pay_step');
  expect(await code('shundian-head', 'approve')).toBe('forbidden');
  expect(await code('city-head', 'approve')).toBe('done');
  expect(await code('county', 'paid')).toBe('done');
  const list = await (await as('county')).raw('GET', urlOf(contracts.payLedger.path, { id }));
  const saved = path.join(house.data, 'pay.xlsx');
  fs.writeFileSync(saved, list.body);
  const rows: unknown[][] = [];
  for await (const row of readTable(saved)) rows.push(row.values);
  const sum = first.lines.reduce((total, one) => total + one.fen, 0) + 10_000;
  expect(rows.slice(1)).toEqual([['李静', '顺店镇人民调解委员会', first.lines.length, sum / 100]]);
  // The dossier is opened and filed again the next month: the case is not paid twice.
  house.time.now = Date.parse('2026-06-05T09:00:00+08:00');
  clients = new Map();
  await go('shundian', q.id, 'openDossier', {}, { text: '补材料' });
  await (await as('shundian')).call(contracts.file, {
    params: { county, id: q.id },
    body: { id: uuid(), file: uuid(), attach: uuid(), years: null },
  });
  const { lines } = await (await as('county')).call(contracts.computePay, { body: { id: uuid(), month: '2026-06' } });
  expect(lines).toBe(0);
});

test('the register: imported with reasons for what is refused, exported, kept by a desk that oversees a region', async () => {
  const sheet = [
    '调解委员会,姓名,主任,性别,专职,公职人员,专长,资格有效期',
    '顺店镇人民调解委员会,陈秀兰,否,女,是,否,婚姻家庭、邻里,2027-12-31',
    '没有这个会,张三,否,男,否,否,,',
    '顺店镇人民调解委员会,李静,否,女,否,否,,',
    '顺店镇人民调解委员会,赵四,否,男,否,否,,去年',
  ].join('\n');
  const form = () => {
    const made = new FormData();
    made.set('file', new Blob([sheet]), '调解员.csv');
    return made;
  };
  const send = async (login: string) => (await as(login)).raw('POST', urlOf(contracts.importMediators.path), form());
  expect((await send('urban')).status).toBe(403);
  // A desk keeps the register of its own region: another township's committees are not there for it.
  expect((await send('huolong')).body).toMatchObject({ imported: 0 });
  const known = await mediators();
  const taken = { id: known.get('毛卫东')!, committee: unitNamed('火龙镇人民调解委员会'), name: '毛卫东' };
  expect((await (await as('huolong')).refused(contracts.addMediator, { body: taken })).code).toBe('forbidden');
  expect(
    (await (await as('huolong')).refused(contracts.endMediator, { params: { id: known.get('毛卫东')! } })).code,
  ).toBe('forbidden');
  const { body } = await send('shundian');
  expect(body).toMatchObject({ read: 4, imported: 1 });
  expect(body.refused.map((row: { line: number }) => row.line)).toEqual([3, 4, 5]);
  const ledger = await (await as('shundian')).raw('GET', urlOf(contracts.mediatorLedger.path));
  const saved = path.join(house.data, 'mediators.xlsx');
  fs.writeFileSync(saved, ledger.body);
  const names: unknown[] = [];
  for await (const row of readTable(saved)) names.push(row.values[1]);
  expect(names).toContain('陈秀兰');
  await (await as('shundian')).call(contracts.setAdviser, {
    body: { region: '411081101205', name: '周律师', firm: '禹州某律师事务所', from: '2026-01-01' },
  });
  expect((await (await as('shundian')).call(contracts.advisers, {})).advisers).toMatchObject([
    { region: '411081101205', name: '周律师' },
  ]);
  const all = await mediators();
  await (await as('shundian')).call(contracts.endMediator, { params: { id: all.get('陈秀兰')! } });
  expect((await mediators()).has('陈秀兰')).toBe(false);
});

test('a month before a certificate or a term runs out its centre is told, once', async () => {
  const now = Date.parse('2027-03-15T09:00:00+08:00');
  for (const _twice of [1, 2]) expect(await writeRegisterReminders(house, now)).toBeGreaterThan(0);
  const { rows } = await house.owner.query(
    "SELECT unit, what, data FROM notice WHERE what IN ('term-ends', 'certificate-ends')",
  );
  expect(rows.filter(row => row.what === 'term-ends' && row.unit === unitNamed('顺店镇综治中心'))).toHaveLength(1);
  for (const row of rows) expect(Object.keys(row.data).sort()).toEqual(['of', 'until']);
});

test('after all of this every chain verifies', async () => {
  expect((await verify(house)).broken).toEqual([]);
});
