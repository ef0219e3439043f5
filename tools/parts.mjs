// What `npm test` and `npm run verify` share: parts that run one after another, each counted, and
// one closing line.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
export const node = process.execPath;
export const bin = (path) => join(root, 'node_modules', path);
export const inPipeline = process.env.CI === 'true';

/**
 * Runs the parts that were asked for, else all, and prints the sum. A part is
 * `{ name, what, run, always, byNameOnly, beside }`; `run` resolves to `{ passed, failed, notRun }`.
 * Parts `beside` each other that follow one another run at the same time.
 * Resolves to the exit status: 0 where nothing failed, 2 for a usage error.
 */
export async function runParts(command, parts) {
  process.chdir(root);
  const asked = process.argv.slice(2);
  if (asked.includes('--help') || asked.includes('-h')) return help(command, parts, 0);
  const unknown = asked.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0) {
    console.error(`There is no part called ${unknown.join(', ')}.\n`);
    return help(command, parts, 2);
  }
  const chosen = parts.filter(({ name, always, byNameOnly }) =>
    asked.length > 0 ? always || asked.includes(name) : !byNameOnly,
  );
  const startedAt = performance.now();
  const results = [];
  if (!(await install()))
    results.push({ name: 'install', passed: 0, failed: 1, ms: performance.now() - startedAt });
  else
    for (let at = 0; at < chosen.length;) {
      const ahead = chosen.slice(at).findIndex(({ beside }) => !beside);
      const together = ahead < 0 ? chosen.length - at : Math.max(ahead, 1);
      results.push(
        ...(await Promise.all(
          chosen
            .slice(at, at + together)
            .map((part, index) => runPart(part, `${at + index + 1}/${chosen.length}`)),
        )),
      );
      at += together;
    }
  return summary(results, performance.now() - startedAt);
}

async function runPart({ name, what, run }, place) {
  console.log(`\n▶ ${place} ${name}: ${what}`);
  const startedAt = performance.now();
  const { passed, failed, notRun = [] } = await run();
  const ms = performance.now() - startedAt;
  const left = notRun.length > 0 ? `, ${notRun.length} NOT RUN` : '';
  console.log(
    `${failed === 0 ? '✔' : '✘'} ${name}: ${passed} passed, ${failed} failed${left}, ${seconds(ms)}`,
  );
  return { name, passed, failed, notRun, ms };
}

function summary(results, ms) {
  const sum = (of) => results.reduce((total, result) => total + of(result), 0);
  const notRun = results.flatMap((result) => result.notRun ?? []);
  const row = (name, ...columns) =>
    console.log(name.padEnd(16) + columns.map((column) => String(column).padStart(10)).join(''));
  console.log('');
  row('part', 'passed', 'failed', 'not run', 'time');
  for (const { name, passed, failed, notRun: left = [], ms: time } of results)
    row(name, passed, failed, left.length, seconds(time));
  row('all', '', '', '', seconds(ms));
  if (notRun.length > 0) {
    console.log(`\n${notRun.length} not run here; a pipeline (CI=true) counts each as failed:`);
    for (const title of notRun) console.log(`  ${title}`);
  }
  const failed = sum((result) => result.failed);
  console.log(`\n${sum((result) => result.passed)} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function help(command, parts, status) {
  const print = status === 0 ? console.log : console.error;
  print(`${command.padEnd(32)} all of this, in this order:`);
  for (const { name, what, byNameOnly } of parts)
    print(`  ${name.padEnd(30)} ${what}${byNameOnly ? ' (only by its name)' : ''}`);
  print(`${`${command} -- ${parts[0].name} ${parts[1].name}`.padEnd(32)} only these parts`);
  print('Status 0 only if nothing failed. The last line is: N passed, N failed');
  return status;
}

/** A program that passes with status 0; what it printed is shown where it does not. */
export async function check(command, args, options = {}) {
  const { status, output } = await execute(command, args, options);
  if (status !== 0) console.log(output.trimEnd());
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** A program that passes with status 0 and is watched while it runs. */
export async function watched(command, args) {
  const { status } = await execute(command, args, { show: 'all' });
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Nx's targets of that name in every workspace; what is in Nx's cache does not run again. */
export function targets(name, { env, show, program = node } = {}) {
  const args = ['run-many', '-t', name, '--output-style=static'];
  return execute(program, [bin('nx/dist/bin/nx.js'), ...args], { env, show });
}

/**
 * One tier of tests. Counts what the result files say, from this run and from the cache alike. A
 * spec without a result counts as failed, and so does a tier without a spec: silence is not success.
 * `program` and `env`: another Node, and its PATH.
 */
export async function tier(name, { env, program } = {}) {
  const folder = join(root, '.nx/results', name);
  rmSync(folder, { recursive: true, force: true });
  const { status, output } = await targets(name, { env, program, show: 'errors' });
  const results = existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .filter((file) => file.endsWith('.json'))
        .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')))
    : [];
  const sum = (of) => results.reduce((total, result) => total + of(result), 0);
  const missing = specsOf(name).length - sum(({ files }) => files);
  const notRun = results.flatMap((result) => result.notRun.map((title) => `${name}: ${title}`));
  const passed = sum((result) => result.passed);
  let failed = sum((result) => result.failed) + Math.max(missing, 0);
  if (missing > 0) console.log(`${missing} spec(s) of ${name} came to no result`);
  if (passed + failed + notRun.length === 0) {
    console.log(`The tier ${name} has no tests. Is the suffix right (*.${name}.spec.ts)?`);
    failed = 1;
  }
  if (inPipeline) failed += notRun.length;
  else if (status !== 0 && notRun.length === 0) failed = Math.max(failed, 1);
  if (failed > 0 && sum((result) => result.failed) === 0) console.log(output.trimEnd());
  const hits = /for (\d+ out of \d+) tasks/.exec(output)?.[1];
  if (hits) console.log(`  results of ${hits} projects came from the cache`);
  return { passed, failed, notRun };
}

/** The specs of a tier, as paths in the repository. */
export function specsOf(name) {
  const { specsOf: inFolder, workspaceFolders } = require('./nx/targets.js');
  return workspaceFolders().flatMap((folder) => inFolder(folder, name));
}

/** `show`: 'all' as it comes, 'errors' only what it says on stderr; otherwise nothing. */
export function execute(command, args, { show, env: more = {} } = {}) {
  const env = {
    ...process.env,
    ...more,
    NX_DAEMON: 'false',
    NX_NO_CLOUD: 'true',
    NX_TUI: 'false',
    NX_ISOLATE_PLUGINS: 'false',
    FORCE_COLOR: process.stdout.isTTY ? '1' : '0',
  };
  return new Promise((done) => {
    let output = '';
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const take = (isShown) => (chunk) => {
      output += chunk;
      // To stdout, so that the closing line comes after everything else.
      if (isShown) process.stdout.write(chunk);
    };
    child.stdout.on('data', take(show === 'all'));
    child.stderr.on('data', take(show !== undefined));
    child.on('error', (error) => done({ status: 1, output: `${output}\n${error.message}` }));
    child.on('close', (status) => done({ status: status ?? 1, output }));
  });
}

export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
