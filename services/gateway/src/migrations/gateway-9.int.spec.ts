import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { gateway } from '..';
import { answered, charge, gatewayOn, hl7 } from '../../test/gateway';
import { HolderCases } from '../intake/holder-cases';
import { Gateway1700000000009 } from './gateway-9';

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

test('a case of the release before is listed by its hospital, and closed; its visit goes on', async () => {
  await opened(gateway.migrations.filter((one) => one !== Gateway1700000000009));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`insert into gateway.holder_case (visit_id, fields, source_message_id, found_at)
    values ('HZ001-V0001', 'name,sex', 'hl7/HZ001.HIS/M0', '2024-01-15T01:00:00Z')`);
  const store = await opened();
  const { hl7Door, partners, clock } = gatewayOn(store);
  const cases = new HolderCases({ store, clock });
  expect(await cases.list({ institutionId: 'HZ001' })).toMatchObject({
    cases: [{ visitId: 'HZ001-V0001', fields: ['name', 'sex'], status: 'open' }],
  });
  partners.differing.set('某人', ['name', 'sex']);
  const sent = async (text: string) => answered(await hl7Door.answer(Buffer.from(text)));
  expect(await sent(hl7('ADT^A04'))).toMatchObject({ code: 'AA' });
  const again = hl7('DFT^P03', { name: '某^人', controlId: 'M2', ft1: [charge('T1')] });
  expect(await sent(again)).toMatchObject({ code: 'AA', errors: [] });
  // A replica of the release before notes one while both run.
  await client.query(`insert into gateway.holder_case (visit_id, fields, source_message_id, found_at)
    values ('HZ001-V0001', 'birthDate', 'hl7/HZ001.HIS/M3', '2024-01-15T01:01:00Z')`);
  await client.end();
  expect(await cases.close('HZ001-V0001', 'a slip of the desk')).toMatchObject({ closed: 2 });
  expect((await cases.list({ institutionId: 'HZ001' })).cases).toEqual([]);
});
