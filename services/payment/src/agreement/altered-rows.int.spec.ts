import type { VisitStanding } from '@caretab/contracts';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { type AgreementSide, bucketOf, OwnSide } from '@caretab/host';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { PERSON, till } from '../../test/till';
import { payment } from '..';
import { clearingAgreement, ledgerAgreementWith } from './agreements';
import { paymentLines } from './payment-lines';

const DAY = '2026-03-02';
const VISITS = ['H1-A', 'H1-B', 'H1-C'];

let database: TestDatabase;
let store: TypeOrmStore;
let client: Client;

beforeEach(async () => {
  database = await testDatabase();
  store = await TypeOrmStore.open({
    url: database.url,
    schema: 'payment',
    poolMax: 4,
    tables: payment.tables,
    migrations: payment.migrations,
  });
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('set search_path = payment');
});
afterEach(async () => {
  await client?.end();
  await store?.close();
  await database?.drop();
});

/** Three visits: paid, paid and partly paid back, cleared; and the ledger as it then is. */
const world = async () => {
  const made = till({ store });
  await made.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
  for (const visitId of VISITS) await made.adjudicate({ visitId });
  await made.workThrough(2);
  await made.adjudicate({ visitId: 'H1-B', revision: 2, patientDueFen: 20_000 });
  await made.workThrough(2);
  made.clock.set('2026-03-03T09:00:00Z');
  await made.clearings.clear(DAY);
  const own = new OwnSide(store, paymentLines);
  const all = Array.from({ length: 64 }, (_, bucket) => bucket);
  const known = { day: await own.day(DAY), visits: await own.visits(DAY, all) };
  const theirs: AgreementSide = {
    day: async (day) => (day === DAY ? known.day : { ...(await own.day('2020-01-01')), day }),
    visits: async (_day, buckets) => ({
      visits: known.visits.visits.filter(({ visitId }) => buckets.includes(bucketOf(visitId))),
    }),
  };
  const logged: string[] = [];
  const log = (_: unknown, text?: string): void => void logged.push(String(text));
  const parts = {
    store,
    clock: made.clock,
    logger: { warn: log, info: log } as never,
    config: { AGREEMENT_SETTLE_MS: 600_000, AGREEMENT_INTERVAL_MS: 60_000 } as never,
  };
  return {
    ...made,
    lines: known.visits.visits as readonly VisitStanding[],
    withLedger: ledgerAgreementWith(theirs, parts),
    withClearing: clearingAgreement(parts),
    settle: () => made.clock.advance(600_000),
  };
};

test('what was not altered agrees', async () => {
  const { withLedger, withClearing, lines } = await world();
  expect(lines).toHaveLength(3);
  expect(await withLedger.compare()).toMatchObject({ differences: 0 });
  expect(await withClearing.compare()).toMatchObject({ differences: 0 });
});

test.each([
  ['a capture', `update capture set amount_fen = amount_fen - 1 where visit_id = 'H1-A'`],
  ['a capture, upwards', `update capture set amount_fen = amount_fen + 1 where visit_id = 'H1-A'`],
  ['a due', `update collection set due_fen = due_fen - 1 where visit_id = 'H1-A'`],
  [
    'an insurer’s part',
    `update insurer_part set amount_fen = amount_fen + 1 where visit_id = 'H1-A'`,
  ],
  ['the insurer', `update insurer_part set payer_id = 'resident' where visit_id = 'H1-A'`],
  ['a refund', `update refund set amount_fen = amount_fen - 1 where visit_id = 'H1-A'`, 'H1-B'],
  ['a visit that is gone', `delete from capture where visit_id = 'H1-A'`],
])(
  '%s that was altered in the database is found, and its visit held',
  async (_what, sql, visitId = 'H1-A') => {
    const { withLedger, settle } = await world();
    const { rowCount } = await client.query(sql.replaceAll('H1-A', visitId));
    expect(rowCount).toBe(1);
    await withLedger.compare();
    settle();
    expect(await withLedger.compare()).toMatchObject({ differences: 1, held: 1 });
    const { rows } = await client.query<{ visit_id: string }>('select visit_id from difference');
    expect(rows).toEqual([{ visit_id: visitId }]);
  },
);

test('a clearing line that was altered is found', async () => {
  const { withClearing } = await world();
  await client.query(
    `update clearing_line set amount_fen = amount_fen + 1 where visit_id = 'H1-C' and party = 'insurer'`,
  );
  await withClearing.compare();
  expect(await withClearing.compare()).toMatchObject({ differences: 1, held: 1 });
});

test('of a held visit nothing is collected, paid back or cleared; the others go on', async () => {
  const { withLedger, adjudicate, workThrough, payments, clearings, clock } = await world();
  // As after a restore: the capture was never known here.
  await client.query(`delete from clearing_line where visit_id = 'H1-A'`);
  await client.query(`delete from capture where visit_id = 'H1-A'`);
  await client.query(`delete from payment_order where visit_id = 'H1-A'`);
  await client.query(
    `update collection set captured_fen = 0, status = 'due', orders = 0, order_id = null,
       next_attempt_at = now() - interval '1 year', uncleared_since = closed_date where visit_id = 'H1-A'`,
  );
  expect(await withLedger.compare()).toMatchObject({ differences: 1, held: 1 });
  await adjudicate({ visitId: 'H1-C', revision: 2, patientDueFen: 40_000 });
  await workThrough();
  expect(await payments.of('H1-A')).toMatchObject({ status: 'due', paidFen: 0, orders: [] });
  expect(await payments.of('H1-C')).toMatchObject({ status: 'paid', paidFen: 40_000 });
  clock.set('2026-03-05T09:00:00Z');
  expect(await clearings.clear('2026-03-04')).toMatchObject({ visits: 1 });
});
