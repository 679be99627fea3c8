/** Raising a matter without an account, and asking for one's data: each becomes an ordinary matter of the loop. */
import { randomInt, timingSafeEqual } from 'node:crypto';
import { enqueue } from '../channels/outbox.ts';
import type { House } from '../house.ts';
import { noScope, sql, systemScope, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { RegisterInput } from '../matters/actions.ts';
import { isPhone, normalPhone, phoneHash } from '../matters/lookups.ts';
import { type Registered, registerMatter } from '../matters/registration.ts';
import { byReceipt, derivedId } from '../matters/store.ts';
import { PortalSetting, type RaiseInput } from './contract.ts';
import { type Held, heldData } from './receipt.ts';

export async function portalSetting(house: House, county: string): Promise<PortalSetting> {
  if (!house.keeper.current.counties.has(county)) throw new Failure('not_found');
  const row = await house.db.readOne<{ value: unknown }>(
    noScope,
    sql`SELECT value FROM county_setting WHERE county = ${county} AND name = 'portal'`,
  );
  return PortalSetting.parse(row?.value ?? {});
}

export async function raise(house: House, county: string, given: RaiseInput): Promise<Registered> {
  const setting = await portalSetting(house, county);
  const directory = house.keeper.current;
  if (!setting.open) throw new Failure('portal_closed');
  if (directory.countyOf(given.region) !== county) throw new Failure('invalid', { issues: 'region' });
  const anonymous = given.anonymous && (setting.anonymous as string[]).includes(given.kind);
  if (!anonymous && !(given.name && given.phone)) throw new Failure('name_needed');
  if (!anonymous && !isPhone(given.phone!)) throw new Failure('invalid', { issues: 'phone' });
  if (setting.phoneCode && !anonymous) await provePhone(house, county, given);
  const place = directory.regions.get(given.region)!;
  const fields = {
    request: { ...(given.purpose && { purpose: given.purpose }), ...(given.service && { service: given.service }) },
    petition: given.againstOfficial ? { purpose: 'against-official' } : {},
    dispute: given.wanted?.length ? { wanted: given.wanted } : {},
    wish: given.need ? { need: given.need } : {},
    repair: {},
    hazard: {},
  }[given.kind];
  return registerMatter(
    house.loop,
    byReceipt(given.id, house.clock()),
    RegisterInput.parse({
      id: given.id,
      action: given.action,
      kind: given.kind,
      text: given.text,
      source: 'online',
      region: place.level === 'grid' ? (place.parent ?? place.code) : place.code,
      grid: place.level === 'grid' ? place.code : null,
      location: given.location,
      ...(given.address && { address: given.address }),
      fields,
      sensitive: given.againstOfficial,
      parties: [
        {
          id: derivedId(house.loop, 'party', given.id),
          role: 'applicant',
          anonymous,
          ...(!anonymous && {
            name: given.name,
            phone: normalPhone(given.phone!),
            ...(given.safe && { safe: given.safe }),
          }),
        },
      ],
    }),
  );
}

const codeMinutes = 10;

/** Sends a code to a phone. The answer is the same whether it reaches anybody. */
export async function sendPhoneCode(
  house: House,
  county: string,
  given: { id: string; phone: string },
): Promise<number> {
  const { secrets, db, keeper } = house;
  const phone = normalPhone(given.phone);
  if (!/^1\d{10}$/.test(phone)) throw new Failure('invalid', { issues: 'phone' });
  const setting = await portalSetting(house, county);
  if (!setting.open || !setting.phoneCode) throw new Failure('portal_closed');
  const now = house.clock();
  const hash = phoneHash(secrets, phone);
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  const expires = now + codeMinutes * 60_000;
  await db.write(systemScope, async tx => {
    // Nobody's phone is made to ring for others: three codes in an hour, whoever asks.
    const [recent] = await tx.many<{ n: number }>(
      sql`SELECT count(*) AS n FROM phone_code WHERE county = ${county} AND phone = ${hash} AND expires_at > ${time(now - 50 * 60_000)}`,
    );
    if (recent!.n >= 3) throw new Failure('rate_limited', { seconds: 3600 });
    const made = await tx.run(
      sql`INSERT INTO phone_code VALUES (${county}, ${given.id}, ${hash}, ${secrets.lookup('phone code', `${given.id} ${code}`)}, 0, ${time(expires)}, NULL) ON CONFLICT DO NOTHING`,
    );
    if (!made) return;
    const name = keeper.current.counties.get(county)?.name ?? '';
    const data = { minutes: String(codeMinutes), county: name };
    const address = { to: phone, data: { code } };
    await enqueue(
      tx,
      house,
      { county, id: given.id, channel: 'sms', template: 'code', address, data, urgent: true },
      now,
    );
  });
  return expires;
}

async function provePhone(house: House, county: string, { phoneCode, phone, id }: RaiseInput): Promise<void> {
  if (!phoneCode) throw new Failure('phone_code_needed');
  // A registration that is sent again was proved before.
  if (
    await house.db.readOne(
      byReceipt(id, house.clock()).scope,
      sql`SELECT 1 FROM matter WHERE county = ${county} AND id = ${id}`,
    )
  )
    return;
  const now = house.clock();
  const { secrets } = house;
  const right = await house.db.write(systemScope, async tx => {
    const row = await tx.one<{ phone: Buffer; code: Buffer }>(
      sql`UPDATE phone_code SET tries = tries + 1 WHERE county = ${county} AND id = ${phoneCode.id} AND expires_at > ${time(now)} AND tries < 5 AND proved_at IS NULL RETURNING phone, code`,
    );
    if (!row) return false;
    const same =
      timingSafeEqual(row.phone, phoneHash(secrets, normalPhone(phone!))) &&
      timingSafeEqual(row.code, secrets.lookup('phone code', `${phoneCode.id} ${phoneCode.code}`));
    if (same)
      await tx.run(
        sql`UPDATE phone_code SET proved_at = ${time(now)} WHERE county = ${county} AND id = ${phoneCode.id}`,
      );
    return same;
  });
  if (!right) throw new Failure('phone_code_wrong');
}

/** Expired codes say nothing any more. */
export const sweepCodes = (house: House, now: number) =>
  house.db.write(systemScope, async tx => {
    await tx.run(sql`DELETE FROM phone_code WHERE expires_at < ${time(now - 3_600_000)}`);
    // A code that could not be sent is of no use to anybody later.
    await tx.run(
      sql`UPDATE message_out SET state = 'withheld', reason = 'expired', sealed = NULL WHERE template = 'code' AND state NOT IN ('sent', 'withheld') AND made_at < ${time(now - codeMinutes * 60_000)}`,
    );
  });

/** A request about one's own data (个人信息保护法 45–47): a matter of its own, beside the one in which the data lies. */
export async function askData(
  house: House,
  held: Held,
  given: { id: string; action: string; right: 'access' | 'correct' | 'delete'; text: string },
): Promise<Registered> {
  const row = await house.db.readOne<{ path: string[] }>(
    held.doing.scope,
    sql`SELECT path FROM matter WHERE county = ${held.county} AND id = ${held.matter}`,
  );
  if (!row) throw new Failure('not_found');
  const { held: own } = await heldData(house, held);
  const region = row.path.findLast(code => code.length === 12)!;
  return registerMatter(
    house.loop,
    byReceipt(given.id, house.clock()),
    RegisterInput.parse({
      id: given.id,
      action: given.action,
      kind: 'privacy',
      text: given.text,
      source: 'online',
      region,
      fields: { right: given.right, of: held.matter },
      // Whose data it is, is for those who handle it alone.
      sensitive: true,
      parties: [
        {
          id: derivedId(house.loop, 'party', given.id),
          role: 'applicant',
          anonymous: !own.name,
          ...(own.name && { name: own.name }),
          ...(own.phone && { phone: own.phone }),
        },
      ],
    }),
  );
}
