#!/usr/bin/env node
// Lays out what an image runs: one workspace and the workspaces it stands on, built, without
// sources and tests, and a main.js that starts it.
//   node deploy/assemble.mjs services/credit /out
// The packages of others are not its business: npm puts them beside (see Dockerfile).
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const [workspace, out] = process.argv.slice(2);
const manifest = (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
const folders = [
  'contracts',
  'deploy',
  'deploy/sandbox',
  'deploy/front-node',
  ...['libs', 'services'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
  ),
];
const folderOf = new Map(
  folders
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => [manifest(folder).name, folder]),
);

const needed = new Set();
const need = (folder) => {
  if (needed.has(folder)) return;
  needed.add(folder);
  for (const name of Object.keys(manifest(folder).dependencies ?? {}))
    if (folderOf.has(name)) need(folderOf.get(name));
};

const main = `${workspace}/dist/main.js`;
if (!out || !existsSync(join(root, main))) {
  console.error(
    out
      ? `${main} does not exist: is ${workspace} a service, and is it built?`
      : 'node deploy/assemble.mjs WORKSPACE FOLDER',
  );
  process.exit(2);
}
need(workspace);
for (const folder of needed) {
  for (const part of ['package.json', 'dist', 'data', 'generated']) {
    const from = join(root, folder, part);
    if (existsSync(from))
      cpSync(from, join(out, folder, part), {
        recursive: true,
        filter: (file) => !file.endsWith('.tmp'),
      });
  }
}
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'main.js'), `require('./${main}');\n`);
console.log(`${workspace}: ${[...needed].join(', ')}`);
