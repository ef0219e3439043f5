import { isEverything, type Scope } from '@caretab/access';
import { assert, DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { visitTable } from '../views/visit.table';

/**
 * Before a visit's stream is read for someone: its row is, within their scopes, since the log has no
 * rows that are someone's. Throws VISIT_UNKNOWN (not-found); so does a visit whose view is behind.
 */
export const assertWithin = async (
  store: Store | undefined,
  visitId: string,
  scopes: readonly Scope[] = [{}],
): Promise<void> => {
  if (isEverything(scopes)) return;
  assert(store, 'who reads within scopes reads the row of the visit first');
  const row = await store.transact((transaction) => transaction.rows(visitTable).get({ visitId }), {
    within: scopes,
  });
  if (!row) throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
};
