/** What the house says to other systems about matters that travel: written to the outbox of packages with the action itself. */
import { createHash } from 'node:crypto';
import type { House } from '../house.ts';
import { sql, type Tx, time } from '../kernel/db.ts';
import type { Matter } from '../matters/matter.ts';
import { derivedId, type MatterWords } from '../matters/store.ts';
import type { Happened } from './announce.ts';
import type { Message } from './exchange.ts';
import { type PublicKeys, pack } from './packages.ts';

export type Peer = {
  county: string;
  id: string;
  name: string;
  system: 'petition' | 'hotline' | 'court' | 'police' | 'other';
  keys: PublicKeys;
  url: string | null;
  pulls: boolean;
};
export type Travelling = {
  county: string;
  id: string;
  peer: string;
  way: 'in' | 'out';
  matter: string;
  number: string | null;
  round: number;
  state: 'sent' | 'accepted' | 'declined' | 'done' | 'withdrawn';
  dock: number | null;
};

/** Puts a message for a peer into the outbox of packages; one that is there stays as it is. */
export async function send(tx: Tx, house: House, peer: Peer, message: Message, now: number): Promise<void> {
  const text = await pack(house.secrets, peer.keys, message);
  const hash = createHash('sha256').update(JSON.stringify(message)).digest();
  await tx.run(sql`INSERT INTO exchange_message (county, peer, way, id, exchange, type, package, hash, state, next_at, at)
    VALUES (${peer.county}, ${peer.id}, 'out', ${message.id}, ${message.exchange}, ${message.type}, ${text}, ${hash}, 'waiting', ${time(now)}, ${time(now)}) ON CONFLICT DO NOTHING`);
}

export const peerById = (tx: Tx, county: string, id: string) =>
  tx.one<Peer>(
    sql`SELECT county, id, name, system, keys, url, pulls FROM peer WHERE county = ${county} AND id = ${id} AND ended_at IS NULL`,
  );

/** Tells whoever sent a matter what became of it. */
export async function tellPeers(
  tx: Tx,
  house: House,
  matter: Matter,
  happened: Happened[],
  words: MatterWords | undefined,
  now: number,
): Promise<void> {
  const journeys = await tx.many<Travelling>(
    sql`SELECT * FROM exchange WHERE county = ${matter.county} AND matter = ${matter.id} AND way = 'in' FOR UPDATE`,
  );
  for (const journey of journeys) {
    const peer = await peerById(tx, matter.county, journey.peer);
    if (!peer) continue;
    for (const one of happened) {
      const said = messageOf(journey, matter, one, words !== undefined);
      if (!said) continue;
      const id = derivedId(house.loop, 'tell', journey.id, one.id);
      await send(tx, house, peer, { v: 1, id, exchange: journey.id, at: one.at, ...said } as Message, now);
      const state = said.type === 'accepted' ? 'accepted' : said.type === 'result' ? 'done' : 'declined';
      await tx.run(sql`UPDATE exchange SET state = ${state} WHERE county = ${journey.county} AND id = ${journey.id}`);
    }
  }
}

function messageOf(journey: Travelling, matter: Matter, { type, data, words }: Happened, readable: boolean) {
  const { round } = journey;
  const text = readable ? String(words?.text ?? '') : '';
  if (type === 'accept') return { type: 'accepted', round, number: matter.number };
  if (type === 'decline') return { type: 'declined', round, text: text || data.route };
  if (type === 'withdraw' || type === 'merge') return { type: 'declined', round, text: text || type };
  if (type === 'answer') return { type: 'result', round, text, position: data.position };
}
