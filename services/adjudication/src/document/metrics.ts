import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import { shadowRunTable } from './shadow-run.table';

/** Gauges of shadow runs that have not ended. */
export const observeShadowRuns = (store: Store): void => {
  const adjudication = meter('caretab.adjudication');
  const open = adjudication.createObservableGauge('caretab.adjudication.open_shadow_runs', {
    description: 'Runs of plan documents over earlier claims that have not ended',
  });
  const visits = adjudication.createObservableGauge('caretab.adjudication.shadow_run_visits', {
    description: 'Visits that the open runs have looked at so far: it rises while they go on',
  });
  adjudication.addBatchObservableCallback(
    async (result) => {
      await store.transact(async (transaction) => {
        const rows = transaction.rows(shadowRunTable);
        result.observe(open, await rows.count({ state: 'running' }));
        result.observe(visits, await rows.sum({ state: 'running' }, 'visits'));
      });
    },
    [open, visits],
  );
};
