import { countedWork, testDatabase, type TestDatabase } from '@caretab/doubles';
import { type Store, TypeOrmStore } from '@caretab/store';
import { payment } from '..';
import { PERSON, till } from '../../test/till';

const BATCH = 50;
/** A claim, the groups of outcomes, a look for plans of the future, and claims that find nothing. */
const STATEMENTS_MAX = 40;
const COMMITS_MAX = 8;

let database: TestDatabase;
beforeEach(async () => (database = await testDatabase()));
afterEach(() => database.drop());

test('fifty visits are collected by a few statements and commits, not by some for each', async () => {
  let captured = 0;
  const { statements, commits } = await countedWork<Store>({
    url: database.url,
    open: (url) =>
      TypeOrmStore.open({
        url,
        schema: 'payment',
        tables: payment.tables,
        migrations: payment.migrations,
      }),
    given: async (store) => {
      const { accounts, adjudicate } = till({ store });
      await accounts.bind(PERSON, { channel: 'unionpay', token: 'acct:ok' });
      for (let visit = 1; visit <= BATCH; visit += 1) await adjudicate({ visitId: `H1-${visit}` });
    },
    work: async (store) => {
      const { collector, memoryChannel } = till({ store, inFlightMax: BATCH });
      await collector.runOnce();
      captured = memoryChannel.payments.size;
    },
  });
  expect(captured).toBe(BATCH);
  expect(statements.length).toBeLessThanOrEqual(STATEMENTS_MAX);
  expect(commits).toBeLessThanOrEqual(COMMITS_MAX);
});
