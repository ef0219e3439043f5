import { messagingMigrations } from '@caretab/bus';
import { countedWork, testDatabase, type TestDatabase } from '@caretab/doubles';
import { derivedId } from '@caretab/kernel';
import { TypeOrmStore } from '@caretab/store';
import { adjudication } from '..';
import { institutionId, personId } from '../../test/claims';
import { tables } from '../tables';
import { SettlementDesk } from './settlement-desk';
import { type SettlementRow, settlementTable } from './settlement.table';

const OTHERS = 3_000;
const payerId = 'city-employee';
const dayOf = (day: number): string => new Date(Date.UTC(2026, 0, day)).toISOString().slice(0, 10);
const settlement = (index: number, changes: Partial<SettlementRow> = {}): SettlementRow => ({
  settlementId: derivedId('posting', String(index), changes.payerId ?? payerId),
  ...{ claimId: `claim-${index}`, visitId: `HZ01-${index}`, revision: 1, payerId },
  ...{ planId: 'employee-basic', institutionId, personId, benefit: 'outpatient' },
  ...{ grossFen: 300, postedFen: 200, fundFen: 150, personalAccountFen: 50, totalFen: 200 },
  ...{ cancels: null, businessDate: dayOf(1 + (index % 300)), settledAt: new Date('2026-12-01') },
  ...changes,
});

let database: TestDatabase;
beforeAll(async () => (database = await testDatabase()));
afterAll(() => database?.drop());

/** Rows read for two questions about one day, among postings of 300 days and of another insurer. */
test('a page and sums of a period read its postings alone, whatever other periods and insurers have', async () => {
  const answers: unknown[] = [];
  const { rowsRead } = await countedWork({
    url: database.url,
    open: (url) =>
      TypeOrmStore.open({
        url,
        schema: 'adjudication',
        tables,
        migrations: [...messagingMigrations, ...adjudication.migrations],
      }),
    given: (store) =>
      store.transact((transaction) =>
        transaction
          .rows(settlementTable)
          .insert(
            ...Array.from({ length: OTHERS }, (_, index) => settlement(index)),
            ...Array.from({ length: OTHERS }, (_, index) =>
              settlement(index, { payerId: 'city-resident', planId: 'resident-basic' }),
            ),
          ),
      ),
    work: async (store) => {
      const desk = new SettlementDesk(store);
      const period = { payerId, from: dayOf(10), to: dayOf(10) };
      const { settlements, next } = await desk.list(period, undefined, [{}]);
      const { all } = await desk.totals(period, {}, [{}]);
      answers.push(settlements.length, next, all.postings, all.postedFen);
    },
  });
  expect(answers).toEqual([10, undefined, 10, 2_000]);
  expect(rowsRead).toBeLessThanOrEqual(2 * 10 + 10);
});
