import { Readable } from 'node:stream';
import { z } from 'zod';
import {
  importCategories,
  importGrids,
  importPeople,
  importPosts,
  importRegions,
  importUnits,
  type ReferenceResult,
  referenceColumns,
} from '../imports/reference.ts';
import { decodeText } from '../imports/table.ts';
import { auditLine } from '../kernel/audit.ts';
import { noScope, sql } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { readUpload, route, sendFile, type Web, withFile, xlsxType } from '../kernel/http.ts';
import { kindNames } from '../kinds/kinds.ts';
import { xlsxStream } from '../ledgers/xlsx.ts';
import { closeUnit, recountProvisional } from '../matters/jobs.ts';
import { regionContracts as contracts } from './contract.ts';
import type { Region } from './directory.ts';
import { toWgs84 } from './store.ts';

const formNames = { categories: '类别表', regions: '区划', units: '单位', people: '人员', posts: '岗位' };
const plain = ({ code, parent, level, name }: Region) => ({ code, parent, level, name });

export function regionRoutes(web: Web): void {
  const { house } = web;

  route(web, contracts.directory, async ({ staff }) => {
    const directory = house.keeper.current;
    const tops = staff.counties.map(county => directory.counties.get(county)?.region);
    const above = tops.map(top => directory.regions.get(top ?? '')?.parent ?? '');
    const mine = (code: string) => tops.includes(directory.path(code)[0]);
    return {
      regions: [...directory.regions.values()]
        .filter(r => !['grid', 'group'].includes(r.level) && !r.valid_to && mine(r.code))
        .map(plain),
      units: [...directory.units.values()]
        .filter(u => staff.counties.includes(u.county) || above.includes(u.region))
        .map(({ id, name, pinyin, kind, region, phone, valid_to }) => ({
          id,
          name,
          pinyin,
          kind,
          region,
          phone,
          closed: valid_to !== null,
        })),
      fields: Object.fromEntries(
        kindNames.map(kind => [
          kind,
          staff.counties.flatMap(county => directory.rules.fields(county, kind, house.clock())),
        ]),
      ) as never,
      categories: Object.fromEntries(
        [...directory.categories].map(([kind, list]) => [
          kind,
          list.map(({ code, parent, name }) => ({ code, parent, name })),
        ]),
      ) as never,
    };
  });
  route(web, contracts.search, async ({ query, staff }) => {
    const directory = house.keeper.current;
    const tops = staff.counties.flatMap(county => directory.counties.get(county)?.region ?? []);
    return { regions: directory.searchRegions(query.q, tops).map(region => ({ ...plain(region), path: region.path })) };
  });
  route(web, contracts.locate, async ({ query }) => {
    const point = toWgs84({ type: 'Point', coordinates: [query.lng, query.lat] }, query.datum);
    const [lng, lat] = point.coordinates as [number, number];
    const grid = house.keeper.current.locate(lng, lat);
    return {
      grid: grid ? plain(grid) : null,
      path: grid ? house.keeper.current.path(grid.code) : [],
      location: { lng, lat },
    };
  });
  route(web, contracts.boundaries, async ({ params }) => {
    const directory = house.keeper.current;
    return {
      type: 'FeatureCollection',
      features: directory.boundariesBelow(params.code).map(({ region, geometry }) => ({
        type: 'Feature',
        properties: { code: region, name: directory.regions.get(region)?.name },
        geometry,
      })),
    };
  });

  route(web, contracts.neighbours, async ({ staff }) => {
    const directory = house.keeper.current;
    return {
      regions: [...directory.regions.values()].flatMap(region => {
        const county = region.level === 'township' && !region.valid_to ? directory.countyOf(region.code) : undefined;
        return county && !staff.counties.includes(county)
          ? [{ county, code: region.code, name: directory.nameOf(directory.path(region.code)) }]
          : [];
      }),
    };
  });
  route(web, contracts.closeUnit, async ({ params, body, staff }) => ({
    moved: await closeUnit(house, staff.person, params.unit, body.successor),
  }));

  route(web, contracts.calendar, async ({ body, staff }) => {
    const wrong = [...body.off, ...body.work].find(date => !date.startsWith(`${body.year}-`));
    if (wrong) throw new Failure('invalid', { issues: `${wrong} ≠ ${body.year}` });
    await house.db.write(noScope, async tx => {
      await tx.run(
        sql`INSERT INTO calendar_year VALUES (${body.year}, ${body.off}, ${body.work}, ${body.source}) ON CONFLICT (year) DO UPDATE SET off = excluded.off, work = excluded.work, source = excluded.source`,
      );
      await tx.run(auditLine(house.clock(), staff.person, 'calendar', null, String(body.year), 'done'));
    });
    await house.keeper.changed();
    return { recounted: await recountProvisional(house.loop, house.clock()) };
  });

  route(web, contracts.referenceForm, async ({ params, reply }) => {
    const heads = Object.values<readonly string[]>(referenceColumns[params.what]).map(names => names[0]!);
    const widths = heads.map(() => 22);
    return sendFile(
      reply,
      `${formNames[params.what]}.xlsx`,
      xlsxType,
      xlsxStream(formNames[params.what], heads, Readable.from([]), widths),
    );
  });
  route(web, contracts.importReference, async ({ params, query, request, staff }) => {
    const { bytes, filename } = await readUpload(request, z.object({}));
    const work: Record<typeof params.what, (file: string) => Promise<ReferenceResult>> = {
      categories: file => importCategories(house, query.kind, file, filename),
      regions: file => importRegions(house, file),
      units: file => importUnits(house, file),
      people: file => importPeople(house, file),
      posts: file => importPosts(house, file),
      grids: () => importGrids(house, decodeText(bytes), query.datum),
    };
    const result = await withFile(bytes, work[params.what]);
    if (params.what === 'posts') web.sessions.forget();
    await house.db.write(noScope, tx =>
      tx.run(
        auditLine(house.clock(), staff.person, `import-${params.what}`, null, filename.slice(-100), 'done', {
          read: result.read,
          imported: result.imported,
        }),
      ),
    );
    return result;
  });
}
