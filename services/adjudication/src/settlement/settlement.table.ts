import type { BenefitKind } from '@caretab/benefits';
import {
  dateColumn,
  fenColumn,
  instantColumn,
  integerColumn,
  table,
  textColumn,
} from '@caretab/store';

/** One posting to an insurer, as SettlementPosted says it: its lines are those of the claim. */
export interface SettlementRow {
  readonly settlementId: string;
  readonly claimId: string;
  readonly visitId: string;
  /** Of the claim that was settled; of a cancellation that of the claim taken back. */
  readonly revision: number;
  readonly payerId: string;
  readonly planId: string;
  readonly institutionId: string;
  readonly personId: string;
  readonly benefit: BenefitKind;
  /** What this posting adds, and so negative of a cancellation: what the visit cost, */
  readonly grossFen: number;
  /** and the plan's part of it, which is `fundFen` + `personalAccountFen`. */
  readonly postedFen: number;
  readonly fundFen: number;
  readonly personalAccountFen: number;
  /** The plan's whole part of the claim after it. */
  readonly totalFen: number;
  /** The settlement that this one takes back whole. */
  readonly cancels: string | null;
  readonly businessDate: string;
  readonly settledAt: Date;
}

export const settlementTable = table<SettlementRow>({
  name: 'settlement',
  columns: {
    settlementId: textColumn('settlement_id', { primary: true }),
    claimId: textColumn('claim_id'),
    visitId: textColumn('visit_id'),
    revision: integerColumn(),
    payerId: textColumn('payer_id'),
    planId: textColumn('plan_id'),
    institutionId: textColumn('institution_id'),
    personId: textColumn('person_id'),
    benefit: textColumn(),
    grossFen: fenColumn('gross_fen'),
    postedFen: fenColumn('posted_fen'),
    fundFen: fenColumn('fund_fen'),
    personalAccountFen: fenColumn('personal_account_fen'),
    totalFen: fenColumn('total_fen'),
    cancels: textColumn(undefined, { nullable: true }),
    businessDate: dateColumn('business_date'),
    settledAt: instantColumn('settled_at'),
  },
  uniques: [['cancels']],
  owners: { institution: 'institutionId', person: 'personId', payer: 'payerId' },
});
