/** A phone without a screen: seals what is typed as the app does, and speaks real HTTP. */
import type { z } from 'zod';
import { demoPassword } from '../demo/county.ts';
import { base64, unbase64 } from '../kernel/bytes.ts';
import { uuid } from '../kernel/ids.ts';
import { type Item, syncContracts } from '../sync/contract.ts';
import { publicKeyOf, sealTo } from '../sync/sealing.ts';
import type { Client } from './client.ts';

export class Phone {
  readonly client: Client;
  readonly id = uuid();
  token = '';
  sealTo = '';
  constructor(client: Client) {
    this.client = client;
  }
  async enrol(login: string, name = '红米'): Promise<this> {
    const answer = await this.client.call(syncContracts.enrol, {
      body: { id: this.id, login, password: demoPassword, name },
    });
    this.token = answer.token;
    this.sealTo = answer.sealTo;
    return this;
  }
  get headers() {
    return { authorization: `Bearer ${this.token}` };
  }
  async seal(item: z.input<typeof Item>, at: number, token = this.token) {
    const plain = new TextEncoder().encode(JSON.stringify({ token, at, item }));
    return { id: item.id, sealed: base64(await sealTo(await publicKeyOf(unbase64(this.sealTo)), 'item', plain)) };
  }
  async push(items: { id: string; sealed: string; orphan?: boolean }[], clock: number) {
    return (await this.client.call(syncContracts.push, { body: { clock, items } })).results;
  }
  /** Seals and pushes one. */
  async send(item: z.input<typeof Item>, at: number, clock = at) {
    return (await this.push([await this.seal(item, at)], clock))[0]!;
  }
  /** The answer to a pull, or the error instead of one. */
  async pullRaw(clock: number, held: Partial<z.input<typeof syncContracts.pull.body>> = {}) {
    const body = { clock, stamp: '', digests: [''], duties: '', ...held };
    return this.client.raw('POST', '/api/v1/sync/pull', body, this.headers);
  }
  async pull(clock: number, held: Partial<z.input<typeof syncContracts.pull.body>> = {}) {
    return syncContracts.pull.reply.parse((await this.pullRaw(clock, held)).body);
  }
}
