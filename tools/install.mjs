import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** Whether this Node is one that package.json's `engines` names. */
const nodeFits = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return (
    (major === 20 && minor >= 19) ||
    (major === 22 && minor >= 13) ||
    (major === 24 && minor >= 11) ||
    major > 24
  );
};

/** Workspaces that an earlier `npm ci` did not know yet. */
const unlinked = () =>
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    .workspaces.flatMap((pattern) =>
      pattern.endsWith('/*')
        ? readdirSync(join(root, pattern.slice(0, -2))).map((name) => pattern.slice(0, -1) + name)
        : [pattern],
    )
    .map((folder) => join(root, folder, 'package.json'))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')).name)
    .filter((name) => !existsSync(join(root, 'node_modules', name)));

/**
 * Installs what a fresh clone lacks, with progress; tells whether all is there. An installation
 * that is there is left alone: `npm ci` would pull it from under running work.
 */
export const install = async () => {
  if (!nodeFits()) {
    console.error(
      `Node ${process.versions.node} is not supported: take ` +
        `${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node}.`,
    );
    return false;
  }
  if (existsSync(join(root, 'node_modules/.package-lock.json'))) {
    const missing = unlinked();
    if (missing.length === 0) return true;
    console.error(
      `node_modules is older than this checkout: ${missing.join(', ')} missing. Run npm ci.`,
    );
    return false;
  }
  console.log('▶ install: npm ci (a minute or two)');
  const startedAt = performance.now();
  const timer = setInterval(
    () => console.log(`  still installing, ${seconds(performance.now() - startedAt)}`),
    15_000,
  );
  const { status, output } = await npmCi();
  clearInterval(timer);
  if (status === 0) console.log(`✔ install: ${seconds(performance.now() - startedAt)}`);
  else
    console.error(
      `${output}\nnpm ci failed. Is the package registry reachable, and the folder writable? See npm's message above.`,
    );
  return status === 0;
};

const npmCi = () => {
  const npm = process.env['npm_execpath']
    ? [process.execPath, process.env['npm_execpath']]
    : ['npm'];
  return new Promise((done) => {
    let output = '';
    const child = spawn(npm[0], [...npm.slice(1), 'ci', '--no-audit', '--no-fund'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && npm.length === 1,
    });
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => done({ status: 1, output: `${output}\n${error.message}` }));
    child.on('close', (status) => done({ status: status ?? 1, output }));
  });
};
