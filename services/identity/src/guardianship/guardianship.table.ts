import type {
  ConsentRule,
  GuardianshipBasis,
  GuardianshipEnd,
  GuardianshipEvidence,
} from '@caretab/contracts';
import { booleanColumn, dateColumn, instantColumn, table, textColumn } from '@caretab/store';

/** Who acts for whom, until when and by what evidence; at most two at a time. */
export interface GuardianshipRow {
  readonly guardianshipId: string;
  /** The ward. */
  readonly personId: string;
  readonly guardianId: string;
  /**
   * agnter_rlts: 1 spouse, 2 child, 4 grandchild, 5 parent, 6 grandparent, 7 sibling, 8 other
   * relative, 9 none.
   */
  readonly relation: string;
  /** The first answers for a child with the line; both act for the ward. */
  readonly rank: 'first' | 'second';
  /** `minor` ends at 18 by itself; `incapacity` was decided by a court, and goes on. */
  readonly basis: GuardianshipBasis;
  /** The first day (YYYY-MM-DD) on which it holds no more. */
  readonly until: string | null;
  /** The same in all that are in force for a ward. */
  readonly consentRule: ConsentRule;
  /** Null: appointed by a release, or a client, that asked for no evidence. */
  readonly evidenceKind: GuardianshipEvidence['kind'] | null;
  readonly evidenceReference: string | null;
  /** Published as one of an adult: no other service has the ward on the guardian's line. */
  readonly ofAdult: boolean;
  /**
   * From this day on the job looks whether it ends: `until`, or the first day of the month in which
   * the ward comes of age, so that no birthday stands here. Null: nothing ends it by itself.
   */
  readonly lookOn: string | null;
  readonly appointedAt: Date;
  readonly approvedBy: string | null;
  readonly endedAt: Date | null;
  readonly endedBecause: GuardianshipEnd | 'REPLACED' | null;
  /** Who revoked it, why, and by what evidence. */
  readonly endedWhy: string | null;
  readonly endedBy: string | null;
}

export const guardianshipTable = table<GuardianshipRow>({
  name: 'guardianship',
  columns: {
    guardianshipId: textColumn('guardianship_id', { primary: true }),
    personId: textColumn('person_id'),
    guardianId: textColumn('guardian_id'),
    relation: textColumn(),
    rank: textColumn(),
    basis: textColumn(),
    until: dateColumn('until_day', { nullable: true }),
    consentRule: textColumn('consent_rule'),
    evidenceKind: textColumn('evidence_kind', { nullable: true }),
    evidenceReference: textColumn('evidence_reference', { nullable: true }),
    ofAdult: booleanColumn('of_adult'),
    lookOn: dateColumn('look_on', { nullable: true }),
    appointedAt: instantColumn('appointed_at'),
    approvedBy: textColumn('approved_by', { nullable: true }),
    endedAt: instantColumn('ended_at', { nullable: true }),
    endedBecause: textColumn('ended_because', { nullable: true }),
    endedWhy: textColumn('ended_why', { nullable: true }),
    endedBy: textColumn('ended_by', { nullable: true }),
  },
});
