import { MemoryStore } from '@caretab/store';
import { ledgerDatabase } from '../../test/ledger-database';
import { accountBalanceView } from './account-balance.view';
import { type InstitutionDayRow, institutionDayView } from './institution-day.view';
import type { Projection } from './projection';
import { ViewsController } from './views.controller';

const DATES = ['2026-03-02', '2026-03-03', '2026-03-04'];
const INSTITUTIONS = 500;
const pad = (index: number): string => String(index).padStart(4, '0');

const store = new MemoryStore({ database: ledgerDatabase() });
const controller = new ViewsController(store, undefined as unknown as Projection);

const day = (institutionId: string, businessDate: string): InstitutionDayRow => ({
  dayId: `${institutionId}/${businessDate}`,
  institutionId,
  businessDate,
  opened: 1,
  cancelled: 0,
  closed: 0,
  adjudicated: 0,
  settled: 0,
  deferredCount: 0,
  deferredFen: 0,
  returnedCount: 0,
  returnedFen: 0,
  conflicts: 0,
  notDeferred: {},
  adjudicatedGrossFen: 0,
  payers: {},
  patientDueFen: 0,
  paidFen: 0,
  payments: 0,
  refundedFen: 0,
  refunds: 0,
});

beforeAll(() =>
  store.transact(async (transaction) => {
    const institutions = Array.from({ length: INSTITUTIONS }, (_, index) => `HZ${pad(index)}`);
    await transaction
      .rows(institutionDayView.table)
      .insert(...DATES.flatMap((date) => institutions.map((id) => day(id, date))));
    await transaction.rows(accountBalanceView.table).insert(
      { account: 'care:unbilled', debitFen: 12_000, creditFen: 0 },
      ...Array.from({ length: 12_000 }, (_, index) => ({
        account: `institution:HZ${String(index).padStart(5, '0')}`,
        debitFen: 0,
        creditFen: 1,
      })),
    );
  }),
);

test('who asks within another’s rows is shown no day', async () => {
  const [institutionId, businessDate] = ['HZ0001', DATES[0]!];
  const params = { institutionId, businessDate };
  const own = await controller.day({ scopes: [{ institution: institutionId }], params });
  expect(own).toMatchObject({ institutionId, businessDate });
  const scopes = [{ institution: 'HZ0002' }];
  await expect(controller.day({ scopes, params })).rejects.toThrow('DAY_UNKNOWN');
});

test('days come newest first, a thousand at a time, and each of them once', async () => {
  const first = await controller.summary({ query: {} });
  expect(first.days).toHaveLength(1000);
  expect(first.days[0]!.dayId).toBe('HZ0499/2026-03-04');
  expect(first.nextBefore).toBe('HZ0000/2026-03-03');
  const second = await controller.summary({ query: { before: first.nextBefore! } });
  expect(second.days.map(({ businessDate }) => businessDate)).toEqual(
    Array.from({ length: 500 }, () => '2026-03-02'),
  );
  expect(second).not.toHaveProperty('nextBefore');
  expect(new Set([...first.days, ...second.days].map(({ dayId }) => dayId)).size).toBe(1500);
});

test('the book adds up over more accounts than one answer names', async () => {
  const seen = new Set<string>();
  let after: string | undefined;
  do {
    const book = await controller.trialBalance({ query: after === undefined ? {} : { after } });
    expect(book).toMatchObject({ debitFen: 12_000, creditFen: 12_000, differenceFen: 0 });
    expect(book.accounts.length).toBeLessThanOrEqual(1000);
    for (const { account } of book.accounts) seen.add(account);
    after = book.nextAfter;
  } while (after !== undefined);
  expect(seen.size).toBe(12_001);
});
