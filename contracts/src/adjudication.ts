import { type Static, Type } from '@sinclair/typebox';
import { WITHHELD } from './entitlement';
import { HospitalLevel } from './identity';
import { PlanVersion } from './plans';
import {
  BusinessDate,
  ChargeId,
  Code,
  Fen,
  Id,
  Instant,
  InstitutionId,
  PayerId,
  PersonId,
  SignedFen,
  VisitClass,
  VisitId,
} from './schemas';
import { DAY_MS, topic } from './topic';
import { Resettlement } from './resettlement';
import { PayerPart } from './visit-ledger';

export const Band = Type.Object(
  {
    upToFen: Type.Union([Fen, Type.Null()]),
    rateBps: Type.Integer({ minimum: 0, maximum: 10_000 }),
  },
  {
    additionalProperties: false,
    description: 'Limits are counted from 0 and include the deductible; null is open',
  },
);

/** The four parts every amount falls into; a plan pays for those that it covers. */
export const Scope = Type.Union([
  Type.Literal('inScope'),
  Type.Literal('firstSelfPay'),
  Type.Literal('overLimit'),
  Type.Literal('ownExpense'),
]);
export type Scope = Static<typeof Scope>;

/** A fact of a person or a visit, as plans look at it. */
export const FactValue = Type.Union([
  Type.String({ maxLength: 120 }),
  Type.Number(),
  Type.Boolean(),
  Type.Array(Type.String({ maxLength: 120 }), { maxItems: 50 }),
]);
export const PlanFacts = Type.Record(
  Type.String({ pattern: '^[a-z][A-Za-z0-9-]{0,39}$' }),
  FactValue,
);
export type PlanFacts = Static<typeof PlanFacts>;

/** A plan that is a document: by which version, and what it needs to know of the person. */
export const PlanDocumentTerms = Type.Object(
  {
    version: PlanVersion,
    memberFrom: BusinessDate,
    memberTo: Type.Union([BusinessDate, Type.Null()]),
    facts: PlanFacts,
    used: Type.Array(
      Type.Object(
        { key: Type.String({ maxLength: 200 }), value: Type.Integer() },
        { additionalProperties: false },
      ),
      {
        description:
          'What was used of the plan’s counters before, by the keys of the plan language',
      },
    ),
  },
  { additionalProperties: false },
);
export type PlanDocumentTerms = Static<typeof PlanDocumentTerms>;

/** One plan's parameters for this visit, with what the year has already used up. */
export const PlanTerms = Type.Object(
  {
    planId: Id,
    payerId: PayerId,
    kind: Type.Union([Type.Literal('basic'), Type.Literal('supplementary')]),
    deductibleFen: Fen,
    deductibleUsedFen: Fen,
    bands: Type.Array(Band, { minItems: 1 }),
    inScopeUsedFen: Fen,
    fundCapFen: Type.Union([Fen, Type.Null()]),
    fundUsedFen: Fen,
    personalAccountFen: Fen,
    covers: Type.Optional(
      Type.Array(Scope, {
        minItems: 1,
        maxItems: 4,
        description:
          'Parts the plan pays for, first to last, as far as earlier plans left them; absent: inScope alone',
      }),
    ),
    document: Type.Optional({
      ...PlanDocumentTerms,
      description:
        'The plan is a document of adjudication.plans, and this says what decides; the figures beside ' +
        'it pay nothing',
    }),
  },
  { additionalProperties: false },
);
export type PlanTerms = Static<typeof PlanTerms>;

/** Plans that may pay for one visit. */
export const PLANS_MAX = 4;

/** Everything the pure benefit rules need to know of a person for one visit. */
export const Coverage = Type.Object(
  {
    coverageId: Id,
    catalogueDate: BusinessDate,
    hospitalLevel: HospitalLevel,
    plans: Type.Array(PlanTerms, {
      maxItems: PLANS_MAX,
      description: 'In the order in which they pay',
    }),
    withheld: Type.Optional(
      Type.Array(
        Type.Object(
          {
            planId: Id,
            reason: Type.Union(WITHHELD.map((reason) => Type.Literal(reason))),
          },
          { additionalProperties: false },
        ),
        {
          minItems: 1,
          maxItems: PLANS_MAX,
          description: 'Basic plans of the person that pay nothing for this visit, and why',
        },
      ),
    ),
    visitClass: Type.Optional(VisitClass),
    coordination: Type.Optional({
      ...PlanVersion,
      description: 'The coordination file that says in which order plans and accounts pay',
    }),
  },
  { additionalProperties: false },
);
export type Coverage = Static<typeof Coverage>;

/**
 * One line as it was settled (names after the national interface: fulamt_ownpay_amt, overlmt_amt,
 * preselfpay_amt, inscp_scp_amt).
 */
export const ClaimLineResult = Type.Object(
  {
    chargeId: ChargeId,
    itemCode: Type.String(),
    amountFen: Fen,
    category: Type.Union([Type.Literal('A'), Type.Literal('B'), Type.Literal('C')]),
    ownExpenseFen: Fen,
    overLimitFen: Fen,
    firstSelfPayFen: Fen,
    inScopeFen: Fen,
    payersFen: Fen,
    patientFen: Fen,
    reasons: Type.Array(Code),
  },
  { additionalProperties: false },
);
export type ClaimLineResult = Static<typeof ClaimLineResult>;

const Revision = Type.Integer({ minimum: 1 });

export const adjudicationClaims = topic({
  name: 'adjudication.claims',
  authors: ['adjudication'],
  description: 'Coverage for an opened visit; the verdict on a closed one. Keyed by visit.',
  keyField: 'visitId',
  partitions: 12,
  retentionMs: 14 * DAY_MS,
  events: {
    CoverageDetermined: Type.Object(
      { visitId: VisitId, personId: PersonId, coverage: Coverage },
      { additionalProperties: false },
    ),
    ClaimAdjudicated: Type.Object(
      {
        visitId: VisitId,
        personId: PersonId,
        claimId: Id,
        revision: Type.Integer({ minimum: 1 }),
        grossFen: Fen,
        payers: Type.Array(PayerPart),
        patientDueFen: Fen,
        adjudicatedAt: Instant,
      },
      { additionalProperties: false },
    ),
    ResettlementRequested: Type.Object(
      {
        visitId: VisitId,
        personId: PersonId,
        claimId: Id,
        revision: Revision,
        ...Resettlement.properties,
      },
      {
        additionalProperties: false,
        description:
          'The visit closes again, under the next revision, with the charges that it has; of an ' +
          'earlier revision than its last it asks for nothing',
      },
    ),
  },
});

/** One schema for all insurers: it is compiled once. */
const SettlementPosted = Type.Object(
  {
    settlementId: Id,
    claimId: Id,
    visitId: VisitId,
    institutionId: InstitutionId,
    personId: PersonId,
    planId: Id,
    revision: Type.Integer({ minimum: 1 }),
    businessDate: BusinessDate,
    grossFen: Fen,
    postedFen: SignedFen,
    totalFen: Fen,
    lines: Type.Array(ClaimLineResult, { maxItems: 5000 }),
    cancels: Type.Optional(Id),
    settledAt: Type.Optional(Instant),
  },
  {
    additionalProperties: false,
    description:
      'postedFen: what this posting adds; totalFen: the insurer’s whole part after it. ' +
      'cancels: the settlementId that this one takes back whole (postedFen is negative, ' +
      'revision is the earlier one, no lines). settledAt: when it was settled, by the clock of ' +
      'adjudication; totals of insurers go by it, the books of institutions do not',
  },
);

/** Each insurer has a topic of its own and sees nothing of another's. */
export const insurerSettlements = (payerId: string) =>
  topic({
    name: `insurer.${payerId}.settlements`,
    authors: ['adjudication'],
    description:
      'What this insurer owes, claim by claim. A correction is two postings: the earlier settlement ' +
      'taken back whole, and the new one.',
    keyField: 'claimId',
    partitions: 6,
    retentionMs: 400 * DAY_MS,
    events: { SettlementPosted },
  });
