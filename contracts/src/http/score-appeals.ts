import { Type } from '@sinclair/typebox';
import { Id, Instant, PersonId } from '../schemas';
import { route } from './route';
import { closed, Count, Moment, oneOf, orNull, Why } from './shapes';

const Score = Type.Integer({ minimum: 0, maximum: 1000 });
const Appeal = closed({
  appealId: Id,
  personId: PersonId,
  score: Score,
  scoredAt: Moment,
  ground: oneOf('NOT_MINE', 'FACTS_WRONG', 'OUTDATED', 'OTHER'),
  status: oneOf('open', 'decided'),
  openedBy: Type.String(),
  openedAt: Moment,
  ageDays: Count,
  owner: orNull(Type.String()),
  outcome: orNull(oneOf('stands', 'overridden')),
  newScore: orNull(Score),
  why: orNull(Type.String()),
  decidedBy: orNull(Type.String()),
  approvedBy: orNull(Type.String()),
  decidedAt: orNull(Moment),
});
const WhichAppeal = closed({ appealId: Id });

/** A citizen who thinks that their score is wrong has a case, and an answer. */
export const scoreAppealRoutes = {
  openScoreAppeal: route({
    method: 'POST',
    path: '/credit/persons/{personId}/score-appeals',
    action: 'score-appeals.open',
    whose: { person: 'params.personId' },
    summary: 'Appeal against the score that is known; 201 when it is new, 200 while it is open',
    params: closed({ personId: PersonId }),
    body: closed({ ground: oneOf('NOT_MINE', 'FACTS_WRONG', 'OUTDATED', 'OTHER') }),
    responses: { 200: Appeal, 201: Appeal },
    problems: ['SCORE_UNKNOWN'],
  }),
  listOwnScoreAppeals: route({
    method: 'GET',
    path: '/credit/persons/{personId}/score-appeals',
    action: 'score-appeals.list-own',
    whose: { person: 'params.personId' },
    summary: 'A person’s appeals, the latest 100',
    params: closed({ personId: PersonId }),
    responses: { 200: closed({ appeals: Type.Array(Appeal) }) },
    problems: [],
  }),
  listScoreAppeals: route({
    method: 'GET',
    path: '/credit/score-appeals',
    action: 'score-appeals.list',
    whose: 'platform',
    summary: 'Open appeals, the oldest first, at most 100; go on with ?after=<next>',
    query: closed({ after: Type.Optional(Type.String({ maxLength: 200 })) }),
    responses: { 200: closed({ appeals: Type.Array(Appeal), next: Type.Optional(Type.String()) }) },
    problems: ['REQUEST_INVALID'],
  }),
  ownScoreAppeal: route({
    method: 'PUT',
    path: '/credit/score-appeals/{appealId}/owner',
    action: 'score-appeals.own',
    whose: 'platform',
    summary: 'Take an open appeal: who asks works on it',
    params: WhichAppeal,
    responses: { 200: Appeal },
    problems: ['SCORE_APPEAL_UNKNOWN', 'SCORE_APPEAL_DECIDED'],
  }),
  decideScoreAppeal: route({
    method: 'POST',
    path: '/credit/score-appeals/{appealId}/decision',
    action: 'score-appeals.decide',
    whose: 'platform',
    approval: {
      ...{ when: 'depends', where: 'where it overrides the score' },
      shows: ['override'],
    },
    summary: 'The score stands, or is overridden by another; the open line follows',
    params: WhichAppeal,
    body: closed({
      why: Why,
      override: Type.Optional(
        closed(
          { score: Score, scoredAt: Instant },
          { description: 'The other score; left out: the score stands' },
        ),
      ),
    }),
    responses: { 200: Appeal },
    problems: [
      'SCORE_APPEAL_UNKNOWN',
      'SCORE_APPEAL_DECIDED',
      'SCORE_OUTDATED',
      'SCORE_CONFLICT',
      'SCORE_EXPIRED',
    ],
  }),
};
