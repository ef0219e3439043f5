import { Type } from '@sinclair/typebox';
import { InstitutionId, PersonId, VisitId } from '../schemas';
import { route } from './route';
import { closed, Moment, oneOf } from './shapes';

const WhichVisit = closed({ visitId: VisitId });

const VisitConfirmation = closed({
  visitId: VisitId,
  personId: PersonId,
  accountPersonId: { ...PersonId, description: 'Who pays, and is asked' },
  state: oneOf('awaited', 'given', 'denied', 'late', 'cancelled'),
  askedAt: Type.Optional(Moment),
  answerUntil: Type.Optional(Moment),
  answeredAt: Type.Optional(Moment),
  way: Type.Optional(oneOf('own-token', 'notice-code', 'code-shown', 'desk-code')),
});

/** What citizens say of each visit, where the line policy asks for it. */
export const visitConfirmationRoutes = {
  confirmVisit: route({
    method: 'POST',
    path: '/credit/visits/{visitId}/confirmation',
    action: 'visit-confirmations.answer',
    whose: 'scoped',
    summary: 'Whether a visit goes on the tab, by who pays; the same again changes nothing',
    params: WhichVisit,
    body: closed({
      agree: Type.Boolean(),
      desk: Type.Optional({
        ...InstitutionId,
        description: 'The edge says at whose desk a code of theirs was given; else no one may',
      }),
    }),
    responses: { 200: VisitConfirmation },
    problems: ['REQUEST_INVALID', 'VISIT_UNKNOWN', 'CONFIRMATION_NOT_AWAITED'],
  }),
  showVisitConfirmation: route({
    method: 'GET',
    path: '/credit/visits/{visitId}/confirmation',
    action: 'visit-confirmations.read',
    whose: 'scoped',
    summary: 'Whether a visit was confirmed, by whom, how and when: the evidence',
    params: WhichVisit,
    responses: { 200: VisitConfirmation },
    problems: ['VISIT_UNKNOWN'],
  }),
};
