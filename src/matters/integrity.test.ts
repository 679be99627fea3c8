/** Append-only, idempotent, verifiable: what a superuser changes is named, what a client repeats is done once. */
import { expect, test } from 'vitest';
import { uuid } from '../kernel/ids.ts';
import { rotateKeys } from '../rotate.ts';
import { letter, testHouse } from '../test/harness.ts';
import { verify } from '../verify.ts';
import { act } from './acting.ts';
import { Action } from './actions.ts';
import { lapseDue, project, recount } from './jobs.ts';
import { readPage, reveal } from './reading.ts';
import { registerMatter } from './registration.ts';
import type { ActInput } from './store.ts';

const house = await testHouse();
const step = (type: Action['type'], data: object = {}, words: object = {}): ActInput => ({
  id: uuid(),
  action: Action.parse({ type, data, words }),
});
const rowsOf = async (text: string, values: unknown[] = []) => (await house.owner.query(text, values)).rows;

async function handled() {
  const clerk = await house.as('village-head');
  const made = await registerMatter(house.loop, clerk, letter());
  await act(house.loop, clerk, made.county, made.id, step('accept'));
  await act(house.loop, clerk, made.county, made.id, step('note', {}, { text: '已到现场' }));
  await act(
    house.loop,
    clerk,
    made.county,
    made.id,
    step('correct', { set: { category: '02' } }, { text: '类别选错', title: '路灯坏了' }),
  );
  return { clerk, ...made };
}

test('actions cannot be changed, deleted or truncated, not even by the owner', async () => {
  await handled();
  await house.owner.query("INSERT INTO audit (at, what, result) VALUES (now(), 'test', 'done')");
  for (const statement of [
    'UPDATE matter_action SET type = type',
    'DELETE FROM matter_action',
    'TRUNCATE matter_action',
    'UPDATE audit SET what = what',
    'DELETE FROM audit',
  ])
    await expect(house.owner.query(statement), statement).rejects.toMatchObject({ code: '42501' });
});

test('a registration or an action sent again is done once and answered the same', async () => {
  const clerk = await house.as('village-head');
  const input = letter();
  const first = await registerMatter(house.loop, clerk, input);
  expect(await registerMatter(house.loop, clerk, input)).toEqual(first);
  const accept = step('accept');
  const done = await act(house.loop, clerk, first.county, first.id, accept);
  expect(await act(house.loop, clerk, first.county, first.id, accept)).toMatchObject({ seq: done.seq, replayed: true });
  expect(await rowsOf('SELECT seq FROM matter_action WHERE matter = $1', [first.id])).toHaveLength(2);
});

test('the same id with other content, or from somebody else, is refused', async () => {
  const clerk = await house.as('village-head');
  const input = letter();
  const made = await registerMatter(house.loop, clerk, input);
  await expect(registerMatter(house.loop, clerk, { ...input, text: '别的内容' })).rejects.toMatchObject({
    code: 'conflict',
  });
  await expect(registerMatter(house.loop, await house.as('county'), input)).rejects.toMatchObject({ code: 'conflict' });
  const note = step('note', {}, { text: '一' });
  await act(house.loop, clerk, made.county, made.id, note);
  await expect(
    act(house.loop, clerk, made.county, made.id, {
      ...note,
      action: Action.parse({ type: 'note', data: {}, words: { text: '二' } }),
    }),
  ).rejects.toMatchObject({ code: 'conflict' });
});

test('of sixteen who act at once on the same state one succeeds; the others are told it is stale', async () => {
  const clerk = await house.as('village-head');
  const made = await registerMatter(house.loop, clerk, letter());
  const results = await Promise.allSettled(
    Array.from({ length: 16 }, () => act(house.loop, clerk, made.county, made.id, { ...step('accept'), saw: 1 })),
  );
  expect(results.filter(r => r.status === 'fulfilled')).toHaveLength(1);
  for (const r of results) if (r.status === 'rejected') expect(r.reason).toMatchObject({ code: 'stale' });
});

test('sixteen replays at once of one action append one action', async () => {
  const clerk = await house.as('village-head');
  const made = await registerMatter(house.loop, clerk, letter());
  const note = step('note', {}, { text: '同一条' });
  const results = await Promise.allSettled(
    Array.from({ length: 16 }, () => act(house.loop, clerk, made.county, made.id, note)),
  );
  expect(results.filter(r => r.status === 'rejected')).toHaveLength(0);
  expect(await rowsOf('SELECT seq FROM matter_action WHERE matter = $1', [made.id])).toHaveLength(2);
});

test('a linked matter shows the relation on both sides; a link to what one may not see is refused and writes nothing', async () => {
  const clerk = await house.as('village-head');
  const old = await registerMatter(house.loop, clerk, letter());
  const made = await registerMatter(house.loop, clerk, letter({ links: [{ matter: old.id, relation: 'repeat' }] }));
  expect((await readPage(house.loop, clerk, old.county, old.id)).matter.relations).toEqual([
    { county: '411081', matter: made.id, relation: 'repeat' },
  ]);
  const hidden = await registerMatter(house.loop, await house.as('huolong'), letter({ region: '411081100000' }));
  const input = letter({ links: [{ matter: hidden.id, relation: 'repeat' }] });
  await expect(registerMatter(house.loop, clerk, input)).rejects.toMatchObject({ code: 'not_found' });
  expect(await rowsOf('SELECT 1 FROM matter WHERE id = $1', [input.id])).toHaveLength(0);
});

test('a deadline fires once, however many processes look', async () => {
  const clerk = await house.as('village-head');
  const made = await registerMatter(house.loop, clerk, letter());
  const later = house.time.now + 5 * 86_400_000;
  await Promise.all([lapseDue(house.loop, later), lapseDue(house.loop, later), lapseDue(house.loop, later)]);
  const rows = await rowsOf("SELECT seq FROM matter_action WHERE matter = $1 AND type = 'lapse'", [made.id]);
  expect(rows).toHaveLength(1);
  expect(await lapseDue(house.loop, later)).toBe(0);
});

test('verify: everything as it was written is whole', async () => {
  const result = await verify(house);
  expect(result.broken).toEqual([]);
  expect(result.actions).toBeGreaterThan(20);
});

test('verify names the row and the column, for every column of both tables', async () => {
  const other = '99999999-9999-4999-8999-9999999999';
  const columns = await rowsOf(
    "SELECT table_name, column_name, data_type, udt_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name IN ('matter', 'matter_action') AND is_generated = 'NEVER'",
  );
  expect(columns.length).toBeGreaterThan(60);
  await house.owner.query(
    'ALTER TABLE matter_action DISABLE TRIGGER USER; ALTER TABLE matter DROP CONSTRAINT never_orphaned, DROP CONSTRAINT ended_rests, DROP CONSTRAINT open_by_state',
  );
  for (const [i, { table_name, column_name, data_type, udt_name }] of columns.entries()) {
    const { id } = await handled();
    const altered: Record<string, string> = {
      text: "coalesce(%c, '') || 'x'",
      uuid: `'${other}${String(i).padStart(2, '0')}'`,
      integer: 'coalesce(%c, 0) + 1',
      boolean: 'NOT coalesce(%c, false)',
      'timestamp with time zone': "coalesce(%c, '2020-01-01') + interval '1 second'",
      json: '\'{"set":{"lapses":9}}\'',
      jsonb: '\'{"x":1}\'',
      bytea: "coalesce(%c, '') || '\\x00'",
      ARRAY: udt_name === '_uuid' ? `%c || '${other}00'::uuid` : "%c || 'x'::text",
    };
    const where = table_name === 'matter' ? 'id = $1' : 'matter = $1 AND seq = 4';
    await house.owner.query(
      `UPDATE ${table_name} SET ${column_name} = ${altered[data_type]!.replaceAll('%c', column_name)} WHERE ${where}`,
      [id],
    );
    const found = (await verify(house)).broken.filter(b => b.matter === id);
    const name = `${table_name}.${column_name}`;
    expect(found.length, name).toBeGreaterThan(0);
    if (['county', 'id', 'matter'].includes(column_name)) continue; // the row is another matter's now: found as missing here
    if (table_name === 'matter') expect(found.map(b => b.what).join(), name).toContain(name);
    else
      expect(
        found.map(b => b.seq),
        name,
      ).toContain(column_name === 'seq' ? 5 : 4);
  }
  await house.owner.query(
    'DELETE FROM matter_action; DELETE FROM matter; DELETE FROM matter_change; DELETE FROM matter_key; ALTER TABLE matter_action ENABLE TRIGGER USER',
  );
});

test('verify finds a missing last action, a missing first one, and a missing matter', async () => {
  for (const [what, remove] of [
    [
      'last',
      'DELETE FROM matter_action WHERE matter = $1 AND seq = (SELECT max(seq) FROM matter_action WHERE matter = $1)',
    ],
    ['first', 'DELETE FROM matter_action WHERE matter = $1 AND seq = 1'],
    ['matter', 'DELETE FROM matter WHERE id = $1'],
  ] as const) {
    const { id } = await handled();
    await house.owner.query('ALTER TABLE matter_action DISABLE TRIGGER USER');
    await house.owner.query(remove, [id]);
    await house.owner.query('ALTER TABLE matter_action ENABLE TRIGGER USER');
    const { broken } = await verify(house);
    expect(
      broken.some(b => b.matter === id),
      what,
    ).toBe(true);
    await house.owner.query('ALTER TABLE matter_action DISABLE TRIGGER USER');
    await house.owner.query('DELETE FROM matter_action WHERE matter = $1', [id]);
    await house.owner.query('DELETE FROM matter WHERE id = $1', [id]);
    await house.owner.query('ALTER TABLE matter_action ENABLE TRIGGER USER');
  }
});

test('rotating the master key rewraps every key, and everything still opens', async () => {
  const { clerk, county, id } = await handled();
  // A client may name parties of two matters alike: each keeps a key of its own.
  const party = uuid();
  const twins = await Promise.all(
    ['13800138001', '13800138002'].map(async phone => {
      const parties = [{ id: party, role: 'applicant' as const, name: '王小明', phone, anonymous: false }];
      return { phone, ...(await registerMatter(house.loop, clerk, letter({ parties }))) };
    }),
  );
  const before = await readPage(house.loop, clerk, county, id);
  const { version, rewrapped } = await rotateKeys(house, true);
  expect(version).toBe(2);
  expect(rewrapped).toBeGreaterThan(2);
  for (const table of ['matter_key', 'matter_party'])
    expect(await rowsOf(`SELECT 1 FROM ${table} WHERE version <> 2`), table).toHaveLength(0);
  expect(await readPage(house.loop, clerk, county, id)).toEqual(before);
  for (const { phone, id: of } of twins)
    expect(await reveal(house.loop, clerk, county, of, party)).toMatchObject({ phone });
});

test('the roll-up equals a count made anew, after everything above', async () => {
  while ((await project(house.loop)) > 0);
  const figures = () => rowsOf('SELECT * FROM tally WHERE n <> 0 ORDER BY 1, 2, 3, 4, 5, 6');
  const kept = await figures();
  await recount(house.loop);
  expect(await figures()).toEqual(kept);
  expect(kept.length).toBeGreaterThan(0);
});

test('nothing of what people wrote or who they are lies in the database in clear', async () => {
  const clerk = await house.as('village-head');
  const secret = letter({
    text: '独一无二的叙述甲乙丙丁',
    parties: [
      {
        id: uuid(),
        role: 'applicant',
        name: '诸葛暗明',
        phone: '13912345678',
        identity: '11010519491231002X',
        address: '秘密巷七号',
        anonymous: false,
      },
    ],
  });
  await registerMatter(house.loop, clerk, secret);
  while ((await project(house.loop)) > 0);
  const tables = await rowsOf(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'person'",
  );
  for (const { table_name } of tables)
    for (const needle of ['诸葛暗明', '13912345678', '11010519491231002X', '秘密巷'])
      expect(
        await rowsOf(`SELECT 1 FROM ${table_name} t WHERE t::text LIKE $1 LIMIT 1`, [`%${needle}%`]),
        `${needle} in ${table_name}`,
      ).toHaveLength(0);
});
