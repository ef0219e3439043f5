import { fixedClock, type TestDatabase, testDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { accessRecordsSuite, looked, recordsOn } from '../../test/access-records.suite';
import { accessMigrations, accessTables } from '.';

const DAY_MS = 86_400_000;
let database: TestDatabase;
let client: Client;
let count = 0;
const opened: TypeOrmStore[] = [];
beforeAll(async () => {
  database = await testDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await Promise.all(opened.map((store) => store.close()));
  await database.drop();
});

const schemaNow = (): string => `access_${count}`;
/** As the role of a service that owns nothing, where one is named. */
const open = async (role?: string): Promise<TypeOrmStore> => {
  count += 1;
  const url = new URL(database.url);
  if (role !== undefined) {
    await client.query(`create role ${role} login password 'of-tests'`);
    await client.query(`create role ${role}_within nologin`);
    await client.query(`grant ${role}_within to ${role}`);
    [url.username, url.password] = [role, 'of-tests'];
  }
  const store = await TypeOrmStore.open({
    ...{ url: url.href, schema: schemaNow(), poolMax: 3 },
    ownerUrl: role === undefined ? undefined : database.url,
    tables: accessTables,
    migrations: [...accessMigrations],
  });
  opened.push(store);
  return store;
};

accessRecordsSuite('TypeOrmStore', () => open());

test.each([
  ['update', (name: string) => `update ${name}.access_record set person = 'p-2'`],
  ['delete', (name: string) => `delete from ${name}.access_record`],
  ['truncate', (name: string) => `truncate ${name}.access_record`],
  ['update of a pruning', (name: string) => `delete from ${name}.access_pruning`],
])('the owner of the table is refused an %s', async (_, statement) => {
  const records = recordsOn(await open(), fixedClock('2020-03-02T08:00:00Z'));
  await records.record(looked('ann'));
  await expect(client.query(statement(schemaNow()))).rejects.toThrow('stay as they are');
  expect((await records.list({})).records).toMatchObject([{ subject: 'ann', person: 'p-1' }]);
});

test('a service inserts and reads, and no more; what it deletes by pruning was kept 180 days', async () => {
  const role = `audited_${process.pid}`;
  const store = await open(role);
  const schema = schemaNow();
  const old = new Date(Date.now() - 400 * DAY_MS);
  const clock = fixedClock(old.toISOString());
  const records = recordsOn(store, clock);
  await records.record(looked('long-ago'), looked('long-ago-too'));
  clock.advance(400 * DAY_MS - 179 * DAY_MS);
  await records.record(looked('of-late'));
  clock.advance(179 * DAY_MS);
  await records.record(looked('now'));
  await client.query(`set role ${role}`);
  for (const [statement, refusal] of [
    [`update ${schema}.access_record set person = 'p-2'`, 'permission denied'],
    [`delete from ${schema}.access_record`, 'permission denied'],
    [`delete from ${schema}.access_pruning`, 'permission denied'],
    [`alter table ${schema}.access_record disable trigger all`, 'must be owner'],
  ] as const)
    await expect(client.query(statement)).rejects.toThrow(refusal);
  // However far a service reaches, 180 days stay.
  await client.query(
    `insert into ${schema}.access_pruning values ('mine', now(), now() + interval '1 day')`,
  );
  await client.query('reset role');
  const left = await client.query(`select subject from ${schema}.access_record order by position`);
  expect(left.rows).toEqual([{ subject: 'of-late' }, { subject: 'now' }]);
  expect(await records.prune()).toBe(0);
  await store.close();
  await client.query(`drop owned by ${role}`);
  await client.query(`drop role ${role}`);
});

test('records that were kept long enough are deleted, the last one never', async () => {
  const store = await open();
  const clock = fixedClock(new Date(Date.now() - 400 * DAY_MS).toISOString());
  const records = recordsOn(store, clock);
  await records.record(looked('a'), looked('b'), looked('c'));
  expect(await records.prune()).toBe(0);
  clock.advance(400 * DAY_MS);
  expect(await records.prune()).toBe(1);
  expect(await records.prune()).toBe(0);
  expect((await records.list({})).records.map(({ subject }) => subject)).toEqual(['c']);
  await records.record(looked('d'));
  const [last, before] = (await records.list({})).records;
  expect([last!.position, last!.previous]).toEqual([4, before!.hash]);
});
