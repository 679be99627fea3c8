/** Every setting, read in one place and checked at the start. `docs/operations.md` lists them. */
import path from 'node:path';
import { z } from 'zod';
import { Failure } from './kernel/errors.ts';
import type { OidcOptions } from './people/oidc.ts';

const Environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).default(8080),
  HOST: z.string().default('127.0.0.1'),
  YUANDIAN_DATA: z.string().default('data'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  NODE_ENV: z.string().default('development'),
  YUANDIAN_CIPHER: z.enum(['aes-256-gcm', 'sm4-ctr-hmac-sm3']).default('aes-256-gcm'),
  YUANDIAN_HASH: z.enum(['sha256', 'sm3']).default('sha256'),
  YUANDIAN_RATE: z.coerce.number().int().min(0).default(1200),
  YUANDIAN_TRUST_PROXY: z.stringbool().default(false),
  OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  OIDC_LOGIN_CLAIM: z.string().min(1).default('preferred_username'),
  OIDC_NAME: z.string().min(1).max(40).default('统一身份认证'),
  YUANDIAN_COUNTY: z
    .string()
    .regex(/^\d{6}$/)
    .optional(),
  YUANDIAN_COUNTY_NAME: z.string().min(2).max(40).optional(),
});

export type Settings = {
  port: number;
  host: string;
  data: string;
  databaseUrl: string | undefined;
  production: boolean;
  algorithms: { cipher: 'aes-256-gcm' | 'sm4-ctr-hmac-sm3'; hash: 'sha256' | 'sm3' };
  perMinute: number;
  trustProxy: boolean;
  county: { code: string; name: string } | undefined;
  oidc: OidcOptions | undefined;
};

/** Throws `settings` with every wrong variable named. Empty strings count as not set. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success)
    throw new Failure('settings', {
      issues: parsed.error.issues.map(i => `${i.path.join('.')}: ${i.message}`).join('; '),
    });
  const e = parsed.data;
  if (e.OIDC_ISSUER && !(e.OIDC_CLIENT_ID && e.OIDC_CLIENT_SECRET))
    throw new Failure('settings', { issues: 'OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET' });
  return {
    port: e.PORT,
    host: e.HOST,
    data: path.resolve(e.YUANDIAN_DATA),
    databaseUrl: e.DATABASE_URL,
    production: e.NODE_ENV === 'production',
    algorithms: { cipher: e.YUANDIAN_CIPHER, hash: e.YUANDIAN_HASH },
    perMinute: e.YUANDIAN_RATE,
    trustProxy: e.YUANDIAN_TRUST_PROXY,
    county: e.YUANDIAN_COUNTY
      ? { code: e.YUANDIAN_COUNTY, name: e.YUANDIAN_COUNTY_NAME ?? e.YUANDIAN_COUNTY }
      : undefined,
    oidc: e.OIDC_ISSUER
      ? {
          issuer: e.OIDC_ISSUER,
          clientId: e.OIDC_CLIENT_ID!,
          clientSecret: e.OIDC_CLIENT_SECRET!,
          loginClaim: e.OIDC_LOGIN_CLAIM,
          name: e.OIDC_NAME,
        }
      : undefined,
  };
}
