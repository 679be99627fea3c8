/** The wire shapes of what leaves the house and what comes from other systems: channels, templates, outbox, webhooks, peers. */
import { z } from 'zod';
import { contract } from '../kernel/contract.ts';
import { actionTypes } from '../matters/actions.ts';
import { channelNames, templateNames } from './words.ts';

const id = z.uuid();
const county = z.string().regex(/^\d{6}$/);
const text = (max: number) => z.string().trim().min(1).max(max);
const ok = z.object({ done: z.literal(true) });
const tag = 'channels';
const admin = ['system-admin'] as const;
const desk = ['clerk', 'leader'] as const;
const channel = z.enum(channelNames);
const Jwk = (crv: 'Ed25519' | 'X25519') =>
  z.object({ kty: z.literal('OKP'), crv: z.literal(crv), x: z.string().length(43) });
export const Keys = z.object({ sign: Jwk('Ed25519'), seal: Jwk('X25519') });
export const eventNames = actionTypes.map(type => `matter.${type}`) as [string, ...string[]];
const Out = z.object({
  id,
  channel,
  template: z.string(),
  matter: id.nullable(),
  number: z.string().nullable(),
  to: z.enum(['party', 'staff', 'phone', 'everybody']),
  state: z.enum(['waiting', 'sending', 'sent', 'dead', 'unknown', 'withheld']),
  reason: z.string().nullable(),
  tries: z.number(),
  madeAt: z.number(),
  nextAt: z.number(),
  sentAt: z.number().nullable(),
});
const Journey = z.object({
  id,
  peer: id,
  name: z.string(),
  way: z.enum(['in', 'out']),
  state: z.string(),
  round: z.number(),
  number: z.string().nullable(),
  at: z.number(),
  waiting: z.number(),
  refused: z.string().nullable(),
});

export const channelContracts = {
  channels: contract({
    method: 'GET',
    path: '/counties/:county/channels',
    summary: 'Ways out of the house and their templates; secrets are never shown',
    tag,
    access: admin,
    params: z.object({ county }),
    reply: z.object({
      channels: z.array(z.object({ name: channel, config: z.unknown(), hasSecret: z.boolean(), enabled: z.boolean() })),
      templates: z.array(
        z.object({
          name: z.enum(templateNames),
          channel,
          language: z.enum(['zh', 'en']),
          carrier: z.string().nullable(),
          title: z.string(),
          body: z.string(),
        }),
      ),
    }),
  }),
  setChannel: contract({
    method: 'PUT',
    path: '/counties/:county/channels/:name',
    summary: 'Set a way out; without a secret the one before stays',
    tag,
    access: admin,
    params: z.object({ county, name: channel }),
    body: z.object({ config: z.unknown(), secret: z.string().max(500).optional(), enabled: z.boolean() }),
    example: {
      config: { host: 'smtp.example.cn', port: 465, secure: true, user: 'yuandian', from: 'zz@example.cn' },
      secret: '…',
      enabled: true,
    },
    reply: ok,
  }),
  setTemplate: contract({
    method: 'PUT',
    path: '/counties/:county/templates',
    summary: 'Write a template; an SMS needs the number under which the carrier approved it',
    tag,
    access: admin,
    params: z.object({ county }),
    body: z.object({
      name: z.enum(templateNames),
      channel,
      language: z.enum(['zh', 'en']).default('zh'),
      carrier: z.string().trim().max(100).nullable().default(null),
      title: z.string().trim().max(100).default(''),
      body: text(500),
    }),
    reply: ok,
  }),
  outbox: contract({
    method: 'GET',
    path: '/counties/:county/outbox',
    summary: 'What went out, waits, was withheld or given up; never to which number',
    tag,
    access: ['system-admin', 'clerk', 'leader'],
    params: z.object({ county }),
    query: z.object({
      state: z.enum(['waiting', 'sending', 'sent', 'dead', 'unknown', 'withheld']).optional(),
      before: z.coerce.number().optional(),
    }),
    reply: z.object({ rows: z.array(Out), counts: z.record(z.string(), z.number()) }),
  }),
  decideOut: contract({
    method: 'POST',
    path: '/counties/:county/outbox/:id',
    summary: 'Send again what was given up or may have gone out, or let it rest; on record',
    tag,
    access: ['system-admin', 'clerk', 'leader'],
    params: z.object({ county, id }),
    body: z.object({ again: z.boolean() }),
    reply: ok,
  }),
  hooks: contract({
    method: 'GET',
    path: '/counties/:county/webhooks',
    summary: 'Webhooks and their last deliveries',
    tag,
    access: admin,
    params: z.object({ county }),
    reply: z.object({
      hooks: z.array(
        z.object({
          id,
          url: z.string(),
          events: z.array(z.string()),
          madeAt: z.number(),
          ended: z.boolean(),
          waiting: z.number(),
          dead: z.number(),
        }),
      ),
      deliveries: z.array(
        z.object({
          id,
          webhook: id,
          type: z.string(),
          state: z.enum(['waiting', 'sent', 'dead']),
          status: z.number().nullable(),
          tries: z.number(),
          at: z.number(),
          nextAt: z.number(),
        }),
      ),
    }),
  }),
  addHook: contract({
    method: 'POST',
    path: '/counties/:county/webhooks',
    summary: 'Tell an address of what happens (Standard Webhooks); the secret is told this once',
    tag,
    access: admin,
    params: z.object({ county }),
    body: z.object({
      id,
      url: z.url({ protocol: /^https?$/ }).max(500),
      events: z.array(z.enum(eventNames)).max(200).default([]),
    }),
    reply: z.object({ secret: z.string() }),
  }),
  endHook: contract({
    method: 'POST',
    path: '/counties/:county/webhooks/:id/end',
    summary: 'Tell it no more',
    tag,
    access: admin,
    params: z.object({ county, id }),
    reply: ok,
  }),
  replayHook: contract({
    method: 'POST',
    path: '/counties/:county/webhooks/:id/replay',
    summary: 'Send again what happened since a moment, under the same ids',
    tag,
    access: admin,
    params: z.object({ county, id }),
    body: z.object({ since: z.number() }),
    reply: z.object({ again: z.number() }),
  }),
  peers: contract({
    method: 'GET',
    path: '/counties/:county/peers',
    summary: 'Systems and levels that matters travel to and from, and our own public keys',
    tag,
    access: ['system-admin', 'clerk', 'leader', 'handler'],
    params: z.object({ county }),
    reply: z.object({
      own: Keys,
      peers: z.array(
        z.object({
          id,
          name: z.string(),
          system: z.string(),
          keys: Keys,
          url: z.string().nullable(),
          pulls: z.boolean(),
          ended: z.boolean(),
          waiting: z.number(),
          dead: z.number(),
        }),
      ),
    }),
  }),
  addPeer: contract({
    method: 'POST',
    path: '/counties/:county/peers',
    summary: 'Know another system by its public keys; compare their thumbprint by telephone',
    tag,
    access: admin,
    params: z.object({ county }),
    body: z.object({
      id,
      name: text(60),
      system: z.enum(['petition', 'hotline', 'court', 'police', 'other']),
      keys: Keys,
      url: z
        .url({ protocol: /^https?$/ })
        .max(300)
        .nullable()
        .default(null),
      pulls: z.boolean().default(false),
    }),
    reply: ok,
  }),
  endPeer: contract({
    method: 'POST',
    path: '/counties/:county/peers/:id/end',
    summary: 'Know it no more',
    tag,
    access: admin,
    params: z.object({ county, id }),
    reply: ok,
  }),
  journeys: contract({
    method: 'GET',
    path: '/matters/:county/:id/exchange',
    summary: 'Where a matter has travelled, and what waits on the way',
    tag,
    access: 'staff',
    params: z.object({ county, id }),
    reply: z.object({ rows: z.array(Journey) }),
  }),
  handOut: contract({
    method: 'POST',
    path: '/matters/:county/:id/exchange',
    summary: 'Hand the matter to another system: docked with a deadline, its people and papers go along',
    tag,
    access: ['clerk', 'leader', 'handler'],
    params: z.object({ county, id }),
    body: z.object({
      action: id,
      exchange: id,
      peer: id,
      days: z.number().int().min(1).max(180),
      text: text(2000),
      files: z.array(id).max(20).default([]),
    }),
    reply: ok,
  }),
  sendAgain: contract({
    method: 'POST',
    path: '/matters/:county/:id/exchange/:exchange/again',
    summary: 'Not content with the result: another round',
    tag,
    access: ['clerk', 'leader', 'handler'],
    params: z.object({ county, id, exchange: id }),
    body: z.object({ action: id, days: z.number().int().min(1).max(180), text: text(2000) }),
    reply: ok,
  }),
  exportPackages: contract({
    method: 'POST',
    path: '/counties/:county/peers/:id/file',
    summary: 'What waits for a peer, as a file to carry across',
    tag,
    access: desk,
    params: z.object({ county, id }),
    reply: z.object({ lines: z.string(), packages: z.number() }),
  }),
  importPackages: contract({
    method: 'POST',
    path: '/exchange/files',
    summary: 'Take in a file that was carried across; answers with the acknowledgements to carry back',
    tag,
    access: desk,
    most: 24 * 1024 * 1024,
    body: z.object({ lines: z.string() }),
    reply: z.object({
      taken: z.number(),
      refused: z.number(),
      acknowledged: z.number(),
      unreadable: z.number(),
      back: z.string(),
    }),
  }),
  addresses: contract({
    method: 'GET',
    path: '/me/addresses',
    summary: 'Where I want notices sent',
    tag,
    access: 'staff',
    reply: z.object({ addresses: z.array(z.object({ channel: z.enum(['email', 'sms', 'wecom']), to: z.string() })) }),
  }),
  setAddress: contract({
    method: 'PUT',
    path: '/me/addresses/:channel',
    summary: 'Set or clear one of them',
    tag,
    access: 'staff',
    params: z.object({ channel: z.enum(['email', 'sms', 'wecom']) }),
    body: z.object({ to: z.string().trim().max(200) }),
    reply: ok,
  }),
};
