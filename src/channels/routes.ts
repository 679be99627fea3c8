/** Routes of channels, webhooks and exchange. Packages come in without signing in: their signature says who sends. */
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { auditedBy } from '../kernel/audit.ts';
import { base } from '../kernel/contract.ts';
import { clash, json, noScope, sql, systemScope, time } from '../kernel/db.ts';
import { Failure, invalid } from '../kernel/errors.ts';
import { route, type Web } from '../kernel/http.ts';
import { normalPhone } from '../matters/lookups.ts';
import { readPage } from '../matters/reading.ts';
import { mustBelong, type Staff } from '../people/actors.ts';
import { Configs } from './adapters.ts';
import { channelContracts as contracts } from './contract.ts';
import { receive } from './exchange.ts';
import { acknowledge, pulled, readFile, takeAcknowledgement, waitingFor } from './exchange-carry.ts';
import { handOut, sendAgain } from './exchange-out.ts';
import { decideMessage, openText, sealText } from './outbox.ts';
import { ownKeys } from './packages.ts';
import { replayHooks } from './webhooks.ts';
import { strangers, templates } from './words.ts';

const done = { done: true } as const;
const packageLimit = 24 * 1024 * 1024;

/** Addresses that belong to the machine's own network card are nobody's receiver. */
function mustBeElsewhere(url: string): void {
  const { hostname, username } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (username) throw new Failure('address_refused', { reason: 'user:password@' });
  if (isIP(host) && /^(169\.254\.|0\.|fe80:|::$)/i.test(host)) throw new Failure('address_refused', { reason: host });
}

export function channelRoutes(web: Web): void {
  const { app, house } = web;
  const { db, secrets } = house;
  const audited = auditedBy(house.clock);
  const here = (staff: Staff, county: string) => mustBelong(staff, county, house.keeper.current);

  route(web, contracts.channels, async ({ params, staff }) => {
    here(staff, params.county);
    const [channels, own] = (await db.reads(
      noScope,
      sql`SELECT name, config, secret IS NOT NULL AS "hasSecret", enabled FROM channel WHERE county = ${params.county} ORDER BY name`,
      sql`SELECT name, channel, language, carrier, title, body FROM message_template WHERE county = ${params.county} ORDER BY name, channel, language`,
    )) as [any[], any[]];
    return { channels, templates: own };
  });
  route(web, contracts.setChannel, async ({ params, body, staff }) => {
    here(staff, params.county);
    const config = Configs[params.name].safeParse(body.config);
    if (!config.success) throw invalid(config.error);
    if ('url' in config.data) mustBeElsewhere(config.data.url);
    const secret = body.secret === undefined ? null : sealText(secrets, body.secret);
    await db.write(noScope, async tx => {
      await tx.run(sql`INSERT INTO channel VALUES (${params.county}, ${params.name}, ${json(config.data)}, ${secret?.sealed ?? null}, ${secret?.version ?? null}, ${body.enabled}, ${staff.person}, ${time(house.clock())})
        ON CONFLICT (county, name) DO UPDATE SET config = excluded.config, secret = coalesce(excluded.secret, channel.secret), version = coalesce(excluded.version, channel.version), enabled = excluded.enabled, set_by = excluded.set_by, set_at = excluded.set_at`);
      await audited(tx, staff, 'channel', params.county, params.name, {
        enabled: body.enabled,
        secret: secret !== null,
      });
    });
    return done;
  });
  route(web, contracts.setTemplate, async ({ params, body, staff }) => {
    here(staff, params.county);
    const places = strangers(body.name, body.title + body.body);
    if (places.length)
      throw new Failure('template_places', { places: places.join('、'), allowed: templates[body.name].join('、') });
    if (body.channel === 'sms' && !body.carrier) throw new Failure('invalid', { issues: 'carrier' });
    await db.write(noScope, async tx => {
      await tx.run(sql`INSERT INTO message_template VALUES (${params.county}, ${body.name}, ${body.channel}, ${body.language}, ${body.carrier}, ${body.title}, ${body.body}, ${staff.person}, ${time(house.clock())})
        ON CONFLICT (county, name, channel, language) DO UPDATE SET carrier = excluded.carrier, title = excluded.title, body = excluded.body, set_by = excluded.set_by, set_at = excluded.set_at`);
      await audited(tx, staff, 'template', params.county, `${body.name}.${body.channel}.${body.language}`, {
        carrier: body.carrier,
      });
    });
    return done;
  });
  route(web, contracts.outbox, async ({ params, query, staff }) => {
    here(staff, params.county);
    const [rows, counts] = (await db.reads(
      systemScope,
      sql`SELECT o.id, o.channel, o.template, o.matter, m.number, CASE WHEN o.person IS NOT NULL THEN 'staff' WHEN o.party IS NOT NULL THEN 'party' WHEN o.channel = 'official' THEN 'everybody' ELSE 'phone' END AS "to",
            o.state, o.reason, o.tries, o.made_at AS "madeAt", o.next_at AS "nextAt", o.sent_at AS "sentAt"
          FROM message_out o LEFT JOIN matter m ON m.county = o.county AND m.id = o.matter AND NOT m.sensitive
          WHERE o.county = ${params.county} AND (${query.state ?? null}::text IS NULL OR o.state = ${query.state ?? null}) AND (${query.before === undefined} OR o.made_at < ${time(query.before ?? 0)}) ORDER BY o.made_at DESC LIMIT 100`,
      sql`SELECT state, count(*) AS n FROM message_out WHERE county = ${params.county} AND made_at > ${time(house.clock() - 30 * 86_400_000)} GROUP BY state`,
    )) as [any[], { state: string; n: number }[]];
    return { rows, counts: Object.fromEntries(counts.map(one => [one.state, one.n])) };
  });
  route(web, contracts.decideOut, async ({ params, body, staff }) => {
    here(staff, params.county);
    if (!(await decideMessage(house, params.county, params.id, body.again, house.clock())))
      throw new Failure('not_found');
    await db.write(noScope, tx =>
      audited(tx, staff, body.again ? 'message-again' : 'message-rest', params.county, params.id),
    );
    return done;
  });

  route(web, contracts.hooks, async ({ params, staff }) => {
    here(staff, params.county);
    const [hooks, deliveries] = (await db.reads(
      systemScope,
      sql`SELECT w.id, w.url, w.events, w.made_at AS "madeAt", w.ended_at IS NOT NULL AS ended,
            (SELECT count(*) FROM webhook_delivery d WHERE d.county = w.county AND d.webhook = w.id AND d.state = 'waiting') AS waiting,
            (SELECT count(*) FROM webhook_delivery d WHERE d.county = w.county AND d.webhook = w.id AND d.state = 'dead') AS dead
          FROM webhook w WHERE w.county = ${params.county} ORDER BY w.made_at DESC`,
      sql`SELECT id, webhook, type, state, status, tries, at, next_at AS "nextAt" FROM webhook_delivery WHERE county = ${params.county} ORDER BY at DESC LIMIT 100`,
    )) as [any[], any[]];
    return { hooks, deliveries };
  });
  route(web, contracts.addHook, async ({ params, body, staff }) => {
    here(staff, params.county);
    mustBeElsewhere(body.url);
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const { sealed, version } = sealText(secrets, secret);
    await db
      .write(noScope, async tx => {
        await tx.run(
          sql`INSERT INTO webhook VALUES (${params.county}, ${body.id}, ${body.url}, ${body.events}, ${sealed}, ${version}, ${staff.person}, ${time(house.clock())}, NULL)`,
        );
        await audited(tx, staff, 'webhook', params.county, body.id, { url: body.url, events: body.events });
      })
      .catch(clash('conflict'));
    return { secret };
  });
  route(web, contracts.endHook, async ({ params, staff }) => {
    here(staff, params.county);
    await db.write(noScope, async tx => {
      if (
        !(await tx.run(
          sql`UPDATE webhook SET ended_at = ${time(house.clock())} WHERE county = ${params.county} AND id = ${params.id} AND ended_at IS NULL`,
        ))
      )
        throw new Failure('not_found');
      await audited(tx, staff, 'webhook-end', params.county, params.id);
    });
    return done;
  });
  route(web, contracts.replayHook, async ({ params, body, staff }) => {
    here(staff, params.county);
    const again = await replayHooks(house, params.county, params.id, body.since, house.clock());
    await db.write(noScope, tx =>
      audited(tx, staff, 'webhook-replay', params.county, params.id, { since: body.since, again }),
    );
    return { again };
  });

  route(web, contracts.peers, async ({ params, staff }) => {
    here(staff, params.county);
    const rows = await db.read<any>(
      systemScope,
      sql`SELECT p.id, p.name, p.system, p.keys, p.url, p.pulls, p.ended_at IS NOT NULL AS ended,
            (SELECT count(*) FROM exchange_message m WHERE m.county = p.county AND m.peer = p.id AND m.way = 'out' AND m.state = 'waiting') AS waiting,
            (SELECT count(*) FROM exchange_message m WHERE m.county = p.county AND m.peer = p.id AND m.way = 'out' AND m.state IN ('dead', 'refused')) AS dead
          FROM peer p WHERE p.county = ${params.county} ORDER BY p.name`,
    );
    return { own: (await ownKeys(secrets)).public, peers: rows };
  });
  route(web, contracts.addPeer, async ({ params, body, staff }) => {
    here(staff, params.county);
    if (body.url) mustBeElsewhere(body.url);
    await db
      .write(noScope, async tx => {
        await tx.run(
          sql`INSERT INTO peer VALUES (${params.county}, ${body.id}, ${body.name}, ${body.system}, ${json(body.keys)}, ${body.url}, ${body.pulls}, ${staff.person}, ${time(house.clock())}, NULL)`,
        );
        await audited(tx, staff, 'peer', params.county, body.id, {
          name: body.name,
          url: body.url,
          key: body.keys.sign.x,
        });
      })
      .catch(clash('conflict'));
    return done;
  });
  route(web, contracts.endPeer, async ({ params, staff }) => {
    here(staff, params.county);
    await db.write(noScope, async tx => {
      if (
        !(await tx.run(
          sql`UPDATE peer SET ended_at = ${time(house.clock())} WHERE county = ${params.county} AND id = ${params.id} AND ended_at IS NULL`,
        ))
      )
        throw new Failure('not_found');
      await audited(tx, staff, 'peer-end', params.county, params.id);
    });
    return done;
  });
  route(web, contracts.journeys, async ({ params, doing }) => {
    await readPage(house.loop, doing, params.county, params.id);
    const rows = await db.read<any>(
      systemScope,
      sql`SELECT e.id, e.peer, p.name, e.way, e.state, e.round, e.number, e.at,
            (SELECT count(*) FROM exchange_message m WHERE m.county = e.county AND m.exchange = e.id AND m.way = 'out' AND m.state IN ('waiting', 'dead')) AS waiting,
            (SELECT max(m.reason) FROM exchange_message m WHERE m.county = e.county AND m.exchange = e.id AND m.way = 'out' AND m.state = 'refused') AS refused
          FROM exchange e JOIN peer p ON p.county = e.county AND p.id = e.peer WHERE e.county = ${params.county} AND e.matter = ${params.id} ORDER BY e.at`,
    );
    return { rows };
  });
  route(web, contracts.handOut, async ({ params, body, staff, doing }) => {
    await handOut(house, doing, params, body);
    await db.write(noScope, tx =>
      audited(tx, staff, 'exchange-out', params.county, params.id, {
        peer: body.peer,
        reason: body.text.slice(0, 100),
      }),
    );
    return done;
  });
  route(web, contracts.sendAgain, async ({ params, body, doing }) => {
    await sendAgain(house, doing, params, { ...body, exchange: params.exchange });
    return done;
  });
  route(web, contracts.exportPackages, async ({ params, staff }) => {
    here(staff, params.county);
    const rows = await waitingFor(house, params.county, params.id);
    await db.write(noScope, tx =>
      audited(tx, staff, 'exchange-file', params.county, params.id, { packages: rows.length }),
    );
    return { lines: rows.map(row => row.package).join('\n'), packages: rows.length };
  });
  route(web, contracts.importPackages, async ({ body }) => readFile(house, body.lines, house.clock()));

  route(web, contracts.addresses, async ({ staff }) => {
    const rows = await db.read<any>(
      noScope,
      sql`SELECT channel, sealed, version FROM person_address WHERE person = ${staff.person}`,
    );
    return { addresses: rows.map(row => ({ channel: row.channel, to: openText(secrets, row.sealed, row.version) })) };
  });
  route(web, contracts.setAddress, async ({ params, body, staff }) => {
    const to = params.channel === 'sms' ? normalPhone(body.to) : body.to;
    const right = { sms: /^1\d{10}$/, email: /^[^@\s]+@[^@\s]+\.[^@\s]+$/, wecom: /^[\w.@-]{1,64}$/ }[params.channel];
    if (to && !right.test(to)) throw new Failure('invalid', { issues: params.channel });
    const { sealed, version } = sealText(secrets, to);
    await db.write(noScope, async tx => {
      if (to)
        await tx.run(
          sql`INSERT INTO person_address VALUES (${staff.person}, ${params.channel}, ${sealed}, ${version}) ON CONFLICT (person, channel) DO UPDATE SET sealed = excluded.sealed, version = excluded.version`,
        );
      else await tx.run(sql`DELETE FROM person_address WHERE person = ${staff.person} AND channel = ${params.channel}`);
    });
    return done;
  });

  // The doors for other systems: a package in, its acknowledgement out.
  app.addContentTypeParser('application/jose', { parseAs: 'string', bodyLimit: packageLimit }, (_request, body, done) =>
    done(null, body),
  );
  const door = (path: string, handle: (text: string) => Promise<string>) =>
    app.post(`${base}/exchange${path}`, {
      bodyLimit: packageLimit,
      schema: { summary: `Exchange between systems ${path}`, tags: ['channels'] },
      config: { rateLimit: { max: 300, timeWindow: 60_000, keyGenerator: (request: FastifyRequest) => request.ip } },
      handler: async (request, reply) => {
        if (typeof request.body !== 'string') throw new Failure('package_wrong');
        return reply.type('application/jose').send(await handle(request.body));
      },
    });
  door('', async text => {
    const { peer, answer } = await receive(house, text, house.clock());
    return acknowledge(house, peer, [answer]);
  });
  door('/pull', text => pulled(house, text, house.clock()));
  door('/acknowledgements', async text => {
    let noted = 0;
    for (const line of text.split('\n').filter(Boolean)) noted += await takeAcknowledgement(house, line);
    return String(noted);
  });
}
