/** The register of places in the database. Public facts only; every change raises the revision of its township's pack. */
import { type Database, noScope, type Sql, sql, type Tx, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import type { Secrets } from '../kernel/secrets.ts';
import { dateOf } from '../matters/clocks.ts';
import type { Directory } from '../regions/directory.ts';
import { pinyinOf } from '../regions/store.ts';
import type { Place, PlaceInput } from './contract.ts';

export const placeColumns = sql.raw(
  `p.county, p.id, p.seq, p.kind, p.code, p.name, p.region, p.path, CASE WHEN p.lng IS NULL THEN NULL ELSE jsonb_build_object('lng', p.lng, 'lat', p.lat) END AS location, p.unit, p.state, p.facts`,
);

/** What is written on the label at a place; reading it proves that somebody stood there. */
export function placeCode(secrets: Secrets, county: string, id: string): string {
  return `yd:${county}:${id}:${secrets.lookup('place', `${county}/${id}`).toString('hex').slice(0, 10)}`;
}

/** The township of a place, or the county where it lies in none: which pack of the phones it is in. */
export const packRegion = (path: readonly string[]): string => path[1] ?? path[0]!;

export async function putPlace(tx: Tx, directory: Directory, given: PlaceInput, now: number): Promise<string> {
  const county = directory.countyOf(given.region);
  const path = directory.path(given.region);
  if (!county || !path.length) throw new Failure('invalid', { issues: `region: ${given.region}` });
  if (given.unit && !directory.units.get(given.unit)) throw new Failure('unit_unknown');
  const { lng = null, lat = null } = given.location ?? {};
  await tx.run(sql`INSERT INTO place AS p (county, id, kind, code, name, pinyin, region, path, lng, lat, unit, state, facts, valid_from)
    VALUES (${county}, ${given.id}, ${given.kind}, ${given.code || null}, ${given.name}, ${pinyinOf(given.name)}, ${given.region}, ${path}, ${lng}, ${lat}, ${given.unit}, ${given.state}, ${JSON.stringify(given.facts)}, ${dateOf(now)})
    ON CONFLICT (county, id) DO UPDATE SET seq = p.seq + 1, kind = excluded.kind, code = excluded.code, name = excluded.name, pinyin = excluded.pinyin, region = excluded.region,
      path = excluded.path, lng = excluded.lng, lat = excluded.lat, unit = excluded.unit, state = excluded.state, facts = excluded.facts`);
  await raisePack(tx, county, packRegion(path));
  return county;
}

export const raisePack = (tx: Tx, county: string, region: string) =>
  tx.run(
    sql`INSERT INTO place_pack AS k (county, region, n) VALUES (${county}, ${region}, 1) ON CONFLICT (county, region) DO UPDATE SET n = k.n + 1`,
  );

export async function getPlace(db: Database, county: string, id: string) {
  const row = await db.readOne<Omit<Place, 'listed' | 'visited'>>(
    noScope,
    sql`SELECT ${placeColumns} FROM place p WHERE p.county = ${county} AND p.id = ${id} AND p.valid_to IS NULL`,
  );
  if (!row) throw new Failure('not_found');
  return row;
}

type Filters = {
  kind?: string | undefined;
  region?: string | undefined;
  state?: string | undefined;
  q?: string | undefined;
};

/** Which places somebody reads: those below the regions of their posts. */
export const placesWhere = (counties: readonly string[], regions: readonly string[], filters: Filters): Sql => {
  const { kind, region, state, q } = filters;
  const where = [
    sql`p.county = ANY (${counties}::text[])`,
    sql`p.valid_to IS NULL`,
    sql`p.path && ${regions}::text[]`,
    ...(kind ? [sql`p.kind = ${kind}`] : []),
    ...(state ? [sql`p.state = ${state}`] : []),
    ...(region ? [sql`p.path @> ARRAY[${region}]::text[]`] : []),
    ...(q
      ? [sql`(strpos(p.name, ${q}) > 0 OR p.code = ${q} OR strpos(replace(p.pinyin, ' ', ''), ${q.toLowerCase()}) > 0)`]
      : []),
  ];
  return sql.join(where, sql` AND `);
};

export async function listPlaces(
  db: Database,
  counties: readonly string[],
  regions: readonly string[],
  filters: Filters,
  cursor: string | undefined,
  limit: number,
  now: number,
): Promise<{ rows: Place[]; next: string | null }> {
  const rows = await db.read<Place>(
    noScope,
    sql`SELECT ${placeColumns},
      (SELECT l.until::text FROM listing l WHERE l.county = p.county AND l.place = p.id AND l.state = 'listed' AND l.until >= ${dateOf(now)}) AS listed, NULL AS visited
      FROM place p WHERE ${placesWhere(counties, regions, filters)} ${cursor ? sql`AND p.id > ${cursor}` : sql``} ORDER BY p.id LIMIT ${limit + 1}`,
  );
  const page = rows.slice(0, limit);
  return { rows: page, next: rows.length > limit ? page.at(-1)!.id : null };
}

/** The end of a place: it stays in the history, and leaves the lists. */
export async function endPlace(tx: Tx, county: string, id: string, now: number): Promise<void> {
  const row = await tx.one<{ path: string[] }>(
    sql`UPDATE place SET valid_to = ${dateOf(now)}, seq = seq + 1 WHERE county = ${county} AND id = ${id} AND valid_to IS NULL RETURNING path`,
  );
  if (!row) throw new Failure('not_found');
  await raisePack(tx, county, packRegion(row.path));
}

/** Asked and never handed over: a permission that nobody used ends. */
export const expireFootage = (db: Database, now: number) =>
  db.write(noScope, tx =>
    tx.run(
      sql`UPDATE footage_request SET state = 'expired', ended_at = ${time(now)} WHERE state IN ('asked', 'approved') AND asked_at < ${time(now - 30 * 86_400_000)}`,
    ),
  );
