import type { FUND_FAULTS } from '@caretab/contracts';
import { fenColumn, instantColumn, integerColumn, table, textColumn } from '@caretab/store';
import { claimFlagTable } from '../check/claim-flag.table';

/** One step of a flag's review. It is only ever added to. */
export interface ReviewStepRow {
  readonly flagId: string;
  /** From 1. */
  readonly number: number;
  readonly what: 'taken' | 'cleared' | 'confirmed';
  readonly by: string;
  readonly approvedBy: string | null;
  readonly at: Date;
  readonly reason: (typeof FUND_FAULTS)[number] | null;
  readonly amountFen: number | null;
  readonly evidence: string | null;
  readonly note: string | null;
}

export const reviewStepTable = table<ReviewStepRow>({
  name: 'review_step',
  columns: {
    flagId: textColumn('flag_id', { primary: true }),
    number: integerColumn(undefined, { primary: true }),
    what: textColumn(),
    by: textColumn(),
    approvedBy: textColumn('approved_by', { nullable: true }),
    at: instantColumn(),
    reason: textColumn('reason', { nullable: true }),
    amountFen: fenColumn('amount_fen', { nullable: true }),
    evidence: textColumn('evidence', { nullable: true }),
    note: textColumn('note', { nullable: true }),
  },
  hangsOn: { table: claimFlagTable, by: ['flagId'] },
});
