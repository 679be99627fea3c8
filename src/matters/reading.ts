/** The page of one matter, and the showing of clear data. */
import { sql } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { abilities } from './decide.ts';
import { visible } from './filters.ts';
import type { Matter, State } from './matter.ts';
import { maySee } from './policy.ts';
import { redact } from './redact.ts';
import { matterOf, rewritesWords } from './rows.ts';
import type { Doing, Loop, MatterWords, PartyWords } from './store.ts';

export type TimelineEntry = {
  seq: number;
  id: string;
  type: string;
  actor: string | null;
  actorName: string | null;
  unit: string | null;
  at: number;
  deviceAt: number | null;
  data: Record<string, unknown>;
  words: Record<string, unknown> | null;
  state: State;
  dueAt: number | null;
};
export type PartyView = { id: string; masked: { phone: string | null; identity: string | null; safe: boolean } };
export type MatterPage = {
  matter: Matter;
  summary: string | null;
  words: Omit<MatterWords, 'receipt' | 'summary'> | null;
  parties: PartyView[];
  timeline: TimelineEntry[];
  abilities: string[];
  erased: boolean;
};

/** The whole page of one matter, in one round trip. Narratives are shown redacted; clear data is shown by `reveal`. */
export async function readPage(loop: Loop, { actor, scope }: Doing, county: string, id: string): Promise<MatterPage> {
  const [rows, actions, parties] = (await loop.db.reads(
    scope,
    sql`SELECT m.*, k.wrapped, k.version
        FROM matter m LEFT JOIN matter_key k ON k.county = m.county AND k.matter = m.id WHERE m.county = ${county} AND m.id = ${id}`,
    sql`SELECT a.seq, a.id, a.type, a.actor, (SELECT name FROM person WHERE id = a.actor) AS actor_name, a.unit, a.at, a.device_at, a.data, a.effects, a.words
        FROM matter_action a WHERE a.county = ${county} AND a.matter = ${id} ORDER BY a.seq`,
    sql`SELECT id, masked FROM matter_party WHERE county = ${county} AND matter = ${id}`,
  )) as [any[], any[], PartyView[]];
  const matter: Matter | undefined = rows[0] && matterOf(rows[0]);
  if (!matter || !maySee(actor, matter)) throw new Failure('not_found');
  const { wrapped, version } = rows[0];
  const key = wrapped ? loop.secrets.unwrap(wrapped, version) : undefined;
  const units = actor.posts.map(post => post.unit);
  let state: State = 'registered';
  let dueAt: number | null = null;
  let former: Record<string, unknown> = {};
  const timeline: TimelineEntry[] = actions.map(row => {
    for (const effect of row.effects) {
      if (effect.set?.state) state = effect.set.state;
      if (effect.set && 'dueAt' in effect.set) dueAt = effect.set.dueAt;
    }
    const kept = row.data.audience === 'unit' && !units.includes(row.unit);
    const opened: Record<string, unknown> | null = row.words && key && !kept ? loop.secrets.open(key, row.words) : null;
    const rewrites = rewritesWords(row.type, row.data);
    const words = opened && row.type !== 'register' ? hide(rewrites ? rewriting(opened, former) : opened) : null;
    if (rewrites && opened) former = opened;
    return {
      seq: row.seq,
      id: row.id,
      type: row.type,
      actor: row.actor,
      actorName: row.actor_name,
      unit: row.unit,
      at: row.at,
      deviceAt: row.device_at,
      data: kept ? {} : row.data,
      words,
      state,
      dueAt,
    };
  });
  const own = key ? loop.secrets.open<MatterWords>(key, rows[0].words) : undefined;
  const hidden = matter.files.filter(file => file.audience === 'unit').map(file => file.id);
  const mine = new Set(
    actions.filter(row => row.type === 'attach' && units.includes(row.unit)).map(row => row.data.id),
  );
  return {
    matter: { ...matter, files: matter.files.filter(file => !hidden.includes(file.id) || mine.has(file.id)) },
    summary: rows[0].summary,
    words: own
      ? {
          title: redact(own.title),
          text: redact(own.text),
          ...(own.address && { address: own.address }),
          ...(own.reason && { reason: own.reason }),
        }
      : null,
    parties,
    timeline,
    abilities: key ? abilities(matter, actor) : [],
    erased: !key,
  };
}

/** Of words written anew: why, and what stood there before. */
const rewriting = (words: Record<string, unknown>, former: Record<string, unknown>): Record<string, unknown> => ({
  // Before there was a field for it, the reason stood where that of a late registration does.
  text: words.correction ?? words.reason,
  ...(words.title !== former.title && { formerTitle: former.title }),
  ...(words.text !== former.text && { formerText: former.text }),
});

/** Words of an action as the page shows them: redacted, and never the receipt code. */
function hide(words: Record<string, unknown>): Record<string, unknown> {
  const { receipt: _r, summary: _s, ...rest } = words;
  return Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, typeof value === 'string' ? redact(value) : value]),
  );
}

/** The clear text of a party or of the narrative. The caller records who was shown what, and why. */
export async function reveal(
  loop: Loop,
  { scope }: Doing,
  county: string,
  id: string,
  party: string | undefined,
): Promise<PartyWords | Omit<MatterWords, 'summary'>> {
  const row = await loop.db.readOne<any>(
    scope,
    party
      ? sql`SELECT p.words, p.wrapped, p.version FROM matter_party p
          JOIN matter m ON m.county = p.county AND m.id = p.matter WHERE p.county = ${county} AND p.matter = ${id} AND p.id = ${party} AND ${visible(scope)}`
      : sql`SELECT m.words, k.wrapped, k.version FROM matter m JOIN matter_key k ON k.county = m.county AND k.matter = m.id WHERE m.county = ${county} AND m.id = ${id} AND ${visible(scope)}`,
  );
  if (!row) throw new Failure('not_found');
  if (!row.wrapped) throw new Failure('erased');
  const { summary: _, ...words } = loop.secrets.openRow<any>(row);
  return words;
}
