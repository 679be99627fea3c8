/** Between the projection and its row, and what exactly the chain hashes. Used by the store and by `verify`. */
import { time } from '../kernel/db.ts';
import { hashWith } from '../kernel/secrets.ts';
import type { Matter } from './matter.ts';

type Column = { field: keyof Matter; column: string; kind: 'plain' | 'time' | 'json' | 'ids' };
const column = (field: keyof Matter, kind: Column['kind'] = 'plain'): Column => ({
  field,
  column: field.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`),
  kind,
});

/** Every field of a matter and the column that holds it. */
export const columns: readonly Column[] = [
  ...(
    [
      'county',
      'id',
      'seq',
      'number',
      'kind',
      'state',
      'open',
      'stock',
      'unit',
      'centre',
      'handler',
      'lapses',
      'category',
      'source',
      'grid',
      'sensitive',
      'reworks',
      'rating',
      'solved',
      'cause',
      'grade',
      'leader',
      'rounds',
    ] as const
  ).map(f => column(f)),
  ...(
    [
      'dueAt',
      'nextAt',
      'receivedAt',
      'registeredAt',
      'enteredAt',
      'acceptedAt',
      'dispatchedAt',
      'closedAt',
      'endedAt',
      'answeredAt',
      'replyAt',
      'watchAt',
      'openedAt',
    ] as const
  ).map(f => column(f, 'time')),
  ...(
    [
      'due',
      'fields',
      'location',
      'parties',
      'relations',
      'externals',
      'files',
      'grading',
      'orders',
      'pause',
      'asked',
      'papers',
      'parts',
      'whole',
      'border',
      'mediation',
      'docks',
      'hearings',
      'hazard',
      'told',
    ] as const
  ).map(f => column(f, 'json')),
  ...(['path', 'participants', 'excludedUnits', 'excludedPeople', 'readers', 'handledBy', 'returnedBy'] as const).map(
    f => column(f, 'ids'),
  ),
];

/** The projection as its row: column → value as JSON carries it to PostgreSQL; what is not there is NULL. */
export function matterRow(matter: Matter): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const { field, column, kind } of columns) {
    const value = matter[field];
    if (value !== null && value !== undefined) row[column] = kind === 'time' ? time(value as number) : value;
  }
  return row;
}

/** A row as read by `select *` back into a matter. */
export function matterOf(row: Record<string, unknown>): Matter {
  return Object.fromEntries(columns.map(({ field, column }) => [field, row[column] ?? null])) as Matter;
}

export type ActionRow = {
  county: string;
  matter: string;
  seq: number;
  id: string;
  type: string;
  actor: string | null;
  post: string | null;
  unit: string | null;
  at: number;
  device_at: number | null;
  /** The stored text of the json columns, byte for byte. */
  data: string;
  effects: string;
  words: Buffer | null;
  content: Buffer;
  version: number;
  alg: string;
  prev: Buffer;
};

/** The hash of an action: over every column, with ciphertext standing for what people wrote. */
export function chainHash(row: ActionRow): Buffer {
  const words = row.words && hashWith(row.alg, row.words.toString('base64')).toString('hex');
  return hashWith(
    row.alg,
    JSON.stringify([
      row.county,
      row.matter,
      row.seq,
      row.id,
      row.type,
      row.actor,
      row.post,
      row.unit,
      row.at,
      row.device_at,
      row.data,
      row.effects,
      words,
      row.content.toString('hex'),
      row.version,
      row.alg,
      row.prev.toString('hex'),
    ]),
  );
}

/** What the first action of a matter is chained to. */
export const chainStart = (alg: string, county: string, matter: string): Buffer => hashWith(alg, `${county}/${matter}`);

/** Actions whose words become the matter's own: what is corrected, or a name that is struck out of the title from now on. */
export const rewritesWords = (type: string, data: { rewrites?: boolean }) =>
  type === 'register' || (['correct', 'join', 'amend'].includes(type) && data.rewrites === true);

/** Open, struck off, or ended otherwise: how lists of a narrow scope are kept apart. */
export const stageOf = ({ open, state }: Pick<Matter, 'open' | 'state'>) =>
  open ? 'open' : state === 'struck' ? 'struck' : 'other';

/** Sensitive, or hidden from somebody: kept out of the roll-up and counted live. */
export const guarded = (m: Pick<Matter, 'sensitive' | 'excludedUnits' | 'excludedPeople'>) =>
  m.sensitive || m.excludedUnits.length > 0 || m.excludedPeople.length > 0;

/** Through whom a matter may be seen: places below the county, units, admitted people. The county walks the whole table. */
export const readersOf = (matter: Pick<Matter, 'path' | 'participants' | 'readers'>): string[] => [
  ...new Set([...matter.path.slice(1), ...matter.participants, ...matter.readers]),
];
