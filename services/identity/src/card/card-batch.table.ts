import type { CardBatchStatus, CardMedium } from '@caretab/contracts';
import { booleanColumn, instantColumn, integerColumn, table, textColumn } from '@caretab/store';

/** Cards that a city applies for together, a province reviews and a maker produces. */
export interface CardBatchRow {
  readonly batchId: string;
  readonly status: CardBatchStatus;
  readonly medium: CardMedium;
  readonly child: boolean;
  readonly cards: number;
  readonly submittedBy: string;
  readonly submittedAt: Date;
  readonly reviewedBy: string | null;
  readonly reviewedAt: Date | null;
  readonly why: string | null;
  /** The maker's own name of it, once it was approved. */
  readonly productionBatch: string | null;
  readonly producedAt: Date | null;
}

export const cardBatchTable = table<CardBatchRow>({
  name: 'card_batch',
  columns: {
    batchId: textColumn('batch_id', { primary: true }),
    status: textColumn(),
    medium: textColumn(),
    child: booleanColumn(),
    cards: integerColumn(),
    submittedBy: textColumn('submitted_by'),
    submittedAt: instantColumn('submitted_at'),
    reviewedBy: textColumn('reviewed_by', { nullable: true }),
    reviewedAt: instantColumn('reviewed_at', { nullable: true }),
    why: textColumn('why', { nullable: true }),
    productionBatch: textColumn('production_batch', { nullable: true }),
    producedAt: instantColumn('produced_at', { nullable: true }),
  },
});

export interface CardBatchPersonRow {
  readonly batchId: string;
  readonly personId: string;
}

export const cardBatchPersonTable = table<CardBatchPersonRow>({
  name: 'card_batch_person',
  columns: {
    batchId: textColumn('batch_id', { primary: true }),
    personId: textColumn('person_id', { primary: true }),
  },
});
