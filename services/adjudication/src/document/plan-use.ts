import { claimOfDocuments, type ClaimDays, planOfVersion } from '@caretab/benefits';
import type { Coverage } from '@caretab/contracts';
import { assert } from '@caretab/kernel';
import { counterKeys, type Verdict } from '@caretab/plans';
import type { Transaction } from '@caretab/store';
import { type PlanUseRow, planUseTable } from './document.table';

const NO_ACCOUNTS: ReadonlyMap<string, number> = new Map();

/** The coverage with what the person has used before of its documents' counters. */
export const withPlanUse = async (
  transaction: Transaction,
  personId: string,
  coverage: Coverage,
  days: ClaimDays,
): Promise<Coverage> => {
  const plans: Coverage['plans'] = [];
  for (const terms of coverage.plans) {
    const { planId, document } = terms;
    if (!document) {
      plans.push(terms);
      continue;
    }
    const claim = claimOfDocuments(coverage, NO_ACCOUNTS, { lines: [] }, days);
    const keys = counterKeys(planOfVersion(document.version), claim);
    const rows = await transaction
      .rows(planUseTable)
      .find({ personId, planId, key: { in: keys } }, { orderBy: 'key' });
    const used = rows.map(({ key, value }) => ({ key, value }));
    plans.push({ ...terms, document: { ...document, used } });
  }
  return { ...coverage, plans };
};

/**
 * Adds what a verdict used of its documents' counters, or takes it back. The caller has locked the
 * person.
 */
export const changePlanUse = async (
  transaction: Transaction,
  personId: string,
  { coverage, verdict }: { readonly coverage: Coverage; readonly verdict: Verdict },
  sign: 1 | -1,
): Promise<void> => {
  const rows = transaction.rows(planUseTable);
  for (const { planId, document } of coverage.plans) {
    const own = document
      ? verdict.moves.filter(({ counter }) => counter.startsWith(`${planId}/`))
      : [];
    if (own.length === 0) continue;
    const found = await rows.find({ personId, planId, key: { in: own.map(({ key }) => key) } });
    const stands = new Map(found.map(({ key, value }) => [key, value]));
    const changed = own.map(({ key, before, after }): PlanUseRow => {
      const value = (stands.get(key) ?? 0) + sign * (after - before);
      assert(value >= 0, 'only what a claim used is taken back');
      return { personId, planId, key, value };
    });
    await rows.save(...changed);
  }
};
