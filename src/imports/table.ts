/**
 * Tables as offices have them: .xlsx with sheets in any order, .xls of old, web pages that call themselves .xls, .csv in
 * UTF-8, UTF-16 or GB 18030. What a file is, its bytes say. Read row by row.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CellValue } from 'hucre/xlsx';
import Papa from 'papaparse';
import { Failure } from '../kernel/errors.ts';

export type Value = string | number | Date | null;
/** A cell as it reads; a date as it stands there, without a time zone. */
export const cellText = (value: Value | undefined): string =>
  value instanceof Date ? value.toISOString().slice(0, 19).replace('T', ' ') : String(value ?? '');
export type TableRow = { sheet: string; line: number; values: Value[] };

/** Rows of a file, sheet by sheet, the header rows included. Throws `import_unreadable` when it is no table. */
export async function* readTable(file: string): AsyncGenerator<TableRow> {
  const head = Buffer.alloc(4);
  const handle = fs.openSync(file, 'r');
  fs.readSync(handle, head, 0, 4, 0);
  fs.closeSync(handle);
  if (head.subarray(0, 2).toString() === 'PK') yield* readXlsx(file);
  else if (head.readUInt32BE(0) === 0xd0cf11e0) yield* readXls(file);
  else {
    const text = decodeText(fs.readFileSync(file));
    if (text.includes('\u0000')) throw new Failure('import_unreadable', { reason: 'binary' });
    if (/^\s*<(!doctype|html|head|meta|table)/i.test(text)) yield* readHtml(text);
    else yield* readCsv(text);
  }
}

/** What a library says of a file that is none, or one that is locked, in our words. */
function unreadable(error: unknown): Failure {
  const { name, message } = error as Error;
  return new Failure('import_unreadable', { reason: name === 'EncryptedFileError' ? '有密码 (password)' : message });
}

/**
 * The library makes rows as fast as it can read them, whoever waits: they go to a file first, so that a hundred thousand
 * letters never lie in memory while the database writes them. The file has no name, and is gone with this process.
 */
async function spooled(file: string): Promise<fs.promises.FileHandle> {
  // Loaded with the first workbook: the server needs it a few times a day.
  const excel = await import('hucre/xlsx');
  const bytes = fs.readFileSync(file);
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'yuandian-'));
  const spool = await fs.promises.open(path.join(directory, 'rows'), 'w+', 0o600);
  fs.rmSync(directory, { recursive: true });
  try {
    const names: string[] = [];
    const sheets = ({ name }: { name: string }) => names.push(name) < 0; // none is read whole
    await excel.readXlsx(bytes, { sheets });
    for (const [sheet, name] of names.entries())
      for await (const { index, values } of excel.streamXlsxRows(bytes, { sheet }))
        if (values.length) fs.writeFileSync(spool.fd, lineOf([name, index + 1, values.map(packed)]));
    return spool;
  } catch (error) {
    await spool.close();
    throw unreadable(error);
  }
}

async function* readXlsx(file: string): AsyncGenerator<TableRow> {
  const spool = await spooled(file);
  try {
    for await (const row of spool.readLines({ start: 0, autoClose: false })) {
      const [sheet, line, values] = JSON.parse(row);
      yield { sheet, line, values: values.map(unpacked) };
    }
  } finally {
    await spool.close();
  }
}

/** JSON on one line, also for a reader to whom U+2028 and U+2029 end one. */
const lineOf = (value: unknown) =>
  `${JSON.stringify(value).replace(/[\u2028\u2029]/g, end => (end === '\u2028' ? '\\u2028' : '\\u2029'))}\n`;

/** Lines end as XML says they do (1.0, 2.11), which the library leaves to us. */
function valueIn(cell: CellValue | undefined): Value {
  if (typeof cell === 'boolean') return String(cell);
  return typeof cell === 'string' ? cell.replace(/\r\n?/g, '\n') : (cell ?? null);
}
const packed = (cell: CellValue) => (cell instanceof Date ? { at: cell.getTime() } : valueIn(cell));
const unpacked = (cell: string | number | { at: number } | null): Value =>
  cell !== null && typeof cell === 'object' ? new Date(cell.at) : cell;

/** 97–2003: 65,536 rows at most, read whole. */
async function* readXls(file: string): AsyncGenerator<TableRow> {
  const excel = await import('hucre');
  const { sheets } = await excel.read(fs.readFileSync(file)).catch(error => {
    throw unreadable(error);
  });
  for (const { name, rows } of sheets) yield* rowsOf(name, rows);
}

/** Many systems export a page with a table and call it .xls. */
async function* readHtml(text: string): AsyncGenerator<TableRow> {
  const { fromHtml } = await import('hucre');
  const { rows } = fromHtml(text.replace(/<br\s*\/?>/gi, '\n'), { typeInference: false });
  if (!rows.length) throw new Failure('import_unreadable', { reason: 'HTML' });
  yield* rowsOf('', rows);
}

function* rowsOf(sheet: string, rows: readonly (readonly CellValue[] | undefined)[]): Generator<TableRow> {
  for (const [i, cells] of rows.entries())
    if (cells?.some(cell => cell !== null && cell !== ''))
      yield { sheet, line: i + 1, values: cells.map(cell => (cell === '' ? null : valueIn(cell))) };
}

/** Text of a file whose encoding nobody says: a mark, else strict UTF-8, else GB 18030. */
export function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

/** Some rows at a time: the text lies in memory, all of its rows need not. */
function* readCsv(text: string): Generator<TableRow> {
  // What separates cells is guessed once. Without quotes the library would otherwise split all that is left each time.
  const config: Papa.ParseConfig = { skipEmptyLines: 'greedy', preview: 500, fastMode: false };
  let line = 0;
  for (let at = 0; at < text.length; ) {
    const { data, meta } = Papa.parse<string[]>(text.slice(at), config);
    for (const values of data)
      yield { sheet: '', line: ++line, values: values.map(value => (value === '' ? null : value)) };
    if (!meta.cursor) return;
    at += meta.cursor;
    Object.assign(config, { delimiter: meta.delimiter, newline: meta.linebreak });
  }
}
