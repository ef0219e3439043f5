import { FUND } from '@caretab/contracts';
import type { Store } from '@caretab/store';
import fc from 'fast-check';
import {
  type CollectionRow,
  collectionTable,
  insurerPartTable,
} from '../src/collection/collection.table';
import { captureTable, orderTable } from '../src/collection/order.table';
import { settlementTable } from '../src/collection/settlement.table';
import { type RefundRow, refundTable } from '../src/refund/refund.table';

const AT = new Date('2026-03-01T08:00:00Z');
const fen = fc.integer({ min: 1, max: 10_000 });

/** What is booked of one visit on one day; its amounts are of no visit that is collected. */
const booked = fc.record({
  visitId: fc.constantFrom<string>('H1-1', 'H1-2', 'H2-1'),
  verdict: fc.option(
    fc.record({
      dueFen: fen,
      payers: fc.uniqueArray(fc.constantFrom('employee', 'resident', 'commercial')),
      partFen: fen,
    }),
  ),
  captures: fc.array(
    fc.record({ channel: fc.constantFrom('unionpay', 'alipay'), amountFen: fen }),
    { maxLength: 2 },
  ),
  refunds: fc.array(
    fc.record({
      ...{ channel: fc.constantFrom('unionpay', 'alipay'), amountFen: fen },
      way: fc.constantFrom<RefundRow['way']>('channel', 'account', 'cash', 'transfer'),
      status: fc.constantFrom<RefundRow['status']>('completed', 'refused'),
    }),
    { maxLength: 2 },
  ),
});

/** What is booked on each of some days. */
export const bookedDays = (days: number) =>
  fc.array(fc.uniqueArray(booked, { selector: ({ visitId }) => visitId }), {
    minLength: days,
    maxLength: days,
  });

/** What is booked on one day. */
type Booked = typeof booked extends fc.Arbitrary<infer Visit> ? Visit : never;

const collection = (visitId: string): CollectionRow => ({
  ...{ paymentId: `payment-${visitId}`, visitId, accountPersonId: 'p-1' },
  ...{ institutionId: visitId.split('-')[0]!, closedAt: AT, closedDate: '2026-03-01' },
  ...{ revision: 0, verdict: '{}', grossFen: 0, dueFen: 0, capturedFen: 0, refundingFen: 0 },
  ...{
    refundedFen: 0,
    writtenOffFen: 0,
    reviewedFen: 0,
    status: 'paid',
    attempts: 0,
    orders: 0,
    orderId: null,
    inquiries: 0,
  },
  ...{ nextAttemptAt: null, lease: 0, declineReason: null, offeredChannel: null },
  ...{
    offeredToken: null,
    unclearedSince: null,
    ...{ presence: null, confirmation: null },
    // At the second hospital the hospital itself waits.
    ...(visitId.startsWith('H2')
      ? ({ lenderParty: 'institution', lenderId: 'H2' } as const)
      : ({ lenderParty: 'funder', lenderId: FUND } as const)),
    causationId: 'test',
    traceparent: null,
  },
});

/** Books one day of visits after another, as rows. */
export const booksOf = (store: Store) => {
  let number = 0;
  /** The order that a visit was captured by first. */
  const firstOrders = new Map<string, string>();
  return (bookedOn: string, visits: readonly Booked[]): Promise<void> =>
    store.transact(async (transaction) => {
      const rows = transaction.rows.bind(transaction);
      // Rows are written in the order of their tables' first use: a refund after its capture.
      rows(orderTable);
      rows(captureTable);
      rows(refundTable);
      for (const { visitId, verdict, captures, refunds } of visits) {
        const known = await rows(collectionTable).get({ visitId }, { lock: 'wait' });
        const before = known ?? collection(visitId);
        const revision = before.revision + (verdict ? 1 : 0);
        const moves = verdict !== null || captures.length > 0 || refunds.length > 0;
        const unclearedSince = before.unclearedSince ?? (moves ? bookedOn : null);
        if (verdict) {
          const { dueFen, payers, partFen } = verdict;
          const grossFen = dueFen + payers.length * partFen;
          const [last] = await rows(settlementTable).find(
            { visitId, kind: 'settled' },
            { orderBy: 'revision', descending: true, countMax: 1 },
          );
          if (last)
            await rows(settlementTable).insert({
              ...{ ...last, kind: 'reversed', bookedOn },
              ...{ grossFen: -last.grossFen, dueFen: -last.dueFen },
            });
          await rows(settlementTable).insert({
            ...{ visitId, revision, kind: 'settled', grossFen, dueFen, bookedOn },
            insurerSettledAt: null,
          });
          for (const payerId of payers)
            await rows(insurerPartTable).insert({ visitId, payerId, revision, amountFen: partFen });
        }
        await rows(collectionTable).save({ ...before, revision, unclearedSince });
        const capture = async (channel: string, amountFen: number): Promise<string> => {
          const orderId = `order-${(number += 1)}`;
          await rows(orderTable).insert({
            ...{
              orderId,
              visitId,
              attempt: 1,
              amountFen,
              channel,
              accountId: null,
              sealedToken: null,
            },
            ...{ status: 'captured', reason: null, startedAt: AT, endedAt: AT, inquiries: 0 },
            ...{ nextAttemptAt: null, lease: 0 },
          });
          await rows(captureTable).insert({
            ...{ orderId, visitId, amountFen, channel, reference: orderId, capturedAt: AT },
            ...{
              channelDate: bookedOn,
              isChannelDateGiven: false,
              way: 'channel' as const,
              bookedOn,
            },
          });
          if (!firstOrders.has(visitId)) firstOrders.set(visitId, orderId);
          return orderId;
        };
        for (const { channel, amountFen } of captures) await capture(channel, amountFen);
        for (const { channel, amountFen, way, status } of refunds) {
          // On a later day than the capture's it is all that moves.
          const orderId = firstOrders.get(visitId) ?? (await capture(channel, amountFen));
          await rows(refundTable).insert({
            orderId,
            ...{ refundId: `refund-${(number += 1)}`, visitId, amountFen, channel, way },
            ...{ status, sealedToken: null, refusals: 0, inquiries: 0 },
            ...{ nextAttemptAt: null, lease: 0, reference: null, reason: null, refundedAt: AT },
            ...{ channelDate: bookedOn, isChannelDateGiven: false },
            bookedOn: status === 'completed' ? bookedOn : null,
          });
        }
      }
    });
};
