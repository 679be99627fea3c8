/** What a kind of matter declares. Structure is code; clocks and categories are seeds of versioned data. */
import type { z } from 'zod';
import type { Clock } from '../matters/clocks.ts';

export type Kind = {
  label: { zh: string; en: string };
  /** Fields beside the narrative; each has a Chinese label through `.meta({ title })`. */
  fields: z.ZodObject;
  /** One clock for each step in which somebody owes something. */
  clocks: Record<Step, Clock>;
  /** How long a unit may return a matter as not its own, counted from dispatch. */
  returnWindow: Clock;
  /** First category table; later versions are imported. Words are grounds for a suggestion. */
  categories: readonly { code: string; name: string; parent?: string; words?: readonly string[] }[];
};

/** Steps that have a clock: what the accountable unit owes next. */
export const steps = ['accept', 'dispatch', 'sign', 'handle', 'rule', 'answer', 'close', 'followUp', 'rate'] as const;
export type Step = (typeof steps)[number];

type Rule = Omit<Clock, 'step' | 'roll'> & { roll?: boolean };

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
  };
  return Object.fromEntries(steps.map(step => [step, { step, roll: true, ...base[step], ...own[step] }])) as Record<
    Step,
    Clock
  >;
}
