import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { clearingLineTable } from '../clearing/clearing.table';
import { PERSON, till } from '../../test/till';
import { payment } from '..';
import { Payment1750000010000 } from './payment-11';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database?.drop());

test('what an earlier release cleared stays as it was, and the next day is cleared', async () => {
  const { tables, migrations } = payment;
  const place = { url: database.url, schema: 'payment', poolMax: 4, tables };
  // Today's code needs the columns of what came later.
  const before11 = migrations.filter((one) => one !== Payment1750000010000);
  const older = await TypeOrmStore.open({ ...place, migrations: before11 });
  const before = till({ store: older });
  await before.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
  await before.adjudicate({ visitId: 'H1-1' });
  before.clock.set('2026-03-03T09:00:00+08:00');
  const first = await before.clearings.clear('2026-03-02');
  await older.close();
  const store = await TypeOrmStore.open({ ...place, migrations });
  try {
    const { adjudicate, clearings, clock } = till({ store });
    clock.set('2026-03-03T10:00:00+08:00');
    await adjudicate({ visitId: 'H1-2' });
    clock.set('2026-03-04T09:00:00+08:00');
    expect(await clearings.get('2026-03-02')).toEqual(first);
    expect(await clearings.clear('2026-03-03')).toMatchObject({ visits: 1, balanceFen: 0 });
    const lines = await store.transact((transaction) =>
      transaction.rows(clearingLineTable).count({ clearingId: 'clearing-2026-03-02' }),
    );
    expect(lines).toBe(first.parties.length);
  } finally {
    await store.close();
  }
});
