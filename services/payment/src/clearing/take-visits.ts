import { assert } from '@caretab/kernel';
import type { SumSource, Transaction } from '@caretab/store';
import {
  type CollectionRow,
  collectionTable,
  type InsurerPartRow,
  insurerPartTable,
} from '../collection/collection.table';
import { type CaptureRow, captureTable } from '../collection/order.table';
import { type SettlementRow, settlementTable } from '../collection/settlement.table';
import { type RefundRow, refundTable } from '../refund/refund.table';
import { type ClearingLineRow, clearingLineTable } from './clearing.table';

/** Visits of a page, and the day of our books through which they are cleared. */
interface Taken {
  readonly visitIds: readonly string[];
  readonly through: string;
}

type Source<Of extends object, Beside extends object = any> = SumSource<
  ClearingLineRow,
  Of,
  Beside
>;

const visitId = { of: 'visitId' } as const;
const collection = { table: collectionTable, on: ['visitId'] } as const;
const institution = {
  visitId,
  party: { is: 'institution' },
  partyId: { beside: 'institutionId' },
} as const;
const channel = { visitId, party: { is: 'channel' }, partyId: { of: 'channel' } } as const;
/** Who waits for what is due: the fund, the bank, or the hospital itself. */
const lender = {
  visitId,
  party: { beside: 'lenderParty' },
  partyId: { beside: 'lenderId' },
} as const;
const [grossFen, dueFen, amountFen] = [
  { of: 'grossFen' },
  { of: 'dueFen' },
  { of: 'amountFen' },
] as const;

/** A reversal has its amounts with the other sign; what insurers owe by it is taken back. */
const verdictsOf = (where: {
  readonly visitId: { readonly in: readonly string[] };
  readonly bookedOn: { readonly lte: string };
}) => {
  const all: Source<SettlementRow, CollectionRow> = {
    ...{ of: settlementTable, where, beside: collection },
    adds: [
      { to: institution, amount: grossFen, sign: 1 },
      { to: lender, amount: dueFen, sign: -1 },
    ],
  };
  const parts = (
    kind: SettlementRow['kind'],
    sign: 1 | -1,
  ): Source<SettlementRow, InsurerPartRow> => ({
    ...{ of: settlementTable, where: { ...where, kind } },
    beside: { table: insurerPartTable, on: ['visitId', 'revision'] },
    adds: [
      {
        to: { visitId, party: { is: 'insurer' }, partyId: { beside: 'payerId' } },
        ...{ amount: { beside: 'amountFen' }, sign },
      },
    ],
  });
  return [all, parts('settled', -1), parts('reversed', 1)];
};

/**
 * What visits come to for each party by what was booked through a day, less what earlier clearings
 * took: as `positionOf` says it, in amounts of rows. A late payment so moves from the funder to the
 * channel, and a verdict revised after its clearing goes negative into the next one. A transfer is
 * the lender's own money: it moves nothing.
 */
const amountsOf = ({ visitIds, through }: Taken): readonly SumSource<ClearingLineRow>[] => {
  const where = { visitId: { in: visitIds }, bookedOn: { lte: through } };
  const captured = (
    way: CaptureRow['way'],
    taker: typeof channel | typeof institution,
  ): Source<CaptureRow, CollectionRow> => ({
    ...{ of: captureTable, where: { ...where, way }, beside: collection },
    adds: [
      { to: taker, amount: amountFen, sign: -1 },
      { to: lender, amount: amountFen, sign: 1 },
    ],
  });
  const paidBack: Source<RefundRow, CollectionRow> = {
    ...{ of: refundTable, beside: collection },
    where: { ...where, status: 'completed', way: { in: ['channel', 'account'] } },
    adds: [
      { to: channel, amount: amountFen, sign: 1 },
      { to: lender, amount: amountFen, sign: -1 },
    ],
  };
  const paidInCash: Source<RefundRow, CollectionRow> = {
    ...{ of: refundTable, beside: collection },
    where: { ...where, status: 'completed', way: 'cash' },
    adds: [
      { to: institution, amount: amountFen, sign: 1 },
      { to: lender, amount: amountFen, sign: -1 },
    ],
  };
  const cleared: Source<ClearingLineRow> = {
    ...{ of: clearingLineTable, where: { visitId: where.visitId } },
    adds: [
      {
        to: { visitId, party: { of: 'party' }, partyId: { of: 'partyId' } },
        ...{ amount: amountFen, sign: -1 },
      },
    ],
  };
  return [
    ...verdictsOf(where),
    captured('channel', channel),
    captured('counter', institution),
    paidBack,
    paidInCash,
    cleared,
  ];
};

/** The first day after it on which something of these visits was booked, by visit. */
const laterDaysOf = async (
  transaction: Transaction,
  { visitIds, through }: Taken,
): Promise<ReadonlyMap<string, string>> => {
  const where = { visitId: { in: visitIds }, bookedOn: { gt: through } };
  const by = { by: ['visitId', 'bookedOn'] } as const;
  const later = [
    ...(await transaction.rows(settlementTable).group(where, by)),
    ...(await transaction.rows(captureTable).group(where, by)),
    ...(await transaction.rows(refundTable).group({ ...where, status: 'completed' }, by)),
  ];
  const days = new Map<string, string>();
  for (const { values } of later) {
    const known = days.get(values.visitId);
    const day = values.bookedOn!;
    if (known === undefined || day < known) days.set(values.visitId, day);
  }
  return days;
};

/**
 * Clears visits, whose collections are locked, through a day: their lines are made in the database,
 * and what was booked later stays for a later clearing. Returns how many visits have lines. Breaks
 * unless each balances to zero.
 */
export const takeVisits = async (
  transaction: Transaction,
  taken: Taken,
  line: Pick<ClearingLineRow, 'clearingId' | 'bookedOn'>,
): Promise<number> => {
  const { visitIds } = taken;
  if (visitIds.length === 0) return 0;
  const lines = await transaction
    .rows(clearingLineTable)
    .insertSums(amountsOf(taken), { sum: 'amountFen', every: line, by: ['visitId'] });
  assert(
    lines.every(({ sums }) => sums.amountFen === 0),
    'what a visit clears balances to zero',
  );
  const later = await laterDaysOf(transaction, taken);
  for (const unclearedSince of new Set(visitIds.map((id) => later.get(id) ?? null)))
    await transaction
      .rows(collectionTable)
      .update(
        { visitId: { in: visitIds.filter((id) => (later.get(id) ?? null) === unclearedSince) } },
        { unclearedSince },
      );
  return lines.length;
};
