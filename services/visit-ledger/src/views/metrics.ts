import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import type { Reader } from './checkpoints';
import { UNIDENTIFIED_STATES } from './unidentified-visits';
import { visitTable } from './visit.table';

const HOUR_MS = 3_600_000;
const AGES = [
  ['under 1 h', 0, HOUR_MS],
  ['1 h to 1 d', HOUR_MS, 24 * HOUR_MS],
  ['over 1 d', 24 * HOUR_MS, undefined],
] as const;

/**
 * Visits with reports that wait for an opening or a charge, by the age of the first. `waitMs`: so
 * long a report waits, as it is set now.
 */
export const waitingByAge = (
  store: Store,
  clock: Clock,
  waitMs: number,
): Promise<readonly (readonly [string, number])[]> =>
  store.transact(async (transaction) => {
    const limitMs = clock.now().getTime() + waitMs;
    const olderThan = (ageMs: number | undefined): Promise<number> =>
      ageMs === undefined
        ? Promise.resolve(0)
        : transaction
            .rows(visitTable)
            .count({ waitsUntil: { lte: new Date(limitMs - ageMs).toISOString() } });
    const counts: (readonly [string, number])[] = [];
    for (const [age, fromMs, toMs] of AGES)
      counts.push([age, (await olderThan(fromMs)) - (await olderThan(toMs))]);
    return counts;
  });

/** A gauge of what waits. */
export const observeWaiting = (store: Store, clock: Clock, waitMs: number): void => {
  meter('caretab.visit-ledger')
    .createObservableGauge('caretab.visit_ledger.visits_with_waiting_reports', {
      description: 'Visits with reports that wait for an opening or a charge, by age of the first',
    })
    .addCallback(async (result) => {
      for (const [age, count] of await waitingByAge(store, clock, waitMs))
        result.observe(count, { age });
    });
};

/** Gauges of visits on no one's line: how many in each state, and what is charged on them. */
export const observeUnidentified = (store: Store): void => {
  const ledger = meter('caretab.visit_ledger');
  const read = () =>
    store.transact((transaction) =>
      transaction
        .rows(visitTable)
        .group(
          { unidentified: { in: UNIDENTIFIED_STATES } },
          { by: ['unidentified'], sum: ['unidentifiedFen'] },
        ),
    );
  ledger
    .createObservableGauge('caretab.visit_ledger.unidentified_visits', {
      description: 'Visits of patients whom no one knows, on no one’s line, by state',
    })
    .addCallback(async (result) => {
      for (const { values, count } of await read())
        result.observe(count, { state: String(values.unidentified) });
    });
  ledger
    .createObservableGauge('caretab.visit_ledger.unidentified_amount', {
      description: 'Charged on these visits, in fen: it stands with their hospitals',
    })
    .addCallback(async (result) => {
      const groups = await read();
      result.observe(groups.reduce((sumFen, { sums }) => sumFen + sums.unidentifiedFen, 0));
    });
};

/** A gauge of what this process leads: of all processes together it is 1 for each reader. */
export const observeLeading = (
  readers: Readonly<Record<Reader, { readonly leads: boolean }>>,
): void => {
  meter('caretab.visit-ledger')
    .createObservableGauge('caretab.visit_ledger.leads', {
      description: '1 where this process publishes, or keeps the views; 0 where it stands by',
    })
    .addCallback((result) => {
      for (const [reader, { leads }] of Object.entries(readers))
        result.observe(Number(leads), { reader });
    });
};
