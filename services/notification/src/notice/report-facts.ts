import {
  addsUp,
  cannotBe,
  type ContractEvent,
  type EventData,
  type paymentPayments,
  type VisitLender,
  type visitLedgerVisits,
} from '@caretab/contracts';
import type { Facts } from './notice.table';

type Rejection = EventData<typeof visitLedgerVisits, 'SubmissionRejected'>;

/** What a hospital learns of a report that was rejected. */
export const rejectionIn = ({ data }: { readonly data: Rejection }): Facts => {
  const { visitId, submissionId, messageId, kind, chargeId, reason, remedy, rejectedAt } = data;
  return {
    ...{ visitId, submissionId, messageId, kind, ...(chargeId !== undefined && { chargeId }) },
    ...{ reason, remedy, rejectedAt },
  };
};

type Contradiction = EventData<typeof visitLedgerVisits, 'HolderContradicted'>;

/** What a hospital learns of a holder who is registered otherwise: no value, the fields alone. */
export const contradictionIn = ({ data }: { readonly data: Contradiction }): Facts => {
  const { visitId, messageId, fields, remedy, foundAt } = data;
  return { visitId, messageId, fields: fields.join(' '), remedy, foundAt };
};

type Overdue = EventData<typeof visitLedgerVisits, 'VisitOverdue'>;

export const overdueIn = ({ data: { visitId, askedAt } }: { readonly data: Overdue }): Facts => ({
  ...{ visitId, askedAt },
});

type Refund = EventData<typeof paymentPayments, 'RefundCompleted'>;

/** What a person learns of a refund; an event of an earlier release has its way as the channel. */
export const refundIn = ({ data }: { readonly data: Refund }): Facts => {
  const { visitId, amountFen, channel } = data;
  const { way = channel === 'cash' || channel === 'transfer' ? channel : 'channel' } = data;
  return { visitId, amountFen, way };
};

/** What a hospital learns of who lends what is due, where that is said. */
export const lenderIn = (lender: VisitLender | undefined): Facts => ({
  ...(lender && { lender: lender.kind }),
  ...(lender && lender.kind !== 'hospital' && { lenderId: lender.lenderId }),
});

/** Throws MESSAGE_IMPOSSIBLE (conflict): no one reads of sums that do not add up. */
export const assertSettled = (
  settled: ContractEvent<typeof visitLedgerVisits, 'VisitSettled'>,
): void => {
  const { patientDueFen, paidFen, refundedFen, grossFen, payers = [], lender } = settled.data;
  // What a bank lends is paid to the bank.
  if (paidFen - refundedFen !== (lender?.kind === 'bank' ? 0 : patientDueFen))
    throw cannotBe(settled, '/paidFen', 'what was paid and kept is not what was due');
  if (grossFen !== undefined && !addsUp({ grossFen, payers, patientDueFen }))
    throw cannotBe(settled, '/grossFen', 'the parts do not make the whole');
};
