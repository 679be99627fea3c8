/**
 * What the law lets happen to a clock: stand still on its grounds, be extended once when asked before the end, follow the
 * grade, be counted again when a year is announced; and the two clocks after the answer, review 复查 and re-examination
 * 复核 (信访工作条例 34–36). Pure.
 */

import type { Kind } from '../kinds/kind.ts';
import { type KindName, kinds } from '../kinds/kinds.ts';
import { daysBetween, deadline, recount } from './clocks.ts';
import { atLeast, gradeOf } from './grading.ts';
import {
  armed,
  type Effect,
  endStates,
  enter,
  impartialCentre,
  type Matter,
  type OpenState,
  openStates,
  owed,
  type Pause,
  type Rules,
} from './matter.ts';
import { unsigned } from './papers.ts';
import { rework, type Steps } from './steps.ts';

const kindOf = (name: KindName): Kind => kinds[name];
const stepOf = (m: Matter) => owed[m.state as OpenState];

/** A clock that stands still is looked at again: it must not be forgotten. */
const standstill = {
  step: 'resume',
  from: 'entered',
  count: 60,
  unit: 'day',
  roll: true,
  basis: '中止期间每 60 日复核一次',
} as const;

export const clockworkSteps = {
  suspend: {
    from: openStates,
    run: (m, action, { now, rules }) => {
      const where = kindOf(m.kind).suspension[action.data.ground];
      if (m.pause || m.stock || !m.due || !where?.includes(stepOf(m)))
        return { code: 'no_suspension', details: { ground: action.data.ground } };
      const due = deadline(standstill, now, rules.calendar);
      const pause = { ground: action.data.ground, at: now, held: m.due };
      return [{ set: { pause, ...armed({ ...m, lapses: 0 }, due, now, rules) } }];
    },
  },
  resume: {
    from: openStates,
    run: (m, _action, { now, rules }) => {
      if (!m.pause) return { code: 'illegal_step', details: { state: m.state, action: 'resume' } };
      return runOn(m, m.pause, now, rules);
    },
  },
  askExtension: {
    from: ['handling'],
    run: (m, action, { now }) => {
      const most = kindOf(m.kind).extension;
      if (!most) return { code: 'no_extension' };
      if (!m.due || m.due.extra || m.asked || m.pause) return { code: 'extended_before' };
      if (now > m.due.at) return { code: 'asked_too_late' };
      if (action.data.count > most.count)
        return { code: 'extension_too_long', details: { most: most.count, unit: most.unit } };
      return [{ set: { asked: { count: action.data.count, unit: m.unit, at: now, dueAt: m.due.at } } }];
    },
  },
  decideExtension: {
    from: ['handling'],
    run: (m, action, { now, rules }) => {
      const most = kindOf(m.kind).extension;
      if (!m.asked || !m.due || !most)
        return { code: 'illegal_step', details: { state: m.state, action: 'decideExtension' } };
      if (!action.data.granted) return [{ set: { asked: null } }];
      // Its notice is the centre's, whoever handles the matter: granted only when that was signed.
      const waits = unsigned({ ...m, unit: m.centre }, 'extended', now, rules);
      if (waits) return waits;
      // What an order to rectify brought forward runs to its granted end again.
      const { ordered: _, ...clock } = m.due;
      const due = recount(
        { ...clock, extra: { count: m.asked.count, unit: most.unit, basis: most.basis } },
        rules.calendar,
      );
      return [{ set: { asked: null, ...armed({ ...m, lapses: 0 }, due, now, rules) } }];
    },
  },
  grade: {
    from: openStates,
    run: (m, action, { now, rules }) => {
      const told = gradeOf(rules.points(m.county, m.kind, now), action.data.answers);
      const wanted = action.data.override;
      if (wanted && wanted !== told.grade && !action.words.text) return { code: 'reason_needed' };
      const grading = wanted && wanted !== told.grade ? { ...told, grade: wanted, overrides: told.grade } : told;
      const effects: Effect[] = [{ set: { grade: grading.grade, grading } }];
      // The route: what is 重大 is not for the lowest desk to dispatch; the level above takes it up at once.
      const above = rules.unit(m.centre)?.centreAbove;
      const higher = above && impartialCentre(above, m.excludedUnits, rules);
      if (atLeast(grading.grade, 'major') && higher && !m.stock && (m.state === 'registered' || m.state === 'accepted'))
        return [
          ...effects,
          ...enter({ ...m, grade: grading.grade }, m.state, higher, now, rules, { centre: higher }),
          ...whoMustKnow(m, rules, grading.grade),
        ];
      // The grade sets the clock of the step that runs, from the same start; what was granted or stood still stays.
      if (m.due && !m.pause && !m.stock && m.due.step === stepOf(m)) {
        const { count, unit, basis, roll } = rules.clock(m.county, m.kind, stepOf(m), now, grading.grade);
        const sameClock = count === m.due.count && unit === m.due.unit;
        const alarmsOf = (grade: Matter['grade']) => rules.alarms(m.county, m.kind, now, grade);
        if (!sameClock || alarmsOf(m.grade) !== alarmsOf(grading.grade)) {
          const due = sameClock ? m.due : recount({ ...m.due, count, unit, basis }, rules.calendar, roll);
          effects.push({ set: armed({ ...m, grade: grading.grade, lapses: 0 }, due, now, rules) });
        }
      }
      return [...effects, ...whoMustKnow(m, rules, grading.grade)];
    },
  },
  recount: {
    from: openStates,
    run: (m, _action, { now, rules }) => {
      if (!m.due?.provisional) return { code: 'illegal_step', details: { state: m.state, action: 'recount' } };
      return [{ set: armed(m, recount(m.due, rules.calendar), now, rules) }];
    },
  },
  askReview: {
    from: ['answered', 'closed', 'followed', ...endStates],
    run: (m, _action, { now, rules }) => {
      const window = kindOf(m.kind).reviewWindow;
      if (!window || m.answeredAt === null || m.state === 'merged' || m.state === 'withdrawn' || m.state === 'declined')
        return { code: 'no_review' };
      if (m.rounds >= 2) return { code: 'review_exhausted' };
      if (now > deadline(window, m.answeredAt, rules.calendar).at) return { code: 'review_window' };
      const above = rules.unit(m.centre)?.centreAbove;
      const body = above && impartialCentre(above, m.excludedUnits, rules);
      if (!body) return { code: 'no_level_above' };
      const more = { rounds: m.rounds + 1, centre: body, closedAt: null, endedAt: null, solved: null };
      return enter(m, m.rounds === 0 ? 'reviewing' : 'reexamining', body, now, rules, more);
    },
  },
  decideReview: {
    from: ['reviewing', 'reexamining'],
    run: (m, action, { now, rules }) =>
      action.data.outcome === 'revoked'
        ? rework(m, now, rules)
        : enter(m, 'answered', m.centre, now, rules, { answeredAt: now }),
  },
} satisfies Steps<
  'suspend' | 'resume' | 'askExtension' | 'decideExtension' | 'grade' | 'recount' | 'askReview' | 'decideReview'
>;

/** A clock that stood still runs on by the days that were left. */
export function runOn(m: Matter, { held, at }: Pause, now: number, rules: Rules): Effect[] {
  const stood = (held.stood ?? 0) + daysBetween(at, now, held.unit, rules.calendar);
  const due = recount({ ...held, stood }, rules.calendar);
  return [{ set: { pause: null, ...armed({ ...m, lapses: 0 }, due, now, rules) } }];
}

/** From 较大 on the level above takes part; from 重大 on every level. */
function whoMustKnow(
  m: Matter,
  rules: { unit(id: string): { centreAbove: string | null } | undefined },
  grade: Matter['grade'],
): Effect[] {
  if (!atLeast(grade, 'large')) return [];
  const know: string[] = [];
  for (let unit = rules.unit(m.centre)?.centreAbove ?? null; unit; unit = rules.unit(unit)?.centreAbove ?? null) {
    if (!m.excludedUnits.includes(unit)) know.push(unit);
    if (!atLeast(grade, 'major') && know.length) break;
  }
  return know.length ? [{ add: { participants: know } }] : [];
}
