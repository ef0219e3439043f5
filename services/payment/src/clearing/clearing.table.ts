import {
  dateColumn,
  fenColumn,
  instantColumn,
  integerColumn,
  table,
  textColumn,
} from '@caretab/store';

export interface ClearingRow {
  readonly clearingId: string;
  readonly businessDate: string;
  readonly visits: number;
  /** `open`: a party waits for its line of the bank. */
  readonly payout: 'open' | 'done';
  /** While it is under way, when it began. */
  readonly clearedAt: Date;
  /** Set while pages are still to come, in one clearing at a time; null: the day is cleared. */
  readonly progress: 'clearing' | null;
  /** The last visit of the last page; null: there was none yet, or the day is cleared. */
  readonly reached: string | null;
}

export const clearingTable = table<ClearingRow>({
  name: 'clearing',
  columns: {
    clearingId: textColumn('clearing_id', { primary: true }),
    businessDate: dateColumn('business_date'),
    visits: integerColumn(),
    payout: textColumn(),
    clearedAt: instantColumn('cleared_at'),
    progress: textColumn(undefined, { nullable: true }),
    reached: textColumn(undefined, { nullable: true }),
  },
  uniques: [['progress']],
});

export type Party = 'institution' | 'insurer' | 'channel' | 'funder' | 'bank';

/** A hospital's are its own, and an insurer's. */
export const ownedByParty = {
  institution: { field: 'partyId', where: 'party', is: 'institution' },
  payer: { field: 'partyId', where: 'party', is: 'insurer' },
} as const;

/**
 * What one visit changed for one party in one clearing: positive is owed to it, negative owed by
 * it.
 */
export interface ClearingLineRow {
  readonly clearingId: string;
  readonly visitId: string;
  readonly party: Party;
  readonly partyId: string;
  readonly amountFen: number;
  /** The day of our books on which it was cleared; the day that it clears is its clearing's. */
  readonly bookedOn: string;
}

export const clearingLineTable = table<ClearingLineRow>({
  name: 'clearing_line',
  columns: {
    clearingId: textColumn('clearing_id', { primary: true }),
    visitId: textColumn('visit_id', { primary: true }),
    party: textColumn(undefined, { primary: true }),
    partyId: textColumn('party_id', { primary: true }),
    amountFen: fenColumn('amount_fen'),
    bookedOn: dateColumn('booked_on'),
  },
  owners: ownedByParty,
});
