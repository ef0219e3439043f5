import { randomUUID } from 'node:crypto';
import { messagingMigrations } from '@caretab/bus';
import { countedWork, testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { gateway } from '..';
import { gatewayOn } from '../../test/gateway';
import { charging, numbers, opening, outcomes } from '../../test/together.suite';
import { keepFates } from './fates';
import type { VisitEvent } from './words';

const VISITS = 20;
/** Beginning and end, the reports that are named, those of the charges, and what is written. */
const STATEMENTS = 5;

let database: TestDatabase;
beforeEach(async () => (database = await testDatabase()));
afterEach(() => database.drop());

/** The ledger decided it when credit's answer came, which is no report. */
const decidedLater = (number: number): VisitEvent =>
  ({
    ...{ id: `f${number}`, type: 'ChargeDeferred', causationId: randomUUID() },
    ...{ source: 'visit-ledger', time: '2024-01-15T01:30:00Z' },
    data: {
      ...{ visitId: `HZ002-V${number}`, institutionId: 'HZ002' },
      ...{ chargeId: `T${number}`, amountFen: 2000 },
    },
  }) as unknown as VisitEvent;

/** Of a table: rows that were changed, and those of them that were changed in place. */
const changesOf = async (table: string): Promise<unknown> => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query(
    `select n_tup_upd::int as changed, n_tup_hot_upd::int as "inPlace"
     from pg_stat_user_tables where relname = $1`,
    [table],
  );
  await client.end();
  return rows[0];
};

test('charges of twenty visits that were decided later cost five statements and one commit', async () => {
  const { statements, commits } = await countedWork({
    url: database.url,
    open: (url) =>
      TypeOrmStore.open({
        url,
        schema: 'gateway',
        tables: gateway.tables,
        migrations: [...messagingMigrations, ...gateway.migrations],
      }),
    given: async (store) => {
      const door = gatewayOn(store);
      await outcomes(door, numbers(VISITS).map(opening));
      const charges = numbers(VISITS).map((number) => charging(number));
      expect(await outcomes(door, charges)).toEqual(charges.map(() => 'accepted'));
    },
    work: (store) =>
      store.transact((transaction) => keepFates(transaction, numbers(VISITS).map(decidedLater))),
  });
  expect(statements).toHaveLength(STATEMENTS);
  expect(commits).toBe(1);
  // No index is written a second time.
  expect(await changesOf('accepted_event')).toEqual({ changed: VISITS, inPlace: VISITS });
});
