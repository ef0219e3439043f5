import type { HospitalLevel } from '@caretab/benefits';
import { table, textColumn } from '@caretab/store';

/**
 * What adjudication knows of an institution: its level decides deductible, rates and price limits.
 */
export interface InstitutionLevelRow {
  readonly institutionId: string;
  readonly level: HospitalLevel;
}

export const institutionLevelTable = table<InstitutionLevelRow>({
  name: 'institution_level',
  columns: { institutionId: textColumn('institution_id', { primary: true }), level: textColumn() },
});
