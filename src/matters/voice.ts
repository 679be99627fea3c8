/** What passes between the offices and the person who raised a matter, and another round of what came from elsewhere. Pure. */
import { openStates, states } from './matter.ts';
import { loopSteps, rework, type Steps } from './steps.ts';

export const voiceSteps = {
  /** A question to the person: the clock runs on, the answer comes as `add`. */
  ask: { from: openStates, run: () => [] },
  /** The person adds something; also after the end, when it came back. */
  add: { from: states, run: () => [] },
  /** Whoever sent it is not content: what was answered or ended is taken up again, what is still in hand goes on. */
  again: {
    from: states,
    run: (m, action, context) => {
      if (m.state === 'merged') return { code: 'illegal_step', details: { state: m.state, action: 'again' } };
      if (m.state === 'answered' || m.state === 'closed' || m.state === 'followed')
        return rework(m, context.now, context.rules);
      if (m.open) return [];
      return loopSteps.reopen.run(m, { type: 'reopen', data: {}, words: action.words }, context);
    },
  },
} satisfies Steps<'ask' | 'add' | 'again'>;
