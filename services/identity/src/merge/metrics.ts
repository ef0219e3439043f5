import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import { mergeTable } from './merge.table';

/** A gauge of merges in force, read from the rows at each scrape. */
export const observeMerges = (store: Store): void => {
  const merged = meter('caretab.identity').createObservableGauge(
    'caretab.identity.merged_persons',
    { description: 'Registered persons who are merged into another' },
  );
  merged.addCallback(async (result) =>
    result.observe(
      await store.transact((transaction) => transaction.rows(mergeTable).count({ undoneAt: null })),
    ),
  );
};
