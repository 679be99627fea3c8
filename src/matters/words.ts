/** The words an office uses for states, actions and what goes with them, in both languages. Pure. */
import type { ActionType } from './actions.ts';
import type { State } from './matter.ts';

export const stateNames = {
  zh: { registered: '待受理', accepted: '待分流', dispatched: '待签收', handling: '办理中', returned: '退回待裁定', reported: '待答复', answered: '待办结', closed: '待回访', followed: '待评价', struck: '已销号', declined: '不予受理', withdrawn: '已撤回', merged: '已并案' },
  en: { registered: 'To accept', accepted: 'To dispatch', dispatched: 'To sign for', handling: 'In hand', returned: 'Returned, to rule', reported: 'To answer', answered: 'To close', closed: 'To follow up', followed: 'To rate', struck: 'Struck off', declined: 'Declined', withdrawn: 'Withdrawn', merged: 'Merged' },
} as const satisfies Record<string, Record<State, string>>;

export const actionNames = {
  zh: { register: '登记', accept: '受理', decline: '不予受理', dispatch: '分流交办', recall: '收回交办', sign: '签收', note: '办理记录', contact: '联系当事人', urgent: '紧急处置', attach: '上传材料', report: '反馈结果', sendBack: '退回补办', answer: '答复当事人', close: '办结', followUp: '回访', rate: '评价', return: '退回', rule: '裁定', escalate: '提级上报', reopen: '重办', link: '关联', merge: '并案', withdraw: '撤回', correct: '更正', protect: '设置保密与回避', admit: '准予查看', openStock: '启动存量件', lapse: '超期催办', recount: '重算时限' },
  en: { register: 'Register', accept: 'Accept', decline: 'Decline', dispatch: 'Dispatch', recall: 'Recall', sign: 'Sign for', note: 'Note', contact: 'Contact', urgent: 'Urgent', attach: 'Attach', report: 'Report back', sendBack: 'Send back', answer: 'Answer', close: 'Close', followUp: 'Follow up', rate: 'Rate', return: 'Return', rule: 'Rule', escalate: 'Escalate', reopen: 'Reopen', link: 'Link', merge: 'Merge', withdraw: 'Withdraw', correct: 'Correct', protect: 'Protect', admit: 'Admit a reader', openStock: 'Open stock', lapse: 'Reminder', recount: 'Deadline recounted' },
} as const satisfies Record<string, Record<ActionType, string>>;
