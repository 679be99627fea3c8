/** The typed client of our own API: contracts in, answers out. Refusals arrive as `Refused` with words for the reader. */
import type { z } from 'zod';
import { base, type Contract } from '../../kernel/contract.ts';

export class Refused extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Record<string, unknown>;
  constructor(status: number, code: string, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

let csrf = '';
let language: 'zh' | 'en' = 'zh';
let signedOut = () => {};
export const setCsrf = (value: string) => {
  csrf = value;
};
export const setApiLanguage = (value: 'zh' | 'en') => {
  language = value;
};
export const onSignedOut = (handler: () => void) => {
  signedOut = handler;
};

type In<C extends Contract, K extends 'params' | 'query' | 'body'> = C[K] extends z.ZodType
  ? { [P in K]: z.input<C[K]> }
  : { [P in K]?: never };
export type Request<C extends Contract> = In<C, 'params'> & In<C, 'query'> & In<C, 'body'>;
export type Answer<C extends Contract> = z.output<C['reply']>;

export function urlOf(path: string, params: Record<string, unknown> = {}, query: Record<string, unknown> = {}): string {
  const filled = path.replace(/:(\w+)/g, (_, name) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([key, value]) =>
      value === undefined || value === '' ? [] : [[key, String(value)]],
    ),
  );
  return `${base}${filled}${search.size ? `?${search}` : ''}`;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  let response: globalThis.Response;
  try {
    response = await fetch(url, { ...init, headers: { 'accept-language': language, 'x-csrf': csrf, ...init.headers } });
  } catch {
    throw new Refused(
      0,
      'offline',
      language === 'zh'
        ? '网络不通。您填写的内容还在，请稍后重试。'
        : 'No connection. What you typed is still here; try again in a moment.',
    );
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => undefined);
  const error = body?.error ?? { code: 'internal', message: `HTTP ${response.status}` };
  if (error.code === 'unauthenticated') signedOut();
  throw new Refused(response.status, error.code, error.message, error.details);
}

/** Calls a contract. */
export async function call<const C extends Contract>(contract: C, request: Request<C>): Promise<Answer<C>> {
  const { params, query, body } = request as {
    params?: Record<string, unknown>;
    query?: Record<string, unknown>;
    body?: unknown;
  };
  const response = await send(urlOf(contract.path, params, query), {
    method: contract.method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return response.json();
}

/** Sends a file with its fields as a form. */
export async function upload<const C extends Contract>(
  contract: C,
  request: { params?: Record<string, unknown>; query?: Record<string, unknown> },
  fields: Record<string, string>,
  file: File,
): Promise<Answer<C>> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', file);
  return (
    await send(urlOf(contract.path, request.params, request.query), { method: contract.method, body: form })
  ).json();
}

/** Downloads by the browser's own means, so that a large file never passes through the page's memory. */
export function download(url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  document.body.append(link);
  link.click();
  link.remove();
}
