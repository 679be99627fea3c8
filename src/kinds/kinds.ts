/** The register of kinds: a new mechanism is one file and one line here. Names once used are never deleted. */
import { dispute } from './dispute.ts';
import type { Kind } from './kind.ts';
import { petition } from './petition.ts';
import { request } from './request.ts';

export const kinds = { request, petition, dispute } satisfies Record<string, Kind>;
export type KindName = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as [KindName, ...KindName[]];
