/**
 * Rights to one's own data (个人信息保护法 44–50), carried out by whoever handles the request: correcting seals the
 * person's data anew; erasing destroys keys, so that history stays and nobody can read it any more.
 */
import type { House } from '../house.ts';
import { auditLine } from '../kernel/audit.ts';
import { json, sql, systemScope, type Tx, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { Action } from '../matters/actions.ts';
import { dateOf } from '../matters/clocks.ts';
import { correctPartyIn } from '../matters/joining.ts';
import { type Matter, partyOf } from '../matters/matter.ts';
import { may } from '../matters/policy.ts';
import { readPage } from '../matters/reading.ts';
import { matterOf } from '../matters/rows.ts';
import { append, byReceipt, bySystem, type Doing, derivedId } from '../matters/store.ts';
import { receiptView } from './receipt.ts';

/** The matter a request is about, once it is sure that the request is one and that the asker may read it. */
async function targetOf(house: House, doing: Doing, county: string, id: string) {
  const { matter: request } = await readPage(house.loop, doing, county, id);
  const { of, right } = request.fields as { of: string; right: 'access' | 'correct' | 'delete' };
  if (request.kind !== 'privacy') throw new Failure('not_found');
  const row = await house.db.readOne<any>(
    systemScope,
    sql`SELECT m.*, k.wrapped FROM matter m JOIN matter_key k ON k.county = m.county AND k.matter = m.id WHERE m.county = ${county} AND m.id = ${of}`,
  );
  if (!row) throw new Failure('not_found');
  return { request, right, target: matterOf(row), erased: row.wrapped === null };
}

/** What the law makes us keep: what is still handled, and a filed dossier for its years. */
export function keeps(target: Matter, now: number): 'open' | 'dossier' | null {
  if (target.open) return 'open';
  const dossier = target.mediation?.dossier;
  const year = Number(dateOf(now).slice(0, 4));
  return dossier && !dossier.open && (dossier.keepUntil === null || dossier.keepUntil >= year) ? 'dossier' : null;
}

/** What the request is about: the resident's own view of it, and their data masked. */
export async function readRequest(house: House, doing: Doing, county: string, id: string) {
  const { right, target, erased } = await targetOf(house, doing, county, id);
  const party = partyOf(target);
  const masked = party
    ? await house.db.readOne<{ masked: { phone: string | null; identity: string | null } }>(
        systemScope,
        sql`SELECT masked FROM matter_party WHERE county = ${county} AND matter = ${target.id} AND id = ${party.id}`,
      )
    : undefined;
  const held = {
    county,
    matter: target.id,
    party: party?.id ?? null,
    doing: byReceipt(target.id, doing.now),
  };
  const view = await receiptView(house, held);
  return {
    right,
    number: target.number,
    open: target.open,
    erased,
    party: {
      name: party?.name ?? null,
      phone: masked?.masked.phone ?? null,
      identity: masked?.masked.identity ?? null,
    },
    // What was written is for the person; who decides on the request sees only that there were steps.
    steps: view.steps.map(step => ({ ...step, text: null })),
    keeps: keeps(target, doing.now),
  };
}

export type What =
  | { do: 'correct'; name?: string | undefined; phone?: string | undefined; address?: string | undefined }
  | { do: 'erase'; reach: 'person' | 'matter' };

export async function carryOut(
  house: House,
  doing: Doing & { actor: { person: string | null } },
  county: string,
  id: string,
  given: { action: string; what: What; reason: string },
): Promise<void> {
  const { request, right, target, erased } = await targetOf(house, doing, county, id);
  const { what, reason } = given;
  if (!may(doing.actor, 'report', request) || !request.open) throw new Failure('forbidden', { action: 'privacy' });
  if (right !== (what.do === 'erase' ? 'delete' : 'correct'))
    throw new Failure('invalid', { issues: `right: ${right}` });
  const held = keeps(target, doing.now);
  if (what.do === 'erase' && held) throw new Failure('must_be_kept', { why: held });
  if (erased) return;
  const party = partyOf(target);
  const { now, actor } = doing;
  const note = Action.parse({ type: 'note', data: { audience: 'participants' }, words: { text: reason } });
  await house.db.write(systemScope, async tx => {
    const acted = await append(tx, house.loop, { ...doing, scope: systemScope }, county, id, {
      id: given.action,
      action: note,
    });
    if (acted.replayed) return;
    if (what.do === 'correct') {
      const { do: _, ...asked } = what;
      // What was left empty in the request stays as it is.
      const changes = Object.fromEntries(Object.entries(asked).filter(([, value]) => value));
      if (!party) throw new Failure('not_found');
      await correctPartyIn(tx, house.loop, bySystem(now), target, {
        action: derivedId(house.loop, 'correct', given.action),
        party: party.id,
        changes,
        reason: '依当事人请求更正个人信息',
      });
    } else await erase(tx, county, target.id, what.reach === 'matter' ? undefined : party?.id, now);
    await tx.run(
      auditLine(now, actor.person, what.do === 'erase' ? 'erase' : 'data-correct', county, target.id, 'done', {
        request: id,
        ...(what.do === 'erase' && { reach: what.reach }),
      }),
    );
  });
}

/** Destroys keys: of the person, or of the matter with everybody in it. What was sealed stays and says nothing. */
export async function erase(
  tx: Tx,
  county: string,
  matter: string,
  party: string | undefined,
  now: number,
): Promise<void> {
  const blank = json({ phone: null, identity: null, safe: false });
  const of = party ? sql`AND id = ${party}` : sql``;
  await tx.run(
    sql`UPDATE matter_party SET wrapped = NULL, masked = ${blank} WHERE county = ${county} AND matter = ${matter} ${of}`,
  );
  if (!party) await tx.run(sql`UPDATE matter_key SET wrapped = NULL WHERE county = ${county} AND matter = ${matter}`);
  await tx.run(
    sql`DELETE FROM matter_lookup WHERE county = ${county} AND matter = ${matter} AND what <> 'receipt' ${party ? sql`AND party = ${party}` : sql``}`,
  );
  await tx.run(
    sql`UPDATE message_out SET state = 'withheld', reason = 'erased' WHERE county = ${county} AND matter = ${matter} AND state NOT IN ('sent', 'withheld')`,
  );
  // What was said on the telephone about it goes with it.
  await tx.run(sql`UPDATE call SET wrapped = NULL, phone = NULL WHERE county = ${county} AND matter = ${matter}`);
  if (party) return;
  await tx.run(sql`UPDATE matter SET summary = NULL WHERE county = ${county} AND id = ${matter}`);
  await tx.run(sql`DELETE FROM matter_search WHERE county = ${county} AND matter = ${matter}`);
  await tx.run(
    sql`UPDATE publication SET state = 'taken-down', decided_at = ${time(now)} WHERE county = ${county} AND matter = ${matter} AND state IN ('draft', 'shown') AND sort = 'wish'`,
  );
}
