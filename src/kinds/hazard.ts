/** 隐患: a danger at a place, recorded by anyone, ordered away by two certified officers, re-inspected by somebody else (F5). */
import { z } from 'zod';
import { commonPoints } from '../matters/grading.ts';
import { chainsWith, clocksWith, type Kind } from './kind.ts';

const rule = '事故隐患排查治理规则（可由县调整）';

export const hazard = {
  label: { zh: '隐患', en: 'Hazard' },
  fields: z.object({
    place: z.uuid().optional().meta({ title: '点位' }),
    /** 一般 or 重大事故隐患（安全生产法 41） */
    weight: z.enum(['general', 'major']).default('general').meta({ title: '隐患等级' }),
  }),
  clocks: clocksWith({
    accept: { from: 'received', count: 4, unit: 'hour', roll: false, basis: rule },
    dispatch: { from: 'entered', count: 4, unit: 'hour', roll: false, basis: rule },
    handle: { from: 'dispatched', count: 15, unit: 'day', basis: rule },
  }),
  suspension: {},
  extension: { count: 15, unit: 'day', basis: rule },
  points: commonPoints,
  chain: chainsWith({}),
  returnWindow: { step: 'return', from: 'dispatched', count: 24, unit: 'hour', roll: false, basis: rule },
  categories: [
    { code: '01', name: '学校及周边', words: ['校门', '校园', '校车', '学生', '幼儿园'] },
    { code: '02', name: '水域', words: ['水库', '坑塘', '河道', '溺水', '深水', '护栏'] },
    { code: '03', name: '消防', words: ['消防', '灭火器', '通道堵', '电动车', '充电', '烟', '液化气'] },
    { code: '04', name: '道路交通', words: ['路口', '弯道', '减速带', '护栏', '视线', '大货车'] },
    { code: '05', name: '铁路沿线', words: ['铁路', '涵洞', '上跨', '轻飘物'] },
    { code: '06', name: '寄递物流', words: ['快递', '寄递', '收寄', '验视'] },
    { code: '07', name: '商铺门店', words: ['门店', '商铺', '三合一', '住人'] },
    { code: '08', name: '企业生产', words: ['车间', '粉尘', '锅炉', '危化', '工厂'] },
    { code: '09', name: '房屋与公共设施', words: ['危房', '墙体', '电线', '井盖', '广告牌', '高空'] },
    { code: '99', name: '其他' },
  ],
} satisfies Kind;
