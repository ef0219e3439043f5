import { TWIN_KEYS } from '@caretab/event-store';
import { type Store, TypeOrmStore } from '@caretab/store';
import { freshNamespace, testDatabase, testEventStore } from '@caretab/doubles';
import { visitLedger } from '../src';
import { type LedgerEvents, type LedgerPlace, openLedger, storeIdOf } from '../src/ledger-store';

/** A ledger of a test: its event store, and a database of its own for the service's rows. */
export interface OpenedLedger {
  readonly events: LedgerEvents;
  readonly id: string;
  readonly place: LedgerPlace;
  readonly databaseUrl: string;
  /** A further process's view of the rows, by another way to the database where one is given. */
  openRows(url?: string): Promise<Store>;
  close(): Promise<void>;
}

export type OpenLedger = () => Promise<OpenedLedger>;

const openAt = async (
  placeIn: (databaseUrl: string) => Promise<{ place: LedgerPlace; stop: () => Promise<void> }>,
): Promise<OpenedLedger> => {
  const database = await testDatabase();
  const { place, stop } = await placeIn(database.url);
  const events = await openLedger(place, { keys: TWIN_KEYS });
  const rows: Store[] = [];
  return {
    events,
    place,
    id: storeIdOf(place),
    databaseUrl: database.url,
    openRows: async (url = database.url) => {
      const store = await TypeOrmStore.open({
        url,
        schema: 'visit_ledger',
        tables: visitLedger.tables,
        migrations: visitLedger.migrations,
        poolMax: 6,
      });
      rows.push(store);
      return store;
    },
    close: async () => {
      await events.close();
      await Promise.all(rows.map((store) => store.close()));
      await stop();
      await database.drop();
    },
  };
};

export const ledgerInPostgres: OpenLedger = () =>
  openAt(async (url) => ({
    place: { kind: 'postgres', url, schema: 'visit_ledger_events' },
    stop: async () => undefined,
  }));

/**
 * In a namespace of its own, on whatever EventStoreDB there is, or what speaks its wire protocol.
 */
export const ledgerInEventStoreDb: OpenLedger = () =>
  openAt(async () => {
    const server = await testEventStore();
    return {
      place: { kind: 'eventstoredb', url: server.url, namespace: freshNamespace() },
      stop: () => server.stop(),
    };
  });
