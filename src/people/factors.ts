/**
 * Second factors: one-time codes (RFC 6238) and passkeys (WebAuthn level 3). 等保三级 asks for two, one of them
 * cryptographic; which roles must show one, a county decides.
 */
import { Secret, TOTP } from 'otpauth';
import type { House } from '../house.ts';
import { auditLine } from '../kernel/audit.ts';
import { clash, noScope, sql, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { makeTicket, readTicket, spend } from '../kernel/tickets.ts';
import type { Staff } from './actors.ts';
import { lockMinutes, maxMisses } from './passwords.ts';

export type Factor = 'totp' | 'passkey';
const minutes = 60_000;
const ticketLife = 5 * minutes;
type From = { address: string; agent: string };
/** Some megabytes of memory: opened with the first passkey, not at start. */
const webauthn = () => import('@simplewebauthn/server');
/** Where the page is that asks: a passkey belongs to that place. */
export type Site = { origin: string; host: string };

export async function factorsOf(house: House, person: string): Promise<Factor[]> {
  const row = await house.db.readOne<{ totp: boolean; passkey: boolean }>(
    noScope,
    sql`SELECT totp IS NOT NULL AS totp, EXISTS (SELECT FROM passkey k WHERE k.person = p.id) AS passkey FROM person p WHERE id = ${person}`,
  );
  return [...(row?.totp ? (['totp'] as const) : []), ...(row?.passkey ? (['passkey'] as const) : [])];
}

/** Whether one of the posts must show a second factor, as its county says. */
export async function needsFactor(house: House, staff: Pick<Staff, 'posts'>): Promise<boolean> {
  const counties = staff.posts.flatMap(post => house.keeper.current.units.get(post.unit)?.county ?? []);
  const rows = await house.db.read<{ county: string; roles: string[] }>(
    noScope,
    sql`SELECT county, value->'roles' AS roles FROM county_setting WHERE name = 'factor' AND county = ANY (${counties}::text[])`,
  );
  return rows.some(row =>
    staff.posts.some(
      post => house.keeper.current.units.get(post.unit)?.county === row.county && row.roles.includes(post.role),
    ),
  );
}

/** Another miss: counted, on record, and a lock in the end. */
export async function countMiss(house: House, person: string, from: From): Promise<void> {
  const now = house.clock();
  await house.db.write(noScope, async tx => {
    const row = await tx.one<{ locked: boolean }>(
      sql`UPDATE person SET misses = misses + 1, locked_until = CASE WHEN misses + 1 >= ${maxMisses} THEN ${time(now + lockMinutes * minutes)}::timestamptz ELSE locked_until END WHERE id = ${person} RETURNING misses >= ${maxMisses} AS locked`,
    );
    await tx.run(auditLine(now, person, 'sign-in', null, null, row?.locked ? 'locked' : 'refused', from));
  });
}

/** Says that somebody has proved their password and owes a second factor. */
export const factorTicket = (house: House, person: string) =>
  makeTicket(house.secrets, 'factor', person, house.clock() + ticketLife);

/** Whose ticket it is; refused where they are locked by now. */
export async function ticketHolder(house: House, ticket: string): Promise<string> {
  const now = house.clock();
  const person = readTicket<string>(house.secrets, 'factor', ticket, now);
  if (!person) throw new Failure('sign_in_failed');
  const row = await house.db.readOne<{ locked_until: number | null; disabled_at: number | null }>(
    noScope,
    sql`SELECT locked_until, disabled_at FROM person WHERE id = ${person}`,
  );
  if (!row || row.disabled_at) throw new Failure('sign_in_failed');
  if (row.locked_until && row.locked_until > now)
    throw new Failure('locked', { minutes: Math.ceil((row.locked_until - now) / minutes) });
  return person;
}

const totpOf = (secret: string, label: string) =>
  new TOTP({ issuer: 'Yuandian', label, algorithm: 'SHA1', digits: 6, period: 30, secret: Secret.fromBase32(secret) });

/** Proves a one-time code: within a step on either side, each step once. A miss is counted. */
export async function proveCode(house: House, person: string, code: string, from: From): Promise<void> {
  const now = house.clock();
  const row = await house.db.readOne<{ totp: Buffer | null; totp_version: number }>(
    noScope,
    sql`SELECT totp, totp_version FROM person WHERE id = ${person}`,
  );
  const totp = row?.totp && totpOf(house.secrets.unwrap(row.totp, row.totp_version).toString('utf8'), '');
  const off = totp ? totp.validate({ token: code.replace(/\D/g, ''), timestamp: now, window: 1 }) : null;
  const step = off === null ? undefined : Math.floor(now / 30_000) + off;
  const fresh =
    step !== undefined &&
    (await house.db.write(noScope, tx =>
      tx.run(
        sql`UPDATE person SET totp_step = ${step} WHERE id = ${person} AND (totp_step IS NULL OR totp_step < ${step})`,
      ),
    ));
  if (fresh) return;
  await countMiss(house, person, from);
  throw new Failure('factor_wrong');
}

/** A secret to be taken up by somebody's authenticator; it counts once a code of it was shown. */
export function beginCode(house: House, login: string): { uri: string; ticket: string } {
  const secret = new Secret({ size: 20 }).base32;
  return {
    uri: totpOf(secret, login).toString(),
    ticket: makeTicket(house.secrets, 'totp', secret, house.clock() + 10 * minutes),
  };
}
export async function setCode(house: House, person: string, ticket: string, code: string): Promise<void> {
  const now = house.clock();
  const secret = readTicket<string>(house.secrets, 'totp', ticket, now);
  const off = secret
    ? totpOf(secret, '').validate({ token: code.replace(/\D/g, ''), timestamp: now, window: 1 })
    : null;
  if (!secret || off === null) throw new Failure('factor_wrong');
  await house.db.write(noScope, async tx => {
    await tx.run(
      sql`UPDATE person SET totp = ${house.secrets.wrap(Buffer.from(secret))}, totp_version = ${house.secrets.version}, totp_step = ${Math.floor(now / 30_000) + off} WHERE id = ${person}`,
    );
    await tx.run(auditLine(now, person, 'factor-add', null, person, 'done', { factor: 'totp' }));
  });
}

export type Passkey = { id: string; name: string; madeAt: number; usedAt: number | null };
export const listPasskeys = (house: House, person: string) =>
  house.db.read<Passkey>(
    noScope,
    sql`SELECT id, name, made_at AS "madeAt", used_at AS "usedAt" FROM passkey WHERE person = ${person} ORDER BY made_at`,
  );

/** What the browser needs to make a passkey; the challenge is good once, for five minutes. */
export async function beginPasskey(house: House, staff: Staff, site: Site) {
  const known = await listPasskeys(house, staff.person);
  const { generateRegistrationOptions } = await webauthn();
  const options = await generateRegistrationOptions({
    rpName: '原点 Yuandian',
    rpID: site.host,
    userName: staff.login,
    userDisplayName: staff.name,
    userID: new Uint8Array(Buffer.from(staff.person.replaceAll('-', ''), 'hex')),
    excludeCredentials: known.map(({ id }) => ({ id })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
  });
  return { options, ticket: makeTicket(house.secrets, 'passkey', options.challenge, house.clock() + ticketLife) };
}

async function challengeOf(house: House, ticket: string): Promise<string> {
  const now = house.clock();
  const challenge = readTicket<string>(house.secrets, 'passkey', ticket, now);
  if (!challenge || !(await spend(house.db, challenge, now + ticketLife))) throw new Failure('factor_wrong');
  return challenge;
}

export async function addPasskey(
  house: House,
  staff: Staff,
  site: Site,
  given: { ticket: string; name: string; response: any },
) {
  const expectedChallenge = await challengeOf(house, given.ticket);
  const { verifyRegistrationResponse } = await webauthn();
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: given.response,
    expectedChallenge,
    expectedOrigin: site.origin,
    expectedRPID: site.host,
    requireUserVerification: true,
  }).catch(() => ({ verified: false as const, registrationInfo: undefined }));
  if (!verified || !registrationInfo) throw new Failure('factor_wrong');
  const { id, publicKey, counter, transports } = registrationInfo.credential;
  const now = house.clock();
  await house.db
    .write(noScope, async tx => {
      await tx.run(
        sql`INSERT INTO passkey VALUES (${id}, ${staff.person}, ${given.name}, ${Buffer.from(publicKey)}, ${counter}, ${transports ?? []}, ${time(now)}, NULL)`,
      );
      await tx.run(auditLine(now, staff.person, 'factor-add', null, staff.person, 'done', { factor: 'passkey' }));
    })
    .catch(clash('conflict'));
}

/** For somebody known by ticket: their keys; without one, whichever the browser has for this place. */
export async function askPasskey(house: House, site: Site, person: string | undefined) {
  const keys = person
    ? await house.db.read<{ id: string; transports: string[] }>(
        noScope,
        sql`SELECT id, transports FROM passkey WHERE person = ${person}`,
      )
    : [];
  const { generateAuthenticationOptions } = await webauthn();
  const options = await generateAuthenticationOptions({
    rpID: site.host,
    allowCredentials: keys.map(({ id, transports }) => ({ id, transports: transports as never })),
    userVerification: 'required',
  });
  return { options, ticket: makeTicket(house.secrets, 'passkey', options.challenge, house.clock() + ticketLife) };
}

/** Whose passkey it is. It proves possession and, by its PIN or finger, the person: two factors in one. */
export async function provePasskey(
  house: House,
  site: Site,
  given: { ticket: string; response: any },
): Promise<string> {
  const expectedChallenge = await challengeOf(house, given.ticket);
  const id = String(given.response?.id ?? '');
  const key = await house.db.readOne<{
    person: string;
    public_key: Buffer;
    counter: number;
    disabled_at: number | null;
    locked_until: number | null;
  }>(
    noScope,
    sql`SELECT k.person, k.public_key, k.counter, p.disabled_at, p.locked_until FROM passkey k JOIN person p ON p.id = k.person WHERE k.id = ${id}`,
  );
  const now = house.clock();
  if (!key || key.disabled_at) throw new Failure('factor_wrong');
  if (key.locked_until && key.locked_until > now)
    throw new Failure('locked', { minutes: Math.ceil((key.locked_until - now) / minutes) });
  const { verifyAuthenticationResponse } = await webauthn();
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: given.response,
    expectedChallenge,
    expectedOrigin: site.origin,
    expectedRPID: site.host,
    credential: { id, publicKey: new Uint8Array(key.public_key), counter: key.counter },
    requireUserVerification: true,
  }).catch(() => ({ verified: false as const, authenticationInfo: undefined }));
  if (!verified || !authenticationInfo) throw new Failure('factor_wrong');
  await house.db.write(noScope, tx =>
    tx.run(sql`UPDATE passkey SET counter = ${authenticationInfo.newCounter}, used_at = ${time(now)} WHERE id = ${id}`),
  );
  return key.person;
}

/** Takes a factor away: by its owner, or all of them by the security administrator when a phone is lost. */
export async function dropFactors(
  house: House,
  by: string | null,
  person: string,
  which: { passkey?: string; totp?: boolean },
): Promise<void> {
  const now = house.clock();
  await house.db.write(noScope, async tx => {
    if (which.totp)
      await tx.run(sql`UPDATE person SET totp = NULL, totp_version = NULL, totp_step = NULL WHERE id = ${person}`);
    if (which.passkey === '*') await tx.run(sql`DELETE FROM passkey WHERE person = ${person}`);
    else if (which.passkey) await tx.run(sql`DELETE FROM passkey WHERE person = ${person} AND id = ${which.passkey}`);
    // Whoever is signed in by what is gone signs in again.
    await tx.run(
      sql`UPDATE session SET ended_at = ${time(now)} WHERE person = ${person} AND ended_at IS NULL AND person IS DISTINCT FROM ${by}::uuid`,
    );
    await tx.run(auditLine(now, by, 'factor-drop', null, person, 'done', which));
  });
}
