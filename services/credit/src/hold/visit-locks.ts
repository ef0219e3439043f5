import type { ContractEvent, visitLedgerVisits } from '@caretab/contracts';
import type { Transaction } from '@caretab/store';
import { accountTable } from '../account/account.table';
import { enrolmentTable, subjectTable } from '../enrolment/enrolment.table';
import { holdTable } from './hold.table';

export type VisitEvent = ContractEvent<typeof visitLedgerVisits>;

/**
 * Locks all rows of a batch beforehand, in one order for every batch (enrolments, holds, accounts;
 * each by id): two batches that share lines then wait for each other and never deadlock. Whether an
 * opened visit has a hold already is gathered behind the lock of its person's enrolment.
 */
export const lockRows = async (
  transaction: Transaction,
  events: readonly VisitEvent[],
  alsoVisitIds: readonly string[] = [],
): Promise<void> => {
  // One event takes its locks in the same order by itself.
  if (events.length + alsoVisitIds.length < 2) return;
  const opened = events.flatMap((event) => (event.type === 'VisitOpened' ? [event.data] : []));
  const later = [
    ...events.flatMap((event) => (event.type === 'VisitOpened' ? [] : [event.data.visitId])),
    ...alsoVisitIds,
  ];
  const told = events.flatMap((event) =>
    'accountPersonId' in event.data ? [event.data.accountPersonId] : [],
  );
  const enrolments = await transaction
    .rows(enrolmentTable)
    .lockAll(opened.map(({ personId }) => ({ personId })));
  await transaction.rows(holdTable).gather(
    'visitId',
    opened.map(({ visitId }) => visitId),
  );
  const holds = await transaction.rows(holdTable).lockAll(later.map((visitId) => ({ visitId })));
  const accounts = [
    ...told,
    ...enrolments.map(({ accountPersonId }) => accountPersonId),
    ...holds.map(({ accountPersonId }) => accountPersonId),
  ];
  await transaction
    .rows(accountTable)
    .lockAll(accounts.map((accountPersonId) => ({ accountPersonId })));
  // Behind the locks of accounts: who died before is known, and who dies later waits.
  await transaction
    .rows(subjectTable)
    .gather('personId', [...enrolments, ...holds].flatMap(subjectsOf));
};

const subjectsOf = ({
  personId,
  accountPersonId,
}: {
  readonly personId: string;
  readonly accountPersonId: string;
}): string[] => [personId, accountPersonId];
