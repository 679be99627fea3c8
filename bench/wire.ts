/** The load generator: lanes that send one request at a time, timed while they run. */
import fs from 'node:fs';
import net from 'node:net';

/** Requests a second, their times in ms, and the processor time that each took here and in other processes, in µs. */
export type Timed = { perSecond: number; p50: number; p99: number; cpu: Record<string, number> };
export const percentile = (sorted: number[], p: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0;

/** Processor time so far by what spends it, in ms: this process, the server's, PostgreSQL's. Empty where there is no /proc. */
function processorTime(): Record<string, number> {
  const spent: Record<string, number> = {};
  if (!fs.existsSync('/proc/self/stat')) return spent;
  for (const pid of fs.readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      const who = command.startsWith('postgres')
        ? 'postgres'
        : Number(pid) === process.pid
          ? 'generator'
          : command.includes('--serve')
            ? 'server'
            : undefined;
      const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
      if (who) spent[who] = (spent[who] ?? 0) + (user + system) * 10;
    } catch {} // it has ended meanwhile
  }
  return spent;
}

/** Runs `work` over `lanes` at once for `seconds`, after some of warm-up: before that the engine is still compiling. */
export async function timed(
  lanes: number,
  seconds: number,
  work: (lane: number) => Promise<unknown>,
  warmUp = 3,
): Promise<Timed> {
  const times: number[] = [];
  let counting = false;
  let running = true;
  const lane = async (n: number) => {
    while (running) {
      const begun = performance.now();
      await work(n);
      if (counting) times.push(performance.now() - begun);
    }
  };
  const all = Array.from({ length: lanes }, (_, n) => lane(n));
  await new Promise(resolve => setTimeout(resolve, warmUp * 1000));
  counting = true;
  const before = processorTime();
  const begun = performance.now();
  await new Promise(resolve => setTimeout(resolve, seconds * 1000));
  counting = false;
  const elapsed = (performance.now() - begun) / 1000;
  const after = processorTime();
  const cpu = Object.fromEntries(
    Object.entries(after).map(([who, ms]) => [who, Math.round(((ms - (before[who] ?? 0)) * 1000) / times.length)]),
  );
  running = false;
  await Promise.all(all);
  times.sort((a, b) => a - b);
  return { perSecond: times.length / elapsed, p50: percentile(times, 0.5), p99: percentile(times, 0.99), cpu };
}

/**
 * One keep-alive connection that speaks just enough HTTP/1.1 to send a request and read its answer: the generator shares
 * two cores with what it measures, and a full client would cost as much as the server.
 */
export class Lane {
  readonly #socket: net.Socket;
  readonly #host: string;
  /** The lines of headers that are sent again and again, made once. */
  readonly #lines = new WeakMap<Record<string, string>, string>();
  #waiting: { resolve(text: string): void; reject(error: Error): void } | undefined;
  #got: Buffer | undefined;
  #wanted = -1;
  constructor(address: URL) {
    this.#host = address.host;
    this.#socket = net.connect(Number(address.port), address.hostname);
    this.#socket.setNoDelay(true);
    this.#socket.on('data', chunk => this.#take(chunk));
    this.#socket.on('error', error => this.#waiting?.reject(error));
  }
  #take(chunk: Buffer): void {
    const got = this.#got ? Buffer.concat([this.#got, chunk]) : chunk;
    this.#got = got;
    if (this.#wanted < 0) {
      const end = got.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /content-length: (\d+)/i.exec(got.toString('latin1', 0, end));
      this.#wanted = end + 4 + Number(length?.[1] ?? 0);
    }
    if (got.length < this.#wanted) return;
    this.#got = undefined;
    this.#wanted = -1;
    const { resolve, reject } = this.#waiting!;
    if (got.toString('latin1', 0, 12) === 'HTTP/1.1 200') resolve(got.toString('utf8', got.indexOf('\r\n\r\n') + 4));
    else reject(new Error(got.toString('utf8', 0, 400)));
  }
  #head(headers: Record<string, string>): string {
    let lines = this.#lines.get(headers);
    if (lines === undefined) {
      const given = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      lines = ` HTTP/1.1\r\nhost: ${this.#host}\r\n${given.join('')}`;
      this.#lines.set(headers, lines);
    }
    return lines;
  }
  send(method: string, target: string, headers: Record<string, string>, body = ''): Promise<string> {
    const content = body ? `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` : '';
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`${method} ${target}${this.#head(headers)}${content}\r\n${body}`);
    });
  }
  close(): void {
    this.#socket.destroy();
  }
}
/** Lanes are opened once, by their number. */
const lanesOpen: Lane[] = [];
/** One request on a lane of its own; fails with the answer when it is not 200. */
export function request(
  lane: number,
  address: URL,
  method: string,
  target: string,
  headers: Record<string, string>,
  body?: string,
): Promise<string> {
  lanesOpen[lane] ??= new Lane(address);
  return lanesOpen[lane].send(method, target, headers, body);
}
