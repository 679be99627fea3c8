/** From a person to an actor: the posts held today, and the scope row-level security is told. */
import type { Database, Scope } from '../kernel/db.ts';
import { noScope, sql, time } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { dateOf } from '../matters/clocks.ts';
import { type Actor, isGuarded, type Post, type PostRole, workingRoles } from '../matters/policy.ts';
import type { Directory } from '../regions/directory.ts';

export type Staff = Actor & {
  person: string;
  name: string;
  login: string;
  language: 'zh' | 'en';
  mustChange: boolean;
  /** A second factor is asked of one of the posts and was not shown in this session. */
  mustProve?: boolean;
  scope: Scope;
  /** Counties whose matters the posts can reach. */
  counties: string[];
};

const overseeing: readonly PostRole[] = ['clerk', 'leader'];

/** The regions of somebody's working posts. */
export const regionsOf = (staff: Pick<Staff, 'posts'>): string[] =>
  staff.posts.filter(post => workingRoles.includes(post.role)).map(post => post.region);

type PostRow = {
  id: string;
  unit: string;
  region: string;
  role: PostRole;
  need_to_know: boolean;
  pending: boolean;
  acting: boolean;
};

/** A post at a centre (or a grid worker's grid) oversees its region; departments see what they take part in. */
function postOf(row: PostRow, directory: Directory): Post {
  const unit = directory.units.get(row.unit);
  const oversees = (unit?.kind === 'centre' && overseeing.includes(row.role)) || row.role === 'grid';
  return {
    id: row.id,
    unit: row.unit,
    role: row.role,
    region: row.region,
    oversees: oversees ? directory.overseen(row.region) : [],
    needToKnow: row.need_to_know,
    ...(row.acting && { acting: true }),
  };
}

export function scopeOf(person: string, posts: readonly Post[], directory: Directory): Scope {
  const working = posts.filter(post => workingRoles.includes(post.role));
  return {
    person,
    units: [...new Set(working.map(post => post.unit))],
    keys: [...new Set(working.filter(post => post.needToKnow).map(post => post.unit))],
    allUnits: [...new Set(posts.map(post => post.unit))],
    regions: [...new Set(working.flatMap(post => post.oversees))],
    audit: posts.some(post => post.role === 'audit-admin' || post.role === 'auditor'),
  };
}

/** The member of staff as an actor at a moment, or undefined when unknown or disabled by then. */
export async function findStaff(
  db: Database,
  directory: Directory,
  person: string,
  now: number,
): Promise<Staff | undefined> {
  const today = dateOf(now);
  const [people, found] = (await db.reads(
    noScope,
    sql`SELECT id, name, login, language, must_change FROM person WHERE id = ${person} AND (disabled_at IS NULL OR disabled_at > ${time(now)})`,
    sql`SELECT id, unit, region, role, need_to_know, pending, person <> ${person} AS acting FROM post
        WHERE (person = ${person} OR id IN (SELECT post FROM absence WHERE substitute = ${person} AND (ended_at IS NULL OR ended_at > ${time(now)}) AND valid_from <= ${today} AND valid_to > ${today}))
          AND valid_from <= ${today} AND (valid_to IS NULL OR valid_to > ${today}) ORDER BY acting, valid_from, id`,
  )) as [any[], PostRow[]];
  const row = people[0];
  if (!row) return undefined;
  // What was asked for and not granted yet does not count where it is guarded.
  const posts = found.filter(post => !(post.pending && isGuarded(post.role)));
  // Somebody away is acted for by a colleague who is still of the unit; what is sensitive, if that was granted to him too.
  const own = posts.filter(post => !post.acting);
  const colleague = (post: PostRow) => own.filter(one => one.unit === post.unit);
  const held = posts
    .filter(post => colleague(post).length)
    .map(post => ({ ...post, need_to_know: post.need_to_know && colleague(post).some(one => one.need_to_know) }))
    .map(post => postOf(post, directory));
  const scope = scopeOf(row.id, held, directory);
  const counties = [...new Set(held.flatMap(post => countiesOf(post.region, directory)))];
  return {
    person: row.id,
    name: row.name,
    login: row.login,
    language: row.language,
    mustChange: row.must_change,
    posts: held,
    scope,
    counties,
  };
}

function countiesOf(region: string, directory: Directory): string[] {
  return directory.overseen(region).flatMap(code => directory.countyOf(code) ?? []);
}

/** Refuses whoever holds no post in a unit of this county: for them there is no such county. */
export function mustBelong(staff: Pick<Staff, 'posts'>, county: string, directory: Directory): void {
  if (!staff.posts.some(post => directory.units.get(post.unit)?.county === county)) throw new Failure('not_found');
}
