/** 设施报修: a public facility (部件) or a piece of equipment that does not work (F5, F6). */
import { z } from 'zod';
import { commonPoints } from '../matters/grading.ts';
import { chainsWith, clocksWith, type Kind } from './kind.ts';

const rule = '城市管理部件处置时限（可由县调整）';

export const repair = {
  label: { zh: '设施报修', en: 'Repair' },
  fields: z.object({ place: z.uuid().optional().meta({ title: '设施' }) }),
  clocks: clocksWith({
    accept: { from: 'received', count: 4, unit: 'hour', basis: rule },
    dispatch: { from: 'entered', count: 4, unit: 'hour', basis: rule },
    handle: { from: 'dispatched', count: 3, unit: 'workday', basis: rule },
  }),
  suspension: {},
  extension: { count: 3, unit: 'workday', basis: rule },
  points: commonPoints,
  chain: chainsWith({}),
  returnWindow: { step: 'return', from: 'dispatched', count: 4, unit: 'hour', roll: false, basis: rule },
  categories: [
    { code: '01', name: '路灯照明', words: ['路灯', '不亮', '灯杆'] },
    { code: '02', name: '井盖管网', words: ['井盖', '下水道', '管道', '漏水'] },
    { code: '03', name: '道路设施', words: ['护栏', '标志牌', '红绿灯', '减速带'] },
    { code: '04', name: '监控与报警', words: ['摄像头', '监控', '报警器'] },
    { code: '05', name: '消防设施', words: ['消防栓', '灭火器'] },
    { code: '99', name: '其他' },
  ],
} satisfies Kind;
