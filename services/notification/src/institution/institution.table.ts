import { table, textColumn } from '@caretab/store';

/** The webhook address of an institution. */
export interface InstitutionRow {
  readonly institutionId: string;
  readonly webhookUrl: string | null;
}

export const institutionTable = table<InstitutionRow>({
  name: 'institution',
  columns: {
    institutionId: textColumn('institution_id', { primary: true }),
    webhookUrl: textColumn('webhook_url', { nullable: true }),
  },
});

/** The recipient in a child's place. */
export interface GuardianRow {
  readonly personId: string;
  readonly guardianId: string;
}

export const guardianTable = table<GuardianRow>({
  name: 'guardian',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    guardianId: textColumn('guardian_id'),
  },
});
