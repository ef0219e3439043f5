import { messagingMigrations, parkedTable } from '@caretab/bus';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { type Store, TypeOrmStore } from '@caretab/store';
import { credit } from '..';
import { confirmationsSuite } from '../../test/confirmations.suite';

let database: TestDatabase;
let count = 0;
const opened: Store[] = [];
beforeAll(async () => void (database = await testDatabase()));
afterEach(async () => void (await Promise.all(opened.splice(0).map((store) => store.close()))));
afterAll(() => database.drop());

const open = async (): Promise<Store> => {
  const store = await TypeOrmStore.open({
    ...{ url: database.url, schema: `confirmations_${(count += 1)}` },
    tables: [...credit.tables, parkedTable],
    migrations: [...messagingMigrations, ...credit.migrations],
  });
  opened.push(store);
  return store;
};

describe('confirmations on PostgreSQL', () => confirmationsSuite(open));
