import { countedWork, testDatabase, type TestDatabase } from '@caretab/doubles';
import { type Store, TypeOrmStore } from '@caretab/store';
import { payment } from '..';
import { AFTER_THE_DAY } from '../../test/clearing-process';
import { PERSON, till } from '../../test/till';

const DAY = '2026-03-02';
const VISITS = 40;
/** Of one page, however many visits it has; and of the whole day besides, its answer included. */
const [STATEMENTS_OF_PAGE_MAX, STATEMENTS_MAX] = [12, 19];
/**
 * Of one visit: what moved and its collection for each sum, and its lines, added up three times after:
 * for the page, the day, and what each source owes each hospital.
 */
const ROWS_MAX = 24;
/**
 * Whether the day is cleared, asked before and after; its beginning, its answer, each page, and that
 * none is left. A read outside a transaction counts as one.
 */
const commitsOf = (pages: number): number => 6 + pages;

let database: TestDatabase;
beforeEach(async () => (database = await testDatabase()));
afterEach(() => database.drop());

test.each([1, 10])(
  'forty visits are cleared in %i pages of a few statements each, and the rows of each visit are read once',
  async (pages) => {
    let visits = 0;
    const { statements, commits, rowsRead } = await countedWork<Store>({
      url: database.url,
      open: (url) =>
        TypeOrmStore.open({
          url,
          schema: 'payment',
          tables: payment.tables,
          migrations: payment.migrations,
        }),
      given: async (store) => {
        const { accounts, adjudicate, collector } = till({ store, inFlightMax: VISITS });
        await accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
        for (let visit = 1; visit <= VISITS; visit += 1)
          await adjudicate({ visitId: `H1-${visit}` });
        await collector.runOnce();
      },
      work: async (store) => {
        const { clearings, clock } = till({ store, pageVisits: Math.ceil(VISITS / pages) });
        clock.set(AFTER_THE_DAY);
        ({ visits } = await clearings.clear(DAY));
      },
    });
    expect(visits).toBe(VISITS);
    expect(commits).toBeLessThanOrEqual(commitsOf(pages));
    expect(statements.length).toBeLessThanOrEqual(STATEMENTS_MAX + pages * STATEMENTS_OF_PAGE_MAX);
    expect(rowsRead / VISITS).toBeLessThanOrEqual(ROWS_MAX);
  },
);
