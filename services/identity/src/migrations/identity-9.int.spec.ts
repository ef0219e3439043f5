import { fixedClock, testDatabase, type TestDatabase } from '@caretab/doubles';
import { apiKeyHash } from '@caretab/security';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { identity } from '..';
import { InstitutionKeys } from '../institution/institution-keys';
import { Institutions } from '../institution/institutions';
import { Identity1700000000009 } from './identity-9';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

const DAY_MS = 86_400_000;
const API_KEY = 'ctk_of-the-release-before';

test('a hospital’s key of an earlier release goes on for a year, and ends as others do', async () => {
  const place = { url: database.url, schema: 'identity', poolMax: 4, tables: identity.tables };
  const migrations = identity.migrations.filter((one) => one !== Identity1700000000009);
  await (await TypeOrmStore.open({ ...place, migrations })).close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const register = (institutionId: string, apiKey: string) =>
    client.query(
      `insert into identity.institution
         (institution_id, name, level, facility, api_key_hash, registered_at)
         values ($1, 'First Hospital', 'level-3', $1, $2, '2026-01-01T00:00:00Z')`,
      [institutionId, apiKeyHash(apiKey)],
    );
  await register('H1', API_KEY);
  const store = await TypeOrmStore.open({ ...place, migrations: identity.migrations });
  // A process of the release before goes on until it is replaced.
  await register('H2', 'ctk_another');
  await client.end();
  const clock = fixedClock(new Date(Date.now() + 60_000).toISOString());
  const keys = new InstitutionKeys({ store, clock });
  const institutions = new Institutions({ store, clock, keys });
  expect(await institutions.authenticate({ apiKey: API_KEY })).toMatchObject({
    institutionId: 'H1',
  });
  const [key] = await keys.list({ institutionId: 'H1' });
  const leftMs = key!.endsAt.getTime() - clock.now().getTime();
  expect(Math.round(leftMs / DAY_MS)).toBe(365);
  await keys.end('H1', key!.keyId);
  await expect(institutions.authenticate({ apiKey: API_KEY })).rejects.toMatchObject({
    code: 'INSTITUTION_UNKNOWN',
  });
  await institutions.put('H3', { name: 'Third Hospital', level: 'level-2' });
  await store.close();
});
