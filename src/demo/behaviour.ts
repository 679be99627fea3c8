/**
 * What people of a county do next with a matter: well, badly, late or not at all. One model for the demonstration, the
 * simulated year and the load: it only proposes; `decide` says whether it may be. Pure.
 */

import { Action } from '../matters/actions.ts';
import type { Matter, Rules } from '../matters/matter.ts';
import { nextStepOf, roundOf } from '../matters/papers.ts';
import type { Actor } from '../matters/policy.ts';
import { type Mediating, mediationStep } from './mediating.ts';
import type { Random } from './random.ts';
import type { Story } from './stories.ts';

export type Move<A extends Actor> = { actor: A; action: Action };
export type World<A extends Actor> = {
  rules: Rules;
  /** Who is at work in a unit now: those who handle, and those who lead. */
  staff(unit: string): readonly A[];
  leaders(unit: string): readonly A[];
  /** The unit a story's matter belongs to; undefined: the village settles it itself. */
  unitOf(story: Story, matter: Matter): string | undefined;
  /** Departments that may be named in a ruling or called to a part. */
  departments: readonly string[];
} & Mediating;

const HOUR = 3_600_000;

/** The next thing somebody would do, or nothing when nobody who could is there. */
export function nextMove<A extends Actor>(
  m: Matter,
  story: Story,
  world: World<A>,
  random: Random,
  now: number,
): Move<A> | undefined {
  const staff = world.staff(m.unit);
  const by = (actor: A | undefined, type: Action['type'], data: object = {}, words: object = {}) =>
    actor && { actor, action: Action.parse({ type, data, words }) };
  const one = (type: Action['type'], data: object = {}, words: object = {}) => by(staff[0], type, data, words);
  const owedReply = m.orders.find(o => o.to === m.unit && o.replyBy !== null && o.repliedAt === null && !o.over);
  if (owedReply && random.chance(0.6))
    return one('reply', { order: owedReply.n }, { text: '已安排专人，正在办理，预计按期完成。' });
  if (m.asked && random.chance(0.9)) {
    const granted = random.chance(0.8);
    const decided = by(
      world.leaders(m.centre)[0],
      'decideExtension',
      { granted, told: 'phone' },
      { text: '已研究，并告知当事人。' },
    );
    if (!granted) return decided;
    return (
      paperStep({ ...m, unit: m.centre }, 'extended', '因情况复杂，经批准延长办理期限。', world, now, by) ?? decided
    );
  }
  if (m.pause) return now - m.pause.at > 15 * 24 * HOUR ? one('resume', {}, { text: '鉴定意见已收到。' }) : undefined;
  const mediating = mediationStep(m, world, random, now);
  if (mediating === 'wait') return undefined;
  if (mediating) return one(mediating.type, mediating.data, mediating.words);
  const target = world.unitOf(story, m);
  switch (m.state) {
    case 'registered': {
      if (m.stock) return one('openStock');
      if (!random.chance(0.03)) return one('accept');
      return (
        paperStep(m, 'not-accepted', '该事项已由人民法院受理，不予受理。', world, now, by) ??
        one('decline', { route: 'court', told: 'written' }, { text: '该事项已由人民法院受理，请按诉讼程序办理。' })
      );
    }
    case 'accepted': {
      if (!m.grade && random.chance(0.15)) return one('grade', { answers: answers(random) });
      const elsewhere = target && world.rules.unit(target)?.centreAbove !== m.centre;
      if (elsewhere && world.rules.unit(m.centre)?.centreAbove && (m.path.length < 2 || random.chance(0.9)))
        return one(
          'escalate',
          {},
          { text: m.path.length > 2 && m.unit === m.centre ? '本级无处理权限，需上级协调' : '需市直部门办理' },
        );
      return one(
        'dispatch',
        { unit: target && !m.excludedUnits.includes(target) ? target : m.centre },
        { text: '请按时限办理并反馈。' },
      );
    }
    case 'dispatched':
      if (m.unit !== m.centre && random.chance(0.06))
        return one('return', { ground: 'remit' }, { text: '按三定方案不属于本单位职责。' });
      return one('sign');
    case 'returned':
      return one(
        'rule',
        { unit: random.chance(0.3) && m.handler ? m.handler : random.pick(world.departments) },
        { text: '经裁定由该单位主办，不得再次退回。' },
      );
    case 'handling': {
      if (m.parts.some(part => !part.done))
        return random.chance(0.2) ? one('note', {}, { text: '等待协办单位办结。' }) : undefined;
      if (m.kind === 'dispute' && !m.due?.stood && random.chance(0.02))
        return one('suspend', { ground: 'appraisal' }, { text: '委托鉴定，期间不计入期限。' });
      if (m.due && !m.due.extra && now < m.due.at && m.due.at - now < 30 * HOUR && random.chance(0.25))
        return one(
          'askExtension',
          { count: m.kind === 'petition' ? 30 : m.kind === 'request' ? 5 : 1 },
          { text: '情况复杂，申请延期。' },
        );
      if (!m.whole && !m.parts.length && m.centre !== m.unit && random.chance(0.03)) {
        const others = world.departments.filter(unit => unit !== m.unit && !m.excludedUnits.includes(unit));
        const called = [...new Set([random.pick(others), random.pick(others)])];
        return one(
          'whistle',
          { parts: called.map(unit => ({ matter: world.mint(), unit })) },
          { text: '请派员到现场会商，共同处置。' },
        );
      }
      if (random.chance(0.3))
        return one(
          'contact',
          { way: random.pick(['phone', 'visit'] as const), reached: true },
          { text: '已与当事人联系，核实情况。' },
        );
      if (random.chance(0.2)) return one('note', {}, { text: '已到现场查看，正在处理。' });
      const settled = m.mediation === null || m.mediation.outcome === 'agreed';
      return one('report', { result: settled ? 'resolved' : 'explained' }, { text: story.report });
    }
    case 'reported':
      if (random.chance(0.04)) return one('sendBack', {}, { text: '反馈不实，请补充办理。' });
      return (
        paperStep(m, 'opinion', story.answer, world, now, by) ??
        one(
          'answer',
          { way: 'phone', position: random.chance(0.8) ? 'supported' : 'explained' },
          { text: story.answer },
        )
      );
    case 'answered': {
      const paper = m.papers.find(p => p.state === 'out' && p.number && !p.served);
      if (paper) return by(world.staff(m.centre)[0], 'serve', { paper: paper.n, way: 'hand', at: now });
      return one('close', { cause: random.pick(['service', 'neighbour', 'money', 'policy', 'negligence'] as const) });
    }
    case 'closed': {
      if (m.kind === 'petition' && m.rounds < 2 && random.chance(0.05))
        return by(world.staff(m.centre)[0], 'askReview', {}, { text: '不服答复意见，申请复查。' });
      const other = staff.find(worker => worker.person && !m.handledBy.includes(worker.person));
      const outcome = random.chance(0.1) ? 'unsatisfied' : random.chance(0.05) ? 'unreachable' : 'satisfied';
      return by(
        other,
        'followUp',
        { outcome, ...(outcome === 'unsatisfied' && { cause: 'not-done' }) },
        { text: outcome === 'unsatisfied' ? '当事人表示问题又出现了。' : '当事人表示满意。' },
      );
    }
    case 'followed':
      return random.chance(0.5) ? one('rate', { stars: 3 + random.int(3), solved: true }) : undefined;
    case 'reviewing':
    case 'reexamining':
      return one(
        'decideReview',
        { outcome: random.chance(0.8) ? 'upheld' : random.chance(0.5) ? 'changed' : 'revoked' },
        { text: '经复查，原答复意见事实清楚。' },
      );
    default:
      return undefined;
  }
}

const answers = (random: Random) => ({
  people: random.chance(0.1) ? 5 + random.int(120) : random.int(4),
  months: random.int(30),
  minor: random.chance(0.05) ? 1 : 0,
  threat: random.chance(0.02) ? 1 : 0,
});

/** The next step of the paper that must be signed first; undefined once it is out, or where none is needed. */
function paperStep<A extends Actor>(
  m: Matter,
  paper: 'opinion' | 'not-accepted' | 'extended',
  text: string,
  world: World<A>,
  now: number,
  by: (actor: A | undefined, type: Action['type'], data?: object, words?: object) => Move<A> | undefined,
): Move<A> | undefined {
  if (!world.rules.chain(m, paper, now).length) return undefined;
  const staff = world.staff(m.unit);
  const own = m.papers.findLast(
    p => p.paper === paper && p.unit === m.unit && p.round === roundOf(m) && p.state !== 'rejected',
  );
  if (own?.state === 'out') return undefined;
  if (!own) return by(staff[0], 'draft', { paper }, { text });
  const step = nextStepOf(own)!;
  const other = staff.find(worker => worker.person !== own.by);
  const who = step === 'sign' || step === 'instruct' ? world.leaders(m.unit)[0] : step === 'seal' ? staff[0] : other;
  return by(who, 'pass', { paper: own.n, step, number: `模拟〔${own.n}〕${m.number.slice(-9)}号` });
}
