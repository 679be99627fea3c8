/** Everything that is opened once: database, keys, directory, files. The server, the jobs and the command line share it. */
import path from 'node:path';
import { Database } from './kernel/db.ts';
import { type FileStore, localFiles } from './kernel/files.ts';
import { appRole, migrate } from './kernel/migrate.ts';
import { type Algorithms, Secrets } from './kernel/secrets.ts';
import { type Loop, Numbers } from './matters/store.ts';
import { DirectoryKeeper } from './regions/directory.ts';

export type House = {
  db: Database;
  secrets: Secrets;
  keeper: DirectoryKeeper;
  loop: Loop;
  files: FileStore;
  /** The application role's connection string. */
  url: string;
  data: string;
  clock: () => number;
  close(): Promise<void>;
};

export type HouseOptions = {
  ownerUrl: string;
  data: string;
  algorithms?: Algorithms;
  clock?: () => number;
  poolSize?: number;
  numberBlock?: number;
};

export async function openHouse(options: HouseOptions): Promise<House> {
  const secrets = Secrets.open(options.data, options.algorithms ?? { cipher: 'aes-256-gcm', hash: 'sha256' });
  await migrate(options.ownerUrl);
  const url = await appRole(options.ownerUrl, secrets.derive('application role'));
  const db = new Database(url, options.poolSize);
  const keeper = await DirectoryKeeper.open(db);
  const loop: Loop = { db, secrets, directory: () => keeper.current, numbers: new Numbers(db, options.numberBlock) };
  return {
    db,
    secrets,
    keeper,
    loop,
    files: localFiles(path.join(options.data, 'files')),
    url,
    data: options.data,
    clock: options.clock ?? Date.now,
    async close() {
      keeper.close();
      await db.close();
    },
  };
}
