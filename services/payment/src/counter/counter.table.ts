import { fenColumn, instantColumn, integerColumn, table, textColumn } from '@caretab/store';

/** A cashier's shift at a counter of an institution: money goes through an open one alone. */
export interface ShiftRow {
  readonly institutionId: string;
  readonly shiftId: string;
  /** Who opened it, as their credential names them. */
  readonly cashierId: string;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  /** Cash in the drawer at the close, as it was counted. */
  readonly countedFen: number | null;
  /** Receipts so far: makes their numbers. */
  readonly receipts: number;
}

export const shiftTable = table<ShiftRow>({
  name: 'counter_shift',
  columns: {
    institutionId: textColumn('institution_id', { primary: true }),
    shiftId: textColumn('shift_id', { primary: true }),
    cashierId: textColumn('cashier_id'),
    openedAt: instantColumn('opened_at'),
    closedAt: instantColumn('closed_at', { nullable: true }),
    countedFen: fenColumn('counted_fen', { nullable: true }),
    receipts: integerColumn(),
  },
  owners: { institution: 'institutionId' },
});

/** By what money changes hands at a counter. */
export const COUNTER_WAYS = ['cash', 'pos', 'code'] as const;
export type CounterWay = (typeof COUNTER_WAYS)[number];

/** Money that was taken or given back at a counter, once for each till's own reference. */
export interface ReceiptRow {
  readonly receiptNumber: string;
  readonly institutionId: string;
  readonly shiftId: string;
  readonly tillReference: string;
  readonly kind: 'payment' | 'return';
  readonly visitId: string;
  /** Of a payment its order, of a return its refund. */
  readonly subjectId: string;
  readonly amountFen: number;
  readonly way: CounterWay;
  readonly at: Date;
}

export const receiptTable = table<ReceiptRow>({
  name: 'counter_receipt',
  columns: {
    receiptNumber: textColumn('receipt_number', { primary: true }),
    institutionId: textColumn('institution_id'),
    shiftId: textColumn('shift_id'),
    tillReference: textColumn('till_reference'),
    kind: textColumn(),
    visitId: textColumn('visit_id'),
    subjectId: textColumn('subject_id'),
    amountFen: fenColumn('amount_fen'),
    way: textColumn(),
    at: instantColumn(),
  },
  owners: { institution: 'institutionId' },
});
