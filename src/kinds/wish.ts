/** 微心愿 (R4): a small wish, posted without the person, claimed by a unit, a team or a neighbour, fulfilled, thanked. */
import { z } from 'zod';
import { commonPoints } from '../matters/grading.ts';
import { chainsWith, clocksWith, type Kind } from './kind.ts';

const rule = '微心愿办理规则（可由县调整）';

export const wish = {
  label: { zh: '微心愿', en: 'Small wish' },
  fields: z.object({
    /** What would help: a thing, a hand, or a skill. Never what the person is. */
    need: z.enum(['thing', 'hand', 'skill']).default('thing').meta({ title: '需要' }),
  }),
  clocks: clocksWith({
    accept: { from: 'received', count: 3, unit: 'workday', basis: rule },
    dispatch: { from: 'entered', count: 30, unit: 'day', basis: `${rule}：公布后等待认领` },
    handle: { from: 'dispatched', count: 30, unit: 'day', basis: rule },
  }),
  suspension: {},
  extension: { count: 30, unit: 'day', basis: rule },
  points: commonPoints,
  chain: chainsWith({}),
  returnWindow: { step: 'return', from: 'dispatched', count: 3, unit: 'workday', roll: true, basis: rule },
  categories: [
    { code: '01', name: '学习用品', words: ['书包', '文具', '课外书'] },
    { code: '02', name: '生活用品', words: ['轮椅', '棉被', '取暖'] },
    { code: '03', name: '陪伴照料', words: ['陪', '理发', '打扫'] },
    { code: '04', name: '技能帮助', words: ['手机', '辅导', '修理'] },
    { code: '99', name: '其他' },
  ],
} satisfies Kind;
