import type { Coverage, PlanFacts } from '@caretab/contracts';
import { dateColumn, instantColumn, jsonColumn, table, textColumn } from '@caretab/store';

/** A plan that the visit's person belonged to on its first day. */
export interface Entitlement {
  readonly planId: string;
  readonly psnType: string;
  /** Of a plan that is a document: since when and until when, and what it says of the person. */
  readonly from?: string;
  readonly to?: string | null;
  readonly facts?: PlanFacts;
}

/**
 * Which plans may pay for a visit, decided once, at its opening; also the lock for everything that
 * is settled of it.
 */
export interface CoverageRow {
  readonly visitId: string;
  readonly personId: string;
  readonly institutionId: string;
  readonly careDate: string;
  readonly entitlements: readonly Entitlement[];
  /** What was published to the ledger. */
  readonly snapshot: Coverage;
  readonly determinedAt: Date;
  /** The day of the visit's end, once it was adjudicated; of earlier releases' claims null. */
  readonly closedDate: string | null;
}

export const coverageTable = table<CoverageRow>({
  name: 'coverage',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    personId: textColumn('person_id'),
    institutionId: textColumn('institution_id'),
    careDate: dateColumn('care_date'),
    entitlements: jsonColumn(),
    snapshot: jsonColumn(),
    determinedAt: instantColumn('determined_at'),
    closedDate: dateColumn('closed_date', { nullable: true }),
  },
});
