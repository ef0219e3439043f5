import type { Resettlement } from '@caretab/contracts';
import { instantColumn, integerColumn, jsonColumn, table, textColumn } from '@caretab/store';

/** A request to settle a visit again whose charges are as they were. */
export interface ResettlementRow extends Resettlement {
  readonly visitId: string;
  readonly personId: string;
  /** The claim's last revision when it was asked. */
  readonly revision: number;
  /** What the claim to come is settled by; who asks says what it holds. */
  readonly terms: object;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  /** The revision that took it into account; null while it is open. */
  readonly settledRevision: number | null;
}

export const resettlementTable = table<ResettlementRow>({
  name: 'resettlement',
  columns: {
    requestId: textColumn('request_id', { primary: true }),
    visitId: textColumn('visit_id'),
    personId: textColumn('person_id'),
    because: textColumn(),
    revision: integerColumn(),
    terms: jsonColumn(),
    requestedBy: textColumn('requested_by'),
    requestedAt: instantColumn('requested_at'),
    settledRevision: integerColumn('settled_revision', { nullable: true }),
  },
});
