import { Type } from '@sinclair/typebox';
import { Code, Instant, InstitutionId } from '../schemas';
import { AcceptedEvents, acceptedFields } from './edge';
import { holderCaseRoutes } from './holder-cases';
import { shownProblems } from './codes';
import { route } from './route';
import { closed, Count, CountBy, Moment, oneOf, orNull, Why } from './shapes';
import { identificationRoutes } from './unidentified-visits';

const QuarantineStatus = oneOf('open', 'replayed', 'discarded');
const Door = oneOf('mllp', 'http');
const quarantined = {
  id: Type.String(),
  institutionId: orNull(Type.String()),
  certificate: Type.Optional(
    Type.String({
      description:
        'SHA-256 of the certificate by which the message of an unknown sender came over HL7',
    }),
  ),
  door: Door,
  messageId: Type.Optional(
    Type.String({ description: 'MSH-10 or Idempotency-Key; an ID number in it is masked' }),
  ),
  reason: Type.String(),
  faults: Type.Array(
    closed({
      field: Type.String(),
      code: Type.String(),
      why: Type.String(),
      remedy: Type.String(),
    }),
  ),
  receivedAt: Moment,
  lastSeenAt: Moment,
  timesSeen: Count,
  status: QuarantineStatus,
  why: Type.Optional(Type.String()),
};
const byDoor = closed({ mllp: CountBy, http: CountBy, bus: CountBy });
const WhichEntry = closed({ id: Type.String({ minLength: 1, maxLength: 200 }) });
/** `from` and `until` are times of receipt, both included. */
const which = {
  institutionId: Type.Optional(InstitutionId),
  reason: Type.Optional(Code),
  messageId: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 199,
      description: 'The sender’s own id of the message: MSH-10 or Idempotency-Key',
    }),
  ),
  door: Type.Optional(Door),
  from: Type.Optional(Instant),
  until: Type.Optional(Instant),
};

/** Why a hospital's message is refused, over HL7 or HTTP: a replay can end with each of them. */
const messageProblems = [
  'AMOUNT_INVALID',
  'AMOUNT_MISMATCH',
  'APPLICATION_UNKNOWN',
  'CHARACTER_FORBIDDEN',
  'CHARSET_BROKEN',
  'CHARSET_UNSUPPORTED',
  ...shownProblems,
  'CREDENTIAL_INVALID',
  'CREDENTIAL_MISSING',
  'CURRENCY_MISSING',
  'CURRENCY_UNSUPPORTED',
  'ENTITLEMENT_REFUSED',
  'EVENT_MISMATCH',
  'FIELD_INVALID',
  'FIELD_MISSING',
  'FIELD_REPEATED',
  'IDEMPOTENCY_KEY_MISSING',
  'IDEMPOTENCY_KEY_REUSED',
  'ID_NUMBER_FORBIDDEN',
  'IDENTITY_CONTRADICTS',
  'IDENTITY_UNAVAILABLE',
  'INSTITUTION_UNKNOWN',
  'MERGE_CIRCULAR',
  'MESSAGE_ID_REUSED',
  'MESSAGE_TYPE_UNSUPPORTED',
  'MESSAGE_UNREADABLE',
  'NOT_HL7',
  'PATIENT_CLASS_MISMATCH',
  'PATIENT_UNIDENTIFIED',
  'PERSON_DIFFERS',
  'PERSON_UNKNOWN',
  'PERSONS_UNKNOWN_TOO_MANY',
  'PROCESSING_ID_UNSUPPORTED',
  'RETURN_AMOUNT_DIFFERS',
  'RETURN_BEFORE_CHARGE',
  'RETURN_CONFLICT',
  'RETURN_EXCEEDS_CHARGE',
  'RETURN_ITEM_DIFFERS',
  'DRUG_DISPENSED',
  'SEGMENT_MISSING',
  'SEGMENT_REPEATED',
  'SEGMENT_UNEXPECTED',
  'STAFF_NOT_TWO',
  'TIME_INVALID',
  'CHARGE_OUTSIDE_VISIT',
  'END_BEFORE_START',
  'TIME_BEFORE_START',
  'TIME_IN_FUTURE',
  'TIME_TOO_OLD',
  'TRANSACTIONS_TOO_MANY',
  'TRANSACTION_ID_REPEATED',
  'TRANSACTION_TYPE_UNSUPPORTED',
  'VERSION_UNSUPPORTED',
  'VISIT_CLASS_FIXED',
  'VISIT_CONFLICT',
  'VISIT_NOT_ENDED',
  'VISIT_NOT_OPEN',
  'VISIT_UNIDENTIFIED',
  'VISIT_NUMBER_INVALID',
] as const;

/** What an operator does about messages that were refused. */
export const gatewayRoutes = {
  listQuarantine: route({
    method: 'GET',
    path: '/gateway/quarantine',
    action: 'quarantine.list',
    whose: 'platform',
    summary: 'Refused messages with their reasons, newest first, without their content',
    description: 'At most 200. For the next page pass the id of the last entry as `after`.',
    query: closed({
      status: Type.Optional(QuarantineStatus),
      ...which,
      after: Type.Optional(WhichEntry.properties.id),
    }),
    responses: { 200: Type.Array(closed(quarantined)) },
    problems: ['QUARANTINE_UNKNOWN'],
  }),
  showQuarantined: route({
    method: 'GET',
    path: '/gateway/quarantine/{id}',
    action: 'quarantine.read',
    whose: 'platform',
    summary: 'One refused message with its content, which holds personal data',
    params: WhichEntry,
    responses: { 200: closed({ ...quarantined, message: Type.String() }) },
    problems: ['QUARANTINE_UNKNOWN', 'RAW_FORGOTTEN'],
  }),
  replayQuarantined: route({
    method: 'POST',
    path: '/gateway/quarantine/{id}/replay',
    action: 'quarantine.replay',
    whose: 'platform',
    approval: { when: 'depends', where: 'where it is corrected' },
    summary:
      'Take a refused message again, corrected or as it was; it closes only when it is accepted',
    params: WhichEntry,
    body: closed({
      message: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 1_048_576,
          description:
            'The corrected message: HL7 text, or the JSON body of the request; absent: as it was',
        }),
      ),
    }),
    bodyOptional: true,
    responses: {
      200: closed({
        ...acceptedFields,
        events: AcceptedEvents,
        visitId: Type.Optional(acceptedFields.visitId),
        merged: Type.Optional(
          Type.Literal(true, { description: 'Patient numbers were merged: it is of no visit' }),
        ),
        repeated: Type.Boolean(),
      }),
    },
    problems: [
      'QUARANTINE_UNKNOWN',
      'QUARANTINE_CLOSED',
      'RAW_FORGOTTEN',
      'REPLAY_INSTITUTION_DIFFERS',
      'SENDER_FORBIDDEN',
      ...messageProblems,
    ],
  }),
  replayAllQuarantined: route({
    method: 'POST',
    path: '/gateway/quarantine/replay',
    action: 'quarantine.replay-all',
    whose: 'platform',
    summary: 'Take refused messages of a reason again as they were, oldest first, at most 50',
    description:
      'What is refused again stays open and is listed in `failed`. Where there may be more, pass ' +
      '`next` as `after`.',
    body: closed({ ...which, reason: Code, after: Type.Optional(WhichEntry.properties.id) }),
    responses: {
      200: closed({
        replayed: Count,
        failed: Type.Array(closed({ id: Type.String(), code: Type.String() })),
        next: Type.Optional(Type.String()),
      }),
    },
    problems: ['QUARANTINE_UNKNOWN', 'IDENTITY_UNAVAILABLE'],
  }),
  discardAllQuarantined: route({
    method: 'POST',
    path: '/gateway/quarantine/discard',
    action: 'quarantine.discard-all',
    whose: 'platform',
    summary: 'Give refused messages of a reason up, oldest first, at most 500',
    body: closed({ ...which, reason: Code, why: Why }),
    responses: {
      200: closed({
        discarded: Count,
        more: Type.Boolean({ description: 'There may be more: call again' }),
      }),
    },
    problems: [],
  }),
  discardQuarantined: route({
    method: 'POST',
    path: '/gateway/quarantine/{id}/discard',
    action: 'quarantine.discard',
    whose: 'platform',
    summary: 'Give a refused message up, with a reason that is kept',
    params: WhichEntry,
    body: closed({ why: Why }),
    responses: { 200: closed({ id: Type.String(), status: Type.Literal('discarded') }) },
    problems: ['QUARANTINE_UNKNOWN', 'QUARANTINE_CLOSED'],
  }),
  ...holderCaseRoutes,
  ...identificationRoutes,
  summary: route({
    method: 'GET',
    path: '/gateway/summary',
    action: 'intake.summarise',
    whose: 'platform',
    unrecorded: true,
    summary:
      'Events accepted by door and type, messages refused by reason, and how many wait in quarantine',
    responses: {
      200: closed({
        accepted: Count,
        acceptedBy: byDoor,
        refused: CountBy,
        refusedBy: byDoor,
        quarantineOpen: Count,
      }),
    },
    problems: [],
  }),
};
