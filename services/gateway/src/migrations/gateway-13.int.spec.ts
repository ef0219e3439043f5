import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { gateway } from '..';
import { gatewayOn } from '../../test/gateway';
import { destroyedTable, isDestroyed } from '../quarantine/identifier-index.table';
import { Gateway1700000000013 } from './gateway-13';

let database: TestDatabase;
const stores: TypeOrmStore[] = [];
const opened = async (migrations = gateway.migrations): Promise<TypeOrmStore> => {
  const place = { url: database.url, schema: 'gateway', poolMax: 4 };
  stores.push(await TypeOrmStore.open({ ...place, tables: gateway.tables, migrations }));
  return stores.at(-1)!;
};
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  for (const store of stores) await store.close();
  await database.drop();
});

test('who was erased by the release before stays so, until they register again', async () => {
  await opened(gateway.migrations.filter((one) => one !== Gateway1700000000013));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`insert into gateway.destroyed_identifier (blind_index, destroyed_at)
    values ('p-1', '2026-03-01T00:00:00Z'), ('index of p-1', '2026-03-01T00:00:00Z')`);
  await client.end();
  const store = await opened();
  const { mentions } = gatewayOn(store);
  const erased = () => store.transact((transaction) => isDestroyed(transaction, 'p-1'));
  const registered = (at: string) =>
    store.transact((transaction) => mentions.returned(transaction, 'p-1', new Date(at)));
  await registered('2026-02-28T00:00:00Z');
  expect(await erased()).toBe(true);
  await registered('2026-03-02T00:00:00Z');
  expect(await erased()).toBe(false);
  const left = await store.transact((transaction) => transaction.rows(destroyedTable).find({}));
  expect(left).toMatchObject([{ blindIndex: 'index of p-1', personId: null, returnedAt: null }]);
});

test('who is erased now and registers again is not erased, and what came meanwhile is known', async () => {
  const store = await opened();
  const { mentions } = gatewayOn(store);
  const destroyedAt = new Date('2026-03-03T00:00:00Z');
  const erased = { personId: 'p-2', indexes: ['index of p-2'], destroyedAt };
  await store.transact((transaction) => mentions.forget(transaction, erased));
  expect(await store.transact((transaction) => isDestroyed(transaction, 'p-2'))).toBe(true);
  const returnedAt = new Date('2026-03-04T00:00:00Z');
  await store.transact((transaction) => mentions.returned(transaction, 'p-2', returnedAt));
  expect(await store.transact((transaction) => isDestroyed(transaction, 'p-2'))).toBe(false);
  const rows = await store.transact((transaction) =>
    transaction.rows(destroyedTable).find({ personId: 'p-2' }),
  );
  expect(rows).toEqual(
    ['index of p-2', 'p-2'].map((blindIndex) => ({
      blindIndex,
      destroyedAt,
      personId: 'p-2',
      returnedAt,
    })),
  );
});
