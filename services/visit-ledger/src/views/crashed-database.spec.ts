import { MemoryEventStore } from '@caretab/event-store';
import { MemoryStore } from '@caretab/store';
import { crashedDatabaseSuite } from '../../test/crashed-database.suite';
import { ledgerDatabase } from '../../test/ledger-database';

crashedDatabaseSuite(async () => {
  const database = ledgerDatabase();
  const store = new MemoryStore({ database });
  return {
    ...{ events: new MemoryEventStore(), storeId: 'memory', store },
    crash: async () => {
      store.sever();
      database.crash();
    },
    close: async () => undefined,
  };
});
