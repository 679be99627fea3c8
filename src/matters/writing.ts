/**
 * What the loop writes, as one statement each for what is new and for what was done: rows travel as JSON, so that a
 * matter and a batch of a hundred are the same text, prepared once, in one round trip.
 */
import { type Database, noScope, statement, type Tx, time } from '../kernel/db.ts';
import type { Matter } from './matter.ts';
import { type ActionRow, columns, guarded, matterRow, readersOf, stageOf } from './rows.ts';

/** Bytes as JSON carries them to a bytea column. */
export const hex = (bytes: Buffer | null) => bytes && `\\x${bytes.toString('hex')}`;

/** Columns of an action with the types they travel as: the json columns as texts. */
const actionColumns = {
  county: 'text',
  matter: 'uuid',
  seq: 'int',
  id: 'uuid',
  type: 'text',
  actor: 'uuid',
  post: 'uuid',
  unit: 'uuid',
  at: 'timestamptz',
  device_at: 'timestamptz',
  data: 'text',
  effects: 'text',
  words: 'bytea',
  content: 'bytea',
  version: 'int',
  alg: 'text',
  prev: 'bytea',
  hash: 'bytea',
};

/** Columns of each table in the order they are written; `matter` also has its words. */
export const tables = {
  matter: [...columns.map(c => c.column), 'summary', 'words'],
  matter_action: Object.keys(actionColumns),
  matter_key: ['county', 'matter', 'wrapped', 'version'],
  matter_lookup: ['county', 'hash', 'matter', 'what', 'party'],
  matter_reader: ['county', 'reader', 'stage', 'received_at', 'matter', 'guarded'],
  matter_party: ['county', 'id', 'matter', 'words', 'masked', 'wrapped', 'version'],
  import_seen: ['county', 'source', 'source_id', 'content', 'matter'],
} as const;
export type Table = keyof typeof tables;
export type Rows = Record<Table, Record<string, unknown>[]>;
export const noRows = (): Rows => Object.fromEntries(Object.keys(tables).map(table => [table, []])) as unknown as Rows;

/** An action as its row. `data` and `effects` are texts: the column keeps the bytes that were hashed. */
export const actionJson = (row: ActionRow & { hash: Buffer }) => ({
  ...row,
  at: time(row.at),
  device_at: time(row.device_at),
  words: hex(row.words),
  content: hex(row.content),
  prev: hex(row.prev),
  hash: hex(row.hash),
});

export const readerRows = (matter: Matter, readers = readersOf(matter)) =>
  readers.map(reader => ({
    county: matter.county,
    reader,
    stage: stageOf(matter),
    received_at: time(matter.receivedAt),
    matter: matter.id,
    guarded: guarded(matter),
  }));

/** What may be looked up exactly; the same hash once. */
export type Lookup = { hash: Buffer; what: 'phone' | 'identity' | 'receipt' | 'external'; party: string | null };

/** The rows of a new matter besides its actions and parties: its projection with the sealed words, key, look-ups, readers. */
export function addMatter(
  rows: Rows,
  matter: Matter,
  summary: string,
  sealed: Buffer,
  key: { wrapped: Buffer; version: number },
  lookups: Lookup[],
): void {
  const { county, id } = matter;
  rows.matter.push({ ...matterRow(matter), summary, words: hex(sealed) });
  rows.matter_key.push({ county, matter: id, wrapped: hex(key.wrapped), version: key.version });
  for (const { hash, what, party } of new Map(lookups.map(l => [l.hash.toString('hex'), l])).values())
    rows.matter_lookup.push({ county, hash: hex(hash), matter: id, what, party });
  rows.matter_reader.push(...readerRows(matter));
}

const insert = (table: Table, n: number) =>
  `INSERT INTO ${table} (${tables[table].join(', ')}) SELECT ${tables[table].join(', ')} FROM json_populate_recordset(NULL::${table}, $${n})`;
/** json columns come as JSON strings that hold JSON: read as text, they are the hashed bytes again. */
const insertActions = (n: number) => {
  const values = tables.matter_action.map(c => (c === 'data' || c === 'effects' ? `${c}::json` : c));
  const types = Object.entries(actionColumns).map(([column, type]) => `${column} ${type}`);
  return `INSERT INTO matter_action (${tables.matter_action.join(', ')}) SELECT ${values.join(', ')} FROM json_to_recordset($${n}::json) AS done(${types.join(', ')})`;
};

const names = Object.keys(tables) as Table[];
const insertAll = statement(
  `WITH ${names
    .map((table, i) => `w${i} AS (${table === 'matter_action' ? insertActions(i + 1) : insert(table, i + 1)})`)
    .join(',\n')}
  INSERT INTO matter_change (county, matter) SELECT county, id FROM json_to_recordset($${names.length + 1}) AS made(county text, id uuid)`,
);

/** Writes new matters whole. The transaction must have named them as what it writes. */
export const insertNew = (tx: Tx, rows: Rows) =>
  tx.execute(insertAll, [
    ...names.map(table => JSON.stringify(rows[table])),
    // Once more by themselves: to look for two columns in whole matters costs as much as to write them.
    JSON.stringify(rows.matter.map(({ county, id }) => ({ county, id }))),
  ]);

type Waiting = { id: string; rows: Rows; resolve(): void; reject(error: unknown): void };

/**
 * New matters that come at once are written at once: while one write is under way the next ones gather, up to sixteen for
 * one statement and one commit. Whoever comes alone waits for nobody. Half of what a write costs is the statement itself.
 */
class Together {
  readonly #db: Database;
  #waiting: Waiting[] = [];
  #running = false;
  constructor(db: Database) {
    this.#db = db;
  }
  get waits(): boolean {
    return this.#waiting.length > 0;
  }
  add(id: string, rows: Rows): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id, rows, resolve, reject });
      this.#next();
    });
  }
  #next(): void {
    if (this.#running || !this.#waiting.length) return;
    this.#running = true;
    void this.#write(this.#waiting.splice(0, 16)).finally(() => {
      this.#running = false;
      this.#next();
    });
  }
  async #write(part: Waiting[]): Promise<void> {
    try {
      await this.#insert(part);
      for (const one of part) one.resolve();
    } catch (error) {
      if (part.length === 1) return part[0]!.reject(error);
      // One of them cannot be written: each is tried alone, so that the others do not suffer for it.
      await Promise.all(part.map(one => this.#insert([one]).then(one.resolve, one.reject)));
    }
  }
  /** Row-level security lets be written what the transaction names, whoever sent it; who may was decided before. */
  #insert(part: Waiting[]): Promise<void> {
    const rows = Object.fromEntries(names.map(table => [table, part.flatMap(one => one.rows[table])])) as Rows;
    return this.#db.write(
      noScope,
      async tx => {
        const written = insertNew(tx, rows);
        tx.commit();
        await written;
      },
      part.map(one => one.id),
    );
  }
}
const gathering = new WeakMap<Database, Together>();

/** Writes a new matter, together with others that come at the same moment. Resolves when it is committed. */
export function insertTogether(db: Database, id: string, rows: Rows): Promise<void> {
  let together = gathering.get(db);
  if (!together) {
    together = new Together(db);
    gathering.set(db, together);
  }
  return together.add(id, rows);
}

/** Whether new matters come faster than they are written: whatever can wait a moment should. */
export const isPressed = (db: Database): boolean => gathering.get(db)?.waits ?? false;

const changing = columns.map(c => c.column).filter(column => column !== 'county' && column !== 'id');
const update = statement(
  `WITH a AS (${insertActions(2)}),
  u AS (UPDATE matter AS m SET ${changing.map(c => `${c} = j.${c}`).join(', ')},
      summary = coalesce(j.summary, m.summary), words = coalesce(j.words, m.words)
    FROM json_populate_record(NULL::matter, $1) j WHERE m.county = j.county AND m.id = j.id)
  INSERT INTO matter_change (county, matter) VALUES ($3, $4)`,
);

/** Writes one action and moves the projection. */
export const updateMatter = (
  tx: Tx,
  after: Matter,
  action: ActionRow & { hash: Buffer },
  words: { summary?: string; words?: string | null },
) =>
  tx.execute(update, [
    JSON.stringify({ ...matterRow(after), ...words }),
    JSON.stringify([actionJson(action)]),
    after.county,
    after.id,
  ]);
