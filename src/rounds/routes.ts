/** Routes of rounds: plans, duties, what was found, coverage, teams. */
import { Readable } from 'node:stream';
import { auditedBy } from '../kernel/audit.ts';
import { clash, noScope, sql, systemScope, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { route, sendFile, type Web, xlsxType } from '../kernel/http.ts';
import { xlsxStream } from '../ledgers/xlsx.ts';
import { dateOf, minuteOf, momentOfDate } from '../matters/clocks.ts';
import { maskName } from '../matters/redact.ts';
import { regionsOf, type Staff } from '../people/actors.ts';
import { placeKinds } from '../places/kinds.ts';
import { roundContracts as contracts, type Duty } from './contract.ts';
import { isRule, occurrences } from './recurrence.ts';
import { answerSwap, askSwap, type Elsewhere } from './rota.ts';
import {
  coverage,
  enterFound,
  excuseUnbegun,
  listDuties,
  listEntries,
  makeDuties,
  membersOf,
  type PlanRow,
  planColumns,
} from './store.ts';
import { dutyStateNames, outcomeNames, presenceNames, sortNames } from './words.ts';

const done = { done: true } as const;

export function roundRoutes(web: Web): void {
  const { house } = web;
  const { db, secrets } = house;
  const audited = auditedBy(house.clock);
  /** Plans and teams are kept by whoever works over the place. */
  const mustOversee = (staff: Staff, region: string) => {
    const path = house.keeper.current.path(region);
    if (!path.length || !regionsOf(staff).some(code => path.includes(code)))
      throw new Failure('forbidden', { action: 'plan' });
    return { county: house.keeper.current.countyOf(region)!, path };
  };

  route(web, contracts.plans, async ({ staff }) => {
    const regions = regionsOf(staff);
    const rows = await db.read<PlanRow>(
      noScope,
      sql`SELECT ${planColumns} FROM plan WHERE county = ANY (${staff.counties}::text[]) ORDER BY ended_at NULLS FIRST, made_at DESC LIMIT 1000`,
    );
    const directory = house.keeper.current;
    // Plans that reach my places: those below mine, and those of a level above that cover them.
    const mine = rows.filter(row =>
      regions.some(code => directory.path(row.region).includes(code) || directory.path(code).includes(row.region)),
    );
    return {
      plans: mine.map(({ place_kind, key_period, made_through: _, ended_at, ...plan }) => ({
        ...plan,
        placeKind: place_kind as never,
        keyPeriod: key_period,
        endedAt: ended_at,
      })),
    };
  });
  route(web, contracts.putPlan, async ({ body, staff }) => {
    const { county } = mustOversee(staff, body.region);
    const now = house.clock();
    if (!isRule(body.rule)) throw new Failure('no_rule', { rule: body.rule });
    if (body.ends !== null && body.ends < body.starts) throw new Failure('date_wrong');
    if (!staff.posts.some(post => post.unit === body.unit)) throw new Failure('unit_unknown');
    if (body.each === 'place' && !body.placeKind && !body.places.length)
      throw new Failure('invalid', { issues: 'placeKind' });
    if (body.team) {
      const team = await db.readOne<{ name: string; strength: number; n: number }>(
        noScope,
        sql`SELECT t.name, t.strength, (SELECT count(*) FROM team_member m WHERE m.county = t.county AND m.team = t.id AND m.valid_to IS NULL) AS n FROM team t WHERE t.county = ${county} AND t.id = ${body.team} AND t.valid_to IS NULL`,
      );
      if (!team) throw new Failure('not_found');
      if (team.n < Math.max(2, team.strength))
        throw new Failure('team_too_small', { name: team.name, count: team.n, strength: Math.max(2, team.strength) });
    }
    await db.write(systemScope, async tx => {
      const old = await tx.one<{ region: string }>(
        sql`SELECT region FROM plan WHERE county = ${county} AND id = ${body.id} FOR UPDATE`,
      );
      if (old) mustOversee(staff, old.region);
      await tx.run(sql`INSERT INTO plan AS p (county, id, sort, name, guide, unit, region, each, place_kind, places, team, rule, hours, key_period, starts, ends, made_by, made_at)
        VALUES (${county}, ${body.id}, ${body.sort}, ${body.name}, ${body.guide}, ${body.unit}, ${body.region}, ${body.each}, ${body.placeKind}, ${body.places}::uuid[], ${body.team}, ${body.rule}, ${body.hours}, ${body.keyPeriod}, ${body.starts}, ${body.ends}, ${staff.person}, ${time(now)})
        ON CONFLICT (county, id) DO UPDATE SET name = excluded.name, guide = excluded.guide, region = excluded.region, each = excluded.each, place_kind = excluded.place_kind, places = excluded.places,
          team = excluded.team, rule = excluded.rule, hours = excluded.hours, key_period = excluded.key_period, ends = excluded.ends, made_through = least(p.made_through, ${time(now)}::timestamptz)`);
      // What was made and has not begun is made anew by what the plan now says.
      await excuseUnbegun(tx, county, body.id, '计划调整', now);
      await audited(tx, staff, old ? 'plan-change' : 'plan-add', county, body.id, { name: body.name });
    });
    await makeDuties(house, now);
    return { next: occurrences(body.rule, body.starts, now, now + 400 * 86_400_000, 1000).slice(0, 5) };
  });
  route(web, contracts.endPlan, async ({ params, staff }) => {
    await db.write(systemScope, async tx => {
      const plan = await tx.one<{ region: string }>(
        sql`SELECT region FROM plan WHERE county = ${params.county} AND id = ${params.id} AND ended_at IS NULL FOR UPDATE`,
      );
      if (!plan) throw new Failure('not_found');
      mustOversee(staff, plan.region);
      const now = house.clock();
      await tx.run(sql`UPDATE plan SET ended_at = ${time(now)} WHERE county = ${params.county} AND id = ${params.id}`);
      await excuseUnbegun(tx, params.county, params.id, '计划终止', now);
      await audited(tx, staff, 'plan-end', params.county, params.id);
    });
    return done;
  });

  route(web, contracts.duties, async ({ query, staff }) => {
    const { cursor, limit, ...filters } = query;
    return listDuties(house, staff, filters, cursor, limit);
  });
  route(web, contracts.addTask, async ({ body, staff }) => {
    const { county, path } = mustOversee(staff, body.region);
    const unit = house.keeper.current.centreOf(body.region)!;
    if (body.dueAt <= body.opensAt || body.dueAt < house.clock()) throw new Failure('date_wrong');
    await db
      .write(systemScope, async tx => {
        await tx.run(sql`INSERT INTO duty (county, id, sort, name, region, path, place, unit, minutes, opens_at, due_at)
          VALUES (${county}, ${body.id}, 'task', ${body.name}, ${body.region}, ${path}, ${body.place}, ${unit}, ${body.minutes}, ${time(body.opensAt)}, ${time(body.dueAt)})`);
        await audited(tx, staff, 'task-add', county, body.id);
      })
      .catch(clash('conflict'));
    return done;
  });
  route(web, contracts.stepDuty, async ({ params, body, staff }) => {
    const now = house.clock();
    const { county, id } = params;
    await db.write(staff.scope, async tx => {
      const row = await tx.one<any>(
        sql`SELECT *, opens_at AS "opensAt", due_at AS "dueAt" FROM duty WHERE county = ${county} AND id = ${id} FOR UPDATE`,
      );
      if (!row) throw new Failure('no_such_duty');
      const duty = row as Duty;
      const own = staff.posts.some(post => post.unit === duty.unit);
      const over = staff.posts.some(
        post => post.unit !== duty.unit && post.oversees.some(code => duty.path.includes(code)),
      );
      const set = (change: Parameters<typeof sql.join>[0]) =>
        tx.run(sql`UPDATE duty SET seq = seq + 1, ${sql.join(change)} WHERE county = ${county} AND id = ${id}`);
      const wrong = () => new Failure('duty_step', { state: duty.state });
      if (body.step === 'reason') {
        if (!own) throw new Failure('forbidden', { action: body.step });
        if (duty.state !== 'missed') throw wrong();
        await set([sql`reason = ${body.text}`]);
      } else if (body.step === 'excuse') {
        // The unit says why; whoever oversees it says that it counts.
        if (!over) throw new Failure('forbidden', { action: body.step });
        if (duty.state !== 'missed' || !duty.reason) throw wrong();
        await set([sql`state = 'excused'`, sql`reason = ${`${duty.reason}（${body.text}）`}`]);
      } else if (body.step === 'take') {
        const members = await membersOf(house, county, body.team);
        if (duty.sort !== 'task' || duty.state !== 'due' || duty.team) throw wrong();
        if (!own || !body.people.every(one => members.includes(one))) throw new Failure('not_on_duty');
        await set([sql`team = ${body.team}`, sql`people = ${body.people}::uuid[]`]);
      } else if (body.step === 'give-back') {
        if (!own) throw new Failure('forbidden', { action: body.step });
        if (duty.sort !== 'task' || duty.state !== 'due' || !duty.team) throw wrong();
        await set([sql`team = NULL`, sql`people = '{}'`, sql`reason = ${body.text}`]);
      } else {
        if (!own && !over) throw new Failure('forbidden', { action: body.step });
        if (!duty.team) throw new Failure('not_on_duty');
        const to = body.step === 'ask-swap' ? body.to : duty.swaps.find(one => one.n === body.n)?.to;
        const elsewhere: Elsewhere = to
          ? await tx.many(
              sql<{
                opensAt: number;
                dueAt: number;
              }>`SELECT opens_at AS "opensAt", due_at AS "dueAt" FROM duty WHERE county = ${county} AND id <> ${id} AND state = 'due' AND people @> ARRAY[${to}]::uuid[]`,
            )
          : [];
        if (body.step === 'answer-swap') {
          const member = await tx.one<{ person: string | null }>(
            sql`SELECT person FROM team_member WHERE county = ${county} AND team = ${duty.team} AND id = ${to ?? null}`,
          );
          const desk = staff.posts.some(post => post.unit === duty.unit && ['clerk', 'leader'].includes(post.role));
          if (member?.person !== staff.person && !desk) throw new Failure('forbidden', { action: body.step });
        }
        const changed =
          body.step === 'ask-swap'
            ? askSwap(duty, await membersOf(house, county, duty.team), body.from, body.to, elsewhere, now)
            : answerSwap(duty, body.n, body.yes, elsewhere, now);
        if ('code' in changed) throw new Failure(changed.code, changed.details);
        await set([
          sql`swaps = ${JSON.stringify(changed.swaps)}`,
          ...('people' in changed ? [sql`people = ${changed.people}::uuid[]`] : []),
        ]);
      }
      await audited(tx, staff, `duty-${body.step}`, county, id);
    });
    return done;
  });

  route(web, contracts.enter, async ({ body, staff }) => {
    const now = house.clock();
    const { replayed, presence } = await enterFound(house, staff, body, now, { claimedAt: now, deviceAt: null });
    return { replayed, presence };
  });
  route(web, contracts.entries, async ({ query, staff }) => {
    const { cursor, limit, ...filters } = query;
    return listEntries(house, staff, filters, cursor, limit);
  });
  route(web, contracts.form, async ({ params, staff, reply }) => {
    const row = await db.readOne<any>(
      staff.scope,
      sql`SELECT e.*, w.name AS person_name, p.name AS place_name, p.kind AS place_kind, d.name AS duty_name FROM entry e JOIN person w ON w.id = e.person LEFT JOIN place p ON p.county = e.county AND p.id = e.place
        LEFT JOIN duty d ON d.county = e.county AND d.id = e.duty WHERE e.county = ${params.county} AND e.id = ${params.id}`,
    );
    if (!row) throw new Failure('not_found');
    await db.write(noScope, tx => audited(tx, staff, 'print', params.county, params.id, { template: 'entry' }));
    const words = row.wrapped ? secrets.openRow<{ note?: string; host?: string; signature?: string }>(row) : {};
    const directory = house.keeper.current;
    const checklist = row.place_kind ? placeKinds[row.place_kind as keyof typeof placeKinds].checklist : [];
    const mark = { ok: '合格', bad: '不合格', none: '不涉及' } as Record<string, string>;
    const { layOut, line } = await import('../documents/pdf.ts');
    const cell = (label: string, value: string) => [line(label), { ...(line(value) as object), colSpan: 3 }, '', ''];
    const body = [
      cell('任务', row.duty_name ?? sortNames.zh[row.sort as keyof typeof sortNames.zh]),
      cell('地点', `${directory.nameOf(row.path)}　${row.place_name ?? ''}`),
      [
        line('时间'),
        line(minuteOf(row.claimed_at)),
        line('到场'),
        line(presenceNames.zh[row.presence as keyof typeof presenceNames.zh]),
      ],
      [line('走访人'), line(row.person_name), line('单位'), line(directory.units.get(row.unit)?.name ?? '')],
      cell('结果', outcomeNames.zh[row.outcome as keyof typeof outcomeNames.zh]),
      ...checklist.filter(one => row.answers[one.key]).map(one => cell(one.title, mark[row.answers[one.key]]!)),
      cell('记录', words.note ?? ''),
      cell('转为事项', row.matters.length ? `${row.matters.length} 件` : '无'),
      [
        line('接待人'),
        line(words.host ?? ''),
        line('签名'),
        words.signature ? { image: words.signature, fit: [120, 48] } : '',
      ],
    ];
    const pdf = await layOut([
      line(row.sort === 'visit' ? '走访登记表' : '排查登记表', {
        fontSize: 18,
        alignment: 'center',
        margin: [0, 0, 0, 12],
      }),
      { table: { widths: [70, '*', 60, 130], body: body as never } },
    ]);
    return sendFile(reply, '登记表.pdf', 'application/pdf', pdf);
  });
  route(web, contracts.coverage, async ({ query, staff }) => ({ rows: await coverage(house, staff, query) }));
  route(web, contracts.ledger, async ({ query, staff, reply }) => {
    const directory = house.keeper.current;
    async function* rows() {
      let cursor: string | undefined;
      do {
        const page = await listDuties(house, staff, query, cursor, 500);
        for (const d of page.rows)
          yield [
            sortNames.zh[d.sort],
            d.name,
            directory.nameOf(d.path),
            directory.units.get(d.unit)?.name ?? '',
            minuteOf(d.opensAt),
            minuteOf(d.dueAt),
            dutyStateNames.zh[d.state],
            d.doneAt ? minuteOf(d.doneAt) : null,
            d.found,
            d.reason,
          ];
        cursor = page.next ?? undefined;
      } while (cursor);
    }
    const head = ['类别', '任务', '地点', '责任单位', '开始', '期限', '状态', '完成时间', '发现问题', '未完成原因'];
    return sendFile(
      reply,
      `排查台账${query.from}至${query.to}.xlsx`,
      xlsxType,
      xlsxStream('排查台账', head, Readable.from(rows())),
    );
  });

  route(web, contracts.teams, async ({ staff }) => {
    const rows = await db.read<any>(
      staff.scope,
      sql`SELECT t.county, t.id, t.sort, t.name, t.unit, t.region, t.strength,
        coalesce((SELECT jsonb_agg(jsonb_build_object('id', m.id, 'name', m.name, 'person', m.person) ORDER BY m.id) FROM team_member m WHERE m.county = t.county AND m.team = t.id AND m.valid_to IS NULL), '[]') AS members,
        (SELECT coalesce(sum(d.minutes * cardinality(d.people)), 0)::bigint FROM duty d WHERE d.county = t.county AND d.team = t.id AND d.state = 'done' AND d.minutes IS NOT NULL AND d.due_at > ${time(momentOfDate(`${dateOf(house.clock()).slice(0, 4)}-01-01`, 0))}) AS minutes
        FROM team t JOIN region r ON r.code = t.region WHERE t.county = ANY (${staff.counties}::text[]) AND t.valid_to IS NULL ORDER BY t.region, t.name`,
    );
    const regions = regionsOf(staff);
    return { teams: rows.filter(team => house.keeper.current.path(team.region).some(code => regions.includes(code))) };
  });
  route(web, contracts.putTeam, async ({ body, staff }) => {
    const unit = house.keeper.current.units.get(body.unit);
    if (!unit) throw new Failure('unit_unknown');
    const { county } = mustOversee(staff, unit.region);
    await db.write(noScope, async tx => {
      const old = await tx.one<{ region: string }>(
        sql`SELECT region FROM team WHERE county = ${county} AND id = ${body.id} FOR UPDATE`,
      );
      if (old) mustOversee(staff, old.region);
      await tx.run(sql`INSERT INTO team (county, id, sort, name, unit, region, strength) VALUES (${county}, ${body.id}, ${body.sort}, ${body.name}, ${body.unit}, ${unit.region}, ${body.strength})
        ON CONFLICT (county, id) DO UPDATE SET name = excluded.name, strength = excluded.strength`);
      await audited(tx, staff, 'team-put', county, body.id);
    });
    return done;
  });
  route(web, contracts.putMember, async ({ params, body, staff }) => {
    const { county } = params;
    await db.write(noScope, async tx => {
      const team = await tx.one<{ region: string }>(
        sql`SELECT region FROM team WHERE county = ${county} AND id = ${params.id}`,
      );
      if (!team) throw new Failure('not_found');
      mustOversee(staff, team.region);
      const today = dateOf(house.clock());
      if (body.ended) {
        await tx.run(
          sql`UPDATE team_member SET valid_to = ${today} WHERE county = ${county} AND team = ${params.id} AND id = ${body.id} AND valid_to IS NULL`,
        );
        await audited(tx, staff, 'member-end', county, body.id);
        return;
      }
      const person = body.login
        ? await tx.one<{ id: string }>(sql`SELECT id FROM person WHERE login = ${body.login}`)
        : undefined;
      if (body.login && !person) throw new Failure('not_found');
      const key = secrets.newKey();
      await tx.run(sql`INSERT INTO team_member (county, team, id, person, name, words, wrapped, version, valid_from)
        VALUES (${county}, ${params.id}, ${body.id}, ${person?.id ?? null}, ${maskName(body.name)}, ${secrets.seal(key.key, { name: body.name, phone: body.phone })}, ${key.wrapped}, ${key.version}, ${today}) ON CONFLICT DO NOTHING`);
      await audited(tx, staff, 'member-add', county, body.id);
    });
    return done;
  });
}
