import type { Transaction } from '@caretab/store';
import { subjectTable } from './enrolment.table';

/** Whether one of them has died: then nothing more is granted. The caller holds the account. */
export const hasDied = async (
  transaction: Transaction,
  ...personIds: readonly string[]
): Promise<boolean> => {
  const wanted = { personId: { in: [...new Set(personIds)] }, died: true };
  return (await transaction.rows(subjectTable).count(wanted)) > 0;
};
