import type { CollectionRow, CollectionStatus } from './collection.table';

type Amounts = Pick<CollectionRow, 'dueFen' | 'lenderParty' | 'capturedFen' | 'refundingFen'>;

/** What of the due a bank lends: it is owed to the bank, and never collected here. */
export const lentFen = ({
  lenderParty,
  dueFen,
}: Pick<Amounts, 'lenderParty' | 'dueFen'>): number => (lenderParty === 'bank' ? dueFen : 0);

/**
 * What is still to be collected; negative when more was captured than is due and not yet asked
 * back.
 */
export const openFen = (row: Amounts): number =>
  row.dueFen - lentFen(row) - row.capturedFen + row.refundingFen;

/** What is collected of it unasked: what is written off is paid by the citizen's own wish alone. */
export const collectibleFen = (row: Amounts & Pick<CollectionRow, 'writtenOffFen'>): number =>
  openFen(row) - row.writtenOffFen;

/** The status of a collection of which nothing is to be collected. */
export const evenStatus = (
  row: Amounts & Pick<CollectionRow, 'refundedFen' | 'writtenOffFen'>,
): CollectionStatus => {
  if (openFen(row) > 0 && row.writtenOffFen > 0) return 'written-off';
  if (row.refundingFen > row.refundedFen) return 'refund-owed';
  return lentFen(row) > 0 ? 'lent' : 'paid';
};

/**
 * How a refund is spread over captures: the newest first, never above what is left of each. Breaks
 * when more goes back than came.
 */
export const spreadRefund = (
  amountFen: number,
  refundable: readonly { readonly orderId: string; readonly leftFen: number }[],
): { orderId: string; amountFen: number }[] => {
  let leftFen = amountFen;
  return refundable.flatMap(({ orderId, leftFen: refundableFen }) => {
    const partFen = Math.min(leftFen, refundableFen);
    leftFen -= partFen;
    return partFen > 0 ? [{ orderId, amountFen: partFen }] : [];
  });
};

/** When an unplanned attempt is due: a citizen does not wait, whatever the clock says. */
export const AT_ONCE = new Date(0);

/** A visit that is held is looked at again after so long. */
const HELD_LOOK_MS = 60_000;

/** A collection or refund of a held visit: it waits as it is. */
export const postponed = <Row extends { readonly nextAttemptAt: Date | null }>(
  row: Row,
  now: Date,
): Row => ({ ...row, nextAttemptAt: new Date(now.getTime() + HELD_LOOK_MS) });

/** Whether the citizen offered an account for the next attempt. */
export const isOffered = ({
  offeredToken,
  offeredChannel,
}: Pick<CollectionRow, 'offeredToken' | 'offeredChannel'>): boolean =>
  offeredToken !== null && offeredChannel !== null;
