import type { Clock } from '@caretab/kernel';

const HOUR_MS = 60 * 60 * 1000;
/** So much of an hour's budget may be spent at once. */
const BURST_SHARE = 0.1;

interface Budget {
  readonly left: number;
  readonly atMs: number;
}

/**
 * What each institution may spend in an hour; it comes back by and by. It is of this process; its size
 * is that of the institutions.
 */
export class HourlyBudget {
  private readonly budgets = new Map<string, Budget>();

  constructor(
    private readonly clock: Clock,
    private readonly perHourMax: number,
  ) {}

  /** Seconds until there is one more; 0 where there is one. */
  waitSeconds(institutionId: string): number {
    const { left } = this.budgetOf(institutionId);
    return left >= 1 ? 0 : Math.ceil(((1 - left) * HOUR_MS) / this.perHourMax / 1000);
  }

  spend(institutionId: string): void {
    const { left, atMs } = this.budgetOf(institutionId);
    this.budgets.set(institutionId, { left: left - 1, atMs });
  }

  /** Spends one; throws what `refused` makes of the seconds until there is one more. */
  take(institutionId: string, refused: (retryAfterSeconds: number) => Error): void {
    const retryAfterSeconds = this.waitSeconds(institutionId);
    if (retryAfterSeconds > 0) throw refused(retryAfterSeconds);
    this.spend(institutionId);
  }

  private budgetOf(institutionId: string): Budget {
    const atMs = this.clock.now().getTime();
    const full = Math.max(1, this.perHourMax * BURST_SHARE);
    const known = this.budgets.get(institutionId);
    if (!known) return { left: full, atMs };
    const cameBack = (Math.max(0, atMs - known.atMs) * this.perHourMax) / HOUR_MS;
    return { left: Math.min(full, known.left + cameBack), atMs };
  }
}
