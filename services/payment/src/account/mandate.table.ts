import { booleanColumn, integerColumn, table, textColumn } from '@caretab/store';

/** Whether a person's debit mandate was taken back, as of which of their consents. */
export interface MandateRow {
  readonly personId: string;
  readonly revoked: boolean;
  readonly consentRevision: number;
}

export const mandateTable = table<MandateRow>({
  name: 'mandate',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    revoked: booleanColumn(),
    consentRevision: integerColumn('consent_revision'),
  },
});
