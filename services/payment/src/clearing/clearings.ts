import { message, paymentClearing } from '@caretab/contracts';
import { heldAmong } from '@caretab/host';
import { type Clock, DomainError } from '@caretab/kernel';
import { type Store, stream, type Transaction } from '@caretab/store';
import { collectionTable } from '../collection/collection.table';
import type { Calendars } from '../collection/policy';
import { bookDayOf, type Recorded } from '../journal/book-day';
import { accounts, type Change, post } from '../journal/journal';
import {
  type ClearingLineRow,
  clearingLineTable,
  type ClearingRow,
  clearingTable,
} from './clearing.table';
import { clearingLinesOf, net, type PartyAmount } from './netting';
import { positionsOf, type VisitPosition } from './positions';

export interface Clearing extends ClearingRow {
  readonly parties: readonly PartyAmount[];
  /** Zero, always. */
  readonly balanceFen: number;
}

/** Visits of one batch of a clearing. */
const PAGE_ROWS = 500;

const accountOf = ({ party, partyId }: PartyAmount): string =>
  party === 'institution'
    ? accounts.institution(partyId)
    : party === 'insurer'
      ? accounts.insurer(partyId)
      : party === 'channel'
        ? accounts.channel(partyId)
        : accounts.funder(partyId);

const linesOf = (
  positions: readonly VisitPosition[],
  { clearingId, recorded }: { readonly clearingId: string; readonly recorded: Recorded },
): ClearingLineRow[] =>
  positions.flatMap(({ visitId, visit, cleared }) =>
    clearingLinesOf(visit, cleared).map((line) => ({
      clearingId,
      visitId,
      ...line,
      bookedOn: bookDayOf(recorded),
    })),
  );

/**
 * Clears business days: nets what institutions are owed against what insurers, channels and the
 * fund owe.
 */
export class Clearings {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly policy: Calendars;
    },
  ) {}

  /**
   * Clears everything that was booked on the day of our books or before, and that is not yet
   * cleared; a day is cleared once, the same again gives the first answer. Held visits are left out:
   * the first clearing after their hold takes them. Throws DAY_NOT_OVER (unprocessable).
   */
  async clear(businessDate: string): Promise<Clearing> {
    const { store, clock, policy } = this.parts;
    const recorded = { now: clock.now(), policy };
    const today = bookDayOf(recorded);
    if (businessDate >= today)
      throw new DomainError('DAY_NOT_OVER', 'unprocessable', {
        field: '/businessDate',
        why: `the day of our books has not closed: it is ${today}`,
        remedy: 'clear a day once it is over',
      });
    return store.transact(async (transaction) => {
      const clearing: ClearingRow = {
        clearingId: `clearing-${businessDate}`,
        businessDate,
        visits: 0,
        payout: 'open',
        clearedAt: recorded.now,
      };
      const rows = transaction.rows(clearingTable);
      if (!(await rows.insertIfAbsent(clearing))) return this.read(transaction, businessDate);
      const pending = transaction.rows(collectionTable);
      let parties: readonly PartyAmount[] = [];
      let visits = 0;
      for await (const found of stream(
        pending,
        { unclearedSince: { lte: businessDate } },
        { orderBy: 'visitId', countMax: PAGE_ROWS, lock: 'wait' },
      )) {
        const held = await heldAmong(
          transaction,
          found.map(({ visitId }) => visitId),
        );
        const batch = found.filter(({ visitId }) => !held.has(visitId));
        if (batch.length === 0) continue;
        const positions = await positionsOf(transaction, batch, businessDate);
        const lines = linesOf(positions, { clearingId: clearing.clearingId, recorded });
        await transaction.rows(clearingLineTable).insert(...lines);
        await pending.save(
          ...batch.map((visit, index) => ({
            ...visit,
            unclearedSince: positions[index]!.nextBookedOn ?? null,
          })),
        );
        parties = net([...parties, ...lines]);
        visits += new Set(lines.map(({ visitId }) => visitId)).size;
      }
      const payout = parties.length === 0 ? ('done' as const) : ('open' as const);
      const cleared = { ...clearing, visits, payout };
      await rows.save(cleared);
      await this.announce(transaction, cleared, { parties, recorded });
      return { ...cleared, parties, balanceFen: 0 };
    });
  }

  /** Throws CLEARING_UNKNOWN (not-found). */
  get(businessDate: string): Promise<Clearing> {
    return this.parts.store.transact((transaction) => this.read(transaction, businessDate));
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

  private async announce(
    transaction: Transaction,
    clearing: ClearingRow,
    { parties, recorded }: { parties: readonly PartyAmount[]; recorded: Recorded },
  ): Promise<void> {
    const { clearingId, businessDate, clearedAt } = clearing;
    // To be owed something is a credit. The clearing moves it into pay-out, where it stays until the
    // bank's line.
    const changes = parties.flatMap((party): Change[] => [
      { account: accountOf(party), amountFen: party.amountFen },
      { account: accounts.inPayout(party.party, party.partyId), amountFen: -party.amountFen },
    ]);
    await post(transaction, `clearing/${businessDate}`, changes, recorded);
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
