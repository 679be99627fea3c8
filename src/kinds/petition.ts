/** 信访事项, with the clocks of the 信访工作条例 (in force 2022-05-01). */
import { z } from 'zod';
import { commonPoints } from '../matters/grading.ts';
import { chainsWith, clocksWith, type Kind } from './kind.ts';

const art = (n: number) => `《信访工作条例》第${n}条`;

export const petition = {
  label: { zh: '信访', en: 'Petition' },
  fields: z.object({
    /** Art. 29, 30, 31. */
    purpose: z.enum(['suggestion', 'against-official', 'appeal']).default('appeal').meta({ title: '信访目的' }),
    /** The six routes of art. 31; fixed when it is accepted. */
    route: z.number().int().min(1).max(6).optional().meta({ title: '办理途径' }),
    visitors: z.number().int().min(1).max(9999).optional().meta({ title: '走访人数' }),
  }),
  clocks: clocksWith({
    accept: { from: 'received', count: 15, unit: 'day', basis: art(22) },
    handle: { from: 'accepted', count: 60, unit: 'day', basis: art(34) },
    review: { from: 'entered', count: 30, unit: 'day', basis: art(35) },
    reexamine: { from: 'entered', count: 30, unit: 'day', basis: art(36) },
  }),
  // Only the hearing of a re-examination does not count; a petitioner's absence never stops a clock.
  suspension: { hearing: ['reexamine'] },
  extension: { count: 30, unit: 'day', basis: art(34) },
  reviewWindow: { step: 'askReview', from: 'answered', count: 30, unit: 'day', roll: true, basis: art(35) },
  points: commonPoints,
  chain: chainsWith({
    opinion: ['review', 'sign', 'seal'],
    'not-accepted': ['sign', 'seal'],
    extended: ['sign', 'seal'],
  }),
  returnWindow: { step: 'return', from: 'dispatched', count: 5, unit: 'workday', roll: true, basis: art(23) },
  categories: [
    { code: '01', name: '国土资源', words: ['征地', '宅基地', '土地', '补偿', '确权'] },
    { code: '02', name: '城乡建设', words: ['拆迁', '安置', '违建', '规划'] },
    { code: '03', name: '劳动社保', words: ['工资', '社保', '养老', '工伤'] },
    { code: '04', name: '农村农业', words: ['低保', '村务', '承包', '补贴', '村委', '林地'] },
    { code: '05', name: '干部作风', words: ['干部', '书记', '贪污', '不作为', '推诿', '吃拿卡要'] },
    { code: '06', name: '涉法涉诉', words: ['法院', '判决', '执行', '派出所', '立案'] },
    { code: '07', name: '环境保护', words: ['污染', '排污', '养殖', '臭'] },
    { code: '99', name: '其他' },
  ],
} satisfies Kind;
