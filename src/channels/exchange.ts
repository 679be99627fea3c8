/**
 * Matters that travel between systems and levels, as they come in: orders from above, another round, what became of ours.
 * The same package twice is answered the same; ids on this side derive from theirs, so that a crash between loses nothing.
 * Handing out is `exchange-out.ts`, the ways that packages travel `exchange-carry.ts`.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { House } from '../house.ts';
import { noScope, sql, systemScope, time } from '../kernel/db.ts';
import { Failure, invalid } from '../kernel/errors.ts';
import { typeOf } from '../kernel/files.ts';
import { kindNames, kinds } from '../kinds/kinds.ts';
import { act } from '../matters/acting.ts';
import { Action, roles } from '../matters/actions.ts';
import { attach } from '../matters/attaching.ts';
import { minuteOf } from '../matters/clocks.ts';
import { registerMatter } from '../matters/registration.ts';
import { bySystem, derivedId } from '../matters/store.ts';
import type { Peer, Travelling } from './exchange-tell.ts';
import { kidOf, unpack } from './packages.ts';

const id = z.uuid();
const text = z.string().max(20_000);
const head = { v: z.literal(1), id, exchange: id, at: z.number() };
const round = z.number().int().min(1).max(99);
const Order = z.object({
  ...head,
  type: z.literal('order'),
  round,
  number: z.string().max(64),
  kind: z.enum(kindNames),
  title: z.string().max(200),
  text: text.min(1),
  receivedAt: z.number(),
  dueAt: z.number().nullable(),
  region: z.string().max(17).nullable(),
  address: z.string().max(300).optional(),
  fields: z.record(z.string(), z.unknown()),
  sensitive: z.boolean(),
  parties: z
    .array(
      z.object({
        id,
        role: z.enum(roles),
        name: z.string().max(100).optional(),
        phone: z.string().max(40).optional(),
        identity: z.string().max(18).optional(),
        address: z.string().max(300).optional(),
        anonymous: z.boolean().default(false),
      }),
    )
    .max(200),
  files: z.array(z.object({ id, name: z.string().max(200), bytes: z.base64() })).max(20),
});
export const Message = z.discriminatedUnion('type', [
  Order,
  z.object({ ...head, type: z.literal('accepted'), round, number: z.string().max(64) }),
  z.object({ ...head, type: z.literal('declined'), round, text }),
  z.object({ ...head, type: z.literal('result'), round, text, position: z.string().max(40) }),
  z.object({ ...head, type: z.literal('again'), round, text: text.min(1) }),
]);
export type Message = z.output<typeof Message>;

export async function findPeer(house: House, kid: string): Promise<Peer | undefined> {
  const peers = await house.db.read<Peer>(
    noScope,
    sql`SELECT county, id, name, system, keys, url, pulls FROM peer WHERE ended_at IS NULL`,
  );
  for (const peer of peers) if ((await kidOf(peer.keys)) === kid) return peer;
}

export type Answer = { id: string; state: 'done' | 'refused'; reason?: string };

/** Takes a package in. A message that was taken before is answered as it was; with other bytes it is refused. */
export async function receive(house: House, text: string, now: number): Promise<{ peer: Peer; answer: Answer }> {
  const { peer, message } = await unpack(house.secrets, text, kid => findPeer(house, kid));
  const parsed = Message.safeParse(message);
  if (!parsed.success) throw invalid(parsed.error);
  const hash = createHash('sha256').update(JSON.stringify(message)).digest();
  const { county } = peer;
  const known = await house.db.readOne<{ hash: Buffer; state: Answer['state']; reason: string | null }>(
    systemScope,
    sql`SELECT hash, state, reason FROM exchange_message WHERE county = ${county} AND peer = ${peer.id} AND way = 'in' AND id = ${parsed.data.id}`,
  );
  if (known && !known.hash.equals(hash)) throw new Failure('conflict');
  if (known) return { peer, answer: answerOf(parsed.data.id, known.state, known.reason) };
  let end: { state: Answer['state']; reason: string | null } = { state: 'done', reason: null };
  try {
    await take(house, peer, parsed.data, now);
  } catch (error) {
    // What cannot be taken is answered with its reason; what broke on our side is tried again by the sender.
    if (!(error instanceof Failure) || error.code === 'internal') throw error;
    end = { state: 'refused', reason: error.message };
  }
  await house.db.write(systemScope, tx =>
    tx.run(sql`INSERT INTO exchange_message (county, peer, way, id, exchange, type, hash, state, reason, at)
      VALUES (${county}, ${peer.id}, 'in', ${parsed.data.id}, ${parsed.data.exchange}, ${parsed.data.type}, ${hash}, ${end.state}, ${end.reason}, ${time(now)}) ON CONFLICT DO NOTHING`),
  );
  return { peer, answer: answerOf(parsed.data.id, end.state, end.reason) };
}
const answerOf = (id: string, state: Answer['state'], reason: string | null): Answer => ({
  id,
  state,
  ...(reason && { reason }),
});

const journeyOf = async (house: House, peer: Peer, exchange: string, way: 'in' | 'out') => {
  const journey = await house.db.readOne<Travelling>(
    systemScope,
    sql`SELECT * FROM exchange WHERE county = ${peer.county} AND id = ${exchange} AND peer = ${peer.id} AND way = ${way}`,
  );
  if (!journey) throw new Failure('not_found');
  return journey;
};

async function take(house: House, peer: Peer, message: Message, now: number): Promise<void> {
  if (message.type === 'order') return takeOrder(house, peer, message, now);
  if (message.type === 'again') {
    const journey = await journeyOf(house, peer, message.exchange, 'in');
    // A round that was begun already is not begun again, in whatever order its packages come.
    if (message.round <= journey.round) return;
    const action = Action.parse({ type: 'again', data: { round: message.round }, words: { text: message.text } });
    await act(house.loop, bySystem(now), journey.county, journey.matter, {
      id: derivedId(house.loop, 'again', message.id),
      action,
    });
    await moved(house, journey, 'sent', message.round);
    return;
  }
  const journey = await journeyOf(house, peer, message.exchange, 'out');
  if (message.round !== journey.round) return;
  const step = async (to: 'accepted' | 'refused' | 'done', said: string) => {
    const action = Action.parse({
      type: 'dockStep',
      data: { dock: journey.dock, to, days: 30 },
      words: { text: said },
    });
    const doing = bySystem(now);
    try {
      await act(house.loop, doing, journey.county, journey.matter, {
        id: derivedId(house.loop, 'step', message.id, to),
        action,
      });
    } catch (error) {
      // A word that came late or by hand before: the dock has moved on.
      if (!(error instanceof Failure) || error.code !== 'no_such_dock') throw error;
    }
  };
  if (message.type === 'declined') {
    await step('refused', message.text || '—');
    return moved(house, journey, 'declined');
  }
  await step('accepted', message.type === 'accepted' ? message.number : '—');
  if (message.type === 'accepted') return moved(house, journey, 'accepted', undefined, message.number);
  await step('done', message.text || '—');
  return moved(house, journey, 'done');
}

const moved = (
  house: House,
  journey: Travelling,
  state: Travelling['state'],
  round = journey.round,
  number: string | null = null,
) =>
  house.db.write(systemScope, async tx => {
    await tx.run(
      // A result never becomes an acceptance again, in whatever order the two came.
      sql`UPDATE exchange SET state = CASE WHEN ${state} = 'accepted' AND state = 'done' AND round = ${round} THEN state ELSE ${state} END, round = ${round}, number = coalesce(${number}, number)
          WHERE county = ${journey.county} AND id = ${journey.id}`,
    );
  });

/** An order from elsewhere: registered here with its number there, once. */
async function takeOrder(house: House, peer: Peer, order: z.output<typeof Order>, now: number): Promise<void> {
  const directory = house.keeper.current;
  const { county } = peer;
  const home = directory.counties.get(county)!.region;
  const region = order.region && directory.countyOf(order.region) === county ? order.region : home;
  const shape = kinds[order.kind].fields.safeParse(order.fields);
  const mint = (what: string) => derivedId(house.loop, 'order', peer.id, order.exchange, what);
  const matter = mint('matter');
  const doing = bySystem(now);
  // What would be refused is refused before anything is written.
  for (const file of order.files) await typeOf(Buffer.from(file.bytes, 'base64'));
  await registerMatter(house.loop, doing, {
    id: matter,
    action: mint('register'),
    kind: order.kind,
    title: order.title,
    text: order.text,
    category: null,
    source: 'superior',
    receivedAt: order.at,
    ...(order.dueAt && { receivedReason: `${peer.name}：${minuteOf(order.dueAt)}` }),
    region,
    grid: null,
    location: null,
    ...(order.address && { address: order.address }),
    fields: shape.success ? shape.data : {},
    parties: order.parties.map(party => ({ ...party, id: mint(party.id) })),
    externals: [{ system: peer.system, number: order.number }],
    sensitive: order.sensitive,
    excludedUnits: [],
    excludedPeople: [],
    links: [],
  });
  for (const file of order.files)
    await attach(
      house,
      doing,
      { county, id: matter },
      {
        id: mint(file.id),
        action: mint(`attach ${file.id}`),
        name: file.name,
        bytes: Buffer.from(file.bytes, 'base64'),
        audience: 'participants',
      },
    );
  await house.db.write(systemScope, tx =>
    tx.run(sql`INSERT INTO exchange (county, id, peer, way, matter, number, round, state, at)
      VALUES (${county}, ${order.exchange}, ${peer.id}, 'in', ${matter}, ${order.number}, ${order.round}, 'sent', ${time(now)}) ON CONFLICT DO NOTHING`),
  );
}
