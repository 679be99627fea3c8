/** What is shown to everybody: alerts, services, days to book, wishes, answers and figures. Reading it leaves no trace of who. */
import { enqueue } from '../channels/outbox.ts';
import type { House } from '../house.ts';
import { clash, noScope, sql, systemScope, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { meantCode, spokenCode } from '../kernel/spoken.ts';
import { dateOf, minuteOf } from '../matters/clocks.ts';
import { isPhone, normalPhone } from '../matters/lookups.ts';
import { derivedId } from '../matters/store.ts';

/** Outlines and names of the grids below a township, with fewer digits than were surveyed: to point at, not to measure. */
export function gridsOf(house: House, region: string) {
  const directory = house.keeper.current;
  return directory.boundariesBelow(region).flatMap(({ region: code, geometry }) => {
    const grid = directory.regions.get(code);
    if (grid?.level !== 'grid' || grid.valid_to) return [];
    const polygons: [number, number][][][] =
      geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
    const rings = polygons.map(rings =>
      rings[0]!.map(([x, y]) => [Number(x.toFixed(5)), Number(y.toFixed(5))] as [number, number]),
    );
    return [{ code, name: grid.name, rings }];
  });
}

/** R3: who is responsible for a place, from the grid worker up. Offices' numbers only; a worker is named, as on the board in the village. */
export async function contactsOf(house: House, county: string, region: string) {
  const directory = house.keeper.current;
  const path = directory.path(region);
  if (directory.countyOf(region) !== county) throw new Failure('not_found');
  const today = dateOf(house.clock());
  const workers = await house.db.read<{ region: string; name: string; unit: string }>(
    noScope,
    sql`SELECT o.region, p.name, o.unit FROM post o JOIN person p ON p.id = o.person WHERE o.role = 'grid' AND o.region = ANY (${path}::text[]) AND p.disabled_at IS NULL
        AND o.valid_from <= ${today} AND (o.valid_to IS NULL OR o.valid_to > ${today}) ORDER BY length(o.region) DESC, p.name`,
  );
  const contacts: { what: string; unit: string; person: string | null; phone: string | null }[] = workers.map(
    worker => {
      const unit = directory.units.get(worker.unit);
      return { what: 'grid', unit: unit?.name ?? '', person: worker.name, phone: unit?.phone ?? null };
    },
  );
  for (const code of path.toReversed())
    for (const unit of directory.units.values())
      if (unit.region === code && !unit.valid_to && ['centre', 'station', 'committee', 'village'].includes(unit.kind))
        contacts.push({ what: unit.kind, unit: unit.name, person: null, phone: unit.phone });
  return { path: path.map(code => directory.regions.get(code)?.name ?? code), contacts };
}

export const alertsOf = (house: House, county: string, region: string | undefined) => {
  const path = region ? house.keeper.current.path(region) : [];
  const now = time(house.clock());
  return house.db.read<any>(
    noScope,
    sql`SELECT id, sort, level, title, body, regions, audience, until_at AS "until" FROM alert WHERE county = ${county} AND ended_at IS NULL AND from_at <= ${now} AND until_at > ${now}
        AND (${!region} OR regions && ${path}::text[]) ORDER BY array_position(ARRAY['red', 'orange', 'yellow', 'blue'], level), from_at DESC LIMIT 50`,
  );
};

export const markAlert = (house: House, county: string, alert: string, token: string, region: string | undefined) =>
  house.db.write(systemScope, async tx => {
    const known = await tx.one(
      sql`SELECT 1 FROM alert WHERE county = ${county} AND id = ${alert} AND until_at > ${time(house.clock())}`,
    );
    if (!known) throw new Failure('not_found');
    // The township is as near as it is counted.
    const township = region ? (house.keeper.current.path(region)[1] ?? '') : '';
    await tx.run(
      sql`INSERT INTO alert_seen VALUES (${county}, ${alert}, ${token}, ${township}) ON CONFLICT DO NOTHING`,
    );
  });

const unitName = (house: House, unit: string | null) => (unit && house.keeper.current.units.get(unit)?.name) || null;

export async function servicesOf(house: House, county: string) {
  const now = house.clock();
  const [services, receptions, taken] = (await house.db.reads(
    systemScope,
    sql`SELECT id, name, sort, unit, body, errand FROM service_item WHERE county = ${county} AND ended_at IS NULL ORDER BY place, name`,
    sql`SELECT id, sort, unit, who, at, minutes, slots, room FROM reception WHERE county = ${county} AND ended_at IS NULL AND at > ${time(now)} AND at < ${time(now + 60 * 86_400_000)} ORDER BY at LIMIT 200`,
    sql`SELECT b.reception, b.slot FROM booking b JOIN reception r ON r.county = b.county AND r.id = b.reception WHERE b.county = ${county} AND b.state <> 'cancelled' AND r.at > ${time(now)}`,
  )) as [any[], any[], { reception: string; slot: number }[]];
  return {
    services: services.map(one => ({ ...one, unit: unitName(house, one.unit) })),
    receptions: receptions.map(({ slots, ...one }) => {
      const used = new Set(taken.filter(b => b.reception === one.id).map(b => b.slot));
      const free = Array.from({ length: slots }, (_, slot) => slot).filter(slot => !used.has(slot));
      return { ...one, unit: unitName(house, one.unit) ?? '', free };
    }),
  };
}

const codeHash = (house: House, code: string) => house.secrets.lookup('booking', meantCode(code));

type NewBooking = { id: string; reception: string; slot: number; name: string; phone: string; about: string };

/** Books a slot: one person each; sent again it is the same booking with a new code. */
export async function book(house: House, county: string, given: NewBooking) {
  const { secrets, db } = house;
  const now = house.clock();
  const phone = normalPhone(given.phone);
  if (!isPhone(phone)) throw new Failure('invalid', { issues: 'phone' });
  const reception = await db.readOne<{ at: number; minutes: number; slots: number; room: string }>(
    noScope,
    sql`SELECT at, minutes, slots, room FROM reception WHERE county = ${county} AND id = ${given.reception} AND ended_at IS NULL AND at > ${time(now)}`,
  );
  if (!reception) throw new Failure('not_found');
  if (given.slot >= reception.slots) throw new Failure('booked_out');
  const { key, wrapped, version } = secrets.newKey();
  const words = secrets.seal(key, { name: given.name, phone, about: given.about });
  const code = spokenCode(10);
  const at = reception.at + given.slot * reception.minutes * 60_000;
  await db
    .write(systemScope, async tx => {
      const again = await tx.run(
        sql`UPDATE booking SET code = ${codeHash(house, code)} WHERE county = ${county} AND id = ${given.id} AND reception = ${given.reception} AND slot = ${given.slot} AND state = 'booked'`,
      );
      if (again) return;
      await tx.run(sql`INSERT INTO booking (county, id, reception, slot, code, state, at, words, wrapped, version)
        VALUES (${county}, ${given.id}, ${given.reception}, ${given.slot}, ${codeHash(house, code)}, 'booked', ${time(now)}, ${words}, ${wrapped}, ${version})`);
      if (!/^1/.test(phone)) return;
      const data = {
        time: minuteOf(at),
        room: reception.room,
        county: house.keeper.current.counties.get(county)!.name,
      };
      const id = derivedId(house.loop, 'booked', given.id);
      await enqueue(tx, house, { county, id, channel: 'sms', template: 'booked', address: { to: phone }, data }, now);
    })
    .catch(clash('booked_out'));
  return { code, at, room: reception.room };
}

export async function lookBooking(house: House, county: string, code: string, cancel: boolean) {
  const hash = codeHash(house, code);
  return house.db.write(systemScope, async tx => {
    if (cancel)
      await tx.run(
        sql`UPDATE booking SET state = 'cancelled' WHERE county = ${county} AND code = ${hash} AND state = 'booked'`,
      );
    const row = await tx.one<any>(
      sql`SELECT b.slot, b.state, r.at, r.minutes, r.who, r.room FROM booking b JOIN reception r ON r.county = b.county AND r.id = b.reception WHERE b.county = ${county} AND b.code = ${hash}`,
    );
    if (!row) throw new Failure('not_found');
    return { at: row.at + row.slot * row.minutes * 60_000, who: row.who, room: row.room, state: row.state };
  });
}

export const shownOf = (
  house: House,
  county: string,
  sort: 'answer' | 'figures' | 'wish',
  before: number | undefined,
) =>
  house.db.read<any>(
    systemScope,
    sql`SELECT p.id, p.title, p.body, p.decided_at AS at, coalesce(o.state, 'no') AS taken, o.thanks FROM publication p
        LEFT JOIN wish_offer o ON o.county = p.county AND o.wish = p.id AND o.state IN ('taken', 'fulfilled')
        WHERE p.county = ${county} AND p.sort = ${sort} AND p.state = 'shown' AND (${before === undefined} OR p.decided_at < ${time(before ?? 0)}) ORDER BY p.decided_at DESC LIMIT 20`,
  );

/** A neighbour offers to fulfil a wish: name and phone are sealed, the centre decides and calls. */
export async function offerWish(
  house: House,
  county: string,
  wish: string,
  given: { id: string; name: string; phone: string; text: string },
) {
  const { secrets } = house;
  const { key, wrapped, version } = secrets.newKey();
  const words = secrets.seal(key, { name: given.name, phone: normalPhone(given.phone), text: given.text });
  await house.db.write(systemScope, async tx => {
    const known = await tx.one<{ matter: string; taken: boolean }>(
      sql`SELECT p.matter, EXISTS (SELECT FROM wish_offer o WHERE o.county = p.county AND o.wish = p.id AND o.state IN ('taken', 'fulfilled')) AS taken
          FROM publication p WHERE p.county = ${county} AND p.id = ${wish} AND p.sort = 'wish' AND p.state = 'shown'`,
    );
    if (!known) throw new Failure('not_found');
    if (known.taken) throw new Failure('wish_taken');
    await tx.run(sql`INSERT INTO wish_offer (county, id, wish, matter, state, at, words, wrapped, version)
      VALUES (${county}, ${given.id}, ${wish}, ${known.matter}, 'offered', ${time(house.clock())}, ${words}, ${wrapped}, ${version}) ON CONFLICT DO NOTHING`);
  });
}

/** Days that are over keep no names: thirty days after, the keys of bookings die. */
export const forgetBookings = (house: House, now: number) =>
  house.db.write(systemScope, tx =>
    tx.run(
      sql`UPDATE booking b SET wrapped = NULL FROM reception r WHERE r.county = b.county AND r.id = b.reception AND b.wrapped IS NOT NULL AND r.at < ${time(now - 30 * 86_400_000)}`,
    ),
  );
