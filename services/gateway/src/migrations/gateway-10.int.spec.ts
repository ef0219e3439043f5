import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { gateway } from '..';
import { answered, charge, gatewayOn, hl7, takeBack } from '../../test/gateway';
import { Gateway1700000000010 } from './gateway-10';

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

test('a charge of the release before is returned after the upgrade; a dispensed drug is refused', async () => {
  await opened(gateway.migrations.filter((one) => one !== Gateway1700000000010));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const posted = (id: string) =>
    client.query(`insert into gateway.accepted_event (id, door, type, visit_id, charge_id, quantity,
        amount_fen, accepted_at, institution_id, fate)
      values ('${id}', 'mllp', 'ChargePosted', 'HZ001-V0001', '${id}', '1', 2000, now(), 'HZ001',
        'accepted')`);
  await posted('T1');
  const { hl7Door } = gatewayOn(await opened());
  // A replica of the release before goes on while both run.
  await posted('T2');
  await client.end();
  const sent = async (controlId: string, ft1: Readonly<Record<number, string>>, orc = '') =>
    answered(await hl7Door.answer(Buffer.from(hl7('DFT^P03', { controlId, ft1: [ft1] }) + orc)));
  for (const id of ['T1', 'T2'])
    expect(await sent(`R-${id}`, takeBack(`R-${id}`, id))).toMatchObject({ code: 'AA' });
  await sent('C3', charge('T3', { 29: 'YPID-1' }), '\rORC|SC||||CM');
  expect(await sent('R3', takeBack('R3', 'T3'))).toMatchObject({
    code: 'AE',
    errors: ['DRUG_DISPENSED'],
  });
  expect(await sent('R4', takeBack('R3', 'T3'), '\rORC|OC')).toMatchObject({ code: 'AA' });
});
