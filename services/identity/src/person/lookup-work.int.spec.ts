import { messagingMigrations } from '@caretab/bus';
import { countedWork, testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { identity } from '..';
import { adult, idNumberOf, identityOn } from '../../test/persons.suite';

const CALLERS = 32;
/** One transaction for all of them: two reads, and its beginning and end. */
const STATEMENTS_MAX = 4;
/** Of one person: the identifier. */
const ROWS_MAX = 1;

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
    open: (url) =>
      TypeOrmStore.open({
        url,
        schema: 'identity',
        tables: identity.tables,
        migrations: [...messagingMigrations, ...identity.migrations],
      }),
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
  expect(commits).toBe(1);
  expect(statements.length).toBeLessThanOrEqual(STATEMENTS_MAX);
  expect(rowsRead / CALLERS).toBeLessThanOrEqual(ROWS_MAX);
});
