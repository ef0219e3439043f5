import { EventSigner, TWIN_KEYS } from '@caretab/event-store';
import type { Rows, Store } from '@caretab/store';
import { sealed, type SnapshotRow } from '@caretab/visit-ledger';
import { altered, type PlantedBug, wrappedTransaction } from './planting';

/** Every visit that is read has one. */
const ALWAYS = { VISIT_LEDGER_SNAPSHOT_EVENTS: '1' };
const signer = new EventSigner(TWIN_KEYS);
/** What a visit's state may be wrong in, whichever is seen first. */
const WRONG_STATE: PlantedBug['breaks'] = [
  ...(['view', 'written', 'once', 'decided', 'balance', 'settled', 'holds', 'line'] as const),
  ...(['hospital', 'answered', 'fates', 'told', 'ends', 'stays', 'late', 'lives'] as const),
  ...(['parked', 'quiet'] as const),
];
const ANOTHER_HASH = '5a'.repeat(32);

/** A ledger whose snapshots are altered on their way to the database. */
export const writingSnapshots =
  (change: (row: SnapshotRow) => SnapshotRow) =>
  (store: Store, service: string): Store =>
    service === 'visit-ledger'
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, {
            rows: (table) => {
              const rows = transaction.rows(table);
              if (table.name !== 'snapshot') return rows;
              const of = rows as unknown as Rows<SnapshotRow>;
              const save: typeof of.save = (...all) => of.save(...all.map(change));
              return altered(rows, { save: save as unknown as typeof rows.save });
            },
          }),
        )
      : store;

/** As a decider would have made it that keeps no charges. */
export const ofAnotherDecider = (row: SnapshotRow): SnapshotRow => {
  const state = JSON.parse(row.state) as { maps: object };
  return { ...row, state: JSON.stringify({ ...state, maps: { ...state.maps, charges: [] } }) };
};

/** It was taken before the log was restored: the next event of the stream is another now. */
export const ofAnotherLog = (row: SnapshotRow): SnapshotRow =>
  sealed({ ...row, revision: row.revision + 1, hash: ANOTHER_HASH }, signer);

const anyDecider: PlantedBug = {
  name: 'any-decider',
  seed: 5,
  what: 'a visit is decided from a snapshot that another version of the decider took',
  breaks: WRONG_STATE,
  env: ALWAYS,
  store: writingSnapshots((row) => sealed(ofAnotherDecider(row), signer)),
};

const anyEvent: PlantedBug = {
  name: 'any-event',
  seed: 5,
  what: 'a visit is decided from a snapshot of an event that its stream does not have any more',
  breaks: WRONG_STATE,
  env: ALWAYS,
  store: writingSnapshots(ofAnotherLog),
  events: (events) =>
    altered(events, {
      readStream: async (stream, options) => {
        const found = await events.readStream(stream, options);
        const hash = Buffer.from(ANOTHER_HASH, 'hex');
        return options?.fromRevision ? found.map((event) => ({ ...event, hash })) : found;
      },
    }),
};

/** Known bugs of a ledger that decides visits from their snapshots. */
export const plantedSnapshotBugs: readonly PlantedBug[] = [anyDecider, anyEvent];
