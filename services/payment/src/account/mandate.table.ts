import { booleanColumn, integerColumn, table, textColumn } from '@caretab/store';

/** Whether a person's debit mandate was taken back, as of which of their consents; or they died. */
export interface MandateRow {
  readonly personId: string;
  readonly revoked: boolean;
  readonly consentRevision: number;
  /** They have died, as of the revision: no mandate holds any more. */
  readonly died: boolean;
  readonly deathRevision: number;
}

/** What is known of a person at first. */
export const freshMandate = (personId: string): MandateRow => ({
  ...{ personId, revoked: false, consentRevision: 0, died: false, deathRevision: 0 },
});

export const mandateTable = table<MandateRow>({
  name: 'mandate',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    revoked: booleanColumn(),
    consentRevision: integerColumn('consent_revision'),
    died: booleanColumn(),
    deathRevision: integerColumn('death_revision'),
  },
});
