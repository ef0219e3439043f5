import { type TestDatabase, testDatabase } from '@caretab/doubles';
import { messagingMigrations } from '@caretab/bus';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { credit } from '..';
import { CreditFixture, personOf } from '../../test/holds.suite';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

test('who was known to the release before opens the service, and is closed for an erasure', async () => {
  const place = { url: database.url, schema: 'credit', poolMax: 2 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: [...messagingMigrations, ...credit.migrations.slice(0, 3)],
  });
  await older.close();
  const person = personOf('older');
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('insert into credit.subject (person_id, minor) values ($1, false)', [person]);
  const { tables, migrations } = credit;
  const store = await TypeOrmStore.open({
    ...place,
    tables,
    migrations: [...messagingMigrations, ...migrations],
  });
  // A process of the release before still runs beside it, and writes a row as it knows it.
  await client.query('insert into credit.subject (person_id, minor) values ($1, false)', [
    personOf('beside'),
  ]);
  await client.end();
  const world = new CreditFixture(store);
  for (const each of [person, personOf('beside')]) {
    await world.scores.put(each, { score: 600, scoredAt: world.clock.now() });
    expect(await world.enrolments.open(each)).toMatchObject({ created: true });
    expect(await world.closings.closeForErasure(each, true)).toMatchObject({ closed: true });
    await expect(world.enrolments.open(each)).rejects.toThrow('PERSON_UNKNOWN');
  }
  await store.close();
});
