import type { Degradation } from '@caretab/host';
import type { Logger } from '@caretab/telemetry';
import type { ClearingRow } from './clearing.table';
import type { Clearings } from './clearings';

/**
 * Ends a clearing that stopped before its last page: its process ended, or its caller asked no more.
 * It stopped if a look finds it where the look before did. `/health` shows it until it is ended.
 */
export class ClearingWatch {
  private seen: ClearingRow | undefined;
  private isStopped = false;

  constructor(
    private readonly parts: {
      readonly clearings: Clearings;
      readonly logger: Pick<Logger, 'warn' | 'info'>;
    },
  ) {}

  /** Takes a page of a clearing that stopped. Returns how many pages it took. */
  async runOnce(): Promise<number> {
    const { clearings, logger } = this.parts;
    const before = this.seen;
    this.seen = await clearings.underWay();
    const stands =
      before !== undefined &&
      this.seen?.clearingId === before.clearingId &&
      this.seen.reached === before.reached;
    if (!stands) {
      if (this.isStopped) logger.info({}, 'no clearing stands still any more');
      this.isStopped = false;
      return 0;
    }
    const { businessDate } = before;
    if (!this.isStopped) logger.warn({ businessDate }, 'clearing stopped: going on with its pages');
    this.isStopped = true;
    await clearings.takePage();
    this.seen = await clearings.underWay();
    return 1;
  }

  degradations(): readonly Degradation[] {
    if (!this.isStopped || !this.seen) return [];
    const { businessDate, clearedAt } = this.seen;
    return [
      {
        what: `clearing of ${businessDate}`,
        why: 'it stopped before its last page; a job goes on with it, and nothing is in pay-out yet',
        since: clearedAt,
      },
    ];
  }
}
