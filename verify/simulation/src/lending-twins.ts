import { seededRandom } from '@caretab/doubles';
import type { ServiceDefinition } from '@caretab/host';
import type { MemoryDatabase } from '@caretab/store';
import { LenderTwin } from './lender-twin';
import { LENDER_ID, type LendingPlan } from './lending-plan';
import { bankPolicy } from './line-policy-data';
import { planOf } from './plan';
import type { Scheduler } from './scheduler';

const LATE_TIMEOUT_MS = 20_000;
const FROM = '2025-01-01';
const APPROVED_AT = new Date('2024-12-01T00:00:00Z');

/** A bank that lends, in a seed that has one; it draws from a stream of its own. */
export const lenderOf = (
  seed: number,
  { scheduler }: { readonly scheduler: Scheduler },
): LenderTwin | undefined => {
  const { lending } = planOf(seed);
  if (!lending) return undefined;
  const random = seededRandom(seed * 1_000 + 811);
  const later = (run: () => void): void =>
    void scheduler.after(
      random.integer(3_000, LATE_TIMEOUT_MS),
      'a bank does what it was asked',
      run,
    );
  return new LenderTwin(random, lending, later, () => scheduler.nowMs);
};

/** The region's policy, which two people approved before. */
export const putBankPolicy = (
  database: MemoryDatabase,
  service: ServiceDefinition<any>,
  { classes }: LendingPlan,
): void => {
  const table = service.tables.find(({ name }) => name === 'line_policy')!;
  const document = bankPolicy(classes, LENDER_ID, FROM);
  const { policyId, region } = document;
  database.table<object>(table).put({
    ...{ version: `${policyId}.0000000000000000`, policyId, region, effectiveFrom: FROM, document },
    ...{ state: 'approved', putBy: 'operator', putAt: APPROVED_AT },
    ...{ approvedBy: 'second-operator', approvedAt: APPROVED_AT, dryRun: null },
    ...{ droppedBy: null, droppedAt: null },
    ...{ followedCount: 0, raisedCount: 0, raisedFen: 0, loweredCount: 0, loweredFen: 0 },
  });
};
