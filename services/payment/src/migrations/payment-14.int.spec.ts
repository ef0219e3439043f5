import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { PERSON, till } from '../../test/till';
import { payment } from '..';
import { Confirmations } from '../collection/confirmations';
import { collectionTable } from '../collection/collection.table';
import { Payment1750000013000 } from './payment-14';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database?.drop());

test('what an earlier release was to collect is collected; a typed visit waits, and may be denied', async () => {
  const { tables, migrations } = payment;
  const place = { url: database.url, schema: 'payment', poolMax: 4 };
  const older = await TypeOrmStore.open({
    ...{ ...place, tables: [] },
    migrations: migrations.filter((one) => one !== Payment1750000013000),
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `insert into payment.collection (payment_id, visit_id, account_person_id, institution_id, closed_at,
       closed_date, revision, verdict, gross_fen, due_fen, captured_fen, refunding_fen, refunded_fen,
       status, attempts, orders, inquiries, next_attempt_at, lease, causation_id)
     values ('P1', 'H1-1', $1, 'H1', '2026-03-02T08:00:00Z', '2026-03-02', 1, 'v', 100, 100, 0, 0, 0,
       'due', 0, 0, 0, '2026-03-02T08:00:00Z', 0, 'c')`,
    [PERSON],
  );
  const store = await TypeOrmStore.open({ ...place, tables, migrations });
  try {
    const { accounts, adjudicate, collector, payments, openCases } = till({ store });
    await accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
    await adjudicate({ visitId: 'H1-2', presence: 'typed' });
    await collector.runOnce();
    expect(await payments.of('H1-1')).toMatchObject({ status: 'paid', paidFen: 100 });
    expect((await payments.of('H1-2')).status).toBe('awaiting-confirmation');
    await new Confirmations(till({ store })).answer('H1-2', false);
    expect((await openCases()).map(({ kind }) => kind)).toEqual(['presence']);
    const [kept] = await store.transact((transaction) =>
      transaction.rows(collectionTable).find({ visitId: 'H1-2' }),
    );
    expect(kept).toMatchObject({ presence: 'typed', confirmation: 'denied', status: 'disputed' });
    await client.query(`delete from payment.payment_case`);
    const nothing = client.query(`update payment.collection set presence = 'unheard'`);
    await expect(nothing).rejects.toThrow('collection_presence_check');
  } finally {
    await client.end();
    await store.close();
  }
});
