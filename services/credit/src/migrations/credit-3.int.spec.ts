import { fixedClock, testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { credit } from '..';
import { HoldExpiry } from '../hold/hold-expiry';
import { holdPolicy } from '../hold/hold-policy';
import { overdueStays } from '../hold/metrics';
import { Credit1700000000001 } from './credit-1';
import { Credit1700000000002 } from './credit-2';

const PERSON = 'p-11111111-2222-3333-4444-555555555555';
let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

test('a stay of the release before is overdue from when it is asked about next', async () => {
  const place = { url: database.url, schema: 'credit', poolMax: 2 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: [Credit1700000000001, Credit1700000000002],
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `insert into credit.account (account_person_id, status, score, policy_id, line_fen, held_fen,
       outstanding_fen, opened_at, entry_count) values ($1, 'open', 600, 'x', 1000, 60, 0, now(), 1)`,
    [PERSON],
  );
  await client.query(
    `insert into credit.hold (visit_id, person_id, account_person_id, visit_class, status, held_fen,
       revision, due_fen, outstanding_fen, paid_fen, over_line_fen, expires_at)
     values ('H1-V1', $1, $1, 'inpatient', 'held', 60, 0, 0, 0, 0, 0, '2026-03-10T08:00:00Z')`,
    [PERSON],
  );
  await client.end();
  const { tables, migrations } = credit;
  const store = await TypeOrmStore.open({ ...place, tables, migrations });
  const clock = fixedClock('2026-03-10T08:00:01Z');
  expect(await overdueStays(store, clock.now())).toEqual({ count: 0, oldest: undefined });
  await new HoldExpiry({ store, clock, policy: holdPolicy }).runOnce();
  expect(await overdueStays(store, clock.now())).toEqual({ count: 1, oldest: clock.now() });
  await store.close();
});
