import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const INTERVAL_MS = 2000;
const KIB = 1024;

/** What a process has in memory, in MiB; undefined when it is gone. */
const residentMb = (pid: number): number | undefined => {
  try {
    const kib =
      process.platform === 'linux'
        ? /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        : spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
    return kib ? Math.round(Number(kib) / KIB) : undefined;
  } catch {
    return undefined;
  }
};

/** Looks at how much memory processes have, and remembers the most of each. */
export class MemoryWatch {
  private readonly most = new Map<string, number>();
  private readonly looking: NodeJS.Timeout;

  constructor(private readonly pids: () => ReadonlyMap<string, number>) {
    this.looking = setInterval(() => this.look(), INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.looking);
  }

  /** By name, the largest first. */
  peaksMb(): [string, number][] {
    return [...this.most].sort(([, a], [, b]) => b - a);
  }

  private look(): void {
    for (const [name, pid] of this.pids())
      this.most.set(name, Math.max(this.most.get(name) ?? 0, residentMb(pid) ?? 0));
  }
}
