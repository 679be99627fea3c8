/**
 * Long work: import and export run beside the server with progress, can be left and come back to, and are taken up
 * again after a crash. One table holds what is asked, how far it is and what came out; each task runs with its asker's scope.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { House } from './house.ts';
import {
  type ImportCounts,
  type ImportOptions,
  importLetters,
  previewLetters,
  type Refused,
  writeRefused,
} from './imports/letters-run.ts';
import { auditLine } from './kernel/audit.ts';
import { json, noScope, sql, time } from './kernel/db.ts';
import { Failure } from './kernel/errors.ts';
import { type ExportInput, writeLedger } from './ledgers/ledger.ts';
import { findStaff, type Staff } from './people/actors.ts';

export type Task = {
  id: string;
  person: string;
  kind: 'export' | 'import';
  input: any;
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  done: number;
  total: number | null;
  counts: Record<string, number>;
  result: string | null;
  error: { code: string; details?: Record<string, unknown> } | null;
  created_at: number;
  ended_at: number | null;
};

const stale = 20_000;

export async function addTask(
  house: House,
  person: string,
  id: string,
  kind: Task['kind'],
  input: unknown,
): Promise<void> {
  await house.db.write(noScope, tx =>
    tx.run(
      sql`INSERT INTO task (id, person, kind, input, state, created_at) VALUES (${id}, ${person}, ${kind}, ${json(input)}, 'waiting', ${time(house.clock())}) ON CONFLICT (id) DO NOTHING`,
    ),
  );
}

export const getTask = (house: House, person: string, id: string) =>
  house.db.readOne<Task>(
    noScope,
    sql`SELECT id, person, kind, input, state, done, total, counts, result, error, created_at, ended_at FROM task WHERE id = ${id} AND person = ${person}`,
  );

/** Takes up one waiting (or abandoned) task and runs it to its end. Returns false when there was none. */
export async function runOneTask(house: House): Promise<boolean> {
  const now = Date.now();
  const task = await house.db.write(noScope, async tx => {
    const row = await tx.one<Task>(
      sql`SELECT * FROM task WHERE state = 'waiting' OR (state = 'running' AND beat_at < ${time(now - stale)}) ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
    );
    if (row) await tx.run(sql`UPDATE task SET state = 'running', beat_at = ${time(now)} WHERE id = ${row.id}`);
    return row;
  });
  if (!task) return false;
  const beat = (done: number) =>
    house.db
      .write(noScope, tx =>
        tx.run(sql`UPDATE task SET done = ${done}, beat_at = ${time(Date.now())} WHERE id = ${task.id}`),
      )
      .then(() => {});
  const timer = setInterval(() => {
    house.db
      .write(noScope, tx => tx.run(sql`UPDATE task SET beat_at = ${time(Date.now())} WHERE id = ${task.id}`))
      .catch(() => {});
  }, stale / 4);
  try {
    const staff = await findStaff(house.db, house.keeper.current, task.person, house.clock());
    if (!staff) throw new Failure('forbidden', { action: task.kind });
    const result =
      task.kind === 'export' ? await runExport(house, staff, task, beat) : await runImport(house, staff, task);
    await house.db.write(noScope, tx =>
      tx.run(
        sql`UPDATE task SET state = 'done', result = ${result.file}, done = ${result.done}, total = ${result.done}, counts = ${json(result.counts)}, ended_at = ${time(house.clock())} WHERE id = ${task.id}`,
      ),
    );
  } catch (error) {
    const failure =
      error instanceof Failure
        ? { code: error.code, details: error.details }
        : { code: 'internal', details: { request: task.id } };
    if (!(error instanceof Failure)) console.error(error);
    await house.db.write(noScope, tx =>
      tx.run(
        sql`UPDATE task SET state = 'failed', error = ${json(failure)}, ended_at = ${time(house.clock())} WHERE id = ${task.id}`,
      ),
    );
  } finally {
    clearInterval(timer);
  }
  return true;
}

type Outcome = { file: string | null; done: number; counts: Record<string, number> };

async function runExport(
  house: House,
  staff: Staff,
  task: Task,
  beat: (done: number) => Promise<void>,
): Promise<Outcome> {
  const file = path.join(house.data, 'tasks', `${task.id}.xlsx`);
  const done = await writeLedger(house, staff, task.input as ExportInput, file, beat);
  await house.db.write(noScope, tx =>
    tx.run(auditLine(house.clock(), staff.person, 'export', null, task.id, 'done', { rows: done })),
  );
  return { file, done, counts: { rows: done } };
}

async function runImport(house: House, staff: Staff, task: Task): Promise<Outcome> {
  const options = task.input as ImportOptions;
  const state: ImportCounts & { line: number } = {
    line: 0,
    read: 0,
    imported: 0,
    repeated: 0,
    refused: 0,
    ...(task.counts as object),
  };
  // Refused rows are kept beside the task as they come, so that a crash forgets none of them.
  const kept = `${options.file}.refused.jsonl`;
  if (state.line === 0) fs.rmSync(kept, { force: true });
  const preview = await previewLetters(house, options.file, options.source, options.mapping);
  await house.db.write(noScope, tx => tx.run(sql`UPDATE task SET total = ${preview.total} WHERE id = ${task.id}`));
  const counts = await importLetters(house, { actor: staff, scope: staff.scope }, { ...options, preview }, state, {
    save: (tx, next) =>
      tx.run(
        sql`UPDATE task SET done = ${next.read}, counts = ${json(next)}, beat_at = ${time(Date.now())} WHERE id = ${task.id}`,
      ),
    refuse: row => fs.appendFileSync(kept, `${JSON.stringify(row)}\n`),
  });
  await house.db.write(noScope, tx =>
    tx.run(auditLine(house.clock(), staff.person, 'import', null, task.id, 'done', { ...counts })),
  );
  const { line: _, ...numbers } = counts as typeof state;
  if (!fs.existsSync(kept)) return { file: null, done: counts.read, counts: numbers };
  const rows = fs
    .readFileSync(kept, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Refused);
  const report = `${options.file}.refused.xlsx`;
  await writeRefused(report, preview.headers, rows);
  return { file: report, done: counts.read, counts: numbers };
}
