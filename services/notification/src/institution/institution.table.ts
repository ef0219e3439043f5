import { booleanColumn, integerColumn, table, textColumn } from '@caretab/store';

/** An institution's webhook address, and what people call it. */
export interface InstitutionRow {
  readonly institutionId: string;
  readonly webhookUrl: string | null;
  /** Null where it was registered before names were kept here. */
  readonly name: string | null;
}

export const institutionTable = table<InstitutionRow>({
  name: 'institution',
  columns: {
    institutionId: textColumn('institution_id', { primary: true }),
    webhookUrl: textColumn('webhook_url', { nullable: true }),
    name: textColumn(undefined, { nullable: true }),
  },
});

/** Whether a person has died, as of the revision: then they are sent nothing. */
export interface DeathRow {
  readonly personId: string;
  readonly died: boolean;
  readonly revision: number;
}

export const deathTable = table<DeathRow>({
  name: 'death',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    died: booleanColumn(),
    revision: integerColumn(),
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
