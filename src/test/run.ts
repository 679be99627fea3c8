/** `npm test`: builds the console, then runs the whole suite; ends with a line "N passed, N failed". */
import { build } from 'vite';
import { startVitest } from 'vitest/node';

if (!process.argv.includes('--no-build'))
  for (const configFile of ['vite.config.ts', 'vite.field.config.ts']) await build({ configFile, logLevel: 'warn' });
process.env.NODE_ENV = 'test'; // building set it to production, and the servers that tests start would inherit that
const filters = process.argv.slice(2).filter(arg => !arg.startsWith('--'));
const vitest = await startVitest('test', filters, { watch: false, run: true });
const tests = vitest.state.getTestModules().flatMap(module => [...module.children.allTests()]);
const failed = tests.filter(test => test.result().state === 'failed').length;
const skipped = tests.filter(test => test.result().state === 'skipped').length;
const passed = tests.filter(test => test.result().state === 'passed').length;
const broken = vitest.state
  .getTestModules()
  .filter(module => !module.ok() && !module.children.allTests('failed').next().value).length;
await vitest.close();
console.log(
  `${passed} passed, ${failed + broken + vitest.state.getUnhandledErrors().length} failed${skipped ? `, ${skipped} skipped` : ''}`,
);
process.exit(failed + broken || !passed || vitest.state.getUnhandledErrors().length ? 1 : 0);
