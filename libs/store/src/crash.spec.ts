import { crashSuite } from '../test/crash.suite';
import { MemoryDatabase } from './memory-database';
import { MemoryStore } from './memory-store';

crashSuite('a MemoryDatabase that crashes', async () => {
  const database = new MemoryDatabase();
  const stores = [new MemoryStore({ database }), new MemoryStore({ database })] as const;
  return {
    stores,
    crash: async () => {
      for (const store of stores) store.sever();
      database.crash();
    },
    close: async () => undefined,
  };
});
