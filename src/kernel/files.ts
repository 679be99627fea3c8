/** Files of matters: encrypted under the matter's key, one directory level by the id's last characters, checked by content. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import { Failure } from './errors.ts';
import { uuid } from './ids.ts';

export interface FileStore {
  /** Keeps bytes under an id; what is there already stays. */
  put(id: string, bytes: Buffer): Promise<void>;
  get(id: string): Promise<Buffer>;
}

export function localFiles(directory: string): FileStore {
  const at = (id: string) => path.join(directory, id.slice(-2), id);
  return {
    async put(id, bytes) {
      await fs.mkdir(path.dirname(at(id)), { recursive: true, mode: 0o700 });
      const half = `${at(id)}.${uuid()}`;
      const file = await fs.open(half, 'wx', 0o600);
      await file.writeFile(bytes);
      await file.sync();
      await file.close();
      // Never over another: whoever knows an id must not be able to replace what it names.
      await fs.link(half, at(id)).catch(error => {
        if (error.code !== 'EEXIST') throw error;
      });
      await fs.unlink(half);
    },
    get: id => fs.readFile(at(id)),
  };
}

const accepted = new Set([
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/heic',
  'application/pdf',
  'audio/mpeg',
  'audio/mp4',
  'audio/amr',
  'audio/ogg',
  'audio/wav',
  'audio/x-m4a',
  'video/mp4',
  'video/webm',
  'video/quicktime',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/x-cfb',
  'application/zip',
]);

export const fileLimit = 50 * 1024 * 1024;

/** The media type by content, never by name; plain UTF-8 text is allowed. */
export async function typeOf(bytes: Buffer): Promise<string> {
  const found = await fileTypeFromBuffer(bytes);
  if (found && accepted.has(found.mime)) return found.mime;
  if (!found && isText(bytes)) return 'text/plain';
  throw new Failure('file_type', { type: found?.mime ?? 'unknown' });
}

function isText(bytes: Buffer): boolean {
  if (bytes.includes(0)) return false;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return !/<\s*(script|html|svg)/i.test(text);
  } catch {
    return false;
  }
}
