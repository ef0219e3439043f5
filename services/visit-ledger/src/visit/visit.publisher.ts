import { checkData, type ContractMessage, message, visitLedgerVisits } from '@caretab/contracts';
import type { RecordedEvent } from '@caretab/event-store';
import { DomainError } from '@caretab/kernel';
import { publicOf } from './public-events';
import { factOf, recordedAtOf } from './stored-facts';
import type { VisitEvent } from './visit-events';

/**
 * Checks a fact against the contract before it is recorded: once recorded, a fact that cannot be
 * published would block the publication of every fact behind it. Throws EVENT_VIOLATES_CONTRACT
 * (conflict) with the fields at fault.
 */
export const assertPublishable = (fact: VisitEvent): void => {
  const published = publicOf(fact);
  if (!published) return;
  try {
    checkData(visitLedgerVisits, published.type, published.data);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError('EVENT_VIOLATES_CONTRACT', 'conflict', {
      ...error.details,
      visitId: published.data.visitId,
    });
  }
};

/**
 * Translates a recorded fact into the contract's message. The fact's id is the message's: published
 * twice, it is handled once.
 */
export const publicMessage = (event: RecordedEvent): ContractMessage | undefined => {
  const fact = publicOf(factOf(event));
  if (!fact) return undefined;
  const { causationId, traceparent } = event.metadata;
  return message(visitLedgerVisits, fact.type, fact.data as never, {
    id: event.id,
    time: recordedAtOf(event),
    source: 'visit-ledger',
    causedBy: causationId ? { id: causationId, traceparent } : undefined,
  });
};
