/**
 * THE LOOP. `register` makes a matter, `decide` says what an action does to it or why it may not. The server, the console
 * and the phone run the same function; the server decides again.
 *
 * Invariant, also a check constraint: an open matter has exactly one accountable unit and one next deadline; the only
 * exception is stock (存量), old records on which nobody has started.
 */
import type { Refusal } from '../kernel/errors.ts';
import type { Kind } from '../kinds/kind.ts';
import { kinds } from '../kinds/kinds.ts';
import type { Action, ActionType, Registration } from './actions.ts';
import { borderSteps, waitsForBorder } from './border.ts';
import { clockworkSteps } from './clockwork.ts';
import { dockingSteps } from './docking.ts';
import { hazardSteps, rectifying } from './hazard.ts';
import {
  apply,
  beginning,
  blank,
  type Effect,
  enter,
  impartialCentre,
  isRefusal,
  type Matter,
  type OpenState,
  owed,
  type Rules,
  type State,
} from './matter.ts';
import { mediationSteps } from './mediation.ts';
import { paperSteps } from './papers.ts';
import { partSteps } from './parts.ts';
import { type Actor, may } from './policy.ts';
import { loopSteps, type Step, type Steps } from './steps.ts';
import { supervisionSteps } from './supervision.ts';
import { voiceSteps } from './voice.ts';
import { hasWatch, watchAtOf, watchSteps } from './watch.ts';

/** Every step in one table. */
const transitions = {
  ...loopSteps,
  ...supervisionSteps,
  ...clockworkSteps,
  ...partSteps,
  ...paperSteps,
  ...borderSteps,
  ...mediationSteps,
  ...dockingSteps,
  ...hazardSteps,
  ...voiceSteps,
  ...watchSteps,
} satisfies Steps<Exclude<ActionType, 'register'>>;

/** What rests on a running clock is not for stock. */
const needsClock: readonly ActionType[] = ['remind', 'order', 'notice', 'reply', 'suspend', 'whistle'];

/** A new matter. `data` is complete: number, place, masked parties; the centre is the lowest that may coordinate. */
export function register(
  county: string,
  id: string,
  data: Registration,
  actor: Actor,
  now: number,
  rules: Rules,
): Effect[] | Refusal {
  const grant = may(actor, 'register', undefined);
  if (!grant) return { code: 'forbidden', details: { action: 'register' } };
  const centre = impartialCentre(data.centre, data.excludedUnits, rules);
  if (!centre) return { code: 'no_level_above' };
  // The desk that took it in keeps sight of it; of what is sensitive, only who wrote it down.
  const desk =
    typeof grant === 'object' && !data.sensitive && !data.excludedUnits.includes(grant.unit) ? grant.unit : centre;
  const matter: Matter = {
    ...blank,
    county,
    id,
    number: data.number,
    kind: data.kind,
    state: 'registered',
    stock: data.stock,
    unit: centre,
    centre,
    category: data.category,
    source: data.source,
    fields: data.fields,
    path: data.path,
    grid: data.grid,
    location: data.location,
    receivedAt: data.receivedAt,
    registeredAt: data.registeredAt,
    enteredAt: now,
    sensitive: data.sensitive,
    participants: [...new Set([centre, desk])],
    excludedUnits: data.excludedUnits,
    excludedPeople: data.excludedPeople,
    readers: data.sensitive && actor.person ? [actor.person] : [],
    border: data.border ?? null,
    parties: data.parties,
    externals: data.externals,
  };
  return beginning(data.stock ? matter : apply(matter, enter(matter, 'registered', centre, now, rules)));
}

/** Actions that make their actor one of those who handled the matter, and so unfit to follow it up. */
const handlingActions: readonly ActionType[] = ['sign', 'report', 'answer', 'contact'];

/** What an action does, or why it may not. Never looks at a clock of its own: `now` is given. */
export function decide(matter: Matter, action: Action, actor: Actor, now: number, rules: Rules): Effect[] | Refusal {
  const transition = transitions[action.type] as Step<ActionType>;
  const grant = may(actor, action.type, matter);
  if (!grant) return { code: 'forbidden', details: { action: action.type } };
  if (!transition.from.includes(matter.state) || (matter.stock && needsClock.includes(action.type)))
    return { code: 'illegal_step', details: { state: matter.state, action: action.type } };
  const effects = transition.run(matter, action as never, {
    actor,
    now,
    rules,
    post: typeof grant === 'object' ? grant : undefined,
  });
  if (isRefusal(effects)) return effects;
  const all =
    actor.person && handlingActions.includes(action.type) && matter.open
      ? [...effects, { add: { handledBy: [actor.person] } }]
      : effects;
  return withWatch(matter, all, rules);
}

/** Keeps in step when somebody is to be told of something besides the deadline. */
function withWatch(matter: Matter, effects: Effect[], rules: Rules): Effect[] {
  const touched = effects.some(
    effect => 'set' in effect && ('mediation' in effect.set || 'docks' in effect.set || 'hearings' in effect.set),
  );
  if (!touched && !hasWatch(matter)) return effects;
  const watchAt = watchAtOf(apply(matter, effects), rules.calendar);
  return watchAt === matter.watchAt ? effects : [...effects, { set: { watchAt } }];
}

/** What would be refused anyhow, so that no button offers it. */
const hidden: Partial<Record<ActionType, (m: Matter) => boolean>> = {
  suspend: m =>
    m.pause !== null ||
    m.state in owed === false ||
    !Object.values(suspensionOf(m)).some(steps => steps.includes(owed[m.state as OpenState])),
  resume: m => m.pause === null,
  askExtension: m => !('extension' in kinds[m.kind]) || m.asked !== null || Boolean(m.due?.extra) || m.pause !== null,
  decideExtension: m => m.asked === null,
  askReview: m => !('reviewWindow' in kinds[m.kind]) || m.answeredAt === null || m.rounds >= 2,
  whistle: m => m.whole !== null,
  invite: m => m.border !== null || m.whole !== null,
  agreeClose: m => m.border === null || m.border.agreedAt !== null,
  consent: m => !m.border?.outside || m.border.theirsAt !== null,
  close: m => waitsForBorder(m) !== undefined,
  reply: m => !m.orders.some(o => o.to === m.unit && o.repliedAt === null && !o.over && o.level !== 'remind'),
  pass: m => !m.papers.some(paper => paper.state === 'draft'),
  reject: m => !m.papers.some(paper => paper.state === 'draft'),
  serve: m => !m.papers.some(paper => paper.state === 'out' && !paper.served),
  report: m => m.pause !== null || m.parts.some(part => !part.done) || isMediated(m),
  mediate: m => m.kind !== 'dispute' || isMediated(m),
  ...Object.fromEntries(
    (
      [
        'sideConsent',
        'tellRights',
        'chooseMediators',
        'appoint',
        'answerAppointment',
        'object',
        'planSitting',
        'endSitting',
        'minute',
        'writeAgreement',
        'endMediation',
      ] as const
    ).map(type => [type, (m: Matter) => !isMediated(m)]),
  ),
  signAgreement: m => !isMediated(m) || !m.mediation?.agreement || m.mediation.agreement.inForceAt !== null,
  keepPaper: m => !m.mediation?.agreement,
  pay: m => m.mediation?.outcome !== 'agreed',
  breach: m => m.mediation?.outcome !== 'agreed',
  askConfirmation: m => !m.mediation?.agreement?.inForceAt || m.mediation.confirmation !== null,
  confirmed: m => m.mediation?.confirmation?.result !== null,
  fileDossier: m => !m.mediation?.outcome || Boolean(m.mediation.dossier && !m.mediation.dossier.open),
  openDossier: m => !m.mediation?.dossier || m.mediation.dossier.open,
  dockStep: m => !m.docks.some(dock => dock.dueAt !== null),
  orderRectify: m => m.kind !== 'hazard' || m.pause !== null || m.dueAt === null,
  rectify: m => rectifying(m) !== 'ordered',
  reinspect: m => rectifying(m) !== 'rectified',
  callHearing: m => m.hearings.some(hearing => hearing.state === 'called'),
  recusePanel: m => !m.hearings.some(hearing => hearing.state === 'called'),
  closeHearing: m => !m.hearings.some(hearing => hearing.state === 'called'),
};
const isMediated = (m: Matter) => m.mediation !== null && m.mediation.outcome === null;
const suspensionOf = (m: Matter) => (kinds[m.kind] as Kind).suspension;

/** The actions this actor may take now: what the page offers as buttons. */
export function abilities(matter: Matter, actor: Actor): ActionType[] {
  return (Object.keys(transitions) as Exclude<ActionType, 'register'>[]).filter(type => {
    if (!(transitions[type].from as readonly State[]).includes(matter.state)) return false;
    if (matter.stock && needsClock.includes(type)) return false;
    if (type === 'openStock' && !matter.stock) return false;
    if (hidden[type]?.(matter)) return false;
    if (type === 'followUp' && actor.person && matter.handledBy.includes(actor.person)) return false;
    if (type === 'return' && (matter.returnedBy.includes(matter.unit) || matter.unit === matter.centre)) return false;
    return may(actor, type, matter) !== undefined;
  });
}
