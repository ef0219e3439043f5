import type { RefundWay } from '@caretab/contracts';
import {
  booleanColumn,
  dateColumn,
  fenColumn,
  instantColumn,
  integerColumn,
  table,
  textColumn,
} from '@caretab/store';
import { collectionTable } from '../collection/collection.table';

/**
 * Money on its way back, by the order that brought it. `refused`: the channel does not make it, and
 * a case is open · `void`: it became needless before it was made, or another took its place.
 */
export interface RefundRow {
  readonly refundId: string;
  readonly visitId: string;
  readonly orderId: string;
  readonly amountFen: number;
  readonly channel: string;
  readonly status: 'due' | 'sending' | 'completed' | 'refused' | 'void';
  /** To the account that paid, to another account, or from hand to hand. */
  readonly way: RefundWay;
  /** The other account's token, while the refund is under way. */
  readonly sealedToken: string | null;
  /** How often the channel refused it since an operator last looked. */
  readonly refusals: number;
  readonly inquiries: number;
  /** Set exactly while something is to be done: see `WorkRow`. */
  readonly nextAttemptAt: Date | null;
  readonly lease: number;
  readonly reference: string | null;
  readonly reason: string | null;
  readonly refundedAt: Date | null;
  readonly channelDate: string | null;
  /** The channel said that date, in its answer or its statement; else its moment lets expect it. */
  readonly isChannelDateGiven: boolean;
  /** The day of our books, by our clock as it was recorded; null: not yet made. */
  readonly bookedOn: string | null;
}

/** Why a refund waits that the counter gives back which had taken the money. */
export const AT_THE_COUNTER = 'AT_THE_COUNTER';

export const refundTable = table<RefundRow>({
  name: 'refund',
  columns: {
    refundId: textColumn('refund_id', { primary: true }),
    visitId: textColumn('visit_id'),
    orderId: textColumn('order_id'),
    amountFen: fenColumn('amount_fen'),
    channel: textColumn(),
    status: textColumn(),
    way: textColumn(),
    sealedToken: textColumn('sealed_token', { nullable: true }),
    refusals: integerColumn(),
    inquiries: integerColumn(),
    nextAttemptAt: instantColumn('next_attempt_at', { nullable: true }),
    lease: integerColumn(),
    reference: textColumn(undefined, { nullable: true }),
    reason: textColumn(undefined, { nullable: true }),
    refundedAt: instantColumn('refunded_at', { nullable: true }),
    channelDate: dateColumn('channel_date', { nullable: true }),
    isChannelDateGiven: booleanColumn('channel_date_given'),
    bookedOn: dateColumn('booked_on', { nullable: true }),
  },
  hangsOn: { table: collectionTable, by: ['visitId'] },
});
