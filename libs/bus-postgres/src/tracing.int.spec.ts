import { TypeOrmStore } from '@caretab/store';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { messagingMigrations, parkedTable } from '@caretab/bus';
import { PgBus } from './pg-bus';
import { tracingSuite } from '@caretab/bus/test';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

tracingSuite('on PostgreSQL', async () => {
  const store = await TypeOrmStore.open({
    url: database.url,
    schema: 'credit',
    tables: [parkedTable],
    migrations: messagingMigrations,
    poolMax: 4,
  });
  const bus = new PgBus({ url: database.url });
  return { bus, store, close: async () => void (await Promise.all([bus.close(), store.close()])) };
});
