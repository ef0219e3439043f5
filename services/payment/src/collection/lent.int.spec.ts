import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { payment } from '..';
import { BANK, lentSuite } from '../../test/lent.suite';
import { till } from '../../test/till';

let database: TestDatabase;
let count = 0;
const opened: TypeOrmStore[] = [];
beforeAll(async () => void (database = await testDatabase()));
afterEach(async () => void (await Promise.all(opened.splice(0).map((store) => store.close()))));
afterAll(() => database.drop());

const open = async (schema = `lent_${(count += 1)}`): Promise<TypeOrmStore> => {
  const { tables, migrations } = payment;
  const store = await TypeOrmStore.open({ url: database.url, schema, tables, migrations });
  opened.push(store);
  return store;
};

describe('what a bank lends, on PostgreSQL', () => lentSuite(() => open(), 4));

test('the database itself keeps a bank’s due from being collected', async () => {
  const world = till({ store: await open('lent_kept') });
  await world.adjudicate({ lender: BANK });
  const owner = new Client({ connectionString: database.url });
  await owner.connect();
  try {
    for (const status of ['due', 'sending', 'declined', 'written-off'])
      await expect(
        owner.query(`update lent_kept.collection set status = '${status}'`),
      ).rejects.toThrow('violates check');
  } finally {
    await owner.end();
  }
});
