import { messagingMigrations, parkedTable } from '@caretab/bus';
import { countedWork, testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { credit } from '..';
import { CreditFixture, personOf } from '../../test/holds.suite';

const BATCH = 50;
/** Each kind of row is read and written once, however many visits there are. */
const STATEMENTS_MAX = 12;
/** Of one hold: enrolment, hold and account, and what their references look at. */
const ROWS_MAX = 8;
const names = Array.from({ length: BATCH }, (_, index) => `v${index}`);

let database: TestDatabase;
beforeEach(async () => (database = await testDatabase()));
afterEach(() => database.drop());

const counted = (
  given: (world: CreditFixture) => Promise<void>,
  work: (world: CreditFixture) => Promise<void>,
) =>
  countedWork({
    url: database.url,
    open: (url) =>
      TypeOrmStore.open({
        url,
        schema: 'credit',
        tables: [parkedTable, ...credit.tables],
        migrations: [...messagingMigrations, ...credit.migrations],
      }),
    given: (store) => given(new CreditFixture(store, 'before')),
    work: (store) => work(new CreditFixture(store, 'counted')),
  });
const enrol = async (world: CreditFixture): Promise<void> => {
  await Promise.all(names.map((name) => world.enrolled(name)));
};

const opened = (world: CreditFixture): Promise<void> =>
  world.handleBatch(names.map((name) => world.opened(personOf(name), name)));

test.each<
  [string, (world: CreditFixture) => Promise<void>, (world: CreditFixture) => Promise<void>]
>([
  ['first holds', enrol, opened],
  [
    'larger holds',
    async (world) => (await enrol(world), await opened(world)),
    (world) => world.handleBatch(names.map((name) => world.asked(personOf(name), name, 30_000))),
  ],
])('fifty %s are a few statements and one commit', async (_what, given, work) => {
  const { statements, commits, rowsRead } = await counted(given, work);
  expect(commits).toBe(1);
  expect(statements.length).toBeLessThanOrEqual(STATEMENTS_MAX);
  expect(rowsRead / BATCH).toBeLessThanOrEqual(ROWS_MAX);
});
