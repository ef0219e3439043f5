const seconds = (sinceMs: number): string =>
  `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

/**
 * A line per step with its time; on a terminal the running step is updated in place. Goes to
 * standard error: what is found goes to standard output.
 */
export class Progress {
  constructor(private readonly out: NodeJS.WriteStream) {}

  async step<Result>(
    title: string,
    work: (update: (text: string) => void) => Promise<Result>,
    told: (result: Result) => string = () => '',
  ): Promise<Result> {
    const startedAtMs = performance.now();
    let shownAtMs = 0;
    const update = (text: string): void => {
      const nowMs = performance.now();
      if (!this.out.isTTY || nowMs - shownAtMs < 200) return;
      shownAtMs = nowMs;
      this.out.write(`\r\x1b[2K… ${title} · ${text}`.slice(0, (this.out.columns ?? 100) + 4));
    };
    update('');
    const result = await work(update);
    this.line(
      `✔ ${title.padEnd(44)} ${seconds(startedAtMs).padStart(7)}  ${told(result)}`.trimEnd(),
    );
    return result;
  }

  line(text: string): void {
    this.out.write(`${this.out.isTTY ? '\r\x1b[2K' : ''}${text}\n`);
  }
}
