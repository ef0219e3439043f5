import { type ContractEvent, on, paymentPayments } from '@caretab/contracts';
import type { VisitCommand } from './visit';

const OUTCOME_UNKNOWN = 'OUTCOME_UNKNOWN';

/** What payment's answer means for the visit. */
export const commandOfPayment = (
  event: ContractEvent<typeof paymentPayments>,
): VisitCommand | undefined =>
  on<typeof paymentPayments, VisitCommand | undefined>(paymentPayments, event, {
    PaymentCaptured: ({
      data: { paymentId, amountFen, channel, capturedAt, accountPersonId },
    }) => ({
      type: 'RecordPayment',
      of: { accountPersonId },
      data: { paymentId, amountFen, channel, capturedAt },
    }),
    // Releases before 0.2 published an unknown outcome as a final decline; it is none.
    PaymentDeclined: ({ data: { paymentId, attempt, reason, final, accountPersonId } }) =>
      final && reason !== OUTCOME_UNKNOWN
        ? {
            type: 'RecordPaymentMissed',
            of: { accountPersonId },
            data: { paymentId, attempt, reason },
          }
        : undefined,
    PaymentOutcomeUnknown: 'ignore',
    PaymentAwaitsConfirmation: 'ignore',
    PaymentDisputed: 'ignore',
    PaymentContradicted: 'ignore',
    DueWrittenOff: 'ignore',
    WriteOffReduced: 'ignore',
    RefundRefused: 'ignore',
    RefundCompleted: ({ data: { refundId, amountFen, channel, refundedAt, accountPersonId } }) => ({
      type: 'RecordRefund',
      of: { accountPersonId },
      data: { refundId, amountFen, channel, refundedAt },
    }),
  });
