/**
 * The database: scoped transactions over `pg`, with parameterised SQL composed by Kysely's `sql` template.
 *
 * Every transaction names its actor with SET LOCAL before anything else, because row-level security reads it. A read
 * is one pipelined batch (BEGIN; SET LOCAL …; SELECT; COMMIT): one round trip. A write says done only when every
 * promise has resolved and COMMIT answered COMMIT.
 */
import { createHash } from 'node:crypto';
import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  sql,
} from 'kysely';
import pg from 'pg';

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
};
export const systemScope: Scope = { system: true };
export const noScope: Scope = {};

/** The one place where values reach SQL without parameters: SET takes none. Only these characters may pass. */
function checked(value: string): string {
  if (!/^[\w{},.:|-]*$/.test(value)) throw new Error('a scope holds only ids and codes');
  return value;
}
const list = (values: readonly string[] = []) => `{${values.join(',')}}`;

/** The scope as the policies read it: person|units|keys|all units|regions|system|audit. */
export const scopeText = (scope: Scope): string =>
  [
    scope.person ?? '',
    list(scope.units),
    list(scope.keys),
    list(scope.allUnits),
    list(scope.regions),
    scope.system ? 'on' : '',
    scope.audit ? 'on' : '',
  ].join('|');
const prefixes = new WeakMap<Scope, string>();
function prefix(scope: Scope, writing?: readonly string[]): string {
  let text = prefixes.get(scope);
  if (text === undefined) {
    text = `SET LOCAL yd.scope='${checked(scopeText(scope))}'`;
    prefixes.set(scope, text);
  }
  return writing ? `${text};SET LOCAL yd.writing='${checked(list(writing))}'` : text;
}

const names = new Map<string, string>();
function prepared(query: CompiledQuery): pg.QueryConfig {
  let name = names.get(query.sql);
  if (!name) {
    name = createHash('sha256').update(query.sql).digest('hex').slice(0, 24);
    if (names.size < 2000) names.set(query.sql, name);
  }
  return { name, text: query.sql, values: query.parameters as unknown[] };
}

/** A statement whose text never changes, written with $1, $2 …: for what runs thousands of times a second. */
export type Statement = { name: string; text: string };
export const statement = (text: string): Statement => ({
  name: createHash('sha256').update(text).digest('hex').slice(0, 24),
  text,
});

/** Holds back what goes to the socket until this turn of the loop ends: a batch of statements leaves in one piece. */
function inOnePiece(client: pg.ClientBase): void {
  const { stream } = (
    client as unknown as { connection: { stream: { cork(): void; uncork(): void; writableCorked: number } } }
  ).connection;
  if (stream.writableCorked) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

export class Tx {
  readonly #client: pg.ClientBase;
  committing: Promise<{ command: string }> | undefined;
  constructor(client: pg.ClientBase) {
    this.#client = client;
  }
  async execute<Row>({ name, text }: Statement, values: unknown[]): Promise<Row[]> {
    inOnePiece(this.#client);
    const { rows } = await this.#client.query({ name, text, values });
    return rows;
  }
  /** Sends COMMIT behind the statements already under way, in the same round trip. Nothing may follow it. */
  commit(): void {
    inOnePiece(this.#client);
    this.committing = this.#client.query('COMMIT');
    this.committing.catch(() => {}); // whoever awaits the transaction learns of it
  }
  async many<Row>(query: Sql<Row>): Promise<Row[]> {
    inOnePiece(this.#client);
    const { rows } = await this.#client.query(prepared(query.compile(compiler)));
    return rows;
  }
  async one<Row>(query: Sql<Row>): Promise<Row | undefined> {
    return (await this.many(query))[0];
  }
  /** Rows touched. */
  async run(query: Sql): Promise<number> {
    inOnePiece(this.#client);
    return (await this.#client.query(prepared(query.compile(compiler)))).rowCount ?? 0;
  }
  /** Declares which matters this transaction writes from now on; row-level security lets nothing else be written. */
  async writing(...matters: string[]): Promise<void> {
    inOnePiece(this.#client);
    await this.#client.query(`SET LOCAL yd.writing='${checked(list(matters))}'`);
  }
}

export class Database {
  readonly pool: pg.Pool;
  constructor(url: string, max = 16) {
    this.pool = new pg.Pool({ connectionString: url, max, pipeline: true } as pg.PoolConfig);
    this.pool.on('error', () => {}); // an idle connection died; the next query opens another
  }

  /** Reads in one round trip; returns the rows of each query. */
  async reads(scope: Scope, ...queries: Sql<any>[]): Promise<any[][]> {
    const client = await this.pool.connect();
    try {
      inOnePiece(client);
      const answers = await Promise.all([
        client.query(`BEGIN READ ONLY;${prefix(scope)}`),
        ...queries.map(query => client.query(prepared(query.compile(compiler)))),
        client.query('COMMIT'),
      ]);
      client.release();
      return answers.slice(1, -1).map(answer => answer.rows);
    } catch (error) {
      await client.query('ROLLBACK').then(
        () => client.release(),
        () => client.release(true),
      );
      throw error;
    }
  }

  async read<Row>(scope: Scope, query: Sql<Row>): Promise<Row[]> {
    return (await this.reads(scope, query))[0]!;
  }

  async readOne<Row>(scope: Scope, query: Sql<Row>): Promise<Row | undefined> {
    return (await this.read(scope, query))[0];
  }

  /**
   * One transaction. `work` may leave its last statements un-awaited only through the promises it returns. `writing` names
   * the matters it writes, where that is known before it begins.
   */
  async write<T>(scope: Scope, work: (tx: Tx) => Promise<T>, writing?: readonly string[]): Promise<T> {
    const client = await this.pool.connect();
    try {
      inOnePiece(client);
      const begun = client.query(`BEGIN;${prefix(scope, writing)}`);
      const tx = new Tx(client);
      const [, result] = await Promise.all([begun, work(tx)]);
      const { command } = await (tx.committing ?? client.query('COMMIT'));
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

  close(): Promise<void> {
    return this.pool.end();
  }
}

/** SQLSTATE of a database error; constraint names are never matched, shards rename them. */
export const sqlState = (error: unknown): string | undefined => (error as { code?: string })?.code;
export const uniqueViolation = '23505';

export const time = (at: number | null | undefined) =>
  at === null || at === undefined ? null : new Date(at).toISOString();
export const json = (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value));
