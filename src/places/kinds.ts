/** Kinds of places and what is looked at there. A county sets its own checklists from a day on (rule `checklist`). Pure. */
import { z } from 'zod';

export const ChecklistItem = z.object({
  /** Stays the same for ever: answers are kept under it. */
  key: z.string().regex(/^[a-z][a-z0-9-]{0,29}$/),
  title: z.string().trim().min(1).max(80),
  basis: z.string().trim().max(80).optional(),
});
export type ChecklistItem = z.infer<typeof ChecklistItem>;
export const Checklist = z
  .array(ChecklistItem)
  .max(40)
  .refine(items => new Set(items.map(item => item.key)).size === items.length, { error: 'key' });
/** 合格、不合格、不涉及 */
export const answers = ['ok', 'bad', 'none'] as const;
export type Answer = (typeof answers)[number];

type Place = { zh: string; en: string; equipment?: true; checklist: readonly ChecklistItem[] };
const item = (key: string, title: string, basis?: string): ChecklistItem => ({ key, title, ...(basis && { basis }) });
const fire = [
  item('exit', '疏散通道、安全出口畅通', '消防法 28'),
  item('extinguisher', '灭火器材在位有效', '消防法 16'),
  item('wiring', '电气线路无私拉乱接、无飞线充电'),
];

export const placeKinds = {
  school: {
    zh: '学校',
    en: 'School',
    // 校园安防建设“五个 100%”
    checklist: [
      item('guards', '专职保安员配备达标'),
      item('closed', '校园封闭化管理'),
      item('alarm', '一键式报警装置接通'),
      item('video', '视频监控在线'),
      item('gate', '护学岗到位'),
      ...fire,
    ],
  },
  parcel: {
    zh: '寄递企业',
    en: 'Parcel firm',
    // 寄递“三个 100%”
    checklist: [
      item('opened', '收寄验视', '反恐怖主义法 20'),
      item('real-name', '实名收寄', '反恐怖主义法 20'),
      item('x-ray', '过机安检', '反恐怖主义法 20'),
      ...fire,
    ],
  },
  water: {
    zh: '水域',
    en: 'Water',
    checklist: [
      item('fence', '护栏完好'),
      item('sign', '警示牌清楚'),
      item('rescue', '救生圈、绳、杆在位'),
      item('keeper', '看护人到岗'),
    ],
  },
  shop: { zh: '门店', en: 'Shop', checklist: [...fire, item('dwelling', '无经营、住宿、储存混在一处（三合一）')] },
  'fire-point': {
    zh: '微型消防站',
    en: 'Fire point',
    checklist: [item('gear', '器材齐全有效'), item('people', '值守人员在岗'), item('water', '水源可用')],
  },
  railway: {
    zh: '铁路沿线',
    en: 'Railway line',
    checklist: [item('fence', '防护栅栏完好'), item('light', '无轻飘物、彩钢瓦隐患'), item('culvert', '涵洞通行安全')],
  },
  road: {
    zh: '道路路口',
    en: 'Road',
    checklist: [item('sign', '标志标线清楚'), item('bump', '减速设施完好'), item('sight', '视线无遮挡')],
  },
  enterprise: {
    zh: '企业',
    en: 'Enterprise',
    checklist: [
      ...fire,
      item('training', '岗位安全培训有记录', '安全生产法 28'),
      item('plan', '应急预案并演练', '安全生产法 81'),
    ],
  },
  facility: { zh: '公共设施', en: 'Public facility', checklist: [item('whole', '完好可用')] },
  checkpoint: { zh: '巡逻点', en: 'Check-in point', checklist: [] },
  household: { zh: '户', en: 'Household', checklist: [] },
  camera: {
    zh: '视频监控',
    en: 'Camera',
    equipment: true,
    checklist: [item('online', '在线'), item('clean', '镜头无遮挡')],
  },
  alarm: { zh: '报警装置', en: 'Alarm', equipment: true, checklist: [item('test', '试报正常')] },
} as const satisfies Record<string, Place>;
export type PlaceKind = keyof typeof placeKinds;
export const placeKindNames = Object.keys(placeKinds) as [PlaceKind, ...PlaceKind[]];

/** Within how many metres a phone is at a place. */
export const nearMetres = 100;

/** Metres between two WGS-84 points (haversine, mean radius of the earth). */
export function metresBetween(a: { lng: number; lat: number }, b: { lng: number; lat: number }): number {
  const rad = Math.PI / 180;
  const h =
    Math.sin(((b.lat - a.lat) * rad) / 2) ** 2 +
    Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lng - a.lng) * rad) / 2) ** 2;
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(h));
}
