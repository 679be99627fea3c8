/** A contract: method, path and the Zod schemas of what travels. Pure; the server and the console read the same ones. */
import type { z } from 'zod';
import type { PostRole } from '../matters/policy.ts';

export const base = '/api/v1';

export type Contract = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  summary: string;
  tag: string;
  /** `public`: without signing in. `staff`: any signed-in person. Otherwise one of these roles. */
  access: 'public' | 'staff' | readonly PostRole[];
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  reply: z.ZodType;
  /** A body as it is sent, for the published description. */
  example?: unknown;
  /** The largest body, in bytes, where it is more than usual. */
  most?: number;
  /** A limit of its own, in requests a minute per person or address. */
  perMinute?: number;
};
export const contract = <const C extends Contract>(value: C): C => value;
