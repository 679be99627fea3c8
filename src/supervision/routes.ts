import { auditLine } from '../kernel/audit.ts';
import type { AuditAct } from '../kernel/audit-words.ts';
import { clash, json, noScope, sql, time } from '../kernel/db.ts';
import { Failure, invalid } from '../kernel/errors.ts';
import { route, type Web } from '../kernel/http.ts';
import { paperKinds, steps } from '../kinds/kind.ts';
import { kinds } from '../kinds/kinds.ts';
import { type Clock, dateOf, deadline, explain, momentOfDate, noLater, statutory } from '../matters/clocks.ts';
import { OwnFields } from '../matters/fields.ts';
import { grades, Points } from '../matters/grading.ts';
import { markSeen, readNotices } from '../matters/notices.ts';
import { Alarms } from '../matters/supervision.ts';
import { Rates, Stars } from '../mediation/register.ts';
import { Checklist } from '../places/kinds.ts';
import { Chains, supervisionContracts as contracts } from './contract.ts';
import {
  addDrive,
  driveMatters,
  gather,
  hotSpots,
  levelFigures,
  listDrives,
  recurringCauses,
  unitFigures,
} from './store.ts';

const done = { done: true } as const;

export function supervisionRoutes(web: Web): void {
  const { house } = web;
  const { db, loop } = house;

  route(web, contracts.notices, async ({ staff }) => readNotices(db, staff.scope, staff.counties));
  route(web, contracts.seen, async ({ staff }) => {
    await markSeen(db, staff.person, house.clock());
    return done;
  });

  route(web, contracts.rules, async ({ query, staff }) => {
    const now = house.clock();
    const { rules } = house.keeper.current;
    const county = staff.counties[0] ?? '';
    const directory = house.keeper.current;
    const centres = ['city', 'county', 'township', 'village'].flatMap(level => {
      const unit = [...directory.units.values()].find(
        u => u.kind === 'centre' && u.county === county && directory.regions.get(u.region)?.level === level,
      );
      return unit ? [[level, unit.id] as const] : [];
    });
    const own = await db.read<any>(
      noScope,
      sql`SELECT what, effective_from, basis FROM county_rule WHERE county = ${county} AND kind = ${query.kind} ORDER BY what, effective_from DESC`,
    );
    return {
      alarms: rules.alarms(county, query.kind, now),
      gradedAlarms: Object.fromEntries(
        grades.flatMap(grade => {
          const graded = rules.alarms(county, query.kind, now, grade);
          return graded === rules.alarms(county, query.kind, now) ? [] : [[grade, graded]];
        }),
      ),
      points: rules.points(county, query.kind, now),
      fields: rules.fields(county, query.kind, now),
      chains: Object.fromEntries(
        centres.map(([level, centre]) => [
          level,
          Object.fromEntries(
            paperKinds.map(paper => [paper, rules.chain({ county, kind: query.kind, centre }, paper, now)]),
          ),
        ]),
      ),
      clocks: (('reviewWindow' in kinds[query.kind] ? steps : steps.slice(0, -2)) as typeof steps).map(step => {
        const clock = rules.clock(county, query.kind, step, now);
        return { step, sentence: explain(deadline(clock, now, rules.calendar), staff.language), basis: clock.basis };
      }),
      own,
    };
  });

  const shapes = {
    alarms: Alarms,
    points: Points,
    fields: OwnFields,
    chain: Chains,
    stars: Stars,
    rates: Rates,
    checklist: Checklist,
  } as const;
  route(web, contracts.setRule, async ({ body, staff }) => {
    if (!house.keeper.current.counties.has(body.county))
      throw new Failure('invalid', { issues: `county: ${body.county}` });
    const shape = shapes[body.what.split('.')[0] as keyof typeof shapes];
    const value = shape.safeParse(body.value);
    if (!value.success) throw invalid(value.error);
    await once(
      tx =>
        tx.run(
          sql`INSERT INTO county_rule VALUES (${body.county}, ${body.kind}, ${body.what}, ${body.from}, ${body.basis}, ${json(value.data)})`,
        ),
      staff.person,
      'rule-set',
      `${body.kind}.${body.what}`,
    );
    return done;
  });
  route(web, contracts.setClock, async ({ body, staff }) => {
    const { county, kind, step, grade, from } = body;
    const value: Clock = { ...body.value, step };
    const name = grade ? `${step}.${grade}` : step;
    const directory = house.keeper.current;
    if (county !== undefined) {
      if (!directory.counties.has(county)) throw new Failure('invalid', { issues: `county: ${county}` });
      const common = directory.commonClock(kind, step, momentOfDate(from));
      if (statutory(common) && !noLater(value, common, directory.calendar))
        throw new Failure('clock_too_long', { basis: common.basis, count: common.count, unit: common.unit });
    }
    await once(
      tx =>
        tx.run(
          county === undefined
            ? sql`INSERT INTO clock VALUES (${kind}, ${name}, ${from}, ${json(value)})`
            : sql`INSERT INTO county_rule VALUES (${county}, ${kind}, ${`clock.${name}`}, ${from}, ${value.basis}, ${json(value)})`,
        ),
      staff.person,
      'clock-set',
      `${county ?? ''}.${kind}.${name}`,
    );
    return done;
  });
  /** A version once set stays; another day makes another version. */
  const once = async (
    work: (tx: Parameters<Parameters<typeof db.write>[1]>[0]) => Promise<unknown>,
    by: string,
    what: AuditAct,
    subject: string,
  ) => {
    await db
      .write(noScope, async tx => {
        await work(tx);
        await tx.run(auditLine(house.clock(), by, what, null, subject, 'done'));
      })
      .catch(clash('rule_stands'));
    await house.keeper.changed();
  };

  route(web, contracts.figures, async ({ query, staff }) => ({
    units: await unitFigures(loop, staff.scope, staff.counties, query.from, query.to),
    levels: await levelFigures(loop, staff.scope, staff.counties, query.from, query.to),
  }));
  route(web, contracts.causes, async ({ query, doing, staff }) => ({
    causes: (await recurringCauses(loop, doing, staff.counties, query.days, query.least)).map(cause => ({
      ...cause,
      matters: cause.matters.slice(0, 50),
    })),
  }));
  route(web, contracts.hotSpots, async ({ query, doing, staff }) => ({
    spots: await hotSpots(loop, doing, staff.counties, query.days),
  }));
  route(web, contracts.gather, async ({ body, doing }) => ({
    linked: await gather(loop, doing, body.county, body.lead, body.matters, body.id),
  }));

  route(web, contracts.drives, async ({ doing, staff }) => ({ drives: await listDrives(loop, doing, staff.counties) }));
  route(web, contracts.addDrive, async ({ body, doing, staff }) => {
    const county = house.keeper.current.units.get(body.lead)?.county;
    if (!county || !staff.counties.includes(county)) throw new Failure('unit_unknown');
    const { order: _o, cursor: _c, limit: _l, ...filters } = body.query;
    const total = await addDrive(loop, doing, [county], { ...body, county }, filters, dateOf(house.clock()));
    await db.write(noScope, tx =>
      tx.run(auditLine(house.clock(), staff.person, 'drive-add', county, body.id, 'done', { total })),
    );
    return { total };
  });
  route(web, contracts.driveMatters, async ({ params, doing, staff }) => ({
    rows: await driveMatters(loop, doing, staff.counties, params.id),
  }));
  route(web, contracts.agreements, async ({ staff }) => ({
    agreements: await db.read<any>(
      noScope,
      sql`SELECT county, id, neighbour, title, terms, valid_from AS "from", valid_to AS "to" FROM border_agreement WHERE county = ANY (${staff.counties}::text[]) ORDER BY valid_to IS NOT NULL, neighbour, valid_from DESC`,
    ),
  }));
  route(web, contracts.addAgreement, async ({ body, staff }) => {
    const county = staff.posts.some(post => post.oversees.length) ? staff.counties[0] : undefined;
    if (!county) throw new Failure('forbidden', { action: 'agreement' });
    if (body.to && body.to <= body.from) throw new Failure('invalid', { issues: `${body.from} – ${body.to}` });
    await db
      .write(noScope, async tx => {
        await tx.run(
          sql`INSERT INTO border_agreement VALUES (${county}, ${body.id}, ${body.neighbour}, ${body.title}, ${body.terms}, ${body.from}, ${body.to}, ${staff.person})`,
        );
        await tx.run(auditLine(house.clock(), staff.person, 'agreement-add', county, body.id, 'done'));
      })
      .catch(clash('conflict'));
    return done;
  });
  route(web, contracts.endDrive, async ({ params, staff }) => {
    const ended = await db.write(noScope, tx =>
      tx.run(
        sql`UPDATE drive SET ended_at = ${time(house.clock())} WHERE county = ANY (${staff.counties}::text[]) AND id = ${params.id} AND lead = ANY (${staff.scope.units ?? []}::uuid[]) AND ended_at IS NULL`,
      ),
    );
    if (!ended) throw new Failure('not_found');
    return done;
  });
}
