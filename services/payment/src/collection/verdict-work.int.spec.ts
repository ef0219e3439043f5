import { freshOf, messagingMigrations } from '@caretab/bus';
import type { ContractEvent, visitLedgerVisits } from '@caretab/contracts';
import { countedWork, testDatabase, type TestDatabase } from '@caretab/doubles';
import { type Store, TypeOrmStore } from '@caretab/store';
import { payment } from '..';
import { till, verdict } from '../../test/till';
import { CollectionConsumer } from './collection.consumer';

type VisitEvent = ContractEvent<typeof visitLedgerVisits>;

const BATCH = 50;
/** Each kind of row is read and written once, however many verdicts there are. */
const STATEMENTS_MAX = 11;
/** Of one verdict: what the references of its rows look at. */
const ROWS_MAX = 10;
const verdicts = Array.from({ length: BATCH }, (_, index): VisitEvent => {
  const data = verdict({ visitId: `H1-${index}` });
  return {
    id: `verdict-${index}`,
    type: 'VisitAdjudicated',
    time: data.closedAt,
    source: 'visit-ledger',
    data,
  };
});

let database: TestDatabase;
beforeEach(async () => (database = await testDatabase()));
afterEach(() => database.drop());

/** A batch as the bus hands it over: each event once, in one transaction. */
const handle = (store: Store, events: readonly VisitEvent[]): Promise<void> => {
  const consumer = new CollectionConsumer(till({ store }).collections);
  return store.transact(async (transaction) => {
    const fresh = await freshOf(transaction, 'payment.collection', events);
    await consumer.prepare(fresh, { transaction });
    for (const event of fresh) await consumer.visits(event, { transaction });
  });
};

test('fifty verdicts are taken by a few statements and one commit', async () => {
  const { statements, commits, rowsRead } = await countedWork({
    url: database.url,
    open: (url) =>
      TypeOrmStore.open({
        url,
        schema: 'payment',
        tables: payment.tables,
        migrations: [...messagingMigrations, ...payment.migrations],
      }),
    given: async () => undefined,
    work: (store) => handle(store, verdicts),
  });
  expect(commits).toBe(1);
  expect(statements.length).toBeLessThanOrEqual(STATEMENTS_MAX);
  expect(rowsRead / BATCH).toBeLessThanOrEqual(ROWS_MAX);
});
