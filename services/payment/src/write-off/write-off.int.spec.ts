import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { payment } from '..';
import { till, VISIT } from '../../test/till';
import { decision, declinedDue, writeOffSuite } from '../../test/write-off.suite';

let database: TestDatabase;
let count = 0;
const opened: TypeOrmStore[] = [];
beforeAll(async () => void (database = await testDatabase()));
afterEach(async () => void (await Promise.all(opened.splice(0).map((store) => store.close()))));
afterAll(() => database.drop());

const open = async (schema = `write_off_${(count += 1)}`): Promise<TypeOrmStore> => {
  const { tables, migrations } = payment;
  const store = await TypeOrmStore.open({ url: database.url, schema, tables, migrations });
  opened.push(store);
  return store;
};

describe('what cannot be collected, on PostgreSQL', () => writeOffSuite(() => open()));

test('of two write-offs at the same time one is made', async () => {
  const store = await open('write_off_twice');
  const { world, visit, balance } = await declinedDue(store);
  const other = till({ store: await open('write_off_twice') }).writeOffs;
  const made = await Promise.allSettled([
    world.writeOffs.writeOff(VISIT, decision(30_000)),
    other.writeOff(VISIT, decision(30_000)),
  ]);
  expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await visit()).toMatchObject({ writtenOffFen: 30_000 });
  expect(await balance('payable/funder/pay-after-visit-fund')).toBe(30_000);
});

test('the database keeps a write-off as it was made, by two persons', async () => {
  const store = await open('write_off_kept');
  const { world } = await declinedDue(store);
  await world.writeOffs.writeOff(VISIT, decision(30_000));
  const owner = new Client({ connectionString: database.url });
  await owner.connect();
  const table = 'write_off_kept.write_off';
  try {
    await expect(owner.query(`update ${table} set amount_fen = 1`)).rejects.toThrow('ever added');
    const byOne = `insert into ${table} select 'x', visit_id, kind, 1, reason, evidence,
      declared_by, declared_by, null, at, booked_on from ${table}`;
    await expect(owner.query(byOne)).rejects.toThrow('violates check');
  } finally {
    await owner.end();
  }
});
