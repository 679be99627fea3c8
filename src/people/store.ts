/** Writing people and posts. A post that ends hands over: a list for whoever takes it up, and nothing stays behind. */

import type { House } from '../house.ts';
import { auditLine } from '../kernel/audit.ts';
import { noScope, sql, systemScope, type Tx, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { uuid } from '../kernel/ids.ts';
import { dateOf } from '../matters/clocks.ts';
import { administrators, isAdministrator, isGuarded, type PostRole, workingRoles } from '../matters/policy.ts';
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

/** Writes people and posts as they are: the demonstration's, and the first administrators'. Others go through `employ`. */
export async function putPeople(
  tx: Tx,
  people: readonly NewPerson[],
  posts: readonly (NewPost & { pending?: boolean })[],
): Promise<void> {
  for (const p of people)
    await tx.run(
      sql`INSERT INTO person (id, login, name, pinyin, password, must_change) VALUES (${p.id}, ${p.login}, ${p.name}, ${pinyinOf(p.name)}, ${p.password}, ${p.mustChange ?? true})`,
    );
  for (const p of posts)
    await tx.run(
      sql`INSERT INTO post (id, person, unit, region, role, need_to_know, substitute, valid_from, pending) VALUES (${p.id}, ${p.person}, ${p.unit}, ${p.region}, ${p.role}, ${p.needToKnow}, ${p.substitute ?? null}, ${p.from}, ${p.pending ?? false})`,
    );
}

/**
 * What the system administrator does: makes an account, gives a post. To open what is sensitive, and an administrator's or
 * auditor's post, waits for the security administrator. An administrator holds no other post.
 */
export async function employ(
  tx: Tx,
  people: readonly NewPerson[],
  posts: readonly NewPost[],
  today: string,
): Promise<void> {
  await putPeople(tx, people, []);
  for (const post of posts) {
    await tx.run(sql`SELECT FROM person WHERE id = ${post.person} FOR UPDATE`);
    const held = await tx.many<{ role: PostRole }>(
      sql`SELECT role FROM post WHERE person = ${post.person} AND (valid_to IS NULL OR valid_to > ${today})`,
    );
    if (held.some(one => isAdministrator(one.role)) || (held.length && isAdministrator(post.role)))
      throw new Failure('administrators_apart');
    await putPeople(tx, [], [{ ...post, needToKnow: false, pending: post.needToKnow || isGuarded(post.role) }]);
  }
}

/**
 * What the security administrator does: grants what a post asks for, or takes it back. A guarded post that is not granted
 * does not count; another loses the right to open what is sensitive. Nobody decides on a post of their own.
 * @throws not_found for one's own post or one that has ended, last_administrator
 */
export async function grant(tx: Tx, by: string, id: string, granted: boolean, today: string): Promise<void> {
  const post = await tx.one<{ person: string; role: PostRole }>(
    sql`SELECT person, role FROM post WHERE id = ${id} AND person <> ${by} AND (valid_to IS NULL OR valid_to > ${today}) FOR UPDATE`,
  );
  if (!post) throw new Failure('not_found');
  const guarded = isGuarded(post.role);
  if (guarded && !granted) await mustRemain(tx, post.person, today);
  await tx.run(
    sql`UPDATE post SET pending = ${guarded && !granted}, need_to_know = ${granted && !guarded} WHERE id = ${id}`,
  );
}

/**
 * Refuses a substitute who could not hold the post: who acts for some days is a colleague of the unit, who takes over holds
 * office in the county. An administrator or auditor is replaced by one of the same kind, and replaces nobody else.
 */
export async function mustFit(
  tx: Tx,
  post: { unit: string; role: PostRole; person: string },
  substitute: string,
  within: 'unit' | 'county',
): Promise<void> {
  const fit = await tx.one(
    sql`SELECT FROM post o JOIN person p ON p.id = o.person WHERE o.person = ${substitute} AND o.person <> ${post.person} AND o.valid_to IS NULL AND p.disabled_at IS NULL
        AND (o.unit = ${post.unit} OR (${within === 'county'} AND (SELECT county FROM unit WHERE id = o.unit) = (SELECT county FROM unit WHERE id = ${post.unit})))
        AND (o.role = ${post.role} AND NOT (o.pending AND ${isGuarded(post.role)}) OR o.role = ANY (${isGuarded(post.role) ? [] : workingRoles}::text[]))`,
  );
  if (!fit) throw new Failure('substitute_unfit');
}

/** Refuses what the security administrator may not do to another administrator: with a new password she would be him. */
export async function notAdministrator(tx: Tx, person: string, today: string): Promise<void> {
  const one = await tx.one(
    sql`SELECT FROM post WHERE person = ${person} AND role = ANY (${administrators}::text[]) AND (valid_to IS NULL OR valid_to > ${today})`,
  );
  if (one) throw new Failure('administrators_apart');
}

/** Refuses to leave the house without one of its three administrators when this person goes. */
export async function mustRemain(tx: Tx, person: string, today: string): Promise<void> {
  await tx.run(sql`SELECT FROM post WHERE role = ANY (${administrators}::text[]) FOR UPDATE`); // one after the other
  const last = await tx.one(
    sql`SELECT FROM post o WHERE o.person = ${person} AND o.role = ANY (${administrators}::text[]) AND NOT o.pending AND (o.valid_to IS NULL OR o.valid_to > ${today})
        AND NOT EXISTS (SELECT FROM post x JOIN person p ON p.id = x.person WHERE x.role = o.role AND x.person <> o.person AND NOT x.pending AND x.valid_from <= ${today} AND x.valid_to IS NULL AND p.disabled_at IS NULL)`,
  );
  if (last) throw new Failure('last_administrator');
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
 * sensitive matters, if such were open to them, and a list of open matters this person handled. Sessions end when no post is left.
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
    await mustFit(tx, post, next, 'county');
    await mustRemain(tx, post.person, today);
    // A post that began today never took effect: it ends on the day after, because a span is never empty.
    await tx.run(
      sql`UPDATE post SET substitute = ${next}, valid_to = greatest(${today}::date, valid_from + 1) WHERE id = ${postId}`,
    );
    const open = await tx.many<Handover & { sensitive: boolean; readers: string[] }>(
      sql`SELECT county, id, number, summary, state, due_at, sensitive, readers FROM matter
          WHERE county = (SELECT county FROM unit WHERE id = ${post.unit}) AND open AND participants @> ARRAY[${post.unit}]::uuid[] AND (${post.person} = ANY (handled_by) OR ${post.person} = ANY (readers)) ORDER BY due_at`,
    );
    const secret = open.filter(
      matter => matter.sensitive && matter.readers.includes(post.person) && !matter.readers.includes(next),
    );
    // What is sensitive goes to one who was granted to open such things, whoever ends the post and names the next.
    if (
      secret.length &&
      !(await tx.one(sql`SELECT FROM post WHERE person = ${next} AND need_to_know AND valid_to IS NULL`))
    )
      throw new Failure('substitute_not_admitted', { count: secret.length });
    for (const matter of secret) {
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
