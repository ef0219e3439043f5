#!/usr/bin/env node
// Lints the fixtures of tools/fixtures/fence, each as if it stood at the path its first line names,
// and prints what was found as JSON. A process of its own, because ESLint's configuration is an ES
// module and the boundary rule wants Nx's project graph.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

process.env['NX_DAEMON'] = 'false';
process.env['NX_NO_CLOUD'] = 'true';
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'tools/fixtures/fence');
process.chdir(root);

const { createProjectGraphAsync } = await import('@nx/devkit');
await createProjectGraphAsync({ exitOnError: false });
const { ESLint } = await import('eslint');

/**
 * The rules that ask the type checker cannot look at files that are not there; the fence needs none
 * of them.
 */
const typed = [
  'no-floating-promises',
  'no-misused-promises',
  'await-thenable',
  'only-throw-error',
  'switch-exhaustiveness-check',
  'consistent-type-imports',
];
const eslint = new ESLint({
  cwd: root,
  overrideConfig: {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: false, program: null, project: null } },
    rules: Object.fromEntries(typed.map((rule) => [`@typescript-eslint/${rule}`, 'off'])),
  },
});

const findings = [];
for (const file of readdirSync(folder).sort()) {
  const text = readFileSync(join(folder, file), 'utf8');
  const as = /^\/\/ as: (.+)$/m.exec(text)?.[1];
  if (!as)
    throw new Error(`tools/fixtures/fence/${file}:1: the first line must be "// as: <path>"`);
  const [result] = await eslint.lintText(text, { filePath: join(root, as) });
  findings.push({
    fixture: file.replace(/\.ts$/, ''),
    as,
    messages: result.messages.map(({ ruleId, line, message }) => ({ ruleId, line, message })),
  });
}
console.log(JSON.stringify(findings));
