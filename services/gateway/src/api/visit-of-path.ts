import { visitIdOf } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { withoutBraces } from '../intake/visit-number';

const NAMES_INSTITUTION = /^([A-Z0-9]{2,20})-/;

/** Whether an institution is registered under this id. */
export type IsInstitution = (institutionId: string) => Promise<boolean>;

/** Whether a visit in a path begins as if it were named in full, and not by its number alone. */
export const isComplete = (visitId: string): boolean => NAMES_INSTITUTION.test(visitId);

/**
 * The full id of the visit that a path names: with a hospital's key, a visit number alone is a
 * visit of the hospital itself. A number may hold a hyphen (`ZY0012345-2`): it counts as a full id
 * where an institution is registered under what stands before the first hyphen.
 */
export const completeVisitId = async (
  institutionId: string,
  given: string,
  isInstitution: IsInstitution,
): Promise<string> => {
  const visit = withoutBraces(given);
  const [, named] = NAMES_INSTITUTION.exec(given) ?? [];
  const isFull = named === institutionId || (named !== undefined && (await isInstitution(named)));
  return isFull ? visit : visitIdOf(institutionId, visit);
};

/** Whose visit it is. `visitId`: complete. */
export const isOf = (institutionId: string, visitId: string): boolean =>
  visitId.startsWith(`${institutionId}-`);

/**
 * The number of the visit that an institution's request changes, from the id in its path. Throws
 * WRITE_FORBIDDEN (forbidden) for another institution's visit.
 */
export const ownVisitNumber = async (
  institutionId: string,
  given: string,
  isInstitution: IsInstitution,
): Promise<string> => {
  const visitId = await completeVisitId(institutionId, given, isInstitution);
  if (!isOf(institutionId, visitId))
    throw new DomainError('WRITE_FORBIDDEN', 'forbidden', {
      visitId,
      why: 'the visit is another institution’s',
      remedy: `for a visit number of yours that begins like this, send ${institutionId}-<visit number>`,
    });
  return visitId.slice(institutionId.length + 1);
};
