/** Signing in by the word of an identity provider: OpenID Connect, code flow with PKCE, state and nonce. */
import * as client from 'openid-client';
import type { House } from '../house.ts';
import { auditLine } from '../kernel/audit.ts';
import { noScope, sql, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { makeTicket, readTicket } from '../kernel/tickets.ts';

export type OidcOptions = { issuer: string; clientId: string; clientSecret: string; loginClaim: string; name: string };
type Waiting = { verifier: string; state: string; nonce: string };
const tenMinutes = 600_000;

export class Oidc {
  readonly options: OidcOptions;
  readonly #house: House;
  #configuration: Promise<client.Configuration> | undefined;
  constructor(house: House, options: OidcOptions) {
    this.#house = house;
    this.options = options;
  }

  #discovered(): Promise<client.Configuration> {
    // Asked once it is needed, and again after a failure: the provider may start later than we do.
    this.#configuration ??= client
      .discovery(new URL(this.options.issuer), this.options.clientId, this.options.clientSecret, undefined, {
        // Plain HTTP is for a provider on this very machine.
        ...(/^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(this.options.issuer) && {
          execute: [client.allowInsecureRequests],
        }),
      })
      .catch(error => {
        this.#configuration = undefined;
        throw new Failure('oidc_refused', { reason: (error as Error).message });
      });
    return this.#configuration;
  }

  /** Where to send the browser, and what to keep in its cookie until it comes back. */
  async begin(callback: string): Promise<{ url: string; kept: string }> {
    const configuration = await this.#discovered();
    const waiting: Waiting = {
      verifier: client.randomPKCECodeVerifier(),
      state: client.randomState(),
      nonce: client.randomNonce(),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: callback,
      scope: 'openid profile',
      code_challenge: await client.calculatePKCECodeChallenge(waiting.verifier),
      code_challenge_method: 'S256',
      state: waiting.state,
      nonce: waiting.nonce,
    });
    return { url: url.href, kept: makeTicket(this.#house.secrets, 'oidc', waiting, this.#house.clock() + tenMinutes) };
  }

  /** Who came back. A subject is bound to the person of that name the first time, by its own id ever after. */
  async end(url: string, kept: string | undefined, from: object): Promise<{ person: string; strong: boolean }> {
    const { db, secrets } = this.#house;
    const now = this.#house.clock();
    const waiting = readTicket<Waiting>(secrets, 'oidc', kept, now);
    if (!waiting) throw new Failure('oidc_refused', { reason: 'expired' });
    const tokens = await client
      .authorizationCodeGrant(await this.#discovered(), new URL(url), {
        pkceCodeVerifier: waiting.verifier,
        expectedState: waiting.state,
        expectedNonce: waiting.nonce,
        idTokenExpected: true,
      })
      .catch(error => {
        throw new Failure('oidc_refused', { reason: (error as { code?: string }).code ?? (error as Error).message });
      });
    const claims = tokens.claims()!;
    const issuer = claims.iss;
    const login = claims[this.options.loginClaim];
    const person = await db.write(noScope, async tx => {
      const known = await tx.one<{ person: string; disabled: boolean }>(
        sql`SELECT i.person, p.disabled_at IS NOT NULL AS disabled FROM person_identity i JOIN person p ON p.id = i.person WHERE i.issuer = ${issuer} AND i.subject = ${claims.sub}`,
      );
      if (known) return known.disabled ? undefined : known.person;
      if (typeof login !== 'string') return undefined;
      const named = await tx.one<{ id: string }>(
        sql`SELECT id FROM person p WHERE login = ${login} AND disabled_at IS NULL AND NOT EXISTS (SELECT FROM person_identity i WHERE i.person = p.id AND i.issuer = ${issuer}) FOR UPDATE`,
      );
      if (!named) return undefined;
      await tx.run(sql`INSERT INTO person_identity VALUES (${issuer}, ${claims.sub}, ${named.id}, ${time(now)})`);
      await tx.run(auditLine(now, named.id, 'identity-bound', null, named.id, 'done', { issuer, ...from }));
      return named.id;
    });
    if (!person) {
      await db.write(noScope, tx =>
        tx.run(auditLine(now, null, 'sign-in', null, null, 'refused', { issuer, ...from })),
      );
      throw new Failure('oidc_refused', { reason: 'unknown' });
    }
    const amr = Array.isArray(claims.amr) ? (claims.amr as string[]) : [];
    return { person, strong: amr.some(way => ['mfa', 'otp', 'hwk', 'sc'].includes(way)) };
  }
}
