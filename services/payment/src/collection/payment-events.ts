import { message, paymentPayments } from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';
import type { OutgoingMessage } from '@caretab/postgres';
import type { RefundRow } from '../refund/refund.table';
import type { CollectionRow } from './collection.table';
import type { CaptureRow } from './order.table';

const common = ({ visitId, accountPersonId, paymentId }: CollectionRow): { visitId: string; accountPersonId: string; paymentId: string } => ({ visitId, accountPersonId, paymentId });
const causeOf = ({ causationId, traceparent }: CollectionRow): { id: string; traceparent: string | undefined } => ({ id: causationId, traceparent: traceparent ?? undefined });

export const paymentCaptured = (row: CollectionRow, { orderId, amountFen, channel, reference, capturedAt }: CaptureRow, now: Date): OutgoingMessage =>
  message(paymentPayments, 'PaymentCaptured', { ...common(row), amountFen, channel, channelReference: reference, capturedAt: capturedAt.toISOString() },
    { id: derivedId('PaymentCaptured', orderId), time: now, source: 'payment', causedBy: causeOf(row) });

/** `of` is what was declined: an order, or an attempt that never became one. */
export const paymentDeclined = (row: CollectionRow, declined: { readonly of: string; readonly amountFen: number; readonly reason: string; readonly attempt: number; readonly final: boolean }, now: Date): OutgoingMessage => {
  const { of, ...rest } = declined;
  return message(paymentPayments, 'PaymentDeclined', { ...common(row), ...rest }, { id: derivedId('PaymentDeclined', of), time: now, source: 'payment', causedBy: causeOf(row) });
};

export const refundCompleted = (row: CollectionRow, refund: RefundRow & { readonly reference: string; readonly refundedAt: Date }, now: Date): OutgoingMessage => {
  const { refundId, amountFen, channel, reference, refundedAt } = refund;
  return message(paymentPayments, 'RefundCompleted', { ...common(row), refundId, amountFen, channel, channelReference: reference, refundedAt: refundedAt.toISOString() },
    { id: derivedId('RefundCompleted', refundId), time: now, source: 'payment', causedBy: causeOf(row) });
};
