/**
 * Across a border (L10): two regions own one matter together. Each has a matter of its own, in its own county and shard; no
 * lock is shared. What one side decides is carried to the other by messages that may come twice; either closes only when
 * both have agreed. Pure.
 */
import type { Refusal } from '../kernel/errors.ts';
import { type Matter, openStates, states } from './matter.ts';
import type { Steps } from './steps.ts';

export const borderSteps = {
  invite: {
    from: openStates,
    run: (m, action, { rules }) => {
      if (m.border || m.whole || m.stock) return { code: 'border_before' };
      if (action.data.county === m.county) return { code: 'border_same' };
      const { county, matter } = action.data;
      const outside = !rules.knows(county);
      if (!outside && !action.data.region) return { code: 'border_place' };
      const border = { county, matter, role: 'lead' as const, agreedAt: null, theirsAt: null, outside, gone: false };
      // A neighbour outside has no matter here to be linked to.
      return outside
        ? [{ set: { border } }]
        : [{ set: { border } }, { add: { relations: [{ county, matter, relation: 'similar' }] } }];
    },
  },
  agreeClose: {
    from: openStates,
    run: (m, _action, { now }) =>
      m.border && m.border.agreedAt === null
        ? [{ set: { border: { ...m.border, agreedAt: now } } }]
        : { code: 'border_none' },
  },
  consent: {
    from: openStates,
    run: (m, _action, { now }) =>
      m.border?.outside && m.border.theirsAt === null
        ? [{ set: { border: { ...m.border, theirsAt: now } } }]
        : { code: 'border_none' },
  },
  hear: {
    from: states,
    run: (m, action) => {
      const { county, matter, what, at } = action.data;
      if (m.border?.county !== county || m.border.matter !== matter) return { code: 'border_none' };
      return [{ set: { border: { ...m.border, ...(what === 'agreed' ? { theirsAt: at } : { gone: true }) } } }];
    },
  },
} satisfies Steps<'invite' | 'agreeClose' | 'consent' | 'hear'>;

/** Why a matter across a border cannot close yet. */
export const waitsForBorder = (m: Matter): Refusal | undefined =>
  m.border && !m.border.gone && (m.border.agreedAt === null || m.border.theirsAt === null)
    ? { code: 'border_open' }
    : undefined;
