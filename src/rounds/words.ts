/** The words an office uses for rounds, duties and what was found. Pure. */
import type { dutyStates, outcomes, presences, Sort, teamSorts } from './contract.ts';

type Both<K extends string> = Record<'zh' | 'en', Record<K, string>>;

export const sortNames = {
  zh: { round: '排查', visit: '走访', patrol: '巡逻', guard: '值守', report: '每日报告', task: '志愿任务' },
  en: { round: 'Round', visit: 'Visit', patrol: 'Patrol', guard: 'Guard', report: 'Daily report', task: 'Task' },
} as const satisfies Both<Sort>;
export const dutyStateNames = {
  zh: { due: '待完成', done: '已完成', missed: '未按期完成', excused: '免除' },
  en: { due: 'Due', done: 'Done', missed: 'Missed', excused: 'Excused' },
} as const satisfies Both<(typeof dutyStates)[number]>;
export const outcomeNames = {
  zh: { nothing: '未发现问题', findings: '发现问题', 'nobody-there': '无人在场' },
  en: { nothing: 'Nothing found', findings: 'Something found', 'nobody-there': 'Nobody there' },
} as const satisfies Both<(typeof outcomes)[number]>;
export const presenceNames = {
  zh: { code: '扫码到场', near: '定位到场', none: '未证明到场' },
  en: { code: 'By its code', near: 'By nearness', none: 'Not proven' },
} as const satisfies Both<(typeof presences)[number]>;
export const teamSortNames = {
  zh: { patrol: '巡逻队', volunteer: '志愿队', group: '联户组' },
  en: { patrol: 'Patrol', volunteer: 'Volunteers', group: 'Group of households' },
} as const satisfies Both<(typeof teamSorts)[number]>;
