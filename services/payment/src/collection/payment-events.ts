import { message, paymentPayments } from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';
import type { OutgoingMessage } from '@caretab/store';
import type { RefundRow } from '../refund/refund.table';
import type { CollectionRow } from './collection.table';
import type { CaptureRow, OrderRow } from './order.table';

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

/**
 * `orderedFen`: of the order. `late`: it had been published as declined, or declared failed.
 * `adopted`: it was published before the restore, perhaps in other words; it has an id of its own,
 * and consumers know the payment by its order.
 */
export const paymentCaptured = (
  row: CollectionRow,
  { orderId, amountFen, channel, reference, capturedAt, bookedOn, channelDate }: CaptureRow,
  {
    orderedFen,
    late,
    adopted,
    now,
  }: { orderedFen: number; late: boolean; adopted: boolean; now: Date },
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
      ...(orderedFen !== amountFen && { orderedFen }),
      ...(late && { late }),
      bookedOn,
      channelDate,
    },
    {
      id: derivedId('PaymentCaptured', orderId, ...(adopted ? ['adopted'] : [])),
      time: now,
      source: 'payment',
      causedBy: causeOf(row),
    },
  );

/** `orderId` is the order that was declined, or would have been. */
export const paymentDeclined = (
  row: CollectionRow,
  declined: {
    readonly orderId: string;
    readonly amountFen: number;
    readonly reason: string;
    readonly attempt: number;
    readonly final: boolean;
  },
  now: Date,
): OutgoingMessage => {
  const { orderId, ...rest } = declined;
  return message(
    paymentPayments,
    'PaymentDeclined',
    { ...common(row, orderId), ...rest },
    {
      id: derivedId('PaymentDeclined', orderId),
      time: now,
      source: 'payment',
      causedBy: causeOf(row),
    },
  );
};

export const paymentOutcomeUnknown = (
  row: CollectionRow,
  { orderId, amountFen, channel, startedAt }: OrderRow,
  now: Date,
): OutgoingMessage =>
  message(
    paymentPayments,
    'PaymentOutcomeUnknown',
    { ...common(row, orderId), amountFen, channel, since: startedAt.toISOString() },
    {
      id: derivedId('PaymentOutcomeUnknown', orderId),
      time: now,
      source: 'payment',
      causedBy: causeOf(row),
    },
  );

export const paymentContradicted = (
  row: CollectionRow,
  { orderId, amountFen }: Pick<OrderRow, 'orderId' | 'amountFen'>,
  { caseId, reason, now }: { caseId: string; reason: string; now: Date },
): OutgoingMessage =>
  message(
    paymentPayments,
    'PaymentContradicted',
    { ...common(row, orderId), amountFen, caseId, reason },
    {
      id: derivedId('PaymentContradicted', caseId),
      time: now,
      source: 'payment',
      causedBy: causeOf(row),
    },
  );

export const refundRefused = (
  row: CollectionRow,
  { orderId, refundId, amountFen, channel }: RefundRow,
  { caseId, reason, now }: { caseId: string; reason: string; now: Date },
): OutgoingMessage =>
  message(
    paymentPayments,
    'RefundRefused',
    { ...common(row, orderId), refundId, amountFen, channel, reason, caseId },
    {
      id: derivedId('RefundRefused', caseId),
      time: now,
      source: 'payment',
      causedBy: causeOf(row),
    },
  );

export const refundCompleted = (
  row: CollectionRow,
  refund: RefundRow & {
    readonly reference: string;
    readonly refundedAt: Date;
    readonly bookedOn: string;
  },
  now: Date,
): OutgoingMessage => {
  const {
    refundId,
    orderId,
    amountFen,
    channel,
    way,
    reference,
    refundedAt,
    bookedOn,
    channelDate,
  } = refund;
  return message(
    paymentPayments,
    'RefundCompleted',
    {
      ...common(row, orderId),
      refundId,
      amountFen,
      // Money that went from hand to hand took no channel.
      channel: way === 'cash' || way === 'transfer' ? way : channel,
      channelReference: reference,
      refundedAt: refundedAt.toISOString(),
      bookedOn,
      ...(channelDate !== null && { channelDate }),
      way,
    },
    {
      id: derivedId('RefundCompleted', refundId),
      time: now,
      source: 'payment',
      causedBy: causeOf(row),
    },
  );
};

/** What is asked, of which due, and after how many attempts: a higher one is asked for again. */
export const paymentAwaitsConfirmation = (
  row: CollectionRow,
  amountFen: number,
  now: Date,
): OutgoingMessage => {
  const { paymentId, visitId, accountPersonId, institutionId, closedAt } = row;
  return message(
    paymentPayments,
    'PaymentAwaitsConfirmation',
    {
      visitId,
      accountPersonId,
      paymentId,
      institutionId,
      amountFen,
      endedAt: closedAt.toISOString(),
    },
    {
      id: derivedId(
        'PaymentAwaitsConfirmation',
        paymentId,
        ...[row.revision, amountFen, row.orders].map(String),
      ),
      time: now,
      source: 'payment',
      causedBy: causeOf(row),
    },
  );
};

export const paymentDisputed = (
  row: CollectionRow,
  {
    amountFen,
    caseId,
    reason,
    now,
  }: { amountFen: number; caseId: string; reason: string; now: Date },
): OutgoingMessage => {
  const { paymentId, visitId, accountPersonId, institutionId } = row;
  return message(
    paymentPayments,
    'PaymentDisputed',
    { visitId, accountPersonId, paymentId, institutionId, amountFen, reason },
    {
      id: derivedId('PaymentDisputed', caseId),
      time: now,
      source: 'payment',
      causedBy: causeOf(row),
    },
  );
};
