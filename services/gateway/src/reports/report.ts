import {
  type ContractEvent,
  type EventType,
  type hospitalReports,
  type hospitalVisitEvents,
  visitIdOf,
} from '@caretab/contracts';
import type { ReceivedMessage } from '@caretab/bus';
import { DomainError } from '@caretab/kernel';
import { type Action, READINGS, type RequestFacts } from '../api/requests';
import { NO_APPLICATION, type Submission } from '../intake/submission';

/** A message of a hospital's own topic. */
export type Report = ContractEvent<ReturnType<typeof hospitalReports>>;

const ACTIONS: Readonly<Record<EventType<typeof hospitalVisitEvents>, Action>> = {
  VisitStarted: 'start',
  UnidentifiedVisitStarted: 'startUnidentified',
  VisitUpdated: 'update',
  VisitWithdrawn: 'cancel',
  VisitEnded: 'end',
  VisitReopened: 'reopen',
  ChargePosted: 'charges',
  ChargeReturned: 'returns',
  ChargeCredited: 'returns',
};

/** Openings say the visit's number themselves. */
const isOpening = ({ type }: Report): boolean =>
  type === 'VisitStarted' || type === 'UnidentifiedVisitStarted';

/** The body of the request over HTTP that says the same. What the gateway finds itself is left out. */
const bodyOf = (report: Report): object => {
  const { type, data } = report;
  const {
    visitId: _id,
    institutionId: _whose,
    identifier: _by,
    holderDiffers: _found,
    ...rest
  } = data;
  if (isOpening(report)) return rest;
  const {
    visitNumber: _number,
    personId: _person,
    ...said
  } = rest as typeof rest & {
    readonly personId?: string;
  };
  if (type === 'ChargePosted') return { charges: [data.charge] };
  if (type !== 'ChargeCredited') return said;
  const { creditId: returnId, chargeId, amountFen, creditedAt: returnedAt } = data;
  return { returnId, chargeId, amountFen, returnedAt };
};

/** Checked as that request is. */
const factsOf = (report: Report): RequestFacts => {
  const { type, data } = report;
  const opens = isOpening(report);
  const facts = READINGS[ACTIONS[type]](bodyOf(report), opens ? undefined : data.visitNumber);
  if (opens || !('personId' in data) || data.personId === undefined) return facts;
  return { ...facts, person: { personId: data.personId } };
};

const assertOwn = ({ data }: Report, { institutionId, topic }: Owned): void => {
  if (data.institutionId !== institutionId)
    throw new DomainError('AUTHOR_FORBIDDEN', 'forbidden', {
      topic,
      why: 'the report is of another institution than its topic',
      remedy: 'send it to the topic of that institution, signed by its key',
    });
  if (data.visitId !== visitIdOf(institutionId, data.visitNumber))
    throw new DomainError('VISIT_ID_MISMATCH', 'invalid', {
      expected: '<institutionId>-<visitNumber>',
    });
};

interface Owned extends Pick<ReceivedMessage, 'topic'> {
  /** Whose topic it is. */
  readonly institutionId: string;
}

/**
 * A report as what its hospital submits. Throws AUTHOR_FORBIDDEN (forbidden) for one of another
 * institution, VISIT_ID_MISMATCH and what a request over HTTP is refused for (invalid).
 */
export const submissionOf = (report: Report, owned: Owned): Submission => {
  assertOwn(report, owned);
  return {
    door: 'bus',
    institutionId: owned.institutionId,
    application: NO_APPLICATION,
    messageId: report.id,
    ...(report.traceparent !== undefined && { traceparent: report.traceparent }),
    ...factsOf(report),
  };
};
