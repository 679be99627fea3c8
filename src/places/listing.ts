/**
 * 重点监管单位: an enterprise is listed only on a legal ground, after it was heard, by somebody other than who proposed it,
 * with an end date; it may appeal, and somebody else again rules. Pure.
 */
import type { Refusal } from '../kernel/errors.ts';
import type { listingStates } from './contract.ts';

export type Listing = {
  state: (typeof listingStates)[number];
  proposedBy: string;
  heardAt: number | null;
  decidedBy: string | null;
  until: string | null;
  appealedAt: number | null;
  upheld: boolean | null;
};
export type ListingStep =
  | { step: 'heard' }
  | { step: 'decide'; list: boolean; until?: string | undefined }
  | { step: 'appeal' }
  | { step: 'rule'; upheld: boolean }
  | { step: 'lift' };

/** The longest an enterprise stays listed by one decision, in days. */
export const longestListing = 365;

/** What a step makes of a listing, or why it may not. `today`: the date. */
export function stepListing(
  l: Listing,
  step: ListingStep,
  person: string,
  now: number,
  today: string,
): Listing | Refusal {
  const wrong: Refusal = { code: 'listing_step', details: { state: l.state } };
  switch (step.step) {
    case 'heard':
      return l.state === 'proposed' ? { ...l, state: 'heard', heardAt: now } : wrong;
    case 'decide': {
      if (l.state !== 'heard') return wrong;
      if (person === l.proposedBy) return { code: 'other_hands' };
      if (!step.list) return { ...l, state: 'refused', decidedBy: person };
      const last = new Date(Date.parse(today) + longestListing * 86_400_000).toISOString().slice(0, 10);
      if (!step.until || step.until <= today || step.until > last) return { code: 'date_wrong' };
      return { ...l, state: 'listed', decidedBy: person, until: step.until };
    }
    case 'appeal':
      return l.state === 'listed' && l.appealedAt === null ? { ...l, appealedAt: now } : wrong;
    case 'rule':
      if (l.state !== 'listed' || l.appealedAt === null || l.upheld !== null) return wrong;
      if (person === l.decidedBy || person === l.proposedBy) return { code: 'other_hands' };
      return { ...l, upheld: step.upheld, ...(!step.upheld && { state: 'lifted' as const }) };
    case 'lift':
      return l.state === 'listed' ? { ...l, state: 'lifted' } : wrong;
  }
}
