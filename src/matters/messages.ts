/**
 * Between the two sides of a matter across a border. A message is written with the action that decided it; `carry` brings
 * it into the other county in a transaction of that county alone, then marks it here. Killed between the two it is
 * carried again, and found done: ids on the other side derive from the message.
 */
import { sql, statement, systemScope, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import type { Matter } from './matter.ts';
import { registerMatter } from './registration.ts';
import { type ActInput, append, bySystem, derivedId, type Loop, type MatterWords } from './store.ts';

export const insertMessage = statement(
  'INSERT INTO matter_message (county, id, matter, to_county, to_matter, what, region, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING',
);

/** What one action has to tell the other side. */
export function messagesOf(loop: Loop, before: Matter, after: Matter, input: ActInput, now: number): unknown[][] {
  const { border } = after;
  if (!border || border.outside) return [];
  const told: [string, string | null][] = [];
  const { type, data } = input.action;
  if (type === 'invite') told.push(['invite', data.region ?? null]);
  if (type === 'agreeClose') told.push(['agreed', null]);
  // A side that ends other than by closing lets the other go on alone.
  if (before.open && !after.open && after.state !== 'struck') told.push(['ended', null]);
  return told.map(([what, region]) => [
    after.county,
    derivedId(loop, 'message', input.id, what),
    after.id,
    border.county,
    border.matter,
    what,
    region,
    time(now),
  ]);
}

type Message = {
  county: string;
  id: string;
  matter: string;
  to_county: string;
  to_matter: string;
  what: 'invite' | 'agreed' | 'ended';
  region: string | null;
  at: number;
};

/** Carries what waits. Returns how many messages arrived. */
export async function carry(loop: Loop, now: number, limit = 50): Promise<number> {
  const waiting = await loop.db.read<Message>(
    systemScope,
    sql`SELECT county, id, matter, to_county, to_matter, what, region, at FROM matter_message WHERE county = ANY (${[...loop.directory().counties.keys()]}::text[]) AND carried_at IS NULL ORDER BY at, id LIMIT ${limit}`,
  );
  let carried = 0;
  for (const message of waiting) {
    if (!(await arrive(loop, message, now))) continue;
    await loop.db.write(systemScope, tx =>
      tx.run(
        sql`UPDATE matter_message SET carried_at = ${time(now)} WHERE county = ${message.county} AND id = ${message.id}`,
      ),
    );
    carried += 1;
  }
  return carried;
}

/** Does on the other side what the message says. False: it cannot be yet, and is tried again. */
async function arrive(loop: Loop, message: Message, now: number): Promise<boolean> {
  if (message.what === 'invite') return twin(loop, message, now);
  const action = {
    type: 'hear' as const,
    data: { county: message.county, matter: message.matter, what: message.what, at: message.at },
    words: {},
  };
  try {
    await loop.db.write(systemScope, tx =>
      append(tx, loop, bySystem(now), message.to_county, message.to_matter, {
        id: derivedId(loop, 'hear', message.id),
        action,
      }),
    );
    return true;
  } catch (error) {
    // The invitation is still on its way; what was erased hears nothing any more.
    if (error instanceof Failure && error.code === 'not_found') return false;
    if (error instanceof Failure && ['border_none', 'erased'].includes(error.code)) return true;
    throw error;
  }
}

/** Registers the other side's own matter, with the same words under its own key. */
async function twin(loop: Loop, message: Message, now: number): Promise<boolean> {
  const row = await loop.db.readOne<any>(
    systemScope,
    sql`SELECT m.kind, m.category, m.received_at, m.sensitive, m.words, k.wrapped, k.version FROM matter m JOIN matter_key k ON k.county = m.county AND k.matter = m.id
        WHERE m.county = ${message.county} AND m.id = ${message.matter}`,
  );
  if (!row?.wrapped) return true;
  const words = loop.secrets.openRow<MatterWords>(row);
  await registerMatter(
    loop,
    bySystem(now),
    {
      id: message.to_matter,
      action: derivedId(loop, 'twin', message.id),
      kind: row.kind,
      title: words.title,
      text: words.text,
      category: row.category,
      source: 'other',
      receivedAt: message.at,
      region: message.region!,
      grid: null,
      location: null,
      fields: {},
      parties: [],
      externals: [],
      sensitive: row.sensitive,
      excludedUnits: [],
      excludedPeople: [],
      links: [],
    },
    {
      border: {
        county: message.county,
        matter: message.matter,
        role: 'other',
        agreedAt: null,
        theirsAt: null,
        outside: false,
        gone: false,
      },
    },
  );
  return true;
}
