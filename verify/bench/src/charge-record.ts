import { isDeferred } from './charges';

const FIRST_SIZE = 1 << 17;

/**
 * What became of every charge of a run: when it was to be published, when its decision arrived, and
 * how often. Times are `performance.now()`.
 */
export class ChargeRecord {
  private due = new Float64Array(FIRST_SIZE);
  private decided = new Float64Array(FIRST_SIZE);
  private times = new Uint8Array(FIRST_SIZE);
  private heard: (() => void)[] = [];
  /** Charges published or about to be. */
  published = 0;
  /** Charges with at least one decision. */
  decisions = 0;
  /** Decisions beyond the first, of charges that were never sent, or with a wrong outcome. */
  readonly faults: string[] = [];
  faultsCount = 0;

  /** The next charge; `dueAtMs`: when it is to be published. */
  publish(dueAtMs: number): number {
    const number = this.published;
    if (number === this.due.length) this.grow();
    this.due[number] = dueAtMs;
    this.published += 1;
    return number;
  }

  decide(number: number, wasDeferred: boolean, atMs: number): void {
    if (!(number >= 0 && number < this.published))
      return this.fault(`a decision about a charge that nobody sent (${number})`);
    if (wasDeferred !== isDeferred(number))
      this.fault(`charge ${number} was ${wasDeferred ? 'deferred' : 'not deferred'}`);
    this.times[number]! += 1;
    if (this.times[number]! > 1)
      return this.fault(`charge ${number} was decided ${this.times[number]} times`);
    this.decided[number] = atMs;
    this.decisions += 1;
  }

  /** Lets those go on who wait for decisions. */
  ring(): void {
    for (const resolve of this.heard.splice(0)) resolve();
  }

  get underWay(): number {
    return this.published - this.decisions;
  }

  /** Resolves at the next decisions. Rejects when there are none for so long. */
  async next(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () =>
          reject(
            new Error(
              `no decision came for ${timeoutMs / 1000} s; ${this.underWay} charges are undecided`,
            ),
          ),
        timeoutMs,
      );
    });
    await Promise.race([new Promise<void>((resolve) => this.heard.push(resolve)), silence]).finally(
      () => clearTimeout(timer),
    );
  }

  dueAtMs(number: number): number {
    return this.due[number]!;
  }

  /** NaN when undecided. */
  decidedAtMs(number: number): number {
    return this.times[number]! > 0 ? this.decided[number]! : NaN;
  }

  timesDecided(number: number): number {
    return this.times[number]!;
  }

  fault(text: string): void {
    this.faultsCount += 1;
    if (this.faults.length < 20) this.faults.push(text);
  }

  private grow(): void {
    const larger = <Values extends Float64Array | Uint8Array>(
      values: Values,
      fresh: Values,
    ): Values => (fresh.set(values as never), fresh);
    const size = this.due.length * 2;
    this.due = larger(this.due, new Float64Array(size));
    this.decided = larger(this.decided, new Float64Array(size));
    this.times = larger(this.times, new Uint8Array(size));
  }
}

/** The value below which this share of the values lies; values are sorted in place. */
export const quantile = (values: Float64Array, share: number): number => {
  values.sort();
  return values[Math.min(values.length - 1, Math.ceil(values.length * share) - 1)] ?? NaN;
};
