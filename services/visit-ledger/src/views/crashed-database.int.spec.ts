import { crashableDatabase, testDatabase } from '@caretab/doubles';
import { TWIN_KEYS } from '@caretab/event-store';
import { TypeOrmStore } from '@caretab/store';
import { visitLedger } from '..';
import { crashedDatabaseSuite } from '../../test/crashed-database.suite';
import { type LedgerPlace, openLedger, storeIdOf } from '../ledger-store';

const RETRIES_MAX = 20;

/** The events are on another server: what is appended there brings no row of this one to its disk. */
crashedDatabaseSuite(async () => {
  const [rows, log] = [await crashableDatabase(), await testDatabase()];
  const place: LedgerPlace = { kind: 'postgres', url: log.url, schema: 'visit_ledger_events' };
  const events = await openLedger(place, { keys: TWIN_KEYS });
  const { tables, migrations } = visitLedger;
  const store = await TypeOrmStore.open({
    ...{ url: rows.url, schema: 'visit_ledger', poolMax: 3, tables, migrations },
  });
  return {
    ...{ events, storeId: storeIdOf(place), store },
    crash: async () => {
      await rows.crash();
      for (let tries = 0; ; tries += 1)
        try {
          return void (await store.pending(1));
        } catch (error) {
          // Connections that broke are noticed by their next use.
          if (tries === RETRIES_MAX) throw error;
        }
    },
    close: async () => {
      await events.close();
      await store.close();
      await rows.drop();
      await log.drop();
    },
  };
});
