import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { type Store, TypeOrmStore } from '@caretab/store';
import { credit } from '..';
import { appealsSuite } from '../../test/appeals.suite';

let database: TestDatabase;
let count = 0;
const opened: Store[] = [];
beforeAll(async () => void (database = await testDatabase()));
afterEach(async () => void (await Promise.all(opened.splice(0).map((store) => store.close()))));
afterAll(() => database.drop());

appealsSuite('TypeOrmStore', async () => {
  const { tables, migrations } = credit;
  const schema = `appeals_${(count += 1)}`;
  const store = await TypeOrmStore.open({ url: database.url, schema, tables, migrations });
  opened.push(store);
  return store;
});
