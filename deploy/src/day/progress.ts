import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** How far each feed of the day has been acknowledged, kept in a file: a day that was killed goes on from here. */
export class DayProgress {
  private readonly state: Record<string, number>;

  constructor(private readonly path: string) {
    this.state = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>) : {};
  }

  of(feed: string): number {
    return this.state[feed] ?? 0;
  }

  /** Remembers that `count` items of the feed were acknowledged; on the disk when it returns. */
  save(feed: string, count: number): void {
    this.state[feed] = count;
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(`${this.path}.new`, JSON.stringify(this.state));
    renameSync(`${this.path}.new`, this.path);
  }
}
