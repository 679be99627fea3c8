/** Second factors and signing in by an identity provider (the certified `oidc-provider`), over real HTTP. */
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { type TOTP, URI } from 'otpauth';
import { afterAll, describe, expect, test } from 'vitest';
import { buildApp } from '../app.ts';
import { demoPassword } from '../demo/county.ts';
import { portalDesk } from '../portal/desk-contract.ts';
import { Client, serve } from '../test/client.ts';
import { testHouse } from '../test/harness.ts';
import { peopleContracts as contracts } from './contract.ts';

const county = '411081';

describe('one-time codes', async () => {
  const house = await testHouse();
  const server = await serve(house);
  afterAll(() => server.app.close());
  const codeAt = (totp: TOTP, steps = 0) => totp.generate({ timestamp: house.time.now + steps * 30_000 });
  const enrol = async (client: Client) => {
    const { uri, ticket } = await client.call(contracts.beginCode, { body: { password: demoPassword } });
    const totp = URI.parse(uri) as TOTP;
    await client.call(contracts.setCode, { body: { ticket, code: codeAt(totp) } });
    return totp;
  };
  const password = (login: string) =>
    server.anyone().refused(contracts.signIn, { body: { login, password: demoPassword } });

  test('set up with the password again and a first code; then asked at each sign-in; a code works once; misses lock', async () => {
    const client = await server.signedIn('county');
    expect((await client.refused(contracts.beginCode, { body: { password: 'wrong' } })).code).toBe('sign_in_failed');
    const begun = await client.call(contracts.beginCode, { body: { password: demoPassword } });
    expect((await client.refused(contracts.setCode, { body: { ticket: begun.ticket, code: '000000' } })).code).toBe(
      'factor_wrong',
    );
    expect(
      (await client.refused(contracts.setCode, { body: { ticket: `${begun.ticket}x`, code: '000000' } })).code,
    ).toBe('factor_wrong');
    const totp = await enrol(client);
    expect(await client.call(contracts.factors, {})).toMatchObject({ totp: true });
    expect(
      JSON.stringify((await house.owner.query("SELECT totp::text FROM person WHERE login = 'county'")).rows),
    ).not.toContain(totp.secret.base32);
    const asked = await password('county');
    expect(asked).toMatchObject({ status: 401, code: 'second_factor', details: { ways: ['totp'] } });
    const show = (code: string, ticket = asked.details.ticket) =>
      server.anyone().raw('POST', '/api/v1/sign-in/factor', { ticket, code });
    // The code it was set up with is used.
    expect((await show(codeAt(totp))).body.error.code).toBe('factor_wrong');
    house.time.now += 30_000;
    expect((await show(codeAt(totp))).status).toBe(200);
    expect((await show(codeAt(totp))).body.error.code).toBe('factor_wrong');
    expect((await show(codeAt(totp, -1))).body.error.code).toBe('factor_wrong');
    expect((await show(codeAt(totp, 1), 'made.up')).body.error.code).toBe('sign_in_failed');
    for (let i = 0; i < 3; i++) await show('000000');
    expect((await show(codeAt(totp, 1))).body.error.code).toBe('locked');
    house.time.now += 16 * 60_000;
    expect((await show(codeAt(totp))).body.error.code).toBe('sign_in_failed');
    const later = await password('county');
    expect((await show(codeAt(totp), later.details.ticket)).status).toBe(200);
    // A phone asks for it as well.
    const phone = { id: crypto.randomUUID(), login: 'county', password: demoPassword, name: '手机' };
    expect((await server.anyone().raw('POST', '/api/v1/sync/devices', phone)).body.error.code).toBe('second_factor');
    house.time.now += 30_000;
    expect((await server.anyone().raw('POST', '/api/v1/sync/devices', { ...phone, code: codeAt(totp) })).status).toBe(
      200,
    );
    // Lost: the security administrator takes it away, on record.
    const security = await server.signedIn('security');
    const { person } = await house.staff('county');
    expect(
      (await (await server.signedIn('leader')).refused(contracts.resetFactors, { params: { person } })).status,
    ).toBe(403);
    await security.call(contracts.resetFactors, { params: { person } });
    expect((await server.signedIn('county')).cookie).not.toBe('');
    expect((await house.owner.query("SELECT result FROM audit WHERE what = 'factor-drop'")).rows.length).toBe(1);
  });

  test('a role that must show one can do nothing before it has one', async () => {
    const security = await server.signedIn('security');
    const set = { params: { county, name: 'factor' as const }, body: { value: { roles: ['leader'] } } };
    expect((await (await server.signedIn('system')).refused(portalDesk.setSetting, set)).status).toBe(403);
    await security.call(portalDesk.setSetting, set);
    const leader = await server.signedIn('leader');
    expect((await leader.raw('GET', '/api/v1/matters')).body.error.code).toBe('enrol_first');
    expect((await leader.call(contracts.me, {})).mustProve).toBe(true);
    const phone = { id: crypto.randomUUID(), login: 'leader', password: demoPassword, name: '手机' };
    expect((await server.anyone().raw('POST', '/api/v1/sync/devices', phone)).body.error.code).toBe('enrol_first');
    await enrol(leader);
    expect((await leader.raw('GET', '/api/v1/matters')).status).toBe(200);
    expect((await (await server.signedIn('county')).raw('GET', '/api/v1/matters')).status).toBe(200);
  });
});

describe('an identity provider', async () => {
  const house = await testHouse({ clock: Date.now });
  const holder: { provider?: Provider } = {};
  // The provider's address is known once it listens, and ours must be registered there.
  const http = await import('node:http');
  const op = http.createServer((request, response) => holder.provider!.callback()(request, response));
  await new Promise<void>(resolve => op.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(op.address() as AddressInfo).port}`;
  const options = {
    issuer,
    clientId: 'yuandian',
    clientSecret: 'a-long-secret-of-the-client',
    loginClaim: 'preferred_username',
    name: '统一身份认证',
  };
  const app = await buildApp({ house, perMinute: 0, oidc: options });
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  const accounts: Record<string, object> = {
    s1: { preferred_username: 'urban' },
    s2: { preferred_username: 'nobody-here' },
    s3: { preferred_username: 'urban' },
  };
  holder.provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'yuandian',
        client_secret: options.clientSecret,
        redirect_uris: [`${address}/api/v1/oidc/callback`],
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username'] },
    conformIdTokenClaims: false,
    findAccount: async (_ctx: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({ sub: id, ...accounts[id] }),
    }),
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ['k'] },
    jwks: {
      keys: [
        {
          ...(await crypto.subtle.exportKey(
            'jwk',
            (
              await crypto.subtle.generateKey(
                {
                  name: 'RSASSA-PKCS1-v1_5',
                  modulusLength: 2048,
                  publicExponent: new Uint8Array([1, 0, 1]),
                  hash: 'SHA-256',
                },
                true,
                ['sign', 'verify'],
              )
            ).privateKey,
          )),
          alg: 'RS256',
          use: 'sig',
          key_ops: undefined,
          ext: undefined,
        } as never,
      ],
    },
  } as never);
  afterAll(async () => {
    await app.close();
    op.closeAllConnections();
    await new Promise(resolve => op.close(resolve));
  });

  /** A browser that keeps cookies per host and follows redirects, logging in as the account at the provider's own pages. */
  async function walk(account: string, tamper: (url: string) => string = url => url) {
    const jars = new Map<string, Map<string, string>>();
    const ask = async (url: string, init: RequestInit = {}) => {
      const host = new URL(url).host;
      const jar = jars.get(host) ?? new Map();
      jars.set(host, jar);
      const reply = await fetch(url, {
        ...init,
        redirect: 'manual',
        headers: { ...init.headers, cookie: [...jar].map(([k, v]) => `${k}=${v}`).join('; ') },
      });
      for (const line of reply.headers.getSetCookie()) {
        const [pair] = line.split(';');
        const [name, ...value] = pair!.split('=');
        if (/expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
        else jar.set(name!, value.join('='));
      }
      return reply;
    };
    let url = `${address}/api/v1/oidc/start`;
    for (let hop = 0; hop < 15; hop++) {
      const reply = await ask(tamper(url));
      if (reply.status >= 300 && reply.status < 400) {
        url = new URL(reply.headers.get('location')!, url).href;
        continue;
      }
      const page = await reply.text();
      const form = /action="([^"]+)"/.exec(page)?.[1];
      if (!form) return { reply, page, cookies: jars.get(new URL(address).host)! };
      const prompt = /name="prompt" value="([^"]+)"/.exec(page)![1]!;
      const done = await ask(new URL(form, url).href, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ prompt, login: account, password: 'x' }).toString(),
      });
      url = new URL(done.headers.get('location')!, url).href;
    }
    throw new Error('no end');
  }

  test('a subject is bound to the person of that name once, and is that person ever after, whatever it calls itself', async () => {
    expect((await new Client(address).call(contracts.ways, {})).oidc).toBe('统一身份认证');
    const first = await walk('s1');
    expect(first.page).toContain('url=/"');
    const client = new Client(address);
    client.cookie = `yuandian=${first.cookies.get('yuandian')}`;
    expect((await client.call(contracts.me, {})).login).toBe('urban');
    accounts.s1 = { preferred_username: 'county' };
    const again = await walk('s1');
    client.cookie = `yuandian=${again.cookies.get('yuandian')}`;
    expect((await client.call(contracts.me, {})).login).toBe('urban');
    // Another subject that calls itself so is not that person.
    expect((await walk('s3')).page).toContain('refused=oidc_refused');
    expect((await walk('s2')).page).toContain('refused=oidc_refused');
    expect((await walk('s2')).cookies.get('yuandian')).toBeUndefined();
  });

  test('an answer that was not asked for, or was changed on the way, signs nobody in', async () => {
    const forged = await fetch(`${address}/api/v1/oidc/callback?code=x&state=y&iss=${issuer}`);
    expect(await forged.text()).toContain('refused=oidc_refused');
    const changed = await walk('s1', url =>
      url.includes('/oidc/callback') ? url.replace(/state=[^&]+/, 'state=other') : url,
    );
    expect(changed.page).toContain('refused=oidc_refused');
  });

  test('whoever has a second factor shows it after the provider’s word as well', async () => {
    const first = await walk('s1');
    const client = new Client(address);
    client.cookie = `yuandian=${first.cookies.get('yuandian')}`;
    client.csrf = (await client.call(contracts.me, {})).csrf;
    const { uri, ticket } = await client.call(contracts.beginCode, { body: { password: demoPassword } });
    const totp = URI.parse(uri) as TOTP;
    await client.call(contracts.setCode, { body: { ticket, code: totp.generate() } });
    const next = await walk('s1');
    expect(next.cookies.get('yuandian')).toBeUndefined();
    const owed = /factor=([^&"]+)/.exec(next.page)![1]!;
    expect(
      (
        await new Client(address).call(contracts.factor, {
          body: { ticket: owed, code: totp.generate({ timestamp: Date.now() + 30_000 }) },
        })
      ).login,
    ).toBe('urban');
  });
});
