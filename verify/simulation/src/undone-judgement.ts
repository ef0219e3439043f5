import type { JudgedRun } from './judged-run';
import { rejectionsOf, waitingOf } from './submission-judgement';
import { must } from './violation';

/** So long a report waits for what it refers to. */
const LIMIT_MS = 3 * 24 * 3_600_000;

/**
 * A visit that its hospital cancelled is cancelled, unless the hospital learned why not. A reopening
 * is rejected for an end that did not come only after its limit, or for one later than itself. Throws
 * Violation.
 */
export const undoneAsSaid = (court: JudgedRun): void => {
  const { plan, people, watch, world } = court;
  const rejections = rejectionsOf(court);
  const waiting = waitingOf(court);
  for (const visit of plan.visits) {
    const visitId = people.visitIdOf(visit);
    const tab = watch.book.tabs.get(visitId);
    if (!tab || people.turnedAway.has(visit)) continue;
    const said = people.acceptedOf(visit);
    for (const action of said) {
      const submissionId = people.submissionIdOf(visit, action);
      const reason = rejections.get(submissionId);
      const seen = (): object => ({
        ...{ visitId, kind: action.kind, at: action.at, reason },
        ...{ status: tab.status, endedAt: tab.endedAt },
      });
      if (action.kind === 'cancel' && !reason && !waiting.has(submissionId))
        must(tab.status === 'cancelled', 'ends', seen);
      if (action.kind !== 'reopen' || reason !== 'VISIT_NOT_ENDED') continue;
      const isLimitOver = world.scheduler.nowMs - Date.parse(action.at) >= LIMIT_MS;
      const isLater = said.some(
        ({ kind, at }) => kind === 'end' && Date.parse(at) > Date.parse(action.at),
      );
      must(isLimitOver || isLater || tab.wasEndedByRule || tab.expired, 'ends', seen);
    }
  }
};
