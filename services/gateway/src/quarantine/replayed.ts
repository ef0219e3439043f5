import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { quarantineTable } from './quarantine.table';

/**
 * Locks a quarantined message that is replayed; gives what closes it in the same transaction. Throws
 * QUARANTINE_CLOSED (conflict).
 */
export const replaying = async (
  transaction: Transaction,
  id: string,
  closedAt: Date,
): Promise<() => Promise<void>> => {
  const entries = transaction.rows(quarantineTable);
  const entry = await entries.get({ id }, { lock: 'wait' });
  if (entry?.status !== 'open') throw new DomainError('QUARANTINE_CLOSED', 'conflict', { id });
  return () => entries.save({ ...entry, status: 'replayed', closedAt });
};
