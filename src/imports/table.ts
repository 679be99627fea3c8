/** Tables as offices have them: .xlsx with sheets in any order, .csv in UTF-8, UTF-16 or GB 18030. Read row by row. */
import fs from 'node:fs';
import type ExcelJS from 'exceljs';
import Papa from 'papaparse';
import { Failure } from '../kernel/errors.ts';

export type Value = string | number | Date | null;
export type TableRow = { sheet: string; line: number; values: Value[] };

/** Rows of a file, sheet by sheet, the header rows included. Throws `import_unreadable` when it is no table. */
export async function* readTable(file: string): AsyncGenerator<TableRow> {
  const head = Buffer.alloc(4);
  const handle = fs.openSync(file, 'r');
  fs.readSync(handle, head, 0, 4, 0);
  fs.closeSync(handle);
  if (head.subarray(0, 2).toString() === 'PK') yield* readXlsx(file);
  else if (head.readUInt32BE(0) === 0xd0cf11e0) throw new Failure('import_unreadable', { reason: '.xls (97–2003)' });
  else yield* readCsv(file);
}

/** Read whole: the streaming reader of this library loses the last parts of a file now and then under load. */
async function* readXlsx(file: string): AsyncGenerator<TableRow> {
  // Loaded with the first workbook: the server needs it a few times a day, and it is large.
  const { default: excel } = await import('exceljs');
  const book = new excel.Workbook();
  try {
    await book.xlsx.readFile(file);
  } catch (error) {
    throw new Failure('import_unreadable', { reason: (error as Error).message });
  }
  for (const sheet of book.worksheets)
    for (let line = 1; line <= sheet.rowCount; line++) {
      const cells = sheet.findRow(line)?.values as ExcelJS.CellValue[] | undefined;
      if (!cells?.length) continue;
      yield {
        sheet: sheet.name,
        line,
        values: Array.from({ length: cells.length - 1 }, (_, i) => cellValue(cells[i + 1])),
      };
    }
}

function cellValue(cell: ExcelJS.CellValue | undefined): Value {
  if (cell === null || cell === undefined) return null;
  if (typeof cell === 'string' || typeof cell === 'number' || cell instanceof Date) return cell;
  if (typeof cell === 'boolean') return String(cell);
  if ('richText' in cell) return cell.richText.map(part => part.text).join('');
  if ('text' in cell) return String(cell.text);
  if ('result' in cell) return cellValue(cell.result as ExcelJS.CellValue);
  return null;
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

async function* readCsv(file: string): AsyncGenerator<TableRow> {
  const text = decodeText(fs.readFileSync(file));
  if (text.includes('\u0000')) throw new Failure('import_unreadable', { reason: 'binary' });
  const { data } = Papa.parse<string[]>(text, { skipEmptyLines: 'greedy' });
  let line = 0;
  for (const values of data)
    yield { sheet: '', line: ++line, values: values.map(value => (value === '' ? null : value)) };
}
