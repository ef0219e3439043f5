import { Type } from '@sinclair/typebox';
import {
  BusinessDate,
  Fen,
  Id,
  InstitutionId,
  NetFen,
  PayerId,
  SignedFen,
  VisitId,
} from '../schemas';
import { route } from './route';
import { closed, Count, Moment, oneOf, orNull } from './shapes';

const Benefit = oneOf('outpatient', 'inpatient');
const params = closed({ payerId: PayerId });
const DAYS = 'of at most 92 days, by the business day of the postings';
const days = {
  from: { ...BusinessDate, description: 'First day' },
  to: { ...BusinessDate, description: 'Last day, inclusive' },
  institutionId: Type.Optional(InstitutionId),
};

const Posting = closed({
  ...{ settlementId: Id, claimId: Id, visitId: VisitId, revision: Type.Integer({ minimum: 1 }) },
  ...{ planId: Id, institutionId: InstitutionId, benefit: Benefit, businessDate: BusinessDate },
  grossFen: { ...SignedFen, description: 'What the visit cost; of a cancellation negative' },
  postedFen: { ...SignedFen, description: 'What it adds: fundFen + personalAccountFen' },
  ...{ fundFen: SignedFen, personalAccountFen: SignedFen, totalFen: Fen },
  cancels: orNull({ ...Id, description: 'The settlement that it takes back whole' }),
  settledAt: Moment,
});

const figures = {
  postings: { ...Count, description: 'Settlements and cancellations' },
  ...{ grossFen: NetFen, postedFen: NetFen, fundFen: NetFen, personalAccountFen: NetFen },
};
const Figures = closed(figures);

/** A whole number as a query says it. */
const Figure = Type.Optional(Type.String({ pattern: '^-?\\d{1,15}$' }));

/** What was posted to an insurer: period by period, one by one and in sums (3202, 3201). */
export const settlementRoutes = {
  listSettlements: route({
    method: 'GET',
    path: '/adjudication/payers/{payerId}/settlements',
    action: 'settlements.list',
    whose: 'scoped',
    summary: `Postings to an insurer ${DAYS}; at most 200, go on with ?after=<next>`,
    description:
      'National interface 3202. An insurer reads its own, a hospital those of its own visits. Each ' +
      'is one SettlementPosted, with no person and no lines.',
    params,
    query: closed({
      ...days,
      after: Type.Optional(
        Type.String({
          pattern: '^20\\d{2}-\\d{2}-\\d{2}_[0-9a-f-]{36}$',
          description: '`next` of the page before',
        }),
      ),
    }),
    responses: {
      200: closed({ settlements: Type.Array(Posting), next: Type.Optional(Type.String()) }),
    },
    problems: ['SETTLEMENT_DAYS'],
  }),
  sumSettlements: route({
    method: 'GET',
    path: '/adjudication/payers/{payerId}/settlements/totals',
    action: 'settlements.summarise',
    whose: 'scoped',
    summary: `Sums of postings to an insurer ${DAYS}: by hospital, kind of care and plan`,
    description:
      'National interface 3201: grossFen medfee_sumamt · fundFen fund_pay_sumamt · ' +
      'personalAccountFen acct_pay · postings fixmedins_setl_cnt · result stmt_rslt. Who sends ' +
      'sums of its own is answered whether all of those equal ours. Late postings fall on their ' +
      'business day: a period may change until its visits are all settled.',
    params,
    query: closed({
      ...days,
      ...{ postings: Figure, grossFen: Figure, postedFen: Figure, fundFen: Figure },
      personalAccountFen: Figure,
    }),
    responses: {
      200: closed({
        all: Figures,
        groups: Type.Array(
          closed({ institutionId: InstitutionId, benefit: Benefit, planId: Id, ...figures }),
        ),
        result: Type.Optional({
          ...Type.Union([Type.Literal(0), Type.Literal(1)]),
          description: '0: the sums that were sent equal ours; 1: one does not. Absent: none sent',
        }),
      }),
    },
    problems: ['SETTLEMENT_DAYS'],
  }),
};
