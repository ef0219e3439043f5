import { type Static, Type } from '@sinclair/typebox';
import { ANSWER_REASON_CODES } from '../answer-reasons';
import { FreeText } from '../free-text';
import {
  BusinessDate,
  ChargeId,
  Fen,
  Id,
  InstitutionId,
  PayerId,
  SignedFen,
  VisitId,
} from '../schemas';
import { FEN_MAX } from '@caretab/kernel';
import { type Frozen, route } from './route';
import { closed, Moment, oneOf, orNull } from './shapes';

const AnswerId = Type.String({
  pattern: '^[A-Za-z0-9:_-]{1,80}$',
  description: 'Chosen by who answers, once for each answer: the same again changes nothing',
});
const Reason = Type.Unsafe<(typeof ANSWER_REASON_CODES)[number]>(
  Type.Union(
    ANSWER_REASON_CODES.map((code) => Type.Literal(code)),
    { description: 'GET /adjudication/answer-reasons has them in words' },
  ),
);
const Text = FreeText({
  minLength: 3,
  maxLength: 500,
  description: 'For the other side; nothing that names a person',
});
const Amount = Type.Integer({ minimum: 1, maximum: FEN_MAX, description: 'Whole fen' });
const Deduction = closed(
  { chargeId: Type.Optional(ChargeId), amountFen: Amount },
  { description: 'Off one line of the settlement, by its charge; without it, off the whole' },
);

export const SettlementState = oneOf(
  ...(['submitted', 'queried', 'replied', 'accepted'] as const),
  ...(['adjusted', 'rejected', 'remitted', 'cancelled'] as const),
);
export type SettlementState = Static<typeof SettlementState>;

/** What an insurer says of a settlement. */
export const InsurerAnswer = Type.Union([
  closed({ answerId: AnswerId, kind: Type.Literal('query'), reason: Reason, text: Text }),
  closed({ answerId: AnswerId, kind: Type.Literal('accept') }),
  closed({
    ...{ answerId: AnswerId, kind: Type.Literal('adjust'), reason: Reason },
    deductions: Type.Array(Deduction, { minItems: 1, maxItems: 500 }),
  }),
  closed({ answerId: AnswerId, kind: Type.Literal('reject'), reason: Reason }),
  closed({
    ...{ answerId: AnswerId, kind: Type.Literal('remit'), amountFen: Amount },
    reference: Type.String({ pattern: '^[A-Za-z0-9._/-]{1,60}$' }),
    day: { ...BusinessDate, description: 'Of the payment; today at the latest' },
  }),
]);
export type InsurerAnswer = Frozen<Static<typeof InsurerAnswer>>;

const HospitalReply = closed({ answerId: AnswerId, text: Text });

const Standing = closed({
  ...{ settlementId: Id, payerId: PayerId, planId: Id, claimId: Id, visitId: VisitId },
  ...{ institutionId: InstitutionId, revision: Type.Integer({ minimum: 1 }), settledAt: Moment },
  state: SettlementState,
  postedFen: { ...Fen, description: 'Of a settlement that was taken back: 0' },
  ...{ deductedFen: Fen, remittedFen: Fen },
  openFen: {
    ...SignedFen,
    description: 'posted − deducted − remitted; negative: remitted before it was taken back',
  },
  answeredAt: orNull(Moment),
});
const Given = closed({
  answerId: AnswerId,
  by: oneOf('insurer', 'hospital'),
  at: Moment,
  kind: oneOf('query', 'reply', 'accept', 'adjust', 'reject', 'remit'),
  reason: Type.Optional(Reason),
  text: Type.Optional(Text),
  deductions: Type.Optional(Type.Array(Deduction)),
  amountFen: Type.Optional(Fen),
  reference: Type.Optional(Type.String()),
  day: Type.Optional(BusinessDate),
});
const Answered = closed({ settlement: Standing, answers: Type.Array(Given) });
const Page = closed({ settlements: Type.Array(Standing), next: Type.Optional(Id) });
const ByState = closed({ state: SettlementState, after: Type.Optional(Id) });

const LIFE =
  'A settlement is submitted, may be queried and replied to, and is accepted, adjusted or rejected; ' +
  'until something of it is remitted, a later verdict of the insurer takes the place of the earlier. ' +
  'What is deducted reduces what the hospital is paid, and never changes what the citizen owes.';
const ofPayer = { payer: 'params.payerId' } as const;
const ofInstitution = { institution: 'params.institutionId' } as const;
const OneOfPayer = closed({ payerId: PayerId, settlementId: Id });
const OneOfInstitution = closed({ institutionId: InstitutionId, settlementId: Id });
const PROBLEMS = [
  'SETTLEMENT_UNKNOWN',
  'SETTLEMENT_NOT_CURRENT',
  'ANSWER_CONFLICT',
  'ANSWER_NOT_POSSIBLE',
] as const;

/** What insurers say of what they are to pay, and hospitals reply. */
export const settlementAnswerRoutes = {
  answer: route({
    method: 'POST',
    path: '/adjudication/payers/{payerId}/settlements/{settlementId}/answers',
    action: 'settlement-answers.give',
    whose: ofPayer,
    summary: 'Answer a settlement: query, accept, adjust, reject, or say what was remitted',
    description: LIFE,
    params: OneOfPayer,
    body: InsurerAnswer,
    responses: { 200: Answered },
    problems: [...PROBLEMS, 'ANSWER_ABOVE_POSTED', 'ANSWER_DAY_TO_COME'],
  }),
  answers: route({
    method: 'GET',
    path: '/adjudication/payers/{payerId}/settlements/{settlementId}/answers',
    action: 'settlement-answers.read',
    whose: ofPayer,
    unrecorded: true,
    summary: 'How a settlement stands, and every answer and reply to it',
    params: OneOfPayer,
    responses: { 200: Answered },
    problems: ['SETTLEMENT_UNKNOWN'],
  }),
  standings: route({
    method: 'GET',
    path: '/adjudication/payers/{payerId}/standings',
    action: 'settlement-answers.list',
    whose: ofPayer,
    unrecorded: true,
    summary: 'An insurer’s settlements in a state, at most 100; go on with ?after=<next>',
    params: closed({ payerId: PayerId }),
    query: ByState,
    responses: { 200: Page },
    problems: [],
  }),
  reply: route({
    method: 'POST',
    path: '/adjudication/institutions/{institutionId}/settlements/{settlementId}/replies',
    action: 'own-settlement-answers.reply',
    whose: ofInstitution,
    summary: 'Reply to what an insurer asks about a settlement',
    description: LIFE,
    params: OneOfInstitution,
    body: HospitalReply,
    responses: { 200: Answered },
    problems: [...PROBLEMS],
  }),
  ownAnswers: route({
    method: 'GET',
    path: '/adjudication/institutions/{institutionId}/settlements/{settlementId}/answers',
    action: 'own-settlement-answers.read',
    whose: ofInstitution,
    unrecorded: true,
    summary: 'How a settlement of a hospital stands, and every answer and reply to it',
    params: OneOfInstitution,
    responses: { 200: Answered },
    problems: ['SETTLEMENT_UNKNOWN'],
  }),
  ownStandings: route({
    method: 'GET',
    path: '/adjudication/institutions/{institutionId}/standings',
    action: 'own-settlement-answers.list',
    whose: ofInstitution,
    unrecorded: true,
    summary: 'A hospital’s settlements in a state, at most 100; go on with ?after=<next>',
    params: closed({ institutionId: InstitutionId }),
    query: ByState,
    responses: { 200: Page },
    problems: [],
  }),
  reasons: route({
    method: 'GET',
    path: '/adjudication/answer-reasons',
    action: 'answer-reasons.list',
    whose: 'platform',
    unrecorded: true,
    summary: 'Every reason of an answer, in Chinese and English',
    responses: {
      200: closed({
        reasons: Type.Array(closed({ code: Reason, zh: Type.String(), en: Type.String() })),
      }),
    },
    problems: [],
  }),
};
