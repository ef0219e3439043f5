import { existsSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../file-lock';

const STOP_TIMEOUT_MS = 60_000;

/**
 * Distinguishes one process from a later one with the same pid, if the system reports start times.
 */
const beganAt = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
};

/**
 * Takes the data folder for this process; refuses when a living process has it. Returns how to give
 * it back.
 */
export const takeOwnership = async (dataDir: string): Promise<() => Promise<void>> => {
  const file = join(dataDir, 'owner.json');
  for (;;) {
    try {
      await writeFile(file, JSON.stringify({ pid: process.pid, began: beganAt(process.pid) }), {
        flag: 'wx',
      });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = await readFile(file, 'utf8')
      .then((text) => JSON.parse(text) as { pid: number; began: string })
      .catch(() => undefined);
    if (owner && isAlive(owner.pid) && beganAt(owner.pid) === owner.began) {
      throw new Error(
        `The data folder ${dataDir} is in use by process ${owner.pid}: stop that ` +
          'process first, or choose another folder.',
      );
    }
    await rm(file, { force: true });
  }
};

/** What the server writes about itself while it runs. */
export const readPidFile = (cluster: string): { pid: number; status: string } | undefined => {
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  return { pid: Number(lines[0]), status: (lines[7] ?? '').trim() };
};

/**
 * After a restart of the machine the pid may belong to anything; a server's working folder is its
 * cluster.
 */
const servesCluster = (pid: number, cluster: string): boolean => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(cluster);
  } catch {
    return process.platform !== 'linux';
  }
};

/**
 * Stops a server that outlived the process that started it (kill -9, a crash), and removes a pid
 * file without a process.
 */
export const stopOrphan = async (cluster: string, log: (line: string) => void): Promise<void> => {
  const left = readPidFile(cluster);
  if (!left) return;
  if (!isAlive(left.pid) || !servesCluster(left.pid, cluster)) {
    await rm(join(cluster, 'postmaster.pid'), { force: true });
    return;
  }
  log(`Stopping the PostgreSQL that an earlier run left behind (process ${left.pid})`);
  process.kill(left.pid, 'SIGINT');
  const givenUpAt = performance.now() + STOP_TIMEOUT_MS;
  while (isAlive(left.pid) && existsSync(join(cluster, 'postmaster.pid'))) {
    if (performance.now() > givenUpAt)
      throw new Error(
        `PostgreSQL (process ${left.pid}) of an earlier run does not stop: end it and start again.`,
      );
    await sleep(20);
  }
};
