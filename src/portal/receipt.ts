/**
 * One matter as the person who raised it sees it: opened by the receipt code and, where a phone was given, its last four
 * digits. It comes with a scope of its own, which row-level security knows; it never shows another person.
 */
import type { House } from '../house.ts';
import { type Scope, sql, systemScope } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { abilities } from '../matters/decide.ts';
import { normalPhone, receiptHash } from '../matters/lookups.ts';
import { type Matter, partyOf } from '../matters/matter.ts';
import { parseReceipt } from '../matters/numbers.ts';
import { redact } from '../matters/redact.ts';
import { matterOf } from '../matters/rows.ts';
import { byReceipt, type Doing, type MatterWords, type PartyWords } from '../matters/store.ts';
import type { ReceiptView } from './contract.ts';

export type Held = {
  county: string;
  matter: string;
  /** The person who raised it; null where nobody is named. */
  party: string | null;
  doing: Doing;
};

async function wordsOf(
  house: House,
  scope: Scope,
  county: string,
  matter: string,
  party: string,
): Promise<PartyWords | undefined> {
  const row = await house.db.readOne<any>(
    scope,
    sql`SELECT p.words, p.wrapped, p.version FROM matter_party p WHERE p.county = ${county} AND p.matter = ${matter} AND p.id = ${party}`,
  );
  return row?.wrapped ? house.secrets.openRow<PartyWords>(row) : undefined;
}

const nobody = '00000000-0000-0000-0000-000000000000';

/** Opens a matter by its receipt. A wrong code and a wrong tail are the same refusal. */
export async function openReceipt(house: House, typed: unknown, tail: unknown): Promise<Held> {
  const code = typeof typed === 'string' ? parseReceipt(typed) : undefined;
  if (!code) throw new Failure('not_found');
  const row = await house.db.readOne<{ county: string; matter: string; parties: Matter['parties'] }>(
    systemScope,
    sql`SELECT l.county, l.matter, m.parties FROM matter_lookup l JOIN matter m ON m.county = l.county AND m.id = l.matter
        WHERE l.county = ANY (${[...house.keeper.current.counties.keys()]}::text[]) AND l.hash = ${receiptHash(house.secrets, code)} AND l.what = 'receipt'`,
  );
  const party = row && partyOf(row);
  // The same statements whether there is such a code or not.
  const of = row?.matter ?? nobody;
  const doing = byReceipt(of, house.clock());
  const words = await wordsOf(house, doing.scope, row?.county ?? '', of, party?.id ?? nobody);
  const phone = words?.phone && normalPhone(words.phone);
  if (
    !row ||
    (phone &&
      phone.slice(-4) !==
        String(tail ?? '')
          .normalize('NFKC')
          .trim())
  )
    throw new Failure('not_found');
  const { county, matter } = row;
  return { county, matter, party: party?.id ?? null, doing };
}

type Seen = {
  id: string;
  seq: number;
  type: string;
  at: number;
  unit: string | null;
  actor: string | null;
  data: any;
  words: any;
};

/** The matter, its readable history and its own words, in the scope of the receipt. */
export async function readHeld(house: House, { county, matter: id, doing }: Held) {
  const [rows, actions] = (await house.db.reads(
    doing.scope,
    sql`SELECT m.*, k.wrapped, k.version FROM matter m JOIN matter_key k ON k.county = m.county AND k.matter = m.id WHERE m.county = ${county} AND m.id = ${id}`,
    sql`SELECT id, seq, type, at, unit, actor, data, words FROM matter_action WHERE county = ${county} AND matter = ${id} ORDER BY seq`,
  )) as [any[], any[]];
  if (!rows[0]) throw new Failure('not_found');
  const key = rows[0].wrapped ? house.secrets.unwrap(rows[0].wrapped, rows[0].version) : undefined;
  const opened: Seen[] = actions.map(action => ({
    ...action,
    words: key && action.words && mayRead.has(action.type) ? house.secrets.open(key, action.words) : null,
  }));
  return {
    matter: matterOf(rows[0]),
    words: key && house.secrets.open<MatterWords>(key, rows[0].words),
    actions: opened,
  };
}

/** Actions whose words are for the person: what was said to them and by them. Everything else is the offices' own. */
const mayRead = new Set([
  'decline',
  'ask',
  'add',
  'attach',
  'answer',
  'rate',
  'withdraw',
  'askReview',
  'decideReview',
  'decideExtension',
]);
const steps: Record<string, ReceiptView['steps'][number]['what']> = {
  register: 'register',
  accept: 'accept',
  decline: 'decline',
  dispatch: 'dispatch',
  rule: 'dispatch',
  sign: 'sign',
  answer: 'answer',
  close: 'close',
  reopen: 'rework',
  again: 'rework',
  ask: 'ask',
  add: 'add',
  rate: 'rate',
  withdraw: 'withdraw',
  askReview: 'review',
  decideReview: 'review',
};
const offered = ['add', 'attach', 'rate', 'withdraw', 'askReview'] as const;

export async function receiptView(house: House, held: Held): Promise<ReceiptView> {
  const { matter, words, actions } = await readHeld(house, held);
  const directory = house.keeper.current;
  const unitName = (id: string | null) => (id && directory.units.get(id)?.name) || null;
  const others = matter.parties.filter(one => one.id !== held.party).map(one => one.name);
  const mine = (one: Seen) => one.actor === null && one.unit === null;
  const answered = new Set(
    actions.flatMap(one => (one.type === 'add' && one.data.question ? [one.data.question] : [])),
  );
  const question = actions.findLast(one => one.type === 'ask' && !answered.has(one.id));
  const can = abilities(matter, held.doing.actor);
  const unit = directory.units.get(matter.handler ?? matter.unit);
  return {
    county: matter.county,
    number: matter.number,
    kind: matter.kind,
    state: matter.state,
    open: matter.open,
    text: words?.text ?? null,
    unit: unit ? { name: unit.name, phone: unit.phone } : null,
    dueAt: matter.open ? matter.dueAt : null,
    steps: actions.flatMap(one => {
      const what =
        one.type === 'decideExtension' && one.data.granted
          ? 'extended'
          : one.type === 'attach' && mine(one)
            ? 'attach'
            : steps[one.type];
      if (!what || (one.type === 'register' && one.seq !== 1)) return [];
      const said = typeof one.words?.text === 'string' ? one.words.text : null;
      // Dispatch is shown by whom it went to; everything else by who did it.
      const by = what === 'dispatch' ? unitName(one.data.unit) : unitName(one.unit);
      return [
        {
          id: one.id,
          at: one.at,
          what,
          unit: by,
          text: said && (mine(one) ? said : redact(said, others)),
          mine: mine(one),
        },
      ];
    }),
    question:
      question && matter.open ? { id: question.id, text: redact(String(question.words?.text ?? ''), others) } : null,
    can: words ? offered.filter(type => can.includes(type)) : [],
    rated: matter.rating === null ? null : { stars: matter.rating, solved: matter.solved },
    mediated: matter.mediation !== null && matter.mediation.outcome === null,
    reception: matter.kind === 'petition',
  };
}

/** 个人信息保护法 44, 45: what is held about the person in this matter, and to whom it was shown, when and why. */
export async function heldData(house: House, held: Held) {
  const { matter, words, actions } = await readHeld(house, held);
  const party = held.party ? await wordsOf(house, held.doing.scope, held.county, held.matter, held.party) : undefined;
  const files = matter.files.flatMap(file => {
    const action = actions.find(one => one.type === 'attach' && one.data.id === file.id);
    return action && action.actor === null && action.unit === null
      ? [{ name: String(action.words?.text ?? ''), type: file.type, size: file.size }]
      : [];
  });
  const subjects = [held.matter, ...matter.parties.map(one => one.id), ...matter.files.map(one => one.id)];
  const [shown, asked] = (await house.db.reads(
    systemScope,
    sql`SELECT a.at, a.what, a.detail, array(SELECT DISTINCT u.name FROM post o JOIN unit u ON u.id = o.unit WHERE o.person = a.person AND o.valid_from <= (a.at AT TIME ZONE 'Asia/Shanghai')::date
          AND (o.valid_to IS NULL OR o.valid_to > (a.at AT TIME ZONE 'Asia/Shanghai')::date) ORDER BY 1) AS units
        FROM audit a WHERE a.subject = ANY (${subjects}::text[]) AND a.what IN ('reveal', 'download', 'print', 'read-sensitive', 'receipt-restored', 'exchange-out') ORDER BY a.at DESC LIMIT 500`,
    sql`SELECT m.number, m.state, m.due_at AS "dueAt", m.fields->>'right' AS "right" FROM matter m WHERE m.county = ${held.county} AND m.kind = 'privacy' AND m.fields->>'of' = ${held.matter} ORDER BY m.received_at DESC LIMIT 50`,
  )) as [any[], any[]];
  return {
    held: {
      name: party?.name ?? null,
      phone: party?.phone ?? null,
      identity: party?.identity ?? null,
      address: party?.address ?? null,
      text: words?.text ?? null,
      files,
    },
    shown: shown.map(({ at, what, units, detail }) => ({ at, what, units, reason: detail?.reason ?? null })),
    asked,
  };
}
