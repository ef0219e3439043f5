import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import { UNDER_WAY } from './activation-state';
import { activationTable } from './activation.table';

const MS_PER_S = 1000;

/** Gauges of activations that are under way, read from the rows at each scrape. */
export const observeActivations = (store: Store, clock: Clock): void => {
  const identity = meter('caretab.identity');
  const underWay = identity.createObservableGauge('caretab.identity.activations_under_way', {
    description: 'Activations that are under way, by status',
  });
  const age = identity.createObservableGauge('caretab.identity.oldest_activation_age_seconds', {
    description: 'How long the longest has been in each status',
  });
  identity.addBatchObservableCallback(
    async (result) => {
      const now = clock.now().getTime();
      await store.transact(async (transaction) => {
        const rows = transaction.rows(activationTable);
        for (const status of UNDER_WAY) {
          const longest = { orderBy: 'changedAt', countMax: 1 } as const;
          const [oldest] = await rows.find({ status }, longest);
          result.observe(underWay, oldest ? await rows.count({ status }) : 0, { status });
          const sinceMs = oldest ? now - oldest.changedAt.getTime() : 0;
          result.observe(age, sinceMs / MS_PER_S, { status });
        }
      });
    },
    [underWay, age],
  );
};
