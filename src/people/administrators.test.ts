/** Three administrators apart, and the audit as an auditor asks it; over real HTTP. */
import ExcelJS from 'exceljs';
import { afterAll, expect, test } from 'vitest';
import { demoPassword } from '../demo/county.ts';
import { auditLine } from '../kernel/audit.ts';
import { actName, auditActs, detailText } from '../kernel/audit-words.ts';
import { noScope } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { dateOf } from '../matters/clocks.ts';
import { matterContracts } from '../matters/contract.ts';
import { type Client, serve } from '../test/client.ts';
import { letter, testHouse } from '../test/harness.ts';
import { peopleContracts as contracts } from './contract.ts';

const house = await testHouse();
const server = await serve(house);
afterAll(() => server.app.close());
const [system, security, audit] = (await Promise.all(['system', 'security', 'audit'].map(server.signedIn))) as [
  Client,
  Client,
  Client,
];
const centre = (await house.staff('county')).posts[0]!.unit;
const idOf = async (login: string) => (await house.staff(login)).person;
const postOf = async (login: string) => (await house.staff(login)).posts[0]!.id;

/** Makes an account as the system administrator does, and signs in with it. */
async function newcomer(
  login: string,
  role: 'clerk' | 'audit-admin',
  unit = centre,
  needToKnow = false,
): Promise<Client> {
  const { password } = await system.call(contracts.addPerson, {
    body: { id: uuid(), login, name: `新人${login}`, unit, role, needToKnow },
  });
  const client = server.anyone();
  client.csrf = (await client.call(contracts.signIn, { body: { login, password } })).csrf;
  await client.call(contracts.password, { body: { old: password, fresh: demoPassword } });
  return client;
}
const pendingPost = async (login: string) => {
  const { people } = await security.call(contracts.people, { query: { pending: 'true' } });
  return people.find(one => one.login === login)!.posts.find(post => post.pending)!.id;
};

test('who makes accounts cannot open what is sensitive by making one: another grants it, and takes it back', async () => {
  const desk = await server.signedIn('county');
  const made = await desk.call(matterContracts.register, { body: letter({ sensitive: true }) });
  const params = { county: made.county, id: made.id };
  const { matter } = await desk.call(matterContracts.page, { params });
  const spy = await newcomer('spy', 'clerk', matter.unit!, true);
  expect((await spy.refused(matterContracts.page, { params })).code).toBe('not_found');
  const post = await pendingPost('spy');
  for (const one of [system, audit, desk, spy])
    expect((await one.refused(contracts.grantPost, { body: { posts: [post], granted: true } })).code).toBe('forbidden');
  await security.call(contracts.grantPost, { body: { posts: [post], granted: true } });
  expect((await spy.call(matterContracts.page, { params })).matter.id).toBe(made.id);
  expect((await security.call(contracts.people, { query: { pending: 'true' } })).people).toEqual([]);
  await security.call(contracts.grantPost, { body: { posts: [post], granted: false } });
  expect((await spy.refused(matterContracts.page, { params })).code).toBe('not_found');
});

test('a programme never opens what is sensitive by the post it works by, and never administers', async () => {
  const desk = await server.signedIn('county2');
  const holder = await house.staff('county');
  const open = await desk.call(matterContracts.register, { body: letter() });
  const made = await desk.call(matterContracts.register, { body: letter({ sensitive: true }) });
  const token = (post: string) => ({ body: { id: uuid(), name: '平台', post, scopes: ['read' as const] } });
  for (const login of ['system', 'security', 'audit'])
    expect((await security.refused(contracts.addToken, token(await postOf(login)))).code).toBe('not_found');
  const issued = await security.call(contracts.addToken, token(holder.posts[0]!.id));
  const bearer = { authorization: `Bearer ${issued.token}` };
  const status = async (id: string) =>
    (await server.anyone().raw('GET', `/api/v1/matters/${made.county}/${id}`, undefined, bearer)).status;
  expect([await status(open.id), await status(made.id)]).toEqual([200, 404]);
  expect((await security.call(contracts.tokens, {})).tokens[0]).toMatchObject({ holder: holder.name, unit: centre });
});

test('an administrator holds nothing else, is nobody’s substitute, and none is made or unmade by one alone', async () => {
  const give = async (login: string, role: 'clerk' | 'audit-admin' | 'system-admin') =>
    (
      await system.refused(contracts.addPost, {
        body: { id: uuid(), person: await idOf(login), unit: centre, role, from: dateOf(house.time.now) },
      })
    ).code;
  expect(await give('system', 'clerk')).toBe('administrators_apart');
  expect(await give('security', 'clerk')).toBe('administrators_apart');
  expect(await give('security', 'audit-admin')).toBe('administrators_apart');
  expect(await give('county', 'system-admin')).toBe('administrators_apart');

  const today = dateOf(house.time.now);
  const away = (post: string, substitute: string) => ({
    body: { id: uuid(), post, substitute, from: today, to: dateOf(house.time.now + 86_400_000) },
  });
  for (const substitute of ['security', 'county'])
    expect(
      (await system.refused(contracts.addAbsence, away(await postOf('system'), await idOf(substitute)))).code,
    ).toBe('substitute_unfit');
  const desk = await server.signedIn('county');
  expect((await desk.refused(contracts.addAbsence, away(await postOf('county'), await idOf('system')))).code).toBe(
    'substitute_unfit',
  );

  // What was sensitive to a post is opened to whoever comes after it: never to who ends it, nor to anybody he likes.
  const registrar = await server.signedIn('shundian2');
  await registrar.call(matterContracts.register, { body: letter({ region: '411081101000', sensitive: true }) });
  const leave = async (substitute: string) =>
    (
      await system.refused(contracts.endPost, {
        params: { post: await postOf('shundian2') },
        body: { substitute: await idOf(substitute) },
      })
    ).code;
  expect(await leave('system')).toBe('substitute_unfit');
  expect(await leave('huolong2')).toBe('substitute_not_admitted');

  // With a new password, or without the second factor, one administrator would be another.
  for (const login of ['system', 'audit']) {
    const params = { person: await idOf(login) };
    expect((await security.refused(contracts.resetPassword, { params })).code).toBe('administrators_apart');
    expect((await security.refused(contracts.resetFactors, { params })).code).toBe('administrators_apart');
  }
  expect(
    (
      await security.refused(contracts.grantPost, {
        body: { posts: [await postOf('security')], granted: true },
      })
    ).code,
  ).toBe('not_found');

  // A second auditor counts when the security administrator has said so, not before.
  const auditor = await idOf('audit');
  const ghost = await newcomer('ghost', 'audit-admin');
  expect((await ghost.refused(contracts.audit, { query: {} })).code).toBe('forbidden');
  const end = { params: { post: await postOf('audit') }, body: { substitute: await idOf('ghost') } };
  expect((await system.refused(contracts.endPost, end)).code).toBe('substitute_unfit');
  const disabled = { params: { person: auditor }, body: { disabled: true } };
  expect((await security.refused(contracts.disable, disabled)).code).toBe('last_administrator');
  expect(
    (await security.refused(contracts.grantPost, { body: { posts: [await postOf('audit')], granted: false } })).code,
  ).toBe('last_administrator');
  await security.call(contracts.grantPost, { body: { posts: [await pendingPost('ghost')], granted: true } });
  await ghost.call(contracts.audit, { query: {} });

  // Both at once: one remains.
  const both = await Promise.all(
    [auditor, await idOf('ghost')].map(person =>
      security.raw('POST', `/api/v1/people/${person}/disable`, { disabled: true }),
    ),
  );
  expect(both.map(reply => reply.status).toSorted()).toEqual([200, 422]);
  for (const person of [auditor, await house.owner.query("SELECT id FROM person WHERE login = 'ghost'")].map(one =>
    typeof one === 'string' ? one : one.rows[0].id,
  ))
    await security.call(contracts.disable, { params: { person }, body: { disabled: false } });
});

test('who acts for somebody away opens what is sensitive only if that was granted to him too, and only while he is of the unit', async () => {
  const away = await server.signedIn('urban');
  const urban = (await house.staff('urban')).posts[0]!;
  expect(urban.needToKnow).toBe(true);
  const body = {
    id: uuid(),
    post: urban.id,
    substitute: await idOf('urban2'),
    from: dateOf(house.time.now),
    to: dateOf(house.time.now + 3 * 86_400_000),
  };
  await away.call(contracts.addAbsence, { body });
  const acting = async () => (await house.staff('urban2')).posts.filter(post => post.acting);
  expect(await acting()).toMatchObject([{ id: urban.id, needToKnow: false }]);
  await security.call(contracts.grantPost, { body: { posts: [await postOf('urban2')], granted: true } });
  expect(await acting()).toMatchObject([{ id: urban.id, needToKnow: true }]);
  await security.call(contracts.grantPost, { body: { posts: [await postOf('urban2')], granted: false } });

  // Moved to another office meanwhile: what was lent at the old one stays there.
  await system.call(contracts.addPost, {
    body: { id: uuid(), person: body.substitute, unit: centre, role: 'clerk', from: dateOf(house.time.now) },
  });
  await system.call(contracts.endPost, {
    params: { post: await postOf('urban2') },
    body: { substitute: await idOf('urban') },
  });
  expect((await house.staff('urban2')).posts).toMatchObject([{ unit: centre }]);
  await away.call(contracts.endAbsence, { params: { absence: body.id } });

  // An auditor is replaced by an auditor: a clerk of the same unit would read what nobody granted.
  await system.call(contracts.addPost, {
    body: { id: uuid(), person: body.substitute, unit: centre, role: 'auditor', from: dateOf(house.time.now) },
  });
  await security.call(contracts.grantPost, { body: { posts: [await pendingPost('urban2')], granted: true } });
  const auditing = (await house.staff('urban2')).posts.find(post => post.role === 'auditor')!;
  const lend = { ...body, id: uuid(), post: auditing.id, substitute: await idOf('county') };
  expect((await (await server.signedIn('urban2')).refused(contracts.addAbsence, { body: lend })).code).toBe(
    'substitute_unfit',
  );
});

test('people are found page after page, nobody twice', async () => {
  const seen: string[] = [];
  for (let after = ''; ; ) {
    const page = await system.call(contracts.people, { query: { after } });
    seen.push(...page.people.map(one => one.login));
    if (!page.next) break;
    after = page.next;
  }
  const { rows } = await house.owner.query('SELECT login FROM person ORDER BY login COLLATE "C"');
  expect(seen).toEqual(rows.map(row => row.login));
});

test('the audit answers who, what, when, with which result and of which matter; the file holds what was shown', async () => {
  const auditing = await server.signedIn('audit');
  const desk = await server.signedIn('county');
  const party = { id: uuid(), role: 'applicant' as const, name: '王小明', phone: '13912340000', anonymous: false };
  const made = await desk.call(matterContracts.register, { body: letter({ parties: [party], sensitive: true }) });
  const params = { county: made.county, id: made.id };
  await desk.call(matterContracts.page, { params });
  await desk.call(matterContracts.reveal, { params, body: { party: party.id, reason: '回访' } });
  await server.anyone().refused(contracts.signIn, { body: { login: 'labour', password: 'wrong' } });

  for (const login of ['system', 'security', 'county', 'leader'])
    for (const one of [contracts.audit, contracts.exportAudit])
      expect((await (await server.signedIn(login)).refused(one, { query: {} })).code).toBe('forbidden');
  expect((await auditing.refused(contracts.audit, { query: { what: 'nonsense' as never } })).code).toBe('invalid');
  expect((await auditing.refused(contracts.audit, { query: { cursor: "1-1' OR true" } })).code).toBe('invalid');

  const ask = async (query: object) => (await auditing.call(contracts.audit, { query })).lines;
  const ofMatter = await ask({ matter: made.number.replaceAll('-', ' ') });
  expect(ofMatter.map(line => line.what)).toEqual(['reveal', 'read-sensitive']);
  expect(ofMatter.every(line => line.about === made.number && line.login === 'county')).toBe(true);
  expect(detailText(ofMatter[0]!.detail, 'zh')).toBe('理由：回访');
  expect(await ask({ matter: '411081-26-9999999-0' })).toEqual([]);
  // Whoever writes the same person's id into another matter neither breaks the audit nor takes its lines along.
  const copy = await desk.call(matterContracts.register, { body: letter({ parties: [party] }) });
  expect((await ask({ what: 'reveal' })).map(line => line.about)).toEqual([made.number]);
  expect(await ask({ matter: copy.number })).toEqual([]);
  const missed = await ask({ person: 'labour', what: 'sign-in', result: 'refused' });
  expect(missed).toHaveLength(1);
  expect(await ask({ person: missed[0]!.person, what: 'sign-in', result: 'refused' })).toEqual(missed);
  expect(await ask({ person: '没有此人' })).toEqual([]);

  // Two hundred and fifty lines of three days, some in the same millisecond: each once, newest first, and no other day's.
  const day = 86_400_000;
  const noon = Date.parse('2025-03-02T12:00:00+08:00');
  for (let i = 0; i < 250; i++)
    await house.db.write(noScope, tx =>
      tx.run(auditLine(noon + ((i % 3) - 1) * day + (i % 5), null, 'calendar', null, String(i), 'done')),
    );
  const pages: { n: number; at: number; subject: string | null }[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await auditing.call(contracts.audit, {
      query: { what: 'calendar', from: '2025-03-01', to: '2025-03-02', ...(cursor && { cursor }) },
    });
    pages.push(...page.lines);
    if (!page.next) break;
    cursor = page.next;
  }
  expect(pages.map(line => Number(line.subject)).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 250 }, (_, i) => i).filter(i => i % 3 < 2),
  );
  expect(pages.map(line => [line.at, line.n])).toEqual(
    pages.map(line => [line.at, line.n]).toSorted((a, b) => b[0]! - a[0]! || b[1]! - a[1]!),
  );

  const file = await auditing.raw('GET', '/api/v1/audit/export?what=calendar&from=2025-03-01&to=2025-03-02');
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(file.body);
  const rows = book.worksheets[0]!.getSheetValues().slice(2) as unknown[][];
  expect(rows.map(row => [row[1], row[5], row[8]])).toEqual(
    pages.map(line => [line.n, actName('calendar', 'zh'), line.subject]),
  );
  expect(await ask({ what: 'export-audit' })).toMatchObject([{ login: 'audit', result: 'done' }]);
});

test('everything that was put on record so far has a name in both languages', async () => {
  const { rows } = await house.owner.query('SELECT DISTINCT what FROM audit');
  for (const { what } of rows) expect(Object.keys(auditActs)).toContain(what);
  for (const what of Object.keys(auditActs)) {
    expect(actName(what, 'zh'), what).toMatch(/\p{Script=Han}/u);
    expect(actName(what, 'en'), what).not.toMatch(/\p{Script=Han}/u);
  }
});
