import type { FUND_FAULTS } from '@caretab/contracts';
import {
  fenColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  table,
  textColumn,
} from '@caretab/store';

/** What a check found in a claim, for one payer that bears a part of it. */
export interface ClaimFlagRow {
  /** Of rule, claim, payer and finding: the same finding again is the same flag. */
  readonly flagId: string;
  readonly ruleId: string;
  readonly kind: string;
  /** Content hash of the rules that found it first. */
  readonly rulesVersion: string;
  readonly payerId: string;
  readonly institutionId: string;
  readonly visitId: string;
  readonly claimId: string;
  readonly revision: number;
  /** Other claims that the same payer bears a part of, and figures; no person. */
  readonly evidence: {
    readonly claimIds: readonly string[];
    readonly figures: Readonly<Record<string, number | string>>;
  };
  readonly atStakeFen: number;
  readonly raisedAt: Date;
  readonly state: 'open' | 'taken' | 'cleared' | 'confirmed';
  readonly owner: string | null;
  readonly reason: (typeof FUND_FAULTS)[number] | null;
  readonly amountFen: number | null;
}

export const claimFlagTable = table<ClaimFlagRow>({
  name: 'claim_flag',
  columns: {
    flagId: textColumn('flag_id', { primary: true }),
    ruleId: textColumn('rule_id'),
    kind: textColumn(),
    rulesVersion: textColumn('rules_version'),
    payerId: textColumn('payer_id'),
    institutionId: textColumn('institution_id'),
    visitId: textColumn('visit_id'),
    claimId: textColumn('claim_id'),
    revision: integerColumn(),
    evidence: jsonColumn(),
    atStakeFen: fenColumn('at_stake_fen'),
    raisedAt: instantColumn('raised_at'),
    state: textColumn(),
    owner: textColumn('owner', { nullable: true }),
    reason: textColumn('reason', { nullable: true }),
    amountFen: fenColumn('amount_fen', { nullable: true }),
  },
  owners: { payer: 'payerId' },
});

/** How far the checks came: one row. */
export interface CheckPlaceRow {
  readonly name: string;
  readonly adjudicatedAt: Date | null;
  readonly visitId: string | null;
  readonly revision: number | null;
}

export const checkPlaceTable = table<CheckPlaceRow>({
  name: 'check_place',
  columns: {
    name: textColumn(undefined, { primary: true }),
    adjudicatedAt: instantColumn('adjudicated_at', { nullable: true }),
    visitId: textColumn('visit_id', { nullable: true }),
    revision: integerColumn('revision', { nullable: true }),
  },
});
