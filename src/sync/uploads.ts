/** Files of phones, sealed, in pieces that resume (tus 1.0): a photograph never holds up the report it belongs to. */
import fs from 'node:fs';
import path from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { House } from '../house.ts';
import { base } from '../kernel/contract.ts';
import { Failure } from '../kernel/errors.ts';
import { fileLimit } from '../kernel/files.ts';
import type { Web } from '../kernel/http.ts';

const route = `${base}/sync/uploads`;
const days = 14;
const directoryOf = (house: House) => path.join(house.data, 'uploads');
/** Where an upload lies, complete or not. The id is checked where it comes in. */
const uploadPath = (house: House, file: string) => path.join(directoryOf(house), file);

const isId = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value);

/** The sealed bytes of an upload that has arrived whole. */
export async function takenUpload(house: House, file: string): Promise<Buffer | undefined> {
  try {
    const { size } = JSON.parse(await fs.promises.readFile(`${uploadPath(house, file)}.json`, 'utf8'));
    const bytes = await fs.promises.readFile(uploadPath(house, file));
    return bytes.length === size ? bytes : undefined;
  } catch {
    return undefined;
  }
}
export const dropUpload = (house: House, file: string) =>
  Promise.all(['', '.json'].map(end => fs.promises.rm(uploadPath(house, file) + end, { force: true })));

/** Uploads that nothing came for: their phone was lost on the way. */
export async function cleanUploads(house: House, now: number): Promise<number> {
  const directory = directoryOf(house);
  let gone = 0;
  for (const name of fs.existsSync(directory) ? fs.readdirSync(directory) : []) {
    const file = path.join(directory, name);
    if (now - fs.statSync(file).mtimeMs < days * 86_400_000) continue;
    fs.rmSync(file, { force: true });
    gone += 1;
  }
  return gone;
}

export function uploadRoutes({ app, house }: Web): void {
  fs.mkdirSync(directoryOf(house), { recursive: true, mode: 0o700 });
  const tus = new Server({
    path: route,
    datastore: new FileStore({ directory: directoryOf(house) }),
    maxSize: fileLimit + 1024,
    relativeLocation: true,
    respectForwardedHeaders: false,
    // The file's own id, which its attach action names.
    namingFunction: (_request, metadata) => {
      if (!isId(metadata?.file)) throw { status_code: 422, body: 'file: uuid\n' };
      return metadata.file;
    },
  });
  // What comes in pieces is for the library to read.
  app.addContentTypeParser('application/offset+octet-stream', (_request, _payload, done) => done(null));
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    if (!request.staff) throw new Failure('unauthenticated');
    reply.hijack();
    await tus.handle(request.raw, reply.raw);
  };
  for (const url of [route, `${route}/:id`])
    app.route({
      method: ['POST', 'HEAD', 'PATCH', 'DELETE'],
      url,
      schema: { hide: true },
      handler,
      exposeHeadRoute: false,
    });
}
