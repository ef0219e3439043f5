import type { Store } from '@caretab/store';
import type { Channel, StatementEntry } from '../channel/channel';
import { captureTable } from '../collection/order.table';
import { refundTable } from '../refund/refund.table';
import { reconcile, type Reconciliation } from './reconcile';

/** Our books beside the channel's. */
export class Reconciliations {
  constructor(
    private readonly store: Store,
    private readonly channel: Channel,
  ) {}

  /**
   * `date` is the channel's business day (Asia/Shanghai): when it moved the money. Throws
   * CHANNEL_UNAVAILABLE (conflict).
   */
  async of(date: string): Promise<Reconciliation & { readonly date: string }> {
    // The statement first: what is captured in between is then listed as ours alone, and never
    // missed.
    const theirs = await this.channel.statement(date);
    const ours = await this.store.transact(async (transaction) => {
      const captures = await transaction
        .rows(captureTable)
        .find({ channelDate: date }, { orderBy: 'capturedAt' });
      const refunds = await transaction
        .rows(refundTable)
        .find({ channelDate: date, status: 'completed' }, { orderBy: 'refundedAt' });
      return [
        ...captures.map(({ orderId, amountFen }): StatementEntry => ({
          kind: 'capture',
          id: orderId,
          amountFen,
        })),
        ...refunds.map(({ refundId, amountFen }): StatementEntry => ({
          kind: 'refund',
          id: refundId,
          amountFen,
        })),
      ];
    });
    return { date, ...reconcile(ours, theirs) };
  }
}
