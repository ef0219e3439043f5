import type { BenefitKind } from '@caretab/benefits';
import { fenColumn, integerColumn, table, textColumn } from '@caretab/store';

/**
 * What a person has used of a plan in a year, outpatient and inpatient apart (interface 5206,
 * cuminfo).
 */
export interface AccumulatorRow {
  readonly personId: string;
  readonly planId: string;
  readonly year: number;
  readonly benefit: BenefitKind;
  readonly deductibleUsedFen: number;
  readonly inScopeUsedFen: number;
  readonly fundUsedFen: number;
}

export const accumulatorTable = table<AccumulatorRow>({
  name: 'accumulator',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    planId: textColumn('plan_id', { primary: true }),
    year: integerColumn(undefined, { primary: true }),
    benefit: textColumn(undefined, { primary: true }),
    deductibleUsedFen: fenColumn('deductible_used_fen'),
    inScopeUsedFen: fenColumn('in_scope_used_fen'),
    fundUsedFen: fenColumn('fund_used_fen'),
  },
});
