import { visitIdOf } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';

const NAMES_INSTITUTION = /^[A-Z0-9]{2,20}-/;

/** Whether a visit in a path is named in full, and not by its number alone. */
export const isComplete = (visitId: string): boolean => NAMES_INSTITUTION.test(visitId);

/**
 * The full id of the visit that a path names: with a hospital's key, a visit number alone is a
 * visit of the hospital itself. A visit number never holds a hyphen, so the two never collide.
 */
export const completeVisitId = (institutionId: string, visitId: string): string =>
  isComplete(visitId) ? visitId : visitIdOf(institutionId, visitId);

/** Whose visit it is. `visitId`: complete. */
export const isOf = (institutionId: string, visitId: string): boolean =>
  visitId.startsWith(`${institutionId}-`);

/**
 * The number of the visit that an institution's request changes, from the id in its path. Throws
 * WRITE_FORBIDDEN (forbidden) for another institution's visit.
 */
export const ownVisitNumber = (institutionId: string, given: string): string => {
  const visitId = completeVisitId(institutionId, given);
  if (!isOf(institutionId, visitId))
    throw new DomainError('WRITE_FORBIDDEN', 'forbidden', {
      visitId,
      why: 'the visit is another institution’s',
    });
  return visitId.slice(institutionId.length + 1);
};
