import type { VisitStanding } from '@caretab/contracts';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { type AgreementSide, bucketOf, DayDigest } from '@caretab/host';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { PERSON, till } from '../../test/till';
import { payment } from '..';
import { ledgerAgreementWith } from '../agreement/agreements';

const DAY = '2026-03-02';

let database: TestDatabase;
let store: TypeOrmStore;

beforeAll(async () => {
  database = await testDatabase();
  const place = { url: database.url, schema: 'payment', poolMax: 4 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: payment.migrations.slice(0, 3),
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('set search_path = payment');
  // One visit that is paid, and two whose collection is yet to come.
  for (const [id, status, capturedFen] of [
    ['H1-paid', 'paid', 100],
    ['H1-due', 'due', 0],
    ['H1-lost', 'due', 0],
  ])
    await client.query(
      `insert into collection (payment_id, visit_id, account_person_id, institution_id, closed_at,
         closed_date, revision, verdict, gross_fen, due_fen, captured_fen, refunding_fen, refunded_fen,
         status, attempts, orders, inquiries, next_attempt_at, clearing, causation_id)
       values ($1, $1, $4, 'H1', now(), '2026-03-02', 1, '{}', 100, 100, $3, 0, 0, $2, 0, 0, 0,
         case when $2 = 'due' then timestamptz '2026-03-02' end, 'pending', 'c')`,
      [id, status, capturedFen, PERSON],
    );
  await client.query(
    `insert into payment_order (order_id, visit_id, attempt, amount_fen, channel, status, started_at)
     values ('o1', 'H1-paid', 1, 100, 'unionpay', 'captured', now())`,
  );
  await client.query(
    `insert into capture values ('o1', 'H1-paid', 100, 'unionpay', 'r', now(), '2026-03-02')`,
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

test('visits of an earlier release are compared by day; the one that the ledger has as paid is not collected, the other is', async () => {
  const made = till({ store });
  await made.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
  const standing = (visitId: string, paidFen: number): VisitStanding => ({
    ...{ visitId, revision: 1, dueFen: 100, payers: [], paidFen, refundedFen: 0 },
  });
  const known = [standing('H1-paid', 100), standing('H1-due', 0), standing('H1-lost', 100)];
  const ledger: AgreementSide = {
    day: async (day) => {
      const digest = new DayDigest();
      if (day === DAY) for (const visit of known) digest.add(visit);
      return { day, earlier: null, buckets: digest.result() };
    },
    visits: async (day, buckets) => ({
      visits: known.filter(({ visitId }) => day === DAY && buckets.includes(bucketOf(visitId))),
    }),
  };
  const agreement = ledgerAgreementWith(ledger, {
    store,
    clock: made.clock,
    logger: { warn: () => undefined, info: () => undefined } as never,
    config: { AGREEMENT_SETTLE_MS: 600_000, AGREEMENT_INTERVAL_MS: 60_000 } as never,
  });
  expect(await agreement.compare()).toMatchObject({ differences: 1, held: 1 });
  await made.workThrough(2);
  expect(await made.payments.of('H1-lost')).toMatchObject({ status: 'due', orders: [] });
  expect(await made.payments.of('H1-due')).toMatchObject({ status: 'paid', paidFen: 100 });
});
