import type { Rows } from '@caretab/store';
import { inPayment } from './planted-bank-bugs';
import { altered, type PlantedBug } from './planting';

type Fields = Readonly<Record<string, unknown>>;

const kept =
  (change: (row: Fields) => Fields) =>
  <Row extends object>(rows: Rows<Row>): Rows<Row> =>
    altered(rows, {
      save: (...saved: readonly Row[]) =>
        rows.save(
          ...saved.map((row) => ('paymentId' in row ? (change(row as Fields) as Row) : row)),
        ),
    });

/** The debit looks at nothing: how the person was present is not kept. */
const unaskedDebit: PlantedBug = {
  name: 'unasked-debit',
  seed: 34,
  needs: ({ presence }) => presence !== undefined,
  what: 'a visit that was opened by a typed number is debited before anyone confirmed it',
  breaks: ['confirmed'],
  store: (store, service) =>
    inPayment(service, store, (transaction) =>
      altered(transaction, {
        rows: (table) => kept((row) => ({ ...row, presence: null }))(transaction.rows(table)),
      }),
    ),
};

/** The word of who pays is taken, and nothing is planned for it. */
const unheardYes: PlantedBug = {
  name: 'unheard-yes',
  seed: 10,
  needs: ({ presence }) => presence !== undefined,
  what: 'a visit that was confirmed is never collected',
  breaks: ['confirmed', 'settled'],
  store: (store, service) =>
    inPayment(service, store, (transaction) =>
      altered(transaction, {
        rows: (table) =>
          kept((row) =>
            row['confirmation'] === 'given' && row['status'] === 'due'
              ? { ...row, status: 'awaiting-confirmation', nextAttemptAt: null }
              : row,
          )(transaction.rows(table)),
      }),
    ),
};

export const plantedPresenceBugs: readonly PlantedBug[] = [unaskedDebit, unheardYes];
