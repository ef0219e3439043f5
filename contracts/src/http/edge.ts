import { type Static, Type } from '@sinclair/typebox';
import { FreeText } from '../free-text';
import { Charge, hospitalVisitEvents, ItemCode, Quantity } from '../hospital';
import { ChargeId, Fen, Instant, PersonId, VisitClass, VisitId, VisitNumber } from '../schemas';
import { ChargeDecision, DecisionWord } from './decisions';
import { KnownBirthDate, Sex } from './person';
import { route } from './route';
import { citizenRoutes } from './citizens';
import { HolderDiffers, ownHolderCaseRoutes } from './holder-cases';
import { ownWebhookRoutes } from './own-webhooks';
import { closed, oneOf } from './shapes';
import { SubmissionPage, submissionRange } from './submissions';
import {
  changeProblems,
  readProblems,
  returnProblems,
  stayProblems,
  submissionProblems,
} from './edge-problems';
import { PersonVisits, VisitHistory, VisitState } from './visit-ledger';
import { GUID_IN_BRACES, WhichVisit } from './which-visit';

const Department = Type.Optional(FreeText({ minLength: 1, maxLength: 40 }));

export const CredentialBody = closed(
  {
    type: oneOf('id-number', 'health-card', 'qr'),
    value: Type.String({ minLength: 4, maxLength: 200 }),
  },
  { description: 'What the person showed' },
);
export const VisitBody = closed({
  visitNumber: Type.String({
    pattern: `^(${GUID_IN_BRACES}|[A-Za-z0-9._/-]{1,40})$`,
    description: `${VisitNumber.description}; a GUID also in braces, which are left out`,
  }),
  visitClass: VisitClass,
  credential: Type.Optional(CredentialBody),
  personId: Type.Optional({
    ...PersonId,
    description: 'In place of the credential, where you resolved one of this person within a day',
  }),
  holder: Type.Optional(
    closed(
      {
        name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
        birthDate: Type.Optional(KnownBirthDate),
        sex: Type.Optional(Sex),
      },
      { description: 'Whom the hospital has before it; refused where the register says otherwise' },
    ),
  ),
  department: Department,
  startedAt: Instant,
});
export const ChargesBody = closed({
  charges: Type.Array(Charge, {
    minItems: 1,
    maxItems: 500,
    description: 'All are accepted, or none',
  }),
});
export const ReturnBody = closed(
  {
    returnId: ChargeId,
    chargeId: ChargeId,
    itemCode: Type.Optional(ItemCode),
    quantity: Type.Optional(Quantity),
    amountFen: Type.Optional(Fen),
    returnedToPharmacy: Type.Optional(
      Type.Literal(true, { description: 'The pharmacy has the dispensed drug back' }),
    ),
    returnedAt: Instant,
  },
  {
    description:
      'Takes an earlier charge back, or a part of it: by quantity (at its unit price), by amount, ' +
      'or by both; several together take at most what was charged',
  },
);
export const UpdateBody = closed({
  visitClass: Type.Optional(VisitClass),
  department: Department,
  updatedAt: Instant,
});
export const EndBody = closed({ endedAt: Instant });
export const ReopenBody = closed({ reopenedAt: Instant });
export const CancelBody = closed({ withdrawnAt: Instant });
/** The key under which a request may be repeated: the sender's own id of it. */
export const IdempotencyKey = Type.String({
  pattern: '^[\\x21-\\x7e]{8,100}$',
  description:
    '8 to 100 visible ASCII characters, a new one for each request; a repetition gets the first answer',
});

export type CredentialBody = Static<typeof CredentialBody>;
export type VisitBody = Static<typeof VisitBody>;
export type ChargesBody = Static<typeof ChargesBody>;
export type ReturnBody = Static<typeof ReturnBody>;
export type UpdateBody = Static<typeof UpdateBody>;
export type EndBody = Static<typeof EndBody>;
export type ReopenBody = Static<typeof ReopenBody>;
export type CancelBody = Static<typeof CancelBody>;

/** What became of accepted content: the events that were published for it. */
export const acceptedFields = {
  visitId: VisitId,
  test: Type.Optional(
    Type.Literal(true, {
      description: 'The institution is in test mode: judged, and applied to nothing',
    }),
  ),
  holderDiffers: Type.Optional(HolderDiffers),
  events: Type.Array(
    closed({
      id: Type.String(),
      type: Type.Union(
        Object.keys(hospitalVisitEvents.events).map((type) =>
          Type.Literal(type as keyof typeof hospitalVisitEvents.events),
        ),
      ),
    }),
  ),
};
/** What was decided of the charges together, and of each. */
const decidedFields = {
  decision: DecisionWord,
  decisions: Type.Array(ChargeDecision),
};
const submission = {
  method: 'POST',
  whose: 'scoped',
  headers: Type.Object({ 'idempotency-key': IdempotencyKey }),
  responses: { 202: closed(acceptedFields) },
} as const;
/** What hospitals send, and what may be read at the edge. */
export const edgeRoutes = {
  openVisit: route({
    ...submission,
    path: '/v1/visits',
    action: 'visits.open',
    summary: 'Open a visit',
    body: VisitBody,
    problems: [
      ...submissionProblems,
      'CREDENTIAL_MISSING',
      'CREDENTIAL_INVALID',
      'PATIENT_UNIDENTIFIED',
      'FIELD_REPEATED',
      'ID_NUMBER_FORBIDDEN',
      'IDENTITY_CONTRADICTS',
      'PERSON_UNKNOWN',
      'PERSONS_UNKNOWN_TOO_MANY',
      'PERSON_DIFFERS',
      'VISIT_NOT_OPEN',
      'VISIT_CONFLICT',
    ],
  }),
  postCharges: route({
    ...submission,
    path: '/v1/visits/{visitId}/charges',
    action: 'charges.post',
    summary: 'Post 1 to 500 charges, all or none',
    description:
      'With the header `Prefer: wait=2` (RFC 7240) the answer waits up to two seconds for the ' +
      'decisions: 200 says deferred or not-deferred for every charge; 202 with undecided means ' +
      'that some are not decided yet.',
    headers: Type.Object({
      'idempotency-key': IdempotencyKey,
      prefer: Type.Optional(
        Type.String({ description: '`wait=<seconds>`: wait for the decision, at most 2' }),
      ),
    }),
    responses: {
      200: closed({ ...acceptedFields, ...decidedFields }),
      202: closed({
        ...acceptedFields,
        decision: Type.Optional(decidedFields.decision),
        decisions: Type.Optional(decidedFields.decisions),
      }),
    },
    params: WhichVisit,
    body: ChargesBody,
    problems: [
      ...changeProblems,
      'TRANSACTION_ID_REPEATED',
      'FIELD_INVALID',
      'AMOUNT_MISMATCH',
      'CHARGE_OUTSIDE_VISIT',
    ],
  }),
  returnCharge: route({
    ...submission,
    path: '/v1/visits/{visitId}/returns',
    action: 'returns.post',
    summary: 'Take an earlier charge back, or a part of it',
    params: WhichVisit,
    body: ReturnBody,
    problems: [...changeProblems, ...returnProblems, 'FIELD_MISSING', 'FIELD_INVALID'],
  }),
  updateVisit: route({
    ...submission,
    path: '/v1/visits/{visitId}/update',
    action: 'visits.update',
    summary: 'Change the department or the class of a visit',
    params: WhichVisit,
    body: UpdateBody,
    problems: [...changeProblems, ...stayProblems, 'VISIT_CLASS_FIXED'],
  }),
  endVisit: route({
    ...submission,
    path: '/v1/visits/{visitId}/end',
    action: 'visits.end',
    summary: 'End a visit',
    params: WhichVisit,
    body: EndBody,
    problems: [...changeProblems, 'VISIT_NOT_OPEN', 'END_BEFORE_START'],
  }),
  reopenVisit: route({
    ...submission,
    path: '/v1/visits/{visitId}/reopen',
    action: 'visits.reopen',
    summary: 'Take the end of a visit back, while it is not closed yet',
    params: WhichVisit,
    body: ReopenBody,
    problems: [...changeProblems, ...stayProblems, 'VISIT_NOT_ENDED'],
  }),
  cancelVisit: route({
    ...submission,
    path: '/v1/visits/{visitId}/cancel',
    action: 'visits.cancel',
    summary: 'Cancel a visit that did not take place',
    params: WhichVisit,
    body: CancelBody,
    problems: [...changeProblems, ...stayProblems],
  }),
  resolvePerson: route({
    method: 'POST',
    path: '/v1/persons/resolve',
    action: 'persons.resolve',
    whose: 'scoped',
    summary: 'The personId of a credential, for hospitals that publish events by themselves',
    body: CredentialBody,
    responses: { 200: closed({ personId: PersonId }) },
    problems: [
      'PERSON_UNKNOWN',
      'PERSONS_UNKNOWN_TOO_MANY',
      'CREDENTIAL_INVALID',
      'IDENTITY_UNAVAILABLE',
      'OVERLOADED',
    ],
  }),
  showVisit: route({
    method: 'GET',
    path: '/v1/visits/{visitId}',
    action: 'visits.read',
    whose: 'scoped',
    summary: 'The state of a visit',
    params: WhichVisit,
    responses: { 200: VisitState },
    problems: readProblems,
  }),
  visitHistory: route({
    method: 'GET',
    path: '/v1/visits/{visitId}/history',
    action: 'visits.history',
    whose: 'scoped',
    summary: 'Every event of a visit with its time, cause and source message',
    params: WhichVisit,
    responses: { 200: VisitHistory },
    problems: [...readProblems, 'VISIT_SET_ASIDE'],
  }),
  personVisits: route({
    method: 'GET',
    path: '/v1/persons/{personId}/visits',
    action: 'visits.list',
    whose: { person: 'params.personId' },
    summary: 'The visits of a person',
    params: closed({ personId: PersonId }),
    responses: { 200: PersonVisits },
    problems: ['LEDGER_UNAVAILABLE', 'OVERLOADED'],
  }),
  ...citizenRoutes,
  listOwnSubmissions: route({
    method: 'GET',
    path: '/v1/submissions',
    action: 'own-submissions.list',
    whose: 'scoped',
    summary: "The hospital's accepted reports over HTTP and HL7, and what became of each",
    description:
      '`since` and `until` are times of acceptance, both included. A message with several charges ' +
      'has an entry for each.',
    query: closed(submissionRange),
    responses: { 200: SubmissionPage },
    problems: ['READ_FORBIDDEN', 'IDENTITY_UNAVAILABLE', 'OVERLOADED'],
  }),
  ...ownHolderCaseRoutes,
  ...ownWebhookRoutes,
};
