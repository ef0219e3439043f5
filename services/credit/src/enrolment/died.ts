import type { Transaction } from '@caretab/store';
import { subjectTable } from './enrolment.table';

/** Whether one of them has died: then nothing more is granted. The caller holds the account. */
export const hasDied = async (
  transaction: Transaction,
  ...personIds: readonly string[]
): Promise<boolean> => {
  const rows = transaction.rows(subjectTable);
  for (const personId of new Set(personIds)) if ((await rows.get({ personId }))?.died) return true;
  return false;
};
