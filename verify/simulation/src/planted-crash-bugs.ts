import type { MemoryStore } from '@caretab/store';
import { visitLedger } from '@caretab/visit-ledger';
import type { PlantedBug } from './planting';

/** As if the whole database were set to `synchronous_commit = off`. */
const unflushedMarks: PlantedBug = {
  name: 'unflushed-marks',
  seed: 7,
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

const checkpoints = visitLedger.tables.find(({ name }) => name === 'checkpoint')!;

/** The rows are lost, and what says that they are there is not. */
const lastingCheckpoint: PlantedBug = {
  name: 'lasting-checkpoint',
  seed: 12,
  what: 'the checkpoint of the views is on the disk before their rows are',
  // Views may also stay behind the log for good.
  breaks: ['view', 'quiet'],
  store: (store, service) => {
    if (service !== 'visit-ledger') return store;
    const { database } = store as MemoryStore;
    const crash = Object.getPrototypeOf(database).crash as typeof database.crash;
    database.crash = (share) => {
      const table = database.table<object>(checkpoints);
      const rows = [...table.stored()];
      const lost = crash.call(database, share);
      for (const row of rows) table.put(row);
      return lost;
    };
    return store;
  },
};

/** Known bugs that show when a database crashes and its processes live on. */
export const plantedCrashBugs: readonly PlantedBug[] = [unflushedMarks, lastingCheckpoint];
