import { Book } from '@caretab/host';
import { type TestDatabase, testDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { PERSON, till } from '../../test/till';
import { payment } from '..';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database?.drop());

const LINE = `insert into journal_entry
  (entry_id, reference, account, debit_fen, credit_fen, posted_at)`;

test('postings of an earlier release and of this one are booked, and one that was rewritten is named', async () => {
  const { tables, migrations } = payment;
  const place = { url: database.url, schema: 'payment', poolMax: 4 };
  const before = migrations.findIndex(({ name }) => name === 'Payment1750000015000');
  const older = await TypeOrmStore.open({
    ...{ ...place, tables: [] },
    migrations: migrations.slice(0, before),
  });
  await older.close();
  const owner = new Client({
    connectionString: database.url,
    options: '-c search_path=payment',
  });
  await owner.connect();
  await owner.query(
    `${LINE} values ('x#1', 'x', 'a', 5, 0, now()), ('x#2', 'x', 'b', 0, 5, now())`,
  );
  const store = await TypeOrmStore.open({ ...place, tables, migrations });
  try {
    const { accounts, adjudicate, collector, clock } = till({ store });
    await accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
    await adjudicate({ visitId: 'H1-1' });
    await collector.runOnce();
    const book = new Book({ store, entries: payment.book!, clock, anchors: undefined });
    await book.book();
    const proven = async () => {
      const step = await book.prove().next();
      return step.value;
    };
    const { rows } = await owner.query('select count(*)::int as count from journal_entry');
    expect(rows[0].count).toBeGreaterThan(2);
    expect(await proven()).toMatchObject({ entries: rows[0].count, waiting: 0, faults: [] });
    await owner.query('alter table journal_entry disable trigger all');
    await owner.query(`update journal_entry set account = 'c' where entry_id = 'x#2'`);
    expect(await proven()).toMatchObject({
      faults: [{ kind: 'changed', position: 2, key: 'x#2' }],
    });
  } finally {
    await owner.end();
    await store.close();
  }
});
