import { dateColumn, fenColumn, instantColumn, table, textColumn } from '@caretab/store';
import { ownedByParty, type Party } from './clearing.table';

/** A line of the bank by which a cleared party was paid (positive) or paid in (negative). */
export interface PayoutRow {
  readonly bankReference: string;
  readonly clearingId: string;
  readonly party: Party;
  readonly partyId: string;
  readonly amountFen: number;
  readonly valueDate: string;
  readonly declaredBy: string;
  readonly approvedBy: string;
  readonly evidence: string;
  readonly bookedAt: Date;
}

export const payoutTable = table<PayoutRow>({
  name: 'payout',
  columns: {
    bankReference: textColumn('bank_reference', { primary: true }),
    clearingId: textColumn('clearing_id'),
    party: textColumn(),
    partyId: textColumn('party_id'),
    amountFen: fenColumn('amount_fen'),
    valueDate: dateColumn('value_date'),
    declaredBy: textColumn('declared_by'),
    approvedBy: textColumn('approved_by'),
    evidence: textColumn(),
    bookedAt: instantColumn('booked_at'),
  },
  owners: ownedByParty,
});
