import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { gateway } from '..';
import { togetherSuite } from '../../test/together.suite';

let database: TestDatabase;
const stores: TypeOrmStore[] = [];
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  for (const store of stores) await store.close();
  await database?.drop();
});

togetherSuite(async () => {
  const { tables, migrations } = gateway;
  const place = { url: database.url, schema: `together_${stores.length}`, poolMax: 4 };
  stores.push(await TypeOrmStore.open({ ...place, tables, migrations }));
  return stores.at(-1)!;
});
