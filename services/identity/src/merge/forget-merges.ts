import type { Transaction } from '@caretab/store';
import { identifierTable, personTable } from '../person/person.table';
import { mergeTable } from './merge.table';
import { personsUnmerged } from './merge-messages';

/**
 * Who is destroyed is merged with no one: others learn it before, so that who registers again under
 * the same id is not taken for another. The reasons that people wrote go with the person.
 */
export const forgetMerges = async (
  transaction: Transaction,
  personId: string,
  at: Date,
): Promise<void> => {
  const rows = transaction.rows(mergeTable);
  for (const whose of [{ personId }, { survivorId: personId }]) {
    for (const merge of await rows.find({ ...whose, undoneAt: null }, { lock: 'wait' })) {
      transaction.publish(personsUnmerged(merge, at));
      const other = { personId: merge.personId };
      await transaction.rows(personTable).update(other, { mergedInto: null });
      await transaction.rows(identifierTable).update(other, { survivorId: null });
    }
    await rows.update({ ...whose, undoneAt: null }, { undoneAt: at });
    await rows.update(whose, { why: '', undoneWhy: null });
  }
};
