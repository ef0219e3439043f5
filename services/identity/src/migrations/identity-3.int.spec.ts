import { TypeOrmStore } from '@caretab/store';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { identity } from '..';
import { adult, child, identityOn } from '../../test/persons.suite';
import { Identity1700000000001 } from './identity-1';
import { Identity1700000000002 } from './identity-2';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

test('persons and guardians of an earlier release are erased as all are, and the erased stay so', async () => {
  const place = { url: database.url, schema: 'identity', poolMax: 4 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: identity.tables,
    migrations: [Identity1700000000001, Identity1700000000002],
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  // As the release before destroyed a person: no receipt, and nothing that recognises the person.
  await client.query(
    `insert into identity.person values ('p-old', null, '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z')`,
  );
  await client.end();
  const newer = await TypeOrmStore.open({
    ...place,
    tables: identity.tables,
    migrations: identity.migrations,
  });
  const { persons, guardianships, erasures } = identityOn(newer);
  expect(await erasures.request('p-old')).toMatchObject({
    status: 'done',
    destroyedAt: new Date('2026-02-01T00:00:00Z'),
  });
  const { personId: guardianId } = await persons.register(adult);
  const { personId: childId } = await persons.register(child);
  await guardianships.appoint(childId, { guardianId, relation: '5' });
  await expect(erasures.request(guardianId)).rejects.toThrow('ERASURE_REFUSED');
  expect(await erasures.request(childId, 'op-2')).toMatchObject({ status: 'closing' });
  await newer.close();
});
