import type { Erasure } from '@caretab/contracts';
import type { Store } from '@caretab/store';
import { assertNotMerged, mergedInto } from '../merge/standing';
import type { Erasures } from './erasures';

/**
 * Erases a person and who is merged into them: they are one human being. Of each is asked first what
 * stands in the way; the survivor is the last. Throws as `Erasures.request`, and PERSON_MERGED
 * (conflict) of who is merged.
 */
export const eraseAll = async (
  { store, erasures }: { readonly store: Store; readonly erasures: Erasures },
  personId: string,
  approvedBy?: string,
): Promise<Erasure> => {
  const merged = await store.transact(async (transaction) => {
    await assertNotMerged(transaction, personId);
    return mergedInto(transaction, personId);
  });
  if (merged.length > 0)
    for (const each of [personId, ...merged]) await erasures.assertErasable(each);
  for (const each of merged) await erasures.request(each, approvedBy);
  return erasures.request(personId, approvedBy);
};
