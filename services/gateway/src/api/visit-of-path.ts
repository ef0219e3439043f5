import { isWithin, type Scope } from '@caretab/access';
import { visitIdOf } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { withoutBraces } from '../intake/visit-number';
import { oneInstitution } from './institution.guard';

const NAMES_INSTITUTION = /^([A-Z0-9]{2,20})-/;

/** Whether an institution is registered under this id. */
export type IsInstitution = (institutionId: string) => Promise<boolean>;

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

/**
 * The full id of the visit that a caller may read. Throws READ_FORBIDDEN (forbidden) for another
 * institution's, and REQUEST_INVALID (invalid) for a visit number from one who is of no institution.
 */
export const readableVisit = async (
  scopes: readonly Scope[],
  given: string,
  isInstitution: IsInstitution,
): Promise<string> => {
  const own = oneInstitution(scopes);
  const [, named] = NAMES_INSTITUTION.exec(given) ?? [];
  if (own === undefined && named === undefined)
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      field: '/visitId',
      why: 'it names no institution, and the request has no key of a hospital',
      remedy: 'send <institution id>-<visit number>',
    });
  const visitId =
    own === undefined ? withoutBraces(given) : await completeVisitId(own, given, isInstitution);
  const institution = own !== undefined && isOf(own, visitId) ? own : named;
  if (isWithin(scopes, { institution })) return visitId;
  throw new DomainError('READ_FORBIDDEN', 'forbidden', {
    visitId,
    why: 'the visit is another institution’s',
  });
};
