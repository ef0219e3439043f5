import type { CollectionRow } from './collection.table';
import { collectibleFen, evenStatus } from './owed';

/** Staff look at it, whatever it comes to. */
export const LOOKED_AT: ReadonlySet<CollectionRow['status']> = new Set(['disputed', 'in-review']);

/**
 * What a new due means for collecting: an order that is out is waited for, a smaller debt that was
 * declined stays so, a larger one is collected again.
 */
export const reopened = (row: CollectionRow, before: CollectionRow, now: Date): CollectionRow => {
  if (row.status === 'sending' || row.status === 'unresolved') return row;
  if (collectibleFen(row) <= 0) return { ...row, status: evenStatus(row), nextAttemptAt: null };
  if (LOOKED_AT.has(row.status)) return row;
  if (row.dueFen > before.dueFen || row.status === 'paid' || row.status === 'refund-owed')
    return { ...row, status: 'due', attempts: 0, nextAttemptAt: now };
  return row;
};
