import type { ConsentPurpose } from '@caretab/contracts';
import {
  booleanColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  table,
  textColumn,
} from '@caretab/store';

export interface EnrolmentRow {
  readonly personId: string;
  /** The person's own, or the guardian's for a child. */
  readonly accountPersonId: string;
  /** Whose account it is on but for a merge, which has it on the survivor's; null: that one. */
  readonly mergedPersonId: string | null;
  /** `ending`: no new visit, and closed once nothing is held or owed. */
  readonly status: 'open' | 'ending' | 'closed';
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  /** By which activation, or who of the staff; null: before this was kept. */
  readonly openedBy: string | null;
}

export const enrolmentTable = table<EnrolmentRow>({
  name: 'enrolment',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    accountPersonId: textColumn('account_person_id'),
    mergedPersonId: textColumn('merged_person_id', { nullable: true }),
    status: textColumn(),
    openedAt: instantColumn('opened_at'),
    closedAt: instantColumn('closed_at', { nullable: true }),
    openedBy: textColumn('opened_by', { nullable: true }),
  },
  owners: { person: 'personId' },
});

/** What credit knows of a person: no personal data. */
export interface SubjectRow {
  readonly personId: string;
  readonly minor: boolean;
  readonly guardianId: string | null;
  /** Who was a guardian before, the latest last: visits of then are still borne by them. */
  readonly guardiansBefore: readonly string[];
  /** Closed for an erasure: the service is not opened again before the person is forgotten. */
  readonly erasing: boolean;
  /** They were forgotten: nothing but the id is left, so that a call that comes late changes nothing. */
  readonly erased: boolean;
  /** Purposes whose consent the person took back, as of the revision. */
  readonly revoked: readonly ConsentPurpose[];
  readonly consentRevision: number;
  /** Whether they ever agreed to the query of their score, by an activation. */
  readonly scoreConsent: boolean;
  /** Whether their consent to a bank is in force. */
  readonly bankConsent: boolean;
  /** They have died, as of the revision. */
  readonly died: boolean;
  readonly deathRevision: number;
}

export const subjectTable = table<SubjectRow>({
  name: 'subject',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    minor: booleanColumn(),
    guardianId: textColumn('guardian_id', { nullable: true }),
    guardiansBefore: jsonColumn('guardians_before'),
    erasing: booleanColumn(),
    erased: booleanColumn(),
    revoked: jsonColumn(),
    consentRevision: integerColumn('consent_revision'),
    scoreConsent: booleanColumn('score_consent'),
    bankConsent: booleanColumn('bank_consent'),
    died: booleanColumn(),
    deathRevision: integerColumn('death_revision'),
  },
});

/** What credit knows of a person at first. */
export const freshSubject = (personId: string): SubjectRow => ({
  personId,
  minor: false,
  guardianId: null,
  guardiansBefore: [],
  erasing: false,
  erased: false,
  revoked: [],
  consentRevision: 0,
  scoreConsent: false,
  bankConsent: false,
  died: false,
  deathRevision: 0,
});
