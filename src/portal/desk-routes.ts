/** Routes of the desk behind the portal. What everybody will read is released by other hands than its author's. */
import { enqueue } from '../channels/outbox.ts';
import { commonQuiet } from '../channels/words.ts';
import { auditedBy, auditLine } from '../kernel/audit.ts';
import { clash, json, noScope, sql, systemScope, time } from '../kernel/db.ts';
import { Failure, invalid } from '../kernel/errors.ts';
import { route, type Web } from '../kernel/http.ts';
import { act } from '../matters/acting.ts';
import { Action } from '../matters/actions.ts';
import { dateOf } from '../matters/clocks.ts';
import { identityHash } from '../matters/lookups.ts';
import { readPage, reveal } from '../matters/reading.ts';
import { redact } from '../matters/redact.ts';
import { matterOf } from '../matters/rows.ts';
import { derivedId, type MatterWords, type PartyWords } from '../matters/store.ts';
import { mustBelong, type Staff } from '../people/actors.ts';
import { levelFigures, unitFigures } from '../supervision/store.ts';
import { makeReview, reviewResult } from './ballots.ts';
import { PortalSetting } from './contract.ts';
import { portalDesk as contracts, type settingNames } from './desk-contract.ts';
import { carryOut, readRequest } from './privacy.ts';
import { SettingShapes } from './settings.ts';

const done = { done: true } as const;
const day = 86_400_000;

export function portalDeskRoutes(web: Web): void {
  const { house } = web;
  const { db, secrets } = house;
  const audited = auditedBy(house.clock);
  /** Somebody at the desk of a centre of this county. */
  const atDesk = (staff: Staff, county: string) => {
    const post = staff.posts.find(one => {
      const unit = house.keeper.current.units.get(one.unit);
      return (one.role === 'clerk' || one.role === 'leader') && unit?.kind === 'centre' && unit.county === county;
    });
    if (!post) throw new Failure('forbidden', { action: 'portal' });
    return post;
  };
  const inCounty = (staff: Staff, county: string) => mustBelong(staff, county, house.keeper.current);
  const unitName = (id: string | null) => (id && house.keeper.current.units.get(id)?.name) || '';

  route(web, contracts.settings, async ({ params, staff }) => {
    inCounty(staff, params.county);
    const rows = await db.read<{ name: (typeof settingNames)[number]; value: unknown }>(
      noScope,
      sql`SELECT name, value FROM county_setting WHERE county = ${params.county}`,
    );
    const own = Object.fromEntries(rows.map(row => [row.name, row.value]));
    return {
      settings: {
        portal: PortalSetting.parse(own.portal ?? {}),
        quiet: own.quiet ?? commonQuiet,
        factor: own.factor ?? { roles: [] },
      },
    };
  });
  route(web, contracts.setSetting, async ({ params, body, staff }) => {
    inCounty(staff, params.county);
    // Who must show a second factor is for the security administrator, the rest for the system administrator.
    const wanted = params.name === 'factor' ? 'security-admin' : 'system-admin';
    if (!staff.posts.some(post => post.role === wanted)) throw new Failure('forbidden', { action: params.name });
    const value = SettingShapes[params.name].safeParse(body.value);
    if (!value.success) throw invalid(value.error);
    await db.write(noScope, async tx => {
      await tx.run(sql`INSERT INTO county_setting VALUES (${params.county}, ${params.name}, ${json(value.data)}, ${staff.person}, ${time(house.clock())})
        ON CONFLICT (county, name) DO UPDATE SET value = excluded.value, set_by = excluded.set_by, set_at = excluded.set_at`);
      await audited(tx, staff, 'setting', params.county, params.name, value.data);
    });
    return done;
  });

  route(web, contracts.publications, async ({ params, query, staff }) => {
    atDesk(staff, params.county);
    const rows = await db.read<any>(
      noScope,
      sql`SELECT p.id, p.sort, p.matter, p.title, p.body, p.state, w.name AS "writtenBy", p.written_by = ${staff.person} AS mine, p.written_at AS "writtenAt", p.decided_at AS "decidedAt"
          FROM publication p JOIN person w ON w.id = p.written_by WHERE p.county = ${params.county} AND (${query.state ?? null}::text IS NULL OR p.state = ${query.state ?? null}) ORDER BY p.written_at DESC LIMIT 200`,
    );
    return { rows };
  });
  route(web, contracts.publish, async ({ params, body, staff, doing }) => {
    atDesk(staff, params.county);
    const page = await readPage(house.loop, doing, params.county, body.matter);
    if (page.matter.sensitive || page.matter.excludedPeople.length)
      throw new Failure('forbidden', { action: 'publish' });
    // Whoever writes for everybody is shown what must not stand there.
    const names: string[] = [];
    for (const party of page.matter.parties) {
      if (party.unit || page.erased) continue;
      const { name, phone, address } = (await reveal(
        house.loop,
        doing,
        params.county,
        body.matter,
        party.id,
      )) as PartyWords;
      names.push(...([name, phone, address].filter(one => one !== undefined && [...one].length > 1) as string[]));
    }
    const text = [body.title, body.question, body.answer].join('\n');
    const found = [
      ...names.filter(name => text.includes(name)),
      ...(redact(text) === text ? [] : [redact(text).match(/\S*\*+\S*/)?.[0] ?? '***']),
    ];
    if (found.length) throw new Failure('names_inside', { found: found.join('、') });
    await db
      .write(noScope, async tx => {
        await tx.run(sql`INSERT INTO publication (county, id, sort, matter, title, body, state, written_by, written_at)
          VALUES (${params.county}, ${body.id}, ${body.sort}, ${body.matter}, ${body.title}, ${json({ question: body.question, answer: body.answer })}, 'draft', ${staff.person}, ${time(house.clock())})`);
        await audited(tx, staff, 'publish-draft', params.county, body.id, { matter: body.matter });
      })
      .catch(clash('conflict'));
    return done;
  });
  route(web, contracts.draftFigures, async ({ params, body, staff }) => {
    atDesk(staff, params.county);
    const now = house.clock();
    const from = now - 365 * day;
    const counties = [params.county];
    const [units, levels, rows] = await Promise.all([
      unitFigures(house.loop, systemScope, counties, from, now),
      levelFigures(house.loop, systemScope, counties, from, now),
      db.read<{ ended: number; asked: number; solved: number; rated: number; content: number; once: number }>(
        systemScope,
        sql`SELECT count(*) AS ended, count(solved) AS asked, count(*) FILTER (WHERE solved) AS solved, count(rating) AS rated, count(*) FILTER (WHERE rating >= 4) AS content, count(*) FILTER (WHERE reworks = 0) AS once
            FROM matter WHERE county = ${params.county} AND state = 'struck' AND whole IS NULL AND ended_at >= ${time(from)} AND ended_at < ${time(now)}`,
      ),
    ]);
    const sum = (key: 'reported' | 'late') => units.reduce((total, unit) => total + unit[key], 0);
    const near = levels
      .filter(one => one.level === 'village' || one.level === 'township')
      .reduce((total, one) => total + one.n, 0);
    const figure = (part: number, whole: number) => ({ part, whole });
    const { ended, asked, solved, rated, content, once } = rows[0]!;
    const figures = {
      inTime: figure(sum('reported') - sum('late'), sum('reported')),
      solved: figure(solved, asked),
      content: figure(content, rated),
      near: figure(
        near,
        levels.reduce((total, one) => total + one.n, 0),
      ),
      once: figure(once, ended),
    };
    // Of few, a share tells about each.
    if (ended < 10) throw new Failure('few_figures');
    const shown = Object.fromEntries(Object.entries(figures).filter(([, one]) => one.whole >= 10));
    const title = `${dateOf(from)} – ${dateOf(now)}`;
    await db.write(noScope, async tx => {
      await tx.run(sql`INSERT INTO publication (county, id, sort, title, body, state, written_by, written_at)
        VALUES (${params.county}, ${body.id}, 'figures', ${title}, ${json({ figures: shown })}, 'draft', ${staff.person}, ${time(now)}) ON CONFLICT DO NOTHING`);
      await audited(tx, staff, 'publish-draft', params.county, body.id);
    });
    return done;
  });
  route(web, contracts.decidePublication, async ({ params, body, staff }) => {
    atDesk(staff, params.county);
    const now = time(house.clock());
    await db.write(noScope, async tx => {
      const row = await tx.one<{ state: string; written_by: string }>(
        sql`SELECT state, written_by FROM publication WHERE county = ${params.county} AND id = ${params.id} FOR UPDATE`,
      );
      if (!row) throw new Failure('not_found');
      if (row.state === body.to) return;
      const from = body.to === 'taken-down' ? 'shown' : 'draft';
      if (row.state !== from) throw new Failure('not_published', { state: row.state });
      if (body.to !== 'taken-down' && row.written_by === staff.person) throw new Failure('other_hands');
      await tx.run(
        sql`UPDATE publication SET state = ${body.to}, decided_by = ${staff.person}, decided_at = ${now} WHERE county = ${params.county} AND id = ${params.id}`,
      );
      await audited(tx, staff, `publish-${body.to}`, params.county, params.id);
    });
    return done;
  });

  route(web, contracts.offers, async ({ params, staff }) => {
    atDesk(staff, params.county);
    const rows = await db.read<any>(
      systemScope,
      sql`SELECT o.id, o.wish, o.matter, p.title, o.state, o.at, o.unit, t.name AS team, o.thanks, o.words, o.wrapped, o.version
          FROM wish_offer o JOIN publication p ON p.county = o.county AND p.id = o.wish LEFT JOIN team t ON t.county = o.county AND t.id = o.team
          WHERE o.county = ${params.county} ORDER BY o.at DESC LIMIT 200`,
    );
    await db.write(noScope, tx => audited(tx, staff, 'offers-read', params.county, 'offers', { shown: rows.length }));
    return {
      rows: rows.map(({ unit, team, words, wrapped, version, ...row }) => {
        const open = wrapped
          ? secrets.openRow<{ name?: string; phone?: string; text?: string }>({ words, wrapped, version })
          : {};
        return {
          ...row,
          by: team ?? (unit ? unitName(unit) : (open.name ?? '')),
          phone: open.phone ?? null,
          text: open.text ?? '',
        };
      }),
    };
  });
  route(web, contracts.offerHere, async ({ params, body, staff }) => {
    const post = staff.posts.find(one => house.keeper.current.units.get(one.unit)?.county === params.county);
    if (!post) throw new Failure('not_found');
    const { key, wrapped, version } = secrets.newKey();
    await db.write(systemScope, async tx => {
      const wish = await tx.one<{ matter: string }>(
        sql`SELECT matter FROM publication WHERE county = ${params.county} AND id = ${body.wish} AND sort = 'wish' AND state = 'shown'`,
      );
      if (!wish) throw new Failure('not_found');
      if (
        body.team &&
        !(await tx.one(
          sql`SELECT 1 FROM team WHERE county = ${params.county} AND id = ${body.team} AND unit = ${post.unit}`,
        ))
      )
        throw new Failure('not_found');
      await tx.run(sql`INSERT INTO wish_offer (county, id, wish, matter, team, unit, state, at, words, wrapped, version)
        VALUES (${params.county}, ${body.id}, ${body.wish}, ${wish.matter}, ${body.team ?? null}, ${post.unit}, 'offered', ${time(house.clock())}, ${secrets.seal(key, { text: body.text })}, ${wrapped}, ${version}) ON CONFLICT DO NOTHING`);
    });
    return done;
  });
  route(web, contracts.decideOffer, async ({ params, body, staff, doing }) => {
    atDesk(staff, params.county);
    const offer = await db
      .write(systemScope, async tx => {
        const row = await tx.one<{ state: string; unit: string | null; matter: string }>(
          sql`SELECT state, unit, matter FROM wish_offer WHERE county = ${params.county} AND id = ${params.id} FOR UPDATE`,
        );
        if (!row) throw new Failure('not_found');
        const from = body.to === 'fulfilled' ? 'taken' : 'offered';
        if (row.state !== body.to && row.state !== from) throw new Failure('not_published', { state: row.state });
        await tx.run(
          sql`UPDATE wish_offer SET state = ${body.to}, decided_by = ${staff.person}, thanks = coalesce(${body.thanks ?? null}, thanks),
              wrapped = CASE WHEN ${body.to} IN ('declined', 'fulfilled') THEN NULL ELSE wrapped END WHERE county = ${params.county} AND id = ${params.id}`,
        );
        await audited(tx, staff, `wish-${body.to}`, params.county, params.id);
        return row;
      })
      .catch(clash('wish_taken'));
    // A unit that claims it becomes accountable for it, by the loop's own step.
    if (body.to === 'taken' && offer.unit) {
      const page = await readPage(house.loop, doing, params.county, offer.matter);
      if (page.matter.state === 'accepted' && page.matter.centre !== offer.unit)
        await act(house.loop, doing, params.county, offer.matter, {
          id: derivedId(house.loop, 'claimed', params.id),
          action: Action.parse({ type: 'dispatch', data: { unit: offer.unit }, words: {} }),
        });
    }
    return done;
  });

  route(web, contracts.services, async ({ params, staff }) => {
    atDesk(staff, params.county);
    return {
      rows: await db.read<any>(
        noScope,
        sql`SELECT id, name, sort, unit, body, errand, ended_at IS NOT NULL AS ended FROM service_item WHERE county = ${params.county} ORDER BY ended_at IS NOT NULL, place, name`,
      ),
    };
  });
  route(web, contracts.putService, async ({ params, body, staff }) => {
    atDesk(staff, params.county);
    await db.write(noScope, async tx => {
      await tx.run(sql`INSERT INTO service_item (county, id, name, sort, unit, body, errand, ended_at)
        VALUES (${params.county}, ${params.id}, ${body.name}, ${body.sort}, ${body.unit}, ${json(body.body)}, ${body.errand}, ${body.ended ? time(house.clock()) : null})
        ON CONFLICT (county, id) DO UPDATE SET name = excluded.name, sort = excluded.sort, unit = excluded.unit, body = excluded.body, errand = excluded.errand, ended_at = excluded.ended_at`);
      await audited(tx, staff, 'service', params.county, params.id);
    });
    return done;
  });
  route(web, contracts.receptions, async ({ params, staff }) => {
    atDesk(staff, params.county);
    return {
      rows: await db.read<any>(
        systemScope,
        sql`SELECT r.id, r.unit, r.who, r.sort, r.at, r.minutes, r.slots, r.room, r.ended_at IS NOT NULL AS ended,
            (SELECT count(*) FROM booking b WHERE b.county = r.county AND b.reception = r.id AND b.state <> 'cancelled') AS booked
            FROM reception r WHERE r.county = ${params.county} AND r.at > ${time(house.clock() - day)} ORDER BY r.at LIMIT 300`,
      ),
    };
  });
  route(web, contracts.putReception, async ({ params, body, staff }) => {
    atDesk(staff, params.county);
    if (house.keeper.current.units.get(body.unit)?.county !== params.county) throw new Failure('unit_unknown');
    await db.write(systemScope, async tx => {
      const booked = await tx.one<{ most: number | null }>(
        sql`SELECT max(slot) AS most FROM booking WHERE county = ${params.county} AND reception = ${params.id} AND state = 'booked'`,
      );
      // Whoever has booked is called before their time is taken away.
      if (booked?.most !== null && booked !== undefined && !body.ended && booked.most >= body.slots)
        throw new Failure('booked_out');
      await tx.run(sql`INSERT INTO reception (county, id, unit, who, sort, at, minutes, slots, room, ended_at)
        VALUES (${params.county}, ${params.id}, ${body.unit}, ${body.who}, ${body.sort}, ${time(body.at)}, ${body.minutes}, ${body.slots}, ${body.room}, ${body.ended ? time(house.clock()) : null})
        ON CONFLICT (county, id) DO UPDATE SET unit = excluded.unit, who = excluded.who, sort = excluded.sort, at = excluded.at, minutes = excluded.minutes, slots = excluded.slots, room = excluded.room, ended_at = excluded.ended_at`);
      await audited(tx, staff, 'reception', params.county, params.id);
    });
    return done;
  });
  route(web, contracts.bookings, async ({ params, staff }) => {
    atDesk(staff, params.county);
    const rows = await db.read<any>(
      systemScope,
      sql`SELECT b.id, b.slot, b.state, r.at, r.minutes, b.words, b.wrapped, b.version FROM booking b JOIN reception r ON r.county = b.county AND r.id = b.reception
          WHERE b.county = ${params.county} AND b.reception = ${params.id} ORDER BY b.slot`,
    );
    await db.write(noScope, tx =>
      audited(tx, staff, 'bookings-read', params.county, params.id, { shown: rows.length }),
    );
    return {
      rows: rows.map(row => {
        const open = row.wrapped
          ? secrets.openRow<{ name: string; phone: string; about: string }>(row)
          : { name: '', phone: '', about: '' };
        return { id: row.id, slot: row.slot, at: row.at + row.slot * row.minutes * 60_000, state: row.state, ...open };
      }),
    };
  });
  route(web, contracts.markBooking, async ({ params, body, staff }) => {
    atDesk(staff, params.county);
    const marked = await db.write(systemScope, tx =>
      tx.run(
        sql`UPDATE booking SET state = ${body.to} WHERE county = ${params.county} AND id = ${params.id} AND state <> 'cancelled'`,
      ),
    );
    if (!marked) throw new Failure('not_found');
    return done;
  });

  route(web, contracts.alerts, async ({ params, staff }) => {
    inCounty(staff, params.county);
    return {
      rows: await db.read<any>(
        systemScope,
        sql`SELECT a.id, a.sort, a.level, a.title, a.body, a.regions, a.audience, a.from_at AS "from", a.until_at AS until, a.ended_at IS NOT NULL AS ended,
            (SELECT count(*) FROM alert_seen s WHERE s.county = a.county AND s.alert = a.id) AS seen,
            coalesce((SELECT jsonb_object_agg(region, n) FROM (SELECT region, count(*) AS n FROM alert_seen s WHERE s.county = a.county AND s.alert = a.id GROUP BY region) x), '{}') AS "seenBy"
            FROM alert a WHERE a.county = ${params.county} ORDER BY a.made_at DESC LIMIT 100`,
      ),
    };
  });
  route(web, contracts.makeAlert, async ({ params, body, staff }) => {
    const post = atDesk(staff, params.county);
    const now = house.clock();
    const directory = house.keeper.current;
    // One alerts the places one's centre stands over.
    if (!body.regions.every(code => directory.path(code).some(one => directory.overseen(post.region).includes(one))))
      throw new Failure('forbidden', { action: 'alert' });
    if (body.until <= now) throw new Failure('date_wrong');
    await db.write(systemScope, async tx => {
      const made =
        await tx.run(sql`INSERT INTO alert (county, id, sort, level, title, body, regions, audience, from_at, until_at, made_by, made_at)
        VALUES (${params.county}, ${body.id}, ${body.sort}, ${body.level}, ${body.title}, ${body.body}, ${body.regions}, ${body.audience}, ${time(now)}, ${time(body.until)}, ${staff.person}, ${time(now)}) ON CONFLICT DO NOTHING`);
      if (!made) return;
      await audited(tx, staff, 'alert', params.county, body.id, { level: body.level, regions: body.regions });
      const county = directory.counties.get(params.county)!.name;
      if (body.broadcast)
        await enqueue(
          tx,
          house,
          {
            county: params.county,
            id: derivedId(house.loop, 'broadcast', body.id),
            channel: 'official',
            template: 'alert',
            data: { title: body.title, county },
            urgent: body.level === 'red',
          },
          now,
        );
    });
    return done;
  });
  route(web, contracts.endAlert, async ({ params, staff }) => {
    atDesk(staff, params.county);
    await db.write(noScope, async tx => {
      if (
        !(await tx.run(
          sql`UPDATE alert SET ended_at = ${time(house.clock())} WHERE county = ${params.county} AND id = ${params.id} AND ended_at IS NULL`,
        ))
      )
        throw new Failure('not_found');
      await audited(tx, staff, 'alert-end', params.county, params.id);
    });
    return done;
  });

  route(web, contracts.reviews, async ({ params, staff }) => {
    atDesk(staff, params.county);
    const rows = await db.read<any>(
      noScope,
      sql`SELECT id, year, title, from_at AS "from", until_at AS until, sample FROM review WHERE county = ${params.county} ORDER BY year DESC, from_at DESC`,
    );
    return {
      rows: await Promise.all(
        rows.map(async row => ({ ...row, ...(await reviewResult(house, params.county, row.id)) })),
      ),
    };
  });
  route(web, contracts.makeReview, async ({ params, body, staff }) => {
    atDesk(staff, params.county);
    if (body.until <= body.from) throw new Failure('date_wrong');
    return {
      tickets: await makeReview(house, staff.person, { ...body, county: params.county }).catch(clash('conflict')),
    };
  });

  route(web, contracts.restore, async ({ body, staff }) => {
    atDesk(staff, body.county);
    const rows = await db.read<any>(
      systemScope,
      sql`SELECT m.*, k.wrapped, k.version, p.id AS party, p.words AS party_words, p.wrapped AS party_wrapped, p.version AS party_version
          FROM matter_lookup l JOIN matter m ON m.county = l.county AND m.id = l.matter JOIN matter_key k ON k.county = m.county AND k.matter = m.id
          JOIN matter_party p ON p.county = l.county AND p.matter = l.matter AND p.id = l.party
          WHERE l.county = ${body.county} AND l.what = 'identity' AND l.hash = ${identityHash(secrets, body.identity)} ORDER BY m.received_at DESC LIMIT 20`,
    );
    const found = rows.flatMap(row => {
      const matter = matterOf(row);
      const party = matter.parties.find(one => one.id === row.party);
      // Only to whoever raised it, and only when the name on the card is the name that was given.
      if (!party || !['applicant', 'representative'].includes(party.role) || !row.wrapped || !row.party_wrapped)
        return [];
      const { name } = secrets.openRow<PartyWords>({
        words: row.party_words,
        wrapped: row.party_wrapped,
        version: row.party_version,
      });
      if (name?.trim() !== body.name) return [];
      const { receipt } = secrets.openRow<MatterWords>(row);
      return [{ id: matter.id, number: matter.number, receipt, received: matter.receivedAt }];
    });
    await db.write(noScope, async tx => {
      for (const one of found) await audited(tx, staff, 'receipt-restored', body.county, one.id);
      if (!found.length)
        await tx.run(auditLine(house.clock(), staff.person, 'receipt-restored', body.county, null, 'refused'));
    });
    return { rows: found.map(({ id: _, ...row }) => row) };
  });

  route(web, contracts.privacy, async ({ params, doing }) => readRequest(house, doing, params.county, params.id));
  route(web, contracts.carryOut, async ({ params, body, doing }) => {
    await carryOut(house, doing, params.county, params.id, body);
    return done;
  });
}
