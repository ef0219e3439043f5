/** Readers are notified of what is new; this is for a notification that was lost. */
const LOOK_MS_MAX = 5_000;

/**
 * How long a reader waits for news until it looks by itself: twice as long each time that there was
 * nothing, up to five seconds.
 */
export class LookInterval {
  private waitMs: number;

  constructor(private readonly firstMs: number) {
    this.waitMs = firstMs;
  }

  /** The wait that begins now. */
  next(): number {
    const waitMs = this.waitMs;
    this.waitMs = Math.min(2 * waitMs, Math.max(this.firstMs, LOOK_MS_MAX));
    return waitMs;
  }

  /** There was something: the next wait is the first again. */
  reset(): void {
    this.waitMs = this.firstMs;
  }
}
