/** What people do next while a quarrel is mediated: consent or refuse, take their time, agree or not, pay or not. Pure. */
import type { Action } from '../matters/actions.ts';
import { owedOf, sameSigner } from '../matters/agreement.ts';
import { dateOf } from '../matters/clocks.ts';
import type { Matter } from '../matters/matter.ts';
import { sidesOf, sittingMediators } from '../matters/mediation.ts';
import type { Random } from './random.ts';

const DAY = 86_400_000;
type Step = { type: Action['type']; data: object; words: object };
const step = (type: Action['type'], data: object, words: object = {}): Step => ({ type, data, words });
export type Mediating = {
  /** The committee of the place, and whom it would assign. */
  committeeOf(m: Matter): string;
  mediatorOf(m: Matter): string;
  mint(): string;
};

/** The next step of the mediation; `wait` when nothing is to be done yet; nothing where there is none to do. */
export function mediationStep(m: Matter, world: Mediating, random: Random, now: number): Step | 'wait' | undefined {
  if (m.kind !== 'dispute' || m.whole) return undefined;
  const { mediation } = m;
  if (mediation?.outcome === 'agreed' && m.state !== 'handling') return payStep(m, random, now);
  if (m.state !== 'handling' || m.pause) return undefined;
  const again = mediation !== null && mediation.outcome !== null && mediation.n <= m.reworks;
  if (!mediation || again) {
    if (sidesOf(m.parties).length < 2 || !random.chance(0.7)) return undefined;
    return step('mediate', { basis: 'application', committee: world.committeeOf(m) });
  }
  if (mediation.outcome) return undefined;
  const unsaid = mediation.sides.find(side => side.consents === null);
  if (unsaid)
    return random.chance(0.93)
      ? step('sideConsent', { party: unsaid.party, yes: true })
      : step(
          'sideConsent',
          { party: unsaid.party, yes: false, routes: ['court'] },
          { text: '坚持走诉讼，已书面告知途径。' },
        );
  if (mediation.sides.some(side => side.rightsAt === null))
    return step('tellRights', { parties: mediation.sides.map(side => side.party), way: 'read' });
  const asked = mediation.mediators.find(one => one.state === 'asked');
  if (asked) return step('answerAppointment', { mediator: asked.mediator, answer: 'accept' });
  if (!sittingMediators(mediation).length) return step('appoint', { mediators: [world.mediatorOf(m)] });
  const sitting = mediation.sittings.at(-1);
  if (!sitting) return step('planSitting', { at: now + DAY, way: 'room', room: '调解室' });
  if (sitting.state === 'planned')
    return now < sitting.at ? 'wait' : step('endSitting', { sitting: sitting.n, to: 'held' }, { text: '双方到场。' });
  if (mediation.minutes.length < mediation.sides.length)
    return step(
      'minute',
      {
        line: world.mint(),
        saw: 0,
        sitting: sitting.n,
        kind: 'position',
        party: mediation.sides[mediation.minutes.length]!.party,
      },
      { text: '愿意各让一步，把话说开。' },
    );
  const { agreement } = mediation;
  if (!agreement) {
    if (random.chance(0.15))
      return step('endMediation', { outcome: 'failed', routes: ['court'] }, { text: '分歧太大，已书面告知途径。' });
    const [to, from] = mediation.sides.map(side => side.party) as [string, string];
    const half = 10_000 * (1 + random.int(40));
    const instalments = [30, 60].map(days => ({ due: dateOf(now + days * DAY), fen: half }));
    // Oral, because a signature wants a hand.
    return step(
      'writeAgreement',
      { form: 'oral', clauses: [{ kind: 'pay', from, to, fen: 2 * half, instalments }], hash: 'simulated' },
      { text: '双方就争议事项协商一致。', clauses: ['被申请人分两期付清补偿款。'] },
    );
  }
  const side = mediation.sides.find(
    one => !agreement.signatures.some(({ signer }) => sameSigner(signer, { as: 'side', party: one.party })),
  );
  const common = { at: now, hash: agreement.hash };
  if (side) return step('signAgreement', { ...common, signer: { as: 'side', party: side.party }, way: 'oral' });
  if (!agreement.signatures.some(({ signer }) => signer.as === 'mediator'))
    return step('signAgreement', {
      ...common,
      signer: { as: 'mediator', mediator: sittingMediators(mediation)[0] },
      way: 'record',
    });
  return step('endMediation', { outcome: 'agreed' });
}

/** An instalment that is due is mostly paid. */
function payStep(m: Matter, random: Random, now: number): Step | undefined {
  const agreement = m.mediation?.agreement;
  const clause = agreement?.clauses[0];
  if (!agreement || clause?.kind !== 'pay') return undefined;
  const due = clause.instalments.findIndex(
    (one, i) => one.due <= dateOf(now) && owedOf(agreement, m.mediation!.payments, 0, i) > 0,
  );
  if (due < 0 || !random.chance(0.8)) return undefined;
  return step('pay', { clause: 0, instalment: due, fen: owedOf(agreement, m.mediation!.payments, 0, due), at: now });
}
