/** Acting: one action in a transaction of its own, with the matters it makes or links and the number it takes. */
import { createHash, randomBytes } from 'node:crypto';
import { clash, sql, type Tx } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import type { Action } from './actions.ts';
import { dateOf } from './clocks.ts';
import { receiptHash } from './lookups.ts';
import { apply, type Paper } from './matter.ts';
import { receiptCode } from './numbers.ts';
import { registerPart } from './parts.ts';
import { redact, titleOf } from './redact.ts';
import {
  type Acted,
  type ActInput,
  actionRow,
  append,
  contentOf,
  type Doing,
  derivedId,
  type Loop,
  type MatterWords,
  opposite,
  relate,
} from './store.ts';
import { actionJson, addMatter, insertNew, noRows } from './writing.ts';

/** Calls other units: the whole notes its parts, and each part is registered as a matter of its own. */
async function whistle(
  tx: Tx,
  loop: Loop,
  doing: Doing,
  county: string,
  id: string,
  input: ActInput,
  { data, words }: Extract<Action, { type: 'whistle' }>,
): Promise<Acted> {
  const acted = await append(tx, loop, doing, county, id, input);
  if (acted.replayed) return acted;
  const rows = noRows();
  const { secrets } = loop;
  for (const { matter: part, unit } of data.parts) {
    const number = await loop.numbers.take(county, Number(dateOf(doing.now).slice(0, 4)));
    const effects = registerPart(acted.matter, { matter: part, unit, number }, doing.now, loop.directory().rules);
    const matter = apply(undefined, effects);
    const key = secrets.newKey();
    const receipt = receiptCode(randomBytes);
    const own: MatterWords = {
      title: titleOf(words.text),
      text: words.text,
      receipt,
      summary: redact(titleOf(words.text)),
    };
    const sealed = secrets.seal(key.key, own);
    const content = contentOf(secrets, doing.actor, { part, unit });
    const first = { id: derivedId(loop, input.id, part), type: 'register', data: {}, words: sealed, content };
    const row = actionRow(loop, matter, 1, undefined, first, effects, doing, null, acted.matter.unit);
    addMatter(rows, matter, own.summary, sealed, key, [
      { hash: receiptHash(secrets, receipt), what: 'receipt', party: null },
    ]);
    rows.matter_action.push(actionJson(row));
  }
  await Promise.all([tx.writing(id, ...data.parts.map(part => part.matter)), insertNew(tx, rows)]);
  return acted;
}

/** 文号: the next of the unit's year, without gaps, when this step is the paper's last. */
async function numbered(
  tx: Tx,
  loop: Loop,
  { now }: Doing,
  county: string,
  id: string,
  input: ActInput,
  action: Extract<Action, { type: 'pass' }>,
): Promise<ActInput> {
  const [row] = await tx.many<any>(sql`SELECT papers FROM matter WHERE county = ${county} AND id = ${id} FOR UPDATE`);
  const paper = row?.papers.find((one: Paper) => one.n === action.data.paper) as Paper | undefined;
  const { number: _given, ...data } = action.data;
  const plain = { ...input, action: { ...action, data }, asSent: action };
  if (paper?.state !== 'draft' || paper.passed + 1 < paper.chain.length) return plain;
  const year = Number(dateOf(now).slice(0, 4));
  const taken = await tx.one<{
    next: number;
  }>(sql`INSERT INTO document_number AS d VALUES (${county}, ${paper.unit}, ${year}, 2)
    ON CONFLICT (county, unit, year) DO UPDATE SET next = d.next + 1 RETURNING next`);
  const unit = loop.directory().units.get(paper.unit)?.name ?? '';
  return { ...plain, action: { ...action, data: { ...data, number: `${unit}〔${year}〕${taken!.next - 1}号` } } };
}

/** Who stands under an order holds a certificate that is on record and valid; whoever gives it is one of the two. */
async function mustBeOfficers(
  tx: Tx,
  { actor, now }: Doing,
  county: string,
  officers: Extract<Action, { type: 'orderRectify' }>['data']['officers'],
): Promise<void> {
  const row = await tx.one<{ n: number }>(
    sql`SELECT count(*) AS n FROM certificate WHERE county = ${county} AND until >= ${dateOf(now)}
      AND (person::text, number) IN (SELECT o->>'person', o->>'certificate' FROM jsonb_array_elements(${JSON.stringify(officers)}::jsonb) o)`,
  );
  if (row!.n < 2 || !officers.some(one => one.person === actor.person)) throw new Failure('two_officers');
}

/** What is signed: the form, the texts and the clauses with whom they bind. Another clause, another hash. */
export const agreementHash = ({ data, words }: Extract<Action, { type: 'writeAgreement' }>) =>
  createHash('sha256')
    .update(JSON.stringify([data.form, data.clauses, words.text, words.clauses]))
    .digest('hex');

/** One action in a transaction of its own. */
export async function act(loop: Loop, doing: Doing, county: string, id: string, input: ActInput): Promise<Acted> {
  return (
    loop.db
      .write(doing.scope, async tx => {
        const { type, data } = input.action;
        if (type === 'whistle') return whistle(tx, loop, doing, county, id, input, input.action);
        if (type === 'pass')
          return append(tx, loop, doing, county, id, await numbered(tx, loop, doing, county, id, input, input.action));
        // Who mediates stands in the county's register.
        if (type === 'mediate') {
          const known = await tx.one(sql`SELECT FROM committee WHERE county = ${county} AND unit = ${data.committee}`);
          if (!known) throw new Failure('unit_unknown');
        }
        if (type === 'chooseMediators' || type === 'appoint') {
          const row = await tx.one<{ n: number }>(
            sql`SELECT count(*) AS n FROM mediator WHERE county = ${county} AND id = ANY (${data.mediators}::uuid[]) AND valid_to IS NULL`,
          );
          if (row!.n < new Set(data.mediators).size) throw new Failure('no_such_mediator');
        }
        if (type === 'orderRectify') await mustBeOfficers(tx, doing, county, data.officers);
        if (type === 'writeAgreement') {
          const hash = agreementHash(input.action);
          const action = { ...input.action, data: { ...input.action.data, hash } };
          return append(tx, loop, doing, county, id, { ...input, action, asSent: input.action });
        }
        if (type !== 'link' && type !== 'merge') return append(tx, loop, doing, county, id, input);
        const acted = await append(tx, loop, doing, county, id, input);
        if (acted.replayed) return acted;
        const back = type === 'merge' ? 'merged-from' : opposite[data.relation];
        await relate(tx, loop, doing, data, { county, matter: id }, back, input.id);
        return acted;
      })
      // Two at once with the same id: the second finds the first's answer, or learns that the id is taken.
      .catch(clash('conflict'))
  );
}
