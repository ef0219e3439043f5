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

/** Where the command finds a journey's platform, and the operator's key. */
export const caretabSettings = ({ address }: World): Readonly<Record<string, string>> => ({
  CARETAB_URL: address.url,
  CARETAB_DATA: address.dataDir,
});

/** Runs `caretab` against a journey's platform. */
export const caretabOn =
  (world: World) =>
  (...args: string[]): Ran => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
      env: { ...process.env, ...caretabSettings(world) },
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
    });
    return { status, out: stdout, err: stderr };
  };
