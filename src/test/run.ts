/** `npm test`: builds the console, then runs the whole suite; ends with what failed and a line "N passed, N failed". */
import { build } from 'vite';
import { startVitest } from 'vitest/node';

if (!process.argv.includes('--no-build'))
  for (const configFile of ['vite.config.ts', 'vite.field.config.ts']) await build({ configFile, logLevel: 'warn' });
process.env.NODE_ENV = 'test'; // building set it to production, and the servers that tests start would inherit that
const filters = process.argv.slice(2).filter(arg => !arg.startsWith('--'));
const vitest = await startVitest('test', filters, { watch: false, run: true });
const modules = vitest.state.getTestModules();
const tests = modules.flatMap(module => [...module.children.allTests()]);
const count = (state: 'passed' | 'failed' | 'skipped') => tests.filter(test => test.result().state === state).length;
// What failed, a line each: hours later a machine's log often has nothing but its last lines.
const failures = [
  ...tests
    .filter(test => test.result().state === 'failed')
    .map(test => `${test.module.relativeModuleId} > ${test.fullName}: ${test.result().errors?.[0]?.message}`),
  ...modules
    .filter(module => !module.ok() && !module.children.allTests('failed').next().value)
    .map(module => `${module.relativeModuleId}: ${module.errors()[0]?.message}`),
  ...vitest.state.getUnhandledErrors().map(error => `outside a test: ${(error as Error)?.message ?? error}`),
].map(line => `FAILED ${line.replaceAll(/\s+/g, ' ').slice(0, 500)}`);
await vitest.close();
for (const line of failures) console.log(line);
const skipped = count('skipped');
console.log(`${count('passed')} passed, ${failures.length} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exit(failures.length || !count('passed') ? 1 : 0);
