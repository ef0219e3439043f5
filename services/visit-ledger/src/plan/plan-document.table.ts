import { table, textColumn } from '@caretab/store';

/** A plan or a coordination file that adjudication published; what is under a version never changes. */
export interface PlanDocumentRow {
  readonly version: string;
  readonly kind: 'plan' | 'coordination';
  /** JSON. */
  readonly file: string;
}

export const planDocumentTable = table<PlanDocumentRow>({
  name: 'plan_document',
  columns: {
    version: textColumn(undefined, { primary: true }),
    kind: textColumn(),
    file: textColumn(),
  },
});
