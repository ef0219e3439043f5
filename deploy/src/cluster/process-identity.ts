import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pause } from '@caretab/hospital';

const POLL_MS = 50;

/** One life of a process: a pid is used again, the moment a process began is not. */
export interface Life {
  readonly pid: number;
  /** As the system reports it; empty where it does not. */
  readonly began: string;
}

const beganAt = (pid: number): string => {
  if (process.platform === 'win32') return '';
  if (process.platform !== 'linux')
    return (
      spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ??
      ''
    );
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
};

export const lifeOf = (pid: number): Life => ({ pid, began: beganAt(pid) });

/** Whether this very process lives: another one that was given its pid is not it. */
export const isLiving = ({ pid, began }: Life): boolean => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return beganAt(pid) === began;
};

/**
 * Ends processes: asks all, waits, and kills those that do not listen. One that cannot be
 * identified is left alone.
 */
export const end = async (lives: readonly Life[], timeoutMs: number): Promise<void> => {
  const signal = (life: Life, name: NodeJS.Signals): void => {
    try {
      if (life.began !== '' && isLiving(life)) process.kill(life.pid, name);
    } catch {
      // It ended in between.
    }
  };
  for (const life of lives) signal(life, 'SIGTERM');
  for (
    const giveUpAt = performance.now() + timeoutMs;
    performance.now() < giveUpAt && lives.some(isLiving);
  )
    await pause(POLL_MS);
  for (const life of lives) signal(life, 'SIGKILL');
};

/**
 * Which processes serve a data folder, one file each: the starter writes it, so that the next
 * launcher finds the process.
 */
export class Records {
  private readonly folder: string;

  constructor(dataDir: string) {
    this.folder = join(dataDir, 'run');
  }

  note(name: string, life: Life): void {
    mkdirSync(this.folder, { recursive: true });
    const file = join(this.folder, `${name}.json`);
    writeFileSync(`${file}.new`, JSON.stringify(life));
    renameSync(`${file}.new`, file);
  }

  /** Forgets a life that ended, unless another has begun under the name. */
  forget(name: string, life: Life): void {
    if (this.of(name)?.pid === life.pid) rmSync(join(this.folder, `${name}.json`), { force: true });
  }

  of(name: string): Life | undefined {
    try {
      return JSON.parse(readFileSync(join(this.folder, `${name}.json`), 'utf8')) as Life;
    } catch {
      return undefined;
    }
  }

  living(): Life[] {
    if (!existsSync(this.folder)) return [];
    const lives = readdirSync(this.folder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => this.of(file.replace(/\.json$/, '')));
    return lives.filter((life) => life !== undefined).filter(isLiving);
  }
}
