import type { Clock } from '@caretab/kernel';
import { meter } from '@caretab/telemetry';
import type { Appeals } from './appeals';

const MS_PER_S = 1000;

/** Gauges of open appeals, read at each scrape. */
export const observeAppeals = (appeals: Appeals, clock: Clock): void => {
  const credit = meter('caretab.credit');
  const open = credit.createObservableGauge('caretab.credit.open_score_appeals', {
    description: 'Appeals against scores that wait for a decision',
  });
  const age = credit.createObservableGauge('caretab.credit.oldest_score_appeal_age_seconds', {
    description: 'For how long the oldest of them waits',
  });
  credit.addBatchObservableCallback(
    async (result) => {
      const { count, oldest } = await appeals.waiting();
      result.observe(open, count);
      result.observe(age, oldest ? (clock.now().getTime() - oldest.getTime()) / MS_PER_S : 0);
    },
    [open, age],
  );
};
