/** 原点提升: a cause that recurs in a place or kind becomes one preventive measure with an owner (L13). */
import { z } from 'zod';
import { commonPoints } from '../matters/grading.ts';
import { chainsWith, clocksWith, type Kind } from './kind.ts';

const rule = '综治中心原点治理规则（可由县调整）';

export const prevention = {
  label: { zh: '预防措施', en: 'Preventive measure' },
  fields: z.object({
    /** How many matters speak for it, and since when. */
    matters: z.number().int().min(1).optional().meta({ title: '涉及事项数' }),
    since: z.iso.date().optional().meta({ title: '统计起始日' }),
  }),
  clocks: clocksWith({
    accept: { from: 'received', count: 3, unit: 'workday', basis: rule },
    handle: { from: 'dispatched', count: 3, unit: 'month', basis: rule },
    followUp: { from: 'entered', count: 3, unit: 'month', basis: '整改三个月后复查是否再发' },
  }),
  suspension: {},
  extension: { count: 1, unit: 'month', basis: rule },
  points: commonPoints,
  chain: chainsWith({}),
  returnWindow: { step: 'return', from: 'dispatched', count: 3, unit: 'workday', roll: true, basis: rule },
  categories: [
    { code: '01', name: '设施改造' },
    { code: '02', name: '制度完善' },
    { code: '03', name: '宣传教育' },
    { code: '04', name: '专项整治' },
    { code: '99', name: '其他' },
  ],
} satisfies Kind;
