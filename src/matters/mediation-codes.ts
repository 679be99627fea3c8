/** The code lists of mediation and docking, apart from the rules: actions and rules both read them. Pure. */

/** 线: what a line of the minutes is. */
export const minuteKinds = ['inquiry', 'fact', 'position', 'question', 'proposal', 'note'] as const;
export type MinuteKind = (typeof minuteKinds)[number];
export const outcomes = ['agreed', 'failed', 'refused', 'withdrawn'] as const;
export type Outcome = (typeof outcomes)[number];
/** What stays open when mediation does not help (调解法 26). */
export const routes = ['arbitration', 'administrative', 'court'] as const;

/** 法院、家事调查员与心理疏导、公安、检察院、信访、妇联、退役军人、部门（1+）、其他 */
export const bodies = [
  'court',
  'family',
  'police',
  'procuratorate',
  'petition',
  'women',
  'veterans',
  'department',
  'other',
] as const;
export type Body = (typeof bodies)[number];
/** 诉前、立案后、审理中、二审 */
export const stages = ['before-filing', 'after-filing', 'trial', 'second-instance'] as const;
export type Stage = (typeof stages)[number];

/** The thirteen parts of a dossier, in their prescribed order. */
export const dossierParts = [
  'application',
  'rights',
  'identities',
  'authorisations',
  'inquiries',
  'evidence',
  'minutes',
  'agreement',
  'performance',
  'followup',
  'confirmation',
  'note',
  'back',
] as const;
export type DossierPart = (typeof dossierParts)[number];
