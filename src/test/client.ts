/** A client of the real server over real HTTP: a session with its cookie and CSRF value, answers checked by the contract. */
import type { FastifyInstance } from 'fastify';
import { expect } from 'vitest';
import { buildApp } from '../app.ts';
import { demoPassword } from '../demo/county.ts';
import type { Contract } from '../kernel/contract.ts';
import { peopleContracts } from '../people/contract.ts';
import { type Answer, type Request, urlOf } from '../web/ui/api.ts';
import type { TestHouse } from './harness.ts';

export type Reply = { status: number; body: any; headers: Headers };

export class Client {
  readonly address: string;
  cookie = '';
  csrf = '';
  constructor(address: string) {
    this.address = address;
  }
  async raw(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const json = body !== undefined && !(body instanceof FormData);
    const response = await fetch(this.address + path, {
      method,
      headers: {
        ...(this.cookie && { cookie: this.cookie }),
        ...(this.csrf && { 'x-csrf': this.csrf }),
        ...(json && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: json ? JSON.stringify(body) : (body as FormData) }),
    });
    const set = response.headers.get('set-cookie');
    if (set) this.cookie = set.split(';')[0]!;
    const type = response.headers.get('content-type') ?? '';
    return {
      status: response.status,
      body: type.includes('json') ? await response.json() : Buffer.from(await response.arrayBuffer()),
      headers: response.headers,
    };
  }
  /** Calls a contract and holds the answer to it. */
  async call<const C extends Contract>(contract: C, request: Request<C>): Promise<Answer<C>> {
    const { params, query, body } = request as {
      params?: Record<string, unknown>;
      query?: Record<string, unknown>;
      body?: unknown;
    };
    const reply = await this.raw(contract.method, urlOf(contract.path, params, query), body);
    expect(reply.status, JSON.stringify(reply.body)).toBe(200);
    return contract.reply.parse(reply.body) as Answer<C>;
  }
  /** Calls a contract that is to be refused; returns the error. */
  async refused<const C extends Contract>(
    contract: C,
    request: Request<C>,
  ): Promise<{ status: number; code: string; message: string; details: any }> {
    const { params, query, body } = request as {
      params?: Record<string, unknown>;
      query?: Record<string, unknown>;
      body?: unknown;
    };
    const reply = await this.raw(contract.method, urlOf(contract.path, params, query), body);
    expect(reply.status, JSON.stringify(reply.body)).toBeGreaterThanOrEqual(400);
    return { status: reply.status, ...reply.body.error };
  }
}

export async function serve(
  house: TestHouse,
  perMinute = 0,
): Promise<{ app: FastifyInstance; address: string; anyone(): Client; signedIn(login: string): Promise<Client> }> {
  const app = await buildApp({ house, perMinute });
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    app,
    address,
    anyone: () => new Client(address),
    async signedIn(login) {
      const client = new Client(address);
      const me = await client.call(peopleContracts.signIn, { body: { login, password: demoPassword } });
      client.csrf = me.csrf;
      return client;
    },
  };
}
