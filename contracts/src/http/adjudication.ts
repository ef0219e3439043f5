import { type Static, Type } from '@sinclair/typebox';
import { Coverage, ClaimLineResult, PlanFacts, Scope } from '../adjudication';
import { HospitalLevel } from '../identity';
import {
  BusinessDate,
  Fen,
  Id,
  InstitutionId,
  Instant,
  PayerId,
  PersonId,
  SignedFen,
  VisitClass,
  VisitId,
} from '../schemas';
import { ClaimLine } from '../visit-ledger';
import { centreOrderRoutes } from './centre-orders';
import { ClaimCause, ClaimInputs } from './claim-basis';
import { ClaimExplanation } from './claim-explanation';
import { outsideUseRoutes } from './outside-use';
import { type Frozen, route } from './route';
import { closed, Moment, oneOf, orNull } from './shapes';

const Revision = Type.Integer({ minimum: 1 });
const Rate = Type.Integer({ minimum: 0, maximum: 10_000, description: 'Basis points' });

const ScopeTotals = closed({
  grossFen: Fen,
  ownExpenseFen: Fen,
  overLimitFen: Fen,
  firstSelfPayFen: Fen,
  inScopeFen: Fen,
});
const PlanPart = closed({
  planId: Id,
  payerId: PayerId,
  amountFen: Fen,
  fundFen: Fen,
  personalAccountFen: Fen,
});
const PlanStep = closed(
  {
    planId: Id,
    payerId: PayerId,
    baseFen: Fen,
    deductibleFen: Fen,
    bands: Type.Array(closed({ fromFen: Fen, toFen: Fen, rateBps: Rate, payFen: Fen })),
    coPaymentFen: Fen,
    aboveCapFen: Fen,
    fundFen: Fen,
    personalAccountFen: Fen,
    paid: closed({ inScope: Fen, firstSelfPay: Fen, overLimit: Fen, ownExpense: Fen }),
  },
  { description: 'How a plan came to its part: deductible + co-payment + above cap + fund = base' },
);

export const Membership = closed({
  planId: Id,
  psnType: Type.String({
    pattern: '^\\d{2,6}$',
    description: 'National code psn_type: 11 employed, 12 retired, 1403 pupil, 15 resident adult …',
  }),
  from: BusinessDate,
  to: Type.Optional(
    Type.Union([BusinessDate, Type.Null()], { description: 'Last day, inclusive; absent is open' }),
  ),
  personalAccountYuan: Type.Optional(
    Type.Union(
      [
        Type.String({ pattern: '^\\d{1,9}(\\.\\d{1,2})?$' }),
        Type.Integer({ minimum: 0, maximum: 999_999_999 }),
      ],
      {
        description:
          "All that was ever credited to the person's own account at this plan; what " +
          'visits used is kept apart. Exact decimal, yuan',
      },
    ),
  ),
  facts: Type.Optional({
    ...PlanFacts,
    description:
      'Facts of the person that a plan document looks at, such as aidClasses or transferFiled',
  }),
});
export type Membership = Frozen<Static<typeof Membership>>;
const PersonMemberships = closed({
  personId: PersonId,
  memberships: Type.Array(
    closed({
      ...{ planId: Id, psnType: Type.String(), from: BusinessDate, to: orNull(BusinessDate) },
      facts: Type.Optional(PlanFacts),
    }),
  ),
  personalAccounts: Type.Array(closed({ planId: Id, creditedFen: Fen, usedFen: Fen })),
});
const WhichPerson = closed({ personId: PersonId });

export const EstimateRequest = closed({
  personId: PersonId,
  careDate: BusinessDate,
  visitClass: VisitClass,
  hospitalLevel: HospitalLevel,
  lines: Type.Array(
    Type.Pick(ClaimLine, ['itemCode', 'quantity', 'amountFen'], { additionalProperties: false }),
    { maxItems: 500 },
  ),
});
export type EstimateRequest = Static<typeof EstimateRequest>;

const Yuan = Type.Integer({ minimum: 0 });
const byLevel = <const Schema extends ReturnType<typeof Type.Integer> | ReturnType<typeof bands>>(
  schema: Schema,
) => closed({ 'level-3': schema, 'level-2': schema, community: schema });
const bands = () => Type.Array(closed({ upToYuan: orNull(Yuan), rateBps: Rate }));
const Plan = closed({
  planId: Id,
  payerId: PayerId,
  kind: oneOf('basic', 'supplementary'),
  name: closed({ en: Type.String(), zh: Type.String() }),
  covers: Type.Array(Scope),
  versions: Type.Array(
    closed({
      effectiveFrom: BusinessDate,
      effectiveTo: orNull(BusinessDate),
      source: closed({ title: Type.String(), url: orNull(Type.String()), grade: Type.String() }),
      benefits: Type.Array(
        closed({
          benefit: oneOf('outpatient', 'inpatient'),
          psnTypes: Type.Array(Type.String()),
          deductibleBasis: oneOf('year', 'admission'),
          deductibleYuan: byLevel(Yuan),
          bands: byLevel(bands()),
          fundCapYuan: orNull(Yuan),
        }),
      ),
    }),
  ),
});

export const adjudicationRoutes = {
  ...centreOrderRoutes,
  showClaim: route({
    method: 'GET',
    path: '/adjudication/claims/{visitId}',
    action: 'claims.read',
    whose: 'scoped',
    summary:
      'The claim of a visit: totals, each plan’s part and how it came about, every line with its reasons',
    description:
      'Money in whole fen. National interface: grossFen medfee_sumamt · ownExpenseFen ' +
      'fulamt_ownpay_amt · overLimitFen overlmt_selfpay · firstSelfPayFen ' +
      'preselfpay_amt · inScopeFen inscp_scp_amt · steps.deductibleFen act_pay_dedc · ' +
      'payers.fundFen hifp_pay (basic) or oth_pay (supplementary) · ' +
      'payers.personalAccountFen acct_pay · patientDueFen psn_cash_pay · category ' +
      'A/B/C chrgitm_lv 01/02/03. explanation: which rule of which version took what, because of ' +
      'which numbers, in words and as `caretab adjudicate --json` prints it; of claims of earlier ' +
      'releases absent.',
    params: closed({ visitId: VisitId }),
    responses: {
      200: closed({
        visitId: VisitId,
        claimId: Id,
        revision: Revision,
        personId: PersonId,
        institutionId: InstitutionId,
        adjudicatedAt: Moment,
        totals: ScopeTotals,
        payers: Type.Array(PlanPart),
        patientDueFen: Fen,
        steps: Type.Array(PlanStep),
        coverage: Coverage,
        lines: Type.Array(ClaimLineResult),
        explanation: Type.Optional(ClaimExplanation),
        revisions: Type.Array(
          closed({
            revision: Revision,
            grossFen: Fen,
            patientDueFen: Fen,
            adjudicatedAt: Moment,
            cause: Type.Optional(ClaimCause),
          }),
        ),
        inputs: Type.Optional(ClaimInputs),
      }),
    },
    problems: ['CLAIM_UNKNOWN'],
  }),
  estimate: route({
    method: 'POST',
    path: '/adjudication/estimates',
    action: 'estimates.make',
    whose: 'scoped',
    summary: 'What charges would come to if they were adjudicated now; nothing is stored',
    body: EstimateRequest,
    responses: {
      200: closed({
        payers: Type.Array(PlanPart),
        patientDueFen: SignedFen,
        totals: ScopeTotals,
        lines: Type.Array(ClaimLineResult),
        withheld: Coverage.properties.withheld,
      }),
    },
    problems: ['PLAN_NOT_IN_FORCE'],
  }),
  replaceMemberships: route({
    method: 'PUT',
    path: '/adjudication/memberships/{personId}',
    action: 'memberships.replace',
    whose: { person: 'params.personId' },
    summary: "Replace a person's memberships by this list; the same list again changes nothing",
    params: WhichPerson,
    body: closed({ memberships: Type.Array(Membership, { maxItems: 20 }) }),
    responses: { 200: PersonMemberships },
    problems: [
      'PLAN_UNKNOWN',
      'PERSON_TYPE_NOT_IN_PLAN',
      'MEMBERSHIP_PERIOD_INVALID',
      'PERSONAL_ACCOUNT_NOT_ALLOWED',
      'MEMBERSHIPS_OVERLAP',
      'MEMBERSHIPS_TOO_MANY',
      'MEMBERSHIP_FACT_UNKNOWN',
    ],
  }),
  showMemberships: route({
    method: 'GET',
    path: '/adjudication/memberships/{personId}',
    action: 'memberships.read',
    whose: 'scoped',
    summary: "A person's memberships and personal accounts",
    params: WhichPerson,
    responses: { 200: PersonMemberships },
    problems: [],
  }),
  ...outsideUseRoutes,
  showPlanUse: route({
    method: 'GET',
    path: '/adjudication/memberships/{personId}/use',
    action: 'plan-use.read',
    whose: 'scoped',
    summary: 'What a person has used of each plan in a year, now or as it stood at a past instant',
    description:
      'National interface 5206 (cuminfo). By the claims that stood at the instant: one that was ' +
      'settled again later counts as it was. An insurer reads of its own plans.',
    params: WhichPerson,
    query: closed({
      year: Type.String({ pattern: '^20\\d{2}$', description: 'Of the settlement, Asia/Shanghai' }),
      at: Type.Optional({ ...Instant, description: 'Absent: now' }),
    }),
    responses: {
      200: closed({
        ...{ personId: PersonId, year: Type.Integer(), at: Moment },
        plans: Type.Array(
          closed({
            ...{ planId: Id, benefit: oneOf('outpatient', 'inpatient'), claims: Type.Integer() },
            ...{ deductibleFen: Fen, inScopeFen: Fen, fundFen: Fen, personalAccountFen: Fen },
          }),
        ),
      }),
    },
    problems: [],
  }),
  listPlans: route({
    method: 'GET',
    path: '/adjudication/plans',
    action: 'plans.list',
    whose: 'platform',
    unrecorded: true,
    summary: 'Every benefit plan with its versions, tables and sources',
    responses: { 200: closed({ plans: Type.Array(Plan) }) },
    problems: [],
  }),
};
