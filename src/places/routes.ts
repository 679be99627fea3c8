/** Routes of places: the register and its labels, equipment's footage, listing of enterprises, officers' certificates. */
import { Readable } from 'node:stream';
import { renderSVG } from 'uqr';
import { z } from 'zod';
import { importPlaces } from '../imports/reference.ts';
import { auditedBy } from '../kernel/audit.ts';
import { clash, noScope, sql, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { readUpload, route, sendFile, type Web, withFile, xlsxType } from '../kernel/http.ts';
import { xlsxStream } from '../ledgers/xlsx.ts';
import { dateOf } from '../matters/clocks.ts';
import { readPage } from '../matters/reading.ts';
import { regionsOf, type Staff } from '../people/actors.ts';
import { placeContracts as contracts, type Place } from './contract.ts';
import { placeKinds } from './kinds.ts';
import { type Listing, stepListing } from './listing.ts';
import { endPlace, getPlace, listPlaces, placeCode, placeColumns, placesWhere, putPlace } from './store.ts';

const done = { done: true } as const;

export function placeRoutes(web: Web): void {
  const { house } = web;
  const { db, secrets } = house;
  const audited = auditedBy(house.clock);
  /** Whoever keeps the register: a working post over the place. */
  const mustKeep = (staff: Staff, region: string) => {
    const path = house.keeper.current.path(region);
    if (!regionsOf(staff).some(code => path.includes(code))) throw new Failure('forbidden', { action: 'places' });
  };

  route(web, contracts.list, async ({ query, staff }) => {
    const { cursor, limit, ...filters } = query;
    return listPlaces(db, staff.counties, regionsOf(staff), filters, cursor, limit, house.clock());
  });
  route(web, contracts.export, async ({ query, staff, reply }) => {
    const rows = await db.read<Place>(
      noScope,
      sql`SELECT ${placeColumns} FROM place p WHERE ${placesWhere(staff.counties, regionsOf(staff), query)} ORDER BY p.region, p.kind, p.name`,
    );
    const directory = house.keeper.current;
    const cells = rows.map(p => [
      placeKinds[p.kind].zh,
      p.code,
      p.name,
      directory.nameOf(p.path),
      p.location?.lng ?? null,
      p.location?.lat ?? null,
      p.unit ? (directory.units.get(p.unit)?.name ?? '') : null,
      { working: '正常', faulty: '故障', removed: '拆除' }[p.state],
    ]);
    const head = ['类别', '编码', '名称', '所在', '经度(WGS-84)', '纬度(WGS-84)', '责任单位', '状态'];
    return sendFile(reply, '点位台账.xlsx', xlsxType, xlsxStream('点位台账', head, Readable.from(cells)));
  });
  route(web, contracts.summary, async ({ query, staff }) => {
    const regions = regionsOf(staff);
    const rows = await db.read<{ region: string; places: number; faulty: number; repairs: number }>(
      staff.scope,
      sql`SELECT left(p.region, 12) AS region, count(*) AS places, count(*) FILTER (WHERE p.state = 'faulty') AS faulty,
        count(*) FILTER (WHERE EXISTS (SELECT FROM matter m WHERE m.county = p.county AND m.kind = 'repair' AND m.open AND m.fields->>'place' = p.id::text)) AS repairs
        FROM place p WHERE ${placesWhere(staff.counties, regions, query)} GROUP BY 1 ORDER BY 1`,
    );
    const directory = house.keeper.current;
    const have = new Set(rows.map(row => row.region));
    const without = [...directory.regions.values()].filter(
      one =>
        one.level === 'village' &&
        !one.valid_to &&
        !have.has(one.code) &&
        regions.some(code => directory.path(one.code).includes(code)),
    );
    return { rows, without: without.map(one => one.code) };
  });
  route(web, contracts.put, async ({ body, staff }) => {
    mustKeep(staff, body.region);
    await db
      .write(noScope, async tx => {
        const old = await tx.one<{ region: string }>(
          sql`SELECT region FROM place WHERE id = ${body.id} AND county = ANY (${staff.counties}::text[])`,
        );
        if (old) mustKeep(staff, old.region);
        const county = await putPlace(tx, house.keeper.current, body, house.clock());
        await audited(tx, staff, old ? 'place-change' : 'place-add', county, body.id);
      })
      .catch(clash('place_code_taken'));
    return done;
  });
  route(web, contracts.end, async ({ params, body, staff }) => {
    const place = await getPlace(db, params.county, params.id);
    mustKeep(staff, place.region);
    await db.write(noScope, async tx => {
      await endPlace(tx, params.county, params.id, house.clock());
      await audited(tx, staff, 'place-end', params.county, params.id, { reason: body.reason });
    });
    return done;
  });
  route(web, contracts.import, async ({ request, staff }) => {
    const { bytes } = await readUpload(request, z.object({}));
    return withFile(bytes, async file => {
      const { imported, refused } = await importPlaces(house, file, input => {
        mustKeep(staff, input.region);
        return db
          .write(noScope, async tx => {
            const county = await putPlace(tx, house.keeper.current, input, house.clock());
            await audited(tx, staff, 'place-add', county, input.id);
          })
          .catch(clash('place_code_taken'));
      });
      return { done: imported, refused };
    });
  });
  route(web, contracts.labels, async ({ query, staff, reply }) => {
    const { rows } = await listPlaces(db, staff.counties, regionsOf(staff), query, undefined, 300, house.clock());
    const { layOut, line } = await import('../documents/pdf.ts');
    const labels = rows.map(place => ({
      stack: [
        { svg: renderSVG(placeCode(secrets, place.county, place.id)), width: 140 },
        line(place.name, { fontSize: 12 }),
        line(house.keeper.current.nameOf(place.path.slice(1)), { fontSize: 8 }),
      ],
      margin: [8, 8, 8, 8] as [number, number, number, number],
      unbreakable: true,
    }));
    const body = Array.from({ length: Math.ceil(labels.length / 3) }, (_, i) =>
      [0, 1, 2].map(n => labels[i * 3 + n] ?? { text: '' }),
    );
    const content = labels.length
      ? [{ table: { widths: ['*', '*', '*'], body, dontBreakRows: true } }]
      : [line('没有点位。')];
    return sendFile(reply, '点位码.pdf', 'application/pdf', await layOut(content as never));
  });

  route(web, contracts.certificates, async ({ staff }) => ({
    rows: await db.read<any>(
      noScope,
      sql`SELECT c.number, c.person, p.name, c.until FROM certificate c JOIN person p ON p.id = c.person WHERE c.county = ANY (${staff.counties}::text[]) AND c.until >= ${dateOf(house.clock())} ORDER BY p.name`,
    ),
  }));
  route(web, contracts.addCertificate, async ({ body, staff }) => {
    const county = staff.counties[0]!;
    await db
      .write(noScope, async tx => {
        const person = await tx.one<{ id: string }>(
          sql`SELECT p.id FROM person p JOIN post o ON o.person = p.id JOIN unit u ON u.id = o.unit WHERE p.login = ${body.login} AND u.county = ${county} LIMIT 1`,
        );
        if (!person) throw new Failure('not_found');
        await tx.run(
          sql`INSERT INTO certificate (county, number, person, until) VALUES (${county}, ${body.number}, ${person.id}, ${body.until})`,
        );
        await audited(tx, staff, 'certificate-add', county, person.id, { number: body.number });
      })
      .catch(clash('conflict'));
    return done;
  });

  route(web, contracts.listings, async ({ staff }) => {
    const rows = await db.read<any>(
      noScope,
      sql`SELECT l.*, l.until::text AS until, p.name FROM listing l JOIN place p ON p.county = l.county AND p.id = l.place
        WHERE l.county = ANY (${staff.counties}::text[]) AND p.path && ${regionsOf(staff)}::text[] ORDER BY l.proposed_at DESC LIMIT 500`,
    );
    return {
      rows: rows.map(l => ({
        county: l.county,
        id: l.id,
        place: l.place,
        name: l.name,
        ground: l.ground,
        state: l.state,
        proposedAt: l.proposed_at,
        heardAt: l.heard_at,
        until: l.until,
        appealedAt: l.appealed_at,
        upheld: l.upheld,
        words: l.wrapped ? secrets.openRow<Record<string, string>>(l) : {},
      })),
    };
  });
  route(web, contracts.propose, async ({ body, staff, doing }) => {
    const place = await getPlace(db, body.county, body.place);
    mustKeep(staff, place.region);
    if (place.kind !== 'enterprise') throw new Failure('only_enterprises');
    if (body.matter) await readPage(house.loop, doing, body.county, body.matter);
    const key = secrets.newKey();
    await db
      .write(noScope, async tx => {
        await tx.run(sql`INSERT INTO listing (county, id, place, ground, matter, proposed_by, proposed_at, state, words, wrapped, version)
          VALUES (${body.county}, ${body.id}, ${body.place}, ${body.ground}, ${body.matter}, ${staff.person}, ${time(house.clock())}, 'proposed', ${secrets.seal(key.key, { proposed: body.text })}, ${key.wrapped}, ${key.version})`);
        await audited(tx, staff, 'listing-propose', body.county, body.place);
      })
      .catch(clash('listing_open'));
    return done;
  });
  route(web, contracts.stepListing, async ({ params, body, staff }) => {
    const now = house.clock();
    await db.write(noScope, async tx => {
      const row = await tx.one<any>(
        sql`SELECT l.*, l.until::text AS until, p.region FROM listing l JOIN place p ON p.county = l.county AND p.id = l.place WHERE l.county = ${params.county} AND l.id = ${params.id} FOR UPDATE OF l`,
      );
      if (!row) throw new Failure('not_found');
      mustKeep(staff, row.region);
      if (body.step !== 'heard' && body.step !== 'appeal' && !staff.posts.some(post => post.role === 'leader'))
        throw new Failure('forbidden', { action: body.step });
      const before: Listing = {
        state: row.state,
        proposedBy: row.proposed_by,
        heardAt: row.heard_at,
        decidedBy: row.decided_by,
        until: row.until,
        appealedAt: row.appealed_at,
        upheld: row.upheld,
      };
      const after = stepListing(before, body, staff.person, now, dateOf(now));
      if ('code' in after) throw new Failure(after.code, after.details);
      const words = { ...secrets.openRow<Record<string, string>>(row), [body.step]: body.text };
      await tx.run(sql`UPDATE listing SET state = ${after.state}, heard_at = ${time(after.heardAt)}, decided_by = ${after.decidedBy}, decided_at = coalesce(decided_at, ${after.decidedBy ? time(now) : null}),
        until = ${after.until}, appealed_at = ${time(after.appealedAt)}, upheld = ${after.upheld}, ruled_by = CASE WHEN ${body.step} = 'rule' THEN ${staff.person}::uuid ELSE ruled_by END,
        words = ${secrets.seal(secrets.unwrap(row.wrapped, row.version), words)} WHERE county = ${params.county} AND id = ${params.id}`);
      await audited(tx, staff, `listing-${body.step}`, params.county, row.place);
    });
    return done;
  });

  route(web, contracts.footage, async ({ staff }) => {
    const rows = await db.read<any>(
      staff.scope,
      sql`SELECT f.*, p.name, m.number, a.name AS asker FROM footage_request f JOIN place p ON p.county = f.county AND p.id = f.place
        JOIN matter m ON m.county = f.county AND m.id = f.matter JOIN person a ON a.id = f.asked_by WHERE f.county = ANY (${staff.counties}::text[]) ORDER BY f.asked_at DESC LIMIT 500`,
    );
    return {
      rows: rows.map(f => ({
        county: f.county,
        id: f.id,
        place: f.place,
        name: f.name,
        matter: f.matter,
        number: f.number,
        from: f.from_at,
        to: f.to_at,
        state: f.state,
        askedBy: f.asker,
        askedAt: f.asked_at,
        approved: f.approved.length,
        mine: f.asked_by === staff.person || f.approved.includes(staff.person),
        purpose: f.wrapped ? secrets.openRow<{ purpose: string }>(f).purpose : '',
      })),
    };
  });
  route(web, contracts.askFootage, async ({ body, staff, doing }) => {
    const place = await getPlace(db, body.county, body.place);
    if (place.kind !== 'camera') throw new Failure('only_cameras');
    // For a matter that the asker sees, of a past span of at most a day: no standing permission.
    await readPage(house.loop, doing, body.county, body.matter);
    if (body.to <= body.from || body.to > house.clock() || body.to - body.from > 86_400_000)
      throw new Failure('date_wrong');
    const key = secrets.newKey();
    await db
      .write(noScope, async tx => {
        await tx.run(sql`INSERT INTO footage_request (county, id, place, matter, from_at, to_at, asked_by, asked_at, state, words, wrapped, version)
          VALUES (${body.county}, ${body.id}, ${body.place}, ${body.matter}, ${time(body.from)}, ${time(body.to)}, ${staff.person}, ${time(house.clock())}, 'asked', ${secrets.seal(key.key, { purpose: body.purpose })}, ${key.wrapped}, ${key.version})`);
        await audited(tx, staff, 'footage-ask', body.county, body.place, { matter: body.matter });
      })
      .catch(clash('conflict'));
    return done;
  });
  route(web, contracts.stepFootage, async ({ params, body, staff }) => {
    const now = house.clock();
    await db.write(staff.scope, async tx => {
      const row = await tx.one<{ state: string; asked_by: string; approved: string[]; place: string }>(
        sql`SELECT f.state, f.asked_by, f.approved, f.place FROM footage_request f JOIN matter m ON m.county = f.county AND m.id = f.matter WHERE f.county = ${params.county} AND f.id = ${params.id} FOR UPDATE OF f`,
      );
      if (!row) throw new Failure('not_found');
      const open = body.step === 'handed' ? row.state === 'approved' : row.state === 'asked';
      if (!open) throw new Failure('footage_step', { state: row.state });
      if (body.step !== 'handed') {
        if (!staff.posts.some(post => post.role === 'leader' || post.role === 'clerk'))
          throw new Failure('forbidden', { action: body.step });
        if (row.asked_by === staff.person || row.approved.includes(staff.person)) throw new Failure('other_hands');
      }
      const approved = body.step === 'approve' ? [...row.approved, staff.person] : row.approved;
      const state = { approve: approved.length >= 2 ? 'approved' : 'asked', refuse: 'refused', handed: 'handed' }[
        body.step
      ];
      await tx.run(
        sql`UPDATE footage_request SET state = ${state}, approved = ${approved}::uuid[], ended_at = ${body.step === 'approve' ? null : time(now)} WHERE county = ${params.county} AND id = ${params.id}`,
      );
      await audited(tx, staff, `footage-${body.step}`, params.county, row.place, {
        request: params.id,
        said: body.text,
      });
    });
    return done;
  });
}
