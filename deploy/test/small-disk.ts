import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** A disk under a folder that a test can fill and free again. */
export interface SmallDisk {
  /** What makes it full, for the test's log. */
  readonly how: string;
  /** Nothing more can be written. */
  fill(): void;
  free(): void;
  remove(): void;
}

const SIZE = '200m';
const PIECE_BYTES = 64 * 1024;

const run = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/**
 * A separate file system: a disk that is full for every writer. Undefined for a user who may not
 * mount.
 */
export const mountedDisk = (folder: string): SmallDisk | undefined => {
  mkdirSync(folder, { recursive: true });
  if (!run('mount', '-t', 'tmpfs', '-o', `size=${SIZE},mode=0711`, 'tmpfs', folder))
    return undefined;
  const ballast = join(folder, 'ballast');
  return {
    how: 'a file system of its own (ENOSPC)',
    fill: () => {
      for (let piece = 0; statfsSync(folder).bfree > 0; piece += 1) {
        try {
          writeFileSync(`${ballast}-${piece % 64}`, Buffer.alloc(PIECE_BYTES), { flag: 'a' });
        } catch {
          return; // Full to the last block.
        }
      }
    },
    free: () => {
      for (const name of readdirSync(folder))
        if (name.startsWith('ballast')) rmSync(join(folder, name));
    },
    remove: () => void run('umount', '-l', folder),
  };
};

/**
 * The processes of the server on this folder: the one that its pid file names, and its children.
 */
const serverProcesses = (folder: string): number[] => {
  const file = join(folder, 'cluster', 'postmaster.pid');
  if (!existsSync(file)) return [];
  const server = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1] ===
          String(server)
        );
      } catch {
        return false;
      }
    });
  return [server, ...children];
};

/**
 * No process of the server may write beyond the first bytes of a file: what a full disk does to it,
 * with another error number.
 */
const limited = (folder: string): SmallDisk => {
  const limit = (soft: string): void => {
    const [server, ...children] = serverProcesses(folder);
    const isSet = (pid: number): boolean =>
      run('prlimit', '--pid', String(pid), `--fsize=${soft}:unlimited`);
    // A child may end at any moment; and a server that has ended already has no limit to be freed
    // of.
    if (soft !== 'unlimited' && (server === undefined || !isSet(server)))
      throw new Error('the limit on what the server may write cannot be set');
    for (const pid of soft === 'unlimited' && server !== undefined
      ? [server, ...children]
      : children)
      isSet(pid);
  };
  return {
    how: 'a limit on what the server may write (EFBIG): nobody may mount here',
    fill: () => limit('1'),
    free: () => limit('unlimited'),
    remove: () => undefined,
  };
};

/** Undefined where neither can be had. */
export const smallDisk = (folder: string): SmallDisk | undefined => {
  if (process.platform !== 'linux') return undefined;
  return mountedDisk(folder) ?? (run('prlimit', '--version') ? limited(folder) : undefined);
};
