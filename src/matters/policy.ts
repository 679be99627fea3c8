/** Who may do what, as sentences. The server, the console and the phone ask the same questions. */
import type { ActionType } from './actions.ts';
import type { Matter } from './matter.ts';

export const postRoles = [
  'clerk',
  'handler',
  'grid',
  'mediator',
  'leader',
  'auditor',
  'system-admin',
  'security-admin',
  'audit-admin',
] as const;
export type PostRole = (typeof postRoles)[number];
/** Three apart (等级保护 三员分立): who holds one of these holds nothing else, and nobody grants it alone. */
export const isAdministrator = (role: PostRole): boolean => role.endsWith('-admin');
export const administrators: readonly PostRole[] = postRoles.filter(isAdministrator);
/** Posts that are granted by another than who made them. */
export const isGuarded = (role: PostRole): boolean => isAdministrator(role) || role === 'auditor';
/** Posts by which matters are worked on; none administers or audits. */
export const workingRoles: readonly PostRole[] = postRoles.filter(role => !isGuarded(role));

export type Post = {
  id: string;
  unit: string;
  role: PostRole;
  region: string;
  /** Regions in which the post sees every matter that is not guarded (centres, leaders, a grid worker's own grid). */
  oversees: readonly string[];
  /** May open sensitive matters of the unit: those who assign and handle them. */
  needToKnow: boolean;
  /** Held for somebody who is away. */
  acting?: boolean;
};

/** Somebody who acts: a member of staff, the person who holds the receipt code, a side of a mediation, or the system's timers. */
export type Actor = {
  person: string | null;
  posts: readonly Post[];
  /** The matter whose receipt code was shown; while it is raised, the id it will have. */
  receiptFor?: string;
  /** One side of a mediation, through the link it was given. */
  side?: { matter: string; party: string };
  system?: boolean;
};

const working: readonly PostRole[] = ['clerk', 'handler', 'grid', 'mediator', 'leader'];
const desk: readonly PostRole[] = ['clerk', 'leader'];

type Grant = Post | 'system' | 'receipt' | 'side' | undefined;
type Question = (actor: Actor, matter: Matter) => Grant;

const postIn = (actor: Actor, units: readonly string[], roles: readonly PostRole[]) =>
  actor.posts.find(post => units.includes(post.unit) && roles.includes(post.role));

const atTheAccountableUnit: Question = (actor, m) => postIn(actor, [m.unit], working);
const atTheAccountableDesk: Question = (actor, m) => postIn(actor, [m.unit], desk);
const atTheCentre: Question = (actor, m) => postIn(actor, [m.centre], desk);
const inAnyParticipant: Question = (actor, m) => postIn(actor, m.participants, working);
const theHolderOfTheReceipt: Question = (actor, m) => (actor.receiptFor === m.id ? 'receipt' : undefined);
const theSideItself: Question = (actor, m) => (actor.side?.matter === m.id ? 'side' : undefined);
/** The committee that mediates works on it beside the unit that holds it; and its agreement stays its to watch (调解法 31). */
const atTheCommittee: Question = (actor, m) =>
  postIn(actor, [m.unit, m.centre, m.handler ?? m.unit, ...(m.mediation ? [m.mediation.committee] : [])], working);
const aSideOrItsMediator: Question = (actor, m) => theSideItself(actor, m) ?? atTheCommittee(actor, m);
const theTimer: Question = actor => (actor.system ? 'system' : undefined);
const atTheCentreThatOwns: Question = (actor, m) => atTheAccountableDesk(actor, m) ?? atTheCentre(actor, m);
/** Until it is accepted, the desk that took it in mends what it wrote down. */
const whoTookItIn: Question = (actor, m) => (m.state === 'registered' ? inAnyParticipant(actor, m) : undefined);

const oversees = (post: Post, m: Matter) => post.oversees.some(region => m.path.includes(region));
/** A centre over the place supervises the units that hold its matters, never itself. */
const aSupervisor: Question = (actor, m) =>
  actor.posts.find(post => desk.includes(post.role) && oversees(post, m) && post.unit !== m.unit);
const aLeaderOverIt: Question = (actor, m) => actor.posts.find(post => post.role === 'leader' && oversees(post, m));
const theHeadOfTheCentre: Question = (actor, m) => postIn(actor, [m.centre], ['leader']);

const questions = {
  accept: atTheAccountableDesk,
  decline: atTheAccountableDesk,
  dispatch: atTheAccountableDesk,
  recall: atTheCentre,
  sign: atTheAccountableUnit,
  note: inAnyParticipant,
  contact: inAnyParticipant,
  urgent: inAnyParticipant,
  attach: (actor, m) =>
    theTimer(actor, m) ?? theHolderOfTheReceipt(actor, m) ?? theSideItself(actor, m) ?? inAnyParticipant(actor, m),
  report: atTheAccountableUnit,
  sendBack: atTheAccountableDesk,
  answer: atTheAccountableDesk,
  close: atTheAccountableDesk,
  followUp: atTheAccountableUnit,
  rate: (actor, m) => theHolderOfTheReceipt(actor, m) ?? atTheAccountableDesk(actor, m),
  return: atTheAccountableUnit,
  rule: atTheAccountableDesk,
  escalate: atTheCentreThatOwns,
  reopen: atTheCentreThatOwns,
  link: (actor, m) => theTimer(actor, m) ?? atTheCentreThatOwns(actor, m) ?? whoTookItIn(actor, m),
  merge: atTheCentreThatOwns,
  withdraw: (actor, m) => theHolderOfTheReceipt(actor, m) ?? atTheCentreThatOwns(actor, m) ?? whoTookItIn(actor, m),
  correct: (actor, m) => theTimer(actor, m) ?? atTheCentreThatOwns(actor, m) ?? whoTookItIn(actor, m),
  join: (actor, m) => atTheAccountableUnit(actor, m) ?? atTheCentre(actor, m) ?? whoTookItIn(actor, m),
  amend: (actor, m) =>
    theTimer(actor, m) ?? atTheAccountableUnit(actor, m) ?? atTheCentre(actor, m) ?? whoTookItIn(actor, m),
  protect: (actor, m) => atTheCentreThatOwns(actor, m) ?? whoTookItIn(actor, m),
  admit: (actor, m) => theTimer(actor, m) ?? atTheCentreThatOwns(actor, m),
  openStock: atTheAccountableDesk,
  remind: aSupervisor,
  order: aSupervisor,
  notice: aLeaderOverIt,
  reply: atTheAccountableUnit,
  lead: aLeaderOverIt,
  suspend: atTheAccountableUnit,
  resume: atTheAccountableUnit,
  askExtension: atTheAccountableUnit,
  decideExtension: theHeadOfTheCentre,
  grade: atTheCentreThatOwns,
  askReview: (actor, m) => theHolderOfTheReceipt(actor, m) ?? atTheCentreThatOwns(actor, m),
  decideReview: atTheAccountableDesk,
  whistle: (actor, m) => atTheAccountableUnit(actor, m) ?? atTheCentre(actor, m),
  partDone: theTimer,
  release: theTimer,
  invite: atTheCentreThatOwns,
  agreeClose: atTheCentreThatOwns,
  consent: atTheCentreThatOwns,
  hear: theTimer,
  draft: (actor, m) => atTheAccountableUnit(actor, m) ?? atTheCentre(actor, m),
  pass: (actor, m) => postIn(actor, [m.unit, m.centre], ['leader']) ?? atTheCentreThatOwns(actor, m),
  reject: atTheCentreThatOwns,
  serve: atTheCentreThatOwns,
  mediate: atTheAccountableUnit,
  sideConsent: aSideOrItsMediator,
  chooseMediators: aSideOrItsMediator,
  object: aSideOrItsMediator,
  signAgreement: aSideOrItsMediator,
  tellRights: atTheCommittee,
  appoint: atTheCommittee,
  answerAppointment: atTheCommittee,
  planSitting: atTheCommittee,
  endSitting: atTheCommittee,
  minute: atTheCommittee,
  writeAgreement: atTheCommittee,
  endMediation: atTheCommittee,
  keepPaper: atTheCommittee,
  pay: atTheCommittee,
  breach: atTheCommittee,
  askConfirmation: atTheCommittee,
  confirmed: atTheCommittee,
  fileDossier: atTheCommittee,
  openDossier: atTheCentreThatOwns,
  dock: (actor, m) => atTheAccountableUnit(actor, m) ?? atTheCentre(actor, m),
  ask: inAnyParticipant,
  add: theHolderOfTheReceipt,
  again: theTimer,
  dockStep: (actor, m) =>
    theTimer(actor, m) ??
    postIn(
      actor,
      m.docks.flatMap(dock => (dock.dueAt !== null && dock.unit !== null ? [dock.unit] : [])),
      working,
    ) ??
    atTheAccountableUnit(actor, m) ??
    atTheCentre(actor, m),
  callHearing: (actor, m) => atTheAccountableDesk(actor, m) ?? atTheCentre(actor, m),
  recusePanel: (actor, m) => atTheAccountableDesk(actor, m) ?? atTheCentre(actor, m),
  closeHearing: (actor, m) => atTheAccountableDesk(actor, m) ?? atTheCentre(actor, m),
  orderRectify: atTheAccountableUnit,
  rectify: inAnyParticipant,
  reinspect: inAnyParticipant,
  watch: theTimer,
  lapse: theTimer,
  recount: theTimer,
  succeed: theTimer,
} satisfies Record<Exclude<ActionType, 'register'>, Question>;

/** The post (or standing) by which the actor may take this action, or nothing. */
export function may(actor: Actor, action: ActionType, matter: Matter | undefined): Grant {
  if (action === 'register')
    return (
      actor.posts.find(post => working.includes(post.role)) ??
      (actor.system ? 'system' : actor.receiptFor ? 'receipt' : undefined)
    );
  if (!matter || !maySee(actor, matter)) return undefined;
  return questions[action](actor, matter);
}

/** Who sees a matter at all. The database says the same once more by row-level security. */
export function maySee(
  actor: Actor,
  m: Pick<Matter, 'id' | 'sensitive' | 'participants' | 'excludedUnits' | 'excludedPeople' | 'readers' | 'path'>,
): boolean {
  if (actor.system || actor.receiptFor === m.id || actor.side?.matter === m.id) return true;
  if (!actor.person || m.excludedPeople.includes(actor.person)) return false;
  if (actor.posts.some(post => m.excludedUnits.includes(post.unit))) return false;
  const here = actor.posts.filter(post => working.includes(post.role));
  if (m.sensitive)
    return m.readers.includes(actor.person) || here.some(post => post.needToKnow && m.participants.includes(post.unit));
  return here.some(post => m.participants.includes(post.unit) || post.oversees.some(region => m.path.includes(region)));
}
