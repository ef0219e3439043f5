import type { Scope } from '@caretab/access';
import { businessDateOf } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { Decided } from '../case/open-case';
import { decidedByTwo } from '../case/two-names';
import type { Calendars } from '../collection/policy';
import { clearingFlowTable } from '../payout/clearing-flow.table';
import { accounts, post } from '../journal/journal';
import { type ClearingRow, clearingTable, type Party } from './clearing.table';
import { clearedDay, partiesOf, readWithin } from './clearings';
import type { PartyAmount, WhichParty } from './netting';
import { type PayoutRow, payoutTable } from './payout.table';

/** The line of the bank that an operator books. */
export interface BankLine extends Decided {
  readonly party: Party;
  readonly partyId: string;
  /** Positive: paid to the party; negative: it paid in. */
  readonly amountFen: number;
  readonly bankReference: string;
  /** The bank's day, Asia/Shanghai. */
  readonly valueDate: string;
}

export interface PartyPayout extends PartyAmount {
  readonly paidFen: number;
  /** What is still in pay-out. */
  readonly openFen: number;
}

export interface ClearingPayouts {
  readonly businessDate: string;
  readonly payout: ClearingRow['payout'];
  readonly parties: readonly PartyPayout[];
  readonly lines: readonly PayoutRow[];
}

/** Bank lines of one clearing; a party may be paid in parts. */
const LINES_MAX = 10_000;

/**
 * What was cleared is in pay-out until the bank's line says that it was paid. A part leaves the rest
 * in pay-out.
 */
export class Payouts {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly policy: Calendars;
    },
  ) {}

  /** Of parties within the scopes. Throws CLEARING_UNKNOWN (not-found), CLEARING_UNFINISHED (conflict). */
  of(businessDate: string, scopes: readonly Scope[] = [{}]): Promise<ClearingPayouts> {
    return readWithin(this.parts.store, businessDate, scopes, read);
  }

  /**
   * Books a line of the bank once, decided by two people; the same line again changes nothing.
   * Throws CLEARING_UNKNOWN (not-found); CLEARING_UNFINISHED, PAYOUT_EXCEEDS, PAYOUT_CONFLICT
   * (conflict); DAY_NOT_BEGUN (unprocessable).
   */
  async book(businessDate: string, line: BankLine): Promise<ClearingPayouts> {
    const decided = decidedByTwo(line);
    const { party, partyId, amountFen, bankReference, valueDate } = line;
    const now = this.parts.clock.now();
    const today = businessDateOf(now);
    if (valueDate > today)
      throw new DomainError('DAY_NOT_BEGUN', 'unprocessable', {
        field: '/valueDate',
        why: `the day has not begun: it is ${today} in Asia/Shanghai`,
        remedy: 'book the line once the bank has made it',
      });
    return this.parts.store.transact(async (transaction) => {
      const clearing = await this.clearing(transaction, businessDate);
      const { clearingId } = clearing;
      const rows = transaction.rows(payoutTable);
      const known = await rows.get({ bankReference });
      if (known) {
        mustBeSame(known, { ...line, clearingId });
        return read(transaction, clearing);
      }
      const before = await read(transaction, clearing);
      const pooledFen =
        party === 'institution' ? await pooledOf(transaction, { clearingId, partyId }) : 0;
      const openFen = openOf(before, { party, partyId }) - pooledFen;
      if (
        amountFen === 0 ||
        Math.sign(openFen) !== Math.sign(amountFen) ||
        beyond(amountFen, openFen)
      )
        throw new DomainError('PAYOUT_EXCEEDS', 'conflict', { party, partyId, openFen, amountFen });
      await rows.insert({
        ...{ bankReference, clearingId, party, partyId, amountFen, valueDate },
        ...decided,
        bookedAt: now,
      });
      const changes = [
        { account: accounts.inPayout(party, partyId), amountFen },
        { account: accounts.bank, amountFen: -amountFen },
      ];
      await post(transaction, `payout/${bankReference}`, changes, {
        now,
        policy: this.parts.policy,
      });
      return noteOpen(transaction, clearing);
    });
  }

  /** Locked, so that two lines of one party are booked one after the other. */
  private clearing(transaction: Transaction, businessDate: string): Promise<ClearingRow> {
    return clearedDay(transaction, businessDate, { lock: 'wait' });
  }
}

/** After lines of a clearing, which is locked: whether a party still waits for one. */
export const noteOpen = async (
  transaction: Transaction,
  clearing: ClearingRow,
): Promise<ClearingPayouts> => {
  const after = await read(transaction, clearing);
  const payout = after.parties.some((one) => one.openFen !== 0) ? 'open' : 'done';
  if (payout !== clearing.payout)
    await transaction.rows(clearingTable).save({ ...clearing, payout });
  return { ...after, payout };
};

/** What instructions pay: no operator books a line of it, for the bank's report does. */
const pooledOf = async (
  transaction: Transaction,
  { clearingId, partyId }: { readonly clearingId: string; readonly partyId: string },
): Promise<number> => {
  const where = { clearingId, institutionId: partyId, way: 'pooled' as const };
  const flows = transaction.rows(clearingFlowTable);
  return (await flows.sum(where, 'amountFen')) - (await flows.sum(where, 'settledFen'));
};

/** What of a party of a clearing, which is locked, is still in pay-out. */
export const openAmountOf = async (
  transaction: Transaction,
  clearing: ClearingRow,
  which: WhichParty,
): Promise<number> => openOf(await read(transaction, clearing, [which]), which);

const read = async (
  transaction: Transaction,
  { clearingId, businessDate, payout }: ClearingRow,
  only?: readonly WhichParty[],
): Promise<ClearingPayouts> => {
  const cleared = await partiesOf(transaction, { clearingId }, only);
  const all = await transaction
    .rows(payoutTable)
    .find({ clearingId }, { orderBy: 'bookedAt', countMax: LINES_MAX });
  const isKept = payout === 'open' || all.length > 0;
  const lines = all.filter((line) => isOneOf(only, line));
  const parties = cleared.parties.map((one) => {
    const paidFen = lines
      .filter(({ party, partyId }) => party === one.party && partyId === one.partyId)
      .reduce((sum, { amountFen }) => sum + amountFen, 0);
    // A clearing of before pay-outs were kept was posted as paid.
    return { ...one, paidFen, openFen: isKept ? one.amountFen - paidFen : 0 };
  });
  return { businessDate, payout, parties, lines };
};

const isOneOf = (only: readonly WhichParty[] | undefined, line: WhichParty): boolean =>
  !only || only.some(({ party, partyId }) => party === line.party && partyId === line.partyId);

const beyond = (amountFen: number, openFen: number): boolean =>
  Math.abs(amountFen) > Math.abs(openFen);

const openOf = (
  { parties }: ClearingPayouts,
  { party, partyId }: Pick<PartyAmount, 'party' | 'partyId'>,
): number => parties.find((one) => one.party === party && one.partyId === partyId)?.openFen ?? 0;

const mustBeSame = (known: PayoutRow, line: BankLine & { readonly clearingId: string }): void => {
  const isSame = (['clearingId', 'party', 'partyId', 'amountFen', 'valueDate'] as const).every(
    (field) => known[field] === line[field],
  );
  if (!isSame)
    throw new DomainError('PAYOUT_CONFLICT', 'conflict', { bankReference: line.bankReference });
};
