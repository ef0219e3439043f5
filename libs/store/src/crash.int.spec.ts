import { crashableDatabase } from '@caretab/doubles';
import { crashSuite } from '../test/crash.suite';
import { Holds1740000000000 } from '../test/holds-migration';
import { holdsTable } from '../test/holds';
import { TypeOrmStore } from './typeorm-store';

const RETRIES_MAX = 20;

crashSuite('a PostgreSQL that is killed', async () => {
  const database = await crashableDatabase();
  const open = () =>
    TypeOrmStore.open({
      ...{ url: database.url, schema: 'shop', poolMax: 2 },
      ...{ tables: [holdsTable], migrations: [Holds1740000000000] },
    });
  const stores = [await open(), await open()] as const;
  /** Connections that broke are noticed by their next use. */
  const isBack = async (store: TypeOrmStore): Promise<void> => {
    for (let tries = 0; ; tries += 1)
      try {
        return void (await store.pending(1));
      } catch (error) {
        if (tries === RETRIES_MAX) throw error;
      }
  };
  return {
    stores,
    crash: async () => {
      await database.crash();
      for (const store of stores) await isBack(store);
    },
    close: async () => {
      for (const store of stores) await store.close();
      await database.drop();
    },
  };
});
