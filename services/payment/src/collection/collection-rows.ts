import { type ContractEvent, type visitLedgerVisits } from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { collectionTable, insurerPartTable } from './collection.table';

/** A visit has one collection. */
export const paymentIdOf = (visitId: string): string => derivedId('payment', visitId);

/** Locks and gathers in a few statements what a batch of verdicts will ask for. */
export const collectionRows = async (
  transaction: Transaction,
  events: readonly ContractEvent<typeof visitLedgerVisits>[],
): Promise<void> => {
  const visitIds = events.flatMap(({ type, data }) =>
    type === 'VisitAdjudicated' ? [data.visitId] : [],
  );
  if (visitIds.length === 0) return;
  await transaction
    .rows(collectionTable)
    .lockAll(visitIds.map((visitId) => ({ paymentId: paymentIdOf(visitId) })));
  await transaction.rows(insurerPartTable).gather('visitId', visitIds);
};

/** Whose accounts pay these visits. */
export const payersOf = async (
  store: Store,
  visitIds: readonly string[],
): Promise<readonly string[]> => {
  if (visitIds.length === 0) return [];
  const rows = await store.transact((transaction) =>
    transaction.rows(collectionTable).find({ visitId: { in: visitIds } }),
  );
  return [...new Set(rows.map(({ accountPersonId }) => accountPersonId))];
};
