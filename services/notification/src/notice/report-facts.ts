import type { EventData, paymentPayments, visitLedgerVisits } from '@caretab/contracts';
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

type Refund = EventData<typeof paymentPayments, 'RefundCompleted'>;

/** What a person learns of a refund; an event of an earlier release has its way as the channel. */
export const refundIn = ({ data }: { readonly data: Refund }): Facts => {
  const { visitId, amountFen, channel } = data;
  const { way = channel === 'cash' || channel === 'transfer' ? channel : 'channel' } = data;
  return { visitId, amountFen, way };
};
