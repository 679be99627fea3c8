/**
 * 年度群众评议: tickets drawn by lot, one blind signature a ticket (RFC 9474, RSABSSA-SHA384-PSS-Randomized), ballots that
 * carry the signature alone. Whoever holds the whole database cannot tell whose ballot one is, and none counts twice.
 */
import { createHash } from 'node:crypto';
import { RSABSSA } from '@cloudflare/blindrsa-ts';
import type { House } from '../house.ts';
import { auditLine } from '../kernel/audit.ts';
import { json, noScope, sql, systemScope, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { meantCode, spokenCode } from '../kernel/spoken.ts';

const suite = RSABSSA.SHA384.PSS.Randomized();
const algorithm = { name: 'RSA-PSS', hash: 'SHA-384' } as const;
const hashOf = (text: string | Uint8Array) => createHash('sha256').update(text).digest();

export type Sample = {
  seed: string;
  /** Villages by township: from which it was drawn. */
  frame: Record<string, string[]>;
  villages: number;
  tickets: number;
  drawn: string[];
};

/** Draws villages in each township: those whose hash with the seed is smallest. Anybody can draw it again. */
export function draw(frame: Record<string, string[]>, villages: number, seed: string): string[] {
  const rank = (code: string) => createHash('sha256').update(`${seed} ${code}`).digest('hex');
  return Object.keys(frame)
    .sort()
    .flatMap(township => frame[township]!.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1)).slice(0, villages));
}

export type NewReview = {
  id: string;
  county: string;
  year: number;
  title: string;
  units: string[];
  from: number;
  until: number;
  villages: number;
  tickets: number;
  seed: string;
};

/** Makes a review with its tickets. The tickets are told once and kept as hashes only. */
export async function makeReview(
  house: House,
  by: string,
  given: NewReview,
): Promise<{ ticket: string; stratum: string }[]> {
  const { secrets, db, keeper } = house;
  const frame: Record<string, string[]> = {};
  for (const region of keeper.current.regions.values())
    if (region.level === 'village' && !region.valid_to && keeper.current.countyOf(region.code) === given.county)
      frame[region.parent!] = [...(frame[region.parent!] ?? []), region.code];
  for (const unit of given.units)
    if (keeper.current.units.get(unit)?.county !== given.county) throw new Failure('unit_unknown');
  const drawn = draw(frame, given.villages, given.seed);
  const sample: Sample = { seed: given.seed, frame, villages: given.villages, tickets: given.tickets, drawn };
  const pair = (await crypto.subtle.generateKey(
    { ...algorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  )) as CryptoKeyPair;
  const publicKey = Buffer.from(await crypto.subtle.exportKey('spki', pair.publicKey));
  const privateKey = Buffer.from(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  const { key, wrapped, version } = secrets.newKey();
  const tickets = drawn.flatMap(stratum =>
    Array.from({ length: given.tickets }, () => ({ ticket: spokenCode(16), stratum })),
  );
  const now = house.clock();
  await db.write(systemScope, async tx => {
    await tx.run(sql`INSERT INTO review (county, id, year, title, units, from_at, until_at, sample, public_key, words, wrapped, version, made_by, made_at)
      VALUES (${given.county}, ${given.id}, ${given.year}, ${given.title}, ${given.units}, ${time(given.from)}, ${time(given.until)}, ${json(sample)}, ${publicKey},
        ${secrets.seal(key, { key: privateKey.toString('base64') })}, ${wrapped}, ${version}, ${by}, ${time(now)})`);
    const rows = tickets.map(one => ({ hash: `\\x${hashOf(one.ticket).toString('hex')}`, stratum: one.stratum }));
    await tx.run(
      sql`INSERT INTO review_ticket (county, review, hash, stratum) SELECT ${given.county}, ${given.id}, hash, stratum FROM json_to_recordset(${JSON.stringify(rows)}) AS r(hash bytea, stratum text)`,
    );
    await tx.run(
      auditLine(now, by, 'review-made', given.county, given.id, 'done', { tickets: tickets.length, seed: given.seed }),
    );
  });
  return tickets;
}

export async function getReview(house: House, county: string, id: string) {
  const row = await house.db.readOne<any>(
    noScope,
    sql`SELECT title, year, units, from_at, until_at, public_key, words, wrapped, version FROM review WHERE county = ${county} AND id = ${id}`,
  );
  if (!row) throw new Failure('not_found');
  const now = house.clock();
  return { ...row, open: row.from_at <= now && now < row.until_at };
}

/** Signs what a ticket sends, once: the same again gets the same signature, something else is refused. */
export async function signBallot(
  house: House,
  county: string,
  id: string,
  ticket: string,
  blinded: string,
): Promise<string> {
  const review = await getReview(house, county, id);
  if (!review.open) throw new Failure('review_closed');
  const message = Buffer.from(blinded, 'base64');
  if (message.length !== 256) throw new Failure('ballot_wrong');
  await house.db.write(systemScope, async tx => {
    const row = await tx.one<{ blinded: Buffer | null }>(
      sql`SELECT blinded FROM review_ticket WHERE county = ${county} AND review = ${id} AND hash = ${hashOf(meantCode(ticket))} FOR UPDATE`,
    );
    if (!row) throw new Failure('not_found');
    const hash = hashOf(message);
    if (row.blinded && !row.blinded.equals(hash)) throw new Failure('ticket_used');
    if (!row.blinded)
      await tx.run(
        sql`UPDATE review_ticket SET blinded = ${hash} WHERE county = ${county} AND review = ${id} AND hash = ${hashOf(meantCode(ticket))}`,
      );
  });
  const { key } = house.secrets.openRow<{ key: string }>(review);
  const signer = await crypto.subtle.importKey('pkcs8', Buffer.from(key, 'base64'), algorithm, true, ['sign']);
  try {
    return Buffer.from(await suite.blindSign(signer, new Uint8Array(message))).toString('base64');
  } catch {
    throw new Failure('ballot_wrong');
  }
}

/** Counts a ballot: its token was signed, and was not counted before. Sent again it is the same ballot. */
export async function castBallot(
  house: House,
  county: string,
  id: string,
  given: { token: string; signature: string; marks: Record<string, number> },
): Promise<void> {
  const review = await getReview(house, county, id);
  if (!review.open) throw new Failure('review_closed');
  const units = Object.keys(given.marks);
  if (!units.length || units.some(unit => !review.units.includes(unit))) throw new Failure('ballot_wrong');
  const key = await crypto.subtle.importKey('spki', review.public_key, algorithm, true, ['verify']);
  const token = new Uint8Array(Buffer.from(given.token, 'base64'));
  const right = await suite
    .verify(key, new Uint8Array(Buffer.from(given.signature, 'base64')), token)
    .catch(() => false);
  if (!right) throw new Failure('ballot_wrong');
  const marks = Object.fromEntries(Object.entries(given.marks).sort());
  const counted = await house.db.write(systemScope, tx =>
    tx.run(
      sql`INSERT INTO review_ballot VALUES (${county}, ${id}, ${hashOf(token)}, ${json(marks)}) ON CONFLICT DO NOTHING`,
    ),
  );
  if (counted) return;
  const known = await house.db.readOne(
    systemScope,
    sql`SELECT 1 FROM review_ballot WHERE county = ${county} AND review = ${id} AND hash = ${hashOf(token)} AND marks = ${json(marks)}::jsonb`,
  );
  if (!known) throw new Failure('ticket_used');
}

const fewest = 5;
/** What came of it, by unit: only after the end, and never of so few that a voter could be guessed. */
export async function reviewResult(house: House, county: string, id: string) {
  const review = await getReview(house, county, id);
  const [tickets, ballots] = (await house.db.reads(
    systemScope,
    sql`SELECT count(*) AS sent, count(blinded) AS used FROM review_ticket WHERE county = ${county} AND review = ${id}`,
    sql`SELECT e.key AS unit, count(*) AS n, avg(e.value::int) AS mean, count(*) FILTER (WHERE e.value::int >= 4) AS content
        FROM review_ballot b, jsonb_each_text(b.marks) e WHERE b.county = ${county} AND b.review = ${id} GROUP BY e.key`,
  )) as [{ sent: number; used: number }[], { unit: string; n: number; mean: string; content: number }[]];
  const over = house.clock() >= review.until_at;
  return {
    ...tickets[0]!,
    over,
    units: (review.units as string[]).map(unit => {
      const found = ballots.find(one => one.unit === unit);
      const shown = over && found !== undefined && found.n >= fewest;
      return {
        unit,
        n: over ? (found?.n ?? 0) : null,
        mean: shown ? Number(found.mean) : null,
        content: shown ? found.content : null,
      };
    }),
  };
}
