import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { gateway } from '..';
import { answered, charge, gatewayOn, hl7, takeBack } from '../../test/gateway';
import { Gateway1700000000014 } from './gateway-14';

let database: TestDatabase;
const stores: TypeOrmStore[] = [];
const opened = async (migrations = gateway.migrations): Promise<TypeOrmStore> => {
  const { tables } = gateway;
  const place = { url: database.url, schema: 'gateway', poolMax: 4 };
  stores.push(await TypeOrmStore.open({ ...place, tables, migrations }));
  return stores.at(-1)!;
};
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  for (const store of stores) await store.close();
  await database.drop();
});

test('a return of a charge whose item the release before did not keep is left to the ledger', async () => {
  await opened(gateway.migrations.filter((one) => one !== Gateway1700000000014));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `insert into gateway.accepted_event (id, door, type, visit_id, charge_id, quantity, amount_fen,
       happened_at, accepted_at, institution_id, fate)
     values ('old', 'mllp', 'ChargePosted', 'HZ001-V0001', 'T1', '1', 2000,
       '2024-01-15T09:00:00+08:00', now(), 'HZ001', 'deferred')`,
  );
  await client.end();
  const now = gatewayOn(await opened());
  const sent = async (text: string) => answered(await now.hl7Door.answer(Buffer.from(text)));
  const other = takeBack('R1', 'T1', { 7: 'ANOTHER' });
  expect(await sent(hl7('DFT^P03', { controlId: 'M1', ft1: [other] }))).toMatchObject({
    code: 'AA',
  });
  await sent(hl7('DFT^P03', { controlId: 'M2', ft1: [charge('T2')] }));
  const wrong = takeBack('R2', 'T2', { 7: 'ANOTHER' });
  expect(await sent(hl7('DFT^P03', { controlId: 'M3', ft1: [wrong] }))).toMatchObject({
    errors: ['RETURN_ITEM_DIFFERS'],
  });
});
