import { DomainError, type ErrorCode } from '@caretab/kernel';
import { type OpenedVisit, type Visit, visitIdIn } from './visit-state';

/** A conflict (409) of a command with the visit as it stands. */
export const conflict = (
  code: ErrorCode,
  visit: Visit,
  details: Record<string, unknown> = {},
): DomainError =>
  new DomainError(code, 'conflict', {
    visitId: visitIdIn(visit),
    status: visit.status,
    ...details,
  });

/** The visit, once it was opened. Throws VISIT_UNKNOWN (not-found). */
export const opened = (visit: Visit): OpenedVisit => {
  if (visit.status === 'unknown')
    throw new DomainError('VISIT_UNKNOWN', 'not-found', {
      what: 'the visit was never opened; send its opening, then replay',
    });
  return visit;
};
