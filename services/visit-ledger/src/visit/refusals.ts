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

/** Whose visit it is by the report, where the report says so. */
export interface OfPerson {
  readonly personId?: string | undefined;
}

/**
 * Holds a report against the person of its visit: another one's charge would land on a stranger's
 * tab. A report that names no person is held against nothing. Throws PERSON_DIFFERS (conflict).
 */
export const assertSamePerson = (visit: Visit, { personId }: OfPerson): void => {
  if (visit.status === 'unknown' || personId === undefined || personId === visit.ref.personId)
    return;
  throw conflict('PERSON_DIFFERS', visit, {
    what: 'the report names another person than the visit; check visit number and identifier',
  });
};

/** The visit, once it was opened. Throws VISIT_UNKNOWN (not-found). */
export const opened = (visit: Visit): OpenedVisit => {
  if (visit.status === 'unknown')
    throw new DomainError('VISIT_UNKNOWN', 'not-found', {
      what: 'the visit was never opened; send its opening, then replay',
    });
  return visit;
};
