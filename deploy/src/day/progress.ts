import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const NOTES_PER_WRITE = 10;
const DONE = 1;

/**
 * How far each feed of the day has been acknowledged, kept in a file: a day that was killed goes on
 * from here.
 */
export class DayProgress {
  private readonly state: Record<string, number>;
  private unsaved = 0;

  constructor(private readonly path: string) {
    this.state = existsSync(path)
      ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>)
      : {};
  }

  /** Whether a step that is done once was done. */
  isDone(step: string): boolean {
    return this.of(step) === DONE;
  }

  done(step: string): void {
    this.save(step, DONE);
  }

  of(feed: string): number {
    return this.state[feed] ?? 0;
  }

  /**
   * Notes one more acknowledged item; every tenth is kept at once. The few after the last kept one
   * are sent again after a crash, which changes nothing.
   */
  note(feed: string, count: number): void {
    this.state[feed] = count;
    this.unsaved += 1;
    if (this.unsaved >= NOTES_PER_WRITE) this.save(feed, count);
  }

  /** Remembers that `count` items of the feed were acknowledged; on the disk when it returns. */
  save(feed: string, count: number): void {
    this.state[feed] = count;
    this.unsaved = 0;
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(`${this.path}.new`, JSON.stringify(this.state));
    renameSync(`${this.path}.new`, this.path);
  }
}
