/**
 * 调解协议: clauses with money in fen, who must sign, when it is in force (人民调解法 28–31), and whether a court may confirm
 * it (民事诉讼法 205, 民诉法解释 355). Pure.
 */
import { z } from 'zod';
import type { Refusal } from '../kernel/errors.ts';
import { type Calendar, deadline } from './clocks.ts';

const id = z.uuid();
const fen = z.number().int().min(1).max(1e13);
export const Instalment = z.object({ due: z.iso.date(), fen });
/** What one clause binds to: money from one side to another, paid once or in instalments; or something to be done. */
export const Clause = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pay'), from: id, to: id, fen, instalments: z.array(Instalment).min(1).max(120) }),
  z.object({ kind: z.literal('do'), by: id.nullable(), until: z.iso.date().nullable() }),
]);
export type Clause = z.output<typeof Clause>;

/** 签名、指印、纸质签署后扫描; of an oral agreement: 口头同意, 调解员记录. */
export const signWays = ['screen', 'fingerprint', 'paper', 'seal', 'oral', 'record'] as const;
export const Signer = z.discriminatedUnion('as', [
  /** `through`: the agent or guardian whose hand it was. */
  z.object({ as: z.literal('side'), party: id, through: id.optional() }),
  z.object({ as: z.literal('mediator'), mediator: id }),
  z.object({ as: z.literal('seal') }),
]);
export type Signer = z.output<typeof Signer>;
export type Signature = {
  signer: Signer;
  way: (typeof signWays)[number];
  /** The date on the paper: each has its own, also when all was scanned later. */
  at: number;
  file: string | null;
};

export type Agreement = {
  form: 'written' | 'oral';
  version: number;
  /** SHA-256 of form, texts and clauses: what is signed. Another clause is another hash, and no signature counts. */
  hash: string;
  clauses: Clause[];
  signatures: Signature[];
  inForceAt: number | null;
  /** Where the signed paper lies. */
  paperAt: string | null;
};
export type Payment = { clause: number; instalment: number; fen: number; at: number };

/** Why clauses cannot stand: money that does not add up, dates out of order, somebody who is no side. */
export function wrongMoney(clauses: readonly Clause[], sides: readonly string[]): Refusal | undefined {
  for (const [i, clause] of clauses.entries()) {
    const at = i + 1;
    if (clause.kind === 'do') {
      if (clause.by !== null && !sides.includes(clause.by)) return { code: 'no_such_side', details: { clause: at } };
      continue;
    }
    if (clause.from === clause.to || !sides.includes(clause.from) || !sides.includes(clause.to))
      return { code: 'no_such_side', details: { clause: at } };
    const sum = clause.instalments.reduce((total, one) => total + one.fen, 0);
    if (sum !== clause.fen)
      return { code: 'money_mismatch', details: { clause: at, sum: yuan(sum), total: yuan(clause.fen) } };
    if (clause.instalments.some((one, n) => n > 0 && clause.instalments[n - 1]!.due > one.due))
      return { code: 'dates_out_of_order', details: { clause: at } };
  }
}

/** 12.30: fen as yuan, exact to the fen. */
export const yuan = (amount: number) => `${Math.trunc(amount / 100)}.${String(amount % 100).padStart(2, '0')}`;
export const sumOf = (clauses: readonly Clause[]) =>
  clauses.reduce((total, clause) => total + (clause.kind === 'pay' ? clause.fen : 0), 0);

export const sameSigner = (a: Signer, b: Signer) =>
  a.as === b.as &&
  (a.as !== 'side' || a.party === (b as typeof a).party) &&
  (a.as !== 'mediator' || a.mediator === (b as typeof a).mediator);

/**
 * What is still missing until it is in force. Written: every side's signature, seal or fingerprint, a mediator's signature,
 * the committee's seal (29). Oral: every side agreed and a mediator recorded it (28, 30).
 */
export function missingOf(
  agreement: Pick<Agreement, 'form' | 'signatures'>,
  sides: readonly string[],
): ({ as: 'side'; party: string } | { as: 'mediator' } | { as: 'seal' })[] {
  const has = (as: Signer['as'], party?: string) =>
    agreement.signatures.some(({ signer }) => signer.as === as && (signer.as !== 'side' || signer.party === party));
  return [
    ...sides.filter(party => !has('side', party)).map(party => ({ as: 'side' as const, party })),
    ...(has('mediator') ? [] : [{ as: 'mediator' as const }]),
    ...(agreement.form === 'oral' || has('seal') ? [] : [{ as: 'seal' as const }]),
  ];
}

/** The date of effect: the last of the signatures the law asks for; of an oral one, when the last side agreed. */
export function inForceAt(agreement: Pick<Agreement, 'form' | 'signatures'>, sides: readonly string[]): number | null {
  if (missingOf(agreement, sides).length) return null;
  const counted = agreement.signatures.filter(one => agreement.form === 'written' || one.signer.as === 'side');
  return Math.max(...counted.map(one => one.at));
}

/** What is still owed of an instalment. */
export function owedOf(agreement: Agreement, payments: readonly Payment[], clause: number, instalment: number): number {
  const one = agreement.clauses[clause];
  const part = one?.kind === 'pay' ? one.instalments[instalment] : undefined;
  if (!part) return 0;
  return (
    part.fen - payments.reduce((sum, p) => sum + (p.clause === clause && p.instalment === instalment ? p.fen : 0), 0)
  );
}

/** 人民调解法 33: within thirty days of the day of effect. */
export const confirmationClock = {
  step: 'confirm',
  from: 'entered',
  count: 30,
  unit: 'day',
  roll: true,
  basis: '《人民调解法》第三十三条',
} as const;
export const confirmBy = (effect: number, calendar: Calendar) => deadline(confirmationClock, effect, calendar);

/** What a court may not confirm, each with its article. */
export const barred = {
  outside: '《民诉法解释》第三百五十五条第一款第（一）项：不属于人民法院受理范围',
  jurisdiction: '《民诉法解释》第三百五十五条第一款第（二）项：不属于该法院管辖',
  status: '《民诉法解释》第三百五十五条第一款第（三）项：婚姻、亲子、收养等身份关系的确认或解除',
  special: '《民诉法解释》第三百五十五条第一款第（四）项：适用其他特别程序、公示催告程序、破产程序',
  title: '《民诉法解释》第三百五十五条第一款第（五）项：物权、知识产权确权',
} as const;
export type Barred = keyof typeof barred;
export const barredNames = Object.keys(barred) as [Barred, ...Barred[]];

/** Why the agreement cannot be confirmed; empty when it can. */
export function notConfirmable(
  agreement: Pick<Agreement, 'inForceAt'> | null,
  together: boolean,
  bars: readonly Barred[],
  now: number,
  calendar: Calendar,
): string[] {
  const effect = agreement?.inForceAt ?? null;
  return [
    ...(effect === null ? ['《人民调解法》第三十三条：协议尚未生效'] : []),
    ...(effect !== null && now > confirmBy(effect, calendar).at
      ? ['《人民调解法》第三十三条：已超过生效之日起三十日']
      : []),
    ...(together ? [] : ['《民事诉讼法》第二百零五条：须由双方当事人共同申请']),
    ...bars.map(bar => barred[bar]),
  ];
}
