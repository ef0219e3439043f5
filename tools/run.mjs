#!/usr/bin/env node
// Installs what is missing, builds, and hands over to one of the project's programs:
//   node tools/run.mjs deploy/dist/embedded/main.js [options…]      what `npm start` does
import { spawn, spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const [program, ...args] = process.argv.slice(2);

if (!(await install())) process.exit(1);
const startedAt = performance.now();
const built = spawnSync(process.execPath, [join(root, 'tools/build.mjs'), '--quiet'], {
  stdio: 'inherit',
});
if (built.status !== 0) process.exit(built.status ?? 1);
console.error(
  `✔ built                                            ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
);

// Batches outlive the young generation that V8 takes by itself (docs/performance.md).
const child = spawn(
  process.execPath,
  ['--max-semi-space-size=64', '--enable-source-maps', join(root, program), ...args],
  { stdio: 'inherit' },
);
// The terminal sends Ctrl-C to both; the program stops cleanly and this process waits for it.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
// npm's shell ends at SIGTERM without passing it on: then this process has another parent.
const parent = process.ppid;
if (process.env.npm_lifecycle_event)
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref();
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
