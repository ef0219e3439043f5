import { Type } from '@sinclair/typebox';
import { BusinessDate, Id, NetFen, VisitId } from '../schemas';
import { confirmationRoutes } from './confirmations';
import { counterRoutes } from './counter';
import { paymentAccountRoutes } from './payment-accounts';
import { decided, paymentCaseRoutes } from './payment-cases';
import { paymentChannelRoutes } from './payment-channels';
import { AccountToken, Channel, VisitPayment } from './payment-shapes';
import { payoutRoutes } from './payouts';
import { route } from './route';
import { writeOffRoutes } from './write-offs';
import { closed, Count, CountBy, Moment, oneOf, orNull } from './shapes';

const party = oneOf('institution', 'insurer', 'channel', 'funder', 'bank');
const Clearing = closed({
  clearingId: Id,
  businessDate: BusinessDate,
  visits: Count,
  payout: oneOf('open', 'done'),
  clearedAt: Moment,
  parties: Type.Array(closed({ party, partyId: Type.String(), amountFen: NetFen })),
  balanceFen: NetFen,
});
const PartyId = Type.String({ minLength: 1, maxLength: 120 });
/** A line of the bank by which a party was paid (positive) or paid in (negative). */
const bankLine = {
  ...{ party, partyId: PartyId, amountFen: NetFen, bankReference: Id, valueDate: BusinessDate },
  ...decided,
};
const Payouts = closed({
  businessDate: BusinessDate,
  payout: oneOf('open', 'done'),
  parties: Type.Array(
    closed({ party, partyId: PartyId, amountFen: NetFen, paidFen: NetFen, openFen: NetFen }),
  ),
  lines: Type.Array(
    closed({
      ...bankLine,
      ...{ declaredBy: Type.String(), approvedBy: Type.String(), bookedAt: Moment },
    }),
  ),
});
const kind = oneOf('capture', 'refund');
const StatementEntry = closed({ kind, id: Id, amountFen: NetFen });

const Reconciled = closed({
  date: BusinessDate,
  matched: Count,
  matchedFen: NetFen,
  onlyOurs: Count,
  onlyTheirs: Count,
  amountsDiffer: Count,
  others: Count,
  inTransit: Count,
  differences: Type.Array(
    closed({
      what: oneOf('only-ours', 'only-theirs', 'amounts-differ', 'other'),
      kind: Type.String(),
      id: Type.String(),
      oursFen: orNull(NetFen),
      theirsFen: orNull(NetFen),
    }),
    { description: 'The first hundred' },
  ),
  reconciledAt: Moment,
  differsSince: orNull(Moment),
});

export const paymentRoutes = {
  ...paymentAccountRoutes,
  ...counterRoutes,
  ...paymentChannelRoutes,
  pay: route({
    method: 'POST',
    path: '/payment/visits/{visitId}/pay',
    action: 'payments.collect',
    whose: { visit: 'params.visitId' },
    summary:
      'Pay what is open for a visit, from the bound account or the one given; asking ' +
      'again while it is under way or done changes nothing',
    params: closed({ visitId: VisitId }),
    body: closed({ token: Type.Optional(AccountToken), channel: Type.Optional(Channel) }),
    responses: { 202: VisitPayment },
    problems: [
      'ACCOUNT_INCOMPLETE',
      'CHANNEL_NOT_OPEN',
      'VISIT_UNKNOWN',
      'CONFIRMATION_NEEDED',
      'BANK_COLLECTS',
      'PAYMENT_IN_REVIEW',
    ],
  }),
  ...confirmationRoutes,
  showVisit: route({
    method: 'GET',
    path: '/payment/visits/{visitId}',
    action: 'payments.read',
    whose: 'scoped',
    summary: 'What is due, paid, refunded and owed for a visit, with every order',
    params: closed({ visitId: VisitId }),
    responses: { 200: VisitPayment },
    problems: ['VISIT_UNKNOWN'],
  }),
  summary: route({
    method: 'GET',
    path: '/payment/summary',
    action: 'payments.summarise',
    whose: 'platform',
    unrecorded: true,
    summary: 'All visits together, and the trial balance of the journal',
    responses: {
      200: closed({
        visits: Count,
        dueFen: NetFen,
        capturedFen: NetFen,
        refundedFen: NetFen,
        owedFen: NetFen,
        lentFen: { ...NetFen, description: 'Of what is due: owed to banks, which collect it' },
        writtenOffFen: NetFen,
        byStatus: CountBy,
        refunds: CountBy,
        trialBalance: closed({
          debitFen: NetFen,
          creditFen: NetFen,
          differenceFen: NetFen,
          accounts: Type.Record(Type.String(), NetFen),
        }),
      }),
    },
    problems: [],
  }),
  ...paymentCaseRoutes,
  ...writeOffRoutes,
  clear: route({
    method: 'POST',
    path: '/payment/clearings',
    action: 'clearings.make',
    whose: 'platform',
    summary: 'Clear a business day; the same day again gives the first answer',
    body: closed({ businessDate: BusinessDate }),
    responses: { 200: Clearing },
    problems: ['DAY_NOT_OVER'],
  }),
  showClearing: route({
    method: 'GET',
    path: '/payment/clearings/{businessDate}',
    action: 'clearings.read',
    whose: 'scoped',
    summary: 'What each party is owed (positive) or owes (negative) for a day',
    params: closed({ businessDate: BusinessDate }),
    responses: { 200: Clearing },
    problems: ['CLEARING_UNKNOWN', 'CLEARING_UNFINISHED'],
  }),
  showPayouts: route({
    method: 'GET',
    path: '/payment/clearings/{businessDate}/payouts',
    action: 'payouts.read',
    whose: 'scoped',
    summary: "What of a cleared day is still in pay-out, by party, and the bank's lines",
    params: closed({ businessDate: BusinessDate }),
    responses: { 200: Payouts },
    problems: ['CLEARING_UNKNOWN', 'CLEARING_UNFINISHED'],
  }),
  bookPayout: route({
    method: 'POST',
    path: '/payment/clearings/{businessDate}/payouts',
    action: 'payouts.book',
    whose: 'platform',
    approval: {
      when: 'always',
      shows: ['party', 'partyId', 'amountFen', 'bankReference', 'valueDate', 'evidence'],
    },
    summary: "Book the bank's line by which a party of a cleared day was paid, or paid in",
    description:
      'Decided by two people. A part leaves the rest in pay-out; the same line again changes nothing.',
    params: closed({ businessDate: BusinessDate }),
    body: closed(bankLine),
    responses: { 200: Payouts },
    problems: [
      'CLEARING_UNKNOWN',
      'CLEARING_UNFINISHED',
      'PAYOUT_EXCEEDS',
      'PAYOUT_CONFLICT',
      'DAY_NOT_BEGUN',
    ],
  }),
  ...payoutRoutes,
  reconcile: route({
    method: 'GET',
    path: '/payment/reconciliation/{date}',
    action: 'reconciliations.read',
    whose: 'platform',
    summary: "A day's captures and refunds, by the channel's clearing date, beside its statement",
    params: closed({ date: BusinessDate }),
    responses: {
      200: closed({
        date: BusinessDate,
        matched: Count,
        matchedFen: NetFen,
        onlyOurs: Type.Array(StatementEntry),
        onlyTheirs: Type.Array(StatementEntry),
        amountsDiffer: Type.Array(closed({ kind, id: Id, oursFen: NetFen, theirsFen: NetFen })),
        others: Type.Array(
          closed({ kind: Type.String(), id: Type.String(), amountFen: orNull(NetFen) }),
          { description: 'Rows that are neither: chargeback, fee, or `unreadable`' },
        ),
        kept: Type.Array(
          closed({
            rowId: Id,
            date: BusinessDate,
            kind: Type.String(),
            id: Type.String(),
            amountFen: orNull(NetFen),
            visitId: orNull(VisitId),
            account: {
              ...orNull(Type.String()),
              description: "Where it is posted, against the channel's; null: it is not posted",
            },
            keptAt: Moment,
            notedAt: orNull(Moment),
          }),
          { description: 'Others as kept by the last comparison once the day was over' },
        ),
        inTransit: Type.Array(StatementEntry, {
          description:
            'Ours near the edge of the day: on the statement of the day beside it, or awaited there',
        }),
        agrees: Type.Boolean({ description: 'What is in transit is no difference' }),
        counts: {
          ...closed({
            onlyOurs: Count,
            onlyTheirs: Count,
            amountsDiffer: Count,
            others: Count,
            inTransit: Count,
          }),
          description: 'How many there are; of each list the first thousand are shown',
        },
      }),
    },
    problems: ['CHANNEL_UNAVAILABLE', 'DAY_NOT_BEGUN'],
  }),
  listReconciliations: route({
    method: 'GET',
    path: '/payment/reconciliations',
    action: 'reconciliations.list',
    whose: 'platform',
    summary:
      'The latest comparison of each day that is over with the statement, the latest day first; ' +
      'fees count as no difference',
    query: closed({ after: Type.Optional(BusinessDate) }),
    responses: {
      200: closed({
        reconciliations: Type.Array(Reconciled),
        next: Type.Optional(BusinessDate),
      }),
    },
    problems: [],
  }),
  reconcileDay: route({
    method: 'POST',
    path: '/payment/reconciliations',
    action: 'reconciliations.make',
    whose: 'platform',
    summary: 'Compare a day that is over with the statement now, and keep the result',
    body: closed({ date: BusinessDate }),
    responses: { 200: Reconciled },
    problems: ['CHANNEL_UNAVAILABLE', 'DAY_NOT_OVER'],
  }),
};
