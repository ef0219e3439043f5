import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import { erasureTable, UNDER_WAY } from './erasure.table';

const MS_PER_S = 1000;

/** Gauges of erasures that are under way, read from the rows at each scrape. */
export const observeErasures = (store: Store, clock: Clock): void => {
  const identity = meter('caretab.identity');
  const underWay = identity.createObservableGauge('caretab.identity.erasures_under_way', {
    description: 'Erasures that are requested, closing or destroying, by status',
  });
  const age = identity.createObservableGauge('caretab.identity.oldest_erasure_age_seconds', {
    description: 'Age of the oldest erasure under way',
  });
  identity.addBatchObservableCallback(
    async (result) => {
      const where = { status: { in: UNDER_WAY } };
      const { counts, oldest } = await store.transact(async (transaction) => ({
        counts: await transaction.rows(erasureTable).group(where, { by: ['status'] }),
        oldest: await transaction
          .rows(erasureTable)
          .find(where, { orderBy: 'requestedAt', countMax: 1 }),
      }));
      for (const { values, count } of counts) result.observe(underWay, count, values);
      const since = oldest[0]?.requestedAt ?? clock.now();
      result.observe(age, (clock.now().getTime() - since.getTime()) / MS_PER_S);
    },
    [underWay, age],
  );
};
