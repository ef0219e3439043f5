import type { Rows } from '@caretab/store';
import { altered, type PlantedBug, wrappedTransaction } from './planting';
import type { Planted } from './simulated-platform';

/** A table of a service whose rows are never found. */
const blindTo =
  (wanted: string, name: string): NonNullable<Planted['store']> =>
  (store, service) =>
    service === wanted
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, {
            rows: (table) => {
              const rows = transaction.rows(table);
              return table.name === name ? unseen(rows) : rows;
            },
          }),
        )
      : store;

const unseen = <Row extends object>(rows: Rows<Row>): Rows<Row> =>
  altered(rows, { get: async () => undefined, find: async () => [] });

/** As long ago: nothing that credit or the ledger knows stands in the way. */
const erasedDebtor: PlantedBug = {
  name: 'erased-debtor',
  seed: 11,
  what: 'a person is erased with a debt, a hold or an open visit',
  // What a debtor's service refuses to forget waits for the debt.
  breaks: ['debtor', 'quiet'],
  fetch: (real, service) =>
    service === 'identity'
      ? ((async (url: URL, init: RequestInit) => {
          await real(url, init);
          return new Response(
            JSON.stringify(
              url.hostname === 'credit'
                ? { holds: 0, debts: 0, wards: 0, closed: true }
                : { visits: [] },
            ),
          );
        }) as unknown as typeof fetch)
      : real,
};

const forgottenQuarantine: PlantedBug = {
  name: 'forgotten-quarantine',
  seed: 1,
  what: 'an erasure does not reach the quarantine',
  breaks: ['erased'],
  store: blindTo('gateway', 'quarantine_mention'),
};

const freshLine: PlantedBug = {
  name: 'fresh-line',
  seed: 1,
  what: 'who was erased and registers again is another person',
  breaks: ['laundered'],
  store: blindTo('identity', 'erased_person'),
};

/** As before an erasure went through what was parked. */
const forgottenParked: PlantedBug = {
  name: 'forgotten-parked',
  seed: 1,
  what: 'an erasure leaves messages that name the person where they are parked',
  breaks: ['erased'],
  store: (store, service) =>
    service === 'credit'
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, {
            rows: (table) => {
              const rows = transaction.rows(table);
              return table.name === 'parked' ? kept(rows) : rows;
            },
          }),
        )
      : store,
};

const kept = <Row extends object>(rows: Rows<Row>): Rows<Row> =>
  altered(rows, {
    save: (...saved) => rows.save(...saved.filter((row) => !('value' in row) || row.value !== '')),
  });

export const plantedErasureBugs: readonly PlantedBug[] = [
  erasedDebtor,
  forgottenQuarantine,
  freshLine,
  forgottenParked,
];
