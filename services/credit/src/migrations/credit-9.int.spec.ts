import { messagingMigrations } from '@caretab/bus';
import { type TestDatabase, testDatabase } from '@caretab/doubles';
import { Book } from '@caretab/host';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { credit } from '..';
import { CreditFixture } from '../../test/holds.suite';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database?.drop());

test('entries are booked, and one that was rewritten is named', async () => {
  const store = await TypeOrmStore.open({
    ...{ url: database.url, schema: 'credit', poolMax: 4 },
    tables: credit.tables,
    migrations: [...messagingMigrations, ...credit.migrations],
  });
  const owner = new Client({ connectionString: database.url });
  await owner.connect();
  try {
    const world = new CreditFixture(store);
    const person = await world.enrolled('booked');
    await world.accounts.freeze(person, 'FRAUD');
    const book = new Book({
      ...{ store, entries: credit.book!, clock: world.clock, anchors: undefined },
    });
    await book.book();
    const proven = async () => (await book.prove().next()).value;
    const entries = await world.entries(person);
    expect(entries.length).toBeGreaterThan(1);
    expect(await proven()).toMatchObject({ entries: entries.length, waiting: 0, faults: [] });
    await owner.query('alter table credit.entry disable trigger all');
    await owner.query(`update credit.entry set line_fen = 1 where sequence = 1`);
    expect(await proven()).toMatchObject({
      faults: [{ kind: 'changed', position: 1, key: `${person}/1` }],
    });
  } finally {
    await owner.end();
    await store.close();
  }
});
