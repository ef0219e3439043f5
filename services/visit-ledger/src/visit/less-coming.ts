import { patientEstimate } from '@caretab/benefits';
import { withConsequences } from './charge-decisions';
import type { VisitEvent } from './visit-events';
import type { Visit } from './visit-state';

/** What a hospital says of what is still to come of a visit. `updatedAt` is RFC 3339. */
export interface LessComing {
  /** The patient's part of the whole visit stays within so much. */
  readonly holdMaxFen?: number | undefined;
  readonly updatedAt: string;
}

/**
 * Lowers the hold to what the hospital says is enough, never below the patient's part of what is on the
 * tab. The ledger decides within it from then on, so that credit can free the rest whenever it reads of
 * it; an increase that is out counts no more. Of an open visit alone, and never by an earlier report.
 */
export const lessComing = (
  { holdMaxFen, updatedAt }: LessComing,
  visit: Visit,
): readonly VisitEvent[] => {
  if (holdMaxFen === undefined || visit.status !== 'open' || visit.withdrawnAt) return [];
  if (visit.authorization.state !== 'granted' || !visit.coverage || visit.expired) return [];
  const { holdLoweredAt } = visit;
  if (holdLoweredAt !== undefined && Date.parse(updatedAt) <= Date.parse(holdLoweredAt)) return [];
  const heldFen = Math.max(holdMaxFen, patientEstimate(visit.coverage, visit.totals));
  if (heldFen >= visit.heldFen) return [];
  return withConsequences(visit, [
    { type: 'HoldLowered', data: { ...visit.ref, heldFen, updatedAt } },
  ]);
};
