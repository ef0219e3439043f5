import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** The repository's root, from src and from dist alike. */
export const repositoryRoot = join(__dirname, '../..');

const skippedFolders = new Set(['node_modules', 'dist', '.git', '.nx', 'coverage']);

/**
 * Every file a person wrote or a generator committed, as paths relative to the root with forward
 * slashes, sorted.
 */
export const filesUnder = (root: string, folder = ''): string[] => {
  const start = join(root, folder);
  if (!existsSync(start)) return [];
  const found: string[] = [];
  const walk = (at: string): void => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) {
        // The run's own data stands in the root; a workspace's data folder ships.
        if (!skippedFolders.has(entry.name) && path !== join(root, 'data')) walk(path);
      } else if (entry.isFile() && entry.name !== '.git') {
        found.push(relative(root, path).split(sep).join('/'));
      }
    }
  };
  walk(start);
  return found.sort();
};

export const textOf = (root: string, path: string): string =>
  readFileSync(join(root, path), 'utf8');

/** Folders of the npm workspaces, each with its package name. */
export const workspacesOf = (
  root: string,
): readonly { readonly folder: string; readonly name: string }[] => {
  const { workspaces } = JSON.parse(textOf(root, 'package.json')) as { workspaces: string[] };
  const folders = workspaces.flatMap((pattern) =>
    pattern.endsWith('/*')
      ? existsSync(join(root, pattern.slice(0, -2)))
        ? readdirSync(join(root, pattern.slice(0, -2))).map(
            (name) => `${pattern.slice(0, -1)}${name}`,
          )
        : []
      : [pattern],
  );
  return folders
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => ({
      folder,
      name: (JSON.parse(textOf(root, `${folder}/package.json`)) as { name: string }).name,
    }));
};

/** Code that ships: TypeScript under a workspace's src, without tests. */
export const isShippingCode = (path: string): boolean =>
  /^(contracts|libs|services|deploy)\/.*src\/.*\.ts$/.test(path) &&
  !/\.(spec|suite)\.ts$/.test(path);
