/** Real letters in: messy tables, rows that come back, killed half-way, old records as stock; and the real ones where they are at hand. */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import ExcelJS from 'exceljs';
import { describe, expect, test } from 'vitest';
import { sql, systemScope } from '../kernel/db.ts';
import { lapseDue } from '../matters/jobs.ts';
import { listMatters } from '../matters/lists.ts';
import { testHouse } from '../test/harness.ts';
import { verify } from '../verify.ts';
import { batchSize, type ImportCounts, importLetters, projectAll, type Refused, writeRefused } from './letters-run.ts';
import { importCategories, importPeople, importPosts, importRegions, importUnits } from './reference.ts';
import { readTable } from './table.ts';

const house = await testHouse();
const at = (name: string) => path.join(house.data, name);
const actor = { actor: { person: null, posts: [], system: true }, scope: systemScope };

async function workbook(name: string, sheets: Record<string, unknown[][]>): Promise<string> {
  const book = new ExcelJS.Workbook();
  for (const [title, rows] of Object.entries(sheets)) book.addWorksheet(title).addRows(rows);
  await book.xlsx.writeFile(at(name));
  return at(name);
}

async function run(
  file: string,
  source: string,
  more: object = {},
  state: ImportCounts & { line: number } = { line: 0, read: 0, imported: 0, repeated: 0, refused: 0 },
) {
  const refused: Refused[] = [];
  const {
    read,
    imported,
    repeated,
    refused: n,
  } = await importLetters(
    house,
    actor,
    { file, source, region: '411081000000', kind: 'request', live: false, ...more },
    state,
    { save: async () => {}, refuse: row => refused.push(row) },
  );
  return { counts: { read, imported, repeated, refused: n }, refused };
}

const rows = [
  ['序', '来信时间', '工单编号', '诉求内容', '诉求人', '手机号', '类别'],
  [1, '2019/2/28 14:23:01', 'G001', '村口路灯坏了三天<br>请派人修', '张三丰', '13800138000', '市政设施'],
  [2, 43524.5, 'G002', '自来水发黄有异味', '李四', null, null],
  [3, '2019/2/30', 'G003', '日期不存在的一件', '王五', null, null],
  [4, new Date('2020-05-01T08:00:00Z'), 'Ｇ００４', '𠮷家的羊丢了两只，电话１３８００１３８０００', '𠮷安', null, null],
  [5, '2021-01-01', 'G001', '同一个编号的另一件事情', '赵六', null, null],
  [6, '2021-01-01', '', '没有编号', '赵六', null, null],
  [7, '2021-01-01', 'G007', '   ', '赵六', null, null],
  [8, '2021-01-01', 'G002', '自来水发黄有异味', '李四', null, null],
  [],
  [9, '二〇二一', 'G009', '看不懂的日期', '孙七', null, null],
];

test('a workbook with its sheets in another order and other headers imports without a change; bad rows come back with reasons', async () => {
  const file = await workbook('messy.xlsx', { 说明: [['本表由某系统导出'], ['请勿修改']], 来信: rows });
  const { counts, refused } = await run(file, 'messy');
  expect(counts).toEqual({ read: 9, imported: 3, repeated: 1, refused: 5 });
  expect(refused.map(r => [r.line, r.reason])).toEqual(
    expect.arrayContaining([
      [4, 'bad_date'],
      [6, 'two_texts'],
      [7, 'no_id'],
      [8, 'no_text'],
      [11, 'bad_date'],
    ]),
  );
  await writeRefused(at('refused.xlsx'), rows[0] as string[], refused);
  const back: unknown[][] = [];
  for await (const row of readTable(at('refused.xlsx'))) back.push(row.values);
  expect(back).toHaveLength(6);
  expect(back[0]).toEqual([...rows[0]!, '退回原因']);
  // Mended and imported again: only what was mended is new.
  const mended = back.map(values =>
    values.map(value => (value === '2019/2/30' ? '2019/2/28' : value === '二〇二一' ? '2021-01-01' : value)),
  );
  const again = await run(await workbook('mended.xlsx', { Sheet1: mended }), 'messy');
  expect(again.counts).toMatchObject({ imported: 2, refused: 3 });
});

test('old records are stock: no clock runs, nothing fires, until somebody opens one', async () => {
  const clerk = await house.as('county');
  const { rows: stock } = await listMatters(house.loop, clerk, ['411081'], { stock: true }, 'received', undefined, 50);
  expect(stock).toHaveLength(5);
  expect(stock.every(row => row.due_at === null && row.open)).toBe(true);
  expect(await lapseDue(house.loop, house.time.now + 400 * 86_400_000)).toBe(0);
  expect(await listMatters(house.loop, clerk, ['411081'], { box: 'inbox' }, 'due', undefined, 50)).toMatchObject({
    rows: [],
  });
});

test('the same as .csv in GB 18030, with a mapping given by hand, is repeated and not doubled', async () => {
  const text =
    '甲,乙,丙,丁\r\nG001,村口路灯坏了三天<br>请派人修,2019/2/28 14:23:01,张三丰\r\nN1,"新的,一件",2020-01-01,钱八';
  const gbk = Buffer.from(text.split('').flatMap(c => encodeGbk(c)));
  fs.writeFileSync(at('given.csv'), gbk);
  await expect(run(at('given.csv'), 'messy')).rejects.toMatchObject({ code: 'import_columns' });
  const { counts } = await run(at('given.csv'), 'messy', {
    mapping: { sourceId: '甲', text: '乙', receivedAt: '丙', sender: '丁' },
  });
  expect(counts).toEqual({ read: 2, imported: 1, repeated: 1, refused: 0 });
  // The mapping is remembered for the source.
  expect((await run(at('given.csv'), 'messy')).counts).toMatchObject({ repeated: 2 });
});

/** GB 18030 has no encoder in Node: find the two bytes by decoding. */
const gbkTable = new Map<string, number[]>();
function encodeGbk(character: string): number[] {
  if (character.charCodeAt(0) < 128) return [character.charCodeAt(0)];
  if (!gbkTable.size) {
    const decoder = new TextDecoder('gb18030');
    for (let a = 0x81; a <= 0xfe; a++)
      for (let b = 0x40; b <= 0xfe; b++) if (b !== 0x7f) gbkTable.set(decoder.decode(Uint8Array.of(a, b)), [a, b]);
  }
  return gbkTable.get(character)!;
}

test('a dry run tells the same and writes nothing; a file that is no table is refused', async () => {
  const before = await house.db.read(systemScope, sql`SELECT count(*) AS n FROM matter`);
  const file = await workbook('dry.xlsx', { Sheet1: [rows[0]!, [1, '2019/1/1', 'D1', '试运行', '甲', null, null]] });
  expect((await run(file, 'dry', { dryRun: true })).counts).toMatchObject({ imported: 1 });
  expect(await house.db.read(systemScope, sql`SELECT count(*) AS n FROM matter`)).toEqual(before);
  fs.writeFileSync(at('broken.xlsx'), 'PK broken');
  await expect(run(at('broken.xlsx'), 'x')).rejects.toMatchObject({ code: 'import_unreadable' });
  fs.writeFileSync(at('old.xls'), Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0, 0]));
  await expect(run(at('old.xls'), 'x')).rejects.toMatchObject({ code: 'import_unreadable' });
});

test('reference tables: good rows in, bad rows back by line', async () => {
  const regions = await importRegions(
    house,
    await workbook('regions.xlsx', {
      区划: [
        ['区划代码', '名称'],
        ['411081101901', '新建村'],
        ['411081101901001', '新建村第一网格'],
        ['4110X', '错'],
        ['411099101001', '无上级'],
        ['411081101902', ''],
      ],
    }),
  );
  expect(regions).toMatchObject({ read: 5, imported: 2, refused: [{ line: 4 }, { line: 5 }, { line: 6 }] });
  const units = await importUnits(
    house,
    await workbook('units.xlsx', {
      单位: [
        ['单位名称', '单位类别', '区划代码', '关键词'],
        ['顺店镇司法所', '站所', '411081101', '调解、普法'],
        ['某某局', '不知道', '411081', ''],
      ],
    }),
  );
  expect(units).toMatchObject({ imported: 1, refused: [{ line: 3 }] });
  const people = await importPeople(
    house,
    await workbook('people.xlsx', {
      人员: [
        ['用户名', '姓名', '单位', '岗位', '可办敏感事项'],
        ['zhangsan', '张三', '顺店镇司法所', '承办人', '是'],
        ['county', '重名', '顺店镇司法所', '承办人', ''],
        ['lisi', '李四', '没有的单位', '承办人', ''],
      ],
    }),
  );
  expect(people).toMatchObject({ imported: 1, refused: [{ line: 3 }, { line: 4 }] });
  expect(people.extra![0]!.password).toMatch(/.{10}/);
  // To open what is sensitive waits for the security administrator.
  expect((await house.staff('zhangsan')).posts[0]).toMatchObject({ role: 'handler', needToKnow: false });
  const waiting = await house.owner.query(
    "SELECT pending FROM post o JOIN person p ON p.id = o.person WHERE login = 'zhangsan'",
  );
  expect(waiting.rows).toEqual([{ pending: true }]);
  const posts = await importPosts(
    house,
    await workbook('posts.xlsx', {
      岗位: [
        ['用户名', '单位', '岗位', '起始日期', '接替人'],
        ['zhangsan', '顺店镇综治中心', '受理员', new Date('2026-01-05T00:00:00Z'), 'county'],
        ['zhangsan', '顺店镇综治中心', '受理员', '', ''],
        ['nobody', '顺店镇综治中心', '受理员', '', ''],
        ['zhangsan', '顺店镇司法所', '调解员', '去年', ''],
        ['zhangsan', '顺店镇司法所', '调解员', '', 'zhangsan'],
        ['zhangsan', '顺店镇司法所', '系统管理员', '', ''],
        ['system', '顺店镇司法所', '调解员', '', ''],
        ['zhangsan', '顺店镇派出所', '承办人', '2026年1月6日', ''],
        ['zhangsan', '顺店镇派出所', '网格员', 46029, ''],
        ['zhangsan', '顺店镇派出所', '调解员', '2026/2/30', ''],
      ],
    }),
  );
  expect(posts).toMatchObject({ imported: 3, refused: [3, 4, 5, 6, 7, 8, 11].map(line => ({ line })) });
  const given = await house.owner.query(
    "SELECT role, valid_from::text AS day FROM post o JOIN person p ON p.id = o.person WHERE login = 'zhangsan' AND valid_from < '2026-02-01' ORDER BY valid_from",
  );
  expect(given.rows).toEqual([
    { role: 'clerk', day: '2026-01-05' },
    { role: 'handler', day: '2026-01-06' },
    { role: 'grid', day: '2026-01-07' },
  ]);
});

const real = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'data');
describe.runIf(fs.existsSync(path.join(real, 'letters.xlsx')))('the real letters', () => {
  test('517 categories in three levels become a version of the code table', async () => {
    const result = await importCategories(house, 'request', path.join(real, 'taxonomy.xlsx'), 'taxonomy');
    const categories = house.keeper.current.categories.get('request')!;
    const parents = new Set(categories.map(c => c.parent));
    expect(result.read).toBe(517);
    expect(categories.filter(c => !parents.has(c.code)).length + result.refused.length).toBe(517);
  });

  test('4,326 letters: every row is imported, repeated or returned; a second run repeats them all; all is searchable and verifies', async () => {
    const first = await run(path.join(real, 'letters.xlsx'), 'letters');
    expect(first.counts.read).toBe(4326);
    expect(first.counts.imported + first.counts.repeated + first.counts.refused).toBe(4326);
    expect(first.counts.imported).toBeGreaterThan(4200);
    const second = await run(path.join(real, 'letters.xlsx'), 'letters');
    expect(second.counts).toMatchObject({ imported: 0, refused: first.counts.refused });
    await projectAll(house);
    const clerk = await house.as('county');
    expect(
      (await listMatters(house.loop, clerk, ['411081'], { q: '公积金' }, 'received', undefined, 200)).rows.length,
    ).toBeGreaterThan(3);
    expect((await verify(house)).broken).toEqual([]);
  });
});

test('the same letter again, one, two or three batches later, is repeated; another text under its id comes back', async () => {
  const letters = Array.from({ length: 4 * batchSize }, (_, i) => {
    const again = [batchSize, 2 * batchSize, 3 * batchSize].includes(i - 7);
    return [i, '2020-01-01', again ? 'R7' : `R${i}`, again ? '第7件，井盖响' : `第${i}件，井盖响`, '甲', null, null];
  });
  letters[3 * batchSize + 20] = [0, '2020-01-01', `R${2 * batchSize + 3}`, '编号相同的另一件', '乙', null, null];
  const file = await workbook('again.xlsx', { Sheet1: [rows[0]!, ...letters] });
  const { counts, refused } = await run(file, 'again');
  expect(counts).toEqual({ read: 4 * batchSize, imported: 4 * batchSize - 4, repeated: 3, refused: 1 });
  expect(refused.map(row => row.reason)).toEqual(['two_texts']);
});

test('killed half-way, the same command goes on where it was and nothing is there twice', async () => {
  const many = [
    rows[0]!,
    ...Array.from({ length: 3000 }, (_, i) => [
      i,
      '2020-01-01',
      `K${i}`,
      `第${i}件，村道上的树枝压住了电线`,
      '甲',
      null,
      null,
    ]),
  ];
  const file = await workbook('many.xlsx', { Sheet1: many });
  const cli = path.join(import.meta.dirname, '..', 'cli.ts');
  const env = { ...process.env, DATABASE_URL: house.ownerUrl, YUANDIAN_DATA: house.data };
  const args = [cli, 'import', file, '--source', 'killed', '--region', '411081000000', '--json'];
  const count = async () =>
    Number((await house.owner.query("SELECT count(*) AS n FROM import_seen WHERE source = 'killed'")).rows[0].n);
  const child = spawn(process.execPath, args, { env, cwd: house.data, stdio: 'ignore' });
  while ((await count()) < 400) await new Promise(resolve => setTimeout(resolve, 10));
  child.kill('SIGKILL');
  await new Promise(resolve => child.on('exit', resolve));
  const done = await count();
  expect(done).toBeLessThan(3000);
  expect(done % batchSize).toBe(0);
  const again = spawnSync(process.execPath, args, { env, cwd: house.data, encoding: 'utf8' });
  expect(again.status, again.stderr).toBe(0);
  expect(JSON.parse(again.stdout.trim().split('\n').at(-1)!)).toMatchObject({
    read: 3000,
    imported: 3000,
    repeated: 0,
    refused: 0,
  });
  expect(await count()).toBe(3000);
  const third = spawnSync(process.execPath, args, { env, cwd: house.data, encoding: 'utf8' });
  expect(JSON.parse(third.stdout.trim().split('\n').at(-1)!)).toMatchObject({
    read: 3000,
    imported: 0,
    repeated: 3000,
  });
});
