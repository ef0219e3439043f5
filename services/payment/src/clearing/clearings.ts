import { businessDateOf, message, paymentClearing } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import { type Store, stream, type Transaction } from '@caretab/store';
import {
  type CollectionRow,
  collectionTable,
  insurerPartTable,
} from '../collection/collection.table';
import { captureTable } from '../collection/order.table';
import { accounts, type Change, post } from '../journal/journal';
import { type RefundRow, refundTable } from '../refund/refund.table';
import {
  type ClearingLineRow,
  clearingLineTable,
  type ClearingRow,
  clearingTable,
} from './clearing.table';
import { clearingLinesOf, net, type PartyAmount } from './netting';

export interface Clearing extends ClearingRow {
  readonly parties: readonly PartyAmount[];
  /** Zero, always. */
  readonly balanceFen: number;
}

/** Visits of one batch of a clearing. */
const PAGE_ROWS = 500;

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

const accountOf = ({ party, partyId }: PartyAmount): string =>
  party === 'institution'
    ? accounts.institution(partyId)
    : party === 'insurer'
      ? accounts.insurer(partyId)
      : party === 'channel'
        ? accounts.channel(partyId)
        : accounts.funder(partyId);

/**
 * Clears business days: nets what institutions are owed against what insurers, channels and the
 * fund owe.
 */
export class Clearings {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  /**
   * Clears everything adjudicated whose visit closed on or before the day (Asia/Shanghai) and that
   * is not yet cleared; a day is cleared once, the same again gives the first answer. Throws
   * DAY_NOT_OVER (unprocessable).
   */
  async clear(businessDate: string): Promise<Clearing> {
    const today = businessDateOf(this.clock.now());
    if (businessDate >= today)
      throw new DomainError('DAY_NOT_OVER', 'unprocessable', {
        field: '/businessDate',
        why: `the day has not ended: it is ${today} in Asia/Shanghai`,
        remedy: 'clear a day once it is over',
      });
    return this.store.transact(async (transaction) => {
      const clearing: ClearingRow = {
        clearingId: `clearing-${businessDate}`,
        businessDate,
        visits: 0,
        clearedAt: this.clock.now(),
      };
      const rows = transaction.rows(clearingTable);
      if (!(await rows.insertIfAbsent(clearing))) return this.read(transaction, businessDate);
      const pending = transaction.rows(collectionTable);
      let parties: readonly PartyAmount[] = [];
      let visits = 0;
      for await (const batch of stream(
        pending,
        { clearing: 'pending', closedDate: { lte: businessDate } },
        { orderBy: 'visitId', countMax: PAGE_ROWS, lock: 'wait' },
      )) {
        const lines = await this.clearingLines(transaction, clearing, batch);
        await transaction.rows(clearingLineTable).insert(...lines);
        await pending.save(...batch.map((visit) => ({ ...visit, clearing: 'done' as const })));
        parties = net([...parties, ...lines]);
        visits += new Set(lines.map(({ visitId }) => visitId)).size;
      }
      const cleared = { ...clearing, visits };
      await rows.save(cleared);
      await this.announce(transaction, cleared, parties);
      return { ...cleared, parties, balanceFen: 0 };
    });
  }

  /** Throws CLEARING_UNKNOWN (not-found). */
  get(businessDate: string): Promise<Clearing> {
    return this.store.transact((transaction) => this.read(transaction, businessDate));
  }

  private async read(transaction: Transaction, businessDate: string): Promise<Clearing> {
    const clearingId = `clearing-${businessDate}`;
    const clearing = await transaction.rows(clearingTable).get({ clearingId });
    if (!clearing) throw new DomainError('CLEARING_UNKNOWN', 'not-found', { businessDate });
    const groups = await transaction
      .rows(clearingLineTable)
      .group({ clearingId }, { by: ['party', 'partyId'], sum: ['amountFen'] });
    const parties = net(groups.map(({ values, sums }) => ({ ...values, ...sums })));
    return {
      ...clearing,
      parties,
      balanceFen: parties.reduce((sum, { amountFen }) => sum + amountFen, 0),
    };
  }

  private async clearingLines(
    transaction: Transaction,
    { clearingId }: ClearingRow,
    visits: readonly CollectionRow[],
  ): Promise<ClearingLineRow[]> {
    const visitId = { in: visits.map((visit) => visit.visitId) };
    const parts = groupBy(await transaction.rows(insurerPartTable).find({ visitId }));
    const captures = groupBy(await transaction.rows(captureTable).find({ visitId }));
    const refunds = groupBy(await transaction.rows(refundTable).find({ visitId }));
    const cleared = groupBy(await transaction.rows(clearingLineTable).find({ visitId }));
    return visits.flatMap((visit) => {
      const of = <Row>(groups: Map<string, Row[]>): Row[] => groups.get(visit.visitId) ?? [];
      const insurers = of(parts).filter(({ revision }) => revision === visit.revision);
      const lines = clearingLinesOf(
        {
          ...visit,
          insurers,
          channels: heldBy(of(captures), of(refunds)),
          cashFen: cashOf(of(refunds)),
        },
        of(cleared),
      );
      return lines.map((line) => ({ clearingId, visitId: visit.visitId, ...line }));
    });
  }

  private async announce(
    transaction: Transaction,
    clearing: ClearingRow,
    parties: readonly PartyAmount[],
  ): Promise<void> {
    const { clearingId, businessDate, clearedAt } = clearing;
    // To be owed something is a credit; paying it out is a debit of the same account, so the
    // clearing turns every balance over.
    const changes = parties.map((party): Change => ({
      account: accountOf(party),
      amountFen: party.amountFen,
    }));
    await post(transaction, `clearing/${businessDate}`, changes, clearedAt);
    transaction.publish(
      message(
        paymentClearing,
        'DayCleared',
        {
          clearingId,
          businessDate,
          clearedAt: clearedAt.toISOString(),
          parties: parties.map(({ party, partyId, amountFen }) => ({
            party,
            partyId,
            netFen: amountFen,
          })),
        },
        { id: `DayCleared-${businessDate}`, time: clearedAt, source: 'payment' },
      ),
    );
  }
}
