/**
 * 对接 (M3) and 听证 (M10): what is handed to a court, the police or another body and comes back, each step with its
 * deadline; and a hearing on any matter. Pure.
 */
import { inWorkdays } from './clocks.ts';
import { clockworkSteps, runOn } from './clockwork.ts';
import { type Effect, openStates, states } from './matter.ts';
import type { Body, Stage } from './mediation-codes.ts';
import type { Steps } from './steps.ts';

export type Dock = {
  n: number;
  /** Whether we gave it to them or they to us. */
  way: 'out' | 'in';
  body: Body;
  stage: Stage | null;
  /** One of our units, which acts on it here; else it is told by name and what it says is recorded. */
  unit: string | null;
  name: string;
  state: 'sent' | 'accepted' | 'refused' | 'done' | 'returned';
  at: number;
  /** By when the next word is due; null once it has come to an end. */
  dueAt: number | null;
  /** The archive that travelled. */
  package: { file: string; hash: string } | null;
};
/** What may follow: an answer to what was sent; a result or a return of what was accepted. */
const after: Record<Dock['state'], readonly Dock['state'][]> = {
  sent: ['accepted', 'refused'],
  accepted: ['done', 'returned'],
  refused: [],
  done: [],
  returned: [],
};

export type Panelist = { n: number; name: string; from: string; chair: boolean; recused: boolean };
export type Hearing = {
  n: number;
  at: number;
  open: boolean;
  panel: Panelist[];
  state: 'called' | 'held' | 'cancelled';
  /** Stopped the clock, where its law lets a hearing do so. */
  stops: boolean;
};

export const dockingSteps = {
  dock: {
    from: openStates,
    run: (m, action, { now, rules }) => {
      const { way, body, stage = null, unit = null, name, days, package: archive = null } = action.data;
      if (unit !== null) {
        const facts = rules.unit(unit);
        if (!facts || facts.closed) return { code: 'unit_unknown' };
        if (m.excludedUnits.includes(unit)) return { code: 'unit_is_party' };
      }
      if (m.docks.some(dock => dock.dueAt !== null && dock.way === way && dock.body === body && dock.name === name))
        return { code: 'docked_before' };
      const dock: Dock = {
        n: m.docks.length + 1,
        way,
        body,
        stage,
        unit,
        name,
        state: way === 'in' ? 'accepted' : 'sent',
        at: now,
        dueAt: inWorkdays(days, now, rules.calendar),
        package: archive,
      };
      const effects: Effect[] = [{ set: { docks: [...m.docks, dock] } }];
      return unit === null ? effects : [...effects, { add: { participants: [unit] } }];
    },
  },
  dockStep: {
    from: states,
    run: (m, action, { now, rules, post }) => {
      const { dock: n, to, days } = action.data;
      const dock = m.docks.find(one => one.n === n);
      if (!dock || !after[dock.state].includes(to)) return { code: 'no_such_dock' };
      // Whom it was given to says so itself, where it works here; those who hold the matter record what others said.
      const speaks = dock.unit !== null && dock.way === 'out' ? [dock.unit] : [m.unit, m.centre];
      if (post && !speaks.includes(post.unit)) return { code: 'not_theirs' };
      const dueAt = to === 'accepted' ? inWorkdays(days, now, rules.calendar) : null;
      return [{ set: { docks: m.docks.map(one => (one === dock ? { ...dock, state: to, dueAt, at: now } : one)) } }];
    },
  },
  callHearing: {
    from: openStates,
    run: (m, action, context) => {
      const { now } = context;
      if (action.data.at <= now) return { code: 'date_wrong' };
      if (m.hearings.some(one => one.state === 'called')) return { code: 'hearing_open' };
      if (action.data.panel.filter(one => one.chair).length !== 1) return { code: 'one_chair' };
      const halted = clockworkSteps.suspend.run(
        m,
        { type: 'suspend', data: { ground: 'hearing' }, words: { text: '' } },
        context,
      );
      const stops = Array.isArray(halted);
      const hearing: Hearing = {
        n: m.hearings.length + 1,
        at: action.data.at,
        open: action.data.open,
        panel: action.data.panel.map((one, i) => ({ ...one, n: i + 1, recused: false })),
        state: 'called',
        stops,
      };
      return [{ set: { hearings: [...m.hearings, hearing] } }, ...(stops ? halted : [])];
    },
  },
  recusePanel: {
    from: openStates,
    run: (m, action) => {
      const { hearing: n, member, name, from } = action.data;
      const hearing = m.hearings.find(one => one.n === n && one.state === 'called');
      const old = hearing?.panel.find(one => one.n === member && !one.recused);
      if (!hearing || !old) return { code: 'no_such_hearing' };
      // Whoever steps in takes the chair with it.
      const panel = [
        ...hearing.panel.map(one => (one === old ? { ...old, recused: true, chair: false } : one)),
        { n: hearing.panel.length + 1, name, from, chair: old.chair, recused: false },
      ];
      return [{ set: { hearings: m.hearings.map(one => (one === hearing ? { ...hearing, panel } : one)) } }];
    },
  },
  closeHearing: {
    from: states,
    run: (m, action, { now, rules }) => {
      const hearing = m.hearings.find(one => one.n === action.data.hearing && one.state === 'called');
      if (!hearing) return { code: 'no_such_hearing' };
      if (action.data.to === 'held' && now < hearing.at) return { code: 'date_wrong' };
      const closed = { ...hearing, state: action.data.to };
      const effects: Effect[] = [{ set: { hearings: m.hearings.map(one => (one === hearing ? closed : one)) } }];
      return m.pause?.ground === 'hearing' && hearing.stops ? [...effects, ...runOn(m, m.pause, now, rules)] : effects;
    },
  },
} satisfies Steps<'dock' | 'dockStep' | 'callHearing' | 'recusePanel' | 'closeHearing'>;
