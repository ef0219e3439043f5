import type { ContractEvent, identityPersons } from '@caretab/contracts';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { payment } from '..';
import { PERSON, till, VISIT } from '../../test/till';
import { collectionTable } from '../collection/collection.table';

let database: TestDatabase;
let stores: TypeOrmStore[] = [];
beforeAll(async () => {
  database = await testDatabase();
  const { tables, migrations } = payment;
  const parts = { url: database.url, schema: 'deaths', tables, migrations };
  stores = [await TypeOrmStore.open(parts), await TypeOrmStore.open(parts)];
});
afterAll(async () => {
  for (const store of stores) await store.close();
  await database.drop();
});

const died = {
  ...{ id: 'd-1', type: 'PersonDied', time: '2026-03-02T09:00:00Z' },
  data: { personId: PERSON, revision: 1, recordedAt: '2026-03-02T09:00:00Z' },
} as unknown as ContractEvent<typeof identityPersons, 'PersonDied'>;

test('a collection that begins to wait while the death comes on another connection is declined', async () => {
  const [store, other] = stores as [TypeOrmStore, TypeOrmStore];
  const { adjudicate, collector, payments, deaths } = till({ store });
  await adjudicate({ presence: 'typed' });
  let death: Promise<void> = Promise.resolve();
  await store.transact(async (transaction) => {
    const rows = transaction.rows(collectionTable);
    const row = (await rows.get({ visitId: VISIT }, { lock: 'wait' }))!;
    death = other.transact((second) => deaths.record(died, second));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await rows.save({ ...row, status: 'awaiting-confirmation', nextAttemptAt: null });
  });
  await death;
  await collector.runOnce();
  expect(await payments.of(VISIT)).toMatchObject({
    ...{ status: 'declined', declineReason: 'PERSON_DIED', orders: [] },
  });
});
