/** Writing people and posts. A post that ends hands over: a list for whoever takes it up, and nothing stays behind. */

import type { House } from '../house.ts';
import { auditLine } from '../kernel/audit.ts';
import { noScope, sql, systemScope, type Tx, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { uuid } from '../kernel/ids.ts';
import { dateOf } from '../matters/clocks.ts';
import type { PostRole } from '../matters/policy.ts';
import { append, derivedId } from '../matters/store.ts';
import { pinyinOf } from '../regions/store.ts';

export type NewPerson = { id: string; login: string; name: string; password: string | null; mustChange?: boolean };
export type NewPost = {
  id: string;
  person: string;
  unit: string;
  region: string;
  role: PostRole;
  needToKnow: boolean;
  from: string;
  substitute?: string | null;
};

export async function putPeople(tx: Tx, people: readonly NewPerson[], posts: readonly NewPost[]): Promise<void> {
  for (const p of people)
    await tx.run(
      sql`INSERT INTO person (id, login, name, pinyin, password, must_change) VALUES (${p.id}, ${p.login}, ${p.name}, ${pinyinOf(p.name)}, ${p.password}, ${p.mustChange ?? true})`,
    );
  for (const p of posts)
    await tx.run(
      sql`INSERT INTO post (id, person, unit, region, role, need_to_know, substitute, valid_from) VALUES (${p.id}, ${p.person}, ${p.unit}, ${p.region}, ${p.role}, ${p.needToKnow}, ${p.substitute ?? null}, ${p.from})`,
    );
}

export type Handover = {
  county: string;
  id: string;
  number: string;
  summary: string | null;
  state: string;
  due_at: number | null;
};

/**
 * Ends a post today. Matters stay with the unit; what hung on the person is handed to the substitute: the right to open
 * sensitive matters, and a list of open matters this person handled. Sessions end when no post is left.
 */
export async function endPost(
  house: House,
  by: string,
  postId: string,
  substitute: string | undefined,
): Promise<Handover[]> {
  const now = house.clock();
  const today = dateOf(now);
  const post = await house.db.readOne<any>(noScope, sql`SELECT * FROM post WHERE id = ${postId} AND valid_to IS NULL`);
  if (!post) throw new Failure('not_found');
  const next = substitute ?? post.substitute;
  if (!next) throw new Failure('post_without_substitute');
  const handed = await house.db.write(systemScope, async tx => {
    // A post that began today never took effect: it ends on the day after, because a span is never empty.
    await tx.run(
      sql`UPDATE post SET substitute = ${next}, valid_to = greatest(${today}::date, valid_from + 1) WHERE id = ${postId}`,
    );
    const open = await tx.many<Handover & { sensitive: boolean; readers: string[] }>(
      sql`SELECT county, id, number, summary, state, due_at, sensitive, readers FROM matter
          WHERE county = (SELECT county FROM unit WHERE id = ${post.unit}) AND open AND participants @> ARRAY[${post.unit}]::uuid[] AND (${post.person} = ANY (handled_by) OR ${post.person} = ANY (readers)) ORDER BY due_at`,
    );
    for (const matter of open) {
      if (!matter.sensitive || !matter.readers.includes(post.person) || matter.readers.includes(next)) continue;
      const action = { type: 'admit' as const, data: { person: next }, words: { text: '岗位交接' } };
      await append(
        tx,
        house.loop,
        { actor: { person: by, posts: [], system: true }, scope: systemScope, now },
        matter.county,
        matter.id,
        { id: derivedId(house.loop, 'handover', postId, matter.id), action },
      );
    }
    const left = await tx.one<{ n: number }>(
      sql`SELECT count(*) AS n FROM post WHERE person = ${post.person} AND (valid_to IS NULL OR valid_to > ${today})`,
    );
    if (!left!.n)
      await tx.run(sql`UPDATE session SET ended_at = ${time(now)} WHERE person = ${post.person} AND ended_at IS NULL`);
    await tx.run(auditLine(now, by, 'post-end', null, postId, 'done', { substitute: next, handed: open.length }));
    return open;
  });
  return handed.map(({ sensitive: _s, readers: _r, ...row }) => row as Handover);
}

/** A password an administrator hands over once; it must be changed at the first sign-in. */
export function initialPassword(): string {
  return `Yd-${uuid().slice(-8)}-${uuid().slice(-4).toUpperCase()}`;
}
