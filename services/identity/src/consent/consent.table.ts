import type { ConsentPurpose } from '@caretab/contracts';
import { booleanColumn, instantColumn, table, textColumn } from '@caretab/store';

/** Evidence, only ever added: the database refuses a change. */
export interface ConsentRow {
  readonly consentId: string;
  readonly personId: string;
  /** The guardian of a ward; else the person. */
  readonly byPersonId: string;
  readonly purpose: ConsentPurpose;
  /** false: taken back. */
  readonly given: boolean;
  /** Another guardian has yet to agree: by itself it is in force for nothing. */
  readonly awaits: boolean;
  readonly version: string;
  readonly language: 'zh' | 'en';
  readonly hash: string;
  readonly channel: string;
  readonly institutionId: string | null;
  /** Who recorded it: a citizen by their own token, a kiosk, or staff. */
  readonly operator: string;
  readonly evidence: string;
  readonly at: Date;
}

export const consentTable = table<ConsentRow>({
  name: 'consent',
  columns: {
    consentId: textColumn('consent_id', { primary: true }),
    personId: textColumn('person_id'),
    byPersonId: textColumn('by_person_id'),
    purpose: textColumn(),
    given: booleanColumn(),
    awaits: booleanColumn(),
    version: textColumn(),
    language: textColumn(),
    hash: textColumn(),
    channel: textColumn(),
    institutionId: textColumn('institution_id', { nullable: true }),
    operator: textColumn(),
    evidence: textColumn(),
    at: instantColumn('at'),
  },
  owners: { person: 'personId' },
});
