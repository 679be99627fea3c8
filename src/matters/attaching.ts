/** Files of a matter: sealed under its key, recorded as an action, opened only for those who see the matter. */
import { createHash } from 'node:crypto';
import type { House } from '../house.ts';
import { type Scope, sql } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { typeOf } from '../kernel/files.ts';
import { act } from './acting.ts';
import { Action } from './actions.ts';
import type { FileRef } from './matter.ts';
import type { Doing } from './store.ts';

type Ref = { county: string; id: string };

/** The matter's data key, in the scope of whoever asks; `not_found` or `erased`. */
async function keyOf(house: House, scope: Scope, on: Ref): Promise<Buffer> {
  const key = await house.db.readOne<{ wrapped: Buffer | null; version: number }>(
    scope,
    sql`SELECT wrapped, version FROM matter_key WHERE county = ${on.county} AND matter = ${on.id}`,
  );
  if (!key) throw new Failure('not_found');
  if (!key.wrapped) throw new Failure('erased');
  return house.secrets.unwrap(key.wrapped, key.version);
}

type NewFile = { id: string; name: string; bytes: Buffer; audience: FileRef['audience']; part?: FileRef['part'] };

/** Puts bytes under a matter's key and returns the action that records them; refuses what is not a kind of file we keep. */
export async function keepFile(house: House, scope: Scope, on: Ref, { id, name, bytes, audience, part }: NewFile) {
  const type = await typeOf(bytes);
  // The bytes first, then the record: a crash between leaves a file nobody refers to, never a reference to nothing.
  await house.files.put(id, house.secrets.sealBytes(await keyOf(house, scope, on), bytes));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const data: FileRef = { id, type, size: bytes.length, audience, sha256, ...(part && { part }) };
  return { data, action: Action.parse({ type: 'attach', data, words: { text: name } }) };
}

/** Attaches a file to a matter. */
export async function attach(
  house: House,
  doing: Doing,
  on: Ref,
  file: NewFile & { action: string },
): Promise<FileRef> {
  const { data, action } = await keepFile(house, doing.scope, on, file);
  await act(house.loop, doing, on.county, on.id, { id: file.action, action });
  return data;
}

/** The bytes of a file; the caller has seen that it is one of this matter's. */
export const openFile = async (house: House, scope: Scope, on: Ref, file: string): Promise<Buffer> =>
  house.secrets.openBytes(await keyOf(house, scope, on), await house.files.get(file));
