/** What takes minutes elsewhere: a ledger of everything, and letters by the ten thousand. */
import fs from 'node:fs';
import path from 'node:path';
import type { House } from '../src/house.ts';
import { importLetters, projectMeanwhile } from '../src/imports/letters-run.ts';
import { ledgerColumns } from '../src/ledgers/columns.ts';
import { writeLedger } from '../src/ledgers/ledger.ts';
import { xlsxStream } from '../src/ledgers/xlsx.ts';
import { bySystem } from '../src/matters/store.ts';
import type { Staff } from '../src/people/actors.ts';

/** Everything to .xlsx, against writing the same number of ready rows. */
export async function exporting(house: House, staff: Staff, data: string): Promise<void> {
  const before = process.memoryUsage().rss;
  let begun = performance.now();
  const rows = await writeLedger(
    house,
    staff,
    { filters: {}, order: 'received', columns: [...ledgerColumns], language: 'zh' },
    path.join(data, 'ledger.xlsx'),
    async () => {},
  );
  const took = (performance.now() - begun) / 1000;
  const grew = process.memoryUsage().rss - before;
  begun = performance.now();
  const ready = ledgerColumns.map(() => '村口的路灯坏了三天');
  await new Promise<void>(resolve =>
    xlsxStream(
      'x',
      [...ledgerColumns],
      (async function* () {
        for (let i = 0; i < rows; i++) yield ready;
      })(),
    )
      .pipe(fs.createWriteStream(path.join(data, 'raw.xlsx')))
      .on('finish', () => resolve()),
  );
  const writing = (performance.now() - begun) / 1000;
  console.log(
    `export ${rows} rows to xlsx: ${took.toFixed(1)} s (${Math.round(rows / took)}/s), ready rows alone ${writing.toFixed(1)} s, ratio ${(writing / took).toFixed(2)}; memory grew ${Math.round(grew / 1e6)} MB`,
  );
}

/** Letters as a file, checked, numbered, clocked and searchable. */
export async function importing(house: House, data: string, n: number): Promise<void> {
  const file = path.join(data, 'letters.csv');
  fs.writeFileSync(
    file,
    `编号,标题,时间,内容\n${Array.from({ length: n }, (_, i) => `L${i},路灯不亮 ${i},2025-0${1 + (i % 9)}-1${i % 10},第${i}号路口的路灯坏了很多天，晚上看不见路，请尽快派人修理，谢谢领导。`).join('\n')}`,
  );
  const begun = performance.now();
  let registered = 0;
  const counts = await projectMeanwhile(
    house,
    importLetters(
      house,
      bySystem(Date.now()),
      { file, source: `bench-${process.pid}`, region: '411081000000', kind: 'request', live: true },
      { line: 0, read: 0, imported: 0, repeated: 0, refused: 0 },
      { save: async () => {}, refuse: () => {} },
    ).finally(() => {
      registered = (performance.now() - begun) / 1000;
    }),
  );
  const whole = (performance.now() - begun) / 1000;
  console.log(
    `import ${counts.imported} letters, checked, numbered, clocked: ${registered.toFixed(1)} s; searchable too: ${whole.toFixed(1)} s (${Math.round(counts.imported / whole)}/s)`,
  );
}
