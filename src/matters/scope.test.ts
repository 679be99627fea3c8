/**
 * What policy refuses is nowhere: no list, page, search, count, hint, export, file or error tells of it. Shown with
 * both walls, with row-level security alone (raw SQL), and with the application's own filter alone (policies off).
 */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { seeded } from '../demo/random.ts';
import { readTable } from '../imports/table.ts';
import { sql } from '../kernel/db.ts';
import { uuid } from '../kernel/ids.ts';
import { ledgerColumns } from '../ledgers/columns.ts';
import { writeLedger } from '../ledgers/ledger.ts';
import { EntryInput } from '../rounds/contract.ts';
import { enterFound } from '../rounds/store.ts';
import { letter, type TestHouse, testHouse } from '../test/harness.ts';
import { act } from './acting.ts';
import { Action } from './actions.ts';
import { RowShape } from './contract.ts';
import type { Filters } from './filters.ts';
import { project } from './jobs.ts';
import { likeMatters } from './likeness.ts';
import { countMatters, findExactly, findRowJson, listJson, listMatters, type Order } from './lists.ts';
import type { Matter } from './matter.ts';
import { deliver, readNotices } from './notices.ts';
import { maySee } from './policy.ts';
import { readPage, reveal } from './reading.ts';
import { registerMatter } from './registration.ts';
import { guarded, matterOf, readersOf, stageOf } from './rows.ts';
import type { Doing } from './store.ts';

const logins = [
  'county',
  'county2',
  'leader',
  'shundian',
  'shundian2',
  'huolong',
  'village',
  'village-head',
  'urban',
  'urban2',
  'labour',
  'police',
  'system',
  'audit',
];
const text = '供销社门前的旧水塔年久失修随时可能倒塌，请派人查看。';

/** Some sixty matters: here and there, sensitive or not, with units and people kept out, dispatched or not. */
async function fill(house: TestHouse): Promise<void> {
  const random = seeded(11);
  const units = [...house.keeper.current.units.values()];
  const unit = (name: string) => units.find(u => u.name.includes(name))!.id;
  for (let i = 0; i < 60; i++) {
    const region = random.pick(['411081101205', '411081101001', '411081100000', '411081101000', '411081000000']);
    const by = await house.as(
      region.startsWith('411081100')
        ? 'huolong'
        : region === '411081101205'
          ? 'village-head'
          : region.startsWith('411081101')
            ? 'shundian'
            : 'county',
    );
    const excludedUnits = random.chance(0.3)
      ? [random.pick([unit('城市管理局'), unit('顺店镇综治中心'), unit('火龙镇综治中心'), unit('公安局')])]
      : [];
    const excludedPeople = random.chance(0.2)
      ? [(await house.staff(random.pick(['county2', 'leader', 'urban', 'shundian2']))).person]
      : [];
    const made = await registerMatter(
      house.loop,
      by,
      letter({
        text,
        region,
        sensitive: random.chance(0.35),
        excludedUnits,
        excludedPeople,
        parties: [{ id: uuid(), role: 'applicant', name: '王小明', phone: '13800138000', anonymous: false }],
      }),
    );
    const row = await house.owner.query('SELECT unit FROM matter WHERE id = $1', [made.id]);
    const holder = units.find(u => u.id === row.rows[0].unit)!;
    const login = {
      禹州市综治中心: 'county',
      顺店镇综治中心: 'shundian',
      火龙镇综治中心: 'huolong',
      毛吕村综治中心: 'village-head',
    }[holder.name];
    if (!login || random.chance(0.3)) continue;
    const step = async (who: string, type: string, data: object = {}, words: object = {}) =>
      act(house.loop, await house.as(who), made.county, made.id, {
        id: uuid(),
        action: Action.parse({ type, data, words }),
      });
    await step(login, 'accept');
    if (login !== 'county' && random.chance(0.25)) {
      await step(login, 'escalate', {}, { text: '本级没有专业人员，请上级派人鉴定。' });
      continue;
    }
    const target = random.pick([unit('城市管理局'), unit('公安局'), unit('人力资源')]);
    if (excludedUnits.includes(target)) continue;
    await step(login, 'dispatch', { unit: target });
    // Some are back already: their centre has the next step, and the department waits for it.
    const handler = { [unit('公安局')]: 'police', [unit('人力资源')]: 'labour' }[target];
    const row2 = await house.owner.query('SELECT * FROM matter WHERE id = $1', [made.id]);
    if (!handler || !maySee((await house.as(handler)).actor, matterOf(row2.rows[0])) || random.chance(0.3)) continue;
    await step(handler, 'sign');
    await step(handler, 'report', { result: 'explained' }, { text: '已到现场查看，并向来人说明。' });
  }
  while ((await project(house.loop)) > 0);
}

const all = async (house: TestHouse): Promise<Matter[]> =>
  (await house.owner.query('SELECT * FROM matter')).rows.map(matterOf);
const sorted = (ids: Iterable<string>) => [...ids].sort();

/** What of the open matters that a person may see lies in each box of his desk. */
const boxes: Record<
  'inbox' | 'given' | 'awaited' | 'late',
  (m: Matter, units: readonly string[], now: number) => boolean
> = {
  inbox: (m, units) => !m.stock && units.includes(m.unit),
  given: (m, units) => units.includes(m.centre) && m.unit !== m.centre,
  awaited: (m, units) => !m.stock && !units.includes(m.unit) && m.participants.some(unit => units.includes(unit)),
  late: (m, _, now) => m.dueAt !== null && m.dueAt < now,
};

/** The ids of a list, in small pages, in order of their letters: one that comes twice is there twice. */
async function everyPage(house: TestHouse, doing: Doing, filters: Filters, order: Order): Promise<string[]> {
  const listed: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listMatters(house.loop, doing, ['411081'], filters, order, cursor, 7);
    listed.push(...page.rows.map(row => row.id));
    cursor = page.next ?? undefined;
  } while (cursor);
  return sorted(listed);
}

/** Every way of reading, for every login, against the pure policy. */
async function everyWay(house: TestHouse): Promise<void> {
  const matters = await all(house);
  const counties = ['411081'];
  const lying = new Map<string, number>();
  for (const login of logins) {
    const doing = await house.as(login);
    const staff = await house.staff(login);
    const may = matters.filter(m => maySee(doing.actor, m));
    const ids = sorted(may.map(m => m.id));
    expect(await everyPage(house, doing, {}, 'received'), `${login} lists, none twice`).toEqual(ids);
    const searched = await listMatters(house.loop, doing, counties, { q: '水塔' }, 'received', undefined, 200);
    expect(sorted(searched.rows.map(row => row.id)), `${login} searches`).toEqual(ids);
    const found = await findExactly(house.loop, doing, counties, '13800138000');
    expect(found.length, `${login} finds by phone`).toBe(Math.min(50, ids.length));
    expect(found.every(row => ids.includes(row.id))).toBe(true);
    const like = await likeMatters(house.loop, doing, '411081', text, 100);
    expect(
      like.every(row => ids.includes(row.id)),
      `${login} is shown duplicates`,
    ).toBe(true);
    const counted = (await countMatters(house.loop, doing, counties)).reduce((sum, row) => sum + row.n, 0);
    // The tally is of matters held now or lying in one's regions; past participants are in lists but not in figures.
    const { regions = [], units = [] } = doing.scope;
    const figured = may.filter(
      m => guarded(m) || units.includes(m.unit) || m.path.some(code => regions.includes(code)),
    );
    expect(counted, `${login} counts`).toBe(figured.length);
    // What the database keeps ready is what the matter is, by place as well.
    for (const region of [undefined, '411081101000', '411081101205'])
      for (const order of ['received', 'due'] as const) {
        const asked = [house.loop, doing, counties, { region }, order, undefined, 200] as const;
        const { rows } = JSON.parse(await listJson(...asked));
        expect((await listMatters(...asked)).rows).toEqual(rows);
        for (const row of z.array(RowShape.strict()).parse(rows)) {
          const { fields, dueAt, receivedAt, endedAt, replyAt, ...m } = matters.find(one => one.id === row.id)!;
          const times = { due_at: dueAt, received_at: receivedAt, ended_at: endedAt, reply_at: replyAt };
          const { summary: _, due_at, received_at, ended_at, reply_at, own, ...same } = row;
          expect(m, `${m.number}, ready-made`).toMatchObject(same);
          expect({ due_at, received_at, ended_at, reply_at, own }).toEqual({ ...times, own: fields.own ?? null });
        }
        const there = may.filter(m => (!region || m.path.includes(region)) && (order === 'received' || m.open));
        expect(sorted(rows.map((row: { id: string }) => row.id)), `${login} in ${region} by ${order}`).toEqual(
          sorted(there.map(m => m.id)),
        );
      }
    // Some days on, so that something is late.
    const then = { ...doing, now: doing.now + 2 * 86_400_000 };
    for (const box of ['inbox', 'given', 'awaited', 'late'] as const)
      for (const order of ['received', 'due'] as const) {
        const there = may.filter(m => m.open && boxes[box](m, units, then.now));
        lying.set(box, (lying.get(box) ?? 0) + there.length);
        expect(await everyPage(house, then, { box }, order), `${login}: ${box} by ${order}`).toEqual(
          sorted(there.map(m => m.id)),
        );
      }
    const file = path.join(house.data, `${login}.xlsx`);
    expect(
      await writeLedger(
        house,
        staff,
        { filters: {}, order: 'received', columns: [...ledgerColumns], language: 'zh' },
        file,
        async () => {},
      ),
      `${login} exports`,
    ).toBe(ids.length);
    const numbers: string[] = [];
    for await (const row of readTable(file)) if (row.line > 1) numbers.push(String(row.values[0]));
    expect(sorted(numbers)).toEqual(sorted(may.map(m => m.number)));
    fs.rmSync(file);
    for (const matter of matters) {
      const seen = await readPage(house.loop, doing, matter.county, matter.id).then(
        () => true,
        error => error.code,
      );
      expect(seen, `${login} opens ${matter.number}`).toBe(ids.includes(matter.id) ? true : 'not_found');
      const row = await findRowJson(house.loop, doing, matter.county, matter.id);
      expect(row && JSON.parse(row).id, `${login} watches ${matter.number}`).toBe(
        ids.includes(matter.id) ? matter.id : undefined,
      );
      if (ids.includes(matter.id)) continue;
      await expect(reveal(house.loop, doing, matter.county, matter.id, matter.parties[0]!.id)).rejects.toMatchObject({
        code: 'not_found',
      });
      await expect(
        act(house.loop, doing, matter.county, matter.id, {
          id: uuid(),
          action: Action.parse({ type: 'note', data: {}, words: { text: '探' } }),
        }),
      ).rejects.toMatchObject({ code: 'not_found' });
      await expect(findExactly(house.loop, doing, counties, matter.number)).resolves.toEqual([]);
    }
  }
  // The trial is fair: something lies in each box.
  expect([...lying.values()].filter(n => n === 0)).toEqual([]);
}

describe('with both walls', async () => {
  const house = await testHouse();
  beforeAll(() => fill(house));

  test('the trial is fair: every login sees something else, nobody but the system sees all', async () => {
    const matters = await all(house);
    const sizes: number[] = [];
    for (const login of logins) {
      const { actor } = await house.as(login);
      sizes.push(matters.filter(m => maySee(actor, m)).length);
    }
    expect(new Set(sizes).size).toBeGreaterThan(5);
    expect(Math.max(...sizes)).toBeLessThan(matters.length);
    expect(matters.filter(m => m.sensitive).length).toBeGreaterThan(10);
  });

  test('every way of reading shows what the policy allows, and nothing else', () => everyWay(house));

  test('row-level security alone: raw SQL in a scope gives the same rows, of every table that hangs on a matter', async () => {
    const matters = await all(house);
    for (const login of logins) {
      const { scope, actor } = await house.as(login);
      const ids = sorted(matters.filter(m => maySee(actor, m)).map(m => m.id));
      const raw = await house.db.read<{ id: string }>(scope, sql`SELECT id FROM matter`);
      expect(sorted(raw.map(row => row.id)), login).toEqual(ids);
      for (const table of [
        'matter_action',
        'matter_key',
        'matter_party',
        'matter_lookup',
        'matter_file',
        'matter_reader',
        'notice',
      ] as const) {
        const rows = await house.db.read<{ matter: string }>(
          scope,
          sql`SELECT DISTINCT matter FROM ${sql.table(table)}`,
        );
        expect(
          rows.every(row => ids.includes(row.matter)),
          `${login} ${table}`,
        ).toBe(true);
        if (['matter_action', 'matter_key'].includes(table)) expect(rows).toHaveLength(ids.length);
      }
      for (const table of [
        'matter_search',
        'matter_change',
        'tally_of',
        'import_seen',
        'chain_root',
        'matter_message',
      ] as const)
        expect(await house.db.read(scope, sql`SELECT 1 FROM ${sql.table(table)}`), `${login} ${table}`).toEqual([]);
    }
  });

  test('the rows that lists of narrow scopes walk are those of the matters themselves', async () => {
    const { rows } = await house.owner.query('SELECT matter, reader, stage, guarded, received_at FROM matter_reader');
    const kept = sorted(rows.map(row => `${row.matter} ${row.reader} ${row.stage} ${row.guarded} ${row.received_at}`));
    const wanted = (await all(house)).flatMap(m =>
      readersOf(m).map(reader => `${m.id} ${reader} ${stageOf(m)} ${guarded(m)} ${m.receivedAt}`),
    );
    expect(kept).toEqual(sorted(wanted));
  });

  test('an actor may write only the matter the transaction declared, and none that it cannot see', async () => {
    const { scope } = await house.as('huolong');
    const matters = await all(house);
    const unseen = matters.find(
      m => !m.path.includes('411081100000') && !m.participants.some(p => scope.units!.includes(p)),
    )!;
    expect(await house.db.write(scope, tx => tx.run(sql`UPDATE matter SET lapses = 9 WHERE id = ${unseen.id}`))).toBe(
      0,
    );
    const seen = matters.find(
      m => m.path.includes('411081100000') && !m.sensitive && !m.excludedUnits.length && !m.excludedPeople.length,
    )!;
    await expect(
      house.db.write(scope, tx => tx.run(sql`UPDATE matter SET lapses = 9 WHERE id = ${seen.id}`)),
    ).rejects.toMatchObject({ code: '42501' });
    await expect(
      house.db.write(scope, tx =>
        tx.run(sql`INSERT INTO matter_change (county, matter) VALUES ('411081', ${seen.id})`),
      ),
    ).rejects.toMatchObject({ code: '42501' });
  });

  test('the role of the server bypasses nothing and owns nothing', async () => {
    const [role] = await house.db.read<any>(
      {},
      sql`SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user`,
    );
    expect(role).toEqual({ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false });
    expect(
      await house.db.read(
        {},
        sql`SELECT relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = current_user`,
      ),
    ).toEqual([]);
    for (const statement of [
      'UPDATE matter_action SET type = type',
      'DELETE FROM matter',
      'DELETE FROM audit',
      'TRUNCATE matter',
      'ALTER TABLE matter DISABLE ROW LEVEL SECURITY',
    ])
      await expect(
        house.db.write({ system: true }, tx => tx.run(sql.raw(statement))),
        statement,
      ).rejects.toMatchObject({ code: '42501' });
  });

  test('without any one policy something fails: none is there for show', async () => {
    const { rows: policies } = await house.owner.query(
      "SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'public' ORDER BY 1, 2",
    );
    await house.owner.query("INSERT INTO county VALUES ('999999', '999999000000', '邻县')");
    await house.keeper.changed();
    expect(policies.length).toBeGreaterThan(20);
    const county = await house.as('village-head');
    const auditor = await house.as('audit');
    const matters = await all(house);
    const ids = sorted(matters.filter(m => maySee(county.actor, m)).map(m => m.id));
    const smoke = async () => {
      const word = uuid().replace(/[-\d]/g, c => 'ghijklmnop'[Number(c)] ?? '');
      const input = letter({
        text: `策略检查用的一件小事情 ${word}`,
        externals: [{ system: 'hotline', number: uuid() }],
      });
      const made = await registerMatter(house.loop, county, input, {
        importing: { source: uuid(), sourceId: '1', content: Buffer.from('x') },
      });
      await act(house.loop, county, made.county, made.id, {
        id: uuid(),
        action: Action.parse({ type: 'accept', data: {}, words: {} }),
      });
      const moved = Action.parse({
        type: 'correct',
        data: { set: { receivedAt: house.time.now - 3_600_000 } },
        words: { text: '收到时间写错' },
      });
      await act(house.loop, county, made.county, made.id, { id: uuid(), action: moved });
      await act(house.loop, await house.as('shundian'), made.county, made.id, {
        id: uuid(),
        action: Action.parse({ type: 'remind', data: {}, words: { text: '请尽快办理' } }),
      });
      if (!(await readNotices(house.db, county.scope, ['411081'])).rows.some(row => row.matter === made.id))
        throw new Error('notices');
      if (!(await deliver(house.loop, [{ name: 'test', send: async () => {} }], house.time.now)))
        throw new Error('deliver');
      const away = { county: '999999', matter: uuid(), region: '999999000000' };
      await act(house.loop, county, made.county, made.id, {
        id: uuid(),
        action: Action.parse({ type: 'invite', data: away, words: { text: '两地共办' } }),
      });
      if (!(await house.db.read({ system: true }, sql`SELECT 1 FROM matter_message WHERE matter = ${made.id}`)).length)
        throw new Error('message');
      const dates = await house.owner.query('SELECT DISTINCT received_at FROM matter_reader WHERE matter = $1', [
        made.id,
      ]);
      if (dates.rows.length !== 1) throw new Error('reader');
      if ((await readPage(house.loop, county, made.county, made.id)).timeline.length !== 5) throw new Error('page');
      const list = await listMatters(house.loop, county, ['411081'], {}, 'received', undefined, 200);
      if (ids.some(id => !list.rows.some(row => row.id === id))) throw new Error('list');
      await reveal(house.loop, county, made.county, made.id, input.parties[0]!.id);
      if (!(await findExactly(house.loop, county, ['411081'], input.externals[0]!.number)).length)
        throw new Error('find');
      while ((await project(house.loop)) > 0);
      if ((await house.db.read({ system: true }, sql`SELECT 1 FROM matter_change`)).length) throw new Error('project');
      if (!(await listMatters(house.loop, county, ['411081'], { q: word }, 'received', undefined, 5)).rows.length)
        throw new Error('search');
      if (!(await house.db.read(county.scope, sql`SELECT 1 FROM tally LIMIT 1`)).length) throw new Error('count');
      if (!(await house.db.read({ system: true }, sql`SELECT 1 FROM import_seen LIMIT 1`)).length)
        throw new Error('seen');
      await house.db.write({ system: true }, async tx => {
        await tx.run(sql`INSERT INTO chain_root VALUES ('411081', '2020-01-01', 0, 0, '') ON CONFLICT DO NOTHING`);
        await tx.run(sql`INSERT INTO matter_file VALUES ('411081', ${uuid()}, ${made.id}, now())`);
        if (!(await tx.run(sql`UPDATE matter_key SET version = version WHERE matter = ${made.id}`)))
          throw new Error('rotate');
        await tx.run(sql`INSERT INTO matter_lookup VALUES ('411081', 'x', ${made.id}, 'phone') ON CONFLICT DO NOTHING`);
        if (!(await tx.run(sql`UPDATE matter_lookup SET hash = hash WHERE matter = ${made.id}`)))
          throw new Error('lookup');
        if (!(await tx.run(sql`UPDATE matter_party SET masked = masked WHERE matter = ${made.id}`)))
          throw new Error('party');
        if (!(await tx.run(sql`DELETE FROM matter_lookup WHERE hash = 'x'`))) throw new Error('lookup gone');
        if (!(await tx.run(sql`DELETE FROM matter_party WHERE matter = ${made.id}`))) throw new Error('party gone');
      });
      if (!(await house.db.read({ system: true }, sql`SELECT 1 FROM matter_file LIMIT 1`)).length)
        throw new Error('file');
      // The field: a duty is made by the system, seen and moved by whoever answers for it or oversees it, and entered once.
      const village = await house.staff('village-head');
      const [duty, entry] = [uuid(), uuid()];
      const path = ['411081000000', '411081101000', '411081101205'];
      await house.db.write({ system: true }, tx =>
        tx.run(
          sql`INSERT INTO duty (county, id, sort, name, region, path, unit, opens_at, due_at) VALUES ('411081', ${duty}, 'round', 'x', '411081101205', ${path}, ${village.posts[0]!.unit}, now(), now())`,
        ),
      );
      const found = EntryInput.parse({
        id: entry,
        county: '411081',
        duty,
        sort: 'round',
        region: '411081101205',
        outcome: 'nothing',
        words: { note: 'x' },
      });
      await enterFound(house, village, found, house.time.now, { claimedAt: house.time.now, deviceAt: null });
      for (const scope of [village.scope, county.scope])
        if (
          (await house.db.read(scope, sql`SELECT 1 FROM duty d JOIN entry e ON e.duty = d.id WHERE d.id = ${duty}`))
            .length !== 1
        )
          throw new Error('duty');
      await house.db.write(village.scope, async tx => {
        if (!(await tx.run(sql`UPDATE duty SET reason = 'x' WHERE id = ${duty}`))) throw new Error('duty moved');
      });
      await house.db.write({ system: true }, async tx => {
        if (!(await tx.run(sql`UPDATE entry SET version = version WHERE id = ${entry}`)))
          throw new Error('entry rewrapped');
        await tx.run(
          sql`INSERT INTO device (id, person, token, name, agent, made_at, seen_at) VALUES (${duty}, ${village.person}, ${Buffer.from(duty)}, 'x', 'x', now(), now())`,
        );
        await tx.run(
          sql`INSERT INTO held_item (county, id, person, device, at, device_at, code, words, version) VALUES ('411081', ${entry}, ${village.person}, ${duty}, now(), now(), 'stale', '', 1)`,
        );
      });
      await house.db.write(village.scope, async tx => {
        if (!(await tx.run(sql`UPDATE held_item SET state = 'dropped' WHERE id = ${entry}`))) throw new Error('held');
      });
      // Ways in and out: each table is the house's own; a tip is its organ's alone.
      const [one, unit] = [uuid(), village.posts[0]!.unit];
      const at = sql`now()`;
      const rows: Record<string, Parameters<typeof house.db.read>[1]> = {
        phone_code: sql`('411081', ${one}, '', '', 0, ${at}, NULL)`,
        announced: sql`('411081', ${one}, 0)`,
        review_ticket: sql`('411081', ${one}, '', 'v', NULL)`,
        review_ballot: sql`('411081', ${one}, '', '{}')`,
        alert_seen: sql`('411081', ${one}, ${one}, '')`,
        api_report: sql`('411081', ${one}, ${one}, ${at})`,
      };
      const named: Record<string, Parameters<typeof house.db.read>[1]> = {
        channel_mark: sql`(county, matter) VALUES ('411081', ${one})`,
        message_out: sql`(county, id, channel, template, data, state, next_at, made_at) VALUES ('411081', ${one}, 'sms', 'code', '{}', 'dead', ${at}, ${at})`,
        webhook_delivery: sql`(county, id, webhook, matter, seq, type, body, at, state, next_at) VALUES ('411081', ${one}, ${one}, ${one}, 1, 'x', '', ${at}, 'dead', ${at})`,
        exchange: sql`(county, id, peer, way, matter, state, at) VALUES ('411081', ${one}, ${one}, 'in', ${one}, 'sent', ${at})`,
        exchange_message: sql`(county, peer, way, id, exchange, type, hash, state, at) VALUES ('411081', ${one}, 'in', ${one}, ${one}, 'x', '', 'done', ${at})`,
        wish_offer: sql`(county, id, wish, matter, state, at, words, version) VALUES ('411081', ${one}, ${one}, ${one}, 'offered', ${at}, '', 1)`,
        booking: sql`(county, id, reception, slot, code, state, at, words, version) VALUES ('411081', ${one}, ${one}, 0, ${Buffer.from(one)}, 'booked', ${at}, '', 1)`,
        call: sql`(county, id, reference, masked, arrived_at, words, version) VALUES ('411081', ${one}, ${one}, '', ${at}, '', 1)`,
      };
      await house.db.write({ system: true }, async tx => {
        await tx.run(
          sql`INSERT INTO reception (county, id, unit, who, sort, at, minutes, slots, room) VALUES ('411081', ${one}, ${unit}, 'x', 'window', ${at}, 10, 1, 'x')`,
        );
        await tx.run(
          sql`INSERT INTO api_token (id, hash, name, post, scopes, created_by, created_at, expires_at) VALUES (${one}, ${Buffer.from(one)}, 'x', ${village.posts[0]!.id}, '{read}', ${village.person}, ${at}, ${at})`,
        );
        for (const [table, values] of Object.entries(rows))
          await tx.run(sql`INSERT INTO ${sql.table(table)} VALUES ${values}`);
        for (const [table, values] of Object.entries(named))
          await tx.run(sql`INSERT INTO ${sql.table(table)} ${values}`);
      });
      await house.db.write({}, async tx => {
        await tx.run(sql`SELECT set_config('yd.tip', ${Buffer.from(one).toString('hex')}, true)`);
        await tx.run(
          sql`INSERT INTO tip (county, id, unit, n, sealed, code, day, state) VALUES ('411081', ${one}, ${unit}, 1, '', ${Buffer.from(one)}, now(), 'new')`,
        );
      });
      await house.db.write(village.scope, async tx => {
        if ((await tx.many(sql`SELECT 1 FROM tip WHERE id = ${one}`)).length !== 1) throw new Error('tip');
        if (!(await tx.run(sql`UPDATE tip SET state = 'opened' WHERE id = ${one}`))) throw new Error('tip moved');
      });
      if ((await house.db.read({ system: true }, sql`SELECT 1 FROM tip`)).length) throw new Error('tip seen');
      for (const table of [...Object.keys(rows), ...Object.keys(named)])
        if ((await house.db.read(village.scope, sql`SELECT 1 FROM ${sql.table(table)}`)).length) throw new Error(table);
      await house.db.write({}, tx => tx.run(sql`INSERT INTO audit (at, what, result) VALUES (now(), 'smoke', 'done')`));
      if (!(await house.db.read(auditor.scope, sql`SELECT 1 FROM audit WHERE what = 'smoke' LIMIT 1`)).length)
        throw new Error('audit');
    };
    await smoke();
    for (const { tablename, policyname, cmd, qual, with_check } of policies) {
      await house.owner.query(`DROP POLICY ${policyname} ON ${tablename}`);
      const outcome = await smoke().then(
        () => 'passed',
        () => 'failed',
      );
      await house.owner.query(
        `CREATE POLICY ${policyname} ON ${tablename} FOR ${cmd}${qual ? ` USING (${qual})` : ''}${with_check ? ` WITH CHECK (${with_check})` : ''}`,
      );
      expect(outcome, `without ${tablename}.${policyname}`).toBe('failed');
    }
    await smoke();
  });

  test('every table of matters has forced row security, and keys that begin with the county', async () => {
    const { rows } = await house.owner.query(
      "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r' AND (c.relname LIKE 'matter%' OR c.relname IN ('tally', 'tally_of', 'import_seen', 'chain_root', 'audit', 'notice', 'duty', 'entry', 'held_item', 'phone_code', 'message_out', 'announced', 'webhook_delivery', 'exchange', 'exchange_message', 'review_ticket', 'review_ballot', 'alert_seen', 'wish_offer', 'booking', 'call', 'tip', 'api_report', 'channel_mark'))",
    );
    expect(rows.length).toBeGreaterThan(11);
    for (const row of rows) expect([row.relrowsecurity, row.relforcerowsecurity], row.relname).toEqual([true, true]);
    const keys = await house.owner.query(
      "SELECT t.relname, i.indexrelid::regclass::text AS name, a.attname FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0] WHERE (i.indisprimary OR i.indisunique) AND (t.relname LIKE 'matter%' OR t.relname IN ('tally', 'tally_of', 'import_seen', 'chain_root', 'duty', 'entry', 'held_item', 'place', 'plan', 'team', 'team_member', 'listing', 'footage_request', 'phone_code', 'message_out', 'announced', 'webhook_delivery', 'exchange', 'exchange_message', 'review_ticket', 'review_ballot', 'alert_seen', 'wish_offer', 'booking', 'call', 'tip', 'publication', 'alert', 'reception', 'knowledge', 'peer'))",
    );
    expect(keys.rows.length).toBeGreaterThan(11);
    for (const key of keys.rows) expect(key.attname, key.name).toBe('county');
    const foreign = await house.owner.query(
      "SELECT conrelid::regclass::text AS t FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text LIKE 'matter%'",
    );
    expect(foreign.rows).toEqual([]);
  });
});

describe('what is hidden and what does not exist', async () => {
  const house = await testHouse();
  test('cost the same statements: no difference in timing can tell them apart', async () => {
    const clerk = await house.as('village-head');
    const hidden = letter({ sensitive: true, excludedUnits: [...clerk.scope.units!], region: '411081101205' });
    await registerMatter(house.loop, await house.as('county'), hidden);
    const asked: string[] = [];
    const watched = new Proxy(house.loop.db, {
      get(db, key) {
        if (key === 'reads' || key === 'write') asked.push(key);
        const value = Reflect.get(db, key);
        return typeof value === 'function' ? value.bind(db) : value;
      },
    });
    const statements = async (id: string, party: string) => {
      asked.length = 0;
      const loop = { ...house.loop, db: watched };
      const note = Action.parse({ type: 'note', data: {}, words: { text: '探' } });
      const codes: unknown[] = [];
      for (const attempt of [
        () => readPage(loop, clerk, '411081', id),
        () => reveal(loop, clerk, '411081', id, party),
        () => act(loop, clerk, '411081', id, { id: uuid(), action: note }),
      ])
        codes.push(
          await attempt().then(
            () => 'shown',
            error => [error.code, error.details],
          ),
        );
      return { codes, asked: [...asked] };
    };
    const there = await statements(hidden.id, hidden.parties[0]!.id);
    expect(there.codes.map(code => (code as string[])[0])).toEqual(['not_found', 'not_found', 'not_found']);
    expect(await statements(uuid(), uuid())).toEqual(there);
  });
});

describe('with the application filter alone', async () => {
  const house = await testHouse();
  beforeAll(async () => {
    await fill(house);
    const { rows } = await house.owner.query("SELECT DISTINCT tablename FROM pg_policies WHERE schemaname = 'public'");
    for (const { tablename } of rows)
      await house.owner.query(
        `ALTER TABLE ${tablename} NO FORCE ROW LEVEL SECURITY; ALTER TABLE ${tablename} DISABLE ROW LEVEL SECURITY`,
      );
  });
  test('the same holds with every policy switched off', () => everyWay(house));
});
