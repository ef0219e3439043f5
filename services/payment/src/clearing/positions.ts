import type { Transaction } from '@caretab/store';
import {
  type CollectionRow,
  type InsurerPartRow,
  insurerPartTable,
} from '../collection/collection.table';
import { type CaptureRow, captureTable } from '../collection/order.table';
import { type SettlementRow, settlementTable } from '../collection/settlement.table';
import { type RefundRow, refundTable } from '../refund/refund.table';
import { type ClearingLineRow, clearingLineTable } from './clearing.table';
import type { VisitToClear } from './netting';

const sumOf = <Row>(rows: readonly Row[], amountOf: (row: Row) => number): number =>
  rows.reduce((sum, row) => sum + amountOf(row), 0);

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
  captures: readonly Pick<CaptureRow, 'channel' | 'way' | 'amountFen'>[],
  refunds: readonly Refunded[],
): { channel: string; heldFen: number }[] => {
  const held = new Map<string, number>();
  for (const { channel, way, amountFen } of captures)
    if (way === 'channel') held.set(channel, (held.get(channel) ?? 0) + amountFen);
  for (const { channel, amountFen, status, way } of refunds)
    if (status === 'completed' && way !== 'cash' && way !== 'transfer')
      held.set(channel, (held.get(channel) ?? 0) - amountFen);
  return [...held].map(([channel, heldFen]) => ({ channel, heldFen }));
};

/** What the institution paid back in cash, less what its counter took. */
const cashOf = (
  refunds: readonly Refunded[],
  captures: readonly Pick<CaptureRow, 'way' | 'amountFen'>[],
): number =>
  sumOf(
    refunds.filter(({ status, way }) => status === 'completed' && way === 'cash'),
    ({ amountFen }) => amountFen,
  ) -
  sumOf(
    captures.filter(({ way }) => way === 'counter'),
    ({ amountFen }) => amountFen,
  );

/** A visit as the books have it, and what clearings have taken of it. */
export interface VisitPosition {
  readonly visitId: string;
  readonly visit: VisitToClear;
  readonly cleared: readonly ClearingLineRow[];
}

/** What insurers owe by the settlements: a reversed one's parts are taken back. */
const insurersOf = (
  settlements: readonly SettlementRow[],
  parts: readonly InsurerPartRow[],
): VisitToClear['insurers'] =>
  settlements.flatMap(({ revision, kind }) =>
    parts
      .filter((part) => part.revision === revision)
      .map(({ payerId, amountFen }) => ({
        payerId,
        amountFen: kind === 'settled' ? amountFen : -amountFen,
      })),
  );

/**
 * Reads the positions of a batch of visits, row by row: what clearings took is compared with it, and
 * is made in another way (`takeVisits`).
 */
export const positionsOf = async (
  transaction: Transaction,
  visits: readonly CollectionRow[],
): Promise<VisitPosition[]> => {
  if (visits.length === 0) return [];
  const visitId = { in: visits.map((visit) => visit.visitId) };
  const settlements = groupBy(await transaction.rows(settlementTable).find({ visitId }));
  const parts = groupBy(await transaction.rows(insurerPartTable).find({ visitId }));
  const captures = groupBy(await transaction.rows(captureTable).find({ visitId }));
  const refunds = groupBy(
    await transaction.rows(refundTable).find({ visitId, status: 'completed' }),
  );
  const cleared = groupBy(await transaction.rows(clearingLineTable).find({ visitId }));
  return visits.map((visit) => {
    const of = <Row>(groups: Map<string, Row[]>): Row[] => groups.get(visit.visitId) ?? [];
    const settled = of(settlements);
    return {
      visitId: visit.visitId,
      visit: {
        institutionId: visit.institutionId,
        grossFen: sumOf(settled, ({ grossFen }) => grossFen),
        dueFen: sumOf(settled, ({ dueFen }) => dueFen),
        insurers: insurersOf(settled, of(parts)),
        channels: heldBy(of(captures), of(refunds)),
        lender: { party: visit.lenderParty, partyId: visit.lenderId },
        cashFen: cashOf(of(refunds), of(captures)),
      },
      cleared: of(cleared),
    };
  });
};
