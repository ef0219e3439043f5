import { createHash } from 'node:crypto';

const FLUSH_LENGTH = 1 << 16;

/**
 * What happened, line by line. Its digest is the same whether the lines are kept or not; most runs
 * succeed, and their lines are not read.
 */
export class History {
  readonly lines: string[] = [];
  private readonly hash = createHash('sha256');
  private pending = '';

  constructor(
    private readonly isKept: boolean,
    private readonly stamp: () => string,
  ) {}

  tell(line: string): void {
    if (this.isKept) this.lines.push(line);
    this.add(line);
  }

  /** What happens at a moment, in microseconds. */
  tellAt(atUs: number, what: string): void {
    if (this.isKept) this.lines.push(`${this.stamp()} ${what}`);
    this.add(`${atUs} ${what}`);
  }

  /** Ends the history. */
  digest(): string {
    return this.hash.update(this.pending).digest('hex').slice(0, 16);
  }

  private add(text: string): void {
    this.pending += `${text}\n`;
    if (this.pending.length < FLUSH_LENGTH) return;
    this.hash.update(this.pending);
    this.pending = '';
  }
}
