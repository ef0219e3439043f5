import {
  booleanColumn,
  dateColumn,
  fenColumn,
  instantColumn,
  integerColumn,
  table,
  textColumn,
} from '@caretab/store';
import { collectionTable } from './collection.table';

/**
 * One order as it was sent to the channel. `failed`: operators declared it so by evidence; it is
 * still asked for, since it may have been captured. The sealed token is kept only until the outcome is known: a
 * repetition must be identical.
 */
export interface OrderRow {
  readonly orderId: string;
  readonly visitId: string;
  readonly attempt: number;
  readonly amountFen: number;
  readonly channel: string;
  /** The bound account that it debits; null where who pays offered one, or of earlier releases. */
  readonly accountId: string | null;
  readonly sealedToken: string | null;
  readonly status: 'sending' | 'captured' | 'declined' | 'failed';
  readonly reason: string | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** How often it was asked for after it had been declared failed. */
  readonly inquiries: number;
  /** Set exactly while a failed order is asked for: see `WorkRow`. */
  readonly nextAttemptAt: Date | null;
  readonly lease: number;
}

/** The channel of money that a hospital's own counter takes: no bank knows of it. */
export const COUNTER = 'counter';

export const orderTable = table<OrderRow>({
  name: 'payment_order',
  columns: {
    orderId: textColumn('order_id', { primary: true }),
    visitId: textColumn('visit_id'),
    attempt: integerColumn(),
    amountFen: fenColumn('amount_fen'),
    channel: textColumn(),
    accountId: textColumn('account_id', { nullable: true }),
    sealedToken: textColumn('sealed_token', { nullable: true }),
    status: textColumn(),
    reason: textColumn(undefined, { nullable: true }),
    startedAt: instantColumn('started_at'),
    endedAt: instantColumn('ended_at', { nullable: true }),
    inquiries: integerColumn(),
    nextAttemptAt: instantColumn('next_attempt_at', { nullable: true }),
    lease: integerColumn(),
  },
  hangsOn: { table: collectionTable, by: ['visitId'] },
});

/**
 * Money that arrived; one per order at most. `channelDate` is the channel's own business day
 * (Asia/Shanghai).
 */
export interface CaptureRow {
  readonly orderId: string;
  readonly visitId: string;
  /** As the channel says; at most what was ordered. */
  readonly amountFen: number;
  readonly channel: string;
  /** `counter`: the hospital has the money already, and no statement has it. */
  readonly way: 'channel' | 'counter';
  readonly reference: string;
  readonly capturedAt: Date;
  readonly channelDate: string;
  /** The channel said that date, in its answer or its statement; else its moment lets expect it. */
  readonly isChannelDateGiven: boolean;
  /** The day of our books, by our clock as it was recorded. */
  readonly bookedOn: string;
}

export const captureTable = table<CaptureRow>({
  name: 'capture',
  columns: {
    orderId: textColumn('order_id', { primary: true }),
    visitId: textColumn('visit_id'),
    amountFen: fenColumn('amount_fen'),
    channel: textColumn(),
    way: textColumn(),
    reference: textColumn(),
    capturedAt: instantColumn('captured_at'),
    channelDate: dateColumn('channel_date'),
    isChannelDateGiven: booleanColumn('channel_date_given'),
    bookedOn: dateColumn('booked_on'),
  },
  hangsOn: { table: collectionTable, by: ['visitId'] },
});

/** Of which order a channel's reference is: claimed in the transaction that books the capture. */
export interface ChannelReferenceRow {
  readonly channel: string;
  readonly reference: string;
  readonly orderId: string;
}

export const channelReferenceTable = table<ChannelReferenceRow>({
  name: 'channel_reference',
  columns: {
    channel: textColumn(undefined, { primary: true }),
    reference: textColumn(undefined, { primary: true }),
    orderId: textColumn('order_id'),
  },
});
