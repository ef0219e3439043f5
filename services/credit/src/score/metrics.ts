import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import { scoreQueryTable } from './score-query.table';

const MS_PER_S = 1000;

/** Gauges of questions to the credit platform; returns what counts the answers. */
export const observeScoreQueries = (store: Store, clock: Clock): ((outcome: string) => void) => {
  const credit = meter('caretab.credit');
  const open = credit.createObservableGauge('caretab.credit.open_score_queries', {
    description: 'Questions to the credit platform that have no answer yet',
  });
  const age = credit.createObservableGauge('caretab.credit.oldest_score_query_age_seconds', {
    description: 'For how long the oldest of them is asked',
  });
  const answers = credit.createCounter('caretab.credit.score_answers', {
    description: 'Answers of the credit platform, by what became of them',
  });
  credit.addBatchObservableCallback(
    async (result) => {
      await store.transact(async (transaction) => {
        const rows = transaction.rows(scoreQueryTable);
        const waiting = { nextAttemptAt: { gt: new Date(0) } };
        const [oldest] = await rows.find(waiting, { orderBy: 'askedSince', countMax: 1 });
        result.observe(open, oldest ? await rows.count(waiting) : 0);
        const sinceMs = oldest ? clock.now().getTime() - oldest.askedSince.getTime() : 0;
        result.observe(age, sinceMs / MS_PER_S);
      });
    },
    [open, age],
  );
  return (outcome) => answers.add(1, { outcome });
};
