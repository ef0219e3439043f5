import { type TestDatabase, testDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { approvalsSuite, idOf, PRIVACY, requested } from '../../test/approvals.suite';
import { Approvals, approvalTable, chassisMigrations } from '.';

let database: TestDatabase;
let count = 0;
const opened: TypeOrmStore[] = [];
beforeAll(async () => void (database = await testDatabase()));
afterAll(async () => {
  await Promise.all(opened.map((store) => store.close()));
  await database.drop();
});

/** One connection's worth of schemas is enough: rows of before are deleted. */
const open = async (): Promise<TypeOrmStore> => {
  const [known] = opened;
  if (known) {
    await known.transact((transaction) => transaction.rows(approvalTable).delete({}));
    return known;
  }
  const store = await TypeOrmStore.open({
    url: database.url,
    schema: `approvals_${(count += 1)}`,
    tables: [approvalTable],
    migrations: [...chassisMigrations],
  });
  opened.push(store);
  return store;
};

approvalsSuite('TypeOrmStore', open, 25);

test('the table itself holds no approval by who asked, and none that is used without one', async () => {
  const store = await open();
  const clock = { now: () => new Date('2026-03-02T08:00:00Z') };
  const ids = { next: () => 'a-1' };
  const approvals = new Approvals({ store, clock, ids, lifetimeMs: 60_000 });
  const id = idOf(await approvals.needed(requested(PRIVACY('ann'), 'p-1')));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const set = (fields: string): Promise<unknown> =>
    client.query(`UPDATE approvals_1.approval SET ${fields} WHERE approval_id = $1`, [id]);
  await expect(set(`state = 'given', decided_by = 'ann'`)).rejects.toThrow('check constraint');
  await expect(set(`state = 'used', used_at = now()`)).rejects.toThrow('check constraint');
  await expect(set(`state = 'used', decided_by = 'ben'`)).rejects.toThrow('check constraint');
  await client.end();
});
