import type { PlanFacts } from '@caretab/contracts';
import {
  dateColumn,
  fenColumn,
  instantColumn,
  jsonColumn,
  table,
  textColumn,
} from '@caretab/store';

/** One row per person who ever had memberships: the lock for replacing them, and the last list. */
export interface MemberRow {
  readonly personId: string;
  readonly contentHash: string;
  readonly changedAt: Date;
}

export const memberTable = table<MemberRow>({
  name: 'member',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    contentHash: textColumn('content_hash'),
    changedAt: instantColumn('changed_at'),
  },
});

/** A person belongs to a plan from a day until a day, both inclusive. */
export interface MembershipRow {
  readonly personId: string;
  readonly planId: string;
  readonly memberFrom: string;
  readonly memberTo: string | null;
  /** National code psn_type. */
  readonly psnType: string;
  /** What a plan document may look at of the person. */
  readonly facts: PlanFacts | null;
}

const ofPersonInPlan = { person: 'personId', plan: 'planId' } as const;

export const membershipTable = table<MembershipRow>({
  name: 'membership',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    planId: textColumn('plan_id', { primary: true }),
    memberFrom: dateColumn('member_from', { primary: true }),
    memberTo: dateColumn('member_to', { nullable: true }),
    psnType: textColumn('psn_type'),
    facts: jsonColumn(undefined, { nullable: true }),
  },
  owners: ofPersonInPlan,
});

/**
 * The person's own money at a basic payer: what was credited so far, and what visits have used of
 * it.
 */
export interface PersonalAccountRow {
  readonly personId: string;
  readonly planId: string;
  readonly creditedFen: number;
  readonly usedFen: number;
}

export const personalAccountTable = table<PersonalAccountRow>({
  name: 'personal_account',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    planId: textColumn('plan_id', { primary: true }),
    creditedFen: fenColumn('credited_fen'),
    usedFen: fenColumn('used_fen'),
  },
  owners: ofPersonInPlan,
});
