import { freshOf, messagingMigrations } from '@caretab/bus';
import type { ContractEvent, visitLedgerVisits } from '@caretab/contracts';
import { countedWork, fixedClock, testDatabase, type TestDatabase } from '@caretab/doubles';
import { type Store, TypeOrmStore } from '@caretab/store';
import { notification } from '..';
import { NoticeConsumer } from './notice.consumer';
import { Notices } from './notices';

type VisitEvent = ContractEvent<typeof visitLedgerVisits>;

const BATCH = 50;
/** Each kind of row is read and written once, however many notices there are. */
const STATEMENTS_MAX = 7;
/** Of one settled visit: its two notices are new. */
const ROWS_MAX = 1;
const AT = '2026-03-02T09:00:00.000Z';
const settled = Array.from({ length: BATCH }, (_, index): VisitEvent => ({
  id: `settled-${index}`,
  type: 'VisitSettled',
  time: AT,
  source: 'visit-ledger',
  data: {
    visitId: `H1-${index}`,
    institutionId: 'H1',
    personId: `p-${index}`,
    accountPersonId: `p-${index}`,
    revision: 1,
    patientDueFen: 30_000,
    paidFen: 30_000,
    refundedFen: 0,
    settledAt: AT,
  },
}));

let database: TestDatabase;
beforeEach(async () => (database = await testDatabase()));
afterEach(() => database.drop());

/** A batch as the bus hands it over: each event once, in one transaction. */
const handle = (store: Store, events: readonly VisitEvent[]): Promise<void> => {
  const consumer = new NoticeConsumer(new Notices(fixedClock(AT), 'email'));
  return store.transact(async (transaction) => {
    const fresh = await freshOf(transaction, 'notification.visit', events);
    await consumer.prepare(fresh, { transaction });
    for (const event of fresh) await consumer.visits(event, { transaction });
  });
};

test('fifty settled visits become notices by a few statements and one commit', async () => {
  const { statements, commits, rowsRead } = await countedWork({
    url: database.url,
    open: (url) =>
      TypeOrmStore.open({
        url,
        schema: 'notification',
        tables: notification.tables,
        migrations: [...messagingMigrations, ...notification.migrations],
      }),
    given: async () => undefined,
    work: (store) => handle(store, settled),
  });
  expect(commits).toBe(1);
  expect(statements.length).toBeLessThanOrEqual(STATEMENTS_MAX);
  expect(rowsRead / BATCH).toBeLessThanOrEqual(ROWS_MAX);
});
