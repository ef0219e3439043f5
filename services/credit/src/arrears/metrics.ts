import type { Clock } from '@caretab/kernel';
import { meter } from '@caretab/telemetry';
import type { Objections } from './objections';

const MS_PER_S = 1000;

/** Gauges of dues in arrears, read at each scrape. */
export const observeArrears = (objections: Objections, clock: Clock): void => {
  const credit = meter('caretab.credit');
  const dues = credit.createObservableGauge('caretab.credit.dues_in_arrears', {
    description: 'Dues whose collection finally failed and that are not paid',
  });
  const open = credit.createObservableGauge('caretab.credit.open_objections', {
    description: 'Objections to reports of defaults that wait for a decision',
  });
  const age = credit.createObservableGauge('caretab.credit.oldest_objection_age_seconds', {
    description: 'For how long the oldest of them waits',
  });
  credit.addBatchObservableCallback(
    async (result) => {
      const { open: inArrears, count, oldest } = await objections.waiting();
      result.observe(dues, inArrears);
      result.observe(open, count);
      result.observe(age, oldest ? (clock.now().getTime() - oldest.getTime()) / MS_PER_S : 0);
    },
    [dues, open, age],
  );
};
