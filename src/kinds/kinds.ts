/** The register of kinds: a new mechanism is one file and one line here. Names once used are never deleted. */
import { dispute } from './dispute.ts';
import { hazard } from './hazard.ts';
import type { Kind } from './kind.ts';
import { petition } from './petition.ts';
import { prevention } from './prevention.ts';
import { privacy } from './privacy.ts';
import { repair } from './repair.ts';
import { request } from './request.ts';
import { wish } from './wish.ts';

export const kinds = { request, petition, dispute, hazard, repair, prevention, wish, privacy } satisfies Record<
  string,
  Kind
>;
export type KindName = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as [KindName, ...KindName[]];

/** Kinds that somebody raises; the others are made by an office of its own. */
export const raisedKinds = [
  'request',
  'petition',
  'dispute',
  'hazard',
  'repair',
  'wish',
] as const satisfies readonly KindName[];
export type RaisedKind = (typeof raisedKinds)[number];
