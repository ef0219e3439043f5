import { fixedClock, type TestDatabase, testDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { payment } from '..';
import { accounts, post } from '../journal/journal';
import { journalEntryTable } from '../journal/journal-entry.table';

const ROLE = `journal_service_${process.pid}`;
let database: TestDatabase;
let store: TypeOrmStore;
let service: Client;
beforeAll(async () => {
  database = await testDatabase();
  const owner = new Client({ connectionString: database.url });
  await owner.connect();
  await owner.query(`create role ${ROLE} login password 'of-tests'`);
  await owner.query(`create role ${ROLE}_within nologin`);
  await owner.query(`grant ${ROLE}_within to ${ROLE}`);
  await owner.end();
  const url = new URL(database.url);
  [url.username, url.password] = [ROLE, 'of-tests'];
  const { tables, migrations } = payment;
  const place = { url: url.href, ownerUrl: database.url, schema: 'payment', poolMax: 3 };
  store = await TypeOrmStore.open({ ...place, tables, migrations });
  service = new Client({ connectionString: url.href, options: '-c search_path=payment' });
  await service.connect();
});
afterAll(async () => {
  await service?.end();
  await store?.close();
  await database?.drop();
});

const line = (entryId: string, debitFen: number, creditFen: number): string =>
  `('${entryId}', '${entryId.split('#')[0]}', 'a', ${debitFen}, ${creditFen}, now())`;
const insert = (...lines: readonly string[]): string =>
  `insert into journal_entry (entry_id, reference, account, debit_fen, credit_fen, posted_at)
   values ${lines.join(', ')}`;
const entries = (): Promise<number> =>
  store.transact((transaction) => transaction.rows(journalEntryTable).count({}));

test('a booking that balances is taken, from the service’s own role', async () => {
  await service.query(insert(line('even#1', 5, 0), line('even#2', 0, 3), line('even#3', 0, 2)));
  expect(await entries()).toBe(3);
});

test.each([
  ['one side alone', [insert(line('x#1', 5, 0))]],
  ['another amount on the other side', [insert(line('x#1', 5, 0), line('x#2', 0, 4))]],
  ['two references that balance together', [insert(line('x#1', 5, 0), line('y#1', 0, 5))]],
  ['more for a reference that balances', [insert(line('even#4', 5, 0))]],
  ['its sides in two statements', [insert(line('x#1', 5, 0)), insert(line('x#2', 0, 5))]],
  ['checks put off', ['set constraints all deferred', insert(line('x#1', 5, 0))]],
  [
    'rows that are copied',
    [
      `with lines as (select 'x#1', 'x', 'a', 5, 0, now()) insert into journal_entry select * from lines`,
    ],
  ],
  [
    'a merge',
    [
      `merge into journal_entry using (select 'x#1' as id) as one on entry_id = id when not matched then
       insert (entry_id, reference, account, debit_fen, credit_fen, posted_at)
       values (id, 'x', 'a', 5, 0, now())`,
    ],
  ],
])('what does not balance is refused from the service’s own role: %s', async (_, statements) => {
  const before = await entries();
  await service.query('begin');
  const done = (async () => {
    for (const statement of statements) await service.query(statement);
    await service.query('commit');
  })();
  await expect(done).rejects.toThrow('debits and credits of a reference are not equal');
  await service.query('rollback');
  expect(await entries()).toBe(before);
});

test('the service does not switch the check off', async () => {
  await expect(
    service.query('alter table journal_entry disable trigger journal_balances'),
  ).rejects.toThrow('must be owner');
});

test('many bookings of one transaction are each written whole', async () => {
  const before = await entries();
  const recorded = {
    now: fixedClock('2026-03-02T08:00:00Z').now(),
    policy: { booksCloseMinute: 1440, channelCloseMinute: 1440 },
  };
  const changes = [
    { account: accounts.patients, amountFen: 3 },
    { account: accounts.bank, amountFen: -1 },
    { account: accounts.fees, amountFen: -2 },
  ];
  await store.transact(async (transaction) => {
    for (let n = 0; n < 3_500; n += 1) await post(transaction, `many/${n}`, changes, recorded);
  });
  expect(await entries()).toBe(before + 10_500);
});
