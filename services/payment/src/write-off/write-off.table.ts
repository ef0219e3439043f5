import { dateColumn, fenColumn, instantColumn, table, textColumn } from '@caretab/store';

export type WriteOffReason =
  'COLLECTION_ENDED' | 'DECEASED' | 'INSOLVENT' | 'UNTRACEABLE' | 'TOO_SMALL';

/**
 * What was written off of a visit, and what of it came back: by a payment (`recovered`), or since less
 * is due (`revised`). Rows are only ever added.
 */
export interface WriteOffRow {
  readonly movementId: string;
  readonly visitId: string;
  readonly kind: 'written-off' | 'recovered' | 'revised';
  readonly amountFen: number;
  /** These four of `written-off`. */
  readonly reason: WriteOffReason | null;
  readonly evidence: string | null;
  readonly declaredBy: string | null;
  readonly approvedBy: string | null;
  /** Of `recovered`. */
  readonly orderId: string | null;
  readonly at: Date;
  readonly bookedOn: string;
}

export const writeOffTable = table<WriteOffRow>({
  name: 'write_off',
  columns: {
    movementId: textColumn('movement_id', { primary: true }),
    visitId: textColumn('visit_id'),
    kind: textColumn(),
    amountFen: fenColumn('amount_fen'),
    reason: textColumn(undefined, { nullable: true }),
    evidence: textColumn(undefined, { nullable: true }),
    declaredBy: textColumn('declared_by', { nullable: true }),
    approvedBy: textColumn('approved_by', { nullable: true }),
    orderId: textColumn('order_id', { nullable: true }),
    at: instantColumn('at'),
    bookedOn: dateColumn('booked_on'),
  },
});
