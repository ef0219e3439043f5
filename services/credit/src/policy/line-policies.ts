import { businessDateOf } from '@caretab/contracts';
import type { Clock } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { type LinePolicy, linePolicies, policyOf, policyOn } from './line-policy';
import { freshPolicy, type LinePolicyRow, linePolicyTable } from './policy.table';

const SHIPPED = 'shipped';
const OPERATOR = 'operator';

/**
 * The policies that come into force one after the other: those that ship, and those that were
 * approved here. A process knows them from its last look; what decides on a line reads the rows.
 */
export class LinePolicies {
  private known: readonly LinePolicy[];

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly shipped?: readonly LinePolicy[];
    },
  ) {
    this.known = this.shipped;
  }

  private get shipped(): readonly LinePolicy[] {
    return this.parts.shipped ?? linePolicies;
  }

  /** The policy in force now, as far as this process knows. */
  inForce(): LinePolicy {
    return policyOn(this.today(), this.known);
  }

  /** The policy in force now, as the rows say. */
  async inForceIn(transaction: Transaction): Promise<LinePolicy> {
    const rows = await transaction
      .rows(linePolicyTable)
      .find({ state: { in: ['approved', 'dropped'] } });
    this.known = inOrder(rows, this.shipped);
    return this.inForce();
  }

  /**
   * The policy that a line is to follow: the one in force, or a later one that it follows already, as
   * where the clock of another process has reached that day first.
   */
  async followedBy(transaction: Transaction, policyId?: string): Promise<LinePolicy> {
    const inForce = await this.inForceIn(transaction);
    const at = this.known.findIndex(({ version }) => version === policyId);
    return at > this.known.indexOf(inForce) ? this.known[at]! : inForce;
  }

  /** What a line follows that is to follow this policy now. */
  earlierThan(policy: LinePolicy): readonly string[] {
    return [
      ...this.known.slice(0, this.known.indexOf(policy)).map(({ version }) => version),
      // Before a version stood beside it, a line named the policy alone.
      ...this.shipped.map(({ document }) => document.policyId),
    ];
  }

  /** Puts what ships among the rows, and learns what was approved. */
  async refresh(): Promise<void> {
    const at = this.parts.clock.now();
    await this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(linePolicyTable);
      const versions = this.shipped.map(({ version }) => version);
      if ((await rows.count({ version: { in: versions } })) < versions.length)
        await rows.insertAllAbsent(
          this.shipped.map((policy) => ({
            ...freshPolicy(policy, { by: SHIPPED, at }),
            ...{ state: 'approved', approvedBy: OPERATOR, approvedAt: at },
          })),
        );
      await this.inForceIn(transaction);
    });
  }

  today(): string {
    return businessDateOf(this.parts.clock.now());
  }
}

/** By the day on which they come into force; of one day the one that was approved last. */
const inOrder = (
  rows: readonly LinePolicyRow[],
  shipped: readonly LinePolicy[],
): readonly LinePolicy[] => {
  const versions = new Set(rows.map(({ version }) => version));
  const approved = rows
    .filter(({ state }) => state === 'approved')
    .map(({ document, approvedAt }) => ({ policy: policyOf(document), at: approvedAt!.getTime() }));
  const known = [
    ...shipped.filter(({ version }) => !versions.has(version)).map((policy) => ({ policy, at: 0 })),
    ...approved,
  ];
  const dayOf = ({ policy }: (typeof known)[number]): string => policy.document.effectiveFrom;
  return known
    .sort((a, b) => (dayOf(a) < dayOf(b) ? -1 : dayOf(a) > dayOf(b) ? 1 : a.at - b.at))
    .map(({ policy }) => policy);
};
