const TITLE_WIDTH = 50;
const seconds = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

/** Tells what is going on: a line per step with its time, the running step updated in place on a terminal. */
export class Steps {
  private readonly startedAt = performance.now();

  constructor(private readonly out: NodeJS.WriteStream) {}

  async step<Result>(title: string, work: (update: (text: string) => void) => Promise<Result>): Promise<Result> {
    const stepAt = performance.now();
    let shownAt = 0;
    const update = (text: string): void => {
      if (!this.out.isTTY || performance.now() - shownAt < 100) return;
      shownAt = performance.now();
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
