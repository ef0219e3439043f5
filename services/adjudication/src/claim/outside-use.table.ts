import type { BenefitKind } from '@caretab/benefits';
import { fenColumn, instantColumn, integerColumn, table, textColumn } from '@caretab/store';

/** What a person used of a plan outside of the platform, as one source says it; only ever added. */
export interface OutsideUseRow {
  readonly personId: string;
  readonly planId: string;
  readonly year: number;
  readonly benefit: BenefitKind;
  /** Who says it: each source says its own part, such as `centre-5206` or `opening-2026`. */
  readonly source: string;
  /** From 1; the last one counts, and takes the place of those before. */
  readonly revision: number;
  readonly deductibleFen: number;
  readonly inScopeFen: number;
  readonly fundFen: number;
  /** Of the evidence: an answer of the centre, a letter. */
  readonly reference: string;
  readonly recordedBy: string;
  readonly recordedAt: Date;
}

export const outsideUseTable = table<OutsideUseRow>({
  name: 'outside_use',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    planId: textColumn('plan_id', { primary: true }),
    year: integerColumn(undefined, { primary: true }),
    benefit: textColumn(undefined, { primary: true }),
    source: textColumn(undefined, { primary: true }),
    revision: integerColumn(undefined, { primary: true }),
    deductibleFen: fenColumn('deductible_fen'),
    inScopeFen: fenColumn('in_scope_fen'),
    fundFen: fenColumn('fund_fen'),
    reference: textColumn(),
    recordedBy: textColumn('recorded_by'),
    recordedAt: instantColumn('recorded_at'),
  },
  owners: { person: 'personId', plan: 'planId' },
});
