import { setTimeout as sleep } from 'node:timers/promises';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { LedgerLock, type LedgerLockOptions } from './ledger-lock.adapter';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

const timers = { sleep: () => sleep(10) };
const take = (mode: LedgerLockOptions['mode'], schema = 'visit_ledger'): Promise<LedgerLock> =>
  LedgerLock.take({ url: database.url, schema, mode, timers });

test('services run together, a move alone; each is told why it must wait', async () => {
  const services = [await take('together'), await take('together')];
  await expect(take('alone')).rejects.toThrow('A visit-ledger service is running');
  const other = await take('alone', 'another_ledger');
  for (const service of services) await service.release();
  const move = await take('alone');
  await expect(take('together')).rejects.toThrow('is being moved');
  await expect(take('alone')).rejects.toThrow('A visit-ledger service is running');
  await Promise.all([move.release(), other.release()]);
  await (await take('together')).release();
});

test('a lock that was lost with its connection is taken again', async () => {
  const service = await take('together');
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const holders = async (): Promise<number[]> =>
    (
      await client.query<{ pid: number }>(
        'select pid from pg_locks join pg_stat_activity using (pid) where locktype = ' +
          "'advisory' and application_name = 'caretab ledger lock'",
      )
    ).rows.map(({ pid }) => pid);
  try {
    const [lost] = await holders();
    await client.query('select pg_terminate_backend($1)', [lost]);
    for (let turn = 0; turn < 500 && !(await holders()).some((pid) => pid !== lost); turn += 1)
      await timers.sleep();
    await expect(take('alone')).rejects.toThrow('A visit-ledger service is running');
  } finally {
    await service.release();
    await client.end();
  }
  await (await take('alone')).release();
});
