/** The loop in the database: acting. Each write appends actions and moves the projection in one transaction. */

import type { z } from 'zod';
import { type Database, type Scope, sql, statement, systemScope, type Tx } from '../kernel/db.ts';
import { Failure, invalid } from '../kernel/errors.ts';
import type { Secrets } from '../kernel/secrets.ts';
import { type KindName, kinds } from '../kinds/kinds.ts';
import type { Directory } from '../regions/directory.ts';
import { Action, type PartyInput } from './actions.ts';
import { decide } from './decide.ts';
import { type OwnField, ownShape } from './fields.ts';
import { externalHash } from './lookups.ts';
import { apply, type Effect, effectVersion, isRefusal, type Matter } from './matter.ts';
import { insertMessage, messagesOf } from './messages.ts';
import { insertNotice, noticesOf } from './notices.ts';
import { matterNumber } from './numbers.ts';
import { partyNames } from './parties.ts';
import { type Actor, may, maySee } from './policy.ts';
import { redact } from './redact.ts';
import { chainHash, chainStart, guarded, matterOf, readersOf, stageOf } from './rows.ts';
import { hex, readerRows, updateMatter } from './writing.ts';

/** What the store needs of the house. */
export type Loop = { db: Database; secrets: Secrets; directory: () => Directory; numbers: Numbers };

/** Who acts, with which scope, when. */
export type Doing = { actor: Actor; scope: Scope; now: number };
/** What happens by itself, and what other systems send. */
export const bySystem = (now: number): Doing => ({
  actor: { person: null, posts: [], system: true },
  scope: systemScope,
  now,
});
/** Whoever is not signed in and holds the receipt of one matter: row-level security knows that scope. */
export const byReceipt = (matter: string, now: number): Doing => ({
  actor: { person: null, posts: [], receiptFor: matter },
  scope: { receipt: matter },
  now,
});

/** Numbers in blocks per process: one counter row for all would halve creation. Gaps are allowed. */
export class Numbers {
  readonly #db: Database;
  readonly #blocks = new Map<string, { next: number; end: number }>();
  readonly #taking = new Map<string, Promise<void>>();
  readonly size: number;
  constructor(db: Database, size = 50) {
    this.#db = db;
    this.size = size;
  }
  async take(county: string, year: number): Promise<string> {
    const key = `${county}/${year}`;
    for (;;) {
      const block = this.#blocks.get(key);
      if (block && block.next < block.end) return matterNumber(county, year, block.next++);
      if (!this.#taking.has(key))
        this.#taking.set(
          key,
          this.#fetch(county, year, key).finally(() => this.#taking.delete(key)),
        );
      await this.#taking.get(key);
    }
  }
  async #fetch(county: string, year: number, key: string): Promise<void> {
    const row = await this.#db.write(systemScope, tx =>
      tx.one<{ next: number }>(sql`INSERT INTO number_block AS b VALUES (${county}, ${year}, ${1 + this.size})
        ON CONFLICT (county, year) DO UPDATE SET next = b.next + ${this.size} RETURNING next`),
    );
    this.#blocks.set(key, { next: row!.next - this.size, end: row!.next });
  }
}

export type PartyWords = {
  name?: string;
  phone?: string;
  identity?: string;
  address?: string;
  safe?: PartyInput['safe'];
};
export type MatterWords = {
  title: string;
  text: string;
  address?: string;
  receipt: string;
  summary: string;
  /** Why it was registered later than it was received. */
  reason?: string;
  /** Why the words were written anew. */
  correction?: string;
};

/** Hash of what the client sent, to tell a replay from a clash. */
export const contentOf = (secrets: Secrets, actor: Actor, input: unknown) =>
  secrets.lookup(`content:${actor.person ?? 'system'}`, JSON.stringify(input));

export function actionRow(
  loop: Loop,
  matter: { county: string; id: string },
  seq: number,
  prev: Buffer | undefined,
  action: {
    id: string;
    type: string;
    data: unknown;
    words: Buffer | null;
    content: Buffer;
    deviceAt?: number | undefined;
  },
  effects: Effect[],
  { actor, now }: Doing,
  post: string | null,
  unit: string | null,
) {
  const alg = loop.secrets.algorithms.hash;
  const row = {
    county: matter.county,
    matter: matter.id,
    seq,
    id: action.id,
    type: action.type,
    actor: actor.person,
    post,
    unit,
    at: now,
    device_at: action.deviceAt ?? null,
    data: JSON.stringify(action.data),
    effects: JSON.stringify(effects),
    words: action.words,
    content: action.content,
    version: effectVersion,
    alg,
    prev: prev ?? chainStart(alg, matter.county, matter.id),
  };
  return { ...row, hash: chainHash(row) };
}

/** The shape of a kind's fields with a county's own, made once for each version of the definitions. */
const shapes = new WeakMap<readonly OwnField[], Map<KindName, z.ZodType<Record<string, unknown>>>>();
function shapeWith(kind: KindName, defined: readonly OwnField[]): z.ZodType<Record<string, unknown>> {
  const known = shapes.get(defined) ?? new Map();
  if (!known.has(kind)) known.set(kind, kinds[kind].fields.extend({ own: ownShape(defined) }));
  shapes.set(defined, known);
  return known.get(kind)!;
}

/** The fields of a kind and the county's own, checked; throws `invalid` with what is wrong where. */
export function checkFields(
  loop: Loop,
  county: string,
  kind: KindName,
  given: Record<string, unknown>,
  now: number,
): Record<string, unknown> {
  const defined = loop.directory().rules.fields(county, kind, now);
  const plain = !defined.length && !Object.keys((given.own as object | undefined) ?? {}).length;
  const result = plain
    ? kinds[kind].fields.safeParse(given)
    : shapeWith(kind, defined).safeParse({ own: {}, ...given });
  if (!result.success) throw invalid(result.error);
  return result.data;
}

export type ActInput = {
  id: string;
  action: Action;
  saw?: number | undefined;
  deviceAt?: number | undefined;
  /** What the client sent, where the server added to it: a replay sends that again. */
  asSent?: unknown;
  /** The clear name that comes with a party, to be struck out of the title. */
  named?: string | undefined;
};
export type Acted = { matter: Matter; seq: number; replayed: boolean };

const lockRow = statement('SELECT * FROM matter WHERE county = $1 AND id = $2 FOR UPDATE');
// A statement of its own: only what is read after the lock was granted is sure to be the end of the chain.
const readEnd = statement(`SELECT k.wrapped, k.version, r.matter, r.seq, r.actor, r.content,
    (SELECT hash FROM matter_action WHERE county = $1 AND matter = $2 ORDER BY seq DESC LIMIT 1) AS head
  FROM (SELECT) one LEFT JOIN matter_key k ON k.county = $1 AND k.matter = $2
  LEFT JOIN matter_action r ON r.county = $1 AND r.id = $3`);

/** Reads and locks a matter in the actor's scope. */
async function lock(tx: Tx, county: string, id: string, actionId: string) {
  const [rows, ends] = await Promise.all([
    tx.execute<any>(lockRow, [county, id]),
    tx.execute<any>(readEnd, [county, id, actionId]),
  ]);
  const end = ends[0];
  return {
    row: rows[0],
    replay: end?.content ? end : undefined,
    head: end?.head as Buffer | undefined,
    key: end?.wrapped === undefined ? undefined : end,
  };
}

/** Appends one decided action inside a transaction, with what follows from it for other matters. Returns the matter as it is afterwards. */
export async function append(
  tx: Tx,
  loop: Loop,
  doing: Doing,
  county: string,
  id: string,
  input: ActInput,
): Promise<Acted> {
  const { secrets } = loop;
  const { actor, now } = doing;
  const { row, replay, head, key } = await lock(tx, county, id, input.id);
  const before = row && matterOf(row);
  if (!before || !maySee(actor, before)) throw new Failure('not_found');
  const content = contentOf(secrets, actor, input.asSent ?? input.action);
  if (replay) {
    if (replay.matter !== id || replay.actor !== actor.person || !replay.content.equals(content))
      throw new Failure('conflict');
    return { matter: before, seq: replay.seq, replayed: true };
  }
  if (input.saw !== undefined && input.saw !== before.seq)
    throw new Failure('stale', { seq: before.seq, state: before.state, unit: before.unit, dueAt: before.dueAt });
  if (input.action.type === 'correct' && input.action.data.set.fields)
    checkFields(loop, county, before.kind, input.action.data.set.fields, now);
  const effects = decide(before, input.action, actor, now, loop.directory().rules);
  if (isRefusal(effects)) throw new Failure(effects.code, effects.details);
  if (!key?.wrapped) throw new Failure('erased');
  if (!head) throw new Error(`the history of ${id} cannot be read`);
  const grant = may(actor, input.action.type, before);
  const post = typeof grant === 'object' ? grant : undefined;
  const dataKey = secrets.unwrap(key.wrapped, key.version);
  const known = mayRename(input.action)
    ? await partyNames(tx, [before], one => secrets.openRow<PartyWords>(one))
    : undefined;
  const names = [...(known?.get(id) ?? []), ...(input.named ? [input.named] : [])];
  const { data, words, rewritten } = wordsOf(secrets, dataKey, input.action, row.words, names);
  const sealed = words ? secrets.seal(dataKey, words) : null;
  const after = apply(before, effects);
  const record = actionRow(
    loop,
    before,
    after.seq,
    head,
    { id: input.id, type: input.action.type, data, words: sealed, content, deviceAt: input.deviceAt },
    effects,
    doing,
    post?.id ?? null,
    post?.unit ?? null,
  );
  const externals = input.action.type === 'correct' ? (input.action.data.set.externals ?? []) : [];
  await Promise.all([
    tx.writing(id),
    updateMatter(tx, after, record, rewritten ? { summary: rewritten.summary, words: hex(sealed) } : {}),
    ...readerStatements(before, after).map(statement => tx.run(statement)),
    ...externals.map(external =>
      tx.run(
        sql`INSERT INTO matter_lookup (county, hash, matter, what) VALUES (${county}, ${externalHash(secrets, external.number)}, ${id}, 'external') ON CONFLICT DO NOTHING`,
      ),
    ),
    ...noticesOf(loop, before, after, input, now).map(notice => tx.execute(insertNotice, notice)),
    ...messagesOf(loop, before, after, input, now).map(message => tx.execute(insertMessage, message)),
  ]);
  await consequences(tx, loop, doing, before, after, input.id);
  return { matter: after, seq: after.seq, replayed: false };
}

/** Keeps `matter_reader` in step: participants only grow; another place, date, stage or guard writes the rows anew. */
function readerStatements(before: Matter, after: Matter) {
  const insert = (rows: object[]) =>
    sql`INSERT INTO matter_reader SELECT * FROM json_populate_recordset(NULL::matter_reader, ${JSON.stringify(rows)})`;
  const moved =
    before.receivedAt !== after.receivedAt ||
    before.path.join() !== after.path.join() ||
    stageOf(before) !== stageOf(after) ||
    guarded(before) !== guarded(after);
  if (moved)
    return [
      sql`DELETE FROM matter_reader r USING json_populate_recordset(NULL::matter_reader, ${JSON.stringify(readerRows(before))}) o
        WHERE r.county = o.county AND r.reader = o.reader AND r.stage = o.stage AND r.received_at = o.received_at AND r.matter = o.matter`,
      insert(readerRows(after)),
    ];
  const had = new Set(readersOf(before));
  const fresh = readersOf(after).filter(reader => !had.has(reader));
  return fresh.length ? [insert(readerRows(after, fresh))] : [];
}

/** Whether an action may change what its matter is called in lists. */
const mayRename = (action: Action): action is Extract<Action, { type: 'correct' | 'join' | 'amend' }> =>
  action.type === 'join' ||
  (action.type === 'amend' && action.data.fields.includes('name')) ||
  (action.type === 'correct' && Boolean(action.words.title || action.words.narrative));

/**
 * What is sealed with an action. A correction of the narrative seals the whole narrative anew, so that the matter's words
 * are its words; so does whoever's name is known from now on and stands in the title, or was put right.
 */
function wordsOf(secrets: Secrets, key: Buffer, action: Action, sealed: Buffer, names: readonly string[]) {
  const words = action.words as Record<string, string | undefined>;
  const said = Object.values(words).some(Boolean) ? words : null;
  const plain = {
    data: action.type === 'correct' ? { ...action.data, rewrites: false } : action.data,
    words: said,
    rewritten: undefined,
  };
  if (!mayRename(action)) return plain;
  const old = secrets.open<MatterWords>(key, sealed);
  const given = action.type === 'correct' ? action.words : undefined;
  const title = given?.title ?? old.title;
  const summary = redact(title, names);
  if (action.type === 'join' && summary === old.summary) return plain;
  const { correction: _, ...kept } = old;
  const correction = action.words.text;
  const text = given?.narrative ?? old.text;
  const rewritten: MatterWords = { ...kept, title, text, summary, ...(correction && { correction }) };
  return { data: { ...action.data, rewrites: true }, words: rewritten, rewritten };
}

/** A matter that ends tells its whole; a whole that ends releases its parts. In the same transaction, by the system. */
async function consequences(
  tx: Tx,
  loop: Loop,
  doing: Doing,
  before: Matter,
  after: Matter,
  cause: string,
): Promise<void> {
  if (!before.open || after.open) return;
  const system = { ...doing, actor: { ...doing.actor, system: true } };
  const follow = async (on: { county: string; matter: string }, action: Action) => {
    try {
      await append(tx, loop, system, on.county, on.matter, { id: derivedId(loop, cause, on.matter), action });
    } catch (error) {
      // The other side has ended already: nothing follows.
      if (!(error instanceof Failure) || !['illegal_step', 'no_such_part', 'erased'].includes(error.code)) throw error;
    }
  };
  if (after.whole) await follow(after.whole, { type: 'partDone', data: { matter: after.id }, words: {} });
  for (const part of after.parts) if (!part.done) await follow(part, { type: 'release', data: {}, words: {} });
}

type LinkRelation = Extract<Action, { type: 'link' }>['data']['relation'];
/** How the other side of a relation calls it. */
export const opposite: Record<LinkRelation, LinkRelation> = {
  similar: 'similar',
  repeat: 'repeat',
  'merged-from': 'merged-from',
  'part-of': 'whole-of',
  'whole-of': 'part-of',
};

/** Notes a relation on a matter the actor can see, as a consequence of an action on the other one, in its transaction. */
export async function relate(
  tx: Tx,
  loop: Loop,
  doing: Doing,
  on: { county: string; matter: string },
  to: { county: string; matter: string },
  relation: LinkRelation,
  cause: string,
): Promise<void> {
  const action = Action.parse({ type: 'link', data: { county: to.county, matter: to.matter, relation }, words: {} });
  const id = derivedId(loop, cause, on.matter, to.matter);
  await append(tx, loop, { ...doing, actor: { ...doing.actor, system: true } }, on.county, on.matter, { id, action });
}

/** An id that the same cause always gives: what the system does by itself happens once. */
export function derivedId(loop: Loop, ...parts: (string | number)[]): string {
  const bytes = loop.secrets.lookup('derived', parts.join('/')).subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
