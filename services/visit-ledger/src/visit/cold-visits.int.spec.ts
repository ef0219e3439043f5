import { type CountedWork, countedWork } from '@caretab/doubles';
import { TWIN_KEYS } from '@caretab/event-store';
import { eventually } from '@caretab/hospital';
import type { Store } from '@caretab/store';
import { caused, commandsOf, visitIdOfNumber } from '../../test/facts';
import { type OpenedLedger, ledgerInPostgres } from '../../test/ledgers';
import { open, rowOf, snapshotsIn } from '../../test/snapshots.suite';
import { type LedgerEvents, openLedger } from '../ledger-store';
import { KeptVisits } from './kept-visits';
import { Visits } from './visits';

const NUMBERS = Array.from({ length: 100 }, (_, at) => `V${at}`);
/** Opened, authorized, covered, and two charges. */
const FACTS = 5;

let ledger: OpenedLedger;
beforeAll(async () => void (ledger = await ledgerInPostgres()));
afterAll(() => ledger.close());

interface Process {
  readonly events: LedgerEvents;
  readonly store: Store;
  close(): Promise<void>;
}

/** What a process that remembers nothing asks of the database, which `given` has prepared. */
const counted = (
  given: (process: Process) => Promise<unknown>,
  work: (process: Process) => Promise<unknown>,
): Promise<CountedWork> =>
  countedWork({
    url: ledger.databaseUrl,
    open: async (url) => {
      const events = await openLedger(
        { ...ledger.place, url },
        { keys: TWIN_KEYS, migrate: false },
      );
      const store = await ledger.openRows(url);
      return {
        events,
        store,
        close: async () => {
          await Promise.all([events.close(), store.close()]);
        },
      };
    },
    given,
    work,
  });

const postAll = (visits: Visits, chargeId: string, numbers = NUMBERS): Promise<unknown> =>
  Promise.all(
    numbers.map((number) =>
      visits.handle(visitIdOfNumber(number), [caused(commandsOf(number).post(chargeId))]),
    ),
  );

/** Each with so many events and a snapshot: how much a charge reads does not depend on it. */
const longStays = (prefix: string, charges: number): Promise<CountedWork> => {
  const numbers = Array.from({ length: 10 }, (_, at) => `${prefix}${at}`);
  return counted(
    async ({ events, store }) => {
      const visits = new Visits(events);
      for (const number of numbers) await open(visits, number, charges);
      const taking = new Visits(events, undefined, new KeptVisits(), snapshotsIn(store));
      for (const number of numbers) await taking.look(visitIdOfNumber(number));
      for (const number of numbers)
        await eventually(async () => expect(await rowOf(store, number)).toBeDefined());
    },
    ({ events, store }) =>
      postAll(new Visits(events, undefined, new KeptVisits(), snapshotsIn(store)), 'T-1', numbers),
  );
};

test('a charge of a long stay reads as few events as one of a short stay, and as many statements', async () => {
  const [short, long] = [await longStays('S', 20), await longStays('L', 297)];
  // Its snapshot and that one's event, of the stream its end and its beginning for the append, and a few of the store.
  expect(long.rowsRead).toBeLessThanOrEqual(10 * 4 + 5);
  expect(long.rowsRead).toBe(short.rowsRead);
  // Snapshots, what came behind them, and the append.
  expect(long.statements).toHaveLength(3);
  expect(short.statements).toHaveLength(3);
}, 60_000);

test('a hundred visits that are not in memory are read by one statement, each of their facts once', async () => {
  const cold = await counted(
    async ({ events }) => {
      const visits = new Visits(events);
      for (const number of NUMBERS) {
        const { start, authorize, cover, post } = commandsOf(number);
        const commands = [start, authorize(), cover, post('T1'), post('T2')];
        await visits.handle(
          visitIdOfNumber(number),
          commands.map((command) => caused(command)),
        );
      }
    },
    ({ events }) => postAll(new Visits(events), 'T3'),
  );
  // One read and one append.
  expect(cold.statements).toHaveLength(2);
  // Its facts, and of each stream its end and its beginning for the append.
  expect(cold.rowsRead).toBeLessThanOrEqual(NUMBERS.length * (FACTS + 4));
});
