/** Model-based: random people do random things, legal and illegal, stale and doubled, to matters of every kind. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mediationStep } from '../demo/mediating.ts';
import { type Random, seeded } from '../demo/random.ts';
import { clockOf, type Kind } from '../kinds/kind.ts';
import { kindNames, kinds } from '../kinds/kinds.ts';
import { calendarOf } from '../regions/directory.ts';
import { Action, type ActionType, actionTypes, type Registration } from './actions.ts';
import { explain } from './clocks.ts';
import { abilities, decide, register } from './decide.ts';
import { apply, isRefusal, type Matter, openStates, owed, type Rules, states } from './matter.ts';
import { type Actor, may, maySee, type Post } from './policy.ts';
import { commonAlarms } from './supervision.ts';
import { watchAtOf } from './watch.ts';

const uid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [county, town, village, office, station, closed] = [1, 2, 3, 4, 5, 6].map(uid) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const above: Record<string, string | null> = {
  [county]: null,
  [town]: county,
  [village]: town,
  [office]: county,
  [station]: town,
  [closed]: county,
};
const rules: Rules = {
  calendar: calendarOf([]),
  clock: (_county, kind, step, _at, grade) => {
    const graded = grade && (kinds[kind] as Kind).graded?.[grade]?.[step];
    return graded ? clockOf(step, graded) : kinds[kind].clocks[step];
  },
  unit: id =>
    id in above
      ? { id, centreAbove: above[id]!, isCentre: [county, town, village].includes(id), closed: id === closed }
      : undefined,
  alarms: () => commonAlarms,
  fields: () => [],
  knows: key => key === 'other' || key === 'c',
  points: (_county, kind) => kinds[kind].points,
  chain: (m, paper) => (m.centre === village ? [] : (kinds[m.kind] as Kind).chain[paper]),
};
const post = (n: number, unit: string, role: Post['role'], oversees: string[], needToKnow: boolean): Post => ({
  id: uid(100 + n),
  unit,
  role,
  region: oversees[0] ?? '',
  oversees,
  needToKnow,
});
const people: Actor[] = [
  { person: uid(11), posts: [post(1, county, 'clerk', ['C'], true)] },
  { person: uid(12), posts: [post(2, county, 'clerk', ['C'], false)] },
  { person: uid(13), posts: [post(3, town, 'clerk', ['T'], true)] },
  { person: uid(14), posts: [post(4, town, 'leader', ['T'], false)] },
  { person: uid(15), posts: [post(5, village, 'clerk', ['V'], true), post(6, village, 'mediator', [], true)] },
  { person: uid(16), posts: [post(7, office, 'handler', [], true)] },
  { person: uid(17), posts: [post(8, station, 'handler', [], true)] },
  { person: uid(18), posts: [post(9, county, 'audit-admin', [], false)] },
  { person: null, posts: [], receiptFor: uid(50) },
  { person: null, posts: [], system: true },
  { person: uid(19), posts: [post(10, county, 'leader', ['C'], true)] },
  { person: null, posts: [], side: { matter: uid(50), party: uid(81) } },
];
const other = { county: 'c', matter: uid(51) };

/** Some action of a type, with whatever its schema wants. */
function actionOf(
  type: Exclude<ActionType, 'register'>,
  pick: (n: number) => number,
  parts: readonly string[] = [],
): Action {
  const side = uid(81 + pick(2));
  const unit = [office, station, village, town, county, closed, uid(99)][pick(7)]!;
  const text = { text: '文字' };
  const data: Partial<Record<ActionType, object>> = {
    decline: { route: 'court', told: 'written' },
    dispatch: { unit },
    rule: { unit },
    contact: { way: 'phone', reached: true },
    urgent: { danger: 'violence', told: [{ who: '110', at: 1 }] },
    attach: { id: uid(70), type: 'image/png', size: 1, audience: 'unit', sha256: 'x' },
    report: { result: 'resolved' },
    answer: { way: 'phone', position: 'supported' },
    followUp: { outcome: (['satisfied', 'unsatisfied', 'unreachable'] as const)[pick(3)] },
    rate: { stars: 1 + pick(5), solved: pick(2) === 0 },
    again: { round: 2 },
    return: { ground: 'remit' },
    link: { ...other, matter: pick(5) ? other.matter : uid(50), relation: 'similar' },
    merge: { ...other, matter: pick(5) ? other.matter : uid(50) },
    withdraw: { by: 'person' },
    correct: { set: pick(2) ? { receivedAt: Date.parse('2026-01-05T10:00:00+08:00') } : { category: '02' } },
    join: {
      party: { id: uid(80 + pick(5)), role: (['respondent', 'witness', 'agent'] as const)[pick(3)], name: '某**' },
    },
    amend: { party: uid(80 + pick(5)), fields: ['name'], ...(pick(2) && { name: '某**' }) },
    protect: { sensitive: pick(2) === 0, excludedUnits: pick(4) ? [] : [[office, station, village][pick(3)]!] },
    admit: { person: uid(12) },
    note: { audience: 'unit' },
    order: { days: 1 + pick(3) },
    invite: { county: ['other', 'other', 'c', '邻县'][pick(4)]!, matter: uid(300), region: 'X' },
    consent: { way: 'letter' },
    hear: { county: 'other', matter: uid(300), what: (['agreed', 'agreed', 'ended'] as const)[pick(3)], at: 1 },
    notice: { days: 2 },
    reply: { order: 1 + pick(3) },
    lead: { person: uid(19) },
    suspend: { ground: (['appraisal', 'hearing'] as const)[pick(2)] },
    askExtension: { count: [1, 5, 30, 90][pick(4)]! },
    decideExtension: { granted: pick(3) > 0, told: 'written' },
    grade: { answers: { people: pick(200), threat: pick(2) }, ...(pick(4) === 0 && { override: 'simple' }) },
    decideReview: { outcome: (['upheld', 'changed', 'revoked'] as const)[pick(3)] },
    whistle: { parts: [{ matter: uid(200 + pick(50)), unit }] },
    partDone: { matter: parts.length ? parts[pick(parts.length)]! : uid(99) },
    draft: { paper: (['opinion', 'not-accepted', 'extended'] as const)[pick(3)] },
    pass: {
      paper: 1 + pick(4),
      step: (['review', 'sign', 'seal', 'instruct'] as const)[pick(4)],
      ...(pick(3) && { number: 'N1' }),
    },
    reject: { paper: 1 + pick(4) },
    serve: { paper: 1 + pick(4), way: 'hand', at: 1 },
    mediate: { basis: 'application', committee: unit },
    sideConsent: { party: side, yes: pick(5) > 0, ...(pick(2) && { routes: ['court'] }) },
    tellRights: { parties: [uid(81), uid(82)], way: 'read' },
    chooseMediators: { party: side, mediators: [uid(90), uid(91)].slice(pick(2)) },
    appoint: { mediators: [uid(90 + pick(3))] },
    answerAppointment: {
      mediator: uid(90 + pick(3)),
      answer: (['accept', 'accept', 'decline', 'disclose'] as const)[pick(4)],
    },
    object: { party: side, mediator: uid(90 + pick(3)) },
    planSitting: { at: Date.parse('2026-02-01T10:00:00+08:00'), way: 'room' },
    endSitting: { sitting: 1 + pick(2), to: (['held', 'adjourned', 'cancelled'] as const)[pick(3)] },
    minute: { line: uid(400 + pick(3)), saw: pick(2), sitting: 0, kind: 'fact' },
    writeAgreement: {
      form: pick(4) ? 'written' : 'oral',
      clauses: [
        {
          kind: 'pay',
          from: uid(81),
          to: uid(82),
          fen: 300,
          instalments: [
            { due: '2026-02-01', fen: 100 },
            { due: '2026-03-01', fen: 200 },
          ],
        },
      ],
      ...(pick(5) && { hash: 'h' }),
    },
    signAgreement: {
      signer: [
        { as: 'side', party: side },
        { as: 'side', party: side },
        { as: 'mediator', mediator: uid(90 + pick(3)) },
        { as: 'seal' },
      ][pick(4)],
      way: (['screen', 'oral', 'seal', 'record', 'paper'] as const)[pick(5)],
      at: 1,
      hash: 'h',
      ...(pick(4) && { file: uid(70) }),
    },
    endMediation: { outcome: (['agreed', 'agreed', 'failed', 'withdrawn'] as const)[pick(4)], routes: ['court'] },
    keepPaper: { place: '柜' },
    pay: { clause: 0, instalment: pick(2), fen: 50 * (1 + pick(4)), at: 1 },
    breach: { clause: 0, instalment: pick(2), next: (['mediation', 'court', 'enforcement'] as const)[pick(3)] },
    askConfirmation: { court: '法院', together: pick(4) > 0 },
    confirmed: { result: (['confirmed', 'refused', 'withdrawn'] as const)[pick(3)], at: 1 },
    fileDossier: { number: '1', hash: 'h', file: uid(72), pages: 3, keepUntil: 2036 },
    dock: {
      way: (['out', 'out', 'in'] as const)[pick(3)],
      body: (['court', 'police', 'women'] as const)[pick(3)],
      name: '对方',
      ...(pick(2) && { unit }),
    },
    dockStep: { dock: 1 + pick(2), to: (['accepted', 'refused', 'done', 'returned'] as const)[pick(4)] },
    callHearing: {
      at: Date.parse('2027-02-01T10:00:00+08:00'),
      panel: [0, 1, 2].map(n => ({ name: '听证员', from: '单位', chair: n === 0 })),
    },
    recusePanel: { hearing: 1, member: 1 + pick(3), name: '替补', from: '单位' },
    closeHearing: { hearing: 1 + pick(2), to: pick(2) ? 'held' : 'cancelled' },
    orderRectify: {
      until: Date.parse('2026-01-05T12:00:00+08:00') + pick(20) * 86_400_000,
      officers: [11, 12 + pick(6)].map(n => ({ person: uid(n), certificate: String(n) })),
    },
    rectify: { file: uid(70) },
    reinspect: { passed: pick(3) > 0 },
    succeed: { from: [office, station, village, town][pick(4)]!, to: unit },
  };
  return Action.parse({
    type,
    data: data[type] ?? {},
    words: type === 'writeAgreement' ? { ...text, clauses: ['付款'] } : text,
  });
}

const registration = (kind: (typeof kindNames)[number], stock: boolean, sensitive: boolean): Registration => ({
  number: 'n',
  kind,
  category: null,
  source: 'window',
  fields: {},
  centre: village,
  path: ['C', 'T', 'V'],
  grid: null,
  location: null,
  receivedAt: Date.parse(stock ? '2019-05-06T10:00:00+08:00' : '2026-01-05T10:00:00+08:00'),
  registeredAt: 0,
  stock,
  sensitive,
  excludedUnits: [],
  excludedPeople: [],
  parties:
    kind === 'dispute'
      ? [
          { id: uid(81), role: 'applicant', name: '王**' },
          { id: uid(82), role: 'respondent', name: '李**' },
        ]
      : [],
  externals: [],
});

/** Plain and quick: this runs half a million times. */
function must(holds: boolean, what: string, matter: Matter): void {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(matter)}`);
}

/** What must hold of every reachable matter. */
function invariants(m: Matter): void {
  const open = (openStates as readonly string[]).includes(m.state);
  must(m.open === open, 'open by state', m);
  must(rules.unit(m.unit) !== undefined, 'the accountable unit exists', m);
  if (open && !m.stock) must(m.due !== null && m.dueAt === m.due.at && m.nextAt !== null, 'one next deadline', m);
  else must(m.dueAt === null && m.nextAt === null, 'no deadline when nothing is owed', m);
  must(!m.due || m.due.start >= (m.openedAt ?? 0), 'no clock counts from before stock was opened', m);
  if (open)
    must(
      !m.excludedUnits.includes(m.unit) && m.participants.includes(m.unit),
      'the accountable unit is no party and takes part',
      m,
    );
  if (m.state === 'dispatched' || m.state === 'handling') must(m.handler === m.unit, 'the handler is accountable', m);
  must(new Set(m.returnedBy).size === m.returnedBy.length, 'one return for each unit', m);
  must(open || m.endedAt !== null, 'what has ended says when', m);
  must(m.pause === null || (open && m.due?.step === 'resume'), 'a clock that stands still is looked at again', m);
  must(m.asked === null || m.state === 'handling', 'an extension is asked for while it is handled', m);
  must(m.replyAt === null || (open && m.nextAt! <= Math.max(m.replyAt, m.nextAt!)), 'a reply owed is watched', m);
  must(m.rounds <= 2 && (m.kind === 'petition' || m.rounds === 0), 'one review, one re-examination', m);
  for (const paper of m.papers)
    must(paper.state !== 'out' || paper.passed === paper.chain.length, 'out only with every step passed', m);
}

const types = actionTypes.filter(type => type !== 'register') as Exclude<ActionType, 'register'>[];
const reached = new Map<string, { allowed: boolean; refused: boolean }>();
/** By state: what was never tried, and what was never refused though allowed. */
const untried = new Map<string, Set<(typeof types)[number]>>(states.map(state => [state, new Set(types)]));
const unrefused = new Map<string, Set<(typeof types)[number]>>(states.map(state => [state, new Set()]));
const note = (state: string, type: (typeof types)[number], ok: boolean) => {
  const old = reached.get(`${state}/${type}`) ?? { allowed: false, refused: false };
  const seen = ok ? { ...old, allowed: true } : { ...old, refused: true };
  reached.set(`${state}/${type}`, seen);
  untried.get(state)!.delete(type);
  if (seen.allowed && !seen.refused) unrefused.get(state)!.add(type);
  else unrefused.get(state)!.delete(type);
};

const forward: readonly ActionType[] = [
  'askReview',
  'draft',
  'pass',
  'partDone',
  'resume',
  'decideReview',
  'accept',
  'dispatch',
  'sign',
  'report',
  'rule',
  'answer',
  'close',
  'followUp',
  'rate',
  'attach',
  'orderRectify',
  'rectify',
  'reinspect',
  'mediate',
  'sideConsent',
  'tellRights',
  'appoint',
  'answerAppointment',
  'writeAgreement',
  'signAgreement',
  'endMediation',
  'askConfirmation',
  'confirmed',
  'fileDossier',
  'pay',
  'breach',
];
const ending: readonly ActionType[] = ['withdraw', 'merge', 'decline'];

const world = (random: Random) => ({
  committeeOf: () => office,
  mediatorOf: () => uid(90),
  mint: () => uid(400 + random.int(1000)),
});

/** One life of up to `length` proposals; returns how often each unit returned it. */
function live(seed: number, length: number): void {
  const random = seeded(seed);
  const kind = random.pick(kindNames);
  // Chance alone never reaches the payments of a mediation: some lives are longer and mostly do what it needs next.
  const mediated = kind === 'dispute' && random.chance(0.1);
  const steps = mediated ? 3 * length : length;
  let now = Date.parse('2026-01-05T11:00:00+08:00');
  const made = register(
    'c',
    uid(50),
    registration(kind, random.chance(0.1), random.chance(0.2)),
    people[4]!,
    now,
    rules,
  );
  if (isRefusal(made)) throw new Error('registration refused');
  let matter = apply(undefined, made);
  const history = [made];
  invariants(matter);
  for (let i = 0; i < steps; i++) {
    now += random.int(4) * 86_400_000 + random.int(3_600_000);
    if (matter.nextAt !== null && random.chance(0.5)) now = Math.max(now, matter.nextAt);
    // Mostly something possible, most of it forward, else any matter dies young; the rest is anything by anybody.
    const near = people.filter(
      p => p.system || p.posts.some(held => held.unit === matter.unit || held.unit === matter.centre),
    );
    const one = random.chance(0.7) && near.length ? random.pick(near) : random.pick(people);
    const able = random.chance(0.7) ? abilities(matter, one) : [];
    const drafted = matter.papers.some(
      paper => paper.unit === matter.unit && paper.round === matter.reworks + matter.rounds,
    );
    const onward = able.filter(
      type =>
        forward.includes(type) &&
        (type !== 'attach' || (matter.mediation?.agreement && !matter.files.length)) &&
        (type !== 'draft' || (matter.kind === 'petition' && !drafted)),
    );
    const lasting = able.filter(type => !ending.includes(type) || random.chance(0.05));
    const mediating = mediated && random.chance(0.9) ? mediationStep(matter, world(random), random, now) : undefined;
    const needed = mediating === 'wait' ? undefined : mediating;
    const willing = needed ? people.filter(person => abilities(matter, person).includes(needed.type)) : [];
    const [actor, type] = needed
      ? [random.pick(willing.length ? willing : people), needed.type]
      : onward.length && random.chance(0.8)
        ? [one, random.pick(onward)]
        : lasting.length
          ? [one, random.pick(lasting)]
          : [random.pick(people), random.pick(types)];
    // What nobody would think of is tried once in every state as well.
    for (const strange of untried.get(matter.state)!) {
      const tried = decide(
        matter,
        actionOf(strange, n => random.int(n)),
        random.pick(people),
        now,
        rules,
      );
      note(matter.state, strange, !isRefusal(tried));
    }
    for (const allowed of unrefused.get(matter.state)!) {
      const tried = decide(
        matter,
        actionOf(allowed, n => random.int(n)),
        people[7]!,
        now,
        rules,
      );
      note(matter.state, allowed, !isRefusal(tried));
    }
    const before = i % 10 ? undefined : JSON.stringify(matter);
    const effects = decide(
      matter,
      needed
        ? Action.parse(needed)
        : actionOf(
            type as (typeof types)[number],
            n => random.int(n),
            matter.parts.filter(part => !part.done).map(part => part.matter),
          ),
      actor,
      now,
      rules,
    );
    must(!before || JSON.stringify(matter) === before, 'deciding changes nothing', matter);
    note(matter.state, type as (typeof types)[number], !isRefusal(effects));
    if (isRefusal(effects)) {
      must(
        effects.code !== 'forbidden' || may(actor, type, matter) === undefined,
        'forbidden to those who may not',
        matter,
      );
      continue;
    }
    must(may(actor, type, matter) !== undefined, 'allowed to those who may', matter);
    const next = apply(matter, effects);
    must(next.seq === matter.seq + 1, 'one action, one step', next);
    must(type !== 'followUp' || !matter.handledBy.includes(actor.person ?? ''), 'followed up by somebody else', matter);
    must(type !== 'return' || !matter.returnedBy.includes(matter.unit), 'no second return', matter);
    must(
      type !== 'answer' ||
        !rules.chain(matter, 'opinion', now).length ||
        matter.papers.some(paper => paper.paper === 'opinion' && paper.state === 'out' && paper.number),
      'no answer that was not signed for',
      matter,
    );
    must(
      type !== 'close' ||
        !matter.border ||
        matter.border.gone ||
        (matter.border.agreedAt && matter.border.theirsAt) !== null,
      'both sides agree to close',
      matter,
    );
    must(type !== 'report' || matter.parts.every(part => part.done), 'the whole reports after its parts', matter);
    const { mediation } = next;
    must(
      type !== 'report' || !mediation || mediation.outcome !== null,
      'nothing is reported while it is mediated',
      next,
    );
    must(
      !mediation?.agreement?.inForceAt ||
        mediation.sides.every(side =>
          mediation.agreement!.signatures.some(({ signer }) => signer.as === 'side' && signer.party === side.party),
        ),
      'in force only with every side',
      next,
    );
    must(
      !mediation?.agreement?.inForceAt || mediation.outcome === null || mediation.outcome === 'agreed',
      'what is in force is not refused afterwards',
      next,
    );
    must(mediation?.outcome !== 'agreed' || mediation.agreement?.inForceAt !== null, 'agreed only in force', next);
    must(next.watchAt === watchAtOf(next, rules.calendar), 'what is to be told is known', next);
    matter = next;
    history.push(effects);
    invariants(matter);
  }
  // Folding the stored history, as JSON keeps it, gives the same matter.
  expect(
    history.reduce<Matter | undefined>((m, effects) => apply(m, JSON.parse(JSON.stringify(effects))), undefined),
  ).toEqual(JSON.parse(JSON.stringify(matter)));
}

describe('the loop', () => {
  const runs = Number(process.env.LOOP_RUNS ?? 100_000);
  test(`${runs} random lives: exactly one accountable unit and one next deadline, always`, {
    timeout: Math.max(240_000, runs * 10),
  }, () => {
    for (let seed = 1; seed <= runs; seed++) live(seed, 8 + (seed % 25));
    const legal: Record<string, readonly string[]> = {};
    for (const state of states) legal[state] = types.filter(type => reached.get(`${state}/${type}`)?.allowed);
    // The whole table was walked: every pair was tried, and what the table allows was seen allowed and refused.
    for (const state of states)
      for (const type of types) expect(reached.has(`${state}/${type}`), `${state}/${type} was never tried`).toBe(true);
    // Mediation was lived through to its end: paid, not paid, confirmed.
    for (const late of ['pay', 'breach', 'confirmed', 'fileDossier'])
      expect(
        [...reached].some(([pair, seen]) => pair.endsWith(`/${late}`) && seen.allowed),
        late,
      ).toBe(true);
    for (const state of openStates) expect(legal[state], `nothing was possible in ${state}`).not.toHaveLength(0);
    for (const [pair, seen] of reached)
      if (seen.allowed && !pair.endsWith('/openStock')) expect(seen.refused, `${pair} was never refused`).toBe(true);
  });

  test('in every open state the accountable unit has a way on', () => {
    for (const [state, step] of Object.entries(owed)) {
      const way: Record<string, ActionType> = {
        accept: 'accept',
        dispatch: 'dispatch',
        sign: 'sign',
        handle: 'report',
        rule: 'rule',
        answer: 'answer',
        close: 'close',
        followUp: 'followUp',
        rate: 'rate',
        review: 'decideReview',
        reexamine: 'decideReview',
      };
      expect(reached.get(`${state}/${way[step]}`)?.allowed, `${state} → ${way[step]}`).toBe(true);
    }
  });

  test('nobody acts on what they may not see', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...people),
        fc.constantFrom(...types),
        fc.boolean(),
        fc.subarray([county, town, village, office]),
        (actor, type, sensitive, excludedUnits) => {
          const made = register(
            'c',
            uid(50),
            {
              ...registration('petition', false, sensitive),
              excludedUnits: excludedUnits.filter(unit => unit !== county),
            },
            people[0]!,
            0,
            rules,
          );
          if (isRefusal(made)) return;
          const matter = apply(undefined, made);
          if (!maySee(actor, matter)) expect(may(actor, type, matter)).toBeUndefined();
          if (actor.posts.some(p => matter.excludedUnits.includes(p.unit))) expect(maySee(actor, matter)).toBe(false);
        },
      ),
    );
  });

  test('a first action says what a blank matter does not have; one that says everything, as they once did, folds to the same', () => {
    for (const stock of [false, true]) {
      const made = register('c', uid(50), registration('petition', stock, true), people[0]!, 0, rules);
      if (isRefusal(made)) throw new Error(made.code);
      const matter = apply(undefined, made);
      const said = Object.values(Object.assign({}, ...made.map(effect => ('set' in effect ? effect.set : effect.add))));
      expect(said.filter(value => value === null || (Array.isArray(value) && !value.length))).toEqual([]);
      const {
        seq: _,
        participants,
        excludedUnits,
        excludedPeople,
        readers,
        relations,
        externals,
        files,
        ...set
      } = matter;
      const add = { participants, excludedUnits, excludedPeople, readers, relations, externals, files };
      expect(apply(undefined, [{ set }, { add }])).toEqual(matter);
    }
  });

  test('stock counts from the day it is opened, however old it is, and says so', () => {
    const now = Date.parse('2026-03-09T10:00:00+08:00');
    const clerk = people[0]!;
    const handler = people.find(one => one.posts.some(p => p.unit === office))!;
    for (const kind of kindNames)
      for (const steps of [
        ['openStock', 'accept', 'dispatch', 'sign'],
        ['accept', 'dispatch', 'sign'],
      ]) {
        const made = register('c', uid(50), { ...registration(kind, true, false), centre: county }, clerk, now, rules);
        if (isRefusal(made)) throw new Error(made.code);
        let matter = apply(undefined, made);
        expect(matter).toMatchObject({ due: null, openedAt: null });
        for (const type of steps) {
          const action = Action.parse({
            type,
            data: type === 'dispatch' ? { unit: office } : {},
            words: { text: '办' },
          });
          const done = decide(matter, action, type === 'sign' ? handler : clerk, now, rules);
          if (isRefusal(done)) throw new Error(`${kind} ${type}: ${done.code}`);
          matter = apply(matter, done);
          expect(matter.openedAt).toBe(now);
          expect(matter.due!.start, `${kind} ${type}`).toBe(now);
          if (rules.clock('c', kind, owed[matter.state as 'handling'], now).from === 'received')
            expect(explain(matter.due!)).toContain('自3月9日启动存量件起');
        }
      }
  });

  test('a unit that is a party never holds the matter: it goes to the first centre above that is not concerned', () => {
    const made = register(
      'c',
      uid(50),
      { ...registration('petition', false, true), excludedUnits: [village, town] },
      people[0]!,
      0,
      rules,
    );
    expect(isRefusal(made)).toBe(false);
    expect(apply(undefined, made as never).unit).toBe(county);
    expect(
      register(
        'c',
        uid(50),
        { ...registration('petition', false, true), excludedUnits: [village, town, county] },
        people[0]!,
        0,
        rules,
      ),
    ).toMatchObject({ code: 'no_level_above' });
  });

  test('no second return, for each unit; and none after the window', () => {
    const at = Date.parse('2026-03-09T10:00:00+08:00');
    let matter = apply(
      undefined,
      register(
        'c',
        uid(50),
        { ...registration('petition', false, false), centre: county },
        people[0]!,
        at,
        rules,
      ) as never,
    );
    const go = (actor: Actor, type: Exclude<ActionType, 'register'>, data: object, now: number) => {
      const effects = decide(matter, Action.parse({ type, data, words: { text: '文字' } }), actor, now, rules);
      if (!isRefusal(effects)) matter = apply(matter, effects);
      return effects;
    };
    go(people[0]!, 'accept', {}, at);
    go(people[0]!, 'dispatch', { unit: office }, at);
    go(people[5]!, 'return', { ground: 'remit' }, at);
    expect(matter).toMatchObject({ state: 'returned', unit: county });
    go(people[0]!, 'rule', { unit: office }, at);
    expect(go(people[5]!, 'return', { ground: 'remit' }, at)).toMatchObject({ code: 'returned_before' });
    go(people[0]!, 'recall', {}, at);
    go(people[0]!, 'dispatch', { unit: station }, at);
    expect(go(people[6]!, 'return', { ground: 'remit' }, at + 10 * 86_400_000)).toMatchObject({
      code: 'return_window',
    });
  });
});
