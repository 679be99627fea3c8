/** What takes minutes elsewhere: a ledger of everything, and letters by the ten thousand. */
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { House } from '../src/house.ts';
import { batchSize, importLetters, projectMeanwhile } from '../src/imports/letters-run.ts';
import { systemScope } from '../src/kernel/db.ts';
import { uuid } from '../src/kernel/ids.ts';
import { ledgerColumns } from '../src/ledgers/columns.ts';
import { xlsxStream } from '../src/ledgers/xlsx.ts';
import { RegisterInput } from '../src/matters/actions.ts';
import { momentOfDate } from '../src/matters/clocks.ts';
import { addRows, prepareRegistration } from '../src/matters/registration.ts';
import { bySystem } from '../src/matters/store.ts';
import { insertNew, noRows, type Rows } from '../src/matters/writing.ts';
import type { SignedIn } from './requests.ts';
import { residentOf, type Served } from './serve.ts';
import { Lane } from './wire.ts';

/** Everything to .xlsx, asked of the server as the console asks; against writing the same number of ready rows. */
export async function exporting(served: Served, { headers }: SignedIn, data: string): Promise<void> {
  const lane = new Lane(served.address);
  const before = await residentOf(served);
  let largest = before;
  const id = uuid();
  let begun = performance.now();
  await lane.send('POST', '/api/v1/exports', headers, JSON.stringify({ id, query: {}, columns: ledgerColumns }));
  let task: { state: string; done: number };
  do {
    await new Promise(resolve => setTimeout(resolve, 200));
    const { tasks } = JSON.parse(await lane.send('GET', '/api/v1/tasks', headers));
    task = tasks.find((one: { id: string }) => one.id === id);
    largest = Math.max(largest, await residentOf(served));
  } while (task.state !== 'done' && task.state !== 'failed');
  const took = (performance.now() - begun) / 1000;
  lane.close();
  if (task.state === 'failed') throw new Error(JSON.stringify(task));
  begun = performance.now();
  async function* ready() {
    for (let i = 0; i < task.done; i++) yield ledgerColumns.map(column => `${column} ${i}`);
  }
  await pipeline(xlsxStream('x', [...ledgerColumns], ready()), fs.createWriteStream(path.join(data, 'raw.xlsx')));
  const writing = (performance.now() - begun) / 1000;
  console.log(
    `export ${task.done} rows to xlsx: ${took.toFixed(1)} s (${Math.round(task.done / took)}/s), ready rows alone ${writing.toFixed(1)} s, ratio ${(writing / took).toFixed(2)}; the server grew by ${Math.round((largest - before) / 1e6)} MB at most`,
  );
}

const textOf = (i: number) => `第${i}号路口的路灯坏了很多天，晚上看不见路，请尽快派人修理，谢谢领导。`;
const dayOf = (i: number) => `2025-0${1 + (i % 9)}-1${i % 10}`;

/** Letters as a file, checked, numbered, clocked and searchable; against writing as many that are ready, in the same batches. */
export async function importing(house: House, data: string, n: number): Promise<void> {
  const file = path.join(data, 'letters.csv');
  const lines = Array.from({ length: n }, (_, i) => `L${i},路灯不亮 ${i},${dayOf(i)},${textOf(i)}`);
  fs.writeFileSync(file, `编号,标题,时间,内容\n${lines.join('\n')}`);
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
  const raw = await writingReady(house, n);
  console.log(
    `import ${counts.imported} letters, checked, numbered, clocked: ${registered.toFixed(1)} s; searchable too: ${whole.toFixed(1)} s (${Math.round(counts.imported / whole)}/s), ready rows alone ${raw.toFixed(1)} s, ratio ${(raw / whole).toFixed(2)}`,
  );
}

/** Seconds that the same rows take to write when they are there. */
async function writingReady(house: House, n: number): Promise<number> {
  const doing = bySystem(Date.now());
  const batches: Rows[] = [];
  for (let i = 0; i < n; i++) {
    if (i % batchSize === 0) batches.push(noRows());
    const input = RegisterInput.parse({
      id: uuid(),
      action: uuid(),
      kind: 'request',
      title: `路灯不亮 ${i}`,
      text: textOf(i),
      source: 'import',
      receivedAt: momentOfDate(dayOf(i)),
      region: '411081000000',
      parties: [{ id: uuid(), role: 'applicant', anonymous: true }],
    });
    addRows(batches.at(-1)!, house.loop, doing, input, await prepareRegistration(house.loop, doing, input));
  }
  const begun = performance.now();
  for (const rows of batches)
    await house.db.write(
      systemScope,
      tx => insertNew(tx, rows),
      rows.matter.map(row => String(row.id)),
    );
  return (performance.now() - begun) / 1000;
}
