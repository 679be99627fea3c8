/** 以案定补 (M8): a month's filed dossiers, computed, reviewed by another, approved by two; no case is ever paid twice. */
import type { House } from '../house.ts';
import { auditLine } from '../kernel/audit.ts';
import { clash, json, noScope, sql, systemScope, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { momentOfDate } from '../matters/clocks.ts';
import type { Mediation } from '../matters/mediation.ts';
import { sittingMediators } from '../matters/mediation.ts';
import { dueOf } from './register.ts';
import { ratesFor, registerOf } from './store.ts';

/** Computes a month: every dossier filed in it whose mediators were not paid for it before. Returns how many lines. */
export async function computeMonth(
  house: House,
  person: string,
  county: string,
  id: string,
  month: string,
): Promise<number> {
  const [y, m] = month.split('-').map(Number) as [number, number];
  const from = momentOfDate(`${month}-01`);
  const to = momentOfDate(m === 12 ? `${y + 1}-01-01` : `${y}-${String(m + 1).padStart(2, '0')}-01`);
  if (from > house.clock()) throw new Failure('date_wrong');
  const rates = ratesFor(house, county);
  const civil = new Map(
    (
      await house.db.read<{ id: string; civil_servant: boolean }>(
        noScope,
        sql`SELECT id, civil_servant FROM mediator WHERE county = ${county}`,
      )
    ).map(row => [row.id, row.civil_servant]),
  );
  // Of sensitive matters as well: what is read is who mediated and what came of it, not what it was about.
  const cases = await house.db.read<{ id: string; grade: never; mediation: Mediation }>(
    systemScope,
    sql`SELECT id, grade, mediation FROM matter WHERE county = ${county} AND mediation IS NOT NULL AND (mediation->'dossier'->>'at')::float8 >= ${from} AND (mediation->'dossier'->>'at')::float8 < ${to}`,
  );
  const lines = cases.flatMap(({ id: matter, grade, mediation }) =>
    mediation.outcome === null
      ? []
      : dueOf(rates, {
          outcome: mediation.outcome,
          form: mediation.agreement?.form ?? null,
          grade,
          confirmed: mediation.confirmation?.result === 'confirmed',
          mediators: sittingMediators(mediation).map(one => ({ id: one, civilServant: civil.get(one) ?? false })),
        }).map(line => ({ county, matter, n: mediation.n, batch: id, ...line })),
  );
  return house.db
    .write(noScope, async tx => {
      // A month computed again before it is reviewed replaces what was computed; what was appealed against stays.
      const old = await tx.one<{ id: string; state: string }>(
        sql`SELECT id, state FROM pay_batch WHERE county = ${county} AND month = ${`${month}-01`} FOR UPDATE`,
      );
      if (old && old.state !== 'computed') throw new Failure('pay_settled');
      if (old)
        await tx.run(sql`DELETE FROM pay_line WHERE county = ${county} AND batch = ${old.id} AND appeal IS NULL`);
      const batch = old?.id ?? id;
      if (!old)
        await tx.run(
          sql`INSERT INTO pay_batch (county, id, month, state, made_by, made_at) VALUES (${county}, ${id}, ${`${month}-01`}, 'computed', ${person}, ${time(house.clock())})`,
        );
      const written = await tx.run(
        sql`INSERT INTO pay_line (county, matter, n, mediator, batch, fen, grounds)
        SELECT ${county}, matter, n, mediator, ${batch}, fen, grounds FROM json_to_recordset(${json(lines)}::json) AS l(matter uuid, n int, mediator uuid, fen bigint, grounds jsonb)
        ON CONFLICT (county, matter, n, mediator) DO NOTHING`,
      );
      await tx.run(auditLine(house.clock(), person, 'pay-compute', county, batch, 'done', { month, lines: written }));
      return written;
    })
    .catch(clash('conflict'));
}

/** One step of a batch: reviewed by somebody else than who computed it, approved by two who did neither, then paid. */
export async function stepBatch(
  house: House,
  person: string,
  counties: readonly string[],
  id: string,
  step: 'review' | 'approve' | 'paid',
) {
  await house.db.write(noScope, async tx => {
    const batch = await tx.one<any>(
      sql`SELECT * FROM pay_batch WHERE county = ANY (${counties}::text[]) AND id = ${id} FOR UPDATE`,
    );
    if (!batch) throw new Failure('not_found');
    const hands = [batch.made_by, batch.reviewed_by, ...batch.approved_by];
    if (step !== 'paid' && hands.includes(person)) throw new Failure('four_eyes');
    const open = await tx.one<{ n: number }>(
      sql`SELECT count(*) AS n FROM pay_line WHERE county = ${batch.county} AND batch = ${id} AND appeal IS NOT NULL AND ruling IS NULL`,
    );
    const from = { review: 'computed', approve: 'reviewed', paid: 'approved' }[step];
    if (batch.state !== from) throw new Failure('pay_step');
    if (step !== 'review' && open!.n > 0) throw new Failure('pay_appealed', { count: open!.n });
    if (step === 'review')
      await tx.run(
        sql`UPDATE pay_batch SET state = 'reviewed', reviewed_by = ${person} WHERE county = ${batch.county} AND id = ${id}`,
      );
    if (step === 'approve')
      await tx.run(
        sql`UPDATE pay_batch SET approved_by = approved_by || ${person}::uuid, state = CASE WHEN cardinality(approved_by) >= 1 THEN 'approved' ELSE state END WHERE county = ${batch.county} AND id = ${id}`,
      );
    if (step === 'paid')
      await tx.run(
        sql`UPDATE pay_batch SET state = 'paid', paid_at = ${time(house.clock())} WHERE county = ${batch.county} AND id = ${id}`,
      );
    await tx.run(auditLine(house.clock(), person, `pay-${step}`, batch.county, id, 'done'));
  });
}

/** An appeal against a line before it is approved, by the mediator or their committee; with an amount, its ruling by a leader. */
export async function appealLine(
  house: House,
  person: string,
  counties: readonly string[],
  who: { rules: boolean; speaksFor(committee: string): boolean },
  id: string,
  given: { matter: string; n: number; mediator: string; text: string; fen?: number | undefined },
) {
  await house.db.write(noScope, async tx => {
    const row = await tx.one<any>(
      sql`SELECT l.*, b.state, d.person, d.committee FROM pay_line l JOIN pay_batch b ON b.county = l.county AND b.id = l.batch JOIN mediator d ON d.county = l.county AND d.id = l.mediator
          WHERE l.county = ANY (${counties}::text[]) AND l.batch = ${id} AND l.matter = ${given.matter} AND l.n = ${given.n} AND l.mediator = ${given.mediator} FOR UPDATE OF l`,
    );
    const own = row && (row.person === person || who.speaksFor(row.committee));
    if (!row || !(own || who.rules)) throw new Failure('not_found');
    if (row.state === 'approved' || row.state === 'paid') throw new Failure('pay_settled');
    const where = sql`county = ${row.county} AND matter = ${given.matter} AND n = ${given.n} AND mediator = ${given.mediator}`;
    if (given.fen === undefined) {
      await tx.run(
        sql`UPDATE pay_line SET appeal = ${given.text}, appealed_by = ${person}, ruling = NULL WHERE ${where}`,
      );
    } else {
      if (!who.rules) throw new Failure('forbidden', { action: 'pay' });
      if (row.appeal === null) throw new Failure('pay_step');
      if (row.appealed_by === person) throw new Failure('four_eyes');
      await tx.run(sql`UPDATE pay_line SET fen = ${given.fen}, ruling = ${given.text} WHERE ${where}`);
    }
    await tx.run(
      auditLine(
        house.clock(),
        person,
        given.fen === undefined ? 'pay-appeal' : 'pay-ruling',
        row.county,
        given.matter,
        'done',
      ),
    );
  });
}

/** The batches of a county with their lines. */
export async function listPay(
  house: House,
  counties: readonly string[],
  shown: (line: { person: string | null; committee: string }) => boolean,
) {
  const [batches, lines] = (await house.db.reads(
    noScope,
    sql`SELECT county, id, to_char(month, 'YYYY-MM') AS month, state, made_by, reviewed_by, approved_by FROM pay_batch WHERE county = ANY (${counties}::text[]) ORDER BY month DESC LIMIT 36`,
    sql`SELECT l.batch, l.matter, l.n, l.mediator, d.name, d.person, d.committee, l.fen, l.grounds, l.appeal, l.ruling FROM pay_line l JOIN mediator d ON d.county = l.county AND d.id = l.mediator
        WHERE l.county = ANY (${counties}::text[]) ORDER BY d.name, l.matter`,
  )) as [any[], any[]];
  const visible = lines.filter(shown);
  // Numbers of dossiers are no secret among those who pay for them.
  const numbers = await house.db.read<{ id: string; number: string }>(
    systemScope,
    sql`SELECT id, mediation->'dossier'->>'number' AS number FROM matter WHERE county = ANY (${counties}::text[]) AND id = ANY (${[...new Set(visible.map(line => line.matter))]}::uuid[])`,
  );
  const numberOf = new Map(numbers.map(row => [row.id, row.number]));
  return batches.map(({ county: _c, ...batch }) => ({
    ...batch,
    lines: visible
      .filter(line => line.batch === batch.id)
      .map(({ batch: _b, person: _p, committee: _c2, ...line }) => ({
        ...line,
        number: numberOf.get(line.matter) ?? null,
      })),
  }));
}

/** What each mediator of a batch is paid in all: the list that goes to the bank. */
export async function paymentList(house: House, counties: readonly string[], id: string) {
  const batch = (await listPay(house, counties, () => true)).find(one => one.id === id);
  if (!batch) throw new Failure('not_found');
  const people = new Map((await registerOf(house, counties)).map(one => [one.id, one]));
  const sums = Map.groupBy(batch.lines as { mediator: string; name: string; fen: number }[], line => line.mediator);
  return {
    month: batch.month as string,
    rows: [...sums].map(([mediator, lines]) => ({
      name: lines[0]!.name,
      committee: house.keeper.current.units.get(people.get(mediator)?.committee ?? '')?.name ?? '',
      cases: lines.length,
      fen: lines.reduce((sum, line) => sum + line.fen, 0),
    })),
  };
}
