import {
  checkData,
  type ContractMessage,
  type EventData,
  type EventType,
  message,
  visitLedgerVisits,
} from '@caretab/contracts';
import type { RecordedEvent } from '@caretab/event-store';
import { DomainError } from '@caretab/kernel';
import { factOf } from './stored-facts';
import type { VisitEvent } from './visit-events';

type Public = {
  readonly [Type in EventType<typeof visitLedgerVisits>]: {
    readonly type: Type;
    readonly data: EventData<typeof visitLedgerVisits, Type>;
  };
}[EventType<typeof visitLedgerVisits>];

/** What others hear of a private fact, or undefined where it stays in the stream. */
const publicOf = ({ type, data }: VisitEvent): Public | undefined => {
  switch (type) {
    case 'VisitOpened':
      return {
        type,
        data: { ...visitOf(data), visitClass: data.visitClass, startedAt: data.startedAt },
      };
    case 'HoldIncreaseRequested':
      return {
        type,
        data: {
          ...visitOf(data),
          requestId: data.requestId,
          neededFen: data.neededFen,
          wantedFen: data.wantedFen,
        },
      };
    case 'ChargeDeferred':
      return {
        type,
        data: {
          ...visitOf(data),
          chargeId: data.charge.chargeId,
          amountFen: data.charge.amountFen,
          patientEstimateFen: data.patientEstimateFen,
        },
      };
    case 'ChargeNotDeferred':
      return {
        type,
        data: {
          visitId: data.visitId,
          institutionId: data.institutionId,
          ...(data.personId && { personId: data.personId }),
          chargeId: data.charge.chargeId,
          amountFen: data.charge.amountFen,
          reason: data.reason,
        },
      };
    case 'ChargeConflictFound':
      return {
        type,
        data: {
          visitId: data.visitId,
          institutionId: data.institutionId,
          chargeId: data.chargeId,
          recordedFen: data.recordedFen,
          conflictingFen: data.conflictingFen,
        },
      };
    case 'ChargeReturned':
      return data.personId && data.wasDeferred
        ? {
            type: 'ChargeReversed', // As the contract still calls it.
            data: {
              visitId: data.visitId,
              institutionId: data.institutionId,
              personId: data.personId,
              chargeId: data.chargeId,
              creditId: data.returnId,
              amountFen: data.amountFen,
            },
          }
        : undefined;
    case 'VisitCancelled':
      return { type, data: { ...visitOf(data), cancelledAt: data.cancelledAt } };
    case 'VisitClosed':
      return {
        type,
        data: {
          ...visitOf(data),
          visitClass: data.visitClass,
          startedAt: data.startedAt,
          closedAt: data.closedAt,
          revision: data.revision,
          grossFen: data.grossFen,
          lines: [...data.lines],
        },
      };
    case 'VisitAdjudicated':
      return {
        type,
        data: {
          ...visitOf(data),
          accountPersonId: data.accountPersonId,
          closedAt: data.closedAt,
          revision: data.revision,
          grossFen: data.grossFen,
          payers: [...data.payers],
          patientDueFen: data.patientDueFen,
        },
      };
    case 'VisitSettled':
      return {
        type,
        data: {
          ...visitOf(data),
          accountPersonId: data.accountPersonId,
          revision: data.revision,
          patientDueFen: data.patientDueFen,
          paidFen: data.paidFen,
          refundedFen: data.refundedFen,
          settledAt: data.settledAt,
        },
      };
    case 'PaymentMissed':
      return {
        type,
        data: {
          ...visitOf(data),
          accountPersonId: data.accountPersonId,
          owedFen: data.owedFen,
          reason: data.reason,
        },
      };
    default:
      return undefined;
  }
};

/**
 * Whether others can be told of a fact as the contract has it. A fact that is recorded and cannot
 * be told would hold up every visit behind it for ever. Throws FACT_UNTELLABLE (conflict), naming
 * the fields.
 */
export const assertTellable = (fact: VisitEvent): void => {
  const told = publicOf(fact);
  if (!told) return;
  try {
    checkData(visitLedgerVisits, told.type, told.data);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError('FACT_UNTELLABLE', 'conflict', {
      ...error.details,
      visitId: told.data.visitId,
    });
  }
};

const visitOf = ({
  visitId,
  institutionId,
  personId,
}: {
  visitId: string;
  institutionId: string;
  personId: string;
}): { visitId: string; institutionId: string; personId: string } => ({
  visitId,
  institutionId,
  personId,
});

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
    time: event.recordedAt,
    source: 'visit-ledger',
    causedBy: causationId ? { id: causationId, traceparent } : undefined,
  });
};
