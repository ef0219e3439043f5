import { visitIdOf } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Group } from '@caretab/store';
import type { EventRow } from './intake.table';
import { isOpening } from './opened-visits';
import type { Door, Submission } from './submission';

const FIELDS: Readonly<Record<Door, string>> = {
  mllp: 'PID-3',
  http: '/person',
  bus: '/personId',
};

/** Reports of a visit by person and type. */
export type ReportsBefore = readonly Group<EventRow, 'visitId' | 'personId' | 'type', never>[];

/**
 * A message that names another person than the visit's would put a charge on a stranger's tab. An
 * opening is held against the charges that came before it and were not taken back. Throws
 * PERSON_DIFFERS (conflict).
 */
export const checkPerson = ({
  submission,
  personId,
  start,
  before,
}: {
  readonly submission: Submission;
  readonly personId: string;
  readonly start: EventRow | undefined;
  /** Of a visit that is opened, what came before. */
  readonly before: ReportsBefore;
}): void => {
  const visitId = visitIdOf(submission.institutionId, submission.visitNumber);
  const differs = (why: string, remedy: string): DomainError =>
    new DomainError('PERSON_DIFFERS', 'conflict', {
      visitId,
      field: FIELDS[submission.door],
      why,
      remedy,
    });
  if (start && start.personId !== personId)
    throw differs(
      'the visit began with another person',
      'check the visit number and the identifier',
    );
  if (start || !isOpening(submission)) return;
  const counted = (...types: readonly string[]): number =>
    before
      .filter(({ values }) => types.includes(values.type))
      .filter(({ values }) => values.personId !== null && values.personId !== personId)
      .reduce((sum, { count }) => sum + count, 0);
  if (counted('ChargePosted') > counted('ChargeReturned', 'ChargeCredited'))
    throw differs(
      'charges of another person came before this opening',
      'check the visit number and the identifier; take wrong charges back before the opening',
    );
};
