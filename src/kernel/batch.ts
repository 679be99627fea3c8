/**
 * Several prepared statements in one round trip and one answer: parse what this connection has not parsed, bind and
 * execute each, one Sync at the end. `pg` sends a Sync for each query, and every Sync costs both sides a trip to the
 * socket: on small queries more than the query. What fails makes the server skip the rest of the batch.
 *
 * Subclasses pg's own Query, as its pipeline asks; pg is pinned, and `db.test.ts` holds what is relied on.
 */
import pg from 'pg';
import { prepareValue } from 'pg/lib/utils.js';

export type Statement = { name: string; text: string };
export type Call = Statement & { values: readonly unknown[] };
export type Answer = { rows: any[]; command: string; count: number };

type Shape = { names: string[]; parsers: ((text: string) => unknown)[] };
type Prepared = { as: string; shape: Shape | undefined };
/** What a connection has parsed. A batch that fails leaves nothing remembered: its statements get other names next time. */
type Memory = { prepared: Map<string, Prepared>; made: number };
const memories = new WeakMap<object, Memory>();

type Connection = {
  stream: { cork(): void; uncork(): void };
  parse(query: { name: string; text: string }): void;
  bind(config: { statement: string; values: unknown[] }): void;
  describe(what: { type: 'P'; name: '' }): void;
  execute(config: object): void;
  sync(): void;
};
type Fields = { fields: { name: string; dataTypeID: number }[] };

class Batch extends (pg.Query as unknown as new (config: object) => object) {
  readonly callback: (error: Error | null, answers?: Answer[]) => void;
  readonly #calls: { call: Call; values: unknown[] }[];
  readonly #answers: Answer[] = [];
  readonly #prepared: Prepared[] = [];
  #memory: Memory | undefined;
  #rows: any[] = [];
  #failed: Error | undefined;

  constructor(calls: readonly Call[], callback: Batch['callback']) {
    super({ text: '' });
    this.#calls = calls.map(call => ({ call, values: call.values.map(value => prepareValue(value)) }));
    this.callback = callback;
  }

  submit(connection: Connection): null {
    const memory = memories.get(connection) ?? { prepared: new Map(), made: 0 };
    memories.set(connection, memory);
    this.#memory = memory;
    connection.stream.cork();
    for (const { call, values } of this.#calls) {
      const known = memory.prepared.get(call.name);
      const prepared = known ?? { as: `${call.name}.${memory.made++}`, shape: undefined };
      this.#prepared.push(prepared);
      if (!known) connection.parse({ name: prepared.as, text: call.text });
      connection.bind({ statement: prepared.as, values });
      if (!known) connection.describe({ type: 'P', name: '' });
      connection.execute({});
    }
    connection.sync();
    setImmediate(() => connection.stream.uncork());
    return null;
  }

  get #current(): Prepared {
    return this.#prepared[this.#answers.length]!;
  }
  handleRowDescription({ fields }: Fields): void {
    this.#current.shape = {
      names: fields.map(field => field.name),
      parsers: fields.map(field => pg.types.getTypeParser(field.dataTypeID, 'text') as Shape['parsers'][number]),
    };
  }
  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    if (this.#failed) return;
    const { names, parsers } = this.#current.shape!;
    const row: Record<string, unknown> = {};
    try {
      for (let i = 0; i < names.length; i++) {
        const text = fields[i]!;
        row[names[i]!] = text === null ? null : parsers[i]!(text);
      }
      this.#rows.push(row);
    } catch (error) {
      this.#failed = error as Error;
    }
  }
  handleCommandComplete({ text }: { text: string }): void {
    const [command = '', ...counts] = text.split(' ');
    this.#answers.push({ rows: this.#rows, command, count: Number(counts.at(-1) ?? 0) });
    this.#rows = [];
  }
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleReadyForQuery(): void {
    this.#calls.forEach(({ call }, i) => {
      this.#memory!.prepared.set(call.name, this.#prepared[i]!);
    });
    this.callback(this.#failed ?? null, this.#answers);
  }
  handleError(error: Error): void {
    this.callback(error);
  }
}

/** Runs the statements in order on one connection; answers in the same order, or fails with the first error. */
export const runBatch = (client: pg.ClientBase, calls: readonly Call[]): Promise<Answer[]> =>
  new Promise((resolve, reject) => {
    const batch = new Batch(calls, (error, answers) => (error ? reject(error) : resolve(answers!)));
    (client as unknown as { query(batch: Batch): void }).query(batch);
  });
