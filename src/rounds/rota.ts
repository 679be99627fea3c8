/** 排班与换班: who of a team is on, and how two members change. Pure. */
import type { Refusal } from '../kernel/errors.ts';
import type { Duty } from './contract.ts';

type Rota = Pick<Duty, 'people' | 'swaps' | 'state' | 'opensAt' | 'dueAt' | 'team'>;
/** When else somebody is on. */
export type Elsewhere = readonly { opensAt: number; dueAt: number }[];

const refused: Refusal = { code: 'not_on_duty' };
const overlaps = (duty: Rota, others: Elsewhere) =>
  others.some(other => other.opensAt < duty.dueAt && duty.opensAt < other.dueAt);

/** One who is on asks one of the team who is not, and who is free then. */
export function askSwap(
  duty: Rota,
  team: readonly string[],
  from: string,
  to: string,
  elsewhere: Elsewhere,
  now: number,
): Pick<Duty, 'swaps'> | Refusal {
  if (duty.state !== 'due') return { code: 'duty_step', details: { state: duty.state } };
  const free = team.includes(to) && !duty.people.includes(to) && !overlaps(duty, elsewhere);
  const asked = duty.swaps.some(swap => swap.state === 'asked' && swap.from === from);
  if (!duty.people.includes(from) || !free || asked) return refused;
  return { swaps: [...duty.swaps, { n: duty.swaps.length + 1, from, to, at: now, state: 'asked' }] };
}

/** The one asked says yes or no; with yes they stand in the rota instead. */
export function answerSwap(
  duty: Rota,
  n: number,
  yes: boolean,
  elsewhere: Elsewhere,
  now: number,
): Pick<Duty, 'swaps' | 'people'> | Refusal {
  const swap = duty.swaps.find(one => one.n === n && one.state === 'asked');
  if (!swap || duty.state !== 'due') return { code: 'duty_step', details: { state: duty.state } };
  if (yes && (!duty.people.includes(swap.from) || duty.people.includes(swap.to) || overlaps(duty, elsewhere)))
    return refused;
  const swaps = duty.swaps.map(one =>
    one === swap ? { ...one, at: now, state: yes ? ('accepted' as const) : ('declined' as const) } : one,
  );
  return { swaps, people: yes ? duty.people.map(person => (person === swap.from ? swap.to : person)) : duty.people };
}
