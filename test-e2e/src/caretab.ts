import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './launcher';
import type { World } from './world';

export interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

const PROGRAM = join(ROOT, 'deploy/dist/caretab/main.js');
const TIMEOUT_MS = 30_000;

/** Runs `caretab` against a journey's platform. */
export const caretabOn =
  (world: World) =>
  (...args: string[]): Ran => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
      env: { ...process.env, CARETAB_URL: world.address.url },
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
    });
    return { status, out: stdout, err: stderr };
  };
