#!/usr/bin/env node
// `npm start`: the main job. Installs what is missing, builds, and hands over to the embedded platform (deploy/src/embedded/main.ts).
import { spawn, spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);

if (!(await install())) process.exit(1);
const startedAt = performance.now();
const built = spawnSync(process.execPath, [join(root, 'tools/build.mjs'), '--quiet'], { stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);
console.log(`✔ built                                            ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);

const platform = spawn(process.execPath, ['--enable-source-maps', join(root, 'deploy/dist/embedded/main.js'), ...process.argv.slice(2)], { stdio: 'inherit' });
// The terminal sends Ctrl-C to both; the platform stops cleanly and this process waits for it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && platform.kill(signal));
platform.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
