import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import { caseTable } from './case/case.table';
import { clearingTable } from './clearing/clearing.table';
import { collectionTable } from './collection/collection.table';
import { payoutInstructionTable } from './payout/payout-file.table';
import { daysToReconcile } from './reconciliation/reconciler';
import { reconciliationTable } from './reconciliation/reconciliation.table';
import { refundTable } from './refund/refund.table';

const MS_PER_S = 1000;

/** Gauges of what waits for the bank or for an operator, read from the rows at each scrape. */
export const observe = (store: Store, clock: Clock): void => {
  const payment = meter('caretab.payment');
  const unknown = payment.createObservableGauge('caretab.payment.unknown_orders', {
    description: 'Orders whose outcome has been unknown for long',
  });
  const owed = payment.createObservableGauge('caretab.payment.refund_owed_fen', {
    description: 'Money that was asked back and is not yet back, in fen, by the refund’s status',
  });
  const cases = payment.createObservableGauge('caretab.payment.open_cases', {
    description: 'Open cases',
  });
  const age = payment.createObservableGauge('caretab.payment.oldest_case_age_seconds', {
    description: 'Age of the oldest open case',
  });
  observeUnconfirmed(store);
  observeReconciliation(store, clock);
  observePayouts(store, clock);
  payment
    .createObservableGauge('caretab.payment.unfinished_clearing_age_seconds', {
      description: 'Since when the clearing is under way whose last page is still to come',
    })
    .addCallback(async (result) => result.observe(await unfinishedClearingSeconds(store, clock)));
  payment.addBatchObservableCallback(
    async (result) => {
      const found = await store.transact(async (transaction) => ({
        unknown: await transaction.rows(collectionTable).count({ status: 'unresolved' }),
        refunds: await transaction
          .rows(refundTable)
          .group(
            { status: { in: ['due', 'sending', 'refused'] } },
            { by: ['status'], sum: ['amountFen'] },
          ),
        cases: await transaction.rows(caseTable).group({ status: 'open' }, { by: ['kind'] }),
        oldest: await transaction
          .rows(caseTable)
          .find({ status: 'open' }, { orderBy: 'openedAt', countMax: 1 }),
      }));
      result.observe(unknown, found.unknown);
      for (const { values, sums } of found.refunds) result.observe(owed, sums.amountFen, values);
      for (const { values, count } of found.cases) result.observe(cases, count, values);
      const openedMs = found.oldest[0]?.openedAt.getTime() ?? clock.now().getTime();
      result.observe(age, (clock.now().getTime() - openedMs) / MS_PER_S);
    },
    [unknown, owed, cases, age],
  );
};

const observeUnconfirmed = (store: Store): void =>
  void meter('caretab.payment')
    .createObservableGauge('caretab.payment.unconfirmed_visits', {
      description: 'Visits opened by a typed number that are not collected, by status',
    })
    .addCallback(async (result) => {
      for (const status of ['awaiting-confirmation', 'disputed'] as const)
        result.observe(
          await store.transact((transaction) =>
            transaction.rows(collectionTable).count({ status }),
          ),
          { status },
        );
    });

const observeReconciliation = (store: Store, clock: Clock): void => {
  const payment = meter('caretab.payment');
  const differences = payment.createObservableGauge('caretab.payment.reconciliation_differences', {
    description: 'Movements of the last ten days that differ from the statement, by kind',
  });
  const days = payment.createObservableGauge('caretab.payment.unreconciled_days', {
    description: 'Of the last ten days those without any comparison',
  });
  payment.addBatchObservableCallback(
    async (result) => {
      const dates = daysToReconcile(clock.now());
      const rows = await store.transact((transaction) =>
        transaction.rows(reconciliationTable).find({ date: { in: dates } }),
      );
      for (const [kind, field] of [
        ['only-ours', 'onlyOurs'],
        ['only-theirs', 'onlyTheirs'],
        ['amounts-differ', 'amountsDiffer'],
        ['other', 'others'],
      ] as const)
        result.observe(
          differences,
          rows.reduce((sum, row) => sum + row[field], 0),
          { kind },
        );
      result.observe(days, dates.length - rows.length);
    },
    [differences, days],
  );
};

const observePayouts = (store: Store, clock: Clock): void => {
  const payment = meter('caretab.payment');
  const clearings = payment.createObservableGauge('caretab.payment.clearings_in_payout', {
    description: "Clearings with a party that waits for the bank's line",
  });
  const age = payment.createObservableGauge('caretab.payment.oldest_payout_age_seconds', {
    description: "Age of the oldest clearing with a party that waits for the bank's line",
  });
  payment
    .createObservableGauge('caretab.payment.oldest_instruction_age_seconds', {
      description: 'Age of the oldest instruction that has no line of the bank',
    })
    .addCallback(async (result) => result.observe(await oldestInstructionSeconds(store, clock)));
  payment.addBatchObservableCallback(
    async (result) => {
      const found = await store.transact(async (transaction) => ({
        count: await transaction.rows(clearingTable).count({ payout: 'open', progress: null }),
        oldest: await transaction
          .rows(clearingTable)
          .find({ payout: 'open', progress: null }, { orderBy: 'clearedAt', countMax: 1 }),
      }));
      const oldestMs = found.oldest[0]?.clearedAt.getTime() ?? clock.now().getTime();
      result.observe(clearings, found.count);
      result.observe(age, (clock.now().getTime() - oldestMs) / MS_PER_S);
    },
    [clearings, age],
  );
};

/** Since when the oldest instruction that is out has had no news; 0: none is out. */
const oldestInstructionSeconds = async (store: Store, clock: Clock): Promise<number> => {
  const [oldest] = await store.transact((transaction) =>
    transaction
      .rows(payoutInstructionTable)
      .find(
        { status: { in: ['instructed', 'pending', 'accepted'] } },
        { orderBy: 'changedAt', countMax: 1 },
      ),
  );
  return oldest ? (clock.now().getTime() - oldest.changedAt.getTime()) / MS_PER_S : 0;
};

/** For how long a clearing is under way; 0: none is. */
export const unfinishedClearingSeconds = async (store: Store, clock: Clock): Promise<number> => {
  const unfinished = await store.transact((transaction) =>
    transaction.rows(clearingTable).get({ progress: 'clearing' }),
  );
  return unfinished ? (clock.now().getTime() - unfinished.clearedAt.getTime()) / MS_PER_S : 0;
};
