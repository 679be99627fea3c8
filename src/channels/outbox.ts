/**
 * The one outbox. What is to be told is written with ids only; who and where is read at the moment of sending, so that an
 * erasure, a withdrawn phone or a safe-contact note reaches what still waits.
 */
import type { House } from '../house.ts';
import { json, sql, systemScope, type Tx, time } from '../kernel/db.ts';
import type { Secrets } from '../kernel/secrets.ts';
import { normalPhone } from '../matters/lookups.ts';
import type { MatterWords, PartyWords } from '../matters/store.ts';
import { type Adapter, adapters, type Outcome, repeatable } from './adapters.ts';
import {
  afterQuiet,
  backOff,
  type ChannelName,
  commonQuiet,
  fill,
  type Language,
  type Quiet,
  standard,
  type TemplateName,
} from './words.ts';

/** Where to, and what only whoever is there may read. */
type Address = { to: string; data?: Record<string, string> };

export type Message = {
  county: string;
  /** Derived from what is told, so that it is told once. */
  id: string;
  channel: ChannelName;
  template: TemplateName;
  language?: Language;
  matter?: string | null;
  party?: string | null;
  person?: string | null;
  /** A phone that no matter knows, with what is for it alone; sealed until it was sent. */
  address?: Address;
  data: Record<string, string>;
  urgent?: boolean;
};

/** A short text sealed under the master key itself; rotation seals it anew. */
export const sealText = (secrets: Secrets, text: string) => ({
  sealed: secrets.wrap(Buffer.from(text, 'utf8')),
  version: secrets.version,
});
export const openText = (secrets: Secrets, sealed: Buffer, version: number) =>
  secrets.unwrap(sealed, version).toString('utf8');

/** Puts a message into the outbox; one that is there already stays as it is. */
export async function enqueue(tx: Tx, house: House, message: Message, now: number): Promise<void> {
  const to = message.address === undefined ? null : sealText(house.secrets, JSON.stringify(message.address));
  await tx.run(sql`INSERT INTO message_out (county, id, channel, template, language, matter, party, person, sealed, version, data, urgent, state, next_at, made_at)
    VALUES (${message.county}, ${message.id}, ${message.channel}, ${message.template}, ${message.language ?? 'zh'}, ${message.matter ?? null}, ${message.party ?? null},
      ${message.person ?? null}, ${to?.sealed ?? null}, ${to?.version ?? null}, ${json(message.data)}, ${message.urgent ?? false}, 'waiting', ${time(now)}, ${time(now)})
    ON CONFLICT DO NOTHING`);
}

type Row = {
  county: string;
  id: string;
  channel: ChannelName;
  template: TemplateName;
  language: Language;
  matter: string | null;
  party: string | null;
  person: string | null;
  sealed: Buffer | null;
  version: number | null;
  data: Record<string, string>;
  urgent: boolean;
  state: string;
  tries: number;
};
type Channel = { config: unknown; secret: Buffer | null; version: number | null; enabled: boolean };
type End = {
  state: 'sent' | 'waiting' | 'dead' | 'unknown' | 'withheld';
  reason?: string;
  provider?: string;
  at?: number;
};

/** Sends what is due. Returns how many messages were looked at. */
export async function sendDue(house: House, now: number, limit = 20, ways: Record<ChannelName, Adapter> = adapters) {
  // Taken in a transaction of its own: a process that dies while sending leaves `sending` behind, never a second send.
  const taken = await house.db.write(systemScope, tx =>
    tx.many<Row>(sql`UPDATE message_out SET state = 'sending', tries = tries + 1, next_at = ${time(now + 600_000)}
      WHERE (county, id) IN (SELECT county, id FROM message_out WHERE state = 'waiting' AND next_at <= ${time(now)} ORDER BY urgent DESC, next_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING *`),
  );
  const lost = await house.db.write(systemScope, tx =>
    tx.many<Row>(
      sql`SELECT * FROM message_out WHERE state = 'sending' AND next_at <= ${time(now)} LIMIT ${limit} FOR UPDATE SKIP LOCKED`,
    ),
  );
  await Promise.all([
    ...taken.map(async row => finish(house, row, await sendOne(house, row, now, ways), now)),
    ...lost.map(row =>
      finish(
        house,
        row,
        repeatable[row.channel] ? { state: 'waiting', at: now } : { state: 'unknown', reason: 'interrupted' },
        now,
      ),
    ),
  ]);
  return taken.length + lost.length;
}

const finish = (house: House, row: Row, end: End, now: number) =>
  house.db.write(systemScope, tx =>
    tx.run(sql`UPDATE message_out SET state = ${end.state}, reason = ${end.reason ?? null}, provider = coalesce(${end.provider ?? null}, provider),
      tries = ${end.reason === 'quiet' ? row.tries - 1 : row.tries}, next_at = ${time(end.at ?? now)}, sent_at = ${end.state === 'sent' ? time(now) : null},
      sealed = CASE WHEN ${end.state} IN ('sent', 'withheld') THEN NULL ELSE sealed END WHERE county = ${row.county} AND id = ${row.id}`),
  );

async function sendOne(house: House, row: Row, now: number, ways: Record<ChannelName, Adapter>): Promise<End> {
  try {
    const [channels, own, settings] = (await house.db.reads(
      systemScope,
      sql`SELECT config, secret, version, enabled FROM channel WHERE county = ${row.county} AND name = ${row.channel}`,
      sql`SELECT language, carrier, title, body FROM message_template WHERE county = ${row.county} AND name = ${row.template} AND channel = ${row.channel} AND language IN (${row.language}, 'zh') ORDER BY language = ${row.language} DESC`,
      sql`SELECT value FROM county_setting WHERE county = ${row.county} AND name = 'quiet'`,
    )) as [Channel[], { carrier: string | null; title: string; body: string }[], { value: Quiet }[]];
    const channel = channels[0];
    if (!channel?.enabled) return { state: 'withheld', reason: 'channel-off' };
    const template =
      own[0] ?? (row.channel === 'sms' ? undefined : { carrier: null, ...standard(row.template, row.language) });
    if (!template) return { state: 'withheld', reason: 'no-approved-template' };
    const open = row.urgent ? now : afterQuiet(now, settings[0]?.value ?? commonQuiet);
    if (open > now) return { state: 'waiting', at: open, reason: 'quiet' };
    const whom = await addressOf(house, row);
    if ('reason' in whom) return { state: 'withheld', reason: whom.reason };
    const data: Record<string, string> = {
      ...row.data,
      ...whom.data,
      ...(template.body.includes('{receipt}') && { receipt: await receiptOf(house, row) }),
    };
    const outcome = await ways[row.channel](
      channel.config,
      channel.secret ? openText(house.secrets, channel.secret, channel.version!) : '',
      {
        id: row.id,
        to: whom.to,
        title: fill(template.title, data),
        text: fill(template.body, data),
        carrier: template.carrier,
        values: [...template.body.matchAll(/\{(\w+)\}/g)].map(found => data[found[1]!] ?? ''),
      },
    );
    return endOf(row, outcome, now);
  } catch (error) {
    // Nothing left the house yet: an adapter answers for itself.
    console.error(error);
    return endOf(row, { ok: false, kind: 'later', reason: 'internal' }, now);
  }
}

function endOf(row: Row, outcome: Outcome, now: number): End {
  if (outcome.ok) return { state: 'sent', ...(outcome.provider && { provider: outcome.provider }) };
  const reason = outcome.reason.slice(0, 200);
  if (outcome.kind === 'never') return { state: 'dead', reason };
  if (outcome.kind === 'unknown' && !repeatable[row.channel]) return { state: 'unknown', reason };
  const wait = backOff(row.tries);
  return wait === undefined ? { state: 'dead', reason } : { state: 'waiting', reason, at: now + wait * 60_000 };
}

/** Where it goes, or why it must not. */
async function addressOf(house: House, row: Row): Promise<Address | { reason: string }> {
  if (row.sealed) return JSON.parse(openText(house.secrets, row.sealed, row.version!));
  if (row.channel === 'official') return { to: 'all' };
  if (row.person) {
    const known = await house.db.readOne<{ sealed: Buffer; version: number }>(
      systemScope,
      sql`SELECT a.sealed, a.version FROM person_address a JOIN person p ON p.id = a.person WHERE a.person = ${row.person} AND a.channel = ${row.channel} AND p.disabled_at IS NULL`,
    );
    return known ? { to: openText(house.secrets, known.sealed, known.version) } : { reason: 'no-address' };
  }
  const party = await house.db.readOne<any>(
    systemScope,
    sql`SELECT p.words, p.wrapped, p.version FROM matter_party p
        WHERE p.county = ${row.county} AND p.matter = ${row.matter} AND p.id = ${row.party}`,
  );
  if (!party?.wrapped) return { reason: 'erased' };
  const { phone, safe } = house.secrets.openRow<PartyWords>(party);
  // When one may call and what must not be said is for a person to heed; a machine then says nothing at all.
  if (safe?.when || safe?.never) return { reason: 'safe-contact' };
  const to = normalPhone(safe ? (safe.phone ?? '') : (phone ?? ''));
  return /^1\d{10}$/.test(to) ? { to } : { reason: safe ? 'safe-contact' : 'no-address' };
}

async function receiptOf(house: House, row: Row): Promise<string> {
  const found = await house.db.readOne<any>(
    systemScope,
    sql`SELECT m.words, k.wrapped, k.version FROM matter m JOIN matter_key k ON k.county = m.county AND k.matter = m.id WHERE m.county = ${row.county} AND m.id = ${row.matter}`,
  );
  return found?.wrapped ? house.secrets.openRow<MatterWords>(found).receipt : '';
}

/** A person decides on what was given up or may have gone out: try again, or let it rest. */
export const decideMessage = (house: House, county: string, id: string, again: boolean, now: number) =>
  house.db.write(systemScope, tx =>
    tx.run(sql`UPDATE message_out SET state = ${again ? 'waiting' : 'withheld'}, tries = 0, reason = ${again ? null : 'let-rest'}, next_at = ${time(now)}
      WHERE county = ${county} AND id = ${id} AND state IN ('dead', 'unknown') AND template <> 'code'`),
  );
