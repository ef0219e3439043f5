import { messagingMigrations, parkedTable } from '@caretab/bus';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { gateway } from '..';
import { type SubmissionRange, submissionsOf } from './submissions';

/** Of one hospital, one a second; a hundred of them are ends, the latest of all. */
const REPORTS = 40_000;
const ENDS = 100;
/** One charge in so many is rejected. */
const REJECTED_EVERY = 400;

let database: TestDatabase;
let store: TypeOrmStore;
let client: Client;

beforeAll(async () => {
  database = await testDatabase();
  store = await TypeOrmStore.open({
    ...{ url: database.url, schema: 'gateway', poolMax: 2 },
    tables: [...gateway.tables, parkedTable],
    migrations: [...messagingMigrations, ...gateway.migrations],
  });
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('set search_path = gateway');
  await client.query(
    `insert into accepted_event (id, door, type, visit_id, charge_id, amount_fen,
       accepted_at, institution_id, fate, listed_fate)
     select 'e' || lpad(n::text, 6, '0'), 'http',
       case when n > $1 - $2 then 'VisitEnded' else 'ChargePosted' end, 'HZ001-V' || n / 20,
       'T' || n, 100, timestamptz '2026-03-01' + n * interval '1 second', 'HZ001', fate,
       case when fate = 'rejected' then fate end
     from generate_series(1, $1::int) n cross join lateral (
       select case when n > $1 - $2 then 'applied' when n % $3 = 0 then 'rejected'
         else 'deferred' end as fate) as decided`,
    [REPORTS, ENDS, REJECTED_EVERY],
  );
  await client.query('analyze accepted_event');
});
afterAll(async () => {
  await client?.end();
  await store?.close();
  await database?.drop();
});

/** Index that PostgreSQL takes, and the rows that it reads of it, for a page of so many. */
const planOf = async (where: string, limit: number): Promise<{ index: string; rows: number }> => {
  const { rows } = await client.query<Record<'QUERY PLAN', readonly { Plan: any }[]>>(
    `explain (analyze, format json) select * from accepted_event
     where institution_id = 'HZ001' and ${where} order by accepted_at, id limit ${limit}`,
  );
  let plan = rows[0]!['QUERY PLAN'][0]!.Plan;
  while (plan.Plans) plan = plan.Plans[0];
  const read = plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0);
  return { index: plan['Index Name'], rows: read };
};

test.each([
  ['all', 'true', 'accepted_event_page'],
  ['of a rare fate', `listed_fate = 'rejected'`, 'accepted_event_listed'],
  ['of a fate that none has', `listed_fate = 'waiting'`, 'accepted_event_listed'],
  ['until a moment', `accepted_at <= '2026-03-01T05:00:00Z'`, 'accepted_event_page'],
])(
  'reports of a long history, %s, are read by an index, a page of them',
  async (_, where, index) => {
    const plan = await planOf(where, 101);
    expect(plan.index).toBe(index);
    expect(plan.rows).toBeLessThanOrEqual(101);
  },
);

test('a page of a rare fate is whole, however long the history', async () => {
  const whole = (REPORTS - ENDS) / REJECTED_EVERY;
  const page = await submissionsOf(store, 'HZ001', { fate: 'rejected' });
  expect(page.submissions).toHaveLength(Math.floor(whole));
  expect(page.next).toBeUndefined();
});

test('a page of one kind looks at no more than 2,000 reports', async () => {
  expect(await planOf('true', 2001)).toEqual({ index: 'accepted_event_page', rows: 2001 });
});

test.each<[string, SubmissionRange]>([
  ['of a rare kind', { kind: 'VisitEnded' }],
  ['of a usual fate', { fate: 'applied' }],
])('reports %s are all found, page by page, though pages are empty', async (_, range) => {
  const found: string[] = [];
  let after: string | undefined;
  let pages = 0;
  do {
    const page = await submissionsOf(store, 'HZ001', { ...range, after });
    found.push(...page.submissions.map(({ submissionId }) => submissionId));
    after = page.next;
    pages += 1;
  } while (after !== undefined);
  expect(found).toHaveLength(ENDS);
  expect(new Set(found).size).toBe(ENDS);
  expect(pages).toBeLessThanOrEqual(REPORTS / 2000 + 2);
});

test('reports of a usual kind come in whole pages', async () => {
  const first = await submissionsOf(store, 'HZ001', { kind: 'ChargePosted' });
  expect(first.submissions).toHaveLength(100);
  const second = await submissionsOf(store, 'HZ001', { kind: 'ChargePosted', after: first.next });
  expect(second.submissions[0]!.submissionId).toBe('e000101');
});
