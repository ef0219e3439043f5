import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { gateway } from '..';
import { answered, gatewayOn, hl7 } from '../../test/gateway';
import { holderSuite } from '../../test/holder.suite';
import { eventTable } from '../intake/intake.table';

const databases: TestDatabase[] = [];
const stores: TypeOrmStore[] = [];
const opened = async (database: TestDatabase): Promise<TypeOrmStore> => {
  const { tables, migrations } = gateway;
  const place = { url: database.url, schema: 'gateway', poolMax: 4 };
  stores.push(await TypeOrmStore.open({ ...place, tables, migrations }));
  return stores.at(-1)!;
};
const fresh = async (): Promise<TestDatabase> => {
  databases.push(await testDatabase());
  return databases.at(-1)!;
};
afterAll(async () => {
  for (const store of stores) await store.close();
  for (const database of databases) await database.drop();
});

describe('the holder', () => holderSuite(async () => opened(await fresh())));

test('an opening of an earlier release is repeated after the upgrade, and answered as before', async () => {
  const database = await fresh();
  const first = gatewayOn(await opened(database));
  await first.hl7Door.answer(Buffer.from(hl7('ADT^A04')));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`drop table gateway.holder_case;
    delete from gateway.migrations where name in
      ('Gateway1700000000008', 'Gateway1700000000009')`);
  await client.end();
  const store = await opened(database);
  const again = gatewayOn(store);
  again.partners.differing.set('测试患者', ['sex']);
  const answer = await again.hl7Door.answer(Buffer.from(hl7('ADT^A04')));
  expect(answered(answer)).toMatchObject({ code: 'AA', text: 'accepted before', errors: [] });
  expect(await store.transact((rows) => rows.rows(eventTable).count({}))).toBe(1);
});
