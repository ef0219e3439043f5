import { StreamFaulty } from '@caretab/event-store';
import { DomainError } from '@caretab/kernel';

/** Throws VISIT_SET_ASIDE (conflict) for a stream that is not whole or not ours. */
export const asSetAside =
  (visitId: string) =>
  (error: unknown): never => {
    if (!(error instanceof StreamFaulty)) throw error;
    const { kind, revision } = error.fault;
    throw new DomainError('VISIT_SET_ASIDE', 'conflict', {
      visitId,
      why: `event ${revision} of its log is ${kind}`,
      remedy: 'follow the runbook set-aside',
    });
  };
