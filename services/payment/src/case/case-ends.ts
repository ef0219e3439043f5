import type { Transaction } from '@caretab/store';
import { type CollectionRow, collectionTable } from '../collection/collection.table';
import { confirmedRow } from '../collection/confirmations';
import { orderTable } from '../collection/order.table';
import { refundTable } from '../refund/refund.table';
import { endReview } from '../risk/reviews';
import type { CaseResolution, CaseRow } from './case.table';

/** What ends the case of a refund. */
export const OF_REFUNDS: ReadonlySet<CaseResolution> = new Set([
  ...(['other-account', 'cash', 'transfer', 'made', 'not-made'] as const),
]);
export const OF_AN_ORDER: ReadonlySet<CaseRow['kind']> = new Set(['order', 'refund']);
/** Pay-outs, lines of the bank, differences: what has to be done is done elsewhere, and noted. */
export const OF_THE_BANK: ReadonlySet<CaseRow['kind']> = new Set([
  ...(['payout', 'bank-entry', 'difference'] as const),
]);

const OVER: ReadonlySet<string | undefined> = new Set([
  'captured',
  'declined',
  'failed',
  'completed',
  'void',
]);

/** Only of what has ended can it be said that nothing is to be done. */
export const hasEnded = async (
  transaction: Transaction,
  { kind, subjectId }: CaseRow,
): Promise<boolean> => {
  if (OF_THE_BANK.has(kind)) return true;
  const subject =
    kind === 'order'
      ? await transaction.rows(orderTable).get({ orderId: subjectId })
      : await transaction.rows(refundTable).get({ refundId: subjectId });
  return OVER.has(subject?.status);
};

/**
 * What staff found of a visit that was denied. `theirs`: it is collected · `not-theirs`: it stays
 * uncollected, and its hospital takes it back · `noted`: it was paid since. Returns why it is none of
 * these; then nothing was written.
 */
const endDispute = async (
  transaction: Transaction,
  collection: CollectionRow,
  { resolution, now }: { readonly resolution: CaseResolution; readonly now: Date },
): Promise<string | undefined> => {
  if (collection.status !== 'disputed')
    return resolution === 'noted' ? undefined : 'the visit is not disputed any more: only noted';
  if (resolution === 'theirs')
    await transaction.rows(collectionTable).save(confirmedRow(collection, now));
  else if (resolution !== 'not-theirs') return 'a disputed visit is theirs or not-theirs';
  return undefined;
};

/** A case of a visit whose collection waits for what staff decide. */
export const isWaiting = ({ kind }: CaseRow): boolean => kind === 'presence' || kind === 'risk';

/** What staff decide of a collection that waits for them; returns why it is none, as the above. */
export const endWaiting = (
  transaction: Transaction,
  collection: CollectionRow,
  { kind, ...decision }: Pick<CaseRow, 'kind'> & Parameters<typeof endDispute>[2],
): Promise<string | undefined> =>
  (kind === 'risk' ? endReview : endDispute)(transaction, collection, decision);
