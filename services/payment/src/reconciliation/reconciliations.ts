import { businessDateOf } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import { type Store, stream } from '@caretab/store';
import type { Channel, Movement } from '../channel/channel';
import { captureTable } from '../collection/order.table';
import { refundTable } from '../refund/refund.table';
import { reconcile, type Reconciliation } from './reconcile';
import { type StatementRow, statementRowTable } from './statement-row.table';

/** `kept`: rows that are neither capture nor refund, as of the last comparison of the day. */
export type DayReconciliation = Reconciliation & {
  readonly date: string;
  readonly kept: readonly StatementRow[];
};

/** Our books beside the channel's. */
export class Reconciliations {
  constructor(
    private readonly store: Store,
    private readonly channel: Channel,
    private readonly clock: Clock,
  ) {}

  /**
   * `date` is the channel's business day (Asia/Shanghai): when it moved the money. Throws
   * CHANNEL_UNAVAILABLE (conflict), DAY_NOT_BEGUN (unprocessable).
   */
  async of(date: string): Promise<DayReconciliation> {
    const today = businessDateOf(this.clock.now());
    if (date > today)
      throw new DomainError('DAY_NOT_BEGUN', 'unprocessable', {
        field: 'date',
        why: `the day has not begun: it is ${today} in Asia/Shanghai`,
        remedy: 'compare a day of the past, or today',
      });
    // The statement first: what is captured in between is then listed as ours alone, and never
    // missed.
    const theirs = await this.channel.statement(date);
    const { ours, kept } = await this.store.transact(async (transaction) => {
      const entries: Movement[] = [];
      const captures = stream(
        transaction.rows(captureTable),
        { channelDate: date },
        { orderBy: 'capturedAt' },
      );
      for await (const batch of captures)
        for (const { orderId, amountFen } of batch)
          entries.push({ kind: 'capture', id: orderId, amountFen });
      const refunds = stream(transaction.rows(refundTable), {
        channelDate: date,
        status: 'completed',
      });
      for await (const batch of refunds)
        for (const { refundId, amountFen } of batch)
          entries.push({ kind: 'refund', id: refundId, amountFen });
      const rows = await transaction.rows(statementRowTable).find({ date }, { orderBy: 'keptAt' });
      return { ours: entries, kept: rows };
    });
    return { date, ...reconcile(ours, theirs), kept };
  }
}
