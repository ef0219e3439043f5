import type { VisitLender } from '@caretab/contracts';
import { instantColumn, integerColumn, jsonColumn, table, textColumn } from '@caretab/store';

/** The word of who pays about one visit: evidence once it was given. */
export interface VisitConfirmationRow {
  readonly visitId: string;
  readonly personId: string;
  /** Who pays, and is asked. */
  readonly accountPersonId: string;
  readonly state: 'awaited' | 'given' | 'denied' | 'late' | 'cancelled';
  readonly lender: VisitLender | null;
  /** The opening that waits. */
  readonly causationId: string;
  readonly traceparent: string | null;
  readonly askedAt: Date;
  readonly answerUntil: Date;
  readonly answeredAt: Date | null;
  readonly way: 'own-token' | 'notice-code' | 'code-shown' | 'desk-code' | null;
  /** Who sent the answer. */
  readonly operator: string | null;
  readonly nextAttemptAt: Date | null;
  readonly lease: number;
}

export const visitConfirmationTable = table<VisitConfirmationRow>({
  name: 'visit_confirmation',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    personId: textColumn('person_id'),
    accountPersonId: textColumn('account_person_id'),
    state: textColumn(),
    lender: jsonColumn('lender', { nullable: true }),
    causationId: textColumn('causation_id'),
    traceparent: textColumn('traceparent', { nullable: true }),
    askedAt: instantColumn('asked_at'),
    answerUntil: instantColumn('answer_until'),
    answeredAt: instantColumn('answered_at', { nullable: true }),
    way: textColumn('way', { nullable: true }),
    operator: textColumn('operator', { nullable: true }),
    nextAttemptAt: instantColumn('next_attempt_at', { nullable: true }),
    lease: integerColumn(),
  },
});
