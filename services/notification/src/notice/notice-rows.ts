import type { ContractEvent, visitLedgerVisits } from '@caretab/contracts';
import type { Transaction } from '@caretab/store';
import { guardianTable } from '../institution/institution.table';
import { noticeTable } from './notice.table';

/** Gathers in a few statements what the notices of a batch will ask for. */
export const noticeRows = async (
  transaction: Transaction,
  events: readonly ContractEvent<typeof visitLedgerVisits>[],
): Promise<void> => {
  const notices = transaction.rows(noticeTable);
  await notices.gather(
    'eventId',
    events.map(({ id }) => id),
  );
  const refused = events.filter(({ type }) => type === 'ChargeNotDeferred');
  await notices.gather(
    'visitId',
    refused.map(({ data }) => data.visitId),
  );
  const asked = events.flatMap(({ type, data }) =>
    type === 'ChargeAwaitsAgreement' || type === 'PatientProposed' ? [data.personId] : [],
  );
  await transaction.rows(guardianTable).gather('personId', asked);
};
