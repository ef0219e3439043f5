import { messagingMigrations } from '@caretab/bus';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { gateway } from '..';
import { submissionsOf } from '../fate/submissions';
import { Gateway1700000000033 } from './gateway-33';

let database: TestDatabase;
const stores: TypeOrmStore[] = [];
const opened = async (migrations = gateway.migrations): Promise<TypeOrmStore> => {
  const place = { url: database.url, schema: 'gateway', poolMax: 4 };
  stores.push(
    await TypeOrmStore.open({
      ...place,
      tables: gateway.tables,
      migrations: [...messagingMigrations, ...migrations],
    }),
  );
  return stores.at(-1)!;
};
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  for (const store of stores) await store.close();
  await database.drop();
});

test('rare fates of before are listed, and those that an older process decides meanwhile', async () => {
  await opened(gateway.migrations.filter((one) => one !== Gateway1700000000033));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const decide = (id: string, fate: string) =>
    client.query(
      `insert into gateway.accepted_event (id, door, type, visit_id, institution_id, accepted_at, fate)
       values ($1, 'http', 'ChargePosted', 'HZ001-V1', 'HZ001', '2026-03-02T00:00:00Z', $2)
       on conflict (id) do update set fate = excluded.fate`,
      [id, fate],
    );
  await decide('e1', 'rejected');
  await decide('e2', 'deferred');
  await decide('e3', 'waiting');
  const store = await opened();
  await decide('e2', 'not-deferred');
  await decide('e3', 'applied');
  await decide('e4', 'rejected');
  await client.end();
  const ofFate = async (fate: 'rejected' | 'not-deferred' | 'waiting') =>
    (await submissionsOf(store, 'HZ001', { fate })).submissions.map((one) => one.submissionId);
  expect(await ofFate('rejected')).toEqual(['e1', 'e4']);
  expect(await ofFate('not-deferred')).toEqual(['e2']);
  expect(await ofFate('waiting')).toEqual([]);
});
