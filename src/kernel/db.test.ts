/** What we rely on of pg beneath its own interface (batch.ts): order, one transaction, errors that spoil nothing after them. */
import { expect, test } from 'vitest';
import { testHouse } from '../test/harness.ts';
import { runBatch, type Statement } from './batch.ts';
import { noScope, sql, sqlState, systemScope } from './db.ts';

const house = await testHouse();
const { db } = house;
let made = 0;
const fresh = (text: string): Statement => ({ name: `t${made++}`, text });
const call = (what: Statement, ...values: unknown[]) => ({ ...what, values });

test('answers come in order, with rows, commands and counts, and types as pg reads them', async () => {
  const client = await db.pool.connect();
  const many = fresh('SELECT g, NULL::text AS nothing FROM generate_series(1, $1::int) g');
  const types = fresh(
    'SELECT $1::bytea AS b, $2::uuid[] AS u, $3::jsonb AS j, $4::bigint AS n, $5::boolean AS y, now() AS at',
  );
  const id = '01990000-0000-7000-8000-000000000001';
  for (let round = 0; round < 2; round++) {
    const answers = await runBatch(client, [
      call(many, 3),
      call(types, Buffer.from([1, 2]), [id], { a: [1] }, 9, true),
      call(many, 0),
    ]);
    expect(answers[0]).toMatchObject({
      command: 'SELECT',
      count: 3,
      rows: [{ g: 1, nothing: null }, { g: 2 }, { g: 3 }],
    });
    expect(answers[1]!.rows[0]).toMatchObject({ b: Buffer.from([1, 2]), u: [id], j: { a: [1] }, n: 9, y: true });
    expect(typeof answers[1]!.rows[0].at).toBe('number');
    expect(answers[2]!.rows).toEqual([]);
  }
  client.release();
});

test('a batch is one transaction: what fails undoes what went before in it, and spoils nothing after it', async () => {
  const client = await db.pool.connect();
  const insert = fresh("INSERT INTO import_source VALUES ($1, '{}')");
  const wrong = fresh('SELECT 1 / $1::int AS x');
  await expect(runBatch(client, [call(insert, 'undone'), call(wrong, 0), call(insert, 'never')])).rejects.toMatchObject(
    { code: '22012' },
  );
  // The same statements on the same connection, parsed or not before the failure.
  const [, answer] = await runBatch(client, [call(insert, 'kept'), call(wrong, 1)]);
  expect(answer!.rows).toEqual([{ x: 1 }]);
  const { rows } = await house.owner.query('SELECT name FROM import_source ORDER BY name');
  expect(rows).toEqual([{ name: 'kept' }]);
  client.release();
});

test('readers that share a connection do not see each other’s scope, nor their errors', async () => {
  const who = sql<{
    s: string;
    ro: string;
  }>`SELECT current_setting('yd.scope') AS s, current_setting('transaction_read_only') AS ro`;
  const asked = Array.from({ length: 200 }, (_, i) =>
    i % 7 === 3
      ? db.read(noScope, sql`SELECT 1 / ${0}::int`).then(
          () => 'answered',
          error => sqlState(error),
        )
      : db.readOne(i % 2 ? systemScope : { person: '01990000-0000-7000-8000-000000000001' }, who).then(row => row!.s),
  );
  const answers = await Promise.all(asked);
  for (const [i, answer] of answers.entries())
    expect(answer).toBe(
      i % 7 === 3 ? '22012' : i % 2 ? '|{}|{}|{}|{}|on||' : '01990000-0000-7000-8000-000000000001|{}|{}|{}|{}|||',
    );
  // Outside of a transaction nobody is anybody.
  const left = await db.pool.query("SELECT coalesce(current_setting('yd.scope', true), '') AS s");
  expect(left.rows[0].s).toBe('');
});

test('a read cannot write, a scope holds only ids and codes', async () => {
  await expect(
    db.read(systemScope, sql`INSERT INTO import_source VALUES ('sly', '{}') RETURNING name`),
  ).rejects.toMatchObject({ code: '25006' });
  await expect(db.read({ person: "x'; DROP TABLE matter" }, sql`SELECT 1`)).rejects.toThrow('only ids and codes');
});

test('a transaction whose statement failed is never said to be done, whatever its work makes of the failure', async () => {
  await expect(
    db.write(systemScope, async tx => {
      await tx.run(sql`INSERT INTO import_source VALUES ('swallowed', '{}')`);
      await tx.run(sql`SELECT 1 / ${0}::int`).catch(() => {});
    }),
  ).rejects.toThrow();
  await expect(
    db.write(systemScope, async tx => {
      const failing = tx.run(sql`INSERT INTO import_source VALUES ('kept', '{}')`).catch(() => {});
      tx.commit();
      await failing;
    }),
  ).rejects.toThrow();
  const { rows } = await house.owner.query("SELECT name FROM import_source WHERE name <> 'kept'");
  expect(rows).toEqual([]);
});

test('whoever reads something slow holds up nobody: the next ones go by another lane', async () => {
  const answered: string[] = [];
  const ask = (what: string, seconds: number) =>
    db.read(noScope, sql`SELECT pg_sleep(${seconds})`).then(() => answered.push(what));
  const slow = Array.from({ length: 2 }, () => ask('slow', 1));
  await new Promise(resolve => setTimeout(resolve, 50));
  await Promise.all([ask('quick', 0), ask('quick', 0), ask('quick', 0)]);
  expect(answered).toEqual(['quick', 'quick', 'quick']);
  await Promise.all(slow);
});
