/**
 * The database: scoped transactions over `pg`, with parameterised SQL composed by Kysely's `sql` template.
 *
 * Every transaction names its actor before anything else, because row-level security reads it, for that transaction
 * only. A read is one batch, one round trip and (as every batch outside of BEGIN) one transaction.
 */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  sql,
} from 'kysely';
import pg from 'pg';
import { type Answer, type Call, runBatch, type Statement } from './batch.ts';
import { type Code, Failure } from './errors.ts';

export { sql };
export type Sql<Row = unknown> = RawBuilder<Row>;

pg.types.setTypeParser(20, Number);
pg.types.setTypeParser(1082, value => value);
pg.types.setTypeParser(1184, value => Date.parse(`${value.replace(' ', 'T')}:00`));

const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: db => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** What row-level security knows of the actor. */
export type Scope = {
  person?: string | null;
  /** Units of working posts, of posts that may open sensitive matters, and of all posts (for exclusion). */
  units?: readonly string[];
  keys?: readonly string[];
  allUnits?: readonly string[];
  /** Regions overseen. */
  regions?: readonly string[];
  audit?: boolean;
  system?: boolean;
  /** The one matter whose receipt code was shown. */
  receipt?: string;
};
export const systemScope: Scope = { system: true };
export const noScope: Scope = {};

const list = (values: readonly string[] = []) => `{${values.join(',')}}`;

const texts = new WeakMap<Scope, string>();
/** The scope as the policies read it: person|units|keys|all units|regions|system|audit|receipt. Holds only ids and codes. */
export function scopeText(scope: Scope): string {
  let text = texts.get(scope);
  if (text === undefined) {
    const lists = [scope.units, scope.keys, scope.allUnits, scope.regions].map(list);
    text = [scope.person ?? '', ...lists, scope.system ? 'on' : '', scope.audit ? 'on' : '', scope.receipt ?? ''].join(
      '|',
    );
    if (!/^[\w{},.:|-]*$/.test(text)) throw new Error('a scope holds only ids and codes');
    texts.set(scope, text);
  }
  return text;
}

const named = new Map<string, Statement>();
/** A statement whose text never changes, written with $1, $2 …: for what runs thousands of times a second. */
export function statement(text: string): Statement {
  let known = named.get(text);
  if (!known) {
    known = { name: createHash('sha256').update(text).digest('hex').slice(0, 24), text };
    if (named.size < 2000) named.set(text, known);
  }
  return known;
}
function callOf(query: Sql<any>): Call {
  const { sql: text, parameters } = query.compile(compiler);
  return { ...statement(text), values: parameters };
}

const begin = statement('BEGIN');
const commit = statement('COMMIT');
const nameActor = statement(`SELECT set_config('yd.scope', $1, true)`);
const nameWritten = statement(`SELECT set_config('yd.writing', $1, true)`);

/** An open transaction. What is asked of it within one turn of the event loop leaves as one batch. */
export class Tx {
  readonly #client: pg.ClientBase;
  #waiting: { call: Call; resolve(answer: Answer): void; reject(error: unknown): void }[] = [];
  committing: Promise<Answer> | undefined;
  constructor(client: pg.ClientBase) {
    this.#client = client;
  }
  send(call: Call): Promise<Answer> {
    if (!this.#waiting.length) process.nextTick(() => this.#flush());
    return new Promise((resolve, reject) => this.#waiting.push({ call, resolve, reject }));
  }
  #flush(): void {
    const sent = this.#waiting;
    this.#waiting = [];
    runBatch(
      this.#client,
      sent.map(one => one.call),
    ).then(
      answers => {
        for (const [i, one] of sent.entries()) one.resolve(answers[i]!);
      },
      error => {
        for (const one of sent) one.reject(error);
      },
    );
  }
  async many<Row>(query: Sql<Row>): Promise<Row[]> {
    return (await this.send(callOf(query))).rows;
  }
  async one<Row>(query: Sql<Row>): Promise<Row | undefined> {
    return (await this.many(query))[0];
  }
  /** Rows touched. */
  async run(query: Sql): Promise<number> {
    return (await this.send(callOf(query))).count;
  }
  async execute<Row>(what: Statement, values: unknown[]): Promise<Row[]> {
    return (await this.send({ ...what, values })).rows;
  }
  /** Declares which matters this transaction writes from now on; row-level security lets nothing else be written. */
  async writing(...matters: string[]): Promise<void> {
    await this.send({ ...nameWritten, values: [list(matters)] });
  }
  /** Sends COMMIT behind the statements already under way, in the same round trip. Nothing may follow it. */
  commit(): void {
    this.committing = this.send({ ...commit, values: [] });
    this.committing.catch(() => {}); // whoever awaits the transaction learns of it
  }
}

/**
 * A connection that many readers share at once: each of their batches is a transaction of its own. `under` waits for
 * answers; the last one came, or the first of them was asked, at `moved` (in ms).
 */
type Lane = { client: Promise<pg.Client>; under: number; moved: number };
/** What has not answered for so long, in ms, holds something slow. */
const slow = 5;
/**
 * To wake a process of PostgreSQL costs as much as a small query: readers keep to as many lanes as there are processors,
 * and to others only where those are held up.
 */
const breadth = availableParallelism();

export class Database {
  readonly pool: pg.Pool;
  readonly #url: string;
  readonly #lanes: (Lane | undefined)[];
  constructor(url: string, max = 16) {
    this.pool = new pg.Pool({ connectionString: url, max, pipeline: true } as pg.PoolConfig);
    this.pool.on('error', () => {}); // an idle connection died; the next query opens another
    this.#url = url;
    this.#lanes = new Array(Math.min(6, max)).fill(undefined);
  }

  /** The lane with the fewest readers among the first that nothing holds up, or among all. */
  #lane(): Lane {
    const now = performance.now();
    const all = this.#lanes.map((lane, at) => ({ lane, at }));
    const free = all.filter(({ lane }) => !lane?.under || now - lane.moved < slow).slice(0, breadth);
    const best = (free.length ? free : all).reduce((a, b) => ((b.lane?.under ?? 0) < (a.lane?.under ?? 0) ? b : a));
    const lane = best.lane ?? this.#open(best.at);
    if (!lane.under) lane.moved = now;
    return lane;
  }

  /** Nothing is written by a lane; one whose connection dies makes room for another. */
  #open(at: number): Lane {
    const client = new pg.Client({ connectionString: this.#url, pipeline: true } as pg.ClientConfig);
    const reader = async () => {
      await client.connect();
      await client.query('SET default_transaction_read_only = on');
      return client;
    };
    const lane: Lane = { under: 0, moved: 0, client: reader() };
    const gone = () => {
      if (this.#lanes[at] === lane) this.#lanes[at] = undefined;
    };
    client.on('error', gone).on('end', gone);
    lane.client.catch(gone);
    this.#lanes[at] = lane;
    return lane;
  }

  /** Reads in one round trip, which is one transaction; returns the rows of each query. */
  async reads(scope: Scope, ...queries: Sql<any>[]): Promise<any[][]> {
    const calls = [{ ...nameActor, values: [scopeText(scope)] }, ...queries.map(callOf)];
    const lane = this.#lane();
    lane.under += 1;
    try {
      const answers = await runBatch(await lane.client, calls);
      return answers.slice(1).map(answer => answer.rows);
    } finally {
      lane.under -= 1;
      lane.moved = performance.now();
    }
  }

  async read<Row>(scope: Scope, query: Sql<Row>): Promise<Row[]> {
    return (await this.reads(scope, query))[0]!;
  }

  async readOne<Row>(scope: Scope, query: Sql<Row>): Promise<Row | undefined> {
    return (await this.read(scope, query))[0];
  }

  /**
   * One transaction: done only when every promise has resolved and COMMIT answered COMMIT. `work` may leave its last
   * statements un-awaited only through the promises it returns. `writing` names the matters it writes, where that is
   * known before it begins.
   */
  async write<T>(scope: Scope, work: (tx: Tx) => Promise<T>, writing?: readonly string[]): Promise<T> {
    const client = await this.pool.connect();
    try {
      const tx = new Tx(client);
      const begun = [tx.send({ ...begin, values: [] }), tx.send({ ...nameActor, values: [scopeText(scope)] })];
      if (writing) begun.push(tx.send({ ...nameWritten, values: [list(writing)] }));
      const [result] = await Promise.all([work(tx), ...begun]);
      if (!tx.committing) tx.commit();
      const { command } = await tx.committing!;
      if (command !== 'COMMIT') throw new Error(`transaction ended with ${command}`);
      client.release();
      return result;
    } catch (error) {
      await client.query('ROLLBACK').then(
        () => client.release(),
        () => client.release(true),
      );
      throw error;
    }
  }

  async close(): Promise<void> {
    const lanes = this.#lanes.splice(0);
    await Promise.all([this.pool.end(), ...lanes.map(lane => lane?.client.then(client => client.end()))]);
  }
}

/** SQLSTATE of a database error; constraint names are never matched, shards rename them. */
export const sqlState = (error: unknown): string | undefined => (error as { code?: string })?.code;
export const uniqueViolation = '23505';
/** For `.catch`: what is there already is refused by this code; any other error goes on. */
export const clash =
  (code: Code) =>
  (error: unknown): never => {
    throw sqlState(error) === uniqueViolation ? new Failure(code) : error;
  };

/** An instant as PostgreSQL and JSON carry it. */
export function time(at: number): string;
export function time(at: number | null | undefined): string | null;
export function time(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : new Date(at).toISOString();
}
export const json = (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value));
