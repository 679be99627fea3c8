/** What the register says by itself: hints on a committee's composition (人民调解法 8, 9), its stars, pay by case. Pure. */
import { z } from 'zod';
import { type Grade, grades } from '../matters/grading.ts';
import type { Outcome } from '../matters/mediation-codes.ts';

export type Member = { head: boolean; woman: boolean; certificateUntil: string | null };
export type Hint = 'too-few' | 'too-many' | 'no-head' | 'two-heads' | 'no-woman' | 'term-over' | 'certificate';

/** Three to nine members, one head, women among them, three-year terms; studios are one mediator's own. */
export function hintsOf(kind: string, termEnds: string | null, members: readonly Member[], today: string): Hint[] {
  const hints: Hint[] = [];
  const heads = members.filter(member => member.head).length;
  if (kind !== 'studio') {
    if (members.length < 3) hints.push('too-few');
    if (members.length > 9) hints.push('too-many');
    if (heads === 0) hints.push('no-head');
    if (heads > 1) hints.push('two-heads');
    if (members.length && !members.some(member => member.woman)) hints.push('no-woman');
    if (termEnds !== null && termEnds < today) hints.push('term-over');
  }
  if (members.some(member => member.certificateUntil !== null && member.certificateUntil < today))
    hints.push('certificate');
  return hints;
}

const Band = z.object({ from: z.number(), points: z.number().int().min(0).max(100) });
/** Facts of a committee that stars may rest on; all are of the office, none of whoever came to it. */
export const starFacts = ['members', 'mediated', 'agreedPercent', 'filedPercent', 'hints'] as const;
export type StarFacts = Record<(typeof starFacts)[number], number>;
export const Stars = z.object({
  version: z.string().trim().min(1).max(40),
  basis: z.string().trim().min(4).max(200),
  items: z
    .array(z.object({ code: z.enum(starFacts), bands: z.array(Band).min(1).max(8) }))
    .min(1)
    .max(12),
  /** Points from which there are one, two … five stars. */
  stars: z.array(z.number().int().min(0)).length(5),
});
export type Stars = z.output<typeof Stars>;
export const commonStars: Stars = {
  version: '1',
  basis: '平台默认评星表（县级可调整）',
  items: [
    { code: 'members', bands: [{ from: 3, points: 10 }] },
    {
      code: 'mediated',
      bands: [
        { from: 5, points: 10 },
        { from: 20, points: 20 },
      ],
    },
    {
      code: 'agreedPercent',
      bands: [
        { from: 60, points: 15 },
        { from: 80, points: 30 },
      ],
    },
    {
      code: 'filedPercent',
      bands: [
        { from: 60, points: 10 },
        { from: 90, points: 25 },
      ],
    },
    {
      code: 'hints',
      bands: [
        { from: 0, points: 15 },
        { from: 1, points: 0 },
      ],
    },
  ],
  stars: [10, 30, 50, 70, 90],
};

/** Explained line by line: the highest band that each fact reaches. */
export function starsOf(table: Stars, facts: StarFacts) {
  const lines = table.items.map(({ code, bands }) => {
    const reached = bands.filter(band => facts[code] >= band.from).sort((a, b) => b.from - a.from)[0];
    return { code, value: facts[code], points: reached?.points ?? 0 };
  });
  const points = lines.reduce((sum, line) => sum + line.points, 0);
  return { stars: table.stars.filter(from => points >= from).length, lines };
}

const fen = z.number().int().min(0).max(10_000_000);
/** 以案定补: rates by result and difficulty, in fen. */
export const Rates = z.object({
  version: z.string().trim().min(1).max(40),
  basis: z.string().trim().min(4).max(200),
  written: fen,
  oral: fen,
  /** A mediation that ended without agreement. */
  ended: fen,
  confirmed: fen,
  grade: z.record(z.enum(grades), fen),
  payCivilServants: z.boolean().default(false),
});
export type Rates = z.output<typeof Rates>;
export const commonRates: Rates = {
  version: '1',
  basis: '平台默认补贴标准（县级可调整）',
  written: 20_000,
  oral: 5_000,
  ended: 0,
  confirmed: 5_000,
  grade: { special: 30_000, major: 20_000, large: 10_000, general: 0, simple: 0 },
  payCivilServants: false,
};

export type PaidCase = {
  outcome: Outcome;
  form: 'written' | 'oral' | null;
  grade: Grade | null;
  confirmed: boolean;
  mediators: readonly { id: string; civilServant: boolean }[];
};
export type PayGrounds = { base: number; grade: number; confirmed: number; civil: boolean; shared: number };

/** What each mediator of a filed case is due: the case's amount shared evenly to the fen; nothing for civil servants unless the county says so. */
export function dueOf(rates: Rates, one: PaidCase): { mediator: string; fen: number; grounds: PayGrounds }[] {
  const agreed = one.outcome === 'agreed';
  const base = agreed ? (one.form === 'oral' ? rates.oral : rates.written) : rates.ended;
  const grade = agreed && one.grade ? rates.grade[one.grade] : 0;
  const confirmed = agreed && one.confirmed ? rates.confirmed : 0;
  const total = base + grade + confirmed;
  const n = one.mediators.length;
  return one.mediators.map(({ id, civilServant }, i) => {
    const civil = civilServant && !rates.payCivilServants;
    const share = Math.floor(total / n) + (i < total % n ? 1 : 0);
    return { mediator: id, fen: civil ? 0 : share, grounds: { base, grade, confirmed, civil, shared: n } };
  });
}
