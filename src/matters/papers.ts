/**
 * 拟办 → 批示 → 审核 → 签发 → 盖章 (L12): a paper goes through the steps its county's chain says, by other hands than the
 * one that wrote it, and gets its number with the last; nothing leaves that was not signed for. Pure.
 */
import type { Refusal } from '../kernel/errors.ts';
import type { ChainStep } from '../kinds/kind.ts';
import { type Matter, openStates, type Paper, type Rules } from './matter.ts';
import type { PostRole } from './policy.ts';
import type { Steps } from './steps.ts';

/** Who takes a step where not every desk may: instruction and signature are the leader's. */
const signers: Partial<Record<ChainStep, PostRole>> = { instruct: 'leader', sign: 'leader' };

const changed = (m: Matter, paper: Paper, set: Partial<Paper>) => [
  { set: { papers: m.papers.map(one => (one.n === paper.n ? { ...one, ...set } : one)) } },
];
const find = (m: Matter, n: number) => m.papers.find(paper => paper.n === n);
export const roundOf = (m: Matter) => m.reworks + m.rounds;

/** The step a paper waits for. */
export const nextStepOf = (paper: Paper) => (paper.state === 'draft' ? paper.chain[paper.passed] : undefined);

export const paperSteps = {
  draft: {
    from: openStates,
    run: (m, action, { actor, now, rules, post }) => {
      const chain = [...rules.chain(m, action.data.paper, now)];
      const paper: Paper = {
        n: m.papers.length + 1,
        paper: action.data.paper,
        unit: post?.unit ?? m.unit,
        by: actor.person,
        chain,
        passed: 0,
        state: chain.length ? 'draft' : 'out',
        number: null,
        at: now,
        round: roundOf(m),
        served: null,
      };
      return [{ set: { papers: [...m.papers, paper] } }];
    },
  },
  pass: {
    from: openStates,
    run: (m, action, { post, actor }) => {
      const paper = find(m, action.data.paper);
      const step = paper && nextStepOf(paper);
      if (!paper || !step) return { code: 'no_such_paper' };
      if (post && post.unit !== paper.unit) return { code: 'not_signer', details: { step } };
      if (signers[step] && post?.role !== signers[step]) return { code: 'not_signer', details: { step } };
      if (step !== 'seal' && actor.person !== null && actor.person === paper.by) return { code: 'four_eyes' };
      if (step !== action.data.step)
        return { code: 'illegal_step', details: { state: step, action: action.data.step } };
      const last = paper.passed + 1 === paper.chain.length;
      if (last && !action.data.number) return { code: 'number_needed' };
      return changed(m, paper, {
        passed: paper.passed + 1,
        ...(last && { state: 'out' as const, number: action.data.number! }),
      });
    },
  },
  reject: {
    from: openStates,
    run: (m, action) => {
      const paper = find(m, action.data.paper);
      return paper?.state === 'draft' ? changed(m, paper, { state: 'rejected' }) : { code: 'no_such_paper' };
    },
  },
  serve: {
    from: [...openStates, 'struck', 'declined'],
    run: (m, action) => {
      const paper = find(m, action.data.paper);
      if (paper?.state !== 'out') return { code: 'unsigned' };
      return changed(m, paper, { served: { way: action.data.way, at: action.data.at } });
    },
  },
} satisfies Steps<'draft' | 'pass' | 'reject' | 'serve'>;

/**
 * Why an answer may not go out: the chain of the unit that answers wants a paper of this round that went through every one
 * of its steps. A paper signed at a lower level, by a shorter chain, does not count.
 */
export function unsigned(m: Matter, paper: Paper['paper'], now: number, rules: Rules): Refusal | undefined {
  const wanted = rules.chain(m, paper, now);
  const signed = m.papers.some(
    one =>
      one.paper === paper &&
      one.state === 'out' &&
      one.round === roundOf(m) &&
      one.unit === m.unit &&
      wanted.every(step => one.chain.includes(step)),
  );
  return wanted.length && !signed ? { code: 'unsigned' } : undefined;
}
