import { Type } from '@sinclair/typebox';
import { Fen, Id, PersonId } from '../schemas';
import { route } from './route';
import { closed, Moment, oneOf } from './shapes';

const figures = {
  planId: Id,
  year: Type.Integer({ minimum: 2000, maximum: 2099 }),
  benefit: oneOf('outpatient', 'inpatient'),
  source: Type.String({
    pattern: '^[a-z0-9][a-z0-9-]{1,39}$',
    description: 'Who says it, each its own part: centre-5206, opening-2026',
  }),
  deductibleFen: Fen,
  inScopeFen: Fen,
  fundFen: Fen,
  reference: Type.String({
    minLength: 3,
    maxLength: 200,
    description: 'Of the evidence: an answer of the centre, a letter',
  }),
};

/** What persons used of their plans elsewhere. */
export const outsideUseRoutes = {
  putOutsideUse: route({
    method: 'PUT',
    path: '/adjudication/memberships/{personId}/outside-use',
    action: 'outside-use.put',
    whose: { person: 'params.personId' },
    summary:
      'What a person used of a plan in a year outside of the platform, as one source says it',
    description:
      'Opening balances, and use elsewhere (national interface 5206, cuminfo). The figures are the ' +
      'source’s whole: others take the place of its last ones, the same again changes nothing. Claims ' +
      'that are settled from then on count with them.',
    params: closed({ personId: PersonId }),
    body: closed(figures),
    responses: {
      200: closed({
        personId: PersonId,
        ...figures,
        revision: Type.Integer(),
        recordedBy: Type.String(),
        recordedAt: Moment,
      }),
    },
    problems: ['PLAN_UNKNOWN', 'REQUEST_INVALID'],
  }),
};
