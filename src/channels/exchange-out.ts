/** What we hand to other systems and levels: docked here with a deadline, sent with its words, people and files, and sent again. */
import type { House } from '../house.ts';
import { noScope, sql, systemScope, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { act } from '../matters/acting.ts';
import { Action } from '../matters/actions.ts';
import { openFile } from '../matters/attaching.ts';
import type { Body } from '../matters/mediation-codes.ts';
import { readPage, reveal } from '../matters/reading.ts';
import { type Doing, derivedId, type PartyWords } from '../matters/store.ts';
import type { Message } from './exchange.ts';
import { type Peer, peerById, send, type Travelling } from './exchange-tell.ts';

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

/** Docks a matter with a peer for so many days; the same action again finds the same dock. */
async function dockWith(
  house: House,
  doing: Doing,
  on: { county: string; id: string },
  peer: Peer,
  given: { action: string; days: number; text: string },
) {
  const data = { way: 'out', body: bodyOf[peer.system], name: peer.name, days: given.days };
  const action = Action.parse({ type: 'dock', data, words: { text: given.text } });
  const { matter } = await act(house.loop, doing, on.county, on.id, { id: given.action, action });
  return matter.docks.findLast(one => one.name === peer.name && one.way === 'out');
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
  const dock = await dockWith(house, doing, on, peer, given);
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
  const dock = await dockWith(house, doing, on, peer, given);
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
