import { setTimeout as sleep } from 'node:timers/promises';
import { TWIN_KEYS } from '@caretab/event-store';
import { eventually } from '@caretab/hospital';
import { Client } from 'pg';
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

interface Work {
  readonly statements: number;
  readonly rows: number;
}

/** What the database did so far; a session reports it once it ends. */
const workOf = async (): Promise<Work> => {
  await sleep(300);
  const client = new Client({ connectionString: ledger.databaseUrl });
  await client.connect();
  const { rows } = await client.query<Work>(
    `select xact_commit::int as statements,
       (select idx_tup_fetch + seq_tup_read from pg_stat_user_tables where relname = 'events')::int as rows
     from pg_stat_database where datname = current_database()`,
  );
  await client.end();
  return rows[0]!;
};

/** A process that remembers nothing, until its work is done. */
const fresh = async (
  work: (visits: Visits, events: LedgerEvents) => Promise<unknown>,
): Promise<Work> => {
  const before = await workOf();
  const events: LedgerEvents = await openLedger(ledger.place, { keys: TWIN_KEYS, migrate: false });
  await work(new Visits(events), events).finally(() => events.close());
  const after = await workOf();
  return { statements: after.statements - before.statements, rows: after.rows - before.rows };
};

const postAll = (visits: Visits, chargeId: string, numbers = NUMBERS): Promise<unknown> =>
  Promise.all(
    numbers.map((number) =>
      visits.handle(visitIdOfNumber(number), [caused(commandsOf(number).post(chargeId))]),
    ),
  );

/** Each with so many events and a snapshot: how much a charge reads does not depend on it. */
const longStays = async (prefix: string, charges: number): Promise<Work> => {
  const numbers = Array.from({ length: 10 }, (_, at) => `${prefix}${at}`);
  const store = await ledger.openRows();
  const visits = new Visits(ledger.events);
  for (const number of numbers) await open(visits, number, charges);
  const taking = new Visits(ledger.events, undefined, new KeptVisits(), snapshotsIn(store));
  for (const number of numbers) await taking.look(visitIdOfNumber(number));
  for (const number of numbers)
    await eventually(async () => expect(await rowOf(store, number)).toBeDefined());
  return fresh((_, events) =>
    postAll(new Visits(events, undefined, new KeptVisits(), snapshotsIn(store)), 'T-1', numbers),
  );
};

test('a charge of a long stay reads as few events as one of a short stay, and as many statements', async () => {
  const [short, long] = [await longStays('S', 20), await longStays('L', 297)];
  // The event of the snapshot, and of the stream its end and its beginning for the append.
  expect(long.rows).toBeLessThanOrEqual(10 * 4);
  expect(long.rows).toBe(short.rows);
  expect(long.statements).toBeLessThanOrEqual(12);
}, 60_000);

test('a hundred visits that are not in memory are read by one statement, each of their facts once', async () => {
  const visits = new Visits(ledger.events);
  for (const number of NUMBERS) {
    const { start, authorize, cover, post } = commandsOf(number);
    const commands = [start, authorize(), cover, post('T1'), post('T2')];
    await visits.handle(
      visitIdOfNumber(number),
      commands.map((command) => caused(command)),
    );
  }
  const cold = await fresh((process) => postAll(process, 'T3'));
  // One read and one append, as batches of the store go, and what connections begin with.
  expect(cold.statements).toBeLessThanOrEqual(10);
  // Its facts, and of each stream its end and its beginning for the append.
  expect(cold.rows).toBeLessThanOrEqual(NUMBERS.length * (FACTS + 4));
});
