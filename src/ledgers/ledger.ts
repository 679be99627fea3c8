/** 台账: the list of matters as a spreadsheet, exactly what the screen showed, streamed page by page in the asker's scope. */
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { House } from '../house.ts';
import { kindNames, kinds } from '../kinds/kinds.ts';
import type { Filters } from '../matters/filters.ts';
import { listMatters, type Order, type Row } from '../matters/lists.ts';
import { stateNames } from '../matters/words.ts';
import type { Staff } from '../people/actors.ts';
import { columnNames, isOwn, type LedgerColumn } from './columns.ts';
import { type Cell, xlsxStream } from './xlsx.ts';

/** Rows read at once: with more they outlive the young generation, and a ledger costs half as much again. */
const pageRows = 1000;

export type ExportInput = { filters: Filters; order: Order; columns: LedgerColumn[]; language: 'zh' | 'en' };

function cellOf(house: House, column: LedgerColumn, row: Row, language: 'zh' | 'en'): Cell {
  const directory = house.keeper.current;
  const unit = (id: string | null) => (id ? (directory.units.get(id)?.name ?? '') : '');
  if (isOwn(column)) {
    const value = row.own?.[column.slice(4)];
    return typeof value === 'boolean' ? (value ? '是' : '否') : ((value as string | number | undefined) ?? null);
  }
  switch (column) {
    case 'kind':
      return kinds[row.kind].label[language];
    case 'state':
      return row.stock ? (language === 'zh' ? '存量' : 'Stock') : stateNames[language][row.state];
    case 'category':
      return directory.categories.get(row.kind)?.find(c => c.code === row.category)?.name ?? row.category;
    case 'place':
      return directory.nameOf(row.path.slice(1));
    case 'unit':
      return unit(row.unit);
    case 'handler':
      return unit(row.handler);
    case 'received_at':
      return { at: row.received_at };
    case 'due_at':
      return row.due_at === null ? null : { at: row.due_at };
    default:
      return row[column];
  }
}

/** The title of a column; a county's own field by the definition in force. */
function headOf(house: House, staff: Staff, column: LedgerColumn, language: 'zh' | 'en'): string {
  if (!isOwn(column)) return columnNames[column][language];
  const { rules } = house.keeper.current;
  const fields = staff.counties.flatMap(county => kindNames.flatMap(kind => rules.fields(county, kind, house.clock())));
  return fields.find(field => field.name === column.slice(4))?.title ?? column.slice(4);
}

/** Writes the ledger to a file and returns how many rows it has. `progress` is told now and then. */
export async function writeLedger(
  house: House,
  staff: Staff,
  input: ExportInput,
  file: string,
  progress: (done: number) => Promise<void>,
): Promise<number> {
  let done = 0;
  let told = Date.now();
  async function* rows(): AsyncGenerator<Cell[]> {
    const doing = { actor: staff, scope: staff.scope, now: house.clock() };
    const after = (cursor?: string) =>
      listMatters(house.loop, doing, staff.counties, input.filters, input.order, cursor, pageRows);
    // While one page is written the database looks for the next.
    for (let coming: ReturnType<typeof after> | undefined = after(); coming; ) {
      const page: Awaited<typeof coming> = await coming;
      coming = page.next ? after(page.next) : undefined;
      coming?.catch(() => {}); // told when it is awaited
      for (const row of page.rows) yield input.columns.map(column => cellOf(house, column, row, input.language));
      done += page.rows.length;
      if (Date.now() - told > 1000) {
        told = Date.now();
        await progress(done);
      }
    }
  }
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const name = input.language === 'zh' ? '台账' : 'Ledger';
  await pipeline(
    xlsxStream(
      name,
      input.columns.map(c => headOf(house, staff, c, input.language)),
      rows(),
      input.columns.map(c => (isOwn(c) ? 16 : columnNames[c].width)),
    ),
    fs.createWriteStream(file, { mode: 0o600 }),
  );
  return done;
}
