/** Somebody without an account, over real HTTP: solves the proof of work as the page does, keeps the receipt. */
import { solveChallenge } from 'altcha-lib/v1';
import { uuid } from '../kernel/ids.ts';
import { portalContracts as contracts, type PortalKind } from '../portal/contract.ts';
import { Client } from './client.ts';

export async function work(client: Client): Promise<string> {
  const challenge = await client.call(contracts.work, {});
  const solution = await solveChallenge(challenge.challenge, challenge.salt, challenge.algorithm, challenge.maxnumber)
    .promise;
  return Buffer.from(JSON.stringify({ ...challenge, number: solution!.number })).toString('base64');
}

export const raising = (more: Record<string, unknown> = {}) => ({
  id: uuid(),
  action: uuid(),
  kind: 'request' as PortalKind,
  text: '村口的路灯坏了三天，晚上看不见路，请派人修理。',
  region: '411081101205',
  name: '王小明',
  phone: '13800138000',
  ...more,
});

export class Resident extends Client {
  receipt = '';
  tail = '8000';
  async raise(more: Record<string, unknown> = {}) {
    const body = { ...raising(more), work: await work(this) };
    const made = await this.call(contracts.raise, { params: { county: '411081' }, body });
    this.receipt = made.receipt;
    return made;
  }
  get key(): Record<string, string> {
    return { 'x-receipt': this.receipt, 'x-tail': this.tail };
  }
  look = () => this.raw('GET', '/api/v1/portal/receipt', undefined, this.key);
  act = (what: object, id = uuid()) => this.raw('POST', '/api/v1/portal/receipt/actions', { id, do: what }, this.key);
}
