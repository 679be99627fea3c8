/**
 * What leaves the house in words: templates with named places. Only numbers, dates and names of offices may stand in
 * them; a place for a person's data does not exist. Pure.
 */
export const channelNames = ['email', 'sms', 'wecom', 'official'] as const;
export type ChannelName = (typeof channelNames)[number];
export type Language = 'zh' | 'en';

/** Each template with the places it may have. `receipt` goes only to the phone of whoever raised the matter. */
export const templates = {
  code: ['code', 'minutes', 'county'],
  registered: ['number', 'receipt', 'county'],
  declined: ['number', 'county'],
  asked: ['number', 'county'],
  answered: ['number', 'county'],
  rate: ['number', 'county'],
  extended: ['number', 'county'],
  booked: ['time', 'room', 'county'],
  notice: ['what', 'number', 'unit'],
  alert: ['title', 'county'],
} as const satisfies Record<string, readonly string[]>;
export type TemplateName = keyof typeof templates;
export const templateNames = Object.keys(templates) as [TemplateName, ...TemplateName[]];

/** What needs nobody's approval is there from the start; a county may write its own. No SMS is among it. */
const ours: Record<TemplateName, Record<Language, { title: string; body: string }>> = {
  code: {
    zh: { title: '验证码', body: '验证码 {code}，{minutes} 分钟内有效。{county}综治中心不会向您索要它。' },
    en: { title: 'Code', body: 'Your code is {code}, valid for {minutes} minutes. Nobody will ask you for it.' },
  },
  registered: {
    zh: { title: '已登记', body: '您反映的事项已登记，编号 {number}，查询码 {receipt}，请妥善保管。{county}综治中心' },
    en: { title: 'Registered', body: 'Registered as {number}. Receipt code {receipt}: keep it. {county}' },
  },
  declined: {
    zh: { title: '不予受理', body: '事项 {number} 未予受理，理由和可走的途径请凭查询码查看。{county}综治中心' },
    en: {
      title: 'Not accepted',
      body: 'Matter {number} was not accepted. See the reason with your receipt code. {county}',
    },
  },
  asked: {
    zh: { title: '请补充', body: '经办单位就事项 {number} 有一个问题，请凭查询码回答。{county}综治中心' },
    en: {
      title: 'A question',
      body: 'There is a question about matter {number}. Answer it with your receipt code. {county}',
    },
  },
  answered: {
    zh: { title: '已答复', body: '事项 {number} 已答复，请凭查询码查看。{county}综治中心' },
    en: { title: 'Answered', body: 'Matter {number} was answered. Read it with your receipt code. {county}' },
  },
  rate: {
    zh: { title: '请评价', body: '事项 {number} 已办结，是否真的解决了？请凭查询码评价。{county}综治中心' },
    en: { title: 'Is it solved?', body: 'Matter {number} was closed. Tell us whether it is really solved. {county}' },
  },
  extended: {
    zh: { title: '已延期', body: '事项 {number} 经批准延期，理由请凭查询码查看。{county}综治中心' },
    en: {
      title: 'Extended',
      body: 'The time for matter {number} was extended. See why with your receipt code. {county}',
    },
  },
  booked: {
    zh: { title: '预约成功', body: '您已预约 {time}，地点：{room}。{county}综治中心' },
    en: { title: 'Booked', body: 'You are booked for {time}, {room}. {county}' },
  },
  notice: {
    zh: { title: '原点：{what}', body: '{unit}：{what} {number}。请登录办理。' },
    en: { title: 'Yuandian: {what}', body: '{unit}: {what} {number}. Sign in to handle it.' },
  },
  alert: {
    zh: { title: '预警提示', body: '【预警提示】{title}。详见{county}综治中心网页。' },
    en: { title: 'Alert', body: 'Alert: {title}. See the page of {county}.' },
  },
};
export const standard = (name: TemplateName, language: Language) => ours[name][language];

/** Places of a text that its template does not know. */
export const strangers = (name: TemplateName, text: string): string[] =>
  [...text.matchAll(/\{(\w*)\}/g)]
    .map(found => found[1]!)
    .filter(place => !(templates[name] as readonly string[]).includes(place));

/** A text with its places filled; what is missing stays empty. */
export const fill = (text: string, data: Record<string, string>): string =>
  text.replace(/\{(\w+)\}/g, (_, place: string) => data[place] ?? '');

export type Quiet = { from: string; to: string };
export const commonQuiet: Quiet = { from: '21:00', to: '08:00' };

const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
const day = 24 * 60;
const zone = 8 * 60;

/** The first moment at or after `now` that is not within the quiet hours (China's time). */
export function afterQuiet(now: number, { from, to }: Quiet): number {
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  if (begin === end) return now;
  const minute = Math.floor(now / 60_000 + zone) % day;
  const quiet = begin < end ? minute >= begin && minute < end : minute >= begin || minute < end;
  if (!quiet) return now;
  const wait = (end - minute + day) % day;
  return (Math.floor(now / 60_000) + wait) * 60_000;
}

/** Minutes until the next try after so many; undefined: it is given up and shown to a person. */
export const backOff = (tries: number): number | undefined => [1, 5, 30, 120, 360, 720][tries - 1];
