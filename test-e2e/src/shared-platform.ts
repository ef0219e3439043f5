import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Api } from './api';
import { ROOT } from './launcher';
import type { SignedIn } from '@caretab/hospital';
import { type Address, Platform } from './platform';

const VARIABLE = 'CARETAB_E2E_PLATFORM';
/** Set for a run of journeys that each start their own. */
const OWN = 'own';
const LOG_INTERVAL_MS = 250;

declare global {
  var caretabSharedPlatform: { stop(): Promise<void> } | undefined;
}

/**
 * Where the platform's log so far is kept for the journeys to read; they run in processes of their
 * own.
 */
export const logFileOf = (address: Address): string => join(address.dataDir, '..', 'launcher.log');

/** Registered once: a one-time code is good for one of the journeys' processes. */
const staffOf = async ({ address: { url, dataDir } }: Platform): Promise<readonly SignedIn[]> => {
  const secrets = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8')) as {
    readonly OPERATOR_KEY: string;
  };
  return (await new Api(url, {}, secrets.OPERATOR_KEY).secondPeople()).people;
};

/** The one platform that the journeys of a run share. */
export const sharedPlatform = (): Address => {
  const text = process.env[VARIABLE];
  if (!text || text === OWN)
    throw new Error('no platform was started: journeys run through jest.config.js');
  return JSON.parse(text) as Address;
};

/**
 * Builds what changed and starts the one platform; journeys keep out of each other's way by their
 * own hospitals and citizens.
 */
export default async function startSharedPlatform(): Promise<void> {
  if (process.env[VARIABLE] === OWN) return;
  const built = spawnSync(process.execPath, [join(ROOT, 'tools/build.mjs'), '--quiet'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the build failed:\n${built.stderr}`);
  const platform = await Platform.start();
  const keepLog = (): void => writeFileSync(logFileOf(platform.address), platform.log);
  keepLog();
  const keeper = setInterval(keepLog, LOG_INTERVAL_MS);
  process.env[VARIABLE] = JSON.stringify({ ...platform.address, people: await staffOf(platform) });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    clearInterval(keeper);
    return (stopping ??= platform.remove());
  };
  globalThis.caretabSharedPlatform = { stop };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().finally(() => process.exit(1)));
}
