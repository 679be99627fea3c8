/** Every route, as its published description has it, asked with what nobody expects: a catalogued error, never a 5xx. And a flood. */
import http from 'node:http';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { buildApp } from '../app.ts';
import { catalogue } from '../kernel/errors.ts';
import { portalContracts } from '../portal/contract.ts';
import { Client, serve } from './client.ts';
import { testHouse } from './harness.ts';
import { Resident, raising, work } from './resident.ts';

describe('the published description', async () => {
  const house = await testHouse();
  const server = await serve(house);
  afterAll(() => server.app.close());
  type Operation = { requestBody?: any; parameters?: { name: string; in: string }[]; responses: any };
  const { body: openapi } = await server.anyone().raw('GET', '/api/v1/openapi.json');
  const operations = Object.entries(openapi.paths as Record<string, Record<string, Operation>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const odd = fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
    fc.constantFrom(
      "'; DROP TABLE matter; --",
      '../../etc/passwd',
      '\u0000',
      '𠮷'.repeat(200),
      '411081',
      '0199f000-0000-7000-8000-000000000001',
      '-1',
      '1e309',
      'null',
    ),
    fc.integer().map(String),
    fc.date({ noInvalidDate: true }).map(date => date.toISOString()),
  );
  const json = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'id',
        'action',
        'text',
        'county',
        'kind',
        'region',
        'what',
        'do',
        'value',
        'work',
        'code',
        'title',
      ),
      fc.oneof(odd, fc.jsonValue({ maxDepth: 2 })),
      { maxKeys: 8 },
    ),
  );

  test('names every route of the portal, the channels and Open311', () => {
    const paths = operations.map(one => one.path);
    for (const contract of Object.values(portalContracts))
      expect(paths).toContain(`/api/v1${contract.path.replace(/:(\w+)/g, '{$1}')}`);
    for (const path of [
      '/open311/v2/services.json',
      '/open311/v2/requests.xml',
      '/api/v1/exchange',
      '/api/v1/calls/events',
      '/api/v1/sign-in/factor',
    ])
      expect(paths).toContain(path);
    expect(operations.length).toBeGreaterThan(200);
  });

  test('whatever is sent: a catalogued error or an answer, never a 5xx, signed in or not', {
    timeout: 240_000,
  }, async () => {
    const staff = [
      server.anyone(),
      await server.signedIn('county'),
      await server.signedIn('system'),
      await server.signedIn('police'),
    ];
    const seen = new Map<string, Set<number>>();
    const wrong: string[] = [];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.nat({ max: staff.length - 1 }),
        fc.array(odd, { minLength: 4, maxLength: 4 }),
        json,
        fc.boolean(),
        async (n, who, words, body, form) => {
          const { path, method } = operations[n % operations.length]!;
          // Signing out would end the test; a long poll is not for fuzzing.
          if (path.endsWith('/sign-out')) return;
          let i = 0;
          const url = path.replace(/\{\w+\}/g, () =>
            encodeURIComponent(words[i++ % words.length]!.toWellFormed().slice(0, 80) || 'x').replaceAll('.', '%2E'),
          );
          const query =
            method === 'GET'
              ? `?q=${encodeURIComponent(words[0]!.toWellFormed())}&cursor=${encodeURIComponent(words[1]!.toWellFormed())}&limit=${encodeURIComponent(words[2]!.toWellFormed())}&county=411081`
              : '';
          const init: RequestInit = {
            method,
            headers: {
              cookie: staff[who]!.cookie,
              'x-csrf': staff[who]!.csrf,
              ...(method !== 'GET' && {
                'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json',
              }),
            },
            ...(method !== 'GET' &&
              method !== 'HEAD' && {
                body: form ? `a=${encodeURIComponent(words[3]!.toWellFormed())}` : JSON.stringify(body),
              }),
          };
          const reply = await fetch(server.address + url + query, init);
          const text = await reply.text();
          seen.set(`${method} ${path}`, (seen.get(`${method} ${path}`) ?? new Set()).add(reply.status));
          if (reply.status >= 500)
            wrong.push(`${reply.status} ${method} ${url}${query} ${init.body ?? ''}: ${text.slice(0, 200)}`);
          if (reply.status >= 400 && reply.status < 500 && reply.headers.get('content-type')?.includes('json')) {
            const answer = JSON.parse(text);
            const code = Array.isArray(answer) ? answer[0]?.catalogue : answer.error?.code;
            if (!(code in catalogue)) wrong.push(`${reply.status} ${method} ${url}: ${text.slice(0, 200)}`);
          }
        },
      ),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 4000) },
    );
    expect(wrong).toEqual([]);
    expect(seen.size).toBeGreaterThan(180);
  });

  test('what the portal answers is what the description says', async () => {
    const ajv = new Ajv({ strict: false });
    (addFormats as unknown as (ajv: Ajv) => void)(ajv);
    // Who guessed at codes before waits a while.
    house.time.now += 5 * 60_000;
    const resident = new Resident(server.address);
    await resident.raise();
    const answers: [string, string, unknown][] = [
      ['/portal', 'get', (await resident.raw('GET', '/api/v1/portal')).body],
      ['/portal/{county}', 'get', (await resident.raw('GET', '/api/v1/portal/411081')).body],
      ['/portal/{county}/services', 'get', (await resident.raw('GET', '/api/v1/portal/411081/services')).body],
      [
        '/portal/{county}/contacts/{region}',
        'get',
        (await resident.raw('GET', '/api/v1/portal/411081/contacts/411081101205')).body,
      ],
      ['/portal/receipt', 'get', (await resident.look()).body],
      [
        '/portal/receipt/data',
        'get',
        (await resident.raw('GET', '/api/v1/portal/receipt/data', undefined, resident.key)).body,
      ],
    ];
    for (const [path, method, answer] of answers) {
      const schema = openapi.paths[`/api/v1${path}`][method].responses['200'].content['application/json'].schema;
      const check = ajv.compile({ ...schema, components: openapi.components });
      expect(check(answer), JSON.stringify([path, check.errors]).slice(0, 500)).toBe(true);
    }
  });
});

describe('a flood', async () => {
  const house = await testHouse({ clock: Date.now });
  const app = await buildApp({ house, perMinute: 1200 });
  await app.listen({ port: 0, host: '0.0.0.0' });
  const { port } = app.server.address() as { port: number };
  afterAll(() => app.close());

  test('ten thousand submissions from one source, and a real one from elsewhere still goes through', {
    timeout: 120_000,
  }, async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 64, localAddress: '127.0.0.2' });
    const statuses = new Map<number, number>();
    const send = () =>
      new Promise<void>(resolve => {
        const body = JSON.stringify({
          ...raising(),
          work: Buffer.from(JSON.stringify({ salt: 'x?expires=99999999999' })).toString('base64'),
        });
        const request = http.request(
          {
            host: '127.0.0.1',
            port,
            path: '/api/v1/portal/411081/matters',
            method: 'POST',
            agent,
            headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
          },
          response => {
            statuses.set(response.statusCode!, (statuses.get(response.statusCode!) ?? 0) + 1);
            response.resume().on('end', resolve);
          },
        );
        request.on('error', () => resolve());
        request.end(body);
      });
    const real = new Resident(`http://127.0.0.1:${port}`);
    // Solved before: a phone of its own would not share its processor with the flood.
    const works = [await work(real), await work(real), await work(real)];
    let left = 10_000;
    let over = false;
    const flood = Promise.all(
      Array.from({ length: 64 }, async () => {
        while (left-- > 0 || !over) await send();
      }),
    );
    const went: number[] = [];
    for (const one of works) {
      const body = { ...raising(), work: one };
      went.push((await real.raw('POST', '/api/v1/portal/411081/matters', body)).status);
    }
    over = true;
    await flood;
    agent.destroy();
    expect(went).toEqual([200, 200, 200]);
    // Too often, without work, or a place in a full line: each is told, none is an error of ours.
    expect([...statuses.keys()].filter(status => ![428, 429, 503].includes(status))).toEqual([]);
    expect(statuses.get(429)).toBeGreaterThan(9000);
    expect((await house.owner.query('SELECT count(*) FROM matter')).rows[0].count).toBe(3);
    expect(await new Client(`http://127.0.0.1:${port}`).raw('GET', '/api/v1/health')).toMatchObject({ status: 200 });
  });
});
