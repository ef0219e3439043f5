import type { Transaction } from '@caretab/store';
import { type CollectionRow, insurerPartTable } from '../collection/collection.table';
import { captureTable } from '../collection/order.table';
import { type RefundRow, refundTable } from '../refund/refund.table';
import { type ClearingLineRow, clearingLineTable } from './clearing.table';
import type { VisitToClear } from './netting';

const groupBy = <Row extends { readonly visitId: string }>(
  rows: readonly Row[],
): Map<string, Row[]> => {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.visitId, [...(groups.get(row.visitId) ?? []), row]);
  return groups;
};

type Refunded = Pick<RefundRow, 'channel' | 'status' | 'way' | 'amountFen'>;

/** The channels of a visit and what each holds: captured less refunded. */
const heldBy = (
  captures: readonly { channel: string; amountFen: number }[],
  refunds: readonly Refunded[],
): { channel: string; heldFen: number }[] => {
  const held = new Map<string, number>();
  for (const { channel, amountFen } of captures)
    held.set(channel, (held.get(channel) ?? 0) + amountFen);
  for (const { channel, amountFen, status, way } of refunds)
    if (status === 'completed' && way !== 'cash' && way !== 'transfer')
      held.set(channel, (held.get(channel) ?? 0) - amountFen);
  return [...held].map(([channel, heldFen]) => ({ channel, heldFen }));
};

/** What the institution paid back in cash. */
const cashOf = (refunds: readonly Refunded[]): number =>
  refunds
    .filter(({ status, way }) => status === 'completed' && way === 'cash')
    .reduce((sum, { amountFen }) => sum + amountFen, 0);

/** A visit as the books have it, and what clearings have taken of it. */
export interface VisitPosition {
  readonly visitId: string;
  readonly visit: VisitToClear;
  readonly cleared: readonly ClearingLineRow[];
}

/** Reads the positions of a batch of visits. */
export const positionsOf = async (
  transaction: Transaction,
  visits: readonly CollectionRow[],
): Promise<VisitPosition[]> => {
  if (visits.length === 0) return [];
  const visitId = { in: visits.map((visit) => visit.visitId) };
  const parts = groupBy(await transaction.rows(insurerPartTable).find({ visitId }));
  const captures = groupBy(await transaction.rows(captureTable).find({ visitId }));
  const refunds = groupBy(await transaction.rows(refundTable).find({ visitId }));
  const cleared = groupBy(await transaction.rows(clearingLineTable).find({ visitId }));
  return visits.map((visit) => {
    const of = <Row>(groups: Map<string, Row[]>): Row[] => groups.get(visit.visitId) ?? [];
    return {
      visitId: visit.visitId,
      visit: {
        ...visit,
        insurers: of(parts).filter(({ revision }) => revision === visit.revision),
        channels: heldBy(of(captures), of(refunds)),
        cashFen: cashOf(of(refunds)),
      },
      cleared: of(cleared),
    };
  });
};
