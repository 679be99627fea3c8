/** Routes of the portal: no account, no cookie; a receipt code opens one matter. Each source waits its turn. */

import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { noScope, sql, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { readUpload, route, type Web } from '../kernel/http.ts';
import { act } from '../matters/acting.ts';
import { Action } from '../matters/actions.ts';
import { attach } from '../matters/attaching.ts';
import { makeLink } from '../mediation/side.ts';
import { registerOf } from '../mediation/store.ts';
import { handInTip, lookTip } from '../tips/store.ts';
import { castBallot, getReview, signBallot } from './ballots.ts';
import { portalContracts as contracts, type ReceiptView } from './contract.ts';
import { Guard } from './guard.ts';
import { alertsOf, book, contactsOf, gridsOf, lookBooking, markAlert, offerWish, servicesOf, shownOf } from './open.ts';
import { askData, portalSetting, raise, sendPhoneCode } from './raise.ts';
import { type Held, heldData, openReceipt, receiptView } from './receipt.ts';

const done = { done: true } as const;
const mostFiles = 20;

export function portalRoutes(web: Web): void {
  const { house } = web;
  const guard = new Guard(house);
  const known = (county: string) => {
    const found = house.keeper.current.counties.get(county);
    if (!found) throw new Failure('not_found');
    return found;
  };
  /** Opens by the headers; whoever misses too often waits. */
  const held = (request: FastifyRequest): Promise<Held> =>
    guard.counted(request.ip, () => openReceipt(house, request.headers['x-receipt'], request.headers['x-tail']));
  /** What writes waits in line with its source, then pays with its proof of work. */
  const inTurn = <T>(request: FastifyRequest, work: string, then: () => Promise<T>): Promise<T> =>
    guard.queue.run(request.ip, async () => {
      await guard.takeWork(work);
      return then();
    });

  route(web, contracts.counties, async () => ({
    counties: [...house.keeper.current.counties.values()].map(({ county, name }) => ({ county, name })),
  }));
  route(web, contracts.home, async ({ params, reply }) => {
    const { county, region, name } = known(params.county);
    const setting = await portalSetting(house, county);
    const regions = [...house.keeper.current.regions.values()].filter(one => !one.valid_to);
    const below = (parent: string) =>
      regions.filter(one => one.parent === parent).map(({ code, name }) => ({ code, name }));
    const now = time(house.clock());
    const alerts = await house.db.readOne<{ n: number }>(
      noScope,
      sql`SELECT count(*) AS n FROM alert WHERE county = ${county} AND ended_at IS NULL AND from_at <= ${now} AND until_at > ${now}`,
    );
    reply.header('cache-control', 'public, max-age=60');
    return {
      name,
      setting,
      places: below(region).map(town => ({ ...town, villages: below(town.code) })),
      alerts: alerts!.n,
    };
  });
  route(web, contracts.where, async ({ params, query }) => {
    const grid = house.keeper.current.locate(query.lng, query.lat);
    if (!grid || house.keeper.current.countyOf(grid.code) !== params.county) return { region: null, name: '' };
    return { region: grid.code, name: house.keeper.current.nameOf(house.keeper.current.path(grid.code).slice(1)) };
  });
  route(web, contracts.map, async ({ params, reply }) => {
    known(params.county);
    if (house.keeper.current.countyOf(params.region) !== params.county) throw new Failure('not_found');
    reply.header('cache-control', 'public, max-age=3600');
    return { grids: gridsOf(house, params.region) };
  });
  route(web, contracts.contacts, async ({ params }) => contactsOf(house, params.county, params.region));
  route(web, contracts.work, async ({ request }) => guard.challenge(request.ip));
  route(web, contracts.phoneCode, async ({ params, body, request }) =>
    inTurn(request, body.work, async () => ({ expires: await sendPhoneCode(house, params.county, body) })),
  );
  route(web, contracts.raise, async ({ params, body, request }) =>
    inTurn(request, body.work, () => raise(house, params.county, body)),
  );

  route(web, contracts.receipt, async ({ request, reply }) => {
    reply.header('cache-control', 'no-store');
    return receiptView(house, await held(request));
  });
  route(web, contracts.act, async ({ body, request }) => {
    const open = await held(request);
    const { what, text, ...data } = body.do as { what: string; text?: string };
    const action = Action.parse({
      type: what,
      data: what === 'withdraw' ? { by: 'person' } : data,
      words: text ? { text } : {},
    });
    await act(house.loop, open.doing, open.county, open.matter, { id: body.id, action });
    return receiptView(house, open);
  });
  route(web, contracts.file, async ({ request }) => {
    const open = await held(request);
    const view: ReceiptView = await receiptView(house, open);
    if (!view.can.includes('attach') || view.steps.filter(step => step.what === 'attach').length >= mostFiles)
      throw new Failure('forbidden', { action: 'attach' });
    const { bytes, filename, fields } = await readUpload(request, z.object({ id: z.uuid(), action: z.uuid() }));
    const { type, size } = await attach(
      house,
      open.doing,
      { county: open.county, id: open.matter },
      {
        id: fields.id,
        action: fields.action,
        name: filename.slice(-200) || 'file',
        bytes,
        audience: 'participants',
      },
    );
    return { id: fields.id, type, size };
  });
  route(web, contracts.side, async ({ request }) => {
    const open = await held(request);
    const view = await receiptView(house, open);
    if (!view.mediated || !open.party) throw new Failure('not_found');
    return { token: await makeLink(house, open.county, open.matter, open.party) };
  });
  route(web, contracts.data, async ({ request, reply }) => {
    reply.header('cache-control', 'no-store');
    return heldData(house, await held(request));
  });
  route(web, contracts.askData, async ({ request, body }) => {
    const open = await held(request);
    const { number, receipt } = await guard.queue.run(request.ip, () => askData(house, open, body));
    return { number, receipt };
  });

  route(web, contracts.mediators, async ({ params, reply }) => {
    known(params.county);
    reply.header('cache-control', 'public, max-age=300');
    const rows = await registerOf(house, [params.county]);
    return {
      mediators: rows.map(({ id, name, committee, profession, specialities, languages, free }) => ({
        id,
        name,
        committee: house.keeper.current.units.get(committee)?.name ?? '',
        profession,
        specialities,
        languages,
        free,
      })),
    };
  });
  route(web, contracts.services, async ({ params }) => {
    known(params.county);
    return servicesOf(house, params.county);
  });
  route(web, contracts.book, async ({ params, body, request }) =>
    inTurn(request, body.work, () => book(house, params.county, body)),
  );
  route(web, contracts.booking, async ({ params, body, request }) =>
    guard.counted(request.ip, () => lookBooking(house, params.county, body.code, body.cancel)),
  );
  route(web, contracts.open, async ({ params, query }) => ({
    rows: await shownOf(house, known(params.county).county, query.sort, query.before),
  }));
  route(web, contracts.offer, async ({ params, body, request }) =>
    inTurn(request, body.work, async () => {
      await offerWish(house, params.county, params.wish, body);
      return done;
    }),
  );
  route(web, contracts.alerts, async ({ params, query }) => ({
    alerts: await alertsOf(house, known(params.county).county, query.region),
  }));
  route(web, contracts.seen, async ({ params, body }) => {
    await markAlert(house, params.county, params.alert, body.token, body.region);
    return done;
  });
  route(web, contracts.review, async ({ params }) => {
    const review = await getReview(house, params.county, params.review);
    const units = (review.units as string[]).map(id => ({ id, name: house.keeper.current.units.get(id)?.name ?? '' }));
    const { title, year, open } = review;
    return { title, year, open, units, until: review.until_at, key: review.public_key.toString('base64') };
  });
  route(web, contracts.signBallot, async ({ params, body, request }) => ({
    signature: await guard.counted(request.ip, () =>
      signBallot(house, params.county, params.review, body.ticket, body.blinded),
    ),
  }));
  route(web, contracts.ballot, async ({ params, body }) => {
    await castBallot(house, params.county, params.review, body);
    return done;
  });
  route(web, contracts.organs, async ({ params }) => {
    const rows = await house.db.read<any>(
      noScope,
      sql`SELECT unit, n, sort, public_key FROM tip_organ WHERE county = ${params.county} AND ended_at IS NULL ORDER BY sort, unit`,
    );
    return {
      organs: rows.map(({ unit, n, sort, public_key }) => ({
        unit,
        n,
        sort,
        name: house.keeper.current.units.get(unit)?.name ?? '',
        key: public_key.toString('base64'),
      })),
    };
  });
  route(web, contracts.tip, async ({ params, body, request }) =>
    inTurn(request, body.work, async () => {
      await handInTip(house, params.county, body);
      return done;
    }),
  );
  route(web, contracts.tipState, async ({ params, body, request, reply }) => {
    reply.header('cache-control', 'no-store');
    return guard.counted(request.ip, () => lookTip(house, params.county, body.code));
  });
}
