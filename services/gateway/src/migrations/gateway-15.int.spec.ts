import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { gateway } from '..';
import { gatewayOn, hl7 } from '../../test/gateway';
import { Gateway1700000000015 } from './gateway-15';

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

test('what the release before refused stays in the list, and a new refusal is found by its id', async () => {
  await opened(gateway.migrations.filter((one) => one !== Gateway1700000000015));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const refused = (id: string) =>
    client.query(`insert into gateway.quarantine (id, door, reason, faults, bytes, indexed, forgotten,
        received_at, last_seen_at, times_seen, status)
      values ('${id}', 'mllp', 'FIELD_MISSING', '[]', 0, true, false, now(), now(), 1, 'open')`);
  await refused('Q1');
  const { hl7Door, quarantine } = gatewayOn(await opened());
  // A replica of the release before goes on while both run.
  await refused('Q2');
  await client.end();
  await hl7Door.answer(Buffer.from(hl7('ADT^A04', { controlId: 'M77', pv1: { 19: '' } })));
  const all = await quarantine.list('open');
  expect(all.map(({ messageId }) => messageId).sort()).toEqual(['M77', undefined, undefined]);
  expect(await quarantine.list('open', { messageId: 'M77' })).toMatchObject([
    { messageId: 'M77', reason: 'FIELD_MISSING' },
  ]);
});
