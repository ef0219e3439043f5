import { DAY_MS, type VisitStanding } from '@caretab/contracts';
import type { StandingRows } from '@caretab/host';
import type { Transaction } from '@caretab/store';
import { net, type PartyAmount, positionOf } from '../clearing/netting';
import { positionsOf, type VisitPosition } from '../clearing/positions';
import {
  type CollectionRow,
  collectionTable,
  insurerPartTable,
} from '../collection/collection.table';
import { paymentIdOf } from '../collection/collection-rows';
import { captureTable } from '../collection/order.table';
import { refundTable } from '../refund/refund.table';

/** Sums of rows by visit, of those that count. */
const sumsOf = <Row extends { readonly visitId: string; readonly amountFen: number }>(
  rows: readonly Row[],
): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const { visitId, amountFen } of rows)
    sums.set(visitId, (sums.get(visitId) ?? 0) + amountFen);
  return sums;
};

/**
 * What payment knows of visits, from the rows that say it: money by captures and refunds, not by the
 * sums that a collection keeps of them.
 */
const linesOf = async (
  transaction: Transaction,
  visits: readonly CollectionRow[],
): Promise<VisitStanding[]> => {
  const visitId = { in: visits.map((visit) => visit.visitId) };
  const parts = await transaction.rows(insurerPartTable).find({ visitId });
  const paid = sumsOf(await transaction.rows(captureTable).find({ visitId }));
  const refunded = sumsOf(
    await transaction.rows(refundTable).find({ visitId, status: 'completed' }),
  );
  return visits.map((visit) => ({
    visitId: visit.visitId,
    revision: visit.revision,
    dueFen: visit.dueFen,
    payers: parts
      .filter((part) => part.visitId === visit.visitId && part.revision === visit.revision)
      .map(({ payerId, amountFen }) => ({ payerId, amountFen })),
    paidFen: paid.get(visit.visitId) ?? 0,
    refundedFen: refunded.get(visit.visitId) ?? 0,
  }));
};

type Lines = (
  transaction: Transaction,
  visits: readonly CollectionRow[],
) => Promise<readonly VisitStanding[]>;

/** Lines of the collections of a day, as `of` reads them. */
const byDay = (of: Lines): StandingRows => ({
  page: async (transaction, { day, after, countMax }) => {
    const { rows, next } = await transaction.rows(collectionTable).page(
      { closedDate: day },
      {
        orderBy: 'visitId',
        countMax,
        after: after === undefined ? undefined : { visitId: after, paymentId: paymentIdOf(after) },
      },
    );
    return { lines: rows.length === 0 ? [] : await of(transaction, rows), next: next?.visitId };
  },
  earlier: async (transaction, day) => {
    const dayBefore = new Date(Date.parse(day) - DAY_MS).toISOString().slice(0, 10);
    const [last] = await transaction
      .rows(collectionTable)
      .find(
        { closedDate: { lte: dayBefore } },
        { orderBy: 'closedDate', descending: true, countMax: 1 },
      );
    return last?.closedDate;
  },
});

/** Payment's visits as it compares them with the ledger's. */
export const paymentLines = byDay(linesOf);

/** A visit in clearing: what each party is owed or owes stands in the place of payers. */
const clearedLine = (visitId: string, amounts: readonly PartyAmount[]): VisitStanding => ({
  visitId,
  revision: 0,
  dueFen: 0,
  payers: amounts.map(({ party, partyId, amountFen }) => ({
    payerId: `${party} ${partyId}`,
    amountFen,
  })),
  paidFen: 0,
  refundedFen: 0,
});

/** Visits that were cleared and have not changed since, by what `amountsOf` says of them. */
const cleared = (amountsOf: (position: VisitPosition) => readonly PartyAmount[]): StandingRows =>
  byDay(async (transaction, visits) => {
    const done = visits.filter(({ unclearedSince }) => unclearedSince === null);
    const positions = await positionsOf(transaction, done);
    return positions.map((position) => clearedLine(position.visitId, amountsOf(position)));
  });

/** What the books say that a cleared visit comes to, and what its clearings say. */
export const positionLines = cleared(({ visit }) => positionOf(visit));
export const clearingLines = cleared(({ cleared: lines }) => net(lines));
