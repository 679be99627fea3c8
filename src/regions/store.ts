/** Writing regions, boundaries and units. Callers raise the directory's revision afterwards. */
import gcoord from 'gcoord';
import { pinyin } from 'pinyin-pro';
import { json, sql, type Tx } from '../kernel/db.ts';
import type { Level, UnitKind } from './directory.ts';

/** "huo long zhen" */
export const pinyinOf = (name: string): string =>
  pinyin(name, { toneType: 'none', nonZh: 'consecutive', v: true }).toLowerCase().replace(/\s+/g, ' ').trim();

export type NewRegion = { code: string; parent: string | null; level: Level; name: string };

export async function putRegions(tx: Tx, regions: readonly NewRegion[]): Promise<void> {
  for (let i = 0; i < regions.length; i += 500)
    await tx.run(
      sql`INSERT INTO region (code, parent, level, name, pinyin) VALUES ${sql.join(
        regions.slice(i, i + 500).map(r => sql`(${r.code}, ${r.parent}, ${r.level}, ${r.name}, ${pinyinOf(r.name)})`),
      )} ON CONFLICT (code) DO UPDATE SET name = excluded.name, pinyin = excluded.pinyin, parent = excluded.parent`,
    );
}

export type Datum = 'WGS84' | 'GCJ02' | 'CGCS2000';

/** Coordinates are kept in WGS-84. CGCS2000 agrees with it to centimetres; GCJ-02 is shifted on purpose and converted. */
export function toWgs84<T extends object>(geometry: T, datum: Datum): T {
  return datum === 'GCJ02'
    ? gcoord.transform(structuredClone(geometry) as never, gcoord.GCJ02, gcoord.WGS84)
    : geometry;
}

/** A region's boundary from a day on; the one before ends that day, so that past figures keep their place. */
export async function putBoundary(tx: Tx, region: string, geometry: object, datum: Datum, from: string): Promise<void> {
  await tx.run(sql`DELETE FROM region_boundary WHERE region = ${region} AND valid_from = ${from}`);
  await tx.run(sql`UPDATE region_boundary SET valid_to = ${from} WHERE region = ${region} AND valid_to IS NULL`);
  await tx.run(
    sql`INSERT INTO region_boundary VALUES (${region}, ${from}, NULL, ${datum}, ${json(toWgs84(geometry, datum))})`,
  );
}

export type NewUnit = {
  id: string;
  county: string;
  region: string;
  kind: UnitKind;
  name: string;
  above: string | null;
  phone?: string | null;
  words?: readonly string[];
};

export async function putUnits(tx: Tx, units: readonly NewUnit[]): Promise<void> {
  for (const unit of units)
    await tx.run(sql`INSERT INTO unit (id, county, region, kind, name, pinyin, phone, above, words)
      VALUES (${unit.id}, ${unit.county}, ${unit.region}, ${unit.kind}, ${unit.name}, ${pinyinOf(unit.name)}, ${unit.phone ?? null}, ${unit.above}, ${unit.words ?? []})
      ON CONFLICT (county, region, name) DO UPDATE SET kind = excluded.kind, phone = excluded.phone, above = excluded.above, words = excluded.words`);
}
