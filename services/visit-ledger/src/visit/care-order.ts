import { CARE_ORDER_MS, isAfterEnd, precedes } from '@caretab/contracts';
import { conflict } from './refusals';
import { leftOf } from './returns';
import { type OpenedVisit, type OpenVisit, type RecordedCharge } from './visit-state';

/** How far a time may lie before one that it cannot precede, in ms; absent: the default. */
export interface Ordered {
  readonly orderMs?: number | undefined;
}

/** So long after its end a visit takes charges (ms). One that a rule ended takes none. */
export const afterEndMs = (
  { endedByRule }: Pick<OpenedVisit, 'endedByRule'>,
  orderMs = CARE_ORDER_MS,
): number => (endedByRule ? 0 : orderMs);

/** Throws TIME_BEFORE_START (conflict) for a report (RFC 3339) of long before its visit. */
export const assertNotBeforeStart = (
  visit: OpenedVisit,
  moment: string,
  { orderMs = CARE_ORDER_MS }: Ordered,
): void => {
  const { startedAt } = visit.opening;
  if (precedes(moment, startedAt, orderMs))
    throw conflict('TIME_BEFORE_START', visit, {
      startedAt,
      what: 'the report is of a time before the visit began; send the time at which it happened',
    });
};

/** Refused for reasons that say: it is not of this visit. */
const OF_ANOTHER = new Set(['VISIT_CLOSED', 'VISIT_CANCELLED', 'PERSON_DIFFERS']);

/**
 * Whether a charge says that its visit lasted till then: nothing that an answer of another service
 * decides counts, so that this does not depend on how fast the answer came.
 */
const isOfVisit = (visit: OpenVisit, { charge, personId, reason }: RecordedCharge): boolean =>
  !OF_ANOTHER.has(reason ?? '') &&
  (personId === undefined || personId === visit.ref.personId) &&
  (visit.endsBy === undefined || !isAfterEnd(charge.occurredAt, visit.endsBy, 0)) &&
  leftOf(visit, charge.chargeId) !== undefined;

/**
 * Throws END_BEFORE_CHARGES (conflict) for an end (RFC 3339) so long before a charge of the visit
 * that the charge would not have been taken after it.
 */
export const assertNotBeforeCharges = (
  visit: OpenVisit,
  endedAt: string,
  { orderMs = CARE_ORDER_MS }: Ordered,
): void => {
  for (const recorded of visit.charges.values()) {
    const { chargeId, occurredAt } = recorded.charge;
    if (isAfterEnd(occurredAt, endedAt, orderMs) && isOfVisit(visit, recorded))
      throw conflict('END_BEFORE_CHARGES', visit, {
        chargeId,
        what: 'the visit would end before a charge of it; correct the end, or return the charge',
      });
  }
};
