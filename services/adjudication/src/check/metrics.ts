import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import type { ClaimChecks } from './claim-checks';
import { claimFlagTable } from './claim-flag.table';

const adjudication = meter('caretab.adjudication');
const flags = adjudication.createCounter('caretab.adjudication.claim_flags', {
  description: 'Flags that checks raised, by rule',
});

export const countFlag = (rule: string): void => flags.add(1, { rule });

/** Gauges of flags that wait for a payer, and of claims that wait for the checks. */
export const observeChecks = (store: Store, clock: Clock, checks: ClaimChecks): void => {
  const open = adjudication.createObservableGauge('caretab.adjudication.open_reviews', {
    description: 'Flags that a payer has not decided',
  });
  const oldest = adjudication.createObservableGauge(
    'caretab.adjudication.oldest_review_age_seconds',
    { description: 'How long the oldest of them waits', unit: 's' },
  );
  const behind = adjudication.createObservableGauge('caretab.adjudication.checks_behind_seconds', {
    description: 'How long the oldest claim waits that is not looked through',
    unit: 's',
  });
  adjudication.addBatchObservableCallback(
    async (result) => {
      await store.transact(async (transaction) => {
        const rows = transaction.rows(claimFlagTable);
        const undecided = { state: { in: ['open', 'taken'] as const } };
        const [first] = await rows.find(undecided, { orderBy: 'raisedAt', countMax: 1 });
        const sinceMs = first ? clock.now().getTime() - first.raisedAt.getTime() : 0;
        result.observe(open, await rows.count(undecided));
        result.observe(oldest, sinceMs / 1000);
        result.observe(behind, (await checks.behindMs(transaction)) / 1000);
      });
    },
    [open, oldest, behind],
  );
};
