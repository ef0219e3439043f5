import {
  adjudicationClaims,
  businessDateOf,
  message,
  type VisitClass,
  type WithheldReason,
} from '@caretab/contracts';
import { findPlan } from '@caretab/benefits';
import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { institutionLevelTable } from '../institution/institution-level.table';
import { membershipsOn } from '../membership/memberships';
import { readAccumulators } from './accumulators';
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

const isBasic = ({ planId }: { readonly planId: string }): boolean =>
  findPlan(planId)?.kind === 'basic';

/** Whether a person has a basic plan on a day. */
export const hasBasic = async (
  transaction: Transaction,
  { personId, careDate }: { readonly personId: string; readonly careDate: string },
): Promise<boolean> => (await membershipsOn(transaction, personId, careDate)).some(isBasic);

/** The plans that a person has on a day; of basic ones none where they are withheld. */
export const entitledOn = async (
  transaction: Transaction,
  { personId, careDate }: { readonly personId: string; readonly careDate: string },
  reason: WithheldReason | undefined,
): Promise<Pick<Care, 'entitlements' | 'withheld'>> => {
  const plans = (await membershipsOn(transaction, personId, careDate)).map(
    ({ planId, psnType }) => ({ planId, psnType }),
  );
  if (reason === undefined) return { entitlements: plans };
  const withheld = plans.filter(isBasic).map(({ planId }) => ({ planId, reason }));
  const entitlements = plans.filter((plan) => !isBasic(plan));
  return { entitlements, ...(withheld.length > 0 && { withheld }) };
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
    const snapshot = coverageOf(care, await readAccumulators(transaction, personId, usesOf(care)));
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
