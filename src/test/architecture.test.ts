/** Imports point inward only; no text in components; nothing is fetched from elsewhere; every name of the errors is used. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { catalogue } from '../kernel/errors.ts';

const src = path.join(import.meta.dirname, '..');
const files = fs
  .readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter(file => /\.tsx?$/.test(file) && !/\.test\.ts$/.test(file));
const textOf = (file: string) => fs.readFileSync(path.join(src, file), 'utf8');
const importsOf = (file: string) =>
  [...textOf(file).matchAll(/^(?:import|export)\b[^;']*?\bfrom\s+'([^']+)'|\bimport\('([^']+)'\)/gm)].map(
    m => (m[1] ?? m[2])!,
  );

/** Files both sides share: they may import Zod and each other, nothing of a server. */
const pure = [
  'matters/matter.ts',
  'matters/decide.ts',
  'matters/steps.ts',
  'matters/supervision.ts',
  'matters/clockwork.ts',
  'matters/grading.ts',
  'matters/fields.ts',
  'matters/parts.ts',
  'matters/border.ts',
  'matters/papers.ts',
  'matters/agreement.ts',
  'matters/mediation.ts',
  'matters/mediation-codes.ts',
  'matters/docking.ts',
  'matters/hazard.ts',
  'matters/voice.ts',
  'matters/watch.ts',
  'matters/policy.ts',
  'matters/actions.ts',
  'matters/clocks.ts',
  'matters/numbers.ts',
  'matters/redact.ts',
  'matters/lexemes.ts',
  'matters/words.ts',
  'matters/contract.ts',
  'people/contract.ts',
  'kernel/audit-words.ts',
  'regions/contract.ts',
  'desk/contract.ts',
  'supervision/contract.ts',
  'mediation/contract.ts',
  'places/contract.ts',
  'places/kinds.ts',
  'places/listing.ts',
  'rounds/contract.ts',
  'rounds/rota.ts',
  'rounds/words.ts',
  'sync/contract.ts',
  'sync/digest.ts',
  'sync/sealing.ts',
  'tips/sealing.ts',
  'tips/contract.ts',
  'hotline/card.ts',
  'hotline/contract.ts',
  'portal/contract.ts',
  'portal/desk-contract.ts',
  'portal/settings.ts',
  'channels/contract.ts',
  'channels/words.ts',
  'mediation/register.ts',
  'kernel/bytes.ts',
  'kernel/spoken.ts',
  'kernel/contract.ts',
  'imports/letters.ts',
  'ledgers/columns.ts',
  'insight/suggest.ts',
  ...files.filter(f => f.startsWith('kinds/')),
];

test('pure files import only pure files, Zod and plain libraries', () => {
  for (const file of pure)
    for (const name of importsOf(file)) {
      if (!name.startsWith('.')) expect(['zod', 'he', '@hpke/core'], `${file} ← ${name}`).toContain(name);
      else {
        const target = path.join(path.dirname(file), name);
        const typeOnly = new RegExp(`import type [^;]*'${name.replaceAll('.', '\\.')}'`).test(textOf(file));
        if (!typeOnly) expect(pure, `${file} ← ${target}`).toContain(target);
      }
    }
});

test('the console reads only pure files and its own', () => {
  for (const file of files.filter(f => f.startsWith('web/')))
    for (const name of importsOf(file).filter(n => n.startsWith('.') && /\.tsx?$/.test(n))) {
      const target = path.join(path.dirname(file), name);
      if (!target.startsWith('web/')) expect(pure, `${file} ← ${target}`).toContain(target);
    }
});

test('only the command line reads the environment; nothing in the loop reads a clock of its own', () => {
  for (const file of files) {
    if (file !== 'cli.ts' && !file.startsWith('test/')) expect(textOf(file), file).not.toMatch(/process\.env/);
    if (/^(matters|kinds)\//.test(file))
      expect(textOf(file), file).not.toMatch(/Date\.now\(|new Date\(\)|Math\.random|\bnow\(\)/);
  }
});

test('no text in components: Chinese stands in word lists and in what the law calls things', () => {
  for (const file of files.filter(f => /^web\/(console|field|portal)\/.*\.tsx$/.test(f)))
    expect(textOf(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''), file).not.toMatch(/\p{Script=Han}/u);
});

test('no word stands in two lists: the later would silently take the place of the earlier', () => {
  const keys = ['words.ts', 'words-mediation.ts', 'words-field.ts', 'words-residents.ts'].flatMap(file =>
    [...textOf(`web/ui/${file}`).matchAll(/^ {2}'?([\w-]+)'?: \[/gm)].map(match => match[1]!),
  );
  expect(keys.length).toBeGreaterThan(500);
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
});

test('nothing is fetched from elsewhere', () => {
  for (const file of files)
    expect(textOf(file).replaceAll(/http:\/\/(schemas\.openxmlformats\.org|127\.0\.0\.1)/g, ''), file).not.toMatch(
      /https?:\/\/\w/,
    );
});

test('the catalogue of errors holds no error that nothing raises', () => {
  const all = files
    .filter(f => f !== 'kernel/errors.ts')
    .map(textOf)
    .join('\n');
  expect(Object.keys(catalogue).filter(code => !all.includes(`'${code}'`))).toEqual([]);
});
