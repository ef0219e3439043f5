import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Manifest, ROOT } from './manifest';

/**
 * The release that Go builds where the machine has none: Go 1.19 suffices, and kubectl 1.32 says
 * the same to the byte.
 */
const MODULE = 'sigs.k8s.io/kustomize/kustomize/v5@v5.0.3';
const CACHE = join(ROOT, 'node_modules/.cache/caretab/kustomize-v5.0.3');
const OWN = join(CACHE, process.platform === 'win32' ? 'kustomize.exe' : 'kustomize');

type Program = readonly [command: string, ...args: string[]];

const runs = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** The kustomize of KUSTOMIZE, of the PATH, of kubectl, or one that was built here before. */
const installed = (): Program | undefined => {
  const named = process.env['KUSTOMIZE'];
  if (named) return [named, 'build'];
  if (runs('kustomize', 'version')) return ['kustomize', 'build'];
  if (runs('kubectl', 'kustomize', '--help')) return ['kubectl', 'kustomize'];
  return existsSync(OWN) ? [OWN, 'build'] : undefined;
};

/** Whether this machine has a kustomize, or Go to build one. */
export const hasKustomize = (): boolean => installed() !== undefined || runs('go', 'version');

let program: Program | undefined;

/**
 * What kustomize makes of a folder. Builds kustomize through Go, in a minute or two, where the
 * machine has none. Throws with what kustomize, or Go, has against it.
 */
export const kustomize = (folder: string): Manifest[] => {
  program ??= installed() ?? built();
  const [command, ...args] = program;
  const yaml = execFileSync(command, [...args, folder], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  return parseAllDocuments(yaml).map((document) => document.toJS() as Manifest);
};

const built = (): Program => {
  execFileSync('go', ['install', MODULE], { env: { ...process.env, GOBIN: CACHE, GOFLAGS: '' } });
  return [OWN, 'build'];
};
