import type { MemoryStore, Rows } from '@caretab/store';
import { altered, type PlantedBug, wrappedTransaction } from './planting';

/** As if the whole database were set to `synchronous_commit = off`. */
const unflushedMarks: PlantedBug = {
  name: 'unflushed-marks',
  what: 'marks, holds and messages of credit do not wait for the disk',
  breaks: ['decided', 'settled', 'holds', 'line', 'heldAddsUp', 'quiet', 'parked', 'written'],
  store: (store, service) => {
    if (service !== 'credit') return store;
    const { database } = store as MemoryStore;
    const log = Object.getPrototypeOf(database).log as typeof database.log;
    database.log = (_options, undoing) => log.call(database, { commit: 'asynchronous' }, undoing);
    database.flush = () => undefined;
    return store;
  },
};

/** How far the views were when they were last read; one ledger at a time is simulated. */
let furthest: { position: string } | undefined;

const trusting = <Row extends object>(rows: Rows<Row>): Rows<Row> =>
  altered(rows, {
    get: async (where, options) => {
      const row = await rows.get(where, options);
      if ((where as { name?: string }).name !== 'views' || !row) return row;
      const read = row as unknown as { position: string };
      if (!furthest || BigInt(read.position) >= BigInt(furthest.position)) furthest = read;
      return furthest as unknown as Row;
    },
  });

/** The checkpoint is taken from memory, whatever the database says. */
const trustsMemory: PlantedBug = {
  name: 'trusts-memory',
  what: 'views that a crash of the database took back are not folded again',
  breaks: ['view'],
  store: (store, service) => {
    if (service !== 'visit-ledger') return store;
    furthest = undefined;
    return wrappedTransaction(store, (transaction) =>
      altered(transaction, {
        rows: (table) => {
          const rows = transaction.rows(table);
          return table.name === 'checkpoint' ? trusting(rows) : rows;
        },
      }),
    );
  },
};

/** Known bugs that show when a database crashes and its processes live on. */
export const plantedCrashBugs: readonly PlantedBug[] = [unflushedMarks, trustsMemory];
