import { visitIdOf } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { type EventRow, eventTable } from './intake.table';
import type { Submission } from './submission';

/**
 * A message that names another person than the visit's would put a charge on a stranger's tab. An
 * opening is held against the charges that came before it and were not taken back. Throws
 * PERSON_DIFFERS (conflict).
 */
export const checkPerson = async (
  transaction: Transaction,
  at: {
    readonly submission: Submission;
    readonly personId: string;
    readonly start: EventRow | undefined;
  },
): Promise<void> => {
  const { submission, personId, start } = at;
  const visitId = visitIdOf(submission.institutionId, submission.visitNumber);
  const differs = (why: string, remedy: string): DomainError =>
    new DomainError('PERSON_DIFFERS', 'conflict', {
      visitId,
      field: submission.door === 'mllp' ? 'PID-3' : '/person',
      why,
      remedy,
    });
  if (start && start.personId !== personId)
    throw differs(
      'the visit began with another person',
      'check the visit number and the identifier',
    );
  if (start || !submission.facts.some(({ type }) => type === 'VisitStarted')) return;
  const before = await transaction
    .rows(eventTable)
    .group({ visitId }, { by: ['personId', 'type'], sum: [] });
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
