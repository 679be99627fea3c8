/** 个人信息权利请求 (个人信息保护法 44–50): to see, correct, have deleted what is held, and to know to whom it was shown. */
import { z } from 'zod';
import { commonPoints } from '../matters/grading.ts';
import { chainsWith, clocksWith, type Kind } from './kind.ts';

const basis = 'GB/T 35273-2020 第 8.7 条：三十日内答复';

export const privacy = {
  label: { zh: '个人信息请求', en: 'Personal data request' },
  fields: z.object({
    right: z.enum(['access', 'correct', 'delete']).meta({ title: '请求事项' }),
    /** The matter in which it is held. */
    of: z.uuid().meta({ title: '所在事项' }),
  }),
  clocks: clocksWith({ handle: { from: 'received', count: 30, unit: 'day', basis } }),
  suspension: {},
  points: commonPoints,
  // A refusal gives its reasons (第五十条): it goes through the head's hands.
  chain: chainsWith({ 'not-accepted': ['review', 'sign'] }),
  returnWindow: { step: 'return', from: 'dispatched', count: 2, unit: 'workday', roll: true, basis },
  categories: [
    { code: '01', name: '查阅复制' },
    { code: '02', name: '更正补充' },
    { code: '03', name: '删除' },
  ],
} satisfies Kind;
