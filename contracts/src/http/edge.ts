import { Type } from '@sinclair/typebox';
import { hospitalVisitEvents } from '../hospital';
import { PersonId, VisitId } from '../schemas';
import { shownProblems } from './codes';
import { ChargeDecision, DecisionWord } from './decisions';
import { route } from './route';
import { citizenRoutes } from './citizens';
import {
  CancelBody,
  ChargesBody,
  EndBody,
  IdempotencyKey,
  ReopenBody,
  ResolveBody,
  ReturnBody,
  UpdateBody,
  VisitBody,
} from './edge-bodies';
import { HolderDiffers, ownHolderCaseRoutes } from './holder-cases';
import { ownActivationRoutes } from './own-activations';
import { ownConfirmationRoutes } from './own-confirmations';
import { ownWebhookRoutes } from './own-webhooks';
import { preSettlementRoutes } from './pre-settlement';
import { closed } from './shapes';
import { SubmissionPage, submissionRange } from './submissions';
import {
  changeProblems,
  readProblems,
  returnProblems,
  stayProblems,
  submissionProblems,
} from './edge-problems';
import { ownUnidentifiedVisitRoutes } from './unidentified-visits';
import { PersonVisits, VisitHistory, VisitState } from './visit-ledger';
import { WhichVisit } from './which-visit';

type Report = keyof typeof hospitalVisitEvents.events;
const TYPES = Object.keys(hospitalVisitEvents.events) as Report[];
const typeAmong = (types: readonly Report[]) => Type.Union(types.map((type) => Type.Literal(type)));
/** Of any report. */
export const AcceptedEvents = Type.Array(closed({ id: Type.String(), type: typeAmong(TYPES) }));

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
      type: typeAmong(TYPES.filter((type) => type !== 'UnidentifiedVisitStarted')),
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
  unrecorded: true,
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
      ...shownProblems,
      'CREDENTIAL_INVALID',
      'PATIENT_UNIDENTIFIED',
      'FIELD_REPEATED',
      'ENTITLEMENT_REFUSED',
      'ID_NUMBER_FORBIDDEN',
      'IDENTITY_CONTRADICTS',
      'PERSON_UNKNOWN',
      'PERSONS_UNKNOWN_TOO_MANY',
      'PERSON_DIFFERS',
      'VISIT_NOT_OPEN',
      'VISIT_CONFLICT',
      'VISIT_UNIDENTIFIED',
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
    ...{ asks: true, look: 'behind' },
    summary: 'The personId of a credential, for hospitals that publish events by themselves',
    body: ResolveBody,
    responses: { 200: closed({ personId: PersonId }) },
    problems: [
      'PERSON_UNKNOWN',
      'PERSONS_UNKNOWN_TOO_MANY',
      'LOOKUPS_TOO_MANY',
      ...shownProblems,
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
  ...preSettlementRoutes,
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
    summary:
      "The hospital's reports and what became of each: accepted ones, and refused ones of its topic",
    description:
      '`since` and `until` are times of acceptance, both included. A message with several charges ' +
      'has an entry for each.',
    query: closed(submissionRange),
    responses: { 200: SubmissionPage },
    problems: ['READ_FORBIDDEN', 'IDENTITY_UNAVAILABLE', 'OVERLOADED'],
  }),
  ...ownHolderCaseRoutes,
  ...ownUnidentifiedVisitRoutes,
  ...ownWebhookRoutes,
  ...ownActivationRoutes,
  ...ownConfirmationRoutes,
};
