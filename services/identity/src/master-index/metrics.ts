import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import { matchCaseTable } from './match-case.table';

const MS_PER_S = 1000;

/** Gauges of the review queue, read from the rows at each scrape. */
export const observeIndex = (store: Store, clock: Clock): void => {
  const identity = meter('caretab.identity');
  const open = identity.createObservableGauge('caretab.identity.match_cases', {
    description: 'Records that may be of another person and wait for people',
  });
  const age = identity.createObservableGauge('caretab.identity.oldest_match_case_age_seconds', {
    description: 'Age of the oldest of them',
  });
  identity.addBatchObservableCallback(
    async (result) => {
      const { count, oldest } = await store.transact(async (transaction) => ({
        count: await transaction.rows(matchCaseTable).count({ status: 'open' }),
        oldest: await transaction
          .rows(matchCaseTable)
          .find({ status: 'open' }, { orderBy: 'openedAt', countMax: 1 }),
      }));
      result.observe(open, count);
      const nowMs = clock.now().getTime();
      result.observe(age, (nowMs - (oldest[0]?.openedAt.getTime() ?? nowMs)) / MS_PER_S);
    },
    [open, age],
  );
};
