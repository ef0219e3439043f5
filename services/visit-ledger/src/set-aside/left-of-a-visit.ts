import type { RecordedEvent } from '@caretab/event-store';
import { assert, DomainError, InvariantViolation } from '@caretab/kernel';
import { factOf } from '../visit/stored-facts';
import type { VisitEvent } from '../visit/visit-events';
import { evolve } from '../visit/visit-evolve';
import { initialVisit } from '../visit/visit-state';
import { STREAM_RETIRED } from '../visit/visit-streams';

/** What may come before the opening of its visit. */
const BEFORE_OPENING: ReadonlySet<string> = new Set<VisitEvent['type']>([
  'ChargeWaiting',
  'ChargeConflictFound',
  'ReturnWaiting',
  'ChargeReturned',
  'SubmissionWaiting',
  'SubmissionApplied',
  'SubmissionRejected',
  'HolderContradicted',
  'ChargeNotDeferred',
  'UnidentifiedVisitOpened',
  'UnidentifiedVisitGivenUp',
  'PatientProposed',
  'PatientDenied',
  'PatientIdentified',
]);

/**
 * What is left of a stream must be a visit: without its opening no command could follow, and no view
 * could be rebuilt. `leavesOut`: revisions. Throws FACTS_LEFT_OUT (conflict).
 */
export const assertWhole = (
  visitId: string,
  left: readonly RecordedEvent[],
  leavesOut: readonly number[],
): void => {
  try {
    const facts = left.filter(({ type }) => type !== STREAM_RETIRED).map(factOf);
    const opening = facts.findIndex(({ type }) => type === 'VisitOpened');
    const before = opening === -1 ? facts : facts.slice(0, opening);
    assert(
      before.every(({ type }) => BEFORE_OPENING.has(type)),
      'a visit begins with its opening, or with what waits for it',
    );
    facts.reduce(evolve, initialVisit);
  } catch (error) {
    if (!(error instanceof InvariantViolation)) throw error;
    throw new DomainError('FACTS_LEFT_OUT', 'conflict', {
      visitId,
      leavesOut: [...leavesOut],
      remedy: 'what is left is no visit: restore the missing events from a backup',
    });
  }
};
