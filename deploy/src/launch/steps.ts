const TITLE_WIDTH = 50;
const seconds = (sinceMs: number): string =>
  `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

/** Where there is no terminal to update, a step that takes long says so this often. */
const LINE_INTERVAL_MS = 30_000;

/**
 * Shows progress: a line per step with its time, the running step updated in place on a terminal,
 * and elsewhere printed periodically on its own line.
 */
export class Steps {
  private readonly startedAt = performance.now();

  constructor(private readonly out: NodeJS.WriteStream) {}

  async step<Result>(
    title: string,
    work: (update: (text: string) => void) => Promise<Result>,
  ): Promise<Result> {
    const stepAt = performance.now();
    let shownAt = this.out.isTTY ? 0 : stepAt;
    const update = (text: string): void => {
      if (performance.now() - shownAt < (this.out.isTTY ? 100 : LINE_INTERVAL_MS)) return;
      shownAt = performance.now();
      if (!this.out.isTTY) return this.line(`… ${title}, ${seconds(stepAt)}: ${text}`);
      this.out.write(`\r\x1b[2K… ${title} · ${text}`.slice(0, (this.out.columns ?? 100) + 4));
    };
    update('');
    const result = await work(update);
    this.line(`✔ ${title.padEnd(TITLE_WIDTH)} ${seconds(stepAt)}`);
    return result;
  }

  line(text: string): void {
    this.out.write(`${this.out.isTTY ? '\r\x1b[2K' : ''}${text}\n`);
  }

  elapsed(): string {
    return seconds(this.startedAt);
  }
}
