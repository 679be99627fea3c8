/**
 * Open311 GeoReport v2: services, definitions, requests, tokens, and the updates extension, as JSON and XML, so that
 * existing apps work with it. What it shows is what may stand in the open: public facilities and what came by this door,
 * never guarded matters, nobody's name, no home.
 */
import { createHash } from 'node:crypto';
import { XMLBuilder } from 'fast-xml-parser';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { v5 } from 'uuid';
import { z } from 'zod';
import type { House } from '../house.ts';
import { noScope, sql, systemScope, time } from '../kernel/db.ts';
import { catalogue, Failure, invalid, messageOf } from '../kernel/errors.ts';
import type { Web } from '../kernel/http.ts';
import { type KindName, kinds } from '../kinds/kinds.ts';
import { act } from '../matters/acting.ts';
import { Action, RegisterInput } from '../matters/actions.ts';
import { normalPhone } from '../matters/lookups.ts';
import { parseNumber } from '../matters/numbers.ts';
import { redact } from '../matters/redact.ts';
import { registerMatter } from '../matters/registration.ts';
import { byReceipt, type MatterWords } from '../matters/store.ts';
import { stateNames } from '../matters/words.ts';

/** Kinds that are asked for by category from outside. */
const offered = ['request', 'repair'] as const satisfies readonly KindName[];
type Offered = (typeof offered)[number];

const xml = new XMLBuilder({ format: true, ignoreAttributes: false, suppressEmptyNode: true });
type Format = 'json' | 'xml';
/** Names of the list and of one element, as the specification has them in XML. */
type Shape = { list: string; one: string };
const shapes = {
  services: { list: 'services', one: 'service' },
  definition: { list: 'service_definition', one: '' },
  requests: { list: 'service_requests', one: 'request' },
  updates: { list: 'service_request_updates', one: 'request_update' },
  errors: { list: 'errors', one: 'error' },
} satisfies Record<string, Shape>;

function answer(reply: FastifyReply, format: Format, shape: Shape, rows: unknown, status = 200) {
  reply.code(status);
  if (format === 'json') return reply.type('application/json; charset=utf-8').send(JSON.stringify(rows));
  const body = shape.one ? { [shape.list]: { [shape.one]: rows } } : { [shape.list]: rows };
  const head = { '?xml': { '@_version': '1.0', '@_encoding': 'utf-8' } };
  return reply.type('text/xml; charset=utf-8').send(xml.build(head) + xml.build(body));
}

const Query = z.object({
  jurisdiction_id: z.string().max(40).optional(),
  service_request_id: z.string().max(2000).optional(),
  service_code: z.string().max(400).optional(),
  start_date: z.iso.datetime({ offset: true }).optional(),
  end_date: z.iso.datetime({ offset: true }).optional(),
  status: z.string().max(40).optional(),
  api_key: z.string().max(200).optional(),
});
const coordinate = (most: number) => z.coerce.number().min(-most).max(most).optional();
const Report = z.object({
  jurisdiction_id: z.string().max(40).optional(),
  api_key: z.string().max(200),
  service_code: z.string().max(40),
  lat: coordinate(90),
  long: coordinate(180),
  address_string: z.string().max(300).optional(),
  address_id: z.string().max(17).optional(),
  first_name: z.string().max(50).optional(),
  last_name: z.string().max(50).optional(),
  phone: z.string().max(40).optional(),
  email: z.string().max(200).optional(),
  device_id: z.string().max(200).optional(),
  account_id: z.string().max(200).optional(),
  description: z.string().trim().min(1).max(4000),
  media_url: z.string().max(2000).optional(),
});
const Update = z.object({
  jurisdiction_id: z.string().max(40).optional(),
  api_key: z.string().max(200),
  service_request_id: z.string().max(40),
  update_id: z.string().max(100).optional(),
  description: z.string().trim().min(1).max(4000),
  updated_datetime: z.string().max(40).optional(),
  status: z.string().max(40).optional(),
});

function parse<T extends z.ZodType>(schema: T, given: unknown): z.output<T> {
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw invalid(parsed.error);
  return parsed.data;
}

/** The county: named, or the only one there is. */
function jurisdiction(house: House, named: string | undefined): string {
  const { counties } = house.keeper.current;
  const county = named ?? (counties.size === 1 ? [...counties.keys()][0] : undefined);
  if (!county || !counties.has(county))
    throw new Failure(named ? 'not_found' : 'invalid', { issues: 'jurisdiction_id' });
  return county;
}

/** The token behind an api_key; only one made for this door opens it. */
async function keyOf(house: House, key: string): Promise<{ id: string; county: string }> {
  const row = await house.db.readOne<{ id: string; county: string }>(
    noScope,
    sql`SELECT t.id, u.county FROM api_token t JOIN post p ON p.id = t.post JOIN unit u ON u.id = p.unit
        WHERE t.hash = ${createHash('sha256').update(key).digest()} AND t.ended_at IS NULL AND t.expires_at > ${time(house.clock())} AND 'open311' = ANY (t.scopes)`,
  );
  if (!row) throw new Failure('forbidden', { action: 'open311' });
  return row;
}

const serviceCode = (kind: string, category: string) => `${kind}.${category}`;
const services = (house: House) =>
  offered.flatMap(kind => {
    const all = house.keeper.current.categories.get(kind) ?? [];
    const nameOf = new Map(all.map(one => [one.code, one.name]));
    return all.map(one => ({
      kind,
      category: one.code,
      service_code: serviceCode(kind, one.code),
      service_name: one.name,
      description: `${kinds[kind].label.zh}：${one.name}`,
      metadata: attributesOf(kind).length > 0,
      type: 'realtime',
      keywords: one.words.join(','),
      group: one.parent ? (nameOf.get(one.parent) ?? '') : kinds[kind].label.zh,
    }));
  });
function serviceOf(house: House, code: string) {
  const found = services(house).find(one => one.service_code === code);
  if (!found) throw new Failure('not_found');
  return found;
}
const wire = ({ kind: _k, category: _c, ...service }: ReturnType<typeof services>[number]) => service;

/** The kind's own choices as GeoReport attributes. */
function attributesOf(kind: Offered) {
  const { properties = {} } = z.toJSONSchema(kinds[kind].fields, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, { title?: string; enum?: string[] }>;
  };
  return Object.entries(properties)
    .filter(([, property]) => property.enum)
    .map(([code, property], i) => ({
      variable: true,
      code,
      datatype: 'singlevaluelist',
      required: false,
      datatype_description: '',
      order: i + 1,
      description: property.title ?? code,
      values: property.enum!.map(key => ({ key, name: key })),
    }));
}

type Row = {
  id: string;
  number: string;
  kind: Offered;
  category: string;
  state: keyof typeof stateNames.zh;
  open: boolean;
  handler: string | null;
  unit: string;
  received_at: number;
  changed_at: number;
  due_at: number | null;
  location: { lng: number; lat: number } | null;
  token: string | null;
  words: Buffer;
  wrapped: Buffer | null;
  version: number;
};

const rowsOf = (house: House, county: string, where: ReturnType<typeof sql>, limit: number) =>
  house.db.read<Row>(
    systemScope,
    sql`SELECT m.id, m.number, m.kind, m.category, m.state, m.open, m.handler, m.unit, m.received_at, m.due_at, m.location, m.words, k.wrapped, k.version, r.token,
          (SELECT a.at FROM matter_action a WHERE a.county = m.county AND a.matter = m.id ORDER BY a.seq DESC LIMIT 1) AS changed_at
        FROM matter m JOIN matter_key k ON k.county = m.county AND k.matter = m.id LEFT JOIN api_report r ON r.county = m.county AND r.matter = m.id
        WHERE m.county = ${county} AND NOT m.stock AND NOT m.sensitive AND m.excluded_units = '{}' AND m.excluded_people = '{}' AND m.whole IS NULL AND m.category IS NOT NULL
          AND (m.kind = 'repair' OR (m.kind = 'request' AND r.matter IS NOT NULL)) AND (${where})
        ORDER BY m.received_at DESC, m.id DESC LIMIT ${limit}`,
  );

function requestOf(house: House, row: Row, token: string | undefined) {
  const directory = house.keeper.current;
  const category = directory.categories.get(row.kind)?.find(one => one.code === row.category);
  // Its own words go back to the app they came from, without the numbers and names in them.
  const own = token !== undefined && row.token === token && row.wrapped;
  const place = row.kind === 'repair' ? row.location : null;
  return {
    service_request_id: row.number,
    status: row.open ? 'open' : 'closed',
    status_notes: stateNames.zh[row.state],
    service_name: category?.name ?? '',
    service_code: serviceCode(row.kind, row.category),
    description: own ? redact(house.secrets.openRow<MatterWords>(row as never).text) : '',
    agency_responsible: directory.units.get(row.handler ?? row.unit)?.name ?? '',
    service_notice: '',
    requested_datetime: time(row.received_at),
    updated_datetime: time(row.changed_at),
    expected_datetime: time(row.due_at) ?? '',
    address: '',
    address_id: '',
    zipcode: '',
    lat: place?.lat ?? '',
    long: place?.lng ?? '',
    media_url: '',
  };
}

const month = 30 * 86_400_000;

export function open311Routes({ app, house }: Web): void {
  const root = '/open311/v2';
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(body as string))),
  );
  /** One route in both formats; what is refused answers as the specification says. */
  const both = (
    method: 'GET' | 'POST',
    path: string,
    shape: Shape,
    perMinute: number,
    handle: (request: FastifyRequest) => Promise<unknown>,
  ) => {
    for (const format of ['json', 'xml'] as const)
      app.route({
        method,
        url: `${root}${path}.${format}`,
        schema: { summary: `Open311 ${path}`, tags: ['open311'] },
        config: {
          rateLimit: { max: perMinute, timeWindow: 60_000, keyGenerator: (request: FastifyRequest) => request.ip },
        },
        handler: async (request, reply) => {
          try {
            return answer(reply, format, shape, await handle(request), 200);
          } catch (error) {
            if (!(error instanceof Failure) || error.code === 'internal') throw error;
            const status = catalogue[error.code][0];
            const description = messageOf(error.code, error.details, 'en');
            return answer(reply, format, shapes.errors, [{ code: status, description, catalogue: error.code }], status);
          }
        },
      });
  };

  both('GET', '/services', shapes.services, 120, async request => {
    jurisdiction(house, parse(Query, request.query).jurisdiction_id);
    return services(house).map(wire);
  });

  both('GET', '/services/:code', shapes.definition, 120, async request => {
    jurisdiction(house, parse(Query, request.query).jurisdiction_id);
    const service = serviceOf(house, (request.params as { code: string }).code);
    return { service_code: service.service_code, attributes: attributesOf(service.kind) };
  });

  both('POST', '/requests', shapes.requests, 60, async request => {
    const given = parse(Report, request.body ?? {});
    const county = jurisdiction(house, given.jurisdiction_id);
    const key = await keyOf(house, given.api_key);
    if (key.county !== county) throw new Failure('forbidden', { action: 'jurisdiction_id' });
    const service = serviceOf(house, given.service_code);
    const directory = house.keeper.current;
    const point = given.lat !== undefined && given.long !== undefined ? { lng: given.long, lat: given.lat } : null;
    const grid = point && directory.locate(point.lng, point.lat);
    const named = given.address_id && directory.countyOf(given.address_id) === county ? given.address_id : undefined;
    if (!point && !given.address_string && !named)
      throw new Failure('invalid', { issues: 'lat, long | address_string' });
    if (point && (!grid || directory.countyOf(grid.code) !== county))
      throw new Failure('invalid', { issues: 'lat, long: outside' });
    const attributes = Object.fromEntries(
      Object.entries((request.body ?? {}) as Record<string, string>).flatMap(([name, value]) => {
        const code = /^attribute\[(\w+)\]$/.exec(name)?.[1];
        return code ? [[code, value]] : [];
      }),
    );
    const name = `${given.last_name ?? ''}${given.first_name ?? ''}`.trim();
    const now = house.clock();
    // The specification knows no ids of the client: what the same key sends word for word within a minute is one report.
    const same = v5(JSON.stringify([key.id, given, attributes, Math.floor(now / 60_000)]), v5.URL);
    const input = RegisterInput.parse({
      id: same,
      action: v5('register', same),
      kind: service.kind,
      category: service.category,
      // A picture elsewhere is named, never fetched.
      text: [given.description, given.media_url].filter(Boolean).join('\n'),
      source: 'online',
      region: grid?.parent ?? named ?? directory.counties.get(county)!.region,
      grid: grid?.level === 'grid' ? grid.code : null,
      location: point,
      ...(given.address_string && { address: given.address_string }),
      fields: attributes,
      parties: [
        {
          id: v5('party', same),
          role: 'applicant',
          ...(name && { name }),
          ...(given.phone && { phone: normalPhone(given.phone) }),
          anonymous: !name,
        },
      ],
    });
    const doing = byReceipt(same, now);
    const made = await registerMatter(house.loop, doing, input);
    await house.db.write(systemScope, tx =>
      tx.run(sql`INSERT INTO api_report VALUES (${county}, ${same}, ${key.id}, ${time(now)}) ON CONFLICT DO NOTHING`),
    );
    return [{ service_request_id: made.number, service_notice: '', account_id: given.account_id ?? '' }];
  });

  both('GET', '/requests', shapes.requests, 120, async request => {
    const query = parse(Query, request.query);
    const county = jurisdiction(house, query.jurisdiction_id);
    const token = query.api_key ? (await keyOf(house, query.api_key)).id : undefined;
    const now = house.clock();
    const numbers = query.service_request_id?.split(',').map(one => parseNumber(one) ?? '');
    const status = query.status?.split(',');
    const codes = query.service_code?.split(',');
    // At most ninety days and a thousand requests, as the specification says.
    const until = query.end_date ? Date.parse(query.end_date) : now;
    const from = Math.max(query.start_date ? Date.parse(query.start_date) : until - 3 * month, until - 3 * month);
    const rows = await rowsOf(
      house,
      county,
      numbers
        ? sql`m.number = ANY (${numbers}::text[])`
        : sql`m.received_at BETWEEN ${time(from)} AND ${time(until)}
          AND (${!status} OR CASE WHEN m.open THEN 'open' ELSE 'closed' END = ANY (${status ?? []}::text[]))
          AND (${!codes} OR m.kind || '.' || m.category = ANY (${codes ?? []}::text[]))`,
      1000,
    );
    return rows.map(row => requestOf(house, row, token));
  });

  both('GET', '/requests/:id', shapes.requests, 120, async request => {
    const query = parse(Query, request.query);
    const county = jurisdiction(house, query.jurisdiction_id);
    const token = query.api_key ? (await keyOf(house, query.api_key)).id : undefined;
    const number = parseNumber((request.params as { id: string }).id);
    const rows = number ? await rowsOf(house, county, sql`m.number = ${number}`, 1) : [];
    if (!rows.length) throw new Failure('not_found');
    return rows.map(row => requestOf(house, row, token));
  });

  // Numbers are given at once, so a token is the number itself.
  both('GET', '/tokens/:token', shapes.requests, 120, async request => {
    const county = jurisdiction(house, parse(Query, request.query).jurisdiction_id);
    const { token } = request.params as { token: string };
    const number = parseNumber(token);
    const rows = number ? await rowsOf(house, county, sql`m.number = ${number}`, 1) : [];
    if (!rows.length) throw new Failure('not_found');
    return [{ service_request_id: rows[0]!.number, token }];
  });

  both('GET', '/servicerequestupdates', shapes.updates, 120, async request => {
    const query = parse(Query, request.query);
    const county = jurisdiction(house, query.jurisdiction_id);
    const until = query.end_date ? Date.parse(query.end_date) : house.clock();
    const from = Math.max(query.start_date ? Date.parse(query.start_date) : until - 86_400_000, until - month);
    const rows = await house.db.read<any>(
      systemScope,
      sql`SELECT a.id, a.at, a.effects, m.number FROM matter_action a JOIN matter m ON m.county = a.county AND m.id = a.matter LEFT JOIN api_report r ON r.county = m.county AND r.matter = m.id
          WHERE m.county = ${county} AND m.received_at > ${time(from - 12 * month)} AND a.at BETWEEN ${time(from)} AND ${time(until)} AND NOT m.stock AND NOT m.sensitive AND m.excluded_units = '{}' AND m.excluded_people = '{}' AND m.whole IS NULL
            AND (m.kind = 'repair' OR (m.kind = 'request' AND r.matter IS NOT NULL)) AND a.effects::text LIKE '%"state"%' ORDER BY a.at, a.matter, a.seq LIMIT 1000`,
    );
    return rows.flatMap(row => {
      const state = row.effects.findLast((effect: any) => effect.set?.state)?.set.state as Row['state'] | undefined;
      if (!state) return [];
      const ended = ['struck', 'declined', 'withdrawn', 'merged'].includes(state);
      return [
        {
          update_id: row.id,
          service_request_id: row.number,
          status: ended ? 'closed' : 'open',
          updated_datetime: time(row.at),
          description: stateNames.zh[state],
          media_url: '',
        },
      ];
    });
  });

  both('POST', '/servicerequestupdates', shapes.updates, 60, async request => {
    const given = parse(Update, request.body ?? {});
    const county = jurisdiction(house, given.jurisdiction_id);
    const key = await keyOf(house, given.api_key);
    const number = parseNumber(given.service_request_id);
    const rows = number ? await rowsOf(house, county, sql`m.number = ${number}`, 1) : [];
    // Only the app that reported it speaks for the person who did.
    if (rows[0]?.token !== key.id) throw new Failure('not_found');
    const { id } = rows[0];
    const update = v5(JSON.stringify([key.id, number, given.update_id ?? given.description]), v5.URL);
    const doing = byReceipt(id, house.clock());
    await act(house.loop, doing, county, id, {
      id: update,
      action: Action.parse({ type: 'add', data: {}, words: { text: given.description } }),
    });
    return [{ update_id: update }];
  });
}
