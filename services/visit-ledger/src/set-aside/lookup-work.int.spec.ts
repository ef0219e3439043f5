import { messagingMigrations } from '@caretab/bus';
import { countedWork, fixedClock, testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { visitLedger } from '..';
import { SetAside } from './set-aside';

const OPENINGS = 50;
/** Views, and visits that are set aside; in no transaction. */
const STATEMENTS_MAX = 2;

let database: TestDatabase;
beforeEach(async () => (database = await testDatabase()));
afterEach(() => database.drop());

const asideOn = (store: TypeOrmStore): SetAside =>
  new SetAside({
    store,
    storeId: 'store',
    clock: fixedClock('2026-03-02T09:00:00.000Z'),
    logger: { error: () => undefined },
  });

const visitIdOf = (index: number): string => `HZ001-V${index}`;

test('visits that open together are looked for by two statements, and each has its own answer', async () => {
  const visitIds = Array.from({ length: OPENINGS }, (_, index) => visitIdOf(index));
  let found: readonly boolean[] = [];
  const { statements } = await countedWork({
    url: database.url,
    open: (url) =>
      TypeOrmStore.open({
        url,
        schema: 'visit_ledger',
        tables: visitLedger.tables,
        migrations: [...messagingMigrations, ...visitLedger.migrations],
      }),
    given: (store) =>
      asideOn(store).note([
        {
          ...{ kind: 'foreign', stream: `visit-${visitIdOf(7)}`, revision: 3 },
          ...{ position: 12n, digest: 'ab' },
        },
      ]),
    work: async (store) => {
      const aside = asideOn(store);
      found = await Promise.all(visitIds.map((visitId) => aside.has(visitId)));
    },
  });
  expect(found).toEqual(visitIds.map((visitId) => visitId === visitIdOf(7)));
  expect(statements.length).toBeLessThanOrEqual(STATEMENTS_MAX);
});
