import {
  adjudicationClaims,
  businessDateOf,
  message,
  type VisitClass,
  type WithheldReason,
} from '@caretab/contracts';
import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { approvedDocuments } from '../document/approved-documents';
import { withPlanUse } from '../document/plan-use';
import { versionsOn } from '../document/versions';
import { institutionLevelTable } from '../institution/institution-level.table';
import { kindOf } from '../membership/membership-list';
import type { MembershipRow } from '../membership/membership.table';
import { membershipsOn } from '../membership/memberships';
import { readAccumulators } from './accumulators';
import { entitlementOf } from './claim-versions';
import { type CoverageRow, coverageTable } from './coverage.table';
import { type Care, coverageOf, totalsYearOf, usesOf } from './terms';

/** An opened visit, as its coverage needs it. */
export interface Opening {
  readonly visitId: string;
  readonly personId: string;
  readonly institutionId: string;
  readonly visitClass: VisitClass;
  readonly startedAt: string;
  readonly causedBy: { readonly id: string; readonly traceparent?: string | undefined };
}

interface WhoseDay {
  readonly personId: string;
  readonly careDate: string;
}

/** A person's memberships on a day, those of basic plans apart. */
const plansOn = async (
  transaction: Transaction,
  { personId, careDate }: WhoseDay,
): Promise<{ readonly basic: MembershipRow[]; readonly others: MembershipRow[] }> => {
  const rows = await membershipsOn(transaction, personId, careDate);
  const approved = rows.length > 0 ? await approvedDocuments(transaction) : [];
  const isBasic = ({ planId }: MembershipRow): boolean => kindOf(planId, approved) === 'basic';
  return { basic: rows.filter(isBasic), others: rows.filter((row) => !isBasic(row)) };
};

/** Whether a person has a basic plan on a day. */
export const hasBasic = async (transaction: Transaction, whose: WhoseDay): Promise<boolean> =>
  (await plansOn(transaction, whose)).basic.length > 0;

type Entitled = Pick<Care, 'entitlements' | 'withheld' | 'documents' | 'coordination'>;

/**
 * The plans that a person has on a day, and the versions of those that are documents; of basic ones
 * none where they are withheld.
 */
export const entitledOn = async (
  transaction: Transaction,
  whose: WhoseDay,
  reason: WithheldReason | undefined,
): Promise<Entitled> => {
  const { basic, others } = await plansOn(transaction, whose);
  const rows = reason === undefined ? [...basic, ...others] : others;
  const planIds = rows.map(({ planId }) => planId);
  const versions = await versionsOn(transaction, planIds, whose.careDate);
  const withheld = reason === undefined ? [] : basic.map(({ planId }) => ({ planId, reason }));
  return {
    entitlements: rows.map((row) => entitlementOf(row, versions.documents)),
    ...(withheld.length > 0 && { withheld }),
    ...versions,
  };
};

/** Which plans may pay for a visit: decided once, at its opening. */
export class Coverages {
  constructor(private readonly clock: Clock) {}

  /**
   * Decides and publishes the terms. Without a membership there are none: the patient pays all.
   * `reason`: why basic plans pay nothing. Throws INSTITUTION_UNKNOWN (awaited) while the
   * institution's level is not known, COVERAGE_CONFLICT (conflict) for another person in the same visit.
   */
  async determine(
    transaction: Transaction,
    { visitId, personId, institutionId, visitClass, startedAt, causedBy }: Opening,
    reason?: WithheldReason,
  ): Promise<void> {
    const level = await transaction.rows(institutionLevelTable).get({ institutionId });
    if (!level) throw new DomainError('INSTITUTION_UNKNOWN', 'awaited', { institutionId });
    const careDate = businessDateOf(startedAt);
    const determinedAt = this.clock.now();
    const care: Care = {
      ...{ visitId, careDate, totalsYear: totalsYearOf(determinedAt) },
      ...{ visitClass, hospitalLevel: level.level },
      ...(await entitledOn(transaction, { personId, careDate }, reason)),
    };
    const accumulators = await readAccumulators(transaction, personId, usesOf(care));
    const stands = coverageOf(care, accumulators);
    const snapshot = await withPlanUse(transaction, personId, stands, {});
    const row: CoverageRow = {
      ...{ visitId, personId, institutionId, careDate, entitlements: care.entitlements },
      ...{ snapshot, determinedAt, closedDate: null },
    };
    const known = await transaction.rows(coverageTable).get({ visitId });
    if (known && known.personId !== personId)
      throw new DomainError('COVERAGE_CONFLICT', 'conflict', { visitId });
    if (known) return;
    await transaction.rows(coverageTable).insert(row);
    const data = { visitId, personId, coverage: snapshot };
    transaction.publish(
      message(adjudicationClaims, 'CoverageDetermined', data, {
        ...{ id: derivedId('CoverageDetermined', visitId), time: determinedAt },
        ...{ source: 'adjudication', causedBy },
      }),
    );
  }
}
