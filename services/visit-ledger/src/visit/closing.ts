import type { FactOf, VisitEvent } from './visit-events';
import { claimLinesOf, type EndedVisit, type OpenedVisit, type OpenVisit } from './visit-state';

/** The cancellation of a visit: nothing of it is owed any more. */
export const cancelling = (visit: OpenVisit, cancelledAt: string): VisitEvent => ({
  type: 'VisitCancelled',
  data: { ...visit.ref, cancelledAt, grossFen: visit.totals.grossFen },
});

const closing = (
  visit: OpenedVisit,
  closedAt: string,
  revision: number,
): FactOf<'VisitClosed'> => ({
  type: 'VisitClosed',
  data: {
    ...visit.ref,
    visitClass: visit.opening.visitClass,
    startedAt: visit.opening.startedAt,
    closedAt,
    revision,
    grossFen: visit.totals.grossFen,
    lines: claimLinesOf(visit),
  },
});

/** The closing of an ended visit once more, under the next revision, after a return. */
export const closingAgain = (visit: EndedVisit): FactOf<'VisitClosed'> =>
  closing(visit, visit.closedAt, visit.revision + 1);

/**
 * Nothing waits any more: an ended visit closes once its grace time is over, and one whose cancellation was reported is
 * cancelled, once all is answered.
 */
export const closeIfDone = (visit: OpenVisit): readonly VisitEvent[] => {
  const answered =
    visit.authorization.state === 'declined' ||
    (visit.authorization.state === 'granted' && visit.coverage !== undefined);
  if (!answered) return [];
  if (visit.withdrawnAt) return [cancelling(visit, visit.withdrawnAt)];
  if (!visit.endedAt || visit.graceUntil) return [];
  return [closing(visit, visit.endedAt, 1)];
};
