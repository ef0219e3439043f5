import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import { standingTable } from './answer.table';

const DAY_MS = 86_400_000;
/** Insurers are to settle within 30 days of a claim. */
const UNANSWERED_AFTER_MS = 30 * DAY_MS;

const answers = meter('caretab.adjudication').createCounter(
  'caretab.adjudication.settlement_answers',
  { description: 'Answers of insurers and replies of hospitals, by kind and reason' },
);

export const countAnswer = (kind: string, reason: string): void => answers.add(1, { kind, reason });

/** Gauges of what waits: for a hospital's reply, and for an insurer for more than 30 days. */
export const observeStandings = (store: Store, clock: Clock): void => {
  const adjudication = meter('caretab.adjudication');
  const queries = adjudication.createObservableGauge('caretab.adjudication.open_queries', {
    description: 'Settlements about which an insurer asks, and the hospital has not replied',
  });
  const late = adjudication.createObservableGauge('caretab.adjudication.unanswered_settlements', {
    description: 'Settlements without a verdict of their insurer for more than 30 days',
  });
  adjudication.addBatchObservableCallback(
    async (result) => {
      const before = new Date(clock.now().getTime() - UNANSWERED_AFTER_MS);
      await store.transact(async (transaction) => {
        const rows = transaction.rows(standingTable);
        result.observe(queries, await rows.count({ state: 'queried' }));
        const unanswered = { state: { in: ['submitted', 'replied'] as const } };
        result.observe(late, await rows.count({ ...unanswered, settledAt: { lte: before } }));
      });
    },
    [queries, late],
  );
};
