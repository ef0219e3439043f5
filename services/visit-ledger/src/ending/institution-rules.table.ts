import { integerColumn, table, textColumn } from '@caretab/store';
import type { EndRules } from './end-rules';

/** What an institution's interface profile says of ends; null: the default. */
export interface InstitutionRulesRow {
  readonly institutionId: string;
  readonly graceMs: number | null;
  readonly lateCharge: EndRules['lateCharge'] | null;
  readonly outpatientEnd: EndRules['outpatientEnd'] | null;
  readonly emergencyEnd: EndRules['emergencyEnd'] | null;
}

export const institutionRulesTable = table<InstitutionRulesRow>({
  name: 'institution_rules',
  columns: {
    institutionId: textColumn('institution_id', { primary: true }),
    graceMs: integerColumn('grace_ms', { nullable: true }),
    lateCharge: textColumn('late_charge', { nullable: true }),
    outpatientEnd: textColumn('outpatient_end', { nullable: true }),
    emergencyEnd: textColumn('emergency_end', { nullable: true }),
  },
});
