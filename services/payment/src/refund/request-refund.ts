import { assert, derivedId } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { closeCases, openCase } from '../case/open-case';
import type { CollectionRow } from '../collection/collection.table';
import { captureTable } from '../collection/order.table';
import { openFen, spreadRefund } from '../collection/owed';
import { refundRefused } from '../collection/payment-events';
import { AT_THE_COUNTER, type RefundRow, refundTable } from './refund.table';

type OfRevision = Pick<CollectionRow, 'visitId' | 'revision'>;

/** The id of the n-th refund of an order, asked for at a revision; the first is 0. */
const refundIdAt = ({ visitId, revision }: OfRevision, orderId: string, count: number): string => {
  const parts = ['refund', visitId, String(revision), orderId];
  return count === 0 ? derivedId(...parts) : derivedId(...parts, String(count));
};

const refundIdOf = (row: CollectionRow, orderId: string, earlier: readonly RefundRow[]): string =>
  refundIdAt(row, orderId, earlier.filter((refund) => refund.orderId === orderId).length);

/** Refunds of one order that an id is looked for among, at each revision. */
const REFUNDS_MAX = 20;

/** Ids that refunds of an order have, at the visit's revisions so far. */
export const refundIds = ({ visitId, revision }: OfRevision, orderId: string): string[] =>
  Array.from({ length: revision }, (_, index) => index + 1).flatMap((at) =>
    Array.from({ length: REFUNDS_MAX }, (_, count) =>
      refundIdAt({ visitId, revision: at }, orderId, count),
    ),
  );

/**
 * Asks back what was captured above the due, by the orders that brought it. Returns the collection
 * as it then stands.
 */
export const requestRefund = async (
  transaction: Transaction,
  row: CollectionRow,
  now: Date,
): Promise<CollectionRow> => {
  const overFen = -openFen(row);
  if (overFen <= 0) return row;
  const captures = await transaction
    .rows(captureTable)
    .find({ visitId: row.visitId }, { orderBy: 'capturedAt', descending: true });
  const refunds = await transaction.rows(refundTable).find({ visitId: row.visitId });
  const refundable = captures.map(({ orderId, amountFen }) => ({
    orderId,
    leftFen:
      amountFen -
      refunds
        .filter((refund) => refund.orderId === orderId && refund.status !== 'void')
        .reduce((sum, refund) => sum + refund.amountFen, 0),
  }));
  const parts = spreadRefund(overFen, refundable);
  assert(
    parts.reduce((sum, { amountFen }) => sum + amountFen, 0) === overFen,
    'no more goes back than came in',
  );
  const taken = new Map(captures.map((capture) => [capture.orderId, capture]));
  const asked = parts.map(({ orderId, amountFen }): RefundRow => {
    const { channel, way } = taken.get(orderId)!;
    const asked = {
      ...freshRefund(now),
      ...{ refundId: refundIdOf(row, orderId, refunds), visitId: row.visitId },
      ...{ orderId, amountFen, channel },
    };
    return way === 'counter' ? { ...asked, ...AT_ITS_COUNTER } : asked;
  });
  await transaction.rows(refundTable).insert(...asked);
  for (const refund of asked)
    if (refund.reason === AT_THE_COUNTER) await awaitCounter(transaction, row, refund, now);
  return { ...row, refundingFen: row.refundingFen + overFen };
};

/** The hospital has the money, and gives it back: no channel is asked. */
const AT_ITS_COUNTER: Pick<RefundRow, 'status' | 'way' | 'reason' | 'nextAttemptAt'> = {
  ...({ status: 'refused', way: 'cash' } as const),
  ...{ reason: AT_THE_COUNTER, nextAttemptAt: null },
};

/** Until the counter has given it back there is a case, and who paid is informed. */
const awaitCounter = async (
  transaction: Transaction,
  row: CollectionRow,
  refund: RefundRow,
  now: Date,
): Promise<void> => {
  const { refundId, orderId, visitId, amountFen } = refund;
  const { caseId } = await openCase(
    transaction,
    {
      ...({ kind: 'refund', subjectId: refundId, visitId, amountFen } as const),
      ...{ reason: AT_THE_COUNTER, asked: { refundId, orderId, amountFen }, answered: null },
    },
    now,
  );
  transaction.publish(refundRefused(row, refund, { caseId, reason: AT_THE_COUNTER, now }));
};

/** What every refund begins with. */
export const freshRefund = (
  now: Date,
): Omit<RefundRow, 'refundId' | 'visitId' | 'orderId' | 'amountFen' | 'channel'> => ({
  status: 'due',
  way: 'channel',
  sealedToken: null,
  refusals: 0,
  inquiries: 0,
  nextAttemptAt: now,
  lease: 0,
  reference: null,
  reason: null,
  refundedAt: null,
  channelDate: null,
  isChannelDateGiven: false,
  bookedOn: null,
});

/**
 * The due has risen: money still owed back covers it first. Voids refunds that are not made and not
 * on their way, until nothing is to be collected; what is then too much is asked back again by
 * `requestRefund`. Returns the collection as it then stands.
 */
export const voidNeedless = async (
  transaction: Transaction,
  row: CollectionRow,
  now: Date,
): Promise<CollectionRow> => {
  if (openFen(row) <= 0 || row.refundingFen <= row.refundedFen) return row;
  const rows = transaction.rows(refundTable);
  const idle = await rows.find(
    { visitId: row.visitId, status: { in: ['due', 'refused'] } },
    { orderBy: 'refundId', lock: 'wait' },
  );
  let current = row;
  for (const refund of idle) {
    if (openFen(current) <= 0) break;
    await rows.save({ ...refund, status: 'void', sealedToken: null, nextAttemptAt: null });
    await closeCases(transaction, refund.refundId, { resolution: 'void', now });
    current = { ...current, refundingFen: current.refundingFen - refund.amountFen };
  }
  return requestRefund(transaction, current, now);
};
