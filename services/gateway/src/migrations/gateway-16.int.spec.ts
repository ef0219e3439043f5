import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { gateway } from '..';
import { answered, charge, gatewayOn, hl7, personIdOf } from '../../test/gateway';
import { Gateway1700000000016 } from './gateway-16';

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

test('a visit that the release before opened goes on by MR alone, and by numbers of other types', async () => {
  const migrations = gateway.migrations.filter((one) => one !== Gateway1700000000016);
  const { envelope } = gatewayOn(await opened(migrations));
  const hash = envelope.hash({ institutionId: 'HZ001', patientNumber: 'P0001' });
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `insert into gateway.accepted_event (id, door, type, visit_id, person_id, patient_number_hash,
       happened_at, accepted_at, institution_id, fate)
     values ('E1', 'mllp', 'VisitStarted', 'HZ001-V0001', $1, $2,
       '2024-01-15T09:00:00+08:00', now(), 'HZ001', 'accepted')`,
    [personIdOf(1), hash],
  );
  await client.end();
  const now = gatewayOn(await opened());
  let count = 0;
  const charges = async (number: string) => {
    count += 1;
    const ft1 = [charge(`T${count}`)];
    const text = hl7('DFT^P03', { controlId: `C${count}`, pid: { 3: number }, ft1 });
    return answered(await now.hl7Door.answer(Buffer.from(text)));
  };
  for (const number of ['P0001^^^HZ001^MR', 'P0007^^^HZ001^PI', 'P0007'])
    expect(await charges(number)).toMatchObject({ code: 'AA' });
  expect(await charges('P0007^^^HZ001^MR')).toMatchObject({ errors: ['PERSON_DIFFERS'] });
});
