// Gives every workspace its targets, from the files it has: `lint`, and one target per tier of
// tests (unit, sim, int, kafka, event-store, e2e, long) of which it has a spec. nx.json says what
// each depends on. A list by hand would let a new spec go unrun.
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const root = join(__dirname, '../..');
const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const NOT_OURS = new Set(['node_modules', 'dist', 'data', 'fixtures']);

/** `visit.int.spec.ts` → int, `visit.spec.ts` → unit, `visit.ts` → undefined. */
const tierOf = (file) => {
  const [, tier = 'unit'] = /(?:\.([a-z0-9-]+))?\.spec\.ts$/.exec(file) ?? [, null];
  return tier ?? undefined;
};

/** The files of a workspace, without those of a workspace inside it. */
const filesOf = (folder) =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    if (NOT_OURS.has(entry.name) || existsSync(join(root, path, 'package.json'))) return [];
    return filesOf(path);
  });

/** The specs of one tier in a workspace, as paths in the repository. */
const specsOf = (folder, tier) => filesOf(folder).filter((file) => tierOf(file) === tier);

const targetsOf = (folder) => {
  const tiers = new Set(filesOf(folder).map(tierOf).filter(Boolean));
  return Object.fromEntries([
    ['build', { command: `node tools/build.mjs ${folder}` }],
    ['lint', { executor: '@caretab/tools:eslint' }],
    ...[...tiers].map((tier) => [tier, { executor: '@caretab/tools:jest', options: { tier } }]),
  ]);
};

const createNodes = [
  `{${workspaces.join(',')}}/package.json`,
  (packages) =>
    packages.map((file) => {
      const folder = dirname(file);
      return [file, { projects: { [folder]: { root: folder, targets: targetsOf(folder) } } }];
    }),
];

/** The folders of the workspaces: `services/credit`. */
const workspaceFolders = () =>
  workspaces
    .flatMap((pattern) =>
      pattern.endsWith('/*')
        ? readdirSync(join(root, dirname(pattern))).map((name) => join(dirname(pattern), name))
        : [pattern],
    )
    .filter((folder) => existsSync(join(root, folder, 'package.json')));

module.exports = { name: 'caretab', createNodes, filesOf, specsOf, workspaceFolders };
