import { setTimeout as sleep } from 'node:timers/promises';
import { countedWork, testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import type { Migration, MigrationRunner } from './migration';
import { connectionOptions } from './migrate';
import { integerColumn, table, textColumn } from './tables';
import { prepared } from './typeorm-session';
import { TypeOrmStore } from './typeorm-store';
import { writeParameters, writeStatement } from './typeorm-writes';

const ROWS = 20_000;
/** PostgreSQL keeps a plan after five that were made for their values. */
const BEFORE_KEPT = 6;
/** Plans are kept for a second at least. */
const PLANS_KEPT_MS = 1_100;

interface Parcel {
  readonly id: string;
  readonly owner: string;
  readonly weight: number;
}
const parcels = table<Parcel>({
  name: 'parcel',
  columns: {
    id: textColumn('id', { primary: true }),
    owner: textColumn(),
    weight: integerColumn(),
  },
});
class Parcels1700000000001 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table parcel (id text primary key, owner text not null, weight integer not null);
      create index parcel_owner on parcel (owner)`);
  }
  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table parcel');
  }
}

let database: TestDatabase;
beforeEach(async () => (database = await testDatabase()));
afterEach(() => database.drop());

const SCHEMA = 'parcels';
const open = (url: string): Promise<TypeOrmStore> =>
  TypeOrmStore.open({
    ...{ url, schema: SCHEMA, tables: [parcels], migrations: [Parcels1700000000001] },
  });

test('a plan made while a table was empty does not read all of it once it has grown', async () => {
  const { rowsRead } = await countedWork({
    url: database.url,
    open,
    given: async () => undefined,
    work: async (store) => {
      const look = (owner: string) =>
        store.transact((transaction) => transaction.rows(parcels).find({ owner: { in: [owner] } }));
      const client = new Client({ connectionString: database.url });
      await client.connect();
      await client.query(`analyze ${SCHEMA}.parcel`);
      for (let time = 0; time < BEFORE_KEPT; time += 1) await look('none');
      await client.query(
        `insert into ${SCHEMA}.parcel select 'p' || n, 'o' || n, 1 from generate_series(1, $1::int) n`,
        [ROWS],
      );
      await client.end();
      await sleep(PLANS_KEPT_MS);
      for (let time = 1; time <= BEFORE_KEPT; time += 1)
        expect(await look(`o${time}`)).toHaveLength(1);
    },
  });
  expect(rowsRead).toBeLessThanOrEqual(BEFORE_KEPT);
});

test('what a statement writes is planned for its values a few times, then no more', async () => {
  await (await open(database.url)).close();
  const { url: connectionString, extra } = connectionOptions({ url: database.url, schema: SCHEMA });
  const client = new Client({ connectionString, options: extra.options });
  await client.connect();
  const write = (number: number) =>
    prepared(
      client as never,
      writeStatement(parcels, 'replace'),
      writeParameters(parcels, [{ id: `p${number}`, owner: 'o', weight: number }]),
    );
  for (let number = 1; number <= BEFORE_KEPT * 2; number += 1) await write(number);
  const { rows } = await client.query(
    `select custom_plans::int as made, generic_plans::int as kept from pg_prepared_statements
     where statement like 'insert into%'`,
  );
  await client.end();
  expect(rows).toEqual([{ made: BEFORE_KEPT - 1, kept: BEFORE_KEPT + 1 }]);
});
