import type { InterfaceProfile } from '@caretab/contracts';
import { instantColumn, jsonColumn, table, textColumn } from '@caretab/store';

export type HospitalLevel = 'level-3' | 'level-2' | 'community';

export interface InstitutionRow {
  readonly institutionId: string;
  readonly name: string;
  readonly level: HospitalLevel;
  readonly webhookUrl: string | null;
  /** MSH-4 of its HL7 messages; one institution per facility. */
  readonly facility: string | null;
  /** How it speaks, where it differs from what holds for all. */
  readonly interface: InterfaceProfile;
  readonly registeredAt: Date;
}

export const institutionTable = table<InstitutionRow>({
  name: 'institution',
  columns: {
    institutionId: textColumn('institution_id', { primary: true }),
    name: textColumn(),
    level: textColumn(),
    webhookUrl: textColumn('webhook_url', { nullable: true }),
    facility: textColumn('facility', { nullable: true }),
    interface: jsonColumn('interface'),
    registeredAt: instantColumn('registered_at'),
  },
  uniques: [['facility']],
});
