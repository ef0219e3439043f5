import { message, paymentPayments } from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';
import type { OutgoingMessage } from '@caretab/store';
import type { RefundRow } from '../refund/refund.table';
import type { CollectionRow } from './collection.table';
import type { CaptureRow } from './order.table';

/**
 * Consumers identify a payment by its order: one collection may take several, when a later verdict
 * raises the due.
 */
const common = (
  { visitId, accountPersonId }: CollectionRow,
  orderId: string,
): { visitId: string; accountPersonId: string; paymentId: string } => ({
  visitId,
  accountPersonId,
  paymentId: orderId,
});
const causeOf = ({
  causationId,
  traceparent,
}: CollectionRow): { id: string; traceparent: string | undefined } => ({
  id: causationId,
  traceparent: traceparent ?? undefined,
});

export const paymentCaptured = (
  row: CollectionRow,
  { orderId, amountFen, channel, reference, capturedAt }: CaptureRow,
  now: Date,
): OutgoingMessage =>
  message(
    paymentPayments,
    'PaymentCaptured',
    {
      ...common(row, orderId),
      amountFen,
      channel,
      channelReference: reference,
      capturedAt: capturedAt.toISOString(),
    },
    {
      id: derivedId('PaymentCaptured', orderId),
      time: now,
      source: 'payment',
      causedBy: causeOf(row),
    },
  );

/**
 * `orderId` is the order that was declined, or would have been; `isUnknown`: it was given up, and
 * may still be captured or declined.
 */
export const paymentDeclined = (
  row: CollectionRow,
  declined: {
    readonly orderId: string;
    readonly isUnknown?: boolean;
    readonly amountFen: number;
    readonly reason: string;
    readonly attempt: number;
    readonly final: boolean;
  },
  now: Date,
): OutgoingMessage => {
  const { orderId, isUnknown = false, ...rest } = declined;
  return message(
    paymentPayments,
    'PaymentDeclined',
    { ...common(row, orderId), ...rest },
    {
      id: derivedId('PaymentDeclined', isUnknown ? `${orderId} unknown` : orderId),
      time: now,
      source: 'payment',
      causedBy: causeOf(row),
    },
  );
};

export const refundCompleted = (
  row: CollectionRow,
  refund: RefundRow & { readonly reference: string; readonly refundedAt: Date },
  now: Date,
): OutgoingMessage => {
  const { refundId, orderId, amountFen, channel, reference, refundedAt } = refund;
  return message(
    paymentPayments,
    'RefundCompleted',
    {
      ...common(row, orderId),
      refundId,
      amountFen,
      channel,
      channelReference: reference,
      refundedAt: refundedAt.toISOString(),
    },
    {
      id: derivedId('RefundCompleted', refundId),
      time: now,
      source: 'payment',
      causedBy: causeOf(row),
    },
  );
};
