/** 矛盾纠纷: a quarrel between sides, on its way to mediation. */
import { z } from 'zod';
import { commonPoints } from '../matters/grading.ts';
import { chainsWith, clocksWith, type Kind } from './kind.ts';

export const dispute = {
  label: { zh: '矛盾纠纷', en: 'Dispute' },
  fields: z.object({
    scale: z.enum(['01', '02', '03']).default('01').meta({ title: '规模' }),
    people: z.number().int().min(2).max(99999).optional().meta({ title: '涉及人数' }),
    /** Money at issue, in fen. */
    amount: z.number().int().min(0).optional().meta({ title: '涉及金额（分）' }),
    /** Whom the person who raised it would like to mediate; both sides must agree. */
    wanted: z.array(z.uuid()).max(9).optional().meta({ title: '希望的调解员' }),
  }),
  clocks: clocksWith({
    accept: { from: 'received', count: 3, unit: 'workday', basis: '人民调解工作惯例：3 个工作日内答复是否受理' },
    handle: { from: 'accepted', count: 1, unit: 'month', basis: '人民调解一般一个月内调结（惯例）' },
    followUp: { from: 'entered', count: 7, unit: 'day', basis: '《人民调解法》第三十一条：监督协议履行' },
  }),
  graded: { simple: { handle: { from: 'accepted', count: 7, unit: 'day', basis: '县级规则：简易纠纷 7 日' } } },
  suspension: { appraisal: ['handle'] },
  extension: { count: 1, unit: 'month', basis: '各方当事人同意延长调解期限（惯例）' },
  points: commonPoints,
  chain: chainsWith({}),
  returnWindow: { step: 'return', from: 'dispatched', count: 24, unit: 'hour', roll: false, basis: '综治中心工作规则' },
  categories: [
    { code: '01', name: '婚姻家庭', words: ['离婚', '彩礼', '抚养', '赡养', '家暴', '分家', '继承', '夫妻'] },
    { code: '02', name: '邻里', words: ['邻居', '邻里', '采光', '通行', '排水', '院墙', '滴水', '隔壁'] },
    { code: '03', name: '房屋宅基地', words: ['宅基地', '房屋', '地界', '建房', '占地'] },
    { code: '04', name: '合同', words: ['合同', '违约', '定金', '货款'] },
    { code: '05', name: '损害赔偿', words: ['打伤', '赔偿', '受伤', '损坏', '医药费'] },
    { code: '06', name: '山林土地', words: ['承包地', '山林', '林地', '地边', '耕地'] },
    { code: '07', name: '征地拆迁', words: ['征地', '拆迁'] },
    { code: '08', name: '拖欠农民工工资', words: ['工资', '农民工', '包工头', '欠薪'] },
    { code: '09', name: '物业', words: ['物业费', '物业', '小区'] },
    { code: '10', name: '道路交通事故', words: ['车祸', '交通事故', '追尾', '撞'] },
    { code: '11', name: '医疗', words: ['医院', '手术', '误诊'] },
    { code: '12', name: '借贷', words: ['借款', '欠条', '欠钱', '利息', '担保'] },
    { code: '99', name: '其他' },
  ],
} satisfies Kind;
