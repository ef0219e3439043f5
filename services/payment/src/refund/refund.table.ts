import {
  dateColumn,
  fenColumn,
  instantColumn,
  integerColumn,
  table,
  textColumn,
} from '@caretab/store';

/**
 * Money on its way back, by the order that brought it. `refused`: the channel will never make it;
 * an operator has to look.
 */
export interface RefundRow {
  readonly refundId: string;
  readonly visitId: string;
  readonly orderId: string;
  readonly amountFen: number;
  readonly channel: string;
  readonly status: 'due' | 'sending' | 'completed' | 'refused';
  readonly inquiries: number;
  /** Set exactly while something is to be done: see `WorkRow`. */
  readonly nextAttemptAt: Date | null;
  readonly lease: number;
  readonly reference: string | null;
  readonly reason: string | null;
  readonly refundedAt: Date | null;
  readonly channelDate: string | null;
}

export const refundTable = table<RefundRow>({
  name: 'refund',
  columns: {
    refundId: textColumn('refund_id', { primary: true }),
    visitId: textColumn('visit_id'),
    orderId: textColumn('order_id'),
    amountFen: fenColumn('amount_fen'),
    channel: textColumn(),
    status: textColumn(),
    inquiries: integerColumn(),
    nextAttemptAt: instantColumn('next_attempt_at', { nullable: true }),
    lease: integerColumn(),
    reference: textColumn(undefined, { nullable: true }),
    reason: textColumn(undefined, { nullable: true }),
    refundedAt: instantColumn('refunded_at', { nullable: true }),
    channelDate: dateColumn('channel_date', { nullable: true }),
  },
});
