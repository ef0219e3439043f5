import { messagingMigrations } from '@caretab/bus';
import { countedWork, testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { identity } from '..';
import type { Persons } from './persons';
import { adult, idNumberOf, identityOn } from '../../test/persons.suite';

const CALLERS = 32;
/** Two reads for all of them, in no transaction: PostgreSQL counts each as a commit. */
const STATEMENTS_MAX = 2;
/** Of one person: the identifier. */
const ROWS_MAX = 1;

const open = (url: string): Promise<TypeOrmStore> =>
  TypeOrmStore.open({
    url,
    schema: 'identity',
    tables: identity.tables,
    migrations: [...messagingMigrations, ...identity.migrations],
  });

let database: TestDatabase;
beforeEach(async () => (database = await testDatabase()));
afterEach(() => database.drop());

test('persons whom many callers resolve at once are found by one read', async () => {
  const idNumbers = Array.from({ length: CALLERS }, (_, index) =>
    idNumberOf('19800615', 200 + index),
  );
  let found: readonly string[] = [];
  const { statements, commits, rowsRead } = await countedWork({
    url: database.url,
    open,
    given: async (store) => {
      const { persons } = identityOn(store);
      for (const idNumber of idNumbers)
        await persons.register({ name: adult.name, idNumber, mobile: adult.mobile });
    },
    work: async (store) => {
      const { persons } = identityOn(store);
      found = await Promise.all(
        idNumbers.map((idNumber) => persons.resolve('id-number', idNumber)),
      );
    },
  });
  expect(new Set(found).size).toBe(CALLERS);
  expect(commits).toBe(STATEMENTS_MAX);
  expect(statements.length).toBe(STATEMENTS_MAX);
  expect(rowsRead / CALLERS).toBeLessThanOrEqual(ROWS_MAX);
});

test('how many persons are reached is found by two reads', async () => {
  const personIds: string[] = [];
  let answered: Awaited<ReturnType<Persons['contacts']>> | undefined;
  const { statements, rowsRead } = await countedWork({
    url: database.url,
    open,
    given: async (store) => {
      const { persons } = identityOn(store);
      for (let index = 0; index < CALLERS; index += 1) {
        const idNumber = idNumberOf('19800615', 200 + index);
        const given = { name: adult.name, idNumber, mobile: adult.mobile };
        personIds.push((await persons.register(given)).personId);
      }
    },
    work: async (store) => {
      answered = await identityOn(store).persons.contacts([...personIds, 'stranger']);
    },
  });
  expect(answered).toEqual({
    contacts: expect.arrayContaining(
      personIds.map((personId) => ({ personId, mobile: adult.mobile })),
    ),
    destroyed: [],
  });
  expect(answered?.contacts).toHaveLength(CALLERS);
  expect(statements.length).toBe(STATEMENTS_MAX);
  // Of one person: the data, and its key.
  expect(rowsRead / CALLERS).toBeLessThanOrEqual(2 * ROWS_MAX);
});
