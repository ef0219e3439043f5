import { TypeOrmStore } from '@caretab/store';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { gateway } from '..';
import { charge, gatewayOn, hl7, personIdOf } from '../../test/gateway';
import { Gateway1700000000001 } from './gateway-1';
import { Gateway1700000000002 } from './gateway-2';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

test('a visit that was opened by an earlier release goes on, by any number of the hospital’s', async () => {
  const place = { url: database.url, schema: 'gateway', poolMax: 4 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: [Gateway1700000000001, Gateway1700000000002],
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `insert into gateway.accepted_event (id, door, type, visit_id, person_id, accepted_at)
     values ('e1', 'mllp', 'VisitStarted', 'HZ001-V0001', $1, '2024-01-15T01:05:00Z')`,
    [personIdOf(1)],
  );
  await client.end();
  const newer = await TypeOrmStore.open({
    ...place,
    tables: gateway.tables,
    migrations: gateway.migrations,
  });
  const { hl7Door, published } = gatewayOn(newer);
  const posted = hl7('DFT^P03', { pid: { 3: 'P7^^^HZ001^MR' }, ft1: [charge('T1')] });
  expect((await hl7Door.answer(Buffer.from(posted)))?.toString()).toContain('MSA|AA|');
  expect(await published()).toMatchObject([{ type: 'ChargePosted', key: 'HZ001-V0001' }]);
  await newer.close();
});
