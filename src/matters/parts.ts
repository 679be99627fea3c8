/**
 * 吹哨报到 and co-handling (L4): one unit leads, others are called to a part each. A part is a matter of its own, with its
 * unit and deadline; the whole reports only when every part is done. Pure.
 */

import type { Refusal } from '../kernel/errors.ts';
import { apply, beginning, blank, type Effect, end, enter, type Matter, openStates, type Rules } from './matter.ts';
import type { Steps } from './steps.ts';

export const partSteps = {
  whistle: {
    from: ['accepted', 'handling'],
    run: (m, action, { rules }) => {
      if (m.whole) return { code: 'part_of_part' };
      const parts = action.data.parts.map(({ matter, unit }) => ({ county: m.county, matter, unit, done: false }));
      for (const { unit } of parts) {
        const facts = rules.unit(unit);
        if (!facts || facts.closed) return { code: 'unit_unknown' };
        if (m.excludedUnits.includes(unit)) return { code: 'unit_is_party' };
        if (unit === m.unit || m.parts.some(part => part.unit === unit && !part.done)) return { code: 'called_before' };
      }
      if (new Set(parts.map(part => part.unit)).size < parts.length) return { code: 'called_before' };
      return [
        { set: { parts: [...m.parts, ...parts] } },
        {
          add: {
            participants: parts.map(part => part.unit),
            relations: parts.map(part => ({ county: part.county, matter: part.matter, relation: 'whole-of' as const })),
          },
        },
      ];
    },
  },
  partDone: {
    from: openStates,
    run: (m, action) => {
      if (!m.parts.some(part => part.matter === action.data.matter && !part.done)) return { code: 'no_such_part' };
      return [
        { set: { parts: m.parts.map(part => (part.matter === action.data.matter ? { ...part, done: true } : part)) } },
      ];
    },
  },
  /** The whole has ended without this part: nobody need do it any more. */
  release: {
    from: openStates,
    run: (m, _action, { now }) => (m.whole ? end(m, 'withdrawn', now) : { code: 'no_such_part' }),
  },
} satisfies Steps<'whistle' | 'partDone' | 'release'>;

/** A part of a matter: dispatched to its unit from its first second, to report in by the clock of signing. */
export function registerPart(
  whole: Matter,
  part: { matter: string; unit: string; number: string },
  now: number,
  rules: Rules,
): Effect[] {
  const { county, kind, category, fields, path, grid, location, sensitive, grade, grading } = whole;
  const matter: Matter = {
    ...blank,
    county,
    id: part.matter,
    number: part.number,
    kind,
    state: 'dispatched',
    unit: part.unit,
    centre: whole.centre,
    handler: part.unit,
    category,
    source: 'whistle',
    fields,
    path,
    grid,
    location,
    receivedAt: now,
    registeredAt: now,
    enteredAt: now,
    acceptedAt: now,
    dispatchedAt: now,
    sensitive,
    grade,
    grading,
    participants: [whole.centre, whole.unit],
    excludedUnits: whole.excludedUnits,
    excludedPeople: whole.excludedPeople,
    readers: whole.readers,
    relations: [{ county, matter: whole.id, relation: 'part-of' }],
    whole: { county, matter: whole.id },
  };
  return beginning(apply(matter, enter(matter, 'dispatched', part.unit, now, rules)));
}

/** Why a matter cannot report yet: a part is still open. */
export const waitsForParts = (m: Matter): Refusal | undefined =>
  m.parts.some(part => !part.done)
    ? { code: 'parts_open', details: { count: m.parts.filter(part => !part.done).length } }
    : undefined;
