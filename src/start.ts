/** Starting for real: one process per data directory, the database up, the house open, jobs running, the port listening. */
import fs from 'node:fs';
import path from 'node:path';
import { buildApp } from './app.ts';
import { announce } from './channels/announce.ts';
import { pull, push } from './channels/exchange-carry.ts';
import { sendDue } from './channels/outbox.ts';
import { staffPort } from './channels/staff-port.ts';
import { deliverHooks } from './channels/webhooks.ts';
import { demoPassword, loadCounty } from './demo/county.ts';
import { loadField } from './demo/fielding.ts';
import { demoHistory } from './demo/history.ts';
import { loadServices } from './demo/services.ts';
import { type House, openHouse } from './house.ts';
import { noScope, sql, systemScope } from './kernel/db.ts';
import { Failure } from './kernel/errors.ts';
import { uuid } from './kernel/ids.ts';
import { type EmbeddedPostgres, startEmbedded } from './kernel/postgres.ts';
import { dateOf, momentOfDate } from './matters/clocks.ts';
import { lapseDue, Projector, watchDue } from './matters/jobs.ts';
import { carry } from './matters/messages.ts';
import { deliver, type NoticePort, writeDigests, writeLaterChecks } from './matters/notices.ts';
import { writeRegisterReminders } from './mediation/store.ts';
import { hashPassword } from './people/passwords.ts';
import { initialPassword, putPeople } from './people/store.ts';
import { expireFootage } from './places/store.ts';
import { sweepSpent } from './portal/guard.ts';
import { forgetBookings } from './portal/open.ts';
import { sweepCodes } from './portal/raise.ts';
import { putRegions, putUnits } from './regions/store.ts';
import { makeDuties, missDuties } from './rounds/store.ts';
import type { Settings } from './settings.ts';
import { writeDriveEnds } from './supervision/store.ts';
import { cleanUploads } from './sync/uploads.ts';
import { runOneTask } from './tasks.ts';

/** The start time of a process, so that a pid taken over by another program is not mistaken for ours. */
const birthOf = (pid: number): string | undefined => {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19];
  } catch {
    try {
      process.kill(pid, 0);
      return 'unknown';
    } catch {
      return undefined;
    }
  }
};

/** One running Yuandian per data directory. A lock left by a kill -9 is recognised and taken over. */
export function lockData(data: string): () => void {
  fs.mkdirSync(data, { recursive: true, mode: 0o755 });
  const file = path.join(data, 'yuandian.pid');
  for (;;) {
    try {
      fs.writeFileSync(file, `${process.pid} ${birthOf(process.pid)}`, { flag: 'wx' });
      return () => fs.rmSync(file, { force: true });
    } catch {
      const [pid, birth] = fs.readFileSync(file, 'utf8').split(' ');
      if (pid && birthOf(Number(pid)) === birth) throw new Failure('already_running', { pid });
      fs.rmSync(file, { force: true });
    }
  }
}

/** The database and the house, as the server and the command line use them. */
export async function openFor(
  settings: Settings,
  more: { poolSize?: number; numberBlock?: number } = {},
): Promise<{ house: House; ownerUrl: string; postgres: EmbeddedPostgres | undefined; close(): Promise<void> }> {
  fs.mkdirSync(settings.data, { recursive: true, mode: 0o755 });
  const running = fs.existsSync(path.join(settings.data, 'yuandian.pid'));
  const postgres = settings.databaseUrl ? undefined : await startEmbedded(settings.data);
  const ownerUrl = settings.databaseUrl ?? postgres!.url;
  const house = await openHouse({ ownerUrl, data: settings.data, algorithms: settings.algorithms, ...more });
  return {
    house,
    ownerUrl,
    postgres,
    async close() {
      await house.close();
      if (!running || fs.readFileSync(path.join(settings.data, 'yuandian.pid'), 'utf8').startsWith(`${process.pid} `))
        await postgres?.stop();
    },
  };
}

const isEmpty = async (house: House) => !(await house.db.readOne(noScope, sql`SELECT 1 FROM person LIMIT 1`));

/** The demonstration county is there and nothing happened in it yet: the first start, or one that was cut short. */
const isDemoWithoutHistory = async (house: House) =>
  Boolean(
    await house.db.readOne(
      systemScope,
      sql`SELECT 1 FROM person WHERE login = 'county' AND NOT EXISTS (SELECT FROM matter) LIMIT 1`,
    ),
  );

/** First start in production: one county, three administrators apart, one-time passwords printed once. No known password exists. */
async function firstAdministrators(house: House, settings: Settings): Promise<string[]> {
  if (!settings.county)
    throw new Failure('settings', {
      issues: 'YUANDIAN_COUNTY (six digits) and YUANDIAN_COUNTY_NAME are needed for the first production start',
    });
  const { code, name } = settings.county;
  const region = `${code}000000`;
  const centre = uuid();
  const today = dateOf(house.clock());
  const lines: string[] = [];
  const people = await Promise.all(
    (['system', 'security', 'audit'] as const).map(async role => {
      const password = initialPassword();
      lines.push(`${role}: ${password}`);
      return {
        id: uuid(),
        login: role,
        name: { system: '系统管理员', security: '安全管理员', audit: '审计管理员' }[role],
        password: await hashPassword(password),
        role,
      };
    }),
  );
  await house.db.write(systemScope, async tx => {
    await putRegions(tx, [{ code: region, parent: null, level: 'county', name }]);
    await tx.run(sql`INSERT INTO county VALUES (${code}, ${region}, ${name})`);
    await putUnits(tx, [{ id: centre, county: code, region, kind: 'centre', name: `${name}综治中心`, above: null }]);
    await putPeople(
      tx,
      people,
      people.map(p => ({
        id: uuid(),
        person: p.id,
        unit: centre,
        region,
        role: `${p.role}-admin` as const,
        needToKnow: false,
        from: today,
      })),
    );
  });
  await house.keeper.changed();
  return lines;
}

/** Runs what happens by itself. Each round begins after the last one ended; a failure is told and tried again. */
function startJobs(house: House, ports: readonly NoticePort[]): () => Promise<void> {
  const loops: { stop: boolean; done: Promise<void> }[] = [];
  const every = (ms: number, work: () => Promise<boolean>) => {
    const state = { stop: false, done: Promise.resolve() };
    state.done = (async () => {
      while (!state.stop) {
        const more = await work().catch(error => {
          if (!state.stop) console.error(error);
          return false;
        });
        if (!more && !state.stop) await new Promise(resolve => setTimeout(resolve, ms));
      }
    })();
    loops.push(state);
  };
  const projector = new Projector(house.loop, () => performance.now());
  every(300, () => projector.turn());
  every(5000, async () => (await lapseDue(house.loop, house.clock())) > 0);
  every(5000, async () => (await watchDue(house.loop, house.clock())) > 0);
  every(2000, async () => (await deliver(house.loop, ports, house.clock())) > 0);
  every(3000, async () => (await carry(house.loop, house.clock())) > 0);
  every(1000, async () => (await announce(house, house.clock())) > 0);
  every(1000, async () => (await sendDue(house, house.clock())) > 0);
  every(2000, async () => (await deliverHooks(house, house.clock())) > 0);
  every(3000, async () => (await push(house, house.clock())) > 0);
  every(60_000, async () => (await pull(house, house.clock())) > 0);
  every(60_000, async () => {
    const now = house.clock();
    const day = dateOf(now);
    if (now >= momentOfDate(day, 8)) await writeDigests(house.loop, now, day, momentOfDate(day, 24));
    await writeLaterChecks(house.loop, now);
    await writeDriveEnds(house.loop, now);
    await writeRegisterReminders(house, now);
    await expireFootage(house.db, now);
    await cleanUploads(house, now);
    await sweepSpent(house, now);
    await sweepCodes(house, now);
    await forgetBookings(house, now);
    return false;
  });
  every(20_000, async () => (await makeDuties(house, house.clock())) > 0);
  every(20_000, async () => (await missDuties(house, house.clock())) > 0);
  every(500, () => runOneTask(house));
  return async () => {
    for (const state of loops) state.stop = true;
    await Promise.race([
      Promise.all(loops.map(state => state.done)),
      new Promise(resolve => setTimeout(resolve, 3000)),
    ]);
  };
}

export type Running = { address: string; house: House; close(): Promise<void> };

/**
 * Starts everything and returns when the port answers. `say` prints for the person at the terminal; `ports` are the ways
 * by which notices leave the house.
 */
export async function start(
  settings: Settings,
  say: (line: string) => void,
  ports: readonly NoticePort[] = [],
): Promise<Running> {
  const unlock = lockData(settings.data);
  let opened: Awaited<ReturnType<typeof openFor>> | undefined;
  try {
    opened = await openFor(settings);
    const { house } = opened;
    let notice: string[] = [];
    if (await isEmpty(house)) {
      if (settings.production)
        notice = [
          '一次性密码（只显示这一次，首次登录须修改） / one-time passwords:',
          ...(await firstAdministrators(house, settings)),
        ];
      else {
        say('正在建立演示数据（禹州市）… / making the demonstration county …');
        await loadCounty(house);
        await loadField(house);
        await loadServices(house);
      }
    }
    if (!settings.production && (await isDemoWithoutHistory(house))) await demoHistory(house, house.url);
    const demo =
      !settings.production && (await house.db.readOne(noScope, sql`SELECT 1 FROM person WHERE login = 'county'`));
    const app = await buildApp({
      house,
      log: settings.production,
      perMinute: settings.perMinute,
      trustProxy: settings.trustProxy,
      oidc: settings.oidc,
    });
    const address = await app.listen({ port: settings.port, host: settings.host });
    const stopJobs = startJobs(house, [staffPort(house), ...ports]);
    say('');
    say(`原点 Yuandian  ${address}`);
    for (const line of notice) say(`  ${line}`);
    if (demo) {
      say(`  演示账号 / demo accounts（密码 / password: ${demoPassword}）`);
      for (const [login, who] of [
        ['county', '市综治中心受理员 county clerk'],
        ['county2', '市综治中心回访员 follow-up'],
        ['shundian', '顺店镇综治中心 township clerk'],
        ['village-head', '毛吕村 village centre'],
        ['shundian-head', '顺店镇综治中心主任 township head'],
        ['urban', '城市管理局 department'],
        ['leader', '中心主任 leader'],
        ['system / security / audit', '三员 administrators'],
      ])
        say(`    ${login!.padEnd(26)} ${who}`);
    }
    let closing: Promise<void> | undefined;
    return {
      address,
      house,
      close: () =>
        (closing ??= (async () => {
          await app.close();
          await stopJobs();
          await opened?.close();
          unlock();
        })()),
    };
  } catch (error) {
    await opened?.close();
    unlock();
    throw error;
  }
}
