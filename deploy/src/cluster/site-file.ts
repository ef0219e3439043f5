import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLiving, type Life } from './process-identity';
import type { Instance } from './topology';

/**
 * A running cluster as its data folder describes it; holds secrets, so only its owner can read it.
 */
export interface SiteFile {
  readonly launcher: Life;
  readonly instances: readonly (Instance & { readonly env: Readonly<Record<string, string>> })[];
}

const pathOf = (dataDir: string): string => join(dataDir, 'cluster.json');

export const writeSite = (dataDir: string, site: SiteFile): void => {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(`${pathOf(dataDir)}.new`, JSON.stringify(site, null, 2), { mode: 0o600 });
  renameSync(`${pathOf(dataDir)}.new`, pathOf(dataDir));
};

/** The cluster that runs on the folder now, or undefined. */
export const runningSite = (dataDir: string): SiteFile | undefined => {
  if (!existsSync(pathOf(dataDir))) return undefined;
  const site = JSON.parse(readFileSync(pathOf(dataDir), 'utf8')) as SiteFile;
  return isLiving(site.launcher) ? site : undefined;
};
