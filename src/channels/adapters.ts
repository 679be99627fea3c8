/**
 * The ways out, each by the protocol of the other end: SMTP (RFC 5321), 云MAS for SMS by approved templates, WeCom's and
 * the official account's HTTP interfaces. An adapter says what became of a message and never throws.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ChannelName } from './words.ts';

/** later: tried again · never: the other end refused it for good · unknown: it may have gone out, nobody can tell. */
export type Outcome =
  | { ok: true; provider?: string }
  | { ok: false; kind: 'later' | 'never' | 'unknown'; reason: string };
export type Outgoing = {
  id: string;
  to: string;
  title: string;
  text: string;
  carrier: string | null;
  /** The values in the order in which they stand in the template, as carriers want them. */
  values: string[];
};
export type Adapter = (config: any, secret: string, message: Outgoing) => Promise<Outcome>;

export const Configs = {
  email: z.object({
    host: z.string().min(1),
    port: z.number().int().min(1).max(65535),
    secure: z.boolean().default(false),
    user: z.string().optional(),
    from: z.email(),
  }),
  sms: z.object({
    url: z.url({ protocol: /^https?$/ }),
    /** 企业名称、用户名、签名编码 */
    enterprise: z.string().min(1),
    account: z.string().min(1),
    sign: z.string().min(1),
  }),
  wecom: z.object({ url: z.url({ protocol: /^https?$/ }), corp: z.string().min(1), agent: z.number().int() }),
  official: z.object({ url: z.url({ protocol: /^https?$/ }), app: z.string().min(1) }),
} satisfies Record<ChannelName, z.ZodType>;

/** A channel that drops repeats by itself may be asked again when its answer was lost. */
export const repeatable: Record<ChannelName, boolean> = { email: false, sms: false, wecom: true, official: true };

const patience = 10_000;

/** Posts JSON. Before the request was sent nothing can have happened; after it, only the answer tells. */
async function post(url: string, body: unknown): Promise<{ status: number; json: any } | Outcome> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(patience),
    });
    const text = await response.text();
    if (response.status === 429 || response.status === 503)
      return { ok: false, kind: 'later', reason: `HTTP ${response.status}` };
    if (response.status >= 500) return { ok: false, kind: 'unknown', reason: `HTTP ${response.status}` };
    if (response.status >= 400) return { ok: false, kind: 'never', reason: `HTTP ${response.status}` };
    return { status: response.status, json: JSON.parse(text) };
  } catch (error) {
    const code = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name;
    const unsent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].includes(code);
    return { ok: false, kind: unsent ? 'later' : 'unknown', reason: code };
  }
}
const isOutcome = (answer: object): answer is Outcome => 'ok' in answer;

const email: Adapter = async (config: z.output<typeof Configs.email>, secret, message) => {
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    host: config.host,
    port: config.port,
    secure: config.secure,
    ...(config.user && { auth: { user: config.user, pass: secret } }),
    connectionTimeout: patience,
    socketTimeout: patience,
    greetingTimeout: patience,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const sent = await transport.sendMail({
      // The same id at every try: a receiver that keeps ids shows it once.
      messageId: `<${message.id}@yuandian>`,
      from: config.from,
      to: message.to,
      subject: message.title,
      text: message.text,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    return { ok: true, provider: sent.response.slice(0, 100) };
  } catch (error) {
    const { code, command, responseCode, message: reason } = error as any;
    if (responseCode >= 500) return { ok: false, kind: 'never', reason };
    if (responseCode >= 400 || command === 'CONN' || code === 'ECONNECTION' || code === 'EDNS')
      return { ok: false, kind: 'later', reason };
    return { ok: false, kind: 'unknown', reason };
  } finally {
    transport.close();
  }
};

/** 云MAS HTTP 模板短信 (tmpsubmit): base64 of JSON with an MD5 over its fields; MD5 is what that interface asks for. */
const sms: Adapter = async (config: z.output<typeof Configs.sms>, secret, message) => {
  const params = JSON.stringify(message.values);
  const { enterprise: ecName, account: apId, sign } = config;
  const templateId = message.carrier!;
  const mac = createHash('md5')
    .update(ecName + apId + secret + templateId + message.to + params + sign)
    .digest('hex');
  const body = { ecName, apId, templateId, mobiles: message.to, params, sign, addSerial: '', mac };
  const answer = await post(config.url, Buffer.from(JSON.stringify(body)).toString('base64'));
  if (isOutcome(answer)) return answer;
  const { success, rspcod, msgGroup } = answer.json;
  if (success === true) return { ok: true, provider: String(msgGroup ?? '') };
  const busy = ['TooManyRequests', 'SystemBusy'].includes(rspcod);
  return { ok: false, kind: busy ? 'later' : 'never', reason: String(rspcod) };
};

/** Access tokens of WeCom and the official account live two hours; one is kept until it is near its end or refused. */
const tokens = new Map<string, { token: string; until: number }>();
async function tokenOf(url: string): Promise<string | Outcome> {
  const known = tokens.get(url);
  if (known && known.until > performance.now()) return known.token;
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(patience) });
    const { errcode = 0, errmsg, access_token, expires_in } = (await response.json()) as any;
    if (errcode || !access_token) return { ok: false, kind: 'later', reason: `token: ${errcode} ${errmsg ?? ''}` };
    tokens.set(url, { token: access_token, until: performance.now() + (expires_in - 300) * 1000 });
    return access_token;
  } catch (error) {
    return { ok: false, kind: 'later', reason: `token: ${(error as Error).message}` };
  }
}
const worn = [40001, 40014, 42001];
const tooMany = [45009, 45033, -1];

/** Sends with a token; one that is worn out is fetched anew, once. */
async function withToken(base: string, tokenPath: string, path: string, body: unknown): Promise<Outcome> {
  for (const again of [true, false]) {
    const token = await tokenOf(base + tokenPath);
    if (typeof token !== 'string') return token;
    const answer = await post(`${base}${path}?access_token=${encodeURIComponent(token)}`, body);
    if (isOutcome(answer)) return answer;
    const { errcode = 0, errmsg, msgid, msg_id, invaliduser } = answer.json;
    if (errcode === 0 && invaliduser) return { ok: false, kind: 'never', reason: `invaliduser ${invaliduser}` };
    if (errcode === 0) return { ok: true, provider: String(msgid ?? msg_id ?? '') };
    if (worn.includes(errcode) && again) {
      tokens.delete(base + tokenPath);
      continue;
    }
    const later = tooMany.includes(errcode) || worn.includes(errcode);
    return { ok: false, kind: later ? 'later' : 'never', reason: `${errcode} ${errmsg ?? ''}` };
  }
  throw new Error('unreachable');
}

/** WeCom drops the same words to the same person within four hours, so that a lost answer may be asked again. */
const wecom: Adapter = (config: z.output<typeof Configs.wecom>, secret, message) =>
  withToken(
    config.url,
    `/cgi-bin/gettoken?corpid=${encodeURIComponent(config.corp)}&corpsecret=${encodeURIComponent(secret)}`,
    '/cgi-bin/message/send',
    {
      touser: message.to,
      msgtype: 'text',
      agentid: config.agent,
      text: { content: message.text },
      enable_duplicate_check: 1,
      duplicate_check_interval: 14_400,
    },
  );

/** 公众号群发: an alert to everybody who follows. `clientmsgid` keeps a repeat from going out twice. */
const official: Adapter = (config: z.output<typeof Configs.official>, secret, message) =>
  withToken(
    config.url,
    `/cgi-bin/token?grant_type=client_credential&appid=${encodeURIComponent(config.app)}&secret=${encodeURIComponent(secret)}`,
    '/cgi-bin/message/mass/sendall',
    {
      filter: { is_to_all: true },
      msgtype: 'text',
      text: { content: message.text },
      clientmsgid: message.id.replaceAll('-', ''),
    },
  );

export const adapters: Record<ChannelName, Adapter> = { email, sms, wecom, official };
