/** 求助、投诉、咨询: what a hotline or a window takes in. */
import { z } from 'zod';
import { commonPoints } from '../matters/grading.ts';
import { chainsWith, clocksWith, type Kind } from './kind.ts';

const hotline = '政务服务便民热线工单规则：5 个工作日';

export const request = {
  label: { zh: '诉求', en: 'Request' },
  fields: z.object({
    purpose: z.enum(['help', 'complaint', 'consult', 'errand']).default('help').meta({ title: '诉求性质' }),
    /** 代办: which service of the menu the grid worker is asked to run for the person. */
    service: z.uuid().optional().meta({ title: '代办事项' }),
  }),
  clocks: clocksWith({ handle: { from: 'received', count: 5, unit: 'workday', basis: hotline } }),
  graded: {
    simple: { handle: { from: 'received', count: 1, unit: 'workday', basis: '县级规则：简单事项 1 日' } },
    large: { handle: { from: 'received', count: 20, unit: 'workday', basis: '县级规则：复杂事项 20 日' } },
    major: { handle: { from: 'received', count: 20, unit: 'workday', basis: '县级规则：复杂事项 20 日' } },
    special: { handle: { from: 'received', count: 20, unit: 'workday', basis: '县级规则：复杂事项 20 日' } },
  },
  suspension: {},
  extension: { count: 5, unit: 'workday', basis: '热线规则：说明理由和办理计划后延期一次' },
  points: commonPoints,
  chain: chainsWith({}),
  returnWindow: { step: 'return', from: 'dispatched', count: 24, unit: 'hour', roll: false, basis: hotline },
  categories: [
    { code: '01', name: '城乡建设', words: ['违建', '违章建筑', '拆迁', '规划', '施工', '工地', '烂尾', '房产证'] },
    {
      code: '0101',
      parent: '01',
      name: '市政设施',
      words: ['路灯', '井盖', '下水道', '积水', '路面', '坑洼', '人行道', '红绿灯'],
    },
    { code: '0102', parent: '01', name: '物业与小区管理', words: ['物业', '小区', '电梯', '业委会', '停车位', '业主'] },
    {
      code: '0103',
      parent: '01',
      name: '供水供电供气供暖',
      words: ['停水', '停电', '自来水', '水压', '燃气', '暖气', '供暖', '电压'],
    },
    { code: '02', name: '环境保护', words: ['噪音', '油烟', '臭味', '污水', '垃圾', '扬尘', '污染'] },
    { code: '03', name: '交通运输', words: ['公交', '拥堵', '出租车', '客运', '班车', '公路'] },
    { code: '04', name: '教育文体', words: ['学校', '幼儿园', '老师', '补课', '学费', '学区', '入学'] },
    { code: '05', name: '劳动和社会保障', words: ['工资', '拖欠', '社保', '养老金', '工伤', '劳动合同', '医保'] },
    { code: '06', name: '商贸旅游', words: ['退款', '消费', '商家', '假货', '传销', '价格', '出租', '营业'] },
    { code: '07', name: '卫生计生', words: ['医院', '医生', '诊所', '药', '疫苗', '生育'] },
    { code: '08', name: '公共安全', words: ['消防', '隐患', '被盗', '偷', '诈骗', '盗窃', '狗', '治安', '赌博'] },
    { code: '99', name: '其他' },
  ],
} satisfies Kind;
