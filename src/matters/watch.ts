/**
 * What wants a word besides the matter's own deadline, also after it has ended: sittings, mediators who have not answered,
 * instalments, the thirty days of confirmation, what other bodies owe, hearings. Each is told once. Pure.
 */
import { confirmBy, owedOf } from './agreement.ts';
import { type Calendar, momentOfDate, shifted } from './clocks.ts';
import type { Matter } from './matter.ts';
import { states } from './matter.ts';
import type { Steps } from './steps.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** `what` is the kind of notice; `key` makes it once. */
export type Watched = { key: string; at: number; what: string };

export function watchedOf(m: Pick<Matter, 'open' | 'mediation' | 'docks' | 'hearings'>, calendar: Calendar): Watched[] {
  const list: Watched[] = [];
  const { mediation } = m;
  if (m.open && mediation?.outcome === null) {
    for (const one of mediation.mediators)
      if (one.state === 'asked')
        list.push({
          key: `mediator-silent:${mediation.n}:${one.mediator}`,
          at: shifted(one.at, { count: 3, unit: 'workday' }, calendar),
          what: 'mediator-silent',
        });
    for (const sitting of mediation.sittings)
      if (sitting.state === 'planned') {
        const key = `${mediation.n}:${sitting.n}`;
        list.push({ key: `sitting-soon:${key}`, at: sitting.at - DAY, what: 'sitting-soon' });
        list.push({ key: `sitting-open:${key}`, at: sitting.at + DAY, what: 'sitting-open' });
      }
  }
  const agreement = mediation?.agreement;
  if (mediation && agreement?.inForceAt) {
    if (!mediation.confirmation)
      list.push({
        key: `confirm-soon:${mediation.n}`,
        at: confirmBy(agreement.inForceAt, calendar).at - 5 * DAY,
        what: 'confirm-soon',
      });
    for (const [c, clause] of agreement.clauses.entries()) {
      if (clause.kind !== 'pay') continue;
      for (const [i, { due }] of clause.instalments.entries()) {
        if (owedOf(agreement, mediation.payments, c, i) <= 0) continue;
        if (mediation.breaches.some(one => one.clause === c && one.instalment === i)) continue;
        const key = `${mediation.n}:${c}:${i}`;
        list.push({ key: `instalment-soon:${key}`, at: momentOfDate(due, 9) - 3 * DAY, what: 'instalment-soon' });
        list.push({ key: `instalment-late:${key}`, at: momentOfDate(due, 9) + DAY, what: 'instalment-late' });
      }
    }
  }
  for (const dock of m.docks)
    if (dock.dueAt !== null) list.push({ key: `dock-late:${dock.n}:${dock.state}`, at: dock.dueAt, what: 'dock-late' });
  for (const hearing of m.hearings)
    if (hearing.state === 'called')
      list.push({ key: `hearing-soon:${hearing.n}`, at: hearing.at - DAY, what: 'hearing-soon' });
  return list;
}

/** The next moment at which something is to be told; null: nothing is. */
export function watchAtOf(
  m: Pick<Matter, 'open' | 'mediation' | 'docks' | 'hearings' | 'told'>,
  calendar: Calendar,
): number | null {
  const open = watchedOf(m, calendar).filter(one => !m.told.includes(one.key));
  return open.length ? Math.min(...open.map(one => one.at)) : null;
}

/** Whether a matter has anything to be watched at all. */
export const hasWatch = (m: Pick<Matter, 'mediation' | 'docks' | 'hearings'>) =>
  m.mediation !== null || m.docks.length > 0 || m.hearings.length > 0;

export const watchSteps = {
  watch: {
    from: states,
    run: (m, _action, { now, rules }) => {
      const due = watchedOf(m, rules.calendar).filter(one => one.at <= now && !m.told.includes(one.key));
      if (!due.length) return { code: 'illegal_step', details: { state: m.state, action: 'watch' } };
      return [{ set: { told: [...m.told, ...due.map(one => one.key)] } }];
    },
  },
} satisfies Steps<'watch'>;
