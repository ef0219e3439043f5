import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { DomainError } from '@caretab/kernel';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { gateway } from '..';
import { gatewayOn } from '../../test/gateway';
import { Gateway1700000000017 } from './gateway-17';

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

test('what was refused before came by no certificate; now a stranger’s is kept with its message', async () => {
  await opened(gateway.migrations.filter((one) => one !== Gateway1700000000017));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `insert into gateway.quarantine (id, door, reason, faults, bytes, indexed, forgotten, received_at,
       last_seen_at, times_seen, status)
     values ('Q1', 'mllp', 'NOT_HL7', '[]', 3, true, true, '2024-01-01', '2024-01-01', 1, 'open')`,
  );
  await client.end();
  const { quarantine } = gatewayOn(await opened());
  const error = new DomainError('SENDER_FORBIDDEN', 'forbidden', { field: 'MSH-4' });
  const sent = { door: 'mllp', raw: Buffer.from('MSH'), error } as const;
  await quarantine.keep({ ...sent, institutionId: undefined, certificate: 'AA:01' });
  await quarantine.keep({ ...sent, institutionId: undefined, certificate: 'AA:02' });
  await quarantine.keep({ ...sent, institutionId: 'HZ001', certificate: 'AA:01' });
  const kept = await quarantine.list('open');
  const ofSenders = kept.map((entry) => [entry.institutionId, entry.certificate]);
  expect(ofSenders.map(String).sort()).toEqual([',', ',AA:01', ',AA:02', 'HZ001,']);
});
