import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import { quarantineTable } from './quarantine.table';

const MS_PER_S = 1000;

/** Gauges of refused messages that wait for an operator. */
export const observeQuarantine = (store: Store, clock: Clock): void => {
  const edge = meter('caretab.gateway');
  const open = edge.createObservableGauge('caretab.gateway.quarantined', {
    description: 'Refused messages that wait for an operator, by reason',
  });
  const age = edge.createObservableGauge('caretab.gateway.oldest_quarantined_age_seconds', {
    description: 'Age of the oldest of them',
  });
  edge.addBatchObservableCallback(
    async (result) => {
      const found = await store.transact(async (transaction) => ({
        byReason: await transaction
          .rows(quarantineTable)
          .group({ status: 'open' }, { by: ['reason'] }),
        oldest: await transaction
          .rows(quarantineTable)
          .find({ status: 'open' }, { orderBy: 'receivedAt', countMax: 1 }),
      }));
      for (const { values, count } of found.byReason) result.observe(open, count, values);
      const nowMs = clock.now().getTime();
      const sinceMs = found.oldest[0]?.receivedAt.getTime() ?? nowMs;
      result.observe(age, (nowMs - sinceMs) / MS_PER_S);
    },
    [open, age],
  );
};
