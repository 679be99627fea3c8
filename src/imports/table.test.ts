/** Tables as other programs write them, in every encoding, and larger than memory should hold. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import ExcelJS from 'exceljs';
import { writeXlsx } from 'hucre/xlsx';
import { afterAll, expect, test } from 'vitest';
import { xlsxStream } from '../ledgers/xlsx.ts';
import { readTable, type TableRow } from './table.ts';

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'yuandian-table-'));
afterAll(() => fs.rmSync(directory, { recursive: true }));
const at = (name: string) => path.join(directory, name);
async function rowsOf(file: string): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for await (const row of readTable(file)) rows.push(row);
  return rows;
}

test('cells of every sort, sheet by sheet, with the lines they stand on', async () => {
  const book = new ExcelJS.Workbook();
  const first = book.addWorksheet('说明');
  first.getCell('B3').value = { richText: [{ text: '请勿' }, { font: { bold: true }, text: '修改' }] };
  const second = book.addWorksheet('来信');
  second.addRow(['编号', '时间', '正文', '链接', '算出', '真假', '错误', '金额']);
  second.addRow([
    '007',
    new Date('2020-05-01T08:30:00Z'),
    '𠮷家的羊 <b>丢了</b> & “两只”\n电话：13800138000',
    { text: '附件', hyperlink: 'https://example.org/' },
    { formula: 'A1&"x"', result: '编号x' },
    true,
    { error: '#N/A' },
    12.5,
  ]);
  second.getCell('B4').value = new Date('1999-12-31T00:00:00Z');
  second.getCell('B4').numFmt = 'yyyy"年"m"月"d"日"';
  second.getCell('C4').value = { formula: 'H2*2', result: 25 };
  await book.xlsx.writeFile(at('all.xlsx'));
  const [note, head, full, gap, ...more] = await rowsOf(at('all.xlsx'));
  expect(note).toEqual({ sheet: '说明', line: 3, values: [null, '请勿修改'] });
  expect(head).toMatchObject({ sheet: '来信', line: 1 });
  const { line, values } = full!;
  expect(line).toBe(2);
  expect(values.slice(0, 6)).toEqual([
    '007',
    new Date('2020-05-01T08:30:00Z'),
    '𠮷家的羊 <b>丢了</b> & “两只”\n电话：13800138000',
    '附件',
    '编号x',
    'true',
  ]);
  expect(values[7]).toBe(12.5);
  expect(gap).toEqual({ sheet: '来信', line: 4, values: [null, new Date('1999-12-31T00:00:00Z'), 25] });
  expect(more).toEqual([]);
});

test('a workbook of 97–2003, as another program wrote it', async () => {
  const rows = await rowsOf(path.join(import.meta.dirname, 'table.test.xls'));
  expect(rows).toEqual([
    { sheet: '说明', line: 1, values: ['本表由某系统导出'] },
    { sheet: '说明', line: 2, values: ['请勿修改'] },
    { sheet: '来信', line: 1, values: ['编号', '时间', '正文', '算出', '金额'] },
    {
      sheet: '来信',
      line: 2,
      values: ['007', new Date('2020-05-01T08:30:00Z'), '𠮷家的羊丢了两只\n电话：13800138000', '编号x', 12.5],
    },
    { sheet: '来信', line: 4, values: ['008', 43524.5, '井盖响', 'true', -3] },
  ]);
});

test('a page that calls itself .xls: numbers stay as written, lines stay lines', async () => {
  const page = `<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset=gb2312></head><body>
    <table><tr><th>a</th><th>b</th></tr><tr><td>007</td><td>x<br>y &amp; &lt;b&gt;</td></tr>
    <tr><td></td><td></td></tr><tr><td>410181199001011234</td><td></td></tr></table></body></html>`;
  // 编号 in GB 18030 takes the place of `a`.
  const [before, after] = page.split('<th>a</th>');
  const head = Buffer.concat([Buffer.from('<th>'), Buffer.from([0xb1, 0xe0, 0xba, 0xc5]), Buffer.from('</th>')]);
  fs.writeFileSync(at('page.xls'), Buffer.concat([Buffer.from(before!), head, Buffer.from(after!)]));
  expect((await rowsOf(at('page.xls'))).map(row => row.values)).toEqual([
    ['编号', 'b'],
    ['007', 'x\ny & <b>'],
    ['410181199001011234', null],
  ]);
});

test('dates counted from 1904 are the same dates', async () => {
  const book = new ExcelJS.Workbook();
  book.properties.date1904 = true;
  book.addWorksheet('a').addRow([new Date('2020-05-01T00:00:00Z')]);
  await book.xlsx.writeFile(at('1904.xlsx'));
  expect((await rowsOf(at('1904.xlsx')))[0]!.values).toEqual([new Date('2020-05-01T00:00:00Z')]);
});

test('a name that holds characters of XML, a text with ends of lines of every sort', async () => {
  async function* rows() {
    yield ['一\r\n二\r三\n四\u2028五\u2029六\u0085七'];
  }
  await pipeline(xlsxStream('甲<乙>&丙', ['标题'], rows()), fs.createWriteStream(at('ends.xlsx')));
  const [, row] = await rowsOf(at('ends.xlsx'));
  expect(row).toEqual({ sheet: '甲<乙>&丙', line: 2, values: ['一\n二\n三\n四\u2028五\u2029六\u0085七'] });
});

test('a workbook of repeated, different, long and blank-edged texts reads the same in every program', async () => {
  const long = '路口的路灯坏了很多天，'.repeat(10);
  const wanted = Array.from({ length: 2500 }, (_, i) => [
    `第${i}件`,
    i % 3 ? '办理中' : '已办结 ',
    i % 5 ? null : `${long}${i % 7}`,
    i,
  ]);
  async function* rows() {
    yield* wanted;
  }
  await pipeline(xlsxStream('台账', ['编号', '状态', '正文', '数'], rows()), fs.createWriteStream(at('shared.xlsx')));
  expect((await rowsOf(at('shared.xlsx'))).slice(1).map(row => row.values)).toEqual(wanted);
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(at('shared.xlsx'));
  const sheet = book.getWorksheet('台账')!;
  expect(sheet.getRow(1).values).toEqual([undefined, '编号', '状态', '正文', '数']);
  for (const [i, row] of wanted.entries())
    expect(wanted[0]!.map((_, column) => sheet.getRow(i + 2).getCell(column + 1).value)).toEqual(row);
});

const table = `编号,正文\n1,"第一行\n第二行，有""引号"""\n\n2,𠮷家的羊\n`;
const wanted = [
  ['编号', '正文'],
  ['1', '第一行\n第二行，有"引号"'],
  ['2', '𠮷家的羊'],
];
test.each([
  ['UTF-8', Buffer.from(table)],
  ['UTF-8 with its mark', Buffer.from(`\ufeff${table}`)],
  ['UTF-16', Buffer.from(`\ufeff${table}`, 'utf16le')],
  ['UTF-16, the other way round', Buffer.from(`\ufeff${table}`, 'utf16le').swap16()],
])('a table in %s', async (_name, bytes) => {
  fs.writeFileSync(at('table.csv'), bytes);
  expect((await rowsOf(at('table.csv'))).map(row => row.values)).toEqual(wanted);
});

test('thousands of rows of a table of text, whatever separates them, with texts over several lines', async () => {
  for (const [separator, end] of [
    [',', '\r\n'],
    ['\t', '\n'],
    [';', '\n'],
  ] as const) {
    const lines = Array.from({ length: 3001 }, (_, i) =>
      [`L${i}`, i % 7 ? `第${i}件` : `"第${i}件${end}第二行${separator}“灯”""坏""了"`, i % 3 ? '' : '甲'].join(
        separator,
      ),
    );
    fs.writeFileSync(at('long.csv'), lines.join(end));
    const rows = await rowsOf(at('long.csv'));
    expect(rows).toHaveLength(3001);
    for (const [i, { line, values }] of rows.entries()) {
      expect(line).toBe(i + 1);
      const text = i % 7 ? `第${i}件` : `第${i}件${end}第二行${separator}“灯”"坏"了`;
      expect(values).toEqual([`L${i}`, text, i % 3 ? null : '甲']);
    }
  }
});

test('a workbook behind a password says so', async () => {
  const sheets = [{ name: 'a', rows: [['编号'], ['1']] }];
  fs.writeFileSync(at('locked.xlsx'), await writeXlsx({ sheets, encryption: { password: '1', spinCount: 1000 } }));
  await expect(rowsOf(at('locked.xlsx'))).rejects.toMatchObject({
    details: { reason: expect.stringContaining('密码') },
  });
});

test('what is no table is refused, also where only its end is none', async () => {
  for (const bytes of [
    Buffer.from('PK broken'),
    Buffer.from([1, 2, 0, 3]),
    Buffer.from(`${'a,b\n'.repeat(50_000)}\0`),
  ]) {
    fs.writeFileSync(at('none'), bytes);
    await expect(rowsOf(at('none'))).rejects.toMatchObject({ code: 'import_unreadable' });
  }
  async function* rows() {
    for (let i = 0; i < 5000; i++) yield [`第${i}件`];
  }
  await pipeline(xlsxStream('a', ['标题'], rows()), fs.createWriteStream(at('whole.xlsx')));
  const whole = fs.readFileSync(at('whole.xlsx'));
  fs.writeFileSync(at('half.xlsx'), whole.subarray(0, whole.length / 2));
  await expect(rowsOf(at('half.xlsx'))).rejects.toMatchObject({ code: 'import_unreadable' });
});

test('a hundred thousand letters are read within little memory, however slowly they are taken', async () => {
  const letter = '路口的路灯坏了很多天，晚上看不见路，请尽快派人修理，谢谢领导。'.repeat(8);
  async function* rows() {
    for (let i = 0; i < 100_000; i++) yield [`L${i}`, `第${i}号${letter}`];
  }
  await pipeline(xlsxStream('来信', ['编号', '正文'], rows()), fs.createWriteStream(at('many.xlsx')));
  const program = `import { readTable } from ${JSON.stringify(path.join(import.meta.dirname, 'table.ts'))};
    let n = 0;
    for await (const { values } of readTable(process.argv[1])) {
      if (values.length !== 2) throw new Error(JSON.stringify(values));
      if (++n % 500 === 0) await new Promise(resolve => setTimeout(resolve, 5));
    }
    console.log(n);`;
  // All of these letters are 60 MB as text, and as rows of a table several times that.
  const args = ['--max-old-space-size=48', '--input-type=module', '-e', program, at('many.xlsx')];
  const done = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(done.stderr).not.toContain('heap');
  expect(done.stdout.trim()).toBe('100001');
}, 120_000);
