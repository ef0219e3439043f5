import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './launcher';
import type { World } from './world';

export interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export const PROGRAM = join(ROOT, 'deploy/dist/caretab/main.js');
const TIMEOUT_MS = 30_000;

/** Where the command finds a journey's platform, and the operator's key. */
export const caretabSettings = ({ address }: World): Readonly<Record<string, string>> => ({
  CARETAB_URL: address.url,
  CARETAB_DATA: address.dataDir,
});

/**
 * Runs `caretab` against a journey's platform, as the operator; as another with `credential`, which is
 * a key or a token.
 */
export const caretabOn =
  (world: World, credential?: string) =>
  (...args: string[]): Ran => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
      env: {
        ...process.env,
        ...caretabSettings(world),
        ...(credential !== undefined && { OPERATOR_KEY: credential }),
      },
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
    });
    return { status, out: stdout, err: stderr };
  };

/** The service that a command asks, where its first word is no service. */
const SERVICE_OF: Readonly<Record<string, string>> = {
  cases: 'payment',
  payouts: 'payment',
  keys: 'identity',
  staff: 'identity',
};

/** Runs what needs two persons: asks for it, has the other one approve, runs the same again. */
export const caretabByTwo =
  (world: World) =>
  async (...args: string[]): Promise<Ran> => {
    const asked = caretabOn(world)(...args);
    const [, approvalId] = /approvalId: "([^"]+)"/.exec(asked.err) ?? [];
    if (approvalId === undefined) return asked;
    const service = SERVICE_OF[args[0]!] ?? args[0]!;
    await (await world.api.secondPeople()).give(service, approvalId);
    return caretabOn(world)(...args, '--approval', approvalId);
  };
