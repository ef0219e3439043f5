import type { Entitlement, VisitClass } from '@caretab/contracts';
import {
  dateColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  table,
  textColumn,
} from '@caretab/store';

/** The opening that waits: what its coverage is determined from. */
export interface AwaitedOpening {
  readonly visitClass: VisitClass;
  readonly startedAt: string;
  readonly eventId: string;
  readonly traceparent?: string | undefined;
}

/** What the centre says of a visit's person: forwarded by the hospital, or asked for by us. */
export interface EntitlementRow {
  readonly visitId: string;
  readonly personId: string;
  readonly institutionId: string;
  /** The first day of the visit, Asia/Shanghai. */
  readonly careDate: string;
  /** Null: no answer is known yet. */
  readonly answer: Entitlement | null;
  readonly saidBy: 'hospital' | 'centre' | null;
  /** Null before the ledger opened the visit, and once its coverage was determined. */
  readonly opening: AwaitedOpening | null;
  readonly awaitedSince: Date;
  readonly attempts: number;
  /** How the last question ended: a code. */
  readonly outcome: string | null;
  readonly nextAttemptAt: Date | null;
  readonly lease: number;
}

export const entitlementTable = table<EntitlementRow>({
  name: 'entitlement',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    personId: textColumn('person_id'),
    institutionId: textColumn('institution_id'),
    careDate: dateColumn('care_date'),
    answer: jsonColumn('answer', { nullable: true }),
    saidBy: textColumn('said_by', { nullable: true }),
    opening: jsonColumn('opening', { nullable: true }),
    awaitedSince: instantColumn('awaited_since'),
    attempts: integerColumn(),
    outcome: textColumn('outcome', { nullable: true }),
    nextAttemptAt: instantColumn('next_attempt_at', { nullable: true }),
    lease: integerColumn(),
  },
  owners: { person: 'personId', institution: 'institutionId' },
});
