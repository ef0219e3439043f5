import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import { AWAY, noticeTable } from './notice.table';

const HOUR_MS = 3_600_000;
/** Of webhooks that were tried and did not arrive, since when they are due. */
const AGES = [
  ['under 1 h', 0, HOUR_MS],
  ['1 h to 1 d', HOUR_MS, 24 * HOUR_MS],
  ['over 1 d', 24 * HOUR_MS, undefined],
] as const;

/** Webhooks that do not arrive: tried without success, or put off since their receiver is away. */
export const FAILING = [
  { channel: 'webhook', status: 'pending', attempts: { gt: 0 } },
  { channel: 'webhook', status: 'pending', attempts: 0, reason: AWAY },
] as const;

/** Counts by age of the webhooks that are failing, and are to be tried again. */
export const failingByAge = (
  store: Store,
  clock: Clock,
): Promise<readonly (readonly [string, number])[]> =>
  store.transact(async (transaction) => {
    const nowMs = clock.now().getTime();
    const olderThan = async (ageMs: number | undefined): Promise<number> => {
      if (ageMs === undefined) return 0;
      const dueSince = { lte: new Date(nowMs - ageMs) };
      let sum = 0;
      for (const failing of FAILING)
        sum += await transaction.rows(noticeTable).count({ ...failing, dueSince });
      return sum;
    };
    const counts: (readonly [string, number])[] = [];
    for (const [age, fromMs, toMs] of AGES)
      counts.push([age, (await olderThan(fromMs)) - (await olderThan(toMs))]);
    return counts;
  });

/** Gauges of webhooks that do not arrive. */
export const observeWebhooks = (store: Store, clock: Clock): void => {
  const gauges = meter('caretab.notification');
  gauges
    .createObservableGauge('caretab.notification.webhooks_failing', {
      description:
        'Webhooks that do not arrive and are retried, by age: tried, or their receiver is away',
    })
    .addCallback(async (result) => {
      for (const [age, count] of await failingByAge(store, clock)) result.observe(count, { age });
    });
  gauges
    .createObservableGauge('caretab.notification.webhooks_given_up', {
      description: 'Webhooks that are `failed`: re-send them by time range',
    })
    .addCallback(async (result) => {
      const count = await store.transact((transaction) =>
        transaction.rows(noticeTable).count({ channel: 'webhook', status: 'failed' }),
      );
      result.observe(count);
    });
};
