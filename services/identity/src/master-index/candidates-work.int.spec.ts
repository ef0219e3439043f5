import { messagingMigrations } from '@caretab/bus';
import { countedWork, testDatabase, type TestDatabase } from '@caretab/doubles';
import { systemIds } from '@caretab/kernel';
import { type Store, TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { identity } from '..';
import { H1, indexOn } from '../../test/master-index.suite';
import { adult } from '../../test/persons.suite';
import { personTable } from '../person/person.table';
import { Candidates } from './candidates';
import { comparedOf, type Demographics } from './demographics';
import { matchKeyTable } from './source-record.table';

/** Of one registration: its keys, and candidates with their persons, data keys and records. */
const ROWS_MAX = 100;
const BATCH = 500;
const MANY = 5_000;
const SURNAMES = '赵钱孙李周吴郑王冯陈';

let database: TestDatabase;
beforeEach(async () => (database = await testDatabase()));
afterEach(() => database.drop());

/** Persons of the index by their keys alone. */
const fill = async (
  store: Store,
  count: number,
  of: (number: number) => Demographics,
): Promise<void> => {
  const candidates = new Candidates(indexOn(store).vault);
  const long = new Date(0);
  for (let from = 0; from < count; from += BATCH)
    await store.transact(async (transaction) => {
      for (let number = from; number < Math.min(count, from + BATCH); number += 1) {
        const personId = `p-${number}`;
        const row = { personId, sealed: null, destroyedAt: null, mergedInto: null };
        await transaction.rows(personTable).insert({ ...row, registeredAt: long, indexedAt: long });
        const hashes = candidates.hashesOf(comparedOf(of(number), '2026-03-02'));
        await transaction
          .rows(matchKeyTable)
          .insert(...hashes.map((keyHash) => ({ keyHash, holderId: personId, personId })));
      }
    });
};

/** What autovacuum does within a minute: PostgreSQL knows how often a key stands. */
const analyze = async (): Promise<void> => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('analyze');
  await client.end();
};

const rowsRead = async (
  count: number,
  of: (number: number) => Demographics,
  person: Demographics,
): Promise<number> => {
  const work = await countedWork({
    url: database.url,
    open: (url) =>
      TypeOrmStore.open({
        ...{ url, schema: `of_${count}`, tables: identity.tables },
        migrations: [...messagingMigrations, ...identity.migrations],
      }),
    given: async (store) => {
      await fill(store, count, of);
      await indexOn(store).registered(adult);
      await analyze();
    },
    work: (store) => indexOn(store, systemIds).records.register(H1, { identifier: '1', person }),
  });
  return work.rowsRead;
};

test('a registration reads as many rows among many as among few', async () => {
  const stranger = (number: number): Demographics => ({
    name: SURNAMES[number % 10]! + SURNAMES[Math.floor(number / 10) % 10]!,
    birthDate: new Date(number * 86_400_000).toISOString().slice(0, 10),
    mobile: `139${10_000_000 + number}`,
  });
  const person = { name: adult.name, birthDate: '1980-06-15', mobile: adult.mobile };
  const few = await rowsRead(50, stranger, person);
  const many = await rowsRead(MANY, stranger, person);
  expect(few).toBeGreaterThan(0);
  expect(many).toBeLessThanOrEqual(ROWS_MAX);
}, 300_000);

test('a key that thousands share is read to its bound', async () => {
  const shared = { mobile: adult.mobile };
  expect(await rowsRead(MANY, () => shared, shared)).toBeLessThanOrEqual(ROWS_MAX);
}, 300_000);
