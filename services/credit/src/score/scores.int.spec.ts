import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { type Store, TypeOrmStore } from '@caretab/store';
import { credit } from '..';
import { scoresSuite } from '../../test/scores.suite';

let database: TestDatabase;
let count = 0;
const opened: Store[] = [];
beforeAll(async () => void (database = await testDatabase()));
afterEach(async () => void (await Promise.all(opened.splice(0).map((store) => store.close()))));
afterAll(() => database.drop());

scoresSuite('TypeOrmStore', async () => {
  const { tables, migrations } = credit;
  const schema = `scores_${(count += 1)}`;
  const store = await TypeOrmStore.open({ url: database.url, schema, tables, migrations });
  opened.push(store);
  return store;
});
