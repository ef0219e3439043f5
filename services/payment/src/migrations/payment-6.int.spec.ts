import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { PERSON, till } from '../../test/till';
import { payment } from '..';

const DAY = '2026-03-02';

let database: TestDatabase;
let store: TypeOrmStore;

/** An earlier release: a day cleared, a case open, and a day that differs by a chargeback. */
beforeAll(async () => {
  database = await testDatabase();
  const place = { url: database.url, schema: 'payment', poolMax: 4 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: payment.migrations.slice(0, 5),
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('set search_path = payment');
  await client.query(
    `insert into collection (payment_id, visit_id, account_person_id, institution_id, closed_at,
       closed_date, revision, verdict, gross_fen, due_fen, captured_fen, refunding_fen, refunded_fen,
       status, attempts, orders, inquiries, clearing, causation_id)
     values ('H1-paid', 'H1-paid', $1, 'H1', '2026-03-02T10:00:00+08:00', '2026-03-02', 2, '{}',
       100, 100, 100, 0, 0, 'paid', 1, 1, 0, 'pending', 'c')`,
    [PERSON],
  );
  await client.query(
    `insert into payment_order (order_id, visit_id, attempt, amount_fen, channel, status, started_at)
     values ('o-1', 'H1-paid', 1, 100, 'unionpay', 'captured', now())`,
  );
  await client.query(
    `insert into capture values ('o-1', 'H1-paid', 100, 'unionpay', 'r', now(), '2026-03-02')`,
  );
  await client.query(
    `insert into clearing values ('clearing-2026-03-01', '2026-03-01', 1, '2026-03-02T09:00:00+08:00')`,
  );
  await client.query(
    `insert into clearing_line values
       ('clearing-2026-03-01', 'H1-old', 'institution', 'H1', 50),
       ('clearing-2026-03-01', 'H1-old', 'insurer', 'employee', -50)`,
  );
  await client.query(
    `insert into payment_case (case_id, kind, subject_id, visit_id, amount_fen, reason, asked, status,
       owner, opened_at, times_seen, last_seen_at)
     values ('case-1', 'order', 'o-1', 'H1-paid', 100, 'STATUS_UNKNOWN', '{}', 'open',
       'payment-desk', '2026-03-02T09:00:00+08:00', 1, now())`,
  );
  await client.query(
    `insert into reconciliation values ('2026-03-02', 1, 100, 0, 0, 0, 1,
       '[{"what":"other","kind":"chargeback","id":"o-1","oursFen":null,"theirsFen":-100}]',
       '2026-03-03T01:00:00+08:00', '2026-03-03T01:00:00+08:00')`,
  );
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

const world = () => {
  const made = till({
    store,
    channel: (real) =>
      Object.assign(Object.create(real) as typeof real, {
        statement: async (date: string) => ({
          entries:
            date === DAY
              ? [
                  { kind: 'capture', id: 'o-1', amountFen: 100 },
                  { kind: 'chargeback', id: 'o-1', amountFen: -100 },
                  { kind: 'unreadable', id: 'row 3', amountFen: null },
                ]
              : [],
        }),
      }),
  });
  made.clock.set('2026-03-03T09:00:00+08:00');
  return made;
};

test('the chargeback that an earlier release only listed is posted, has a case, and can be lost', async () => {
  const { reconciler, cases, openCases, payments } = world();
  await reconciler.runOnce();
  expect((await payments.summary()).trialBalance).toMatchObject({
    differenceFen: 0,
    accounts: { 'receivable/chargebacks': 100, 'channel/unionpay': -100 },
  });
  const open = await openCases();
  expect(open.map(({ kind, visitId }) => [kind, visitId])).toEqual(
    expect.arrayContaining([
      ['order', 'H1-paid'],
      ['statement-row', 'H1-paid'],
      ['statement-row', null],
    ]),
  );
  const given = { declaredBy: 'op-17', approvedBy: 'op-21', evidence: 'letter 9' };
  for (const { caseId, kind, reason } of open) {
    const resolution = reason === 'CHARGEBACK' ? 'lost' : 'noted';
    if (kind === 'statement-row') await cases.resolve(caseId, { ...given, resolution });
  }
  expect((await payments.summary()).trialBalance).toMatchObject({
    differenceFen: 0,
    accounts: { 'receivable/chargebacks': 0, 'expense/chargebacks': 100 },
  });
  await reconciler.runOnce();
  expect(reconciler.degradations()).toEqual([]);
});

test('what an earlier release cleared counts as paid out; what is cleared now waits for the bank', async () => {
  const { clearings, payouts } = world();
  const line = {
    ...{ party: 'institution' as const, partyId: 'H1', amountFen: 50, bankReference: 'b-1' },
    ...{ valueDate: DAY, declaredBy: 'op-17', approvedBy: 'op-21', evidence: 'line 4' },
  };
  expect(await payouts.of('2026-03-01')).toMatchObject({ payout: 'done' });
  await expect(payouts.book('2026-03-01', line)).rejects.toThrow('PAYOUT_EXCEEDS');
  expect(await clearings.clear(DAY)).toMatchObject({ payout: 'open' });
  // Either may come first.
  const booked = await Promise.allSettled(
    ['b-1', 'b-2'].map((bankReference) =>
      payouts.book(DAY, { ...line, amountFen: 60, bankReference }),
    ),
  );
  expect(booked.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect((await payouts.of(DAY)).lines).toHaveLength(1);
});
