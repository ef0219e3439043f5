import { type Static, Type } from '@sinclair/typebox';
import { Fen, Id, Instant, InstitutionId, PersonId, VisitId } from '../schemas';
import { OpenedBy, UnidentifiedReason } from '../unidentified';
import { shownProblems } from './codes';
import { CredentialBody, IdempotencyKey, VisitBody } from './edge-bodies';
import { submissionProblems } from './edge-problems';
import { route } from './route';
import { closed, Count, oneOf, orNull } from './shapes';

const WhichVisit = closed({ visitId: VisitId });

/** `lapsed`: no one was found within a year. */
export const UnidentifiedState = oneOf('open', 'asked', 'refused', 'unanswered', 'lapsed');
export type UnidentifiedState = Static<typeof UnidentifiedState>;

export const UnidentifiedVisitBody = closed({
  ...Type.Pick(VisitBody, ['visitNumber', 'visitClass', 'department', 'startedAt']).properties,
  openedBy: OpenedBy,
  reason: UnidentifiedReason,
});
export type UnidentifiedVisitBody = Static<typeof UnidentifiedVisitBody>;

const after = Type.Optional(
  Type.String({ minLength: 1, maxLength: 160, description: '`next` of the page before' }),
);
const Page = closed({
  visits: Type.Array(
    closed({
      visitId: VisitId,
      institutionId: InstitutionId,
      startedAt: orNull(Type.String()),
      endedAt: orNull(Type.String({ description: 'As its hospital reported it' })),
      identifyUntil: orNull(Type.String()),
      state: UnidentifiedState,
      charges: { ...Count, description: 'Charges on no one’s line' },
      owedFen: { ...Fen, description: 'Their amount, less what was returned: with the hospital' },
    }),
    { description: 'By visitId, at most 100' },
  ),
  next: Type.Optional(Type.String({ description: 'Cursor of the next page' })),
});
const description =
  'Nothing of them is on anybody’s line, and nothing is collected. asked: a person was proposed, ' +
  'and has not answered.';

/** An emergency patient whom no one knows (无名氏), at the edge. */
export const ownUnidentifiedVisitRoutes = {
  openUnidentifiedVisit: route({
    method: 'POST',
    path: '/v1/unidentified-visits',
    action: 'visits.open-unidentified',
    whose: 'scoped',
    unrecorded: true,
    summary: 'Open an emergency visit of a patient whom no one knows · 无名氏急诊',
    description:
      'Two of the staff open it, on no one’s line. Its charges are kept, none is collected, and ' +
      'no one is notified. 由两名工作人员登记；费用先记录，不占用任何人的额度，也不扣款。',
    headers: Type.Object({ 'idempotency-key': IdempotencyKey }),
    body: UnidentifiedVisitBody,
    responses: {
      202: closed({
        visitId: VisitId,
        test: Type.Optional(Type.Literal(true)),
        events: Type.Array(
          closed({ id: Type.String(), type: Type.Literal('UnidentifiedVisitStarted') }),
        ),
      }),
    },
    problems: [
      ...submissionProblems,
      'FIELD_INVALID',
      'ID_NUMBER_FORBIDDEN',
      'STAFF_NOT_TWO',
      'VISIT_CONFLICT',
    ],
  }),
  listOwnUnidentifiedVisits: route({
    method: 'GET',
    path: '/v1/unidentified-visits',
    action: 'own-unidentified-visits.list',
    whose: 'scoped',
    summary: "The hospital's visits of patients whom no one knows · 本院无名氏就诊",
    description,
    query: closed({ after }),
    responses: { 200: Page },
    problems: ['LEDGER_UNAVAILABLE', 'IDENTITY_UNAVAILABLE', 'OVERLOADED'],
  }),
};

/** For people of the desk: no key of a hospital may do it. */
export const identificationRoutes = {
  identifyPatient: route({
    method: 'POST',
    path: '/gateway/visits/{visitId}/identification',
    action: 'visits.identify',
    whose: { visit: 'params.visitId' },
    approval: { when: 'always' },
    summary: 'Say who an unidentified patient is · 确认无名氏身份',
    description:
      'One of the desk asks, another approves, and then the person is asked. Only after their yes ' +
      'is the visit theirs, and collected as any other. visitId: with the institution id. ' +
      '一人提出、另一人复核，再由本人（或监护人）同意；同意之前不占用额度、不扣款。',
    params: WhichVisit,
    body: closed({ credential: CredentialBody }),
    responses: {
      202: closed({
        visitId: VisitId,
        linkId: Id,
        answerUntil: Type.String({ description: 'Until then the person can answer' }),
      }),
    },
    problems: [
      'PERSON_UNKNOWN',
      'PERSONS_UNKNOWN_TOO_MANY',
      ...shownProblems,
      'CREDENTIAL_INVALID',
      'NOT_ENROLLED',
      'VISIT_UNKNOWN',
      'VISIT_NOT_UNIDENTIFIED',
      'VISIT_SET_ASIDE',
      'IDENTIFICATION_PENDING',
      'IDENTIFICATION_REFUSED',
      'IDENTITY_UNAVAILABLE',
      'CREDIT_UNAVAILABLE',
      'LEDGER_UNAVAILABLE',
      'OVERLOADED',
    ],
  }),
};

/** The same in the ledger. */
export const unidentifiedVisitRoutes = {
  listUnidentifiedVisits: route({
    method: 'GET',
    path: '/visit-ledger/unidentified-visits',
    action: 'unidentified-visits.list',
    whose: { institution: 'query.institutionId' },
    summary: 'Visits of patients whom no one knows; of one institution, or of all',
    description,
    query: closed({ institutionId: Type.Optional(InstitutionId), after }),
    responses: { 200: Page },
    problems: [],
  }),
  proposePatient: route({
    method: 'POST',
    path: '/visit-ledger/visits/{visitId}/identification',
    action: 'identifications.propose',
    whose: { visit: 'params.visitId' },
    summary: 'Whose visit of an unidentified patient it is, by two people of its hospital',
    description: 'The gateway asks, once the second has approved. The person is asked next.',
    params: WhichVisit,
    body: closed({
      personId: PersonId,
      linkId: Id,
      proposedBy: Type.String({ minLength: 1, maxLength: 200 }),
      approvedBy: Type.String({ minLength: 1, maxLength: 200 }),
    }),
    responses: { 200: closed({ visitId: VisitId, linkId: Id, answerUntil: Instant }) },
    problems: [
      'VISIT_UNKNOWN',
      'VISIT_NOT_UNIDENTIFIED',
      'VISIT_SET_ASIDE',
      'IDENTIFICATION_PENDING',
      'IDENTIFICATION_REFUSED',
      'STAFF_NOT_TWO',
    ],
  }),
  answerIdentification: route({
    method: 'POST',
    path: '/visit-ledger/visits/{visitId}/identification/{linkId}',
    action: 'identifications.answer',
    whose: { visit: 'params.visitId' },
    summary: 'Whether a visit of an unidentified patient is theirs who was proposed',
    description: 'A yes is final. Before it nothing is on their line.',
    params: closed({ visitId: VisitId, linkId: Id }),
    body: closed({ agreed: Type.Boolean(), by: oneOf('citizen', 'desk') }),
    responses: { 200: closed({ visitId: VisitId, linkId: Id, agreed: Type.Boolean() }) },
    problems: ['VISIT_UNKNOWN', 'VISIT_SET_ASIDE', 'IDENTIFICATION_NOT_AWAITED'],
  }),
};
