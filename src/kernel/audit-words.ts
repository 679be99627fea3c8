/** What the audit knows to have been done, in an auditor's words. A line of another name does not compile. Pure. */
import type { Language } from './errors.ts';

type Names = readonly [zh: string, en: string];

export const auditActs = {
  'sign-in': ['登录', 'Sign-in'],
  'password-change': ['修改密码', 'Password changed'],
  'password-reset': ['重置密码', 'Password reset'],
  'factor-add': ['启用第二重验证', 'Second factor added'],
  'factor-drop': ['停用第二重验证', 'Second factor dropped'],
  'identity-bound': ['绑定统一身份', 'Identity bound'],
  'device-add': ['登记手机', 'Phone enrolled'],
  'device-revoked': ['停用手机', 'Phone revoked'],
  'device-signed-out': ['手机退出', 'Phone signed out'],
  'token-add': ['新建接口令牌', 'Token made'],
  'token-end': ['停用接口令牌', 'Token ended'],

  'person-add': ['新增人员', 'Person added'],
  'person-disable': ['停用账号', 'Account disabled'],
  'person-enable': ['启用账号', 'Account enabled'],
  'post-add': ['增加岗位', 'Post added'],
  'post-grant': ['授权岗位', 'Rights granted'],
  'post-withdraw': ['收回授权', 'Rights withdrawn'],
  'post-end': ['结束岗位', 'Post ended'],
  'absence-add': ['安排离岗', 'Absence arranged'],
  'absence-end': ['取消离岗', 'Absence ended'],
  'unit-close': ['撤销单位', 'Unit closed'],

  'read-sensitive': ['打开敏感事项', 'Sensitive matter read'],
  reveal: ['查看明文', 'Clear data shown'],
  find: ['按编号或电话查找', 'Looked up exactly'],
  download: ['下载材料', 'File downloaded'],
  print: ['打印', 'Printed'],
  'call-number': ['查看来电号码', 'Caller’s number shown'],
  'read-mediation': ['打开调解', 'Mediation read'],
  'read-dossier': ['打开卷宗', 'Dossier read'],
  'offers-read': ['查看认领人', 'Offers read'],
  'bookings-read': ['查看预约人', 'Bookings read'],

  export: ['导出台账', 'Ledger exported'],
  'export-mediations': ['导出调解台账', 'Mediations exported'],
  'export-audit': ['导出审计日志', 'Audit exported'],
  'exchange-out': ['移送其他系统', 'Sent to another system'],
  'exchange-file': ['导出交换包', 'Packages exported'],
  'hand-over': ['移交卷宗', 'Dossier handed over'],
  import: ['导入来信', 'Letters imported'],
  'import-categories': ['导入类别表', 'Categories imported'],
  'import-regions': ['导入区划', 'Regions imported'],
  'import-units': ['导入单位', 'Units imported'],
  'import-people': ['导入人员', 'People imported'],
  'import-posts': ['导入岗位', 'Posts imported'],
  'import-grids': ['导入网格边界', 'Grids imported'],
  'import-mediators': ['导入调解员', 'Mediators imported'],

  erase: ['删除个人信息', 'Personal data erased'],
  'data-correct': ['更正个人信息', 'Personal data corrected'],
  'receipt-restored': ['补发查询码', 'Receipt code restored'],
  'side-link': ['发当事人链接', 'Link for a side made'],
  'tip-key': ['更换举报密钥', 'Key for tips set'],

  'rule-set': ['调整规则', 'Rule set'],
  'clock-set': ['调整时限', 'Clock set'],
  calendar: ['维护放假安排', 'Calendar set'],
  setting: ['修改设置', 'Setting changed'],
  channel: ['设置渠道', 'Channel set'],
  template: ['修改短信模板', 'Template changed'],
  'message-again': ['重发消息', 'Message sent again'],
  'message-rest': ['不再发送消息', 'Message put to rest'],
  webhook: ['登记回调', 'Webhook added'],
  'webhook-end': ['停用回调', 'Webhook ended'],
  'webhook-replay': ['重放回调', 'Webhook replayed'],
  peer: ['登记对接系统', 'Peer added'],
  'peer-end': ['停用对接系统', 'Peer ended'],

  knowledge: ['修改知识库', 'Knowledge changed'],
  'drive-add': ['发起专项行动', 'Drive started'],
  'agreement-add': ['登记毗邻协议', 'Agreement added'],
  'review-made': ['发起群众评议', 'Review started'],
  'publish-draft': ['起草公开内容', 'Publication drafted'],
  'publish-shown': ['公开', 'Published'],
  'publish-refused': ['不予公开', 'Publication refused'],
  'publish-taken-down': ['撤下公开内容', 'Publication taken down'],
  'wish-taken': ['认领心愿', 'Wish taken'],
  'wish-fulfilled': ['心愿完成', 'Wish fulfilled'],
  'wish-declined': ['心愿未成', 'Wish declined'],
  service: ['修改办事指南', 'Service changed'],
  reception: ['设置接访', 'Reception set'],
  alert: ['发布预警', 'Warning issued'],
  'alert-end': ['解除预警', 'Warning ended'],

  'committee-add': ['登记调解组织', 'Committee added'],
  'adviser-set': ['设置法律顾问', 'Adviser set'],
  'mediator-put': ['登记调解员', 'Mediator registered'],
  'mediator-end': ['调解员离任', 'Mediator ended'],
  'pay-compute': ['测算补贴', 'Pay computed'],
  'pay-review': ['审核补贴', 'Pay reviewed'],
  'pay-approve': ['批准补贴', 'Pay approved'],
  'pay-paid': ['发放补贴', 'Pay paid'],
  'pay-appeal': ['补贴申诉', 'Pay appealed'],
  'pay-ruling': ['补贴申诉裁定', 'Appeal ruled on'],

  'place-add': ['登记点位', 'Place added'],
  'place-change': ['修改点位', 'Place changed'],
  'place-end': ['注销点位', 'Place ended'],
  'certificate-add': ['登记执法证', 'Certificate added'],
  'listing-propose': ['提议列管', 'Listing proposed'],
  'listing-heard': ['列管前听取意见', 'Heard before listing'],
  'listing-decide': ['决定列管', 'Listing decided'],
  'listing-appeal': ['列管申诉', 'Listing appealed'],
  'listing-rule': ['列管申诉裁定', 'Listing ruled on'],
  'listing-lift': ['解除列管', 'Listing lifted'],
  'footage-ask': ['申请调取录像', 'Footage asked for'],
  'footage-approve': ['批准调取录像', 'Footage approved'],
  'footage-refuse': ['不批准调取录像', 'Footage refused'],
  'footage-handed': ['交付录像', 'Footage handed over'],
  'plan-add': ['新增排查计划', 'Plan added'],
  'plan-change': ['修改排查计划', 'Plan changed'],
  'plan-end': ['结束排查计划', 'Plan ended'],
  'task-add': ['布置任务', 'Task added'],
  'duty-take': ['领取任务', 'Duty taken'],
  'duty-give-back': ['退还任务', 'Duty given back'],
  'duty-ask-swap': ['申请换班', 'Swap asked for'],
  'duty-answer-swap': ['答复换班', 'Swap answered'],
  'duty-excuse': ['任务免除', 'Duty excused'],
  'duty-reason': ['说明未完成原因', 'Reason given'],
  'team-put': ['登记队伍', 'Team put'],
  'member-add': ['增加队员', 'Member added'],
  'member-end': ['队员离队', 'Member ended'],
} as const satisfies Record<string, Names>;
export type AuditAct = keyof typeof auditActs;

export const auditResults = {
  done: ['成功', 'Done'],
  refused: ['被拒绝', 'Refused'],
  locked: ['账号锁定', 'Locked out'],
} as const satisfies Record<string, Names>;
export type AuditResult = keyof typeof auditResults;

/** Of the details; another one is shown by its own name. */
const parts: Record<string, Names> = {
  address: ['来自', 'From'],
  agent: ['设备', 'Device'],
  factor: ['验证方式', 'Factor'],
  issuer: ['身份提供方', 'Issuer'],
  reason: ['理由', 'Reason'],
  found: ['找到', 'Found'],
  shown: ['显示', 'Shown'],
  rows: ['行数', 'Rows'],
  read: ['读入', 'Read'],
  imported: ['导入', 'Imported'],
  repeated: ['重复', 'Repeated'],
  refused: ['退回', 'Refused'],
  template: ['模板', 'Template'],
  part: ['文书', 'Part'],
  substitute: ['接替人', 'Substitute'],
  successor: ['承接单位', 'Successor'],
  handed: ['移交事项', 'Handed over'],
  files: ['材料', 'Files'],
  to: ['去向', 'To'],
  number: ['编号', 'Number'],
  name: ['名称', 'Name'],
  month: ['月份', 'Month'],
  lines: ['行数', 'Lines'],
  total: ['总数', 'Total'],
  level: ['等级', 'Level'],
  regions: ['区域', 'Regions'],
  reach: ['范围', 'Reach'],
  url: ['地址', 'Address'],
  events: ['事件', 'Events'],
  packages: ['交换包', 'Packages'],
  tickets: ['票数', 'Tickets'],
  filters: ['条件', 'Filters'],
};

const nameOf = (names: Names | undefined, value: string, language: Language) =>
  names?.[language === 'zh' ? 0 : 1] ?? value;
export const actName = (what: string, language: Language): string =>
  nameOf(auditActs[what as AuditAct], what, language);
export const resultName = (result: string, language: Language): string =>
  nameOf(auditResults[result as AuditResult], result, language);

/** A line's details as an auditor reads them; the device, which is long, comes last. */
export function detailText(detail: Record<string, unknown>, language: Language): string {
  // The matter is named beside it, by its number.
  const said = Object.entries(detail).filter(([key, value]) => key !== 'matter' && (value ?? '') !== '');
  return said
    .toSorted(([a], [b]) => Number(a === 'agent') - Number(b === 'agent'))
    .map(([key, value]) => {
      const shown = typeof value === 'object' ? JSON.stringify(value) : String(value);
      return `${nameOf(parts[key], key, language)}${language === 'zh' ? '：' : ': '}${shown}`;
    })
    .join(language === 'zh' ? '；' : '; ');
}
