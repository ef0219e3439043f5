import {
  dateColumn,
  fenColumn,
  instantColumn,
  integerColumn,
  table,
  textColumn,
} from '@caretab/store';
import type { BankReport } from './bank';

/** A report of the bank that was read whole. */
export interface BankReportRow {
  readonly reportId: string;
  readonly kind: BankReport['kind'];
  /** In the order of reading. */
  readonly number: number;
  readonly entries: number;
  /** Why it was read no further; null: it was read to its end. */
  readonly refused: string | null;
  readonly readAt: Date;
}

export const bankReportTable = table<BankReportRow>({
  name: 'bank_report',
  columns: {
    reportId: textColumn('report_id', { primary: true }),
    kind: textColumn(),
    number: integerColumn(),
    entries: integerColumn(),
    refused: textColumn(undefined, { nullable: true }),
    readAt: instantColumn('read_at'),
  },
  uniques: [['number']],
});

/**
 * What a movement of an account was found to be. `paid` and `returned`: of an instruction ·
 * `remitted`: a source paid in · `direct`: a source paid a hospital's own account · `unmatched`: a
 * case.
 */
export type EntryMeaning = 'paid' | 'returned' | 'remitted' | 'direct' | 'unmatched';

/** A booked movement of the settlement account, or of a hospital's, once. */
export interface BankEntryRow {
  readonly entryId: string;
  readonly reportId: string;
  readonly reference: string;
  /** Whose account; null: the settlement account. */
  readonly institutionId: string | null;
  readonly amountFen: number | null;
  readonly valueDate: string | null;
  readonly endToEndId: string | null;
  readonly meaning: EntryMeaning;
  /** Why nothing fits it. */
  readonly reason: string | null;
  readonly readAt: Date;
}

export const bankEntryTable = table<BankEntryRow>({
  name: 'bank_entry',
  columns: {
    entryId: textColumn('entry_id', { primary: true }),
    reportId: textColumn('report_id'),
    reference: textColumn(),
    institutionId: textColumn('institution_id', { nullable: true }),
    amountFen: fenColumn('amount_fen', { nullable: true }),
    valueDate: dateColumn('value_date', { nullable: true }),
    endToEndId: textColumn('end_to_end_id', { nullable: true }),
    meaning: textColumn(),
    reason: textColumn(undefined, { nullable: true }),
    readAt: instantColumn('read_at'),
  },
});
