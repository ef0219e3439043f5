import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { gateway } from '..';
import { togetherSuite } from '../../test/together.suite';

let database: TestDatabase;
const stores: TypeOrmStore[] = [];
const statements: string[] = [];
const { query } = Client.prototype;

beforeAll(async () => {
  database = await testDatabase();
  // What this process sends to PostgreSQL, as it is sent.
  Client.prototype.query = function (this: Client, ...sent: unknown[]) {
    const [first] = sent as [string | { text: string }];
    statements.push(typeof first === 'string' ? first : first.text);
    return (query as (...sent: unknown[]) => unknown).apply(this, sent);
  } as never;
});
afterAll(async () => {
  Client.prototype.query = query;
  for (const store of stores) await store.close();
  await database?.drop();
});

togetherSuite(async () => {
  const { tables, migrations } = gateway;
  const place = { url: database.url, schema: `together_${stores.length}`, poolMax: 4 };
  stores.push(await TypeOrmStore.open({ ...place, tables, migrations }));
  return { store: stores.at(-1)!, statements };
});
