import { claimOfDocuments, type ClaimDays, planOfVersion } from '@caretab/benefits';
import type { Coverage } from '@caretab/contracts';
import { assert } from '@caretab/kernel';
import { counterKeys, type Verdict } from '@caretab/plans';
import type { Transaction } from '@caretab/store';
import { type PlanUseRow, planUseTable } from './document.table';

const NO_ACCOUNTS: ReadonlyMap<string, number> = new Map();

/** Fen, whole numbers, or ten-thousandths, under the counter's key. */
export type UsedCounter = Pick<PlanUseRow, 'key' | 'value'>;

/** What a person has used of the documents of a coverage, by plan: each counter it looks at. */
export type PlanUse = ReadonlyMap<string, readonly UsedCounter[]>;

/** Of a counter that was never used there is nothing, not no entry. */
export const readPlanUse = async (
  transaction: Transaction,
  personId: string,
  coverage: Coverage,
  days: ClaimDays,
): Promise<PlanUse> => {
  const use = new Map<string, readonly UsedCounter[]>();
  for (const { planId, document } of coverage.plans) {
    if (!document) continue;
    const claim = claimOfDocuments(coverage, NO_ACCOUNTS, { lines: [] }, days);
    const keys = counterKeys(planOfVersion(document.version), claim);
    const rows = await transaction.rows(planUseTable).find({ personId, planId, key: { in: keys } });
    const stands = new Map(rows.map(({ key, value }) => [key, value]));
    use.set(
      planId,
      [...keys].sort().map((key) => ({ key, value: stands.get(key) ?? 0 })),
    );
  }
  return use;
};

/** The coverage with what was used of its documents' counters. */
export const withUse = (coverage: Coverage, use: PlanUse): Coverage => ({
  ...coverage,
  plans: coverage.plans.map((terms) => {
    const { planId, document } = terms;
    const used = use.get(planId)?.filter(({ value }) => value > 0) ?? [];
    return document ? { ...terms, document: { ...document, used } } : terms;
  }),
});

/** The coverage with what the person has used before of its documents' counters. */
export const withPlanUse = async (
  transaction: Transaction,
  personId: string,
  coverage: Coverage,
  days: ClaimDays,
): Promise<Coverage> => withUse(coverage, await readPlanUse(transaction, personId, coverage, days));

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
