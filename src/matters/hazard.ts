/**
 * 隐患整改 (F5): ordered with a date by two officers who hold certificates, rectified with a photograph, re-inspected by
 * somebody who neither rectified nor ordered it, and only then reported back. Pure.
 */
import type { Refusal } from '../kernel/errors.ts';
import { recount } from './clocks.ts';
import { armed, type Effect, type Matter, openStates } from './matter.ts';
import type { Steps } from './steps.ts';

export type HazardOrder = {
  n: number;
  at: number;
  /** Until when it must be rectified. */
  until: number;
  /** 执法证号 of the two who signed. */
  officers: { person: string; certificate: string }[];
};
export type Hazard = {
  orders: HazardOrder[];
  rectified: { order: number; by: string | null; at: number; file: string }[];
  inspections: { order: number; by: string | null; at: number; passed: boolean }[];
};

export const noHazard: Hazard = { orders: [], rectified: [], inspections: [] };

/** How far the last order is; nothing where none was given. */
export function rectifying(m: Pick<Matter, 'hazard'>): 'ordered' | 'rectified' | 'passed' | undefined {
  const order = m.hazard?.orders.at(-1);
  if (!m.hazard || !order) return undefined;
  const rectified = m.hazard.rectified.filter(one => one.order === order.n);
  const inspected = m.hazard.inspections.filter(one => one.order === order.n);
  // Each inspection answers one rectification; by their order, never by their times.
  if (rectified.length > inspected.length) return 'rectified';
  return inspected.at(-1)?.passed ? 'passed' : 'ordered';
}

/** A hazard is not reported back as removed before somebody else has looked at it. */
export const waitsForInspection = (m: Matter, result: string): Refusal | undefined =>
  m.kind === 'hazard' && result === 'resolved' && rectifying(m) !== 'passed' ? { code: 'not_inspected' } : undefined;

const changed = (m: Matter, more: Partial<Hazard>): Effect => ({
  set: { hazard: { ...(m.hazard ?? noHazard), ...more } },
});

export const hazardSteps = {
  orderRectify: {
    from: ['handling'],
    run: (m, { data }, { now, rules }) => {
      if (m.kind !== 'hazard' || !m.due) return { code: 'not_a_hazard' };
      if (m.pause) return { code: 'clock_stands' };
      const officers = data.officers;
      if (new Set(officers.map(one => one.person)).size < 2 || new Set(officers.map(one => one.certificate)).size < 2)
        return { code: 'two_officers' };
      // The order may shorten what the rules give, never lengthen it; from now on its date is the deadline.
      const { ordered: _, ...clock } = m.due;
      if (data.until <= now || data.until > recount(clock, rules.calendar).at) return { code: 'date_wrong' };
      const due = { ...clock, ordered: data.until, at: data.until };
      const orders = m.hazard?.orders ?? [];
      return [
        changed(m, { orders: [...orders, { n: orders.length + 1, at: now, until: data.until, officers }] }),
        { set: armed({ ...m, lapses: 0 }, due, now, rules) },
      ];
    },
  },
  rectify: {
    from: ['handling'],
    run: (m, { data }, { actor, now }) => {
      if (rectifying(m) !== 'ordered') return { code: 'not_ordered' };
      if (!m.files.some(file => file.id === data.file && file.type.startsWith('image/'))) return { code: 'no_photo' };
      const done = { order: m.hazard!.orders.length, by: actor.person, at: now, file: data.file };
      return [changed(m, { rectified: [...m.hazard!.rectified, done] })];
    },
  },
  reinspect: {
    from: openStates,
    run: (m, { data }, { actor, now }) => {
      if (rectifying(m) !== 'rectified') return { code: 'not_rectified' };
      const { orders, rectified, inspections } = m.hazard!;
      const order = orders.at(-1)!;
      // Who put it right, or signed for it, does not say that it is right.
      const hands = [rectified.at(-1)!.by, ...order.officers.map(one => one.person)];
      if (hands.includes(actor.person)) return { code: 'same_person' };
      const seen = { order: order.n, by: actor.person, at: now, passed: data.passed };
      return [changed(m, { inspections: [...inspections, seen] })];
    },
  },
} satisfies Steps<'orderRectify' | 'rectify' | 'reinspect'>;
