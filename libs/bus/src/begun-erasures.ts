import { cannotBe, type ErasedPerson } from '@caretab/contracts';
import { table, textColumn, type Transaction } from '@caretab/store';

interface BegunErasureRow {
  readonly personId: string;
  readonly erasureId: string;
}

/** Erasures that identity has begun and not ended. */
export const begunErasureTable = table<BegunErasureRow>({
  name: 'begun_erasure',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    erasureId: textColumn('erasure_id'),
  },
});

/** ErasureBegun: without it nothing of the person is destroyed. */
export const erasureBegun = (
  transaction: Transaction,
  { data: { personId, erasureId } }: { readonly data: BegunErasureRow },
): Promise<void> => transaction.rows(begunErasureTable).save({ personId, erasureId });

/**
 * PersonalDataDestroyed: `forget` destroys what there is of the person. Throws MESSAGE_IMPOSSIBLE
 * (conflict) where the erasure was not begun: that comes before, by the same key.
 */
export const erasureEnded = async <Event extends ErasedPerson & { readonly type: string }>(
  transaction: Transaction,
  event: Event,
  forget: (event: Event, transaction: Transaction) => Promise<unknown>,
): Promise<void> => {
  const { personId, erasureId } = event.data;
  const rows = transaction.rows(begunErasureTable);
  const begun = await rows.get({ personId }, { lock: 'wait' });
  if (!begun || begun.erasureId !== erasureId)
    throw cannotBe(event, '/erasureId', 'no such erasure of the person was begun');
  await rows.delete({ personId });
  await forget(event, transaction);
};
