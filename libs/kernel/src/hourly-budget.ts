import type { Clock } from './ports';

const HOUR_MS = 60 * 60 * 1000;
/** So much of an hour's budget may be spent at once. */
const BURST_SHARE = 0.1;

interface Budget {
  readonly left: number;
  readonly atMs: number;
}

/**
 * What each of those who ask may spend in an hour; it comes back by and by. It is of this process; its
 * size is that of the askers.
 */
export class HourlyBudget {
  private readonly budgets = new Map<string, Budget>();

  constructor(
    private readonly clock: Clock,
    private readonly perHourMax: number,
  ) {}

  /** Seconds until there is one more; 0 where there is one. */
  waitSeconds(askerId: string): number {
    const { left } = this.budgetOf(askerId);
    return left >= 1 ? 0 : Math.ceil(((1 - left) * HOUR_MS) / this.perHourMax / 1000);
  }

  spend(askerId: string): void {
    const { left, atMs } = this.budgetOf(askerId);
    this.budgets.set(askerId, { left: left - 1, atMs });
  }

  /** Spends one; throws what `refused` makes of the seconds until there is one more. */
  take(askerId: string, refused: (retryAfterSeconds: number) => Error): void {
    const retryAfterSeconds = this.waitSeconds(askerId);
    if (retryAfterSeconds > 0) throw refused(retryAfterSeconds);
    this.spend(askerId);
  }

  private budgetOf(askerId: string): Budget {
    const atMs = this.clock.now().getTime();
    const full = Math.max(1, this.perHourMax * BURST_SHARE);
    const known = this.budgets.get(askerId);
    if (!known) return { left: full, atMs };
    const cameBack = (Math.max(0, atMs - known.atMs) * this.perHourMax) / HOUR_MS;
    return { left: Math.min(full, known.left + cameBack), atMs };
  }
}
