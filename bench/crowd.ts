/**
 * A thousand people at once, each with a socket of their own, who read, think, search, register and act: what one of them
 * waits for, while all the others are there.
 */
import { uuid } from '../src/kernel/ids.ts';
import { Lane, percentile } from './wire.ts';

export type Person = { headers: Record<string, string>; region: string | undefined };
type Seen = { county: string; id: string };
/** What stood in the list last read, and in the inbox last read. */
type Doing = { lane: Lane; person: Person; seen: Seen[]; mine: Seen[] };

const pick = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)]!;
const list = async ({ lane, person, seen }: Doing, query: string, keep = seen) => {
  const { rows } = JSON.parse(await lane.send('GET', `/api/v1/matters?limit=20&${query}`, person.headers));
  keep.splice(0, keep.length, ...rows);
};
const inbox = (doing: Doing) => list(doing, 'box=inbox&order=due', doing.mine);
const search = (word: () => string) => (doing: Doing) => list(doing, `q=${encodeURIComponent(word())}`);
const digits = () => Math.floor(Math.random() * 9999);

/** What people do, how often of a hundred times. */
const doings: Record<string, { often: number; run(doing: Doing): Promise<unknown> }> = {
  inbox: { often: 22, run: inbox },
  list: { often: 15, run: doing => list(doing, `box=all&state=${pick(['struck', 'handling', 'followed', 'closed'])}`) },
  page: {
    often: 25,
    run: async doing => {
      if (!doing.seen.length) await list(doing, 'box=all');
      const one = doing.seen.length ? pick(doing.seen) : undefined;
      if (one) await doing.lane.send('GET', `/api/v1/matters/${one.county}/${one.id}`, doing.person.headers);
    },
  },
  'search, common': { often: 4, run: search(() => pick(['路灯', '欠薪', '噪音', '井盖'])) },
  'search, rare': { often: 7, run: search(() => `第${digits()}号`) },
  'search, absent': { often: 2, run: search(() => pick(['珊瑚礁', '潜水艇', '极光'])) },
  'count by state': { often: 10, run: ({ lane, person }) => lane.send('GET', '/api/v1/matters/count', person.headers) },
  register: {
    often: 8,
    run: ({ lane, person }) =>
      lane.send(
        'POST',
        '/api/v1/matters',
        person.headers,
        JSON.stringify({
          id: uuid(),
          action: uuid(),
          kind: 'request',
          text: `第${digits()}号门前的路灯坏了三天，晚上看不见路，请派人修理。`,
          source: 'window',
          region: person.region ?? '411081101205',
          parties: [
            { id: uuid(), role: 'applicant', name: '王小明', phone: `13${String(digits() * 99991).padStart(9, '0')}` },
          ],
        }),
      ),
  },
  act: {
    often: 7,
    run: async doing => {
      if (!doing.mine.length) await inbox(doing);
      const one = doing.mine.length ? pick(doing.mine) : undefined;
      if (!one) return;
      const action = { type: 'note', data: {}, words: { text: '已到现场查看' } };
      await doing.lane.send(
        'POST',
        `/api/v1/matters/${one.county}/${one.id}/actions`,
        doing.person.headers,
        JSON.stringify({ id: uuid(), action }),
      );
    },
  },
};
const turns = Object.entries(doings).flatMap(([name, { often }]) => new Array<string>(often).fill(name));

/** `users` of these people for `seconds`, each thinking `think` seconds on average. Prints what each thing took. */
export async function crowd(
  address: URL,
  people: readonly Person[],
  users: number,
  seconds: number,
  think: number,
): Promise<void> {
  const times = new Map<string, number[]>(Object.keys(doings).map(name => [name, []]));
  const refused = new Map<string, number>();
  const begun = performance.now();
  const until = begun + seconds * 1000;
  // The first seconds open sockets and prepare statements; people arrive over the time of one thought.
  const counted = begun + think * 1000 + 3000;
  await Promise.all(
    Array.from({ length: users }, async (_, n) => {
      const doing: Doing = { lane: new Lane(address), person: people[n % people.length]!, seen: [], mine: [] };
      await new Promise(resolve => setTimeout(resolve, Math.random() * think * 1000));
      while (performance.now() < until) {
        const name = pick(turns);
        const at = performance.now();
        try {
          await doings[name]!.run(doing);
          if (at > counted) times.get(name)!.push(performance.now() - at);
        } catch (error) {
          const what = `${name}: ${/"code":"(\w+)"/.exec(String(error))?.[1] ?? String(error).slice(0, 200)}`;
          refused.set(what, (refused.get(what) ?? 0) + 1);
        }
        await new Promise(resolve => setTimeout(resolve, -Math.log(1 - Math.random()) * think * 1000));
      }
      doing.lane.close();
    }),
  );
  const all = [...times.values()].flat();
  console.log(
    `-- ${users} people, ${think} s of thought each: ${(all.length / ((until - counted) / 1000)).toFixed(0)} requests a second`,
  );
  for (const [name, taken] of times) {
    taken.sort((a, b) => a - b);
    const at = (p: number) => percentile(taken, p).toFixed(1).padStart(6);
    console.log(
      `${name.padEnd(20)} ${String(taken.length).padStart(6)}   p50 ${at(0.5)}  p95 ${at(0.95)}  p99 ${at(0.99)} ms`,
    );
  }
  console.log(refused.size ? `refused: ${JSON.stringify(Object.fromEntries(refused))}` : 'nothing refused');
}
