import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './manifest';

/** Whether this machine has an openssl. */
export const hasOpenssl = (): boolean =>
  spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0;

export const PROGRAM = join(ROOT, 'deploy/certificates.mjs');

/** A temporary folder with what certificates.mjs makes, as docs/deploying.md describes. */
export const certificates = (...args: readonly string[]): string => {
  const folder = join(mkdtempSync(join(tmpdir(), 'certificates-')), 'mllp');
  execFileSync(process.execPath, [PROGRAM, folder, ...args], { stdio: 'pipe' });
  return folder;
};
