import { Type } from '@sinclair/typebox';
import { Fen, InstitutionId, PersonId, VisitId } from '../schemas';
import { route } from './route';
import { closed, Moment, oneOf } from './shapes';

/** Visits that were opened by a typed number: who pays is asked before anything is collected. */
export const confirmationRoutes = {
  confirm: route({
    method: 'POST',
    path: '/payment/visits/{visitId}/confirmation',
    action: 'confirmations.answer',
    whose: { visit: 'params.visitId' },
    summary: 'Whether a visit that was opened by a typed number is theirs who is to pay',
    description: 'false: nothing is collected, and staff look at it. A yes may follow a no.',
    params: closed({ visitId: VisitId }),
    body: closed({ confirmed: Type.Boolean() }),
    responses: { 200: closed({ visitId: VisitId, confirmed: Type.Boolean() }) },
    problems: ['VISIT_UNKNOWN', 'CONFIRMATION_NOT_AWAITED'],
  }),
  listConfirmations: route({
    method: 'GET',
    path: '/payment/confirmations',
    action: 'confirmations.list',
    whose: 'platform',
    summary: 'Visits that are not collected until who pays confirms them, the oldest end first',
    query: closed({
      status: Type.Optional(oneOf('awaiting-confirmation', 'disputed')),
      after: Type.Optional(
        Type.String({ maxLength: 200, description: '`next` of the page before' }),
      ),
    }),
    responses: {
      200: closed({
        visits: Type.Array(
          closed({
            visitId: VisitId,
            institutionId: InstitutionId,
            accountPersonId: PersonId,
            status: oneOf('awaiting-confirmation', 'disputed'),
            openFen: Fen,
            endedAt: Moment,
          }),
        ),
        next: Type.Optional(Type.String()),
      }),
    },
    problems: [],
  }),
};
