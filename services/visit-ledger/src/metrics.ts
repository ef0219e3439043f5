import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import { visitView } from './views/visit.view';
import type { LogAnchors } from './anchors/log-anchors';
import type { KeptVisits } from './visit/kept-visits';

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

/** How often a visit need not be read, and the bytes that this takes. */
export const observeKeptVisits = (kept: KeptVisits): void => {
  const ledger = meter('caretab.visit_ledger');
  ledger
    .createObservableCounter('caretab.visit_ledger.kept_visit_lookups', {
      description:
        'Lookups of visits in memory, by whether they were there, packed, or had a snapshot',
    })
    .addCallback((result) => {
      result.observe(kept.hits - kept.unpacked, { found: 'yes' });
      result.observe(kept.unpacked, { found: 'packed' });
      result.observe(kept.fromSnapshots, { found: 'snapshot' });
      result.observe(kept.misses - kept.fromSnapshots, { found: 'no' });
    });
  ledger
    .createObservableGauge('caretab.visit_ledger.kept_visit_bytes', {
      description: 'Estimated memory of the visits that need not be read again',
      unit: 'By',
    })
    .addCallback((result) => result.observe(kept.bytes));
};

/** How long the anchors have not covered the whole log, in the process that anchors. */
export const observeAnchors = (anchors: Pick<LogAnchors, 'ageMs'>): void => {
  meter('caretab.visit_ledger')
    .createObservableGauge('caretab.visit_ledger.anchor_age', {
      description: 'Since the anchors in every place last covered the whole log',
      unit: 's',
    })
    .addCallback((result) => {
      const ageMs = anchors.ageMs();
      if (ageMs !== undefined) result.observe(ageMs / 1000);
    });
};
