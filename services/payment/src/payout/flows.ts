import type { SumSource, Transaction } from '@caretab/store';
import {
  type ClearingLineRow,
  clearingLineTable,
  type ClearingRow,
} from '../clearing/clearing.table';
import { type CollectionRow, collectionTable } from '../collection/collection.table';
import { type ClearingFlowRow, clearingFlowTable } from './clearing-flow.table';
import { type PayoutPolicy, pooledOn } from './payout-policy';

const SOURCES = ['insurer', 'channel', 'funder', 'bank'] as const;

/**
 * Keeps what each source owes each hospital by a day that is cleared: added up in the database. A
 * hospital that waits for its patients is no source of its own money. Direct, but for what the policy
 * pools on that day.
 */
export const keepFlows = async (
  transaction: Transaction,
  { clearingId, businessDate }: Pick<ClearingRow, 'clearingId' | 'businessDate'>,
  policy: PayoutPolicy,
): Promise<void> => {
  const flows = transaction.rows(clearingFlowTable);
  const source: SumSource<ClearingFlowRow, ClearingLineRow, CollectionRow> = {
    of: clearingLineTable,
    where: { clearingId, party: { in: SOURCES } },
    beside: { table: collectionTable, on: ['visitId'] },
    adds: [
      {
        to: {
          institutionId: { beside: 'institutionId' },
          party: { of: 'party' },
          partyId: { of: 'partyId' },
        },
        amount: { of: 'amountFen' },
        // A line of a source is negative where it owes.
        sign: -1,
      },
    ],
  };
  await flows.insertSums([source], {
    sum: 'amountFen',
    every: { clearingId, settledFen: 0, way: 'direct', instructionId: null },
    by: ['way'],
  });
  for (const { institutionId, party, partyId } of pooledOn(policy, businessDate))
    await flows.update(
      {
        clearingId,
        ...(institutionId !== '*' && { institutionId }),
        party: party === '*' ? { in: ['channel', 'funder', 'bank'] } : party,
        ...(partyId !== '*' && { partyId }),
      },
      { way: 'pooled' },
    );
};
