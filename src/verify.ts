/**
 * `yuandian verify`: every chain unbroken, and folding the actions gives the projection, row by row and field by field.
 * Names exactly what does not agree. Ciphertext stands in the chain for what people wrote, so erased matters verify too.
 */
import type { House } from './house.ts';
import { sql, systemScope, time } from './kernel/db.ts';
import { hashWith } from './kernel/secrets.ts';
import { apply, type Effect, type Matter } from './matters/matter.ts';
import { type ActionRow, chainHash, chainStart, columns, matterOf, rewritesWords } from './matters/rows.ts';
import type { MatterWords } from './matters/store.ts';

export type Broken = { county: string; matter: string; seq?: number; what: string };
export type Verified = { matters: number; actions: number; erased: number; broken: Broken[] };

const knownHashes = ['sha256', 'sm3'] as const;

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, v) =>
    v && typeof v === 'object' && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );

/** Verifies everything, or one county. `progress` is told after every page. */
export async function verify(house: House, progress: (done: number) => void = () => {}): Promise<Verified> {
  const result: Verified = { matters: 0, actions: 0, erased: 0, broken: [] };
  for (const county of (
    await house.db.read<{ county: string }>(
      systemScope,
      sql`SELECT county FROM matter UNION SELECT county FROM matter_action`,
    )
  ).map(row => row.county)) {
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const ids = (
        await house.db.read<{ id: string }>(
          systemScope,
          sql`SELECT id FROM (SELECT id FROM matter WHERE county = ${county} AND id > ${after} UNION SELECT matter FROM matter_action WHERE county = ${county} AND matter > ${after}) m ORDER BY id LIMIT 1000`,
        )
      ).map(row => row.id);
      if (!ids.length) break;
      after = ids.at(-1)!;
      const [rows, actions, keys] = (await house.db.reads(
        systemScope,
        sql`SELECT * FROM matter WHERE county = ${county} AND id = ANY (${ids}::uuid[])`,
        sql`SELECT county, matter, seq, id, type, actor, post, unit, at, device_at, data::text AS data, effects::text AS effects, words, content, version, alg, prev, hash FROM matter_action WHERE county = ${county} AND matter = ANY (${ids}::uuid[]) ORDER BY matter, seq`,
        sql`SELECT matter AS id, wrapped, version FROM matter_key WHERE county = ${county} AND matter = ANY (${ids}::uuid[])`,
      )) as [any[], (ActionRow & { hash: Buffer })[], any[]];
      const byId = new Map(rows.map(row => [row.id, row]));
      const keyOf = new Map(keys.map(key => [key.id, key]));
      const chains = Map.groupBy(actions, action => action.matter);
      for (const id of ids) {
        result.matters += 1;
        const chain = chains.get(id) ?? [];
        result.actions += chain.length;
        verifyMatter(house, county, id, byId.get(id), chain, keyOf.get(id), result);
      }
      progress(result.matters);
    }
  }
  return result;
}

function verifyMatter(
  house: House,
  county: string,
  id: string,
  row: any,
  chain: (ActionRow & { hash: Buffer })[],
  key: any,
  result: Verified,
): void {
  const broken = (what: string, seq?: number) =>
    result.broken.push({ county, matter: id, ...(seq !== undefined && { seq }), what });
  if (!row) return void broken('matter is missing');
  if (!chain.length) return void broken('actions are missing');
  let folded: Matter | undefined;
  let words: Buffer | null = null;
  let prev = chainStart(knownHashes.find(alg => alg === chain[0]!.alg) ?? knownHashes[0], county, id);
  for (const [i, action] of chain.entries()) {
    if (action.seq !== i + 1) return void broken('an action is missing before this one', action.seq);
    if (!action.prev.equals(prev)) broken('not chained to the action before', action.seq);
    if (!(knownHashes as readonly string[]).includes(action.alg) || !chainHash(action).equals(action.hash))
      broken('hash does not match the action', action.seq);
    prev = action.hash;
    try {
      folded = apply(folded, JSON.parse(action.effects) as Effect[]);
      if (rewritesWords(action.type, JSON.parse(action.data))) words = action.words;
    } catch {
      return void broken('effects cannot be read', action.seq);
    }
  }
  const stored = matterOf(row);
  for (const { field, column, kind } of columns) {
    const [a, b] =
      kind === 'time'
        ? [time(stored[field] as number), time(folded![field] as number)]
        : [canonical(stored[field]), canonical(folded![field] ?? null)];
    if (a !== b) broken(`matter.${column} differs from its history`);
  }
  if (!words || !row.words.equals(words)) broken('matter.words differs from its history');
  if (!key) return void broken('matter_key is missing');
  if (!key.wrapped) {
    result.erased += 1;
    if (row.summary !== null) broken('matter.summary is left although the matter is erased');
    return;
  }
  try {
    const opened = house.secrets.open<MatterWords>(house.secrets.unwrap(key.wrapped, key.version), row.words);
    if (opened.summary !== row.summary) broken('matter.summary differs from its words');
  } catch {
    broken('words cannot be opened with the key');
  }
}

/** One hash a day over the heads of all chains of a county: kept, printed, and to be exported elsewhere. */
export async function sealDay(
  house: House,
  day: string,
): Promise<{ county: string; day: string; matters: number; actions: number; root: string }[]> {
  const roots = [];
  for (const county of house.keeper.current.counties.keys()) {
    const heads = await house.db.read<{ matter: string; seq: number; hash: Buffer }>(
      systemScope,
      sql`SELECT DISTINCT ON (matter) matter, seq, hash FROM matter_action WHERE county = ${county} ORDER BY matter, seq DESC`,
    );
    const root = hashWith(
      house.secrets.algorithms.hash,
      heads.map(head => `${head.matter}:${head.seq}:${head.hash.toString('hex')}`).join('\n'),
    );
    const actions = heads.reduce((sum, head) => sum + head.seq, 0);
    await house.db.write(systemScope, tx =>
      tx.run(
        sql`INSERT INTO chain_root VALUES (${county}, ${day}, ${heads.length}, ${actions}, ${root}) ON CONFLICT DO NOTHING`,
      ),
    );
    roots.push({ county, day, matters: heads.length, actions, root: root.toString('hex') });
  }
  return roots;
}
