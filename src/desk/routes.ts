import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { previewLetters } from '../imports/letters-run.ts';
import { json, noScope, sql } from '../kernel/db.ts';
import { type Code, Failure, messageOf } from '../kernel/errors.ts';
import { readUpload, route, sendFile, type Web, xlsxType } from '../kernel/http.ts';
import { maySee } from '../matters/policy.ts';
import { addTask, getTask, type Task } from '../tasks.ts';
import { deskContracts as contracts } from './contract.ts';

const done = { done: true } as const;

export function deskRoutes(web: Web): void {
  const { house } = web;
  const { db } = house;
  const uploaded = (person: string, id: string) => path.join(house.data, 'tasks', `${person}-${id}.table`);

  route(web, contracts.views, async ({ staff }) => ({
    views: await db.read<any>(
      noScope,
      sql`SELECT id, name, query FROM saved_view WHERE person = ${staff.person} ORDER BY name`,
    ),
  }));
  route(web, contracts.saveView, async ({ staff, body }) => {
    await db.write(noScope, tx =>
      tx.run(
        sql`INSERT INTO saved_view VALUES (${body.id}, ${staff.person}, ${body.name}, ${json(body.query)}) ON CONFLICT (person, name) DO UPDATE SET query = excluded.query`,
      ),
    );
    return done;
  });
  route(web, contracts.dropView, async ({ staff, params }) => {
    await db.write(noScope, tx =>
      tx.run(sql`DELETE FROM saved_view WHERE id = ${params.id} AND person = ${staff.person}`),
    );
    return done;
  });

  const shape = ({ result, error, person: _p, input: _i, ...task }: Task, language: 'zh' | 'en') => {
    const { line: _l, ...counts } = task.counts;
    return {
      ...task,
      counts,
      hasResult: result !== null,
      error: error && { code: error.code, message: messageOf(error.code as Code, error.details, language) },
    };
  };
  route(web, contracts.tasks, async ({ staff }) => {
    const tasks = await db.read<Task>(
      noScope,
      sql`SELECT id, person, kind, input, state, done, total, counts, result, error, created_at, ended_at FROM task WHERE person = ${staff.person} ORDER BY created_at DESC LIMIT 30`,
    );
    return { tasks: tasks.map(task => shape(task, staff.language)) };
  });
  route(web, contracts.result, async ({ staff, params, reply }) => {
    const task = await getTask(house, staff.person, params.id);
    if (!task?.result || !fs.existsSync(task.result)) throw new Failure('not_found');
    const name = task.kind === 'export' ? '台账.xlsx' : '退回的行.xlsx';
    return sendFile(reply, name, xlsxType, fs.createReadStream(task.result));
  });
  route(web, contracts.export, async ({ staff, body }) => {
    const { order, cursor: _c, limit: _l, ...filters } = body.query;
    await addTask(house, staff.person, body.id, 'export', {
      filters,
      order,
      columns: body.columns,
      language: body.language,
    });
    return done;
  });

  route(web, contracts.uploadLetters, async ({ staff, request }) => {
    const shape = z.object({ id: z.uuid(), source: z.string().trim().min(1).max(60) });
    const { bytes, fields } = await readUpload(request, shape);
    const file = uploaded(staff.person, fields.id);
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    fs.writeFileSync(file, bytes, { mode: 0o600 });
    return { id: fields.id, ...(await previewLetters(house, file, fields.source)) };
  });
  route(web, contracts.runImport, async ({ staff, params, body }) => {
    const file = uploaded(staff.person, params.id);
    if (!fs.existsSync(file)) throw new Failure('not_found');
    const own = staff.posts.some(
      post =>
        post.oversees.length &&
        maySee(staff, {
          id: '',
          sensitive: false,
          participants: [],
          excludedUnits: [],
          excludedPeople: [],
          readers: [],
          path: house.keeper.current.path(body.region),
        }),
    );
    if (!own) throw new Failure('forbidden', { action: 'import' });
    const { task, ...options } = body;
    await addTask(house, staff.person, task, 'import', { ...options, file });
    return done;
  });
}
