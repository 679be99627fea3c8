/** Routes of the loop. Each reads as what it does; who may is asked in policy.ts and once more by the database. */

import multipart from '@fastify/multipart';
import { z } from 'zod';
import { fillTemplate } from '../documents/documents.ts';
import { alarms, suggestCategories, suggestKinds, suggestUnits } from '../insight/suggest.ts';
import { auditLine } from '../kernel/audit.ts';
import type { AuditAct, AuditResult } from '../kernel/audit-words.ts';
import { noScope } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { fileLimit } from '../kernel/files.ts';
import { docxType, Json, readUpload, route, sendFile, type Web } from '../kernel/http.ts';
import { act } from './acting.ts';
import { attach, openFile } from './attaching.ts';
import { matterContracts as contracts } from './contract.ts';
import { addParty, correctParty } from './joining.ts';
import { likeMatters } from './likeness.ts';
import { countMatters, findExactly, findRowJson, listJson } from './lists.ts';
import { dossierParts } from './mediation-codes.ts';
import { readPage, reveal } from './reading.ts';
import { registerMatter } from './registration.ts';

const halfYear = 180 * 86_400_000;

export async function matterRoutes(web: Web): Promise<void> {
  const { house, app } = web;
  const { loop, db } = house;
  await app.register(multipart, { limits: { fileSize: fileLimit, files: 1, fields: 10 } });

  const record = (
    staff: { person: string },
    what: AuditAct,
    county: string | null,
    subject: string | null,
    result: AuditResult,
    detail?: unknown,
  ) => db.write(noScope, tx => tx.run(auditLine(house.clock(), staff.person, what, county, subject, result, detail)));

  route(web, contracts.register, async ({ body, doing }) => registerMatter(loop, doing, body));

  route(web, contracts.list, async ({ query, doing, staff }) => {
    const { order, cursor, limit, ...filters } = query;
    return new Json(await listJson(loop, doing, staff.counties, filters, order, cursor, limit));
  });

  route(web, contracts.find, async ({ body, doing, staff }) => {
    const rows = await findExactly(loop, doing, staff.counties, body.typed);
    await record(staff, 'find', null, null, 'done', { found: rows.length });
    return { rows };
  });

  route(web, contracts.count, async ({ doing, staff }) => ({
    counts: await countMatters(loop, doing, staff.counties),
  }));

  route(web, contracts.suggest, async ({ body, doing, staff }) => {
    const directory = house.keeper.current;
    const county = body.region ? directory.countyOf(body.region) : staff.counties[0];
    const like = county ? await likeMatters(loop, doing, county, body.text, 20) : [];
    const kinds = suggestKinds(body.text);
    const kind = body.kind ?? kinds[0]!.value;
    const past = like
      .filter(m => m.score > 0.2)
      .map(m => ({
        category: m.category,
        handler: m.handler && directory.units.get(m.handler)?.kind !== 'centre' ? m.handler : null,
        score: m.score,
        number: m.number,
      }));
    const units = [...directory.units.values()].filter(
      unit =>
        unit.county === county && !unit.valid_to && unit.kind !== 'centre' && nearEnough(unit.region, body.region),
    );
    const recent = house.clock() - halfYear;
    return {
      kinds,
      categories: suggestCategories(body.text, directory.categories.get(kind) ?? [], past),
      units: suggestUnits(body.text, units, past, body.excludedUnits),
      duplicates: like.filter(m => m.score > 0.3 && m.received_at > recent).slice(0, 5),
      ...alarms(body.text),
    };
  });
  /** A station of another township is no suggestion; the county's departments always are. */
  const nearEnough = (unitRegion: string, place: string | undefined) =>
    unitRegion.endsWith('000000') || (place !== undefined && house.keeper.current.path(place).includes(unitRegion));

  route(web, contracts.page, async ({ params, doing, staff, reply }) => {
    const page = await readPage(loop, doing, params.county, params.id);
    if (page.matter.sensitive) await record(staff, 'read-sensitive', params.county, params.id, 'done');
    reply.header('etag', `"${page.matter.seq}"`);
    return page;
  });

  route(web, contracts.row, async ({ params, doing }) => {
    const row = await findRowJson(loop, doing, params.county, params.id);
    if (!row) throw new Failure('not_found');
    return new Json(row);
  });

  route(web, contracts.act, async ({ params, body, doing, request }) => {
    const match = /^"(\d+)"$/.exec(String(request.headers['if-match'] ?? ''));
    const saw = body.saw ?? (match ? Number(match[1]) : undefined);
    // What rests on bytes of ours comes through the routes that make them.
    if (body.action.type === 'attach') throw new Failure('invalid', { issues: 'attach: /files' });
    if (body.action.type === 'join' || body.action.type === 'amend')
      throw new Failure('invalid', { issues: `${body.action.type}: /parties` });
    if (body.action.type === 'dock' && body.action.data.package)
      throw new Failure('invalid', { issues: 'package: /docks' });
    if (body.action.type === 'fileDossier') throw new Failure('invalid', { issues: 'fileDossier: /dossier' });
    const { matter, seq, replayed } = await act(loop, doing, params.county, params.id, { ...body, saw });
    return { seq, state: matter.state, replayed };
  });

  route(web, contracts.addParty, async ({ params, body, doing }) => {
    await addParty(loop, doing, params, body);
    return { done: true } as const;
  });

  route(web, contracts.correctParty, async ({ params, body, doing }) => {
    await correctParty(loop, doing, params, { ...body, party: params.party });
    return { done: true } as const;
  });

  route(web, contracts.reveal, async ({ params, body, doing, staff }) => {
    const words = await reveal(loop, doing, params.county, params.id, body.party);
    const of = { reason: body.reason, matter: params.id };
    await record(staff, 'reveal', params.county, body.party ?? params.id, 'done', of);
    return { ...words };
  });

  route(web, contracts.upload, async ({ params, doing, request }) => {
    const shape = z.object({
      id: z.uuid(),
      action: z.uuid(),
      audience: z.enum(['unit', 'participants']).default('participants'),
      part: z.enum(dossierParts).optional(),
    });
    const { bytes, filename, fields: ids } = await readUpload(request, shape);
    const { type, size } = await attach(house, doing, params, { ...ids, name: filename.slice(-200) || 'file', bytes });
    return { id: ids.id, type, size };
  });

  route(web, contracts.download, async ({ params, doing, staff, reply }) => {
    const page = await readPage(loop, doing, params.county, params.id);
    const file = page.matter.files.find(f => f.id === params.file);
    if (!file) throw new Failure('not_found');
    const bytes = await openFile(house, doing.scope, params, file.id);
    await record(staff, 'download', params.county, file.id, 'done');
    const name = String(page.timeline.find(entry => entry.data.id === file.id)?.words?.text ?? 'file');
    return sendFile(reply, name, file.type, bytes);
  });

  route(web, contracts.print, async ({ params, query, doing, staff, reply }) => {
    const page = await readPage(loop, doing, params.county, params.id);
    if (query.paper !== undefined && !page.matter.papers.some(paper => paper.n === query.paper))
      throw new Failure('not_found');
    const words = (await reveal(loop, doing, params.county, params.id, undefined)) as {
      title: string;
      text: string;
      receipt: string;
    };
    const applicant = page.matter.parties.find(party => party.role === 'applicant');
    const clear =
      applicant && !applicant.unit ? await reveal(loop, doing, params.county, params.id, applicant.id) : undefined;
    await record(staff, 'print', params.county, params.id, 'done', { template: params.template, reason: query.reason });
    const bytes = await fillTemplate(
      house,
      params.template,
      page,
      words,
      clear as { name?: string; phone?: string } | undefined,
      query.paper,
    );
    return sendFile(reply, `${page.matter.number}-${params.template}.docx`, docxType, bytes);
  });
}
