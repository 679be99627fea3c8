/** What a kind of matter declares. Structure is code; clocks, points, chains and categories are seeds of versioned data. */
import type { z } from 'zod';
import type { Clock } from '../matters/clocks.ts';
import type { Grade, Points } from '../matters/grading.ts';

export type Kind = {
  label: { zh: string; en: string };
  /** Fields beside the narrative; each has a Chinese label through `.meta({ title })`. */
  fields: z.ZodObject;
  /** One clock for each step in which somebody owes something. */
  clocks: Record<Step, Clock>;
  /** Other clocks for some grades; a law's clock may only be shortened. */
  graded?: Partial<Record<Grade, Partial<Record<Step, Rule>>>>;
  /** How long a unit may return a matter as not its own, counted from dispatch. */
  returnWindow: Clock;
  /** Where its law lets a clock stand still, and in which steps. Nowhere else may it. */
  suspension: Partial<Record<Ground, readonly Step[]>>;
  /** How far its handling may be extended, asked before the end. */
  extension?: { count: number; unit: Clock['unit']; basis: string };
  /** How long after the answer a review by the level above may be asked for; absent where no law gives one. */
  reviewWindow?: Clock;
  points: Points;
  /** What a paper of this kind goes through before it leaves; empty where one clerk's click is enough. */
  chain: Record<PaperKind, readonly ChainStep[]>;
  /** First category table; later versions are imported. Words are grounds for a suggestion. */
  categories: readonly { code: string; name: string; parent?: string; words?: readonly string[] }[];
};

/** Steps that have a clock: what the accountable unit owes next. */
export const steps = [
  'accept',
  'dispatch',
  'sign',
  'handle',
  'rule',
  'answer',
  'close',
  'followUp',
  'rate',
  'review',
  'reexamine',
] as const;
export type Step = (typeof steps)[number];

/** 鉴定, 听证: what a law lets a clock wait for. */
export const grounds = ['appraisal', 'hearing'] as const;
export type Ground = (typeof grounds)[number];

/** 答复意见, 不予受理, 延期, 补正, 转送 */
export const paperKinds = ['opinion', 'not-accepted', 'extended', 'supplement', 'transferred'] as const;
export type PaperKind = (typeof paperKinds)[number];
/** 批示, 审核, 签发, 盖章 */
export const chainSteps = ['instruct', 'review', 'sign', 'seal'] as const;
export type ChainStep = (typeof chainSteps)[number];

export type Rule = Omit<Clock, 'step' | 'roll'> & { roll?: boolean };

/** The county's usual inner clocks; a kind overrides what its law fixes. */
export function clocksWith(own: Partial<Record<Step, Rule>>): Record<Step, Clock> {
  const local = '综治中心工作规则（可由县调整）';
  const base: Record<Step, Rule> = {
    accept: { from: 'received', count: 1, unit: 'workday', basis: local },
    dispatch: { from: 'entered', count: 1, unit: 'workday', basis: local },
    sign: { from: 'dispatched', count: 1, unit: 'workday', basis: local },
    handle: { from: 'received', count: 5, unit: 'workday', basis: local },
    rule: { from: 'entered', count: 2, unit: 'workday', basis: local },
    answer: { from: 'entered', count: 2, unit: 'workday', basis: local },
    close: { from: 'entered', count: 1, unit: 'workday', basis: local },
    followUp: { from: 'entered', count: 1, unit: 'workday', basis: '办结次日回访（地方督办规定）' },
    rate: { from: 'entered', count: 7, unit: 'day', basis: local },
    review: { from: 'entered', count: 30, unit: 'day', basis: local },
    reexamine: { from: 'entered', count: 30, unit: 'day', basis: local },
  };
  return Object.fromEntries(steps.map(step => [step, clockOf(step, { ...base[step], ...own[step] })])) as Record<
    Step,
    Clock
  >;
}
export const clockOf = (step: Step, rule: Rule): Clock => ({ step, roll: true, ...rule });

/** Chains in which only some papers go through somebody's hands. */
export const chainsWith = (own: Partial<Record<PaperKind, readonly ChainStep[]>>): Kind['chain'] => ({
  opinion: [],
  'not-accepted': [],
  extended: [],
  supplement: [],
  transferred: [],
  ...own,
});
