import { fixedClock, testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { gateway } from '..';
import { personIdOf } from '../../test/gateway';
import { Presented } from '../intake/presented';
import { Gateway1700000000020 } from './gateway-20';

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

test('who was shown before was typed; the best of a day is kept, by older processes too', async () => {
  await opened(gateway.migrations.filter((one) => one !== Gateway1700000000020));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const shown = (person: number) =>
    client.query(
      `insert into gateway.presented_person (institution_id, person_id, presented_at)
         values ('HZ001', $1, '2026-03-02T09:00:00Z')`,
      [personIdOf(person)],
    );
  await shown(1);
  const clock = fixedClock('2026-03-02T09:30:00Z');
  const presented = new Presented({ store: await opened(), clock });
  await shown(2);
  await client.end();
  expect(await presented.check('HZ001', personIdOf(1))).toBe('typed');
  expect(await presented.check('HZ001', personIdOf(2))).toBe('typed');
  await presented.note('HZ001', personIdOf(1), 'face');
  await presented.note('HZ001', personIdOf(1), 'typed');
  expect(await presented.check('HZ001', personIdOf(1))).toBe('face');
});
