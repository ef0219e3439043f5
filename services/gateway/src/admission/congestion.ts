import type { Timers } from '@caretab/kernel';
import { overloaded } from './admission';

/**
 * Downstream messages in the outbox and in the ledger's lag, counted up to just above the bound.
 * Undefined: unknown now.
 */
export interface Behind {
  /** Accepted and not yet published. */
  readonly outbox?: number | undefined;
  /** Published and not yet handled by the ledger. */
  readonly lag?: number | undefined;
}

export interface CongestionLimits {
  readonly outboxMax: number;
  readonly lagMax: number;
}

/** Opens again at this share of the bound, so that the door does not flutter. */
const OPEN_AGAIN_SHARE = 0.8;
const RETRY_AFTER_S = 5;
const LOOK_AGAIN_MS = 100;

const WHY = {
  outbox: 'the outbox is above its limit',
  lag: 'the lag of the ledger is above its limit',
} as const;

/**
 * Whether submissions are accepted, by the downstream measures. Backpressure starts above a bound
 * and ends well below it; an unknown measure never starts it.
 */
export class Congestion {
  private readonly closed = new Set<keyof Behind>();
  private readonly bounds: Readonly<Record<keyof Behind, number>>;
  /** Sent away so far. */
  refused = 0;

  constructor(
    { outboxMax, lagMax }: CongestionLimits,
    private readonly timers: Timers,
    private readonly changed: (isOpen: boolean, behind: Behind) => void = () => undefined,
  ) {
    this.bounds = { outbox: outboxMax, lag: lagMax };
  }

  get isOpen(): boolean {
    return this.closed.size === 0;
  }

  /** Takes one or both measures. */
  measured(behind: Behind): void {
    const wasOpen = this.isOpen;
    for (const which of ['outbox', 'lag'] as const) {
      if (!(which in behind)) continue;
      const count = behind[which] ?? 0;
      if (count > this.bounds[which]) this.closed.add(which);
      else if (count <= this.bounds[which] * OPEN_AGAIN_SHARE) this.closed.delete(which);
    }
    if (wasOpen !== this.isOpen) this.changed(this.isOpen, behind);
  }

  /** Throws OVERLOADED (overloaded) while closed. */
  check(): void {
    const [which] = this.closed;
    if (!which) return;
    this.refused += 1;
    throw overloaded(WHY[which], RETRY_AFTER_S);
  }

  /**
   * Resolves once it is open. Throws OVERLOADED (overloaded) if it is not within `waitMs`: who asks
   * again at once is slowed down by the waiting.
   */
  async opened(waitMs: number): Promise<void> {
    for (let waitedMs = 0; !this.isOpen && waitedMs < waitMs; waitedMs += LOOK_AGAIN_MS)
      await this.timers.sleep(LOOK_AGAIN_MS);
    this.check();
  }
}
