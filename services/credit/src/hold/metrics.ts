import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import { holdTable } from './hold.table';

const MS_PER_S = 1000;

/** Stays without a sign of life for so long that their hospital is asked: how many, since when. */
export const overdueStays = (
  store: Store,
  now: Date,
): Promise<{ readonly count: number; readonly oldest: Date | undefined }> =>
  store.transact(async (transaction) => {
    const holds = transaction.rows(holdTable);
    // No hold is overdue in the future: the condition leaves out those that are not at all.
    const where = { status: 'held' as const, overdueSince: { lte: now } };
    const [first] = await holds.find(where, { orderBy: 'overdueSince', countMax: 1 });
    return { count: await holds.count(where), oldest: first?.overdueSince ?? undefined };
  });

/** Gauges of overdue stays, read from the holds at each scrape. */
export const observeOverdueStays = (store: Store, clock: Clock): void => {
  const credit = meter('caretab.credit');
  const stays = credit.createObservableGauge('caretab.credit.overdue_stays', {
    description: 'Stays without a sign of life, whose hospital is asked',
  });
  const age = credit.createObservableGauge('caretab.credit.oldest_overdue_stay_age_seconds', {
    description: 'How long the oldest of them is overdue',
  });
  credit.addBatchObservableCallback(
    async (result) => {
      const now = clock.now();
      const { count, oldest } = await overdueStays(store, now);
      result.observe(stays, count);
      result.observe(age, oldest ? (now.getTime() - oldest.getTime()) / MS_PER_S : 0);
    },
    [stays, age],
  );
};
