/** Routes of mediation: the register, one mediation, the sides' own page, dossier, figures, pay. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { FastifyReply } from 'fastify';
import yazl from 'yazl';
import { z } from 'zod';
import { importMediators } from '../imports/reference.ts';
import { auditLine } from '../kernel/audit.ts';
import type { AuditAct } from '../kernel/audit-words.ts';
import { clash, noScope, sql } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { typeOf } from '../kernel/files.ts';
import { docxType, readUpload, route, sendFile, type Web, withFile, xlsxType } from '../kernel/http.ts';
import { type Cell, xlsxStream } from '../ledgers/xlsx.ts';
import { act } from '../matters/acting.ts';
import { Action } from '../matters/actions.ts';
import { attach, openFile } from '../matters/attaching.ts';
import { dateOf } from '../matters/clocks.ts';
import { may } from '../matters/policy.ts';
import { readPage } from '../matters/reading.ts';
import type { Staff } from '../people/actors.ts';
import { pinyinOf } from '../regions/store.ts';
import { mediationContracts as contracts, type MediatorInput } from './contract.ts';
import { partsOf } from './dossier-parts.ts';
import { appealLine, computeMonth, listPay, paymentList, stepBatch } from './pay.ts';
import { join, linkedSides, makeLink, sideView } from './side.ts';
import {
  figuresOf,
  listCommittees,
  listMediations,
  listMediators,
  putMediator,
  ratesFor,
  readMediation,
  standingOf,
} from './store.ts';

const done = { done: true } as const;
const pngStart = Buffer.from('89504e470d0a1a0a', 'hex');

/** What lays out and binds PDF is some thirty megabytes of memory: opened with the first dossier, not at start. */
const dossiers = () => import('./dossier.ts');

export function mediationRoutes(web: Web): void {
  const { house } = web;
  const { db, loop } = house;
  const record = (person: string, what: AuditAct, county: string | null, subject: string, detail?: unknown) =>
    db.write(noScope, tx => tx.run(auditLine(house.clock(), person, what, county, subject, 'done', detail)));
  const workbook = (reply: FastifyReply, name: string, head: readonly string[], rows: readonly (readonly Cell[])[]) =>
    sendFile(reply, `${name}.xlsx`, xlsxType, xlsxStream(name, head, Readable.from(rows)));
  type Desk = Pick<Staff, 'posts'>;
  const sees = (staff: Desk, region: string) => {
    const path = house.keeper.current.path(region);
    return staff.posts.some(post => post.role !== 'grid' && post.oversees.some(code => path.includes(code)));
  };
  /** The register is kept by desks that oversee the place; returns its county. */
  const keeperOf = (staff: Desk, region: string): string => {
    const county = house.keeper.current.countyOf(region);
    if (!county || !sees(staff, region)) throw new Failure('forbidden', { action: 'register' });
    return county;
  };
  const regionOf = (unit: string) => house.keeper.current.units.get(unit)?.region ?? '';
  const keeperOfMediator = async (staff: Desk & Pick<Staff, 'counties'>, id: string): Promise<string> => {
    const row = await db.readOne<{ committee: string }>(
      noScope,
      sql`SELECT committee FROM mediator WHERE county = ANY (${staff.counties}::text[]) AND id = ${id} AND valid_to IS NULL`,
    );
    if (!row) throw new Failure('not_found');
    return keeperOf(staff, regionOf(row.committee));
  };
  /** Pay is the county's business: a desk that oversees the whole county. */
  const payerOf = (staff: Desk): string | undefined =>
    [...house.keeper.current.counties.values()].find(one => sees(staff, one.region))?.county;
  const mustPay = (staff: Desk): string => {
    const county = payerOf(staff);
    if (!county) throw new Failure('forbidden', { action: 'pay' });
    return county;
  };

  route(web, contracts.committees, async ({ staff }) => ({ committees: await listCommittees(house, staff.counties) }));
  route(web, contracts.addCommittee, async ({ body, staff }) => {
    const county = keeperOf(staff, body.region);
    await db
      .write(noScope, async tx => {
        const above = house.keeper.current.centreOf(body.region) ?? null;
        await tx.run(
          sql`INSERT INTO unit (id, county, region, kind, name, pinyin, above) VALUES (${body.id}, ${county}, ${body.region}, 'committee', ${body.name}, ${pinyinOf(body.name)}, ${above})`,
        );
        await tx.run(
          sql`INSERT INTO committee (unit, county, kind, line, mark, founded, term_ends) VALUES (${body.id}, ${county}, ${body.kind}, ${body.line}, ${body.mark}, ${body.founded}, ${body.termEnds})`,
        );
        await tx.run(auditLine(house.clock(), staff.person, 'committee-add', county, body.id, 'done'));
      })
      .catch(clash('conflict'));
    await house.keeper.changed();
    return done;
  });
  route(web, contracts.mediators, async ({ staff }) => ({
    mediators: (await listMediators(house, staff.counties)).map(({ county: _c, filed: _f, ...row }) => row),
  }));
  route(web, contracts.addMediator, async ({ body, staff }) => {
    const county = keeperOf(staff, regionOf(body.committee));
    // Whoever is in the register already is changed only by those who keep them there.
    await keeperOfMediator(staff, body.id).catch(error => {
      if (!(error instanceof Failure) || error.code !== 'not_found') throw error;
    });
    await putMediator(house, county, body).catch(clash('conflict'));
    await record(staff.person, 'mediator-put', county, body.id);
    return done;
  });
  route(web, contracts.endMediator, async ({ params, staff }) => {
    const county = await keeperOfMediator(staff, params.id);
    const ended = await db.write(noScope, tx =>
      tx.run(
        sql`UPDATE mediator SET valid_to = greatest(${dateOf(house.clock())}::date, valid_from + 1) WHERE county = ${county} AND id = ${params.id} AND valid_to IS NULL`,
      ),
    );
    if (!ended) throw new Failure('not_found');
    await record(staff.person, 'mediator-end', county, params.id);
    return done;
  });
  route(web, contracts.importMediators, async ({ request, staff }) => {
    const { bytes, filename } = await readUpload(request, z.object({}));
    const mine = (await listCommittees(house, staff.counties)).filter(one => sees(staff, one.region));
    if (!mine.length) throw new Failure('forbidden', { action: 'register' });
    const put = (input: MediatorInput) => putMediator(house, keeperOf(staff, regionOf(input.committee)), input);
    const result = await withFile(bytes, file => importMediators(file, put, mine));
    await record(staff.person, 'import-mediators', null, filename.slice(-100), {
      read: result.read,
      imported: result.imported,
    });
    return result;
  });
  route(web, contracts.mediatorLedger, async ({ staff, reply }) => {
    const units = house.keeper.current.units;
    const rows = (await listMediators(house, staff.counties)).map(one => [
      units.get(one.committee)?.name ?? '',
      one.name,
      one.head ? '是' : '否',
      one.woman ? '女' : '男',
      one.full_time ? '是' : '否',
      one.civil_servant ? '是' : '否',
      one.specialities.join('、'),
      one.languages.join('、'),
      one.free,
      one.phone ?? '',
      one.certificate_until ?? '',
      one.open,
      one.agreed,
      one.ended,
    ]);
    return workbook(
      reply,
      '调解员台账',
      [
        '调解委员会',
        '姓名',
        '主任',
        '性别',
        '专职',
        '公职人员',
        '专长',
        '语言',
        '空闲时间',
        '电话',
        '资格有效期',
        '在办',
        '达成协议',
        '已终结',
      ],
      rows,
    );
  });
  route(web, contracts.photo, async ({ params, reply }) => {
    const row = await db.readOne<{ photo: Buffer }>(
      noScope,
      sql`SELECT photo FROM mediator WHERE county = ANY (${[...house.keeper.current.counties.keys()]}::text[]) AND id = ${params.id} AND photo IS NOT NULL AND valid_to IS NULL`,
    );
    if (!row) throw new Failure('not_found');
    return reply
      .header('content-type', await typeOf(row.photo))
      .header('cache-control', 'private, max-age=3600')
      .send(row.photo) as never;
  });
  route(web, contracts.putPhoto, async ({ params, request, staff }) => {
    const county = await keeperOfMediator(staff, params.id);
    const { bytes } = await readUpload(request, z.object({}));
    const type = await typeOf(bytes);
    if (bytes.length > 500_000 || !/^image\/(jpeg|png)$/.test(type)) throw new Failure('file_type', { type });
    const put = await db.write(noScope, tx =>
      tx.run(sql`UPDATE mediator SET photo = ${bytes} WHERE county = ${county} AND id = ${params.id}`),
    );
    if (!put) throw new Failure('not_found');
    return done;
  });
  route(web, contracts.advisers, async ({ staff }) => ({
    advisers: await db.read<any>(
      noScope,
      sql`SELECT region, name, firm, phone, valid_from AS "from" FROM village_adviser WHERE county = ANY (${staff.counties}::text[]) AND valid_to IS NULL ORDER BY region`,
    ),
  }));
  route(web, contracts.setAdviser, async ({ body, staff }) => {
    const county = keeperOf(staff, body.region);
    await db.write(noScope, async tx => {
      await tx.run(
        sql`UPDATE village_adviser SET valid_to = greatest(${body.from}::date, valid_from + 1) WHERE county = ${county} AND region = ${body.region} AND valid_to IS NULL AND valid_from < ${body.from}`,
      );
      await tx.run(sql`INSERT INTO village_adviser (county, region, name, firm, phone, valid_from) VALUES (${county}, ${body.region}, ${body.name}, ${body.firm}, ${body.phone}, ${body.from})
        ON CONFLICT (county, region, valid_from) DO UPDATE SET name = excluded.name, firm = excluded.firm, phone = excluded.phone, valid_to = NULL`);
      await tx.run(auditLine(house.clock(), staff.person, 'adviser-set', county, body.region, 'done'));
    });
    return done;
  });

  route(web, contracts.sittings, async ({ query, doing, staff }) => {
    const rows = await db.read<any>(
      doing.scope,
      sql`SELECT county, id, number, summary, mediation, hearings FROM matter m WHERE county = ANY (${staff.counties}::text[]) AND open AND (mediation IS NOT NULL OR jsonb_array_length(hearings) > 0)`,
    );
    const within = (at: number) => at >= query.from && at < query.to;
    const sittings = rows.flatMap(({ mediation, hearings, ...matter }) => [
      ...(mediation?.sittings ?? [])
        .filter((one: any) => one.state === 'planned' && within(one.at))
        .map((one: any) => ({
          ...matter,
          what: 'sitting' as const,
          at: one.at,
          lasts: one.lasts,
          room: one.room,
          way: one.way,
          mediators: mediation.mediators.filter((m: any) => m.state === 'accepted').map((m: any) => m.mediator),
        })),
      ...hearings
        .filter((one: any) => one.state === 'called' && within(one.at))
        .map((one: any) => ({
          ...matter,
          what: 'hearing' as const,
          at: one.at,
          lasts: null,
          room: null,
          way: null,
          mediators: [],
        })),
    ]);
    return { sittings: sittings.sort((a: any, b: any) => a.at - b.at) };
  });

  route(web, contracts.one, async ({ params, doing, staff }) => {
    const read = await readMediation(house, doing.scope, params.county, params.id);
    if (!may(doing.actor, 'minute', read.matter)) throw new Failure('forbidden', { action: 'minute' });
    await record(staff.person, 'read-mediation', params.county, params.id);
    const linked = await linkedSides(house, params.county, params.id);
    return {
      sides: read.matter.mediation.sides.map(({ party }) => ({
        party,
        name: read.parties.get(party)?.name ?? '',
        role: read.matter.parties.find(one => one.id === party)?.role ?? '',
        link: linked.has(party),
      })),
      minutes: read.minutes,
      agreement: read.agreement,
      ...standingOf(house, read),
      parts: partsOf(read),
    };
  });
  route(web, contracts.link, async ({ params, doing, staff }) => {
    const { matter } = await readMediation(house, doing.scope, params.county, params.id);
    if (!may(doing.actor, 'tellRights', matter)) throw new Failure('forbidden', { action: 'sideConsent' });
    if (!matter.mediation.sides.some(side => side.party === params.party)) throw new Failure('not_found');
    const token = await makeLink(house, params.county, params.id, params.party);
    await record(staff.person, 'side-link', params.county, params.party, { matter: params.id });
    return { token };
  });

  /** One archive with manifest and hashes; what is in it goes out as it is on record. */
  route(web, contracts.hand, async ({ params, body, doing, staff }) => {
    const { matter } = await readPage(loop, doing, params.county, params.id);
    const sent = matter.docks.find(dock => dock.package?.file === body.file);
    if (sent) return { hash: sent.package!.hash };
    if (!may(doing.actor, 'dock', matter)) throw new Failure('forbidden', { action: 'dock' });
    const chosen = body.files.map(id => matter.files.find(file => file.id === id));
    const zip = new yazl.ZipFile();
    const listed = [];
    for (const [i, file] of chosen.entries()) {
      if (!file) throw new Failure('not_found');
      const bytes = await openFile(house, doing.scope, params, file.id);
      const name = `${String(i + 1).padStart(2, '0')}-${file.id}${extensionOf(file.type)}`;
      zip.addBuffer(bytes, name);
      listed.push({ name, type: file.type, size: file.size, sha256: file.sha256 });
    }
    const manifest = {
      number: matter.number,
      kind: matter.kind,
      from: house.keeper.current.units.get(matter.unit)?.name,
      to: body.name,
      body: body.body,
      stage: body.stage ?? null,
      at: house.clock(),
      note: body.text,
      files: listed,
    };
    zip.addBuffer(Buffer.from(JSON.stringify(manifest, null, 2)), 'manifest.json');
    zip.end();
    const bytes = await buffer(zip.outputStream);
    const { sha256 } = await attach(house, doing, params, {
      id: body.file,
      action: body.attach,
      name: `${matter.number}-${body.name}.zip`,
      bytes,
      audience: 'participants',
    });
    const action = Action.parse({
      type: 'dock',
      data: {
        way: 'out',
        body: body.body,
        stage: body.stage,
        unit: body.unit,
        name: body.name,
        days: body.days,
        package: { file: body.file, hash: sha256 },
      },
      words: { text: body.text || undefined },
    });
    await act(loop, doing, params.county, params.id, { id: body.id, action });
    await record(staff.person, 'hand-over', params.county, params.id, { to: body.name, files: listed.length });
    return { hash: sha256 };
  });

  const peopleOf = async (scope: readonly string[]) =>
    new Map(
      (
        await db.read<{ id: string; name: string }>(
          noScope,
          sql`SELECT id, name FROM mediator WHERE county = ANY (${scope}::text[])`,
        )
      ).map(row => [row.id, row.name]),
    );
  route(web, contracts.dossier, async ({ params, doing, staff, reply }) => {
    const read = await readMediation(house, doing.scope, params.county, params.id);
    if (!may(doing.actor, 'minute', read.matter)) throw new Failure('forbidden', { action: 'fileDossier' });
    await record(staff.person, 'read-dossier', params.county, params.id);
    const { dossier } = read.matter.mediation;
    const bytes =
      dossier && !dossier.open
        ? await openFile(house, doing.scope, params, dossier.file)
        : (await (await dossiers()).bindDossier(house, doing.scope, read, await peopleOf([params.county]), null)).bytes;
    return sendFile(reply, `${read.matter.number}-卷宗.pdf`, 'application/pdf', bytes);
  });
  route(web, contracts.part, async ({ params, doing, staff, reply }) => {
    const read = await readMediation(house, doing.scope, params.county, params.id);
    if (!may(doing.actor, 'minute', read.matter)) throw new Failure('forbidden', { action: 'fileDossier' });
    await record(staff.person, 'read-dossier', params.county, params.id, { part: params.part });
    const bytes = (await dossiers()).partDocx(house, read, params.part, await peopleOf([params.county]));
    return sendFile(reply, `${read.matter.number}-${params.part}.docx`, docxType, bytes);
  });
  route(web, contracts.file, async ({ params, body, doing, staff }) =>
    (await dossiers()).fileDossier(house, doing, params, {
      ...body,
      by: staff.name,
      people: await peopleOf([params.county]),
    }),
  );

  route(web, contracts.figures, async ({ query, doing, staff }) => ({
    figures: figuresOf(await listMediations(house, doing.scope, staff.counties, query)),
  }));
  route(web, contracts.mediations, async ({ query, doing, staff }) => {
    const { category, basis, outcome, from, to } = query;
    return {
      rows: await listMediations(house, doing.scope, staff.counties, {
        from,
        to,
        ...(category && { category }),
        ...(basis && { basis }),
        ...(outcome && { outcome }),
      }),
    };
  });
  route(web, contracts.mediationLedger, async ({ query, doing, staff, reply }) => {
    const rows = await listMediations(house, doing.scope, staff.counties, query);
    const categories = new Map(house.keeper.current.categories.get('dispute')?.map(one => [one.code, one.name]));
    await record(staff.person, 'export-mediations', null, `${rows.length}`);
    return workbook(
      reply,
      '人民调解台账',
      ['事项编号', '摘要', '类型', '来源', '启动时间', '结果', '协议金额（元）', '已履行（元）', '司法确认', '卷号'],
      rows.map(row => [
        row.number,
        row.summary ?? '',
        categories.get(row.category ?? '') ?? '',
        { application: '当事人申请', own: '主动调解', referred: `移送（${row.referred}）` }[row.basis] ?? row.basis,
        { at: row.at },
        row.outcome
          ? { agreed: '达成协议', failed: '调解不成', refused: '一方拒绝', withdrawn: '撤回' }[row.outcome]
          : '进行中',
        row.fen / 100,
        row.paid / 100,
        row.confirmed ? '是' : '',
        row.dossier ?? '',
      ]),
    );
  });

  route(web, contracts.pay, async ({ staff }) => {
    const county = payerOf(staff);
    const rates = ratesFor(house, county ?? staff.counties[0] ?? '');
    if (county) return { rates, batches: await listPay(house, [county], () => true) };
    // Others see what is theirs: their own lines, and those of committees in their region.
    const mine = (line: { person: string | null; committee: string }) =>
      line.person === staff.person || sees(staff, regionOf(line.committee));
    return { rates, batches: await listPay(house, staff.counties, mine) };
  });
  route(web, contracts.computePay, async ({ body, staff }) => ({
    lines: await computeMonth(house, staff.person, mustPay(staff), body.id, body.month),
  }));
  route(web, contracts.stepPay, async ({ params, staff }) => {
    const county = mustPay(staff);
    if (params.step === 'approve' && !staff.posts.some(post => post.role === 'leader'))
      throw new Failure('forbidden', { action: 'approve' });
    await stepBatch(house, staff.person, [county], params.id, params.step);
    return done;
  });
  route(web, contracts.appealPay, async ({ params, body, staff }) => {
    const rules = payerOf(staff) !== undefined && staff.posts.some(post => post.role === 'leader');
    const speaksFor = (committee: string) => sees(staff, regionOf(committee));
    await appealLine(house, staff.person, staff.counties, { rules, speaksFor }, params.id, body);
    return done;
  });
  route(web, contracts.payLedger, async ({ params, staff, reply }) => {
    const { month, rows } = await paymentList(house, [mustPay(staff)], params.id);
    return workbook(
      reply,
      `${month}调解补贴发放表`,
      ['姓名', '调解委员会', '件数', '金额（元）'],
      rows.map(row => [row.name, row.committee, row.cases, row.fen / 100]),
    );
  });

  route(web, contracts.side, async ({ request }) => sideView(house, await join(house, request.headers['x-side'])));
  route(web, contracts.sideAct, async ({ body, request }) => {
    const joined = await join(house, request.headers['x-side']);
    const { party } = joined;
    const words = body.do.what === 'object' && body.do.text ? { text: body.do.text } : {};
    const action =
      body.do.what === 'consent'
        ? {
            type: 'sideConsent',
            data: {
              party,
              yes: body.do.yes,
              ...(!body.do.yes && { routes: ['arbitration', 'administrative', 'court'] }),
            },
            words,
          }
        : body.do.what === 'choose'
          ? { type: 'chooseMediators', data: { party, mediators: body.do.mediators }, words }
          : { type: 'object', data: { party, mediator: body.do.mediator }, words };
    await act(loop, joined.doing, joined.county, joined.matter, { id: body.id, action: Action.parse(action) });
    return done;
  });
  route(web, contracts.sideSign, async ({ body, request }) => {
    const { county, matter, party, doing } = await join(house, request.headers['x-side']);
    const bytes = Buffer.from(body.png, 'base64');
    if (!bytes.subarray(0, 8).equals(pngStart)) throw new Failure('picture_needed');
    const on = { county, id: matter };
    await attach(house, doing, on, {
      id: body.file,
      action: body.attach,
      name: '签名.png',
      bytes,
      audience: 'participants',
    });
    const action = Action.parse({
      type: 'signAgreement',
      data: { signer: { as: 'side', party }, way: 'screen', at: doing.now, hash: body.hash, file: body.file },
      words: {},
    });
    await act(loop, doing, county, matter, { id: body.id, action });
    return done;
  });
}

const extensionOf = (type: string) =>
  ({
    'image/jpeg': '.jpg',
    'image/png': '.png',
    'application/pdf': '.pdf',
    'application/zip': '.zip',
    'text/plain': '.txt',
  })[type] ?? '';
