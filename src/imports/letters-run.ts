/**
 * Importing letters: read, check, register in batches. A batch's matters, its marks by source id and the place reached
 * in the file are one transaction, so a killed import goes on where it was and nothing is there twice.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { House } from '../house.ts';
import { suggestCategories } from '../insight/suggest.ts';
import { json, noScope, type Scope, sql } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { uuid } from '../kernel/ids.ts';
import type { KindName } from '../kinds/kinds.ts';
import { type Cell, xlsxStream } from '../ledgers/xlsx.ts';
import type { RegisterInput } from '../matters/actions.ts';
import { project } from '../matters/jobs.ts';
import type { Actor } from '../matters/policy.ts';
import { addRows, prepareRegistration } from '../matters/registration.ts';
import { insertNew, noRows, type Rows } from '../matters/writing.ts';
import {
  guessMapping,
  type Letter,
  type LetterField,
  letterOf,
  type Mapping,
  type Reason,
  reasons,
  requiredFields,
} from './letters.ts';
import { cellText, readTable, type Value } from './table.ts';

export type ImportOptions = {
  file: string;
  /** Name of the source; ids are unique within it. */
  source: string;
  /** Place of letters that name none. */
  region: string;
  kind: KindName;
  /** False: old records without clocks. True: clocks run from the day received. */
  live: boolean;
  mapping?: Mapping;
  /** What a look at the file has already told; else it is looked at first. */
  preview?: Preview;
  dryRun?: boolean;
};
export type ImportCounts = { read: number; imported: number; repeated: number; refused: number };
export type Preview = {
  sheet: string;
  headers: string[];
  mapping: Mapping;
  missing: LetterField[];
  rows: string[][];
  total: number;
};

/** The sheet whose header fits best, with the mapping remembered for this source or guessed. */
export async function previewLetters(house: House, file: string, source: string, given?: Mapping): Promise<Preview> {
  const remembered = await house.db.readOne<{ mapping: Mapping }>(
    noScope,
    sql`SELECT mapping FROM import_source WHERE name = ${source}`,
  );
  let best: Preview | undefined;
  let current: Preview | undefined;
  for await (const row of readTable(file)) {
    if (!current || current.sheet !== row.sheet) {
      const headers = row.values.map(cellText);
      const wanted = given ?? remembered?.mapping;
      const fits = wanted && Object.values(wanted).every(header => headers.includes(header));
      const mapping = fits ? wanted : guessMapping(headers);
      current = {
        sheet: row.sheet,
        headers,
        mapping,
        missing: requiredFields.filter(field => !mapping[field]),
        rows: [],
        total: 0,
      };
      if (!best || current.missing.length < best.missing.length) best = current;
      continue;
    }
    if (row.values.every(value => value === null || value === '')) continue;
    current.total += 1;
    if (current.rows.length < 8) current.rows.push(row.values.map(cellText));
  }
  if (!best) throw new Failure('import_unreadable', { reason: 'empty' });
  return best;
}

export type Refused = { line: number; values: Value[]; reason: Reason };
type Batch = { letters: { letter: Letter; values: Value[]; line: number }[]; refused: Refused[]; last: number };

/** Letters in one transaction. */
export const batchSize = 150;

/** Runs an import from line `state.line` on. `save` stores the state in the transaction that wrote the batch. */
export async function importLetters(
  house: House,
  by: { actor: Actor; scope: Scope },
  options: ImportOptions,
  state: ImportCounts & { line: number },
  hooks: {
    save(tx: { run(q: any): Promise<number> }, state: ImportCounts & { line: number }): Promise<unknown>;
    progress?(counts: ImportCounts): void;
    refuse(row: Refused): void;
  },
): Promise<ImportCounts> {
  const preview = options.preview ?? (await previewLetters(house, options.file, options.source, options.mapping));
  if (preview.missing.length) throw new Failure('import_columns', { missing: preview.missing.join(', ') });
  const index = new Map(
    Object.entries(preview.mapping).map(([field, header]) => [field, preview.headers.indexOf(header)]),
  );
  const county = house.keeper.current.countyOf(options.region);
  if (!county) throw new Failure('invalid', { issues: `region: ${options.region}` });
  const now = house.clock();

  let batch: Batch = { letters: [], refused: [], last: state.line };
  // While one batch is written the next is read and prepared; what is written, and the place reached, keep their order.
  let planned = { ...state };
  let underWay = new Map<string, Buffer>();
  let writing: Promise<void> = Promise.resolve();
  const flush = async () => {
    if (!batch.letters.length && !batch.refused.length) return;
    const full = batch;
    batch = { letters: [], refused: [], last: full.last };
    const prepared = await prepareBatch(full);
    await writing;
    writing = writeBatch(prepared);
    writing.catch(() => {}); // whoever awaits it next learns of it
  };
  let header = true;
  for await (const row of readTable(options.file)) {
    if (row.sheet !== preview.sheet) continue;
    if (header) {
      header = false;
      continue;
    }
    if (row.line <= state.line || row.values.every(value => value === null || value === '')) continue;
    const letter = letterOf(field => row.values[index.get(field) ?? -1] ?? null, now);
    batch.last = row.line;
    if (typeof letter === 'string') batch.refused.push({ line: row.line, values: row.values, reason: letter });
    else if (letter.region && !house.keeper.current.regions.has(letter.region))
      batch.refused.push({ line: row.line, values: row.values, reason: 'unknown_region' });
    else batch.letters.push({ letter, values: row.values, line: row.line });
    if (batch.letters.length >= batchSize) await flush();
  }
  await flush();
  await writing;
  if (!options.dryRun)
    await house.db.write(noScope, tx =>
      tx.run(
        sql`INSERT INTO import_source VALUES (${options.source}, ${json(preview.mapping)}) ON CONFLICT (name) DO UPDATE SET mapping = excluded.mapping`,
      ),
    );
  return state;

  type Prepared = { next: typeof state; bad: Refused[]; rows: Rows };
  async function prepareBatch({ letters, refused, last }: Batch): Promise<Prepared> {
    const contents = letters.map(({ letter }) =>
      createHash('sha256')
        .update(JSON.stringify([letter.title, letter.text]))
        .digest(),
    );
    const seen = new Map([
      ...underWay,
      ...(
        await house.db.read<{ source_id: string; content: Buffer }>(
          { system: true },
          sql`SELECT source_id, content FROM import_seen WHERE county = ${county} AND source = ${options.source} AND source_id = ANY (${letters.map(l => l.letter.sourceId)}::text[])`,
        )
      ).map(row => [row.source_id, row.content] as const),
    ]);
    const next = { ...planned, line: last, read: planned.read + letters.length + refused.length };
    const bad = [...refused];
    const fresh: { letter: Letter; content: Buffer }[] = [];
    letters.forEach(({ letter, values, line }, i) => {
      const old = seen.get(letter.sourceId);
      if (!old) {
        seen.set(letter.sourceId, contents[i]!);
        fresh.push({ letter, content: contents[i]! });
      } else if (old.equals(contents[i]!)) next.repeated += 1;
      else bad.push({ line, values, reason: 'two_texts' });
    });
    next.imported += fresh.length;
    next.refused += bad.length;
    const rows = noRows();
    if (!options.dryRun)
      for (const { letter, content } of fresh) {
        const input = registrationOf(letter);
        const doing = { ...by, now };
        const importing = { source: options.source, sourceId: letter.sourceId, content };
        const more = { stock: !options.live, importing, registeredAt: now };
        addRows(rows, house.loop, doing, input, await prepareRegistration(house.loop, doing, input, more), more);
      }
    planned = next;
    underWay = new Map(fresh.map(({ letter, content }) => [letter.sourceId, content]));
    return { next, bad, rows };
  }

  async function writeBatch({ next, bad, rows }: Prepared): Promise<void> {
    // Before the batch is written: after a crash a refused row may be told twice, never not at all.
    for (const row of bad) hooks.refuse(row);
    if (!options.dryRun)
      await house.db.write(
        by.scope,
        async tx => {
          await Promise.all([rows.matter.length && insertNew(tx, rows), hooks.save(tx, next)]);
        },
        rows.matter.map(row => String(row.id)),
      );
    Object.assign(state, next);
    hooks.progress?.(state);
  }

  function registrationOf(letter: Letter): RegisterInput {
    const categories = house.keeper.current.categories.get(options.kind) ?? [];
    const named = letter.category && categories.find(c => c.name === letter.category || c.code === letter.category);
    const category = named
      ? named.code
      : (suggestCategories(`${letter.title ?? ''} ${letter.text}`, categories, [], 1)[0]?.value ?? null);
    return {
      id: uuid(letter.receivedAt ?? undefined),
      action: uuid(),
      kind: options.kind,
      title: letter.title ?? undefined,
      text: letter.text,
      category,
      source: 'import',
      ...(letter.receivedAt !== null && { receivedAt: letter.receivedAt }),
      region: letter.region ?? options.region,
      grid: null,
      location: null,
      fields: {},
      parties: [
        {
          id: uuid(),
          role: 'applicant',
          name: letter.sender ?? undefined,
          phone: letter.phone ?? undefined,
          anonymous: !letter.sender,
        },
      ],
      externals: letter.external ? [{ system: 'hotline', number: letter.external }] : [],
      sensitive: false,
      excludedUnits: [],
      excludedPeople: [],
      links: [],
    };
  }
}

/** Rows that came back, with their reasons, as a table that can be mended and imported again. */
export async function writeRefused(file: string, headers: readonly string[], rows: readonly Refused[]): Promise<void> {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const width = headers.length;
  async function* cells(): AsyncGenerator<Cell[]> {
    for (const { values, reason } of new Map(rows.map(row => [row.line, row])).values())
      yield [...Array.from({ length: width }, (_, i) => cellText(values[i] ?? null)), reasons[reason]];
  }
  await pipeline(xlsxStream('退回的行', [...headers, '退回原因'], cells()), fs.createWriteStream(file));
}

/** Makes searchable what `work` writes while it writes: the one waits where the other computes. Returns what it returned. */
export async function projectMeanwhile<T>(house: House, work: Promise<T>): Promise<T> {
  let over = false;
  const ended = work.finally(() => {
    over = true;
  });
  ended.catch(() => {}); // told below
  while (!over) if (!(await project(house.loop))) await new Promise(resolve => setTimeout(resolve, 100));
  await projectAll(house);
  return ended;
}

/** Brings search and figures up to date with everything written. */
export async function projectAll(house: House): Promise<void> {
  while ((await project(house.loop, 1000)) > 0);
}
