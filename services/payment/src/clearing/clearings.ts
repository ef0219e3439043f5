import { isEverything, type Scope } from '@caretab/access';
import { message, paymentClearing } from '@caretab/contracts';
import { heldAmong } from '@caretab/host';
import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import { type Store, type Transaction, UniqueViolation } from '@caretab/store';
import { collectionTable } from '../collection/collection.table';
import type { Calendars } from '../collection/policy';
import { bookDayOf, type Recorded } from '../journal/book-day';
import { accounts, type Change, post } from '../journal/journal';
import { keepFlows } from '../payout/flows';
import { DIRECT_ONLY, type PayoutPolicy } from '../payout/payout-policy';
import { clearingLineTable, type ClearingRow, clearingTable } from './clearing.table';
import { net, partiesWithin, type PartyAmount, type WhichParty } from './netting';
import { takeVisits } from './take-visits';

export interface Clearing extends Omit<ClearingRow, 'progress' | 'reached'> {
  readonly parties: readonly PartyAmount[];
  /** Zero, but of some parties alone. */
  readonly balanceFen: number;
}

const idOf = (businessDate: string): string => `clearing-${businessDate}`;

/**
 * The clearing of a day that is cleared. Throws CLEARING_UNKNOWN (not-found), CLEARING_UNFINISHED
 * (conflict).
 */
export const clearedDay = async (
  transaction: Transaction,
  businessDate: string,
  options: { readonly lock?: 'wait' } = {},
): Promise<ClearingRow> => {
  const clearingId = idOf(businessDate);
  const clearing = await transaction.rows(clearingTable).get({ clearingId }, options);
  if (!clearing) throw new DomainError('CLEARING_UNKNOWN', 'not-found', { businessDate });
  if (clearing.progress !== null)
    throw new DomainError('CLEARING_UNFINISHED', 'conflict', {
      businessDate,
      why: 'pages of the clearing are still to come: it has no amounts yet',
      remedy: 'clear the same day again: it goes on where it stopped; then ask again',
    });
  return clearing;
};

const accountOf = ({ party, partyId }: PartyAmount): string =>
  party === 'institution'
    ? accounts.institution(partyId)
    : party === 'insurer'
      ? accounts.insurer(partyId)
      : party === 'channel'
        ? accounts.channel(partyId)
        : party === 'bank'
          ? accounts.lendingBank(partyId)
          : accounts.funder(partyId);

/**
 * Reads a day that is cleared for someone: its parties within the scopes, and of rows that are
 * someone's those alone. Throws what `clearedDay` throws.
 */
export const readWithin = async <Result>(
  store: Store,
  businessDate: string,
  scopes: readonly Scope[],
  read: (
    transaction: Transaction,
    clearing: ClearingRow,
    only?: readonly WhichParty[],
  ) => Promise<Result>,
): Promise<Result> => {
  if (isEverything(scopes))
    return store.transact(async (transaction) =>
      read(transaction, await clearedDay(transaction, businessDate)),
    );
  const clearing = await store.transact((transaction) => clearedDay(transaction, businessDate));
  const only = partiesWithin(scopes);
  return store.transact((transaction) => read(transaction, clearing, only), { within: scopes });
};

/** What the lines of a clearing come to, by party; `only`: of these, and in how many lines. */
export const partiesOf = async (
  transaction: Transaction,
  { clearingId }: Pick<ClearingRow, 'clearingId'>,
  only?: readonly WhichParty[],
): Promise<{ readonly parties: readonly PartyAmount[]; readonly lines: number }> => {
  const wanted = only?.map(({ party, partyId }) => ({ clearingId, party, partyId }));
  const rows = transaction.rows(clearingLineTable);
  const found = await Promise.all(
    (wanted ?? [{ clearingId }]).map((which) =>
      rows.group(which, { by: ['party', 'partyId'], sum: ['amountFen'] }),
    ),
  );
  const groups = found.flat();
  return {
    parties: net(groups.map(({ values, sums }) => ({ ...values, ...sums }))),
    lines: groups.reduce((sum, { count }) => sum + count, 0),
  };
};

/**
 * Clears business days: nets what institutions are owed against what insurers, channels and the
 * fund owe. One day at a time, in pages of visits: each is a transaction, which any process may
 * make. What a page takes of a visit is final; the day's amounts are there after the last page.
 */
export class Clearings {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly policy: Calendars;
      /** Visits of one page. */
      readonly pageVisits: number;
      /** What is pooled; default: nothing is. */
      readonly payouts?: PayoutPolicy;
    },
  ) {}

  /**
   * Clears everything that was booked on the day of our books or before, and that is not yet
   * cleared; a day is cleared once, the same again gives the first answer. Goes on with a clearing
   * that stopped, and ends one of another day first. Held visits are left out: the first clearing
   * after their hold takes them. Throws DAY_NOT_OVER (unprocessable).
   */
  async clear(businessDate: string): Promise<Clearing> {
    const today = bookDayOf(this.recorded());
    if (businessDate >= today)
      throw new DomainError('DAY_NOT_OVER', 'unprocessable', {
        field: '/businessDate',
        why: `the day of our books has not closed: it is ${today}`,
        remedy: 'clear a day once it is over',
      });
    while (!(await this.isCleared(businessDate))) {
      await this.begin(businessDate);
      while (await this.takePage());
    }
    return this.get(businessDate);
  }

  /**
   * What parties see of it: their own amounts and how many visits they come of. Throws
   * CLEARING_UNKNOWN (not-found), CLEARING_UNFINISHED (conflict).
   */
  get(businessDate: string, scopes: readonly Scope[] = [{}]): Promise<Clearing> {
    return readWithin(this.parts.store, businessDate, scopes, async (transaction, day, only) => {
      const { progress: _, reached: __, ...clearing } = day;
      const { parties, lines } = await partiesOf(transaction, clearing, only);
      return {
        ...clearing,
        ...(only && { visits: lines }),
        parties,
        balanceFen: parties.reduce((sum, { amountFen }) => sum + amountFen, 0),
      };
    });
  }

  /** The clearing whose pages are still to come. */
  underWay(): Promise<ClearingRow | undefined> {
    return this.parts.store.transact((transaction) =>
      transaction.rows(clearingTable).get({ progress: 'clearing' }),
    );
  }

  private recorded(): Recorded {
    const { clock, policy } = this.parts;
    return { now: clock.now(), policy };
  }

  private isCleared(businessDate: string): Promise<boolean> {
    return this.parts.store.transact(async (transaction) => {
      const clearingId = idOf(businessDate);
      return (await transaction.rows(clearingTable).get({ clearingId }))?.progress === null;
    });
  }

  /** Begins the clearing of a day, unless it has begun or that of another day is under way. */
  private async begin(businessDate: string): Promise<void> {
    const clearing: ClearingRow = {
      ...{ clearingId: idOf(businessDate), businessDate, visits: 0, payout: 'open' },
      ...{ clearedAt: this.parts.clock.now(), progress: 'clearing', reached: null },
    };
    await this.parts.store
      .transact((transaction) => transaction.rows(clearingTable).insertIfAbsent(clearing))
      .catch((error: unknown) => {
        if (!(error instanceof UniqueViolation)) throw error;
      });
  }

  /**
   * Takes the next page of the clearing that is under way; false: none is. By the day on which it
   * was booked, what moves between two pages comes before or after the whole clearing.
   */
  takePage(): Promise<boolean> {
    const { store, pageVisits } = this.parts;
    return store.transact(async (transaction) => {
      const clearing = await transaction
        .rows(clearingTable)
        .get({ progress: 'clearing' }, { lock: 'wait' });
      if (!clearing) return false;
      const { clearingId, businessDate, reached } = clearing;
      const recorded = this.recorded();
      const { rows, next } = await transaction.rows(collectionTable).pageFields(
        ['visitId'],
        { unclearedSince: { lte: businessDate } },
        {
          ...{ orderBy: 'visitId', countMax: pageVisits, lock: 'wait' },
          after:
            reached === null
              ? undefined
              : { visitId: reached, paymentId: derivedId('payment', reached) },
        },
      );
      const held = await heldAmong(
        transaction,
        rows.map(({ visitId }) => visitId),
      );
      const visits = await takeVisits(
        transaction,
        {
          visitIds: rows.map(({ visitId }) => visitId).filter((visitId) => !held.has(visitId)),
          through: businessDate,
        },
        { clearingId, bookedOn: bookDayOf(recorded) },
      );
      const taken = {
        ...clearing,
        visits: clearing.visits + visits,
        reached: next?.visitId ?? null,
      };
      await (next
        ? transaction.rows(clearingTable).save(taken)
        : this.finish(transaction, taken, recorded));
      return true;
    });
  }

  /** After the last page: the amounts of the day into pay-out, and said. */
  private async finish(
    transaction: Transaction,
    clearing: ClearingRow,
    recorded: Recorded,
  ): Promise<void> {
    const { clearingId, businessDate } = clearing;
    const clearedAt = recorded.now;
    const { parties } = await partiesOf(transaction, clearing);
    await keepFlows(transaction, clearing, this.parts.payouts ?? DIRECT_ONLY);
    const payout = parties.length === 0 ? 'done' : 'open';
    await transaction.rows(clearingTable).save({ ...clearing, payout, clearedAt, progress: null });
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
