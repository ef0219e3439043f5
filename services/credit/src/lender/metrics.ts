import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import type { OrderKind } from './lender';
import { bankLineTable } from './bank-line.table';
import { loanTable } from './loan.table';

const MS_PER_S = 1000;
const EVER = { gt: new Date(0) };

/** Gauges of loans of banks; returns what counts the banks' answers. */
export const observeLoans = (
  store: Store,
  clock: Clock,
): ((order: OrderKind | 'grant' | 'consents', outcome: string) => void) => {
  const credit = meter('caretab.credit');
  const differences = credit.createObservableGauge('caretab.credit.loan_differences', {
    description: 'Loans of which a bank and the mirror are not one',
  });
  const age = credit.createObservableGauge('caretab.credit.oldest_loan_order_age_seconds', {
    description: 'For how long the oldest order to a bank that is still out is due again',
  });
  const unanswered = credit.createObservableGauge('caretab.credit.unanswered_bank_lines', {
    description: 'Lines about which a bank does not answer, nor confirms what was taken back',
  });
  const answers = credit.createCounter('caretab.credit.lender_answers', {
    description: 'Answers of banks, by the order and what they said',
  });
  credit.addBatchObservableCallback(
    async (result) => {
      await store.transact(async (transaction) => {
        const rows = transaction.rows(loanTable);
        const lines = transaction.rows(bankLineTable);
        const waiting = { isOut: true, attempts: { gt: 0 } };
        result.observe(unanswered, await lines.count(waiting));
        result.observe(differences, await rows.count({ differsSince: EVER }));
        const [oldest] = await rows.find(
          { nextAttemptAt: EVER },
          { orderBy: 'askedSince', countMax: 1 },
        );
        const sinceMs = oldest ? clock.now().getTime() - oldest.askedSince.getTime() : 0;
        result.observe(age, sinceMs / MS_PER_S);
      });
    },
    [differences, age, unanswered],
  );
  return (order, outcome) => answers.add(1, { order, outcome });
};
