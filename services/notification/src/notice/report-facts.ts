import type { EventData, visitLedgerVisits } from '@caretab/contracts';
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
