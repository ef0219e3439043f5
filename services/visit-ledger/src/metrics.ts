import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import { visitView } from './views/visit.view';

/**
 * Charges that came after the closing of their visit and wait for the citizen's agreement: nothing
 * else waits on a visit that is closed.
 */
export const lateCharges = (store: Store): Promise<number> =>
  store.transact((transaction) =>
    transaction
      .rows(visitView.table)
      .sum(
        { status: { in: ['closed', 'adjudicated', 'settled'] }, chargesWaiting: { gt: 0 } },
        'chargesWaiting',
      ),
  );

/** The gauge of late charges, read from the visits' view at each scrape. */
export const observeLateCharges = (store: Store): void => {
  const late = meter('caretab.visit_ledger').createObservableGauge(
    'caretab.visit_ledger.late_charges',
    { description: 'Charges after the closing that wait for the citizen’s agreement' },
  );
  late.addCallback(async (result) => result.observe(await lateCharges(store)));
};
