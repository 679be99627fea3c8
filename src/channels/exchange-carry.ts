/** The ways that packages travel: pushed over HTTP, fetched by a peer or from one, or as a file across separated networks. */
import { z } from 'zod';
import type { House } from '../house.ts';
import { noScope, sql, systemScope, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { type Answer, findPeer, receive } from './exchange.ts';
import type { Peer } from './exchange-tell.ts';
import { pack, unpack } from './packages.ts';
import { backOff } from './words.ts';

/** An acknowledgement, signed and sealed like everything else: what became of which message. */
const Ack = z.object({
  v: z.literal(1),
  acknowledges: z.array(z.object({ id: z.uuid(), state: z.enum(['done', 'refused']), reason: z.string().optional() })),
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
