/** The command line: `npx yuandian <verb>`. Exit 0: done. 1: found something wrong. 2: could not be done (bad call, refused). */

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { backup, restore } from './backup.ts';
import { Chronicle, reserveNumbers } from './demo/chronicle.ts';
import { loadCounty } from './demo/county.ts';
import { simulate } from './demo/simulate.ts';
import { seedVolume } from './demo/volume.ts';
import { simulateCalls } from './hotline/routes.ts';
import type { House } from './house.ts';
import {
  type ImportCounts,
  importLetters,
  previewLetters,
  projectAll,
  projectMeanwhile,
  type Refused,
  writeRefused,
} from './imports/letters-run.ts';
import { importCategories } from './imports/reference.ts';
import { auditLine } from './kernel/audit.ts';
import { json, noScope, sql, systemScope } from './kernel/db.ts';
import { Failure, messageOf } from './kernel/errors.ts';
import { uuid } from './kernel/ids.ts';
import { type KindName, kindNames } from './kinds/kinds.ts';
import { type LedgerColumn, ledgerColumns } from './ledgers/columns.ts';
import { writeLedger } from './ledgers/ledger.ts';
import { dateOf } from './matters/clocks.ts';
import { recount } from './matters/jobs.ts';
import { findStaff } from './people/actors.ts';
import { dropFactors } from './people/factors.ts';
import { hashPassword } from './people/passwords.ts';
import { initialPassword } from './people/store.ts';
import { rotateKeys } from './rotate.ts';
import { readSettings, type Settings } from './settings.ts';
import { openFor, start } from './start.ts';
import { sealDay, verify } from './verify.ts';

const chinese = /^zh/i.test(process.env.LC_ALL || process.env.LANG || '');
const language = chinese ? 'zh' : 'en';
const program = new Command('yuandian')
  .description('原点 Yuandian: one intake, one accountable unit, one deadline, one answer.')
  .version('0.1.0');

/** Progress on a terminal, on one line; silent in a pipe. */
const progress = (text: string) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
};
const say = (line: string) => console.log(line);

/** The answer: words for people, or one JSON object as the last line. */
function answer(asJson: boolean | undefined, result: object, words: string): void {
  progress('');
  say(asJson ? JSON.stringify(result) : words);
}

type Opened = Awaited<ReturnType<typeof openFor>>;
async function withHouse<T>(work: (opened: Opened, settings: Settings) => Promise<T>): Promise<T> {
  const settings = readSettings(process.env);
  const opened = await openFor(settings);
  try {
    return await work(opened, settings);
  } finally {
    await opened.close();
  }
}

program
  .command('start', { isDefault: true })
  .description('start the server (embedded database unless DATABASE_URL is set)')
  .option('--port <n>', 'port, instead of PORT')
  .action(async options => {
    const settings = readSettings({ ...process.env, ...(options.port && { PORT: options.port }) });
    const running = await start(settings, say);
    const stop = () => running.close().then(() => process.exit(0));
    process.on('SIGINT', stop).on('SIGTERM', stop);
  });

program
  .command('import <file>')
  .description('import letters (.xlsx, .xls, .csv), or with --categories a table of categories in levels')
  .option('--source <name>', 'name of the source; ids are unique within it (default: the file name)')
  .option('--region <code>', 'place of letters that name none (default: the first county)')
  .option('--kind <kind>', kindNames.join(' | '), 'request')
  .option('--live', 'run clocks from the day received (default: old records as stock, without clocks)')
  .option('--dry-run', 'read and check, write nothing')
  .option('--map <field=header...>', 'columns, where they cannot be guessed')
  .option('--categories', 'the file is a table of categories for --kind')
  .option('--json', 'one JSON object as the last line')
  .action(async (file: string, options) => {
    if (!fs.existsSync(file)) throw new Failure('import_unreadable', { reason: `${file}: no such file` });
    if (!kindNames.includes(options.kind)) throw new Failure('invalid', { issues: `--kind ${options.kind}` });
    await withHouse(async ({ house }) => {
      if (options.categories) {
        const result = await importCategories(house, options.kind, file, path.basename(file));
        const report = {
          read: result.read,
          imported: result.imported,
          repeated: 0,
          refused: result.refused.length,
          report: null,
        };
        return answer(
          options.json,
          report,
          `read ${result.read}, categories ${result.imported}, refused ${result.refused.length}`,
        );
      }
      const result = await importFile(house, file, options);
      answer(
        options.json,
        result,
        `read ${result.read}, imported ${result.imported}, repeated ${result.repeated}, refused ${result.refused}${result.report ? ` → ${result.report}` : ''}`,
      );
    });
  });

type ImportFlags = {
  source?: string;
  region?: string;
  kind: KindName;
  live?: boolean;
  dryRun?: boolean;
  map?: string[];
};

/** Runs an import with its place kept in `<data>/imports/<hash>.json`'s table row, so that the same command goes on after a kill. */
async function importFile(
  house: House,
  file: string,
  flags: ImportFlags,
): Promise<ImportCounts & { report: string | null }> {
  const source = flags.source ?? path.basename(file).replace(/\.\w+$/, '');
  const region = flags.region ?? [...house.keeper.current.counties.values()][0]?.region;
  if (!region) throw new Failure('invalid', { issues: '--region' });
  const mapping = flags.map && Object.fromEntries(flags.map.map(pair => pair.split('=') as [string, string]));
  const id = uuidOf(
    createHash('sha256')
      .update(fs.readFileSync(file))
      .update(JSON.stringify([source, region, flags.kind, Boolean(flags.live), mapping ?? null]))
      .digest('hex'),
  );
  const state: ImportCounts & { line: number } = { line: 0, read: 0, imported: 0, repeated: 0, refused: 0 };
  const kept = path.join(house.data, 'imports', `${id}.jsonl`);
  fs.mkdirSync(path.dirname(kept), { recursive: true, mode: 0o700 });
  if (!flags.dryRun) {
    const row = await house.db.readOne<{ state: typeof state }>(
      systemScope,
      sql`SELECT state FROM import_progress WHERE id = ${id}`,
    );
    if (row) Object.assign(state, row.state);
  }
  if (state.line === 0) fs.rmSync(kept, { force: true });
  const preview = await previewLetters(house, file, source, mapping);
  const importing = importLetters(
    house,
    { actor: { person: null, posts: [], system: true }, scope: systemScope },
    {
      file,
      source,
      region,
      kind: flags.kind,
      live: flags.live ?? false,
      preview,
      dryRun: flags.dryRun ?? false,
      ...(mapping && { mapping }),
    },
    state,
    {
      save: (tx, next) =>
        tx.run(
          sql`INSERT INTO import_progress VALUES (${id}, ${json(next)}) ON CONFLICT (id) DO UPDATE SET state = excluded.state`,
        ),
      progress: now => progress(`${now.read}/${preview.total}`),
      refuse: row => fs.appendFileSync(kept, `${JSON.stringify(row)}\n`),
    },
  );
  const counts = flags.dryRun ? await importing : await projectMeanwhile(house, importing);
  if (!flags.dryRun) {
    // Finished: the same command again reads the file from the beginning, and finds everything repeated.
    await house.db.write(systemScope, async tx => {
      await tx.run(sql`DELETE FROM import_progress WHERE id = ${id}`);
      await tx.run(auditLine(house.clock(), null, 'import', null, source, 'done', { ...counts }));
    });
  }
  const { line: _, ...numbers } = counts as typeof state;
  if (!fs.existsSync(kept)) return { ...numbers, report: null };
  const rows = fs
    .readFileSync(kept, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Refused);
  const report = path.resolve(`${path.basename(file).replace(/\.\w+$/, '')}-refused.xlsx`);
  await writeRefused(report, preview.headers, rows);
  fs.rmSync(kept);
  return { ...numbers, report };
}

const uuidOf = (hex: string) =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;

program
  .command('export <file>')
  .description('export the ledger of matters as .xlsx, in the scope of a person')
  .requiredOption('--as <login>', 'whose scope')
  .option('--kind <kind>')
  .option('--state <state>')
  .option('--search <text>')
  .option('--json', 'one JSON object as the last line')
  .action(async (file: string, options) => {
    await withHouse(async ({ house }) => {
      const row = await house.db.readOne<{ id: string }>(
        noScope,
        sql`SELECT id FROM person WHERE login = ${options.as}`,
      );
      const staff = row && (await findStaff(house.db, house.keeper.current, row.id, house.clock()));
      if (!staff) throw new Failure('not_found');
      const filters = {
        kind: options.kind ? [options.kind] : undefined,
        state: options.state ? [options.state] : undefined,
        q: options.search,
      };
      const rows = await writeLedger(
        house,
        staff,
        { filters, order: 'received', columns: [...ledgerColumns] as LedgerColumn[], language },
        path.resolve(file),
        async n => progress(`${n}`),
      );
      await house.db.write(noScope, tx =>
        tx.run(auditLine(house.clock(), staff.person, 'export', null, path.basename(file), 'done', { rows })),
      );
      answer(options.json, { rows, file: path.resolve(file) }, `${rows} rows → ${path.resolve(file)}`);
    });
  });

program
  .command('seed')
  .description('make a volume of matters for trials and benchmarks, by COPY')
  .requiredOption('--matters <n>', 'how many', Number)
  .option('--seed <n>', 'seed of chance', Number, 7)
  .option('--json', 'one JSON object as the last line')
  .action(async options => {
    if (!Number.isInteger(options.matters) || options.matters < 1)
      throw new Failure('invalid', { issues: '--matters' });
    await withHouse(async ({ house, ownerUrl }) => {
      const result = await seedVolume(house, ownerUrl, options.matters, options.seed, n =>
        progress(`${n}/${options.matters}`),
      );
      answer(options.json, result, `${result.matters} matters, ${result.actions} actions in ${result.seconds} s`);
    });
  });

program
  .command('simulate')
  .description(
    'a year in a minute: a county lives under a virtual clock; exit 1 when a matter was orphaned or a step missed',
  )
  .requiredOption('--county <code>', 'county, e.g. 411081')
  .option('--days <n>', 'how many days', Number, 365)
  .option('--seed <n>', 'seed of chance', Number, 7)
  .option('--matters <n>', 'matters raised in a year', Number, 60_000)
  .option('--from <date>', 'first day', '2026-01-01')
  .option('--write', 'also write every history into the database')
  .option('--json', 'one JSON object as the last line')
  .action(async options => {
    for (const name of ['days', 'matters'] as const)
      if (!Number.isInteger(options[name]) || options[name] < 1) throw new Failure('invalid', { issues: `--${name}` });
    if (!/^\d{4}-\d{2}-\d{2}$/.test(options.from)) throw new Failure('invalid', { issues: '--from' });
    await withHouse(async ({ house }, settings) => {
      // A fresh directory has no county yet: the demonstration's own is enough to live in.
      if (!house.keeper.current.counties.size && !settings.production) await loadCounty(house);
      if (!house.keeper.current.counties.has(options.county))
        throw new Failure('invalid', { issues: `--county ${options.county}` });
      const begun = performance.now();
      const chronicle = options.write ? new Chronicle(house) : undefined;
      const year = Number(options.from.slice(0, 4));
      const serial = chronicle
        ? await reserveNumbers(
            house,
            options.county,
            Array.from({ length: 1 + Math.ceil(options.days / 365) }, (_, i) => year + i),
            Math.ceil((options.matters * options.days) / 365) * 2 + 1000,
          )
        : 0;
      const figures = await simulate(house.keeper.current, {
        ...options,
        perYear: options.matters,
        ...(chronicle && { keep: told => chronicle.keep(told), mint: at => uuid(at), serial }),
        progress: async day => {
          progress(`${day}/${options.days}`);
          await chronicle?.flush();
        },
      });
      await chronicle?.flush(true);
      if (chronicle) await projectAll(house);
      const seconds = Math.round((performance.now() - begun) / 100) / 10;
      const result = { ...figures, seconds };
      const lines = Object.entries(result).map(([name, value]) => `${name.padEnd(10)} ${value}`);
      answer(options.json, result, lines.join('\n'));
      if (figures.orphans || figures.missed) process.exitCode = 1;
    });
  });

program
  .command('verify')
  .description('check every chain, and that folding the actions gives the projection; exit 1 when something is broken')
  .option('--seal', "also keep today's root hash per county")
  .option('--json', 'one JSON object as the last line')
  .action(async options => {
    await withHouse(async ({ house }) => {
      const result = await verify(house, n => progress(`${n}`));
      const roots = options.seal ? await sealDay(house, dateOf(house.clock())) : [];
      progress('');
      for (const broken of result.broken.slice(0, 100))
        console.error(`${broken.county}/${broken.matter}${broken.seq ? `#${broken.seq}` : ''}: ${broken.what}`);
      const words = [
        `matters ${result.matters}, actions ${result.actions}, erased ${result.erased}, broken ${result.broken.length}`,
        ...roots.map(r => `${r.county} ${r.day} ${r.root}`),
      ].join('\n');
      answer(
        options.json,
        {
          ...result,
          broken: result.broken.length,
          found: result.broken.slice(0, 1000),
          ...(options.seal && { roots }),
        },
        words,
      );
      if (result.broken.length) process.exitCode = 1;
    });
  });

program
  .command('rotate-keys')
  .description('add a master key and rewrap every data key with it')
  .option('--resume', 'go on with the present key after an interruption')
  .option('--json', 'one JSON object as the last line')
  .action(async options => {
    await withHouse(async ({ house }) => {
      const result = await rotateKeys(house, !options.resume, n => progress(`${n}`));
      answer(options.json, result, `master key ${result.version}: ${result.rewrapped} data keys rewrapped`);
    });
  });

program
  .command('backup <directory>')
  .description('back up the embedded database and the files into an empty directory, while running')
  .option('--with-keys', 'also the master keys (otherwise keep secrets/keys.json elsewhere)')
  .option('--json', 'one JSON object as the last line')
  .action(async (directory: string, options) => {
    await withHouse(async ({ house, postgres }) => {
      if (!postgres) throw new Failure('backup_external');
      const result = await backup(house, postgres, path.resolve(directory), options.withKeys ?? false);
      answer(
        options.json,
        result,
        `${result.matters} matters, ${Math.round(result.bytes / 1e6)} MB → ${result.directory}`,
      );
    });
  });

program
  .command('restore <directory>')
  .description('lay a backup into the empty data directory YUANDIAN_DATA')
  .option('--keys <file>', 'secrets/keys.json from where it is kept')
  .option('--json', 'one JSON object as the last line')
  .action((directory: string, options) => {
    const settings = readSettings(process.env);
    restore(path.resolve(directory), settings.data, options.keys);
    answer(options.json, { data: settings.data }, `→ ${settings.data}`);
  });

program
  .command('calls')
  .description('play a telephone system on the port for calls: they ring, are taken, end, are recorded')
  .requiredOption('--token <token>', 'a token of scope calls')
  .option('--address <url>', 'where the server listens', 'http://127.0.0.1:8080')
  .option('--calls <n>', 'how many', '5')
  .option('--operator <login>', 'who takes them', 'county')
  .option('--json', 'one JSON object as the last line')
  .action(async options => {
    const calls = await simulateCalls(options.address, options.token, Number(options.calls), options.operator, n =>
      progress(`${n}`),
    );
    answer(options.json, { calls }, `${calls} calls`);
  });

const admin = program.command('admin').description('administration at the machine');
admin
  .command('reset-password <login>')
  .description('unlock an account and print a one-time password')
  .option('--factors', 'drop its second factors as well: the phone is lost')
  .action(async (login: string, options: { factors?: boolean }) => {
    await withHouse(async ({ house }) => {
      const password = initialPassword();
      const hashed = await hashPassword(password);
      const person = await house.db.write(noScope, async tx => {
        const row = await tx.one<{ id: string }>(
          sql`UPDATE person SET password = ${hashed}, must_change = true, misses = 0, locked_until = NULL WHERE login = ${login} RETURNING id`,
        );
        if (!row) throw new Failure('not_found');
        await tx.run(auditLine(house.clock(), null, 'password-reset', null, row.id, 'done', { at: os.hostname() }));
        return row.id;
      });
      if (options.factors) await dropFactors(house, null, person, { totp: true, passkey: '*' });
      say(password);
    });
  });
admin
  .command('recount')
  .description('count the figures anew and rebuild the search index')
  .action(async () => {
    await withHouse(async ({ house }) => {
      await projectAll(house);
      await recount(house.loop);
      say('done');
    });
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  progress('');
  console.error(messageOf(error.code, error.details, language));
  process.exitCode = 2;
}
