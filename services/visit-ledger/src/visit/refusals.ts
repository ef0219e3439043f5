import { DomainError, type ErrorCode } from '@caretab/kernel';
import { accountOf, type OpenedVisit, type Visit, visitIdIn } from './visit-state';

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

/**
 * What its author may say, and what cannot be all the same: by the visit's own facts, which its author
 * answers. Throws MESSAGE_IMPOSSIBLE (conflict), with the field and why.
 */
export const cannotBe = (visit: Visit, field: string, why: string): DomainError =>
  conflict('MESSAGE_IMPOSSIBLE', visit, { field, why });

/** Whose visit it is, and who answers for it, by a service that answers. */
export interface Parties {
  readonly personId?: string;
  readonly accountPersonId?: string;
}

/** Throws MESSAGE_IMPOSSIBLE (conflict) where an answer is of others than its visit. */
export const assertParties = (visit: Visit, { personId, accountPersonId }: Parties = {}): void => {
  if (visit.status === 'unknown') return;
  if (personId !== undefined && personId !== visit.ref.personId)
    throw cannotBe(visit, '/personId', 'the visit is of another person');
  if (accountPersonId !== undefined && accountPersonId !== accountOf(visit))
    throw cannotBe(visit, '/accountPersonId', 'another person answers for the visit');
};

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

/** The visit, once it was opened. Throws VISIT_UNKNOWN (not-found), VISIT_NOT_OPEN (conflict). */
export const opened = (visit: Visit): OpenedVisit => {
  if (visit.status === 'unknown' && visit.unidentified?.givenUpFor)
    throw conflict('VISIT_NOT_OPEN', visit, { what: 'the visit got no person, and was given up' });
  if (visit.status === 'unknown')
    throw new DomainError('VISIT_UNKNOWN', 'not-found', {
      what: 'the visit was never opened; send its opening, then replay',
    });
  return visit;
};
