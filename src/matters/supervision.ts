/**
 * When a deadline comes and passes (L5): warning, reminder 催办, supervision order 督办, public notice 通报, each an object
 * with issuer, reply deadline and record, by rules that a county sets. Pure.
 */
import { z } from 'zod';
import type { Refusal } from '../kernel/errors.ts';
import { businessMoment, inWorkdays, Span } from './clocks.ts';
import { armed, type Effect, end, type Matter, type Order, openStates, type Rules, replyOf } from './matter.ts';
import type { Steps } from './steps.ts';

/** One line of a county's rules: how long before or after the deadline, what happens, who issues it, by when to reply. */
export const Alarm = z.object({
  after: Span,
  do: z.enum(['warn', 'remind', 'order', 'notice']),
  /** The centre that coordinates the matter, or the centre above it (the same one where there is none above). */
  by: z.enum(['centre', 'above']),
  reply: z.number().int().min(1).nullable(),
  /** The level above takes part from now on. */
  escalates: z.boolean(),
});
export type Alarm = z.output<typeof Alarm>;
/** In order of time; never empty, so that an open matter always has a next moment. */
export const Alarms = z
  .array(Alarm)
  .min(1)
  .refine(list => list.every((alarm, i) => i === 0 || hours(list[i - 1]!) <= hours(alarm)), 'in order of time');
const hours = ({ after }: Alarm) => after.count * (after.unit === 'hour' ? 1 : 24);

/** The platform's own rules, until a county sets others. */
export const commonAlarms: readonly Alarm[] = [
  { after: { count: -1, unit: 'workday' }, do: 'warn', by: 'centre', reply: null, escalates: false },
  { after: { count: 0, unit: 'hour' }, do: 'remind', by: 'centre', reply: null, escalates: false },
  { after: { count: 2, unit: 'workday' }, do: 'order', by: 'centre', reply: 2, escalates: false },
  { after: { count: 5, unit: 'workday' }, do: 'notice', by: 'above', reply: 3, escalates: true },
];

const aboveOf = (m: Matter, rules: Rules) => {
  const above = rules.unit(m.centre)?.centreAbove ?? null;
  return above && !m.excludedUnits.includes(above) ? above : null;
};

function issue(
  m: Matter,
  level: Order['level'],
  by: string | null,
  days: number | null,
  now: number,
  rules: Rules,
): Order[] {
  const order = { n: m.orders.length + 1, level, by, to: m.unit, at: now };
  const replyBy = days === null ? null : inWorkdays(days, now, rules.calendar);
  return [...m.orders, { ...order, replyBy, repliedAt: null, over: false }];
}

/** An order by somebody's hand; the reply it asks for is watched like a deadline. */
const byHand = (
  m: Matter,
  level: Order['level'],
  by: string | null,
  days: number | null,
  now: number,
  rules: Rules,
): Effect[] => {
  const orders = issue(m, level, by, days, now, rules);
  const replyAt = replyOf(orders);
  return [{ set: { orders, replyAt, nextAt: replyAt === null ? m.nextAt : Math.min(replyAt, m.nextAt ?? replyAt) } }];
};

/** What happens by itself at `nextAt`. */
function lapse(m: Matter, now: number, rules: Rules): Effect[] | Refusal {
  if (m.stock || m.due === null || m.nextAt === null || now < m.nextAt)
    return { code: 'illegal_step', details: { state: m.state, action: 'lapse' } };
  if (m.state === 'followed') return end(m, 'struck', now);
  const above = aboveOf(m, rules);
  const late = m.orders.filter(o => o.replyBy !== null && o.replyBy <= now && o.repliedAt === null && !o.over);
  if (late.length) {
    // An order left without a reply becomes a notice by the level above; a notice left without one, a reminder.
    const orders = m.orders.map(order => (late.includes(order) ? { ...order, over: true } : order));
    const ordered = late.some(order => order.level === 'order');
    const noted = issue(
      { ...m, orders },
      ordered ? 'notice' : 'remind',
      above ?? m.centre,
      ordered ? 3 : null,
      now,
      rules,
    );
    const set = { ...armed({ ...m, orders: noted }, m.due, now, rules), orders: noted };
    return [{ set: { ...set, nextAt: later(set.nextAt!, now, rules) } }, ...seenBy(above)];
  }
  const alarms = rules.alarms(m.county, m.kind, now, m.grade);
  const alarm = alarms[m.lapses] ?? { do: 'remind' as const, by: 'centre' as const, reply: null, escalates: true };
  const by = alarm.by === 'above' ? (above ?? m.centre) : m.centre;
  const orders = alarm.do === 'warn' ? m.orders : issue(m, alarm.do, by, alarm.reply, now, rules);
  const next = { ...m, orders, lapses: m.lapses + 1 };
  const set = { ...armed(next, m.due, now, rules), orders };
  return [{ set: { ...set, nextAt: later(set.nextAt!, now, rules) } }, ...seenBy(alarm.escalates ? above : null)];
}
const seenBy = (unit: string | null): Effect[] => (unit ? [{ add: { participants: [unit] } }] : []);
/** Never at once again: a unit gets an hour between two alarms, and they come in business hours. */
const later = (at: number, now: number, rules: Rules) => businessMoment(Math.max(at, now + 3_600_000), rules.calendar);

export const supervisionSteps = {
  lapse: { from: openStates, run: (m, _action, { now, rules }) => lapse(m, now, rules) },
  remind: {
    from: openStates,
    run: (m, _action, { now, rules, post }) => byHand(m, 'remind', post?.unit ?? null, null, now, rules),
  },
  order: {
    from: openStates,
    run: (m, action, { now, rules, post }) => byHand(m, 'order', post?.unit ?? null, action.data.days, now, rules),
  },
  notice: {
    from: openStates,
    run: (m, action, { now, rules, post }) => byHand(m, 'notice', post?.unit ?? null, action.data.days, now, rules),
  },
  reply: {
    from: openStates,
    run: (m, action, { now, rules }) => {
      const order = m.orders.find(o => o.n === action.data.order);
      if (!order || order.repliedAt !== null || order.over || order.to !== m.unit) return { code: 'no_such_order' };
      const orders = m.orders.map(o => (o === order ? { ...o, repliedAt: now } : o));
      if (!m.due) return [{ set: { orders, replyAt: replyOf(orders) } }];
      const set = { ...armed({ ...m, orders }, m.due, now, rules), orders };
      return [{ set: { ...set, nextAt: later(set.nextAt!, now, rules) } }];
    },
  },
  lead: {
    from: openStates,
    run: (_m, action) => [{ set: { leader: action.data.person } }, { add: { readers: [action.data.person] } }],
  },
} satisfies Steps<'lapse' | 'remind' | 'order' | 'notice' | 'reply' | 'lead'>;
