/**
 * Clocks: from a start and a rule to a deadline that can be explained in a sentence. Pure.
 *
 * Days are China's civil days (UTC+8 all year, no daylight saving). The starting day does not count (民法典 201), a
 * period by months ends on the same date or the month's last day (202), and a last day that is a rest day rolls over
 * to the next working day, ending with business hours (203).
 */
import { z } from 'zod';

export const Clock = z.object({
  /** What the clock measures, e.g. `handle`. */
  step: z.string(),
  /** Which moment starts it: a date of the matter, or `entered`, when the step began. */
  from: z.enum(['received', 'registered', 'accepted', 'dispatched', 'answered', 'entered']),
  count: z.number().int().positive(),
  unit: z.enum(['hour', 'day', 'workday', 'month']),
  /** Roll over to the next working day when the last day is a rest day. */
  roll: z.boolean().default(true),
  /** The legal basis, or whose rule it is, as shown to people. */
  basis: z.string(),
});
export type Clock = z.infer<typeof Clock>;
/** What a deadline was counted from: what its clock says, or the day on which stock was opened, if that came later. */
type Start = Clock['from'] | 'opened';

/** Rest days that are weekdays, working days that are weekend days, and the last day the state has announced. */
export type Calendar = { off: ReadonlySet<string>; work: ReadonlySet<string>; knownThrough: string };

export type Due = {
  /** Milliseconds since the epoch. */
  at: number;
  step: string;
  from: Start;
  start: number;
  count: number;
  unit: Clock['unit'];
  basis: string;
  /** Rest days passed over (working-day clocks) or rolled over, as YYYY-MM-DD. */
  skipped: string[];
  /** True when the deadline rests on a year whose rest days are not announced yet. */
  provisional: boolean;
  /** An extension that was granted: counted from where the clock would have ended. */
  extra?: { count: number; unit: Clock['unit']; basis: string };
  /** 责令整改: an order brought the end forward to this moment. */
  ordered?: number;
  /** Days on which the clock stood still: civil days, or working days for a clock of working days. */
  stood?: number;
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const OFFSET = 8 * HOUR;
const CLOSING_HOUR = 18;
const OPENING_HOUR = 9;

/** The civil day of a moment as a day number, and back. */
const dayOf = (at: number) => Math.floor((at + OFFSET) / DAY);
export const dateOf = (at: number): string => dateOfDay(dayOf(at));
const two = (n: number) => (n < 10 ? `0${n}` : `${n}`);
/** Not by toISOString, which costs four times as much: a clock of working days asks for every day it passes. */
function dateOfDay(day: number): string {
  const date = new Date(day * DAY);
  return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}
const momentOf = (day: number, hour: number) => day * DAY + hour * HOUR - OFFSET;

/** 202603: how the search index names a month. */
export const monthOf = (at: number): string => dateOf(at).slice(0, 7).replace('-', '');
/** "2026-03-09 18:00" in China's time. */
export const minuteOf = (at: number): string => new Date(at + OFFSET).toISOString().slice(0, 16).replace('T', ' ');

/** The moment a civil date begins (`hour` 0) or its business hours end (18). */
export const momentOfDate = (date: string, hour = 0): number => Date.parse(`${date}T00:00:00Z`) + hour * HOUR - OFFSET;

function rests(day: number, calendar: Calendar): boolean {
  const date = dateOfDay(day);
  const weekday = (day + 4) % 7; // day 0 was a Thursday
  return weekday === 0 || weekday === 6 ? !calendar.work.has(date) : calendar.off.has(date);
}

function addMonths(day: number, months: number): number {
  const start = new Date(day * DAY);
  const last = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + months + 1, 0));
  const wanted = Math.min(start.getUTCDate(), last.getUTCDate());
  return Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), wanted) / DAY;
}

/** The deadline of a clock started at `start`. */
export function deadline(clock: Omit<Clock, 'from'> & { from: Start }, start: number, calendar: Calendar): Due {
  const due = { step: clock.step, from: clock.from, start, count: clock.count, unit: clock.unit, basis: clock.basis };
  if (clock.unit === 'hour')
    return { ...due, at: start + clock.count * HOUR, skipped: [], provisional: dateOf(start) > calendar.knownThrough };
  const first = dayOf(start);
  const skipped: string[] = [];
  let day = first;
  if (clock.unit === 'month') day = addMonths(first, clock.count);
  else if (clock.unit === 'day') day = first + clock.count;
  else
    for (let left = clock.count; left > 0; ) {
      day += 1;
      if (rests(day, calendar)) skipped.push(dateOfDay(day));
      else left -= 1;
    }
  while (clock.roll && rests(day, calendar)) {
    skipped.push(dateOfDay(day));
    day += 1;
  }
  return { ...due, at: momentOf(day, CLOSING_HOUR), skipped, provisional: dateOfDay(day) > calendar.knownThrough };
}

/** Whether a law gives it, so that its basis cites one: 《…》第…条. */
export const statutory = (clock: Clock) => clock.basis.startsWith('《');

/**
 * Whether a clock ends at the latest when another one does, from every day of a year: a local rule may shorten a law's
 * clock, never lengthen it. Clocks with different starts cannot be compared.
 */
export function noLater(own: Clock, law: Clock, calendar: Calendar): boolean {
  const year = Number(calendar.knownThrough.slice(0, 4));
  const first = Date.UTC(year, 0, 1) / DAY;
  const days = Array.from({ length: 365 }, (_, i) => momentOf(first + i, 12));
  return own.from === law.from && days.every(at => deadline(own, at, calendar).at <= deadline(law, at, calendar).at);
}

/** The same clock counted again: with the rest days of a year become known, an extension granted, days it stood still. */
export function recount(due: Due, calendar: Calendar, roll = true): Due {
  const again = counted(due, calendar, roll);
  return due.ordered !== undefined && due.ordered < again.at
    ? { ...again, ordered: due.ordered, at: due.ordered }
    : again;
}

function counted(due: Due, calendar: Calendar, roll: boolean): Due {
  const { step, from, unit, basis, extra, stood = 0 } = due;
  const kept = { ...(extra && { extra }), ...(stood && { stood }) };
  // Days that did not count lengthen a clock of days; an extension follows where it would have ended.
  const lengthened = unit === 'day' || unit === 'workday' ? due.count + stood : due.count;
  const first = deadline({ step, from, count: lengthened, unit, basis, roll: roll && !extra }, due.start, calendar);
  const base = { ...first, count: due.count, ...kept };
  if (unit === 'month' && stood) {
    const later = deadline({ step, from, count: stood, unit: 'day', basis, roll: roll && !extra }, first.at, calendar);
    Object.assign(base, {
      at: later.at,
      skipped: [...first.skipped, ...later.skipped],
      provisional: later.provisional,
    });
  }
  if (!extra) return base;
  const longer = deadline({ step, from, count: extra.count, unit: extra.unit, basis, roll }, base.at, calendar);
  return {
    ...base,
    at: longer.at,
    skipped: [...base.skipped, ...longer.skipped],
    provisional: base.provisional || longer.provisional,
  };
}

/** How many days lie between two moments: civil days, or the working days among them. */
export function daysBetween(from: number, to: number, unit: Clock['unit'], calendar: Calendar): number {
  let days = 0;
  for (let day = dayOf(from) + 1; day <= dayOf(to); day++) if (unit !== 'workday' || !rests(day, calendar)) days += 1;
  return days;
}

/** A span before (negative) or after a moment; working days end at closing time. */
export const Span = z.object({ count: z.number().int(), unit: z.enum(['hour', 'workday']) });
export type Span = z.output<typeof Span>;
export function shifted(at: number, { count, unit }: Span, calendar: Calendar): number {
  if (unit === 'hour') return at + count * HOUR;
  let day = dayOf(at);
  const step = Math.sign(count);
  for (let left = Math.abs(count); left > 0; ) {
    day += step;
    if (!rests(day, calendar)) left -= 1;
  }
  return at + (day - dayOf(at)) * DAY;
}

/** The next moment within business hours at or after `at`; automatic reminders go out then. */
export function businessMoment(at: number, calendar: Calendar): number {
  let day = dayOf(at);
  const hour = (at + OFFSET - day * DAY) / HOUR;
  if (hour >= CLOSING_HOUR) day += 1;
  const sameDay = day === dayOf(at) && hour >= OPENING_HOUR;
  if (sameDay && !rests(day, calendar)) return at;
  while (rests(day, calendar)) day += 1;
  return momentOf(day, OPENING_HOUR);
}

/** The business moment so many working days on. */
export const inWorkdays = (count: number, now: number, calendar: Calendar): number =>
  businessMoment(shifted(now, { count, unit: 'workday' }, calendar), calendar);

const units = {
  zh: { hour: '小时', day: '日', workday: '个工作日', month: '个月' },
  en: { hour: 'hours', day: 'days', workday: 'working days', month: 'months' },
};
const starts = {
  zh: {
    received: '收到',
    registered: '登记',
    accepted: '受理',
    dispatched: '交办',
    answered: '答复',
    entered: '进入本环节',
    opened: '启动存量件',
  },
  en: {
    received: 'receipt',
    registered: 'registration',
    accepted: 'acceptance',
    dispatched: 'dispatch',
    answered: 'the answer',
    entered: 'the start of this step',
    opened: 'the opening of stock',
  },
};

const short = (date: string, language: 'zh' | 'en') => {
  const [, month, day] = date.split('-').map(Number);
  return language === 'zh'
    ? `${month}月${day}日`
    : `${day} ${new Date(`${date}T00:00:00Z`).toLocaleString('en-GB', { month: 'long', timeZone: 'UTC' })}`;
};

/** The deadline in a sentence: how long, from what, which days did not count, until when, by whose rule. */
export function explain(due: Due, language: 'zh' | 'en' = 'zh'): string {
  const end = new Date(due.at + OFFSET).toISOString();
  const until = `${short(end.slice(0, 10), language)} ${end.slice(11, 16)}`;
  const begin = short(dateOf(due.start), language);
  const off = due.skipped.map(date => short(date, language));
  if (language === 'zh') {
    const days = off.length ? `，${off.join('、')}休息不计` : '';
    const own = due.unit === 'hour' ? '' : '，当日不计';
    const open = due.provisional ? '（该年度放假安排未公布，暂定）' : '';
    const stood = due.stood ? `，中止 ${due.stood} ${due.unit === 'workday' ? '个工作日' : '日'}不计` : '';
    const more = due.extra ? `，经批准延长 ${due.extra.count} ${units.zh[due.extra.unit]}（${due.extra.basis}）` : '';
    return `自${begin}${starts.zh[due.from]}起 ${due.count} ${units.zh[due.unit]}${own}${days}${stood}${more}：至${until}${open}。依据：${due.basis}${due.ordered ? '；按责令整改通知书提前' : ''}`;
  }
  const days = off.length ? `, ${off.join(', ')} off` : '';
  const own = due.unit === 'hour' ? '' : ', the day itself not counted';
  const open = due.provisional ? ' (provisional: that year is not announced yet)' : '';
  const stood = due.stood ? `, stood still for ${due.stood} ${due.unit === 'workday' ? 'working days' : 'days'}` : '';
  const more = due.extra ? `, extended by ${due.extra.count} ${units.en[due.extra.unit]} (${due.extra.basis})` : '';
  const unit = due.count === 1 ? units.en[due.unit].slice(0, -1) : units.en[due.unit];
  return `${due.count} ${unit} from ${starts.en[due.from]} on ${begin}${own}${days}${stood}${more}: until ${until}${open}. Basis: ${due.basis}${due.ordered ? '; brought forward by an order to rectify' : ''}`;
}
