#!/usr/bin/env node
// Builds every workspace's src/ into dist/ with SWC, file by file and always all of it: 600 files take
// 0.3 s, and a file's time of change can lie.
//   node tools/build.mjs [--quiet] [workspace…]      e.g. node tools/build.mjs libs/kernel
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { transform } from '@swc/core';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { $schema, ...settings } = JSON.parse(readFileSync(join(root, 'tools/swc.json'), 'utf8'));
/** How many files are compiled side by side. */
const filesAtOnceMax = 32;

const quiet = process.argv.includes('--quiet');
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const startedAt = performance.now();

const faults = [];
let built = 0;
let pruned = 0;

const workspaces = asked.length > 0 ? asked.map(known) : allWorkspaces();
for (const workspace of workspaces) await buildWorkspace(workspace);

for (const fault of faults) console.error(fault);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
if (faults.length > 0) {
  console.error(`build failed: ${faults.length} file(s) in ${seconds} s`);
  process.exitCode = 1;
} else if (!quiet) {
  console.log(
    `built ${built} file(s), ${pruned} pruned, ${workspaces.length} workspace(s) in ${seconds} s`,
  );
}

async function buildWorkspace(workspace) {
  const from = join(root, workspace, 'src');
  const to = join(root, workspace, 'dist');
  if (!existsSync(from)) return;
  const wanted = new Set();
  const jobs = [];
  for (const file of filesUnder(from)) {
    if (isTest(file)) continue;
    const isCode = file.endsWith('.ts') && !file.endsWith('.d.ts');
    const target = join(to, relative(from, file)).replace(/\.ts$/, isCode ? '.js' : '.ts');
    wanted.add(target);
    if (isCode) wanted.add(`${target}.map`);
    jobs.push({ file, target, isCode });
  }
  for (let at = 0; at < jobs.length; at += filesAtOnceMax)
    await Promise.all(jobs.slice(at, at + filesAtOnceMax).map(buildFile));
  prune(to, wanted);
}

async function buildFile({ file, target, isCode }) {
  mkdirSync(dirname(target), { recursive: true });
  try {
    if (isCode) {
      const sourceFileName = relative(dirname(target), file);
      const { code, map } = await transform(readFileSync(file, 'utf8'), {
        ...settings,
        swcrc: false,
        filename: file,
        sourceFileName,
      });
      write(`${target}.map`, map);
      write(target, `${code}//# sourceMappingURL=${basename(target)}.map\n`);
    } else {
      copyFileSync(file, target);
    }
    built += 1;
  } catch (error) {
    // A stale output would let a broken source look alive.
    rmSync(target, { force: true });
    faults.push(readable(error, file));
  }
}

/** Written beside and renamed, so that a process that starts meanwhile never reads half a file. */
function write(target, text) {
  const beside = `${target}.${process.pid}.tmp`;
  writeFileSync(beside, text);
  renameSync(beside, target);
}

function prune(to, wanted) {
  if (!existsSync(to)) return;
  for (const file of filesUnder(to)) {
    if (wanted.has(file) || file.endsWith('.tmp')) continue;
    rmSync(file, { force: true });
    pruned += 1;
  }
}

/** SWC's message as `file:line:column: what`, followed by its own excerpt. */
function readable(error, file) {
  const text = stripVTControlCharacters(String(error?.message ?? error)).split(
    /\n\s*\n\s*Caused by:/,
  )[0];
  const [, line = '1', column = '1'] = /\[[^\]\n]*?:(\d+):(\d+)\]/.exec(text) ?? [];
  const what = /^\s*[×x]\s+(.+)/m.exec(text)?.[1] ?? text.split('\n')[0];
  const excerpt = text
    .split('\n')
    .filter((row) => /^\s*(\d+\s+[|│]|[:·])/.test(row))
    .join('\n');
  return `${relative(root, file)}:${line}:${column}: ${what}${excerpt ? `\n${excerpt}` : ''}`;
}

function allWorkspaces() {
  const { workspaces: patterns } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return patterns.flatMap((pattern) => {
    if (!pattern.endsWith('/*'))
      return existsSync(join(root, pattern, 'package.json')) ? [pattern] : [];
    const parent = pattern.slice(0, -2);
    return readdirSync(join(root, parent))
      .map((name) => `${parent}/${name}`)
      .filter((folder) => existsSync(join(root, folder, 'package.json')));
  });
}

function known(name) {
  const folder = relative(root, resolve(name)).replaceAll('\\', '/');
  for (const candidate of [folder, name.replace(/\/+$/, '')]) {
    if (existsSync(join(root, candidate, 'package.json'))) return candidate;
  }
  console.error(`${name}: no such workspace. One of: ${allWorkspaces().join(', ')}`);
  process.exit(2);
}

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** Specs, and the suites that only specs import, need jest's globals and do not ship. */
function isTest(file) {
  return /\.(spec|suite)\.ts$/.test(file);
}
