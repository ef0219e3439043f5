import { Type } from '@sinclair/typebox';
import { CheckRules, FUND_FAULTS } from '../check-rules';
import { FreeText } from '../free-text';
import { Fen, Id, InstitutionId, PayerId, VisitId } from '../schemas';
import { route } from './route';
import { closed, Moment, oneOf, orNull } from './shapes';

const FlagId = Id;
const Reason = oneOf(...FUND_FAULTS);
const State = oneOf('open', 'taken', 'cleared', 'confirmed');
const Evidence = FreeText({
  ...{ minLength: 3, maxLength: 120 },
  description: 'Reference of the evidence. No personal data',
});
const Note = FreeText({ minLength: 3, maxLength: 200, description: 'No personal data' });
const Review = closed({
  flagId: FlagId,
  ruleId: Type.String(),
  kind: Type.String(),
  rulesVersion: Type.String({ description: 'Content hash of the rules that found it first' }),
  payerId: PayerId,
  institutionId: InstitutionId,
  visitId: VisitId,
  claimId: Id,
  revision: Type.Integer({ minimum: 1 }),
  evidence: closed({
    claimIds: Type.Array(Id, { description: 'Other claims that this payer bears a part of' }),
    figures: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String()])),
  }),
  atStakeFen: { ...Fen, description: 'What the payer bears of the claim, when it was raised' },
  raisedAt: Moment,
  state: State,
  owner: orNull(Type.String()),
  reason: orNull(Reason),
  amountFen: orNull(Fen),
});
const Step = closed({
  number: Type.Integer({ minimum: 1 }),
  what: oneOf('taken', 'cleared', 'confirmed'),
  by: Type.String(),
  approvedBy: orNull(Type.String()),
  at: Moment,
  reason: orNull(Reason),
  amountFen: orNull(Fen),
  evidence: orNull(Type.String()),
  note: orNull(Type.String()),
});
const All = closed({ payerId: PayerId });
const One = closed({ payerId: PayerId, flagId: FlagId });
const payer = { payer: 'params.payerId' } as const;
const one = '/adjudication/payers/{payerId}/reviews/{flagId}';

/** What checks found in claims that are settled: a payer's staff looks at it, and decides. */
export const reviewRoutes = {
  listReviews: route({
    method: 'GET',
    path: '/adjudication/payers/{payerId}/reviews',
    action: 'reviews.list',
    whose: payer,
    summary:
      'What checks found in claims that a payer bears a part of, the oldest first, at most 100',
    description:
      'A flag changes no verdict and no due, and keeps nothing waiting. Go on with ?after=<next>.',
    params: All,
    query: closed({
      state: Type.Optional(State),
      after: Type.Optional(Type.String({ maxLength: 200 })),
    }),
    responses: { 200: closed({ reviews: Type.Array(Review), next: Type.Optional(Type.String()) }) },
    problems: ['REQUEST_INVALID'],
  }),
  showReview: route({
    method: 'GET',
    path: one,
    action: 'reviews.read',
    whose: payer,
    summary: 'One flag: which rule found what, and each step of its review',
    params: One,
    responses: { 200: closed({ ...Review.properties, steps: Type.Array(Step) }) },
    problems: ['REVIEW_UNKNOWN'],
  }),
  ownReview: route({
    method: 'PUT',
    path: `${one}/owner`,
    action: 'reviews.own',
    whose: payer,
    summary: 'Take an open flag, also from a colleague: who asks works on it',
    params: One,
    responses: { 200: Review },
    problems: ['REVIEW_UNKNOWN', 'REVIEW_DECIDED'],
  }),
  decideReview: route({
    method: 'POST',
    path: `${one}/decision`,
    action: 'reviews.decide',
    whose: payer,
    approval: {
      ...{ when: 'depends', where: 'from the amount on that the region’s check rules say' },
      shows: ['decision', 'reason', 'amountFen', 'evidence'],
    },
    summary: 'Clear a flag, or confirm it with a reason and an amount',
    description:
      'By who took it. The same decision again changes nothing. What is confirmed is recorded with ' +
      'its reason; the citizen’s due stays what it is.',
    params: One,
    body: Type.Union([
      closed({ decision: Type.Literal('cleared'), evidence: Evidence, note: Note }),
      closed({
        ...{ decision: Type.Literal('confirmed'), evidence: Evidence, note: Note },
        reason: Reason,
        amountFen: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
      }),
    ]),
    responses: { 200: Review },
    problems: ['REVIEW_UNKNOWN', 'REVIEW_DECIDED', 'REVIEW_NOT_TAKEN', 'REVIEW_AMOUNT'],
  }),
  showCheckRules: route({
    method: 'GET',
    path: '/adjudication/check-rules',
    action: 'check-rules.read',
    whose: 'platform',
    unrecorded: true,
    summary: 'What claims are looked through for, with the region’s thresholds',
    responses: { 200: closed({ version: Type.String(), rules: CheckRules }) },
    problems: [],
  }),
};
