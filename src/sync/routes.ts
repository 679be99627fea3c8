/** Routes of the phones. */
import { auditLine } from '../kernel/audit.ts';
import { noScope, sql, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { Json, route, type Web } from '../kernel/http.ts';
import { syncContracts as contracts } from './contract.ts';
import { enrol, meOf, onPhone, sealToOf } from './devices.ts';
import { Packs, pullDuties, pullMatters, pullTold } from './pull.ts';
import { listHeld, pushAll, settleHeld } from './push.ts';
import { uploadRoutes } from './uploads.ts';

const done = { done: true } as const;

export function syncRoutes(web: Web): void {
  const { house, devices } = web;
  const { db } = house;
  const packs = new Packs(house);
  uploadRoutes(web);

  route(web, contracts.enrol, async ({ body, request }) => {
    const from = { address: request.ip, agent: String(request.headers['user-agent'] ?? '') };
    const { token, staff } = await enrol(house, body, from);
    return { token, sealTo: await sealToOf(house), me: meOf(house, staff) };
  });
  route(web, contracts.key, async () => ({ sealTo: await sealToOf(house) }));

  route(web, contracts.pull, async ({ body, staff: whole, request }) => {
    const now = house.clock();
    const staff = onPhone(house, whole);
    const [matters, duties, told, list, waiting] = await Promise.all([
      pullMatters(house, staff, body),
      pullDuties(house, staff, body.duties),
      pullTold(house, staff),
      packs.listFor(staff),
      db.readOne<{ n: number }>(
        staff.scope,
        sql`SELECT count(*) AS n FROM held_item WHERE person = ${staff.person} AND state = 'waiting'`,
      ),
    ]);
    if (request.device)
      await db.write(noScope, tx =>
        tx.run(
          sql`UPDATE device SET seen_at = ${time(now)}, skew = ${Math.round(body.clock - now)} WHERE id = ${request.device}`,
        ),
      );
    return { now, me: meOf(house, staff), ...matters, ...duties, packs: list, told, held: waiting!.n };
  });
  route(web, contracts.pack, async ({ params, staff, reply }) => {
    const mine = await packs.listFor(onPhone(house, staff));
    const text = mine.some(pack => pack.hash === params.hash) ? packs.find(params.hash) : undefined;
    if (!text) throw new Failure('not_found');
    reply.header('cache-control', 'private, max-age=31536000, immutable');
    return new Json(text);
  });
  route(web, contracts.push, async ({ body }) => ({
    now: house.clock(),
    results: await pushAll(house, body.items, body.clock),
  }));

  route(web, contracts.devices, async ({ staff, request }) => ({
    devices: (
      await db.read<any>(
        noScope,
        sql`SELECT id, name, agent, made_at AS "madeAt", seen_at AS "seenAt", ended_at AS "endedAt", ended_by AS "endedBy" FROM device WHERE person = ${staff.person} ORDER BY made_at DESC LIMIT 50`,
      )
    ).map(device => ({ ...device, current: device.id === request.device })),
  }));
  const end = (person: string, device: string | null, how: 'signed-out' | 'revoked', by: string) =>
    db.write(noScope, async tx => {
      const now = house.clock();
      // A phone that was signed out may still be reported lost.
      const ended = await tx.run(
        sql`UPDATE device SET ended_at = coalesce(ended_at, ${time(now)}), ended_by = ${how} WHERE person = ${person} AND (${device}::uuid IS NULL OR id = ${device}) AND (ended_at IS NULL OR (${how} = 'revoked' AND ended_by = 'signed-out'))`,
      );
      await tx.run(auditLine(now, by, `device-${how}`, null, device ?? person, 'done'));
      devices.forget();
      return ended;
    });
  route(web, contracts.endDevice, async ({ staff, params, query }) => {
    if (!(await end(staff.person, params.device, query.lost ? 'revoked' : 'signed-out', staff.person)))
      throw new Failure('not_found');
    return done;
  });
  route(web, contracts.revoke, async ({ staff, params }) => ({
    revoked: await end(params.person, null, 'revoked', staff.person),
  }));
  route(web, contracts.held, async ({ staff }) => ({ items: await listHeld(house, staff) }));
  route(web, contracts.settle, async ({ staff, params, body }) =>
    settleHeld(house, staff, params.county, params.id, body.send),
  );
}
