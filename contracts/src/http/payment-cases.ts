import { Type } from '@sinclair/typebox';
import { FreeText } from '../free-text';
import { BusinessDate, Fen, Id, Instant, VisitId } from '../schemas';
import { AccountToken, Channel, VisitPayment } from './payment-shapes';
import { route } from './route';
import { closed, Count, Facts, Moment, oneOf, orNull } from './shapes';

const OperatorName = FreeText({
  minLength: 2,
  maxLength: 60,
  description: 'Staff name or number of an operator',
});
const Evidence = FreeText({
  minLength: 3,
  maxLength: 120,
  description: "Reference of the evidence: a receipt, the bank's letter. No personal data",
});
/** By what two people decided; who they are is known by their credentials. */
export const decided = { evidence: Evidence };
const orderParams = closed({ orderId: Id });
const caseParams = closed({ caseId: Id });
const Case = closed({
  caseId: Id,
  kind: oneOf(
    'order',
    'refund',
    'statement-row',
    'presence',
    'risk',
    'payout',
    'bank-entry',
    'difference',
  ),
  subjectId: Id,
  visitId: { ...orNull(VisitId), description: 'Null: of a statement row without an order we know' },
  amountFen: Fen,
  reason: Type.String(),
  asked: Facts,
  answered: orNull(Facts),
  status: oneOf('open', 'closed'),
  owner: Type.String(),
  openedAt: Moment,
  timesSeen: Count,
  lastSeenAt: Moment,
  closedAt: orNull(Moment),
  resolution: orNull(Type.String()),
  declaredBy: orNull(Type.String()),
  approvedBy: orNull(Type.String()),
  evidence: orNull(Type.String()),
});
/** Orders and refunds under an operator's hands. */
export const paymentCaseRoutes = {
  inquire: route({
    method: 'POST',
    path: '/payment/orders/{orderId}/inquiry',
    action: 'orders.inquire',
    whose: 'platform',
    summary:
      'Ask the channel for an order now, also for one that has ended, and record what it answers',
    params: orderParams,
    responses: { 200: VisitPayment },
    problems: ['ORDER_UNKNOWN'],
  }),
  declare: route({
    method: 'POST',
    path: '/payment/orders/{orderId}/declaration',
    action: 'orders.declare',
    whose: 'platform',
    approval: {
      when: 'always',
      shows: ['outcome', 'amountFen', 'channelReference', 'capturedAt', 'evidence'],
    },
    summary: 'End an order in doubt by evidence, decided by two people',
    description:
      'captured: it is booked. failed: the visit can be paid otherwise, and a later capture of the ' +
      'order is booked as late, or goes back.',
    params: orderParams,
    body: closed({
      ...decided,
      outcome: oneOf('captured', 'failed'),
      amountFen: Type.Optional({ ...Fen, description: 'What was captured; needed for captured' }),
      channelReference: Type.Optional(Id),
      capturedAt: Type.Optional(Instant),
    }),
    responses: { 200: VisitPayment },
    problems: ['ORDER_UNKNOWN', 'ORDER_OUTCOME_KNOWN', 'ORDER_NOT_IN_DOUBT'],
  }),
  adopt: route({
    method: 'POST',
    path: '/payment/adoptions',
    action: 'payments.adopt',
    whose: { visit: 'body.visitId' },
    approval: { when: 'always', shows: ['visitId', 'kind', 'id', 'channel', 'date', 'evidence'] },
    summary: "Book money of a visit that the bank's statement has and payment does not know",
    description:
      'After a restore, decided by two people. Amount, reference and moment are the bank’s: it is on ' +
      'the statement of that day, and the channel confirms it. The same once more changes nothing.',
    body: closed({
      ...decided,
      visitId: VisitId,
      kind: oneOf('capture', 'refund'),
      id: { ...Id, description: 'Order id or refund id, as the statement has it' },
      channel: Channel,
      date: { ...BusinessDate, description: 'Day of the statement' },
    }),
    responses: { 200: VisitPayment },
    problems: [
      'VISIT_UNKNOWN',
      'ORDER_OF_ANOTHER_VISIT',
      'NOT_ON_STATEMENT',
      'CHANNEL_UNAVAILABLE',
    ],
  }),
  listCases: route({
    method: 'GET',
    path: '/payment/cases',
    action: 'payment-cases.list',
    whose: 'platform',
    summary: 'Orders, refunds and statement rows that an operator has to look at, the oldest first',
    query: closed({
      visitId: Type.Optional(VisitId),
      status: Type.Optional(oneOf('open', 'closed')),
      after: Type.Optional(
        Type.String({ maxLength: 200, description: '`next` of the page before' }),
      ),
    }),
    responses: {
      200: closed({ cases: Type.Array(Case), next: Type.Optional(Type.String()) }),
    },
    problems: [],
  }),
  showCase: route({
    method: 'GET',
    path: '/payment/cases/{caseId}',
    action: 'payment-cases.read',
    whose: 'platform',
    summary: 'One case: what was asked, what was answered, who looks after it, how it was ended',
    params: caseParams,
    responses: { 200: Case },
    problems: ['CASE_UNKNOWN'],
  }),
  ownCase: route({
    method: 'PUT',
    path: '/payment/cases/{caseId}/owner',
    action: 'payment-cases.own',
    whose: 'platform',
    summary: 'Give an open case an owner',
    params: caseParams,
    body: closed({ owner: OperatorName }),
    responses: { 200: Case },
    problems: ['CASE_UNKNOWN', 'CASE_CLOSED'],
  }),
  retryCase: route({
    method: 'POST',
    path: '/payment/cases/{caseId}/retry',
    action: 'payment-cases.retry',
    whose: 'platform',
    summary: 'Have a refused refund sent once more; refused again, it has a new case',
    params: caseParams,
    responses: { 200: Case },
    problems: ['CASE_UNKNOWN', 'CASE_CLOSED', 'RESOLUTION_UNFIT'],
  }),
  resolveCase: route({
    method: 'POST',
    path: '/payment/cases/{caseId}/resolution',
    action: 'payment-cases.resolve',
    whose: 'platform',
    approval: { when: 'always', shows: ['resolution', 'paidAt', 'channel', 'evidence'] },
    summary: 'End a case by evidence, decided by two people',
    description:
      'other-account: the refund goes to the account named, or the bound one. cash, transfer: the ' +
      'money was paid back at the counter or by transfer. made, not-made: what became of a refund ' +
      'whose outcome is unknown. noted: nothing is to be done; only for what has ended, and for a ' +
      'row of the statement of a kind that we do not know. won, lost: how the dispute of a ' +
      'chargeback ended; its money leaves receivable/chargebacks for the channel, or for the losses. ' +
      'theirs, not-theirs: what was found of a visit that who pays denied; theirs collects it. ' +
      'released, refused: what staff decide of a debit that the rules of risk hold.',
    params: caseParams,
    body: closed({
      ...decided,
      resolution: oneOf(
        ...([
          'other-account',
          'cash',
          'transfer',
          'made',
          'not-made',
          'noted',
          'won',
          'lost',
          'theirs',
          'not-theirs',
          'released',
          'refused',
        ] as const),
      ),
      paidAt: Type.Optional(Instant),
      channel: Type.Optional(Channel),
      token: Type.Optional(AccountToken),
    }),
    responses: { 200: Case },
    problems: [
      'CASE_UNKNOWN',
      'CASE_CLOSED',
      'CHANNEL_NOT_OPEN',
      'RESOLUTION_UNFIT',
      'NO_BOUND_ACCOUNT',
      'ACCOUNT_INCOMPLETE',
    ],
  }),
};
