/** Migrations over what is there already, by an owner of the database that is no superuser and so under forced policies. */
import pg from 'pg';
import { expect, test } from 'vitest';
import { testDatabase } from '../test/harness.ts';
import { migrate } from './migrate.ts';

test('keys of parties move into their rows; what was erased stays so, and a matter keeps its own', async () => {
  const { ownerUrl: url, drop } = await testDatabase(true);
  expect(await migrate(url, '0010-search.sql')).toHaveLength(10);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const id = (n: number) => `00000000-0000-7000-8000-00000000000${n}`;
  await client.query(`SELECT set_config('yd.scope', '|||||on|', false), set_config('yd.writing', '{${id(1)}}', false)`);
  await client.query(
    `INSERT INTO matter_key VALUES ('c', '${id(1)}', '${id(1)}', 'm', 1), ('c', '${id(2)}', '${id(1)}', 'p', 2), ('c', '${id(3)}', '${id(1)}', NULL, 1)`,
  );
  await client.query(
    `INSERT INTO matter_party VALUES ('c', '${id(2)}', '${id(1)}', 'x', '{}'), ('c', '${id(3)}', '${id(1)}', 'y', '{}')`,
  );
  expect((await migrate(url))[0]).toBe('0011-keys.sql');
  const rows = async (text: string) => (await client.query(text)).rows;
  expect(await rows('SELECT matter, convert_from(wrapped, $$UTF8$$) AS wrapped, version FROM matter_key')).toEqual([
    { matter: id(1), wrapped: 'm', version: 1 },
  ]);
  expect(
    await rows('SELECT id, convert_from(wrapped, $$UTF8$$) AS wrapped, version FROM matter_party ORDER BY id'),
  ).toEqual([
    { id: id(2), wrapped: 'p', version: 2 },
    { id: id(3), wrapped: null, version: 1 },
  ]);
  // Forced again: without a scope its owner sees nothing either.
  await client.query(`SELECT set_config('yd.scope', '', false), set_config('yd.writing', '', false)`);
  for (const table of ['matter_key', 'matter_party']) expect(await rows(`SELECT 1 FROM ${table}`), table).toEqual([]);
  await client.end();
  await drop();
});
