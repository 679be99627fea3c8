/**
 * Matters that travel between systems and levels: orders from above come in, are answered back, are sent back for another
 * round; what we hand out comes back with its result. Over HTTP, by being fetched, or as a file across separated networks.
 * The same package twice is answered the same; ids on this side derive from theirs, so that a crash between loses nothing.
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
import { attach, openFile } from '../matters/attaching.ts';
import { minuteOf } from '../matters/clocks.ts';
import type { Body } from '../matters/mediation-codes.ts';
import { readPage, reveal } from '../matters/reading.ts';
import { registerMatter } from '../matters/registration.ts';
import { type Doing, derivedId, type PartyWords } from '../matters/store.ts';
import { type Peer, peerById, send, type Travelling } from './exchange-tell.ts';
import { kidOf, pack, unpack } from './packages.ts';
import { backOff } from './words.ts';

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

/** Bodies of docking by what a peer is. */
const bodyOf: Record<Peer['system'], Body> = {
  petition: 'petition',
  hotline: 'other',
  court: 'court',
  police: 'police',
  other: 'other',
};
/** What travels in one package. */
const mostBytes = 16 * 1024 * 1024;

const system = (now: number): Doing => ({ actor: { person: null, posts: [], system: true }, scope: systemScope, now });

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
    await act(house.loop, system(now), journey.county, journey.matter, {
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
    const doing = system(now);
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
  const doing = system(now);
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

/** Hands a matter to another system: docked here with a deadline, on its way there with its words, people and files. */
export async function handOut(
  house: House,
  doing: Doing,
  on: { county: string; id: string },
  given: { action: string; peer: string; exchange: string; days: number; text: string; files: string[] },
): Promise<void> {
  const peer = await house.db.write(noScope, tx => peerById(tx, on.county, given.peer));
  if (!peer) throw new Failure('peer_unknown');
  const page = await readPage(house.loop, doing, on.county, on.id);
  const { matter } = page;
  const data = { way: 'out', body: bodyOf[peer.system], name: peer.name, days: given.days };
  const action = Action.parse({ type: 'dock', data, words: { text: given.text } });
  const words = (await reveal(house.loop, doing, on.county, on.id, undefined)) as {
    title: string;
    text: string;
    address?: string;
  };
  const parties = [];
  for (const ref of matter.parties) {
    if (ref.unit) continue;
    const { name, phone, identity, address } = (await reveal(
      house.loop,
      doing,
      on.county,
      on.id,
      ref.id,
    )) as PartyWords;
    // A safe-contact note is not for machines elsewhere: a person tells it to a person.
    parties.push({ id: ref.id, role: ref.role, name, phone, identity, address, anonymous: !name });
  }
  const files = [];
  let size = 0;
  for (const wanted of given.files) {
    const file = matter.files.find(one => one.id === wanted && one.audience === 'participants');
    if (!file) throw new Failure('not_found');
    size += file.size;
    if (size > mostBytes) throw new Failure('file_too_large', { limit: '16 MB' });
    const name = String(page.timeline.find(entry => entry.data.id === file.id)?.words?.text ?? 'file');
    files.push({ id: file.id, name, bytes: (await openFile(house, doing.scope, on, file.id)).toString('base64') });
  }
  const acted = await act(house.loop, doing, on.county, on.id, { id: given.action, action });
  const dock = acted.matter.docks.findLast(one => one.name === peer.name && one.way === 'out');
  const order: Message = {
    v: 1,
    id: derivedId(house.loop, 'handed', given.exchange),
    exchange: given.exchange,
    at: doing.now,
    type: 'order',
    round: 1,
    number: matter.number,
    kind: matter.kind,
    title: words.title,
    text: words.text,
    receivedAt: matter.receivedAt,
    dueAt: dock?.dueAt ?? null,
    region: matter.path.at(-1) ?? null,
    ...(words.address && { address: words.address }),
    fields: matter.fields,
    sensitive: matter.sensitive,
    parties,
    files,
  };
  await house.db.write(systemScope, async tx => {
    await tx.run(sql`INSERT INTO exchange (county, id, peer, way, matter, round, state, dock, at)
      VALUES (${on.county}, ${given.exchange}, ${peer.id}, 'out', ${on.id}, 1, 'sent', ${dock?.n ?? null}, ${time(doing.now)}) ON CONFLICT DO NOTHING`);
    await send(tx, house, peer, order, doing.now);
  });
}

/** Not content with what came back: another round, docked anew. */
export async function sendAgain(
  house: House,
  doing: Doing,
  on: { county: string; id: string },
  given: { action: string; exchange: string; days: number; text: string },
): Promise<void> {
  const journey = await house.db.readOne<Travelling>(
    systemScope,
    sql`SELECT * FROM exchange WHERE county = ${on.county} AND id = ${given.exchange} AND matter = ${on.id} AND way = 'out'`,
  );
  const peer = journey && (await house.db.write(noScope, tx => peerById(tx, on.county, journey.peer)));
  if (!journey || !peer) throw new Failure('not_found');
  const replay = await house.db.readOne(
    systemScope,
    sql`SELECT 1 FROM exchange_message WHERE county = ${on.county} AND peer = ${peer.id} AND way = 'out' AND id = ${derivedId(house.loop, 'round', given.action)}`,
  );
  if (replay) return;
  if (journey.state !== 'done' && journey.state !== 'declined') throw new Failure('docked_before');
  const data = { way: 'out', body: bodyOf[peer.system], name: peer.name, days: given.days };
  const action = Action.parse({ type: 'dock', data, words: { text: given.text } });
  const acted = await act(house.loop, doing, on.county, on.id, { id: given.action, action });
  const dock = acted.matter.docks.findLast(one => one.name === peer.name && one.way === 'out');
  const next = journey.round + 1;
  await house.db.write(systemScope, async tx => {
    await tx.run(
      sql`UPDATE exchange SET round = ${next}, state = 'sent', dock = ${dock?.n ?? null} WHERE county = ${on.county} AND id = ${journey.id} AND round = ${journey.round}`,
    );
    await send(
      tx,
      house,
      peer,
      {
        v: 1,
        id: derivedId(house.loop, 'round', given.action),
        exchange: journey.id,
        at: doing.now,
        type: 'again',
        round: next,
        text: given.text,
      },
      doing.now,
    );
  });
}

/** An acknowledgement, signed and sealed like everything else: what became of which message. */
const Ack = z.object({
  v: z.literal(1),
  acknowledges: z.array(z.object({ id, state: z.enum(['done', 'refused']), reason: z.string().optional() })),
});

export const acknowledge = (house: House, peer: Peer, answers: Answer[]) =>
  pack(house.secrets, peer.keys, { v: 1, acknowledges: answers });

/** Notes what the other side took or refused. Returns how many. */
export async function takeAcknowledgement(house: House, text: string): Promise<number> {
  const { peer, message } = await unpack(house.secrets, text, kid => findPeer(house, kid));
  const parsed = Ack.safeParse(message);
  if (!parsed.success) throw new Failure('package_wrong');
  return house.db.write(systemScope, async tx => {
    let noted = 0;
    for (const one of parsed.data.acknowledges)
      noted += await tx.run(
        sql`UPDATE exchange_message SET state = ${one.state === 'done' ? 'acknowledged' : 'refused'}, reason = ${one.reason ?? null}, package = NULL
            WHERE county = ${peer.county} AND peer = ${peer.id} AND way = 'out' AND id = ${one.id} AND state IN ('waiting', 'dead')`,
      );
    return noted;
  });
}

type Waiting = { county: string; peer: string; id: string; package: string; tries: number; url: string };

/** Pushes what waits, in order for each peer. Returns how many were tried. */
export async function push(house: House, now: number, limit = 20): Promise<number> {
  const waiting = await house.db.write(systemScope, tx =>
    tx.many<Waiting>(sql`UPDATE exchange_message m SET tries = m.tries + 1, next_at = ${time(now + 120_000)} FROM peer p
      WHERE p.county = m.county AND p.id = m.peer AND p.ended_at IS NULL AND p.url IS NOT NULL AND NOT p.pulls AND m.way = 'out'
        AND (m.county, m.peer, m.id) IN (SELECT county, peer, id FROM exchange_message o WHERE way = 'out' AND state = 'waiting' AND next_at <= ${time(now)}
          AND NOT EXISTS (SELECT FROM exchange_message e WHERE e.county = o.county AND e.peer = o.peer AND e.exchange = o.exchange AND e.way = 'out' AND e.state = 'waiting' AND e.n < o.n)
          ORDER BY n LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING m.county, m.peer, m.id, m.package, m.tries, p.url`),
  );
  for (const one of waiting) {
    const reason = await pushOne(house, one);
    if (reason === undefined) continue;
    const wait = backOff(one.tries);
    await house.db.write(systemScope, tx =>
      tx.run(sql`UPDATE exchange_message SET state = ${wait === undefined ? 'dead' : 'waiting'}, reason = ${reason}, next_at = ${time(now + (wait ?? 0) * 60_000)}
        WHERE county = ${one.county} AND peer = ${one.peer} AND way = 'out' AND id = ${one.id} AND state = 'waiting'`),
    );
  }
  return waiting.length;
}

/** Undefined when it was acknowledged; else why not. */
async function pushOne(house: House, one: Waiting): Promise<string | undefined> {
  try {
    const response = await fetch(one.url, {
      method: 'POST',
      headers: { 'content-type': 'application/jose' },
      body: one.package,
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) return `HTTP ${response.status}`;
    return (await takeAcknowledgement(house, text)) ? undefined : 'not acknowledged';
  } catch (error) {
    return error instanceof Failure ? error.code : (error as Error).name;
  }
}

/** What waits for a peer that fetches, or for a disk. It stays waiting until it is acknowledged. */
export const waitingFor = (house: House, county: string, peer: string, limit = 100) =>
  house.db.read<{ package: string }>(
    systemScope,
    sql`SELECT package FROM exchange_message WHERE county = ${county} AND peer = ${peer} AND way = 'out' AND state IN ('waiting', 'dead') ORDER BY n LIMIT ${limit}`,
  );

/** A file across separated networks: one package or acknowledgement a line. Returns the acknowledgements to carry back. */
export async function readFile(house: House, text: string, now: number) {
  const answers = new Map<string, { peer: Peer; list: Answer[] }>();
  const result = { taken: 0, refused: 0, acknowledged: 0, unreadable: 0 };
  for (const line of text
    .split(/\r?\n/)
    .map(one => one.trim())
    .filter(Boolean)) {
    try {
      const { peer, answer } = await receive(house, line, now);
      const known = answers.get(peer.id) ?? { peer, list: [] };
      known.list.push(answer);
      answers.set(peer.id, known);
      result[answer.state === 'done' ? 'taken' : 'refused'] += 1;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // No message: perhaps an acknowledgement of what we sent.
      const noted = await takeAcknowledgement(house, line).catch(() => undefined);
      if (noted === undefined) result.unreadable += 1;
      else result.acknowledged += noted;
    }
  }
  const back = [];
  for (const { peer, list } of answers.values()) back.push(await acknowledge(house, peer, list));
  return { ...result, back: back.join('\n') };
}

const Pull = z.object({ v: z.literal(1), pull: z.literal(true), at: z.number() });

/** A peer fetches what waits for it: a signed request, packages as lines. It answers by sending acknowledgements. */
export async function pulled(house: House, text: string, now: number): Promise<string> {
  const { peer, message } = await unpack(house.secrets, text, kid => findPeer(house, kid));
  const parsed = Pull.safeParse(message);
  if (!parsed.success || Math.abs(parsed.data.at - now) > 15 * 60_000) throw new Failure('package_wrong');
  return (await waitingFor(house, peer.county, peer.id)).map(row => row.package).join('\n');
}

/** Fetches from peers that do not push to us, and acknowledges. Returns how many packages came. */
export async function pull(house: House, now: number): Promise<number> {
  const peers = await house.db.read<Peer>(
    noScope,
    sql`SELECT county, id, name, system, keys, url, pulls FROM peer WHERE ended_at IS NULL AND pulls AND url IS NOT NULL`,
  );
  let came = 0;
  for (const peer of peers) {
    const ask = async (path: string, body: string) => {
      const response = await fetch(peer.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/jose' },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(30_000),
      });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      return response.text();
    };
    try {
      const lines = await ask('/pull', await pack(house.secrets, peer.keys, { v: 1, pull: true, at: now }));
      if (lines.trim()) {
        const read = await readFile(house, lines, now);
        came += read.taken + read.refused;
        if (read.back) await ask('/acknowledgements', read.back);
      }
      // What we have for a peer that does not listen goes the same way.
      for (const { package: text } of await waitingFor(house, peer.county, peer.id))
        await takeAcknowledgement(house, await ask('', text));
    } catch (error) {
      console.error(`exchange with ${peer.name}: ${(error as Error).message}`);
    }
  }
  return came;
}
