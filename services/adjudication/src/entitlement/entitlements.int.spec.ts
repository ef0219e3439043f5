import { messagingMigrations } from '@caretab/bus';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { type Store, TypeOrmStore } from '@caretab/store';
import { adjudication } from '..';
import { entitlementsSuite } from '../../test/entitlements.suite';

let database: TestDatabase;
let schemas = 0;
const stores: Store[] = [];
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await database?.drop();
});

describe('entitlement on PostgreSQL', () =>
  entitlementsSuite(async () => {
    const store = await TypeOrmStore.open({
      ...{ url: database.url, schema: `entitlement_${++schemas}`, tables: adjudication.tables },
      migrations: [...messagingMigrations, ...adjudication.migrations],
    });
    stores.push(store);
    return store;
  }));
