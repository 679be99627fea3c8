/**
 * What was done is told outside, each action once: to the person who raised the matter, to webhooks, and to the system a
 * matter came from. Marks are written with the projection; what is told derives its id from the action.
 */
import type { House } from '../house.ts';
import { sql, systemScope, type Tx } from '../kernel/db.ts';
import { type Matter, partyOf } from '../matters/matter.ts';
import { guarded, matterOf } from '../matters/rows.ts';
import { derivedId, type MatterWords } from '../matters/store.ts';
import { tellPeers } from './exchange-tell.ts';
import { enqueue } from './outbox.ts';
import { enqueueEvents } from './webhooks.ts';
import type { TemplateName } from './words.ts';

export type Happened = {
  id: string;
  seq: number;
  type: string;
  at: number;
  data: any;
  words: any;
  unit: string | null;
};

const day = 86_400_000;

/** Which message an action is to the person. */
const told: Partial<Record<string, TemplateName>> = {
  register: 'registered',
  decline: 'declined',
  ask: 'asked',
  answer: 'answered',
  close: 'rate',
};

/** Takes up to `limit` marks and writes what is to be told. Returns marks taken. */
export async function announce(house: House, now: number, limit = 100): Promise<number> {
  return house.db.write(systemScope, async tx => {
    const marks = await tx.many<{ county: string; matter: string }>(
      sql`DELETE FROM channel_mark WHERE (county, n) IN (SELECT county, n FROM channel_mark ORDER BY n LIMIT ${limit} FOR UPDATE SKIP LOCKED) RETURNING county, matter`,
    );
    for (const key of new Set(marks.map(mark => `${mark.county} ${mark.matter}`))) {
      const [county, matter] = key.split(' ') as [string, string];
      await announceOne(tx, house, county, matter, now);
    }
    return marks.length;
  });
}

async function announceOne(tx: Tx, house: House, county: string, id: string, now: number): Promise<void> {
  // The row is locked first: two processes never tell the same action, whichever mark they took.
  await tx.run(sql`INSERT INTO announced VALUES (${county}, ${id}, 0) ON CONFLICT DO NOTHING`);
  const [upto] = await tx.many<{ seq: number }>(
    sql`SELECT seq FROM announced WHERE county = ${county} AND matter = ${id} FOR UPDATE`,
  );
  const [row] = await tx.many<any>(
    sql`SELECT m.*, k.wrapped, k.version FROM matter m JOIN matter_key k ON k.county = m.county AND k.matter = m.id WHERE m.county = ${county} AND m.id = ${id}`,
  );
  if (!row) return;
  const actions = await tx.many<any>(
    sql`SELECT id, seq, type, at, data, words, unit FROM matter_action WHERE county = ${county} AND matter = ${id} AND seq > ${upto!.seq} ORDER BY seq`,
  );
  if (!actions.length) return;
  const matter = matterOf(row);
  const key = row.wrapped ? house.secrets.unwrap(row.wrapped, row.version) : undefined;
  const happened: Happened[] = actions.map(action => ({
    ...action,
    words: key && action.words ? house.secrets.open(key, action.words) : null,
  }));
  // What is old is no news: a county that begins to tell does not tell its past.
  const fresh = happened.filter(one => one.at > now - day);
  if (!matter.stock) for (const one of fresh) await tellPerson(tx, house, matter, one, now);
  if (!guarded(matter)) await enqueueEvents(tx, house, matter, fresh, now);
  await tellPeers(tx, house, matter, happened, key && house.secrets.open<MatterWords>(key, row.words), now);
  await tx.run(sql`UPDATE announced SET seq = ${happened.at(-1)!.seq} WHERE county = ${county} AND matter = ${id}`);
}

/** The person is told by SMS that there is something to read; what it says stays behind the receipt code. */
async function tellPerson(tx: Tx, house: House, matter: Matter, one: Happened, now: number): Promise<void> {
  const template = one.type === 'decideExtension' && one.data.granted ? 'extended' : told[one.type];
  const party = partyOf(matter);
  // Parts, twins and what a machine registered speak to nobody.
  if (!template || !party || matter.whole || matter.border?.role === 'other') return;
  const county = house.keeper.current.counties.get(matter.county)?.name ?? '';
  const message = { county: matter.county, channel: 'sms' as const, template, matter: matter.id, party: party.id };
  await enqueue(
    tx,
    house,
    { ...message, id: derivedId(house.loop, 'told', one.id), data: { number: matter.number, county } },
    now,
  );
}
