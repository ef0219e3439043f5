import { messagingMigrations, parkedTable } from '@caretab/bus';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { type Store, TypeOrmStore } from '@caretab/store';
import { notification } from '..';
import { visitCodesSuite } from '../../test/visit-codes.suite';

let database: TestDatabase;
let count = 0;
const opened: Store[] = [];
beforeAll(async () => void (database = await testDatabase()));
afterEach(async () => void (await Promise.all(opened.splice(0).map((store) => store.close()))));
afterAll(() => database.drop());

const open = async (): Promise<Store> => {
  const store = await TypeOrmStore.open({
    ...{ url: database.url, schema: `visit_codes_${(count += 1)}` },
    tables: [...notification.tables, parkedTable],
    migrations: [...messagingMigrations, ...notification.migrations],
  });
  opened.push(store);
  return store;
};

describe('a code for a desk, on PostgreSQL', () => visitCodesSuite(open));
