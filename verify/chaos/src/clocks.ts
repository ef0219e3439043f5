import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The module that moves the clock of the process which loads it. */
export const SKEWED_CLOCK = join(__dirname, 'skewed-clock.js');

/** What each process' clock is off by: a small file each, which the process looks at. */
export class Clocks {
  private readonly folder: string;
  private readonly offsets = new Map<string, number>();

  constructor(dataDir: string) {
    this.folder = join(dataDir, 'clocks');
    mkdirSync(this.folder, { recursive: true });
  }

  fileOf(name: string): string {
    return join(this.folder, name);
  }

  offsetMsOf(name: string): number {
    return this.offsets.get(name) ?? 0;
  }

  set(name: string, offsetMs: number): void {
    this.offsets.set(name, offsetMs);
    writeFileSync(`${this.fileOf(name)}.new`, String(offsetMs));
    renameSync(`${this.fileOf(name)}.new`, this.fileOf(name));
  }

  /** Every clock is right again. */
  heal(): void {
    for (const name of this.offsets.keys()) this.set(name, 0);
  }
}
