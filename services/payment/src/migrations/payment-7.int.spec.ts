import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { PERSON, till } from '../../test/till';
import { payment } from '..';
import { captureTable } from '../collection/order.table';

let database: TestDatabase;
let store: TypeOrmStore;

/** Of an earlier release: a visit that is cleared, one that is not, and one whose order is out. */
const VISITS = [
  ['H1-cleared', 'done', 'captured'],
  ['H1-pending', 'pending', 'captured'],
  ['H1-sending', 'pending', 'sending'],
] as const;

const fill = async (client: Client): Promise<void> => {
  for (const [id, clearing, status] of VISITS) {
    const isCaptured = status === 'captured';
    await client.query(
      `insert into collection (payment_id, visit_id, account_person_id, institution_id, closed_at,
         closed_date, revision, verdict, gross_fen, due_fen, captured_fen, refunding_fen, refunded_fen,
         status, attempts, orders, order_id, inquiries, next_attempt_at, clearing, causation_id)
       values ($1, $1, $4, 'H1', now(), '2026-03-01', 1, '{}', 100, 100, $5, 0, 0, $6, 1, 1,
         case when $2 = 'sending' then $1 end, 0,
         case when $2 = 'sending' then timestamptz '2026-03-02' end, $3, 'c')`,
      [id, status, clearing, PERSON, isCaptured ? 100 : 0, isCaptured ? 'paid' : 'sending'],
    );
    await client.query(
      `insert into payment_order (order_id, visit_id, attempt, amount_fen, channel, status, started_at)
       values ($1, $1, 1, 100, 'unionpay', $2, now())`,
      [id, status],
    );
    await post(client, `verdict/${id}/1`, '2026-03-02T10:00:00+08:00');
    if (!isCaptured) continue;
    await client.query(
      `insert into capture values ($1, $1, 100, 'unionpay', 'r', now(), '2026-03-03')`,
      [id],
    );
    await post(client, `capture/${id}`, '2026-03-02T23:59:59+08:00');
  }
  await client.query(
    `insert into clearing values ('clearing-2026-03-02', '2026-03-02', 1, now(), 'done')`,
  );
  for (const [party, partyId, fen] of [
    ['institution', 'H1', 100],
    ['channel', 'unionpay', -100],
  ])
    await client.query(
      `insert into clearing_line values ('clearing-2026-03-02', 'H1-cleared', $1, $2, $3)`,
      [party, partyId, fen],
    );
};

const post = async (client: Client, reference: string, at: string): Promise<void> => {
  await client.query(
    `insert into journal_entry values ($1 || '#1', $1, 'a', 100, 0, $2), ($1 || '#2', $1, 'b', 0, 100, $2)`,
    [reference, at],
  );
};

beforeAll(async () => {
  database = await testDatabase();
  const place = { url: database.url, schema: 'payment', poolMax: 4 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: payment.migrations.slice(0, 6),
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('set search_path = payment');
  await fill(client);
  await client.end();
  store = await TypeOrmStore.open({
    ...place,
    tables: payment.tables,
    migrations: payment.migrations,
  });
});
afterAll(async () => {
  await store?.close();
  await database?.drop();
});

test('what an earlier release left is cleared by the day on which its journal has it', async () => {
  const { clearings, clock } = till({ store });
  const captures = await store.transact((transaction) => transaction.rows(captureTable).find({}));
  expect(captures.map(({ bookedOn, channelDate }) => [bookedOn, channelDate])).toEqual([
    ['2026-03-02', '2026-03-03'],
    ['2026-03-02', '2026-03-03'],
  ]);
  clock.set('2026-03-04T09:00:00+08:00');
  const next = await clearings.clear('2026-03-03');
  expect(next.visits).toBe(2);
  expect(next.parties).toEqual([
    { party: 'channel', partyId: 'unionpay', amountFen: -100 },
    { party: 'funder', partyId: 'pay-after-visit-fund', amountFen: -100 },
    { party: 'institution', partyId: 'H1', amountFen: 200 },
  ]);
});
