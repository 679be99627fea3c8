/** 台账: the list of matters as a spreadsheet, exactly what the screen showed, streamed page by page in the asker's scope. */
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { House } from '../house.ts';
import { kinds } from '../kinds/kinds.ts';
import { type Filters, listMatters, type Order, type Row } from '../matters/lists.ts';
import { stateNames } from '../matters/words.ts';
import type { Staff } from '../people/actors.ts';
import { columnNames, type LedgerColumn } from './columns.ts';
import { type Cell, xlsxStream } from './xlsx.ts';

export type ExportInput = { filters: Filters; order: Order; columns: LedgerColumn[]; language: 'zh' | 'en' };

function cellOf(house: House, column: LedgerColumn, row: Row, language: 'zh' | 'en'): Cell {
  const directory = house.keeper.current;
  const unit = (id: string | null) => (id ? (directory.units.get(id)?.name ?? '') : '');
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
    let cursor: string | undefined;
    do {
      const page = await listMatters(
        house.loop,
        { actor: staff, scope: staff.scope, now: house.clock() },
        staff.counties,
        input.filters,
        input.order,
        cursor,
        5000,
      );
      for (const row of page.rows) yield input.columns.map(column => cellOf(house, column, row, input.language));
      done += page.rows.length;
      cursor = page.next ?? undefined;
      if (Date.now() - told > 1000) {
        told = Date.now();
        await progress(done);
      }
    } while (cursor);
  }
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const name = input.language === 'zh' ? '台账' : 'Ledger';
  await pipeline(
    xlsxStream(
      name,
      input.columns.map(c => columnNames[c][input.language]),
      rows(),
      input.columns.map(c => columnNames[c].width),
    ),
    fs.createWriteStream(file, { mode: 0o600 }),
  );
  return done;
}
