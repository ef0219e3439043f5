import type { StreamFault } from '@caretab/event-store';
import { TypeOrmStore } from '@caretab/store';
import { fixedClock, testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { visitLedger } from '..';
import { SetAside } from '../set-aside/set-aside';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

const faultIn = (visitId: string): StreamFault => ({
  ...{ kind: 'foreign', stream: `visit-${visitId}`, revision: 3 },
  ...{ position: 12n, digest: 'ab' },
});

test('visits of an earlier release are set aside, each once, whichever process finds the fault', async () => {
  const place = { url: database.url, schema: 'visit_ledger', poolMax: 4 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: visitLedger.migrations.slice(0, 9),
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`insert into visit_ledger.visit
      (visit_id, institution_id, person_id, business_date, status, revision, held_fen,
       charges_deferred, charges_waiting, charges_not_deferred, charges_returned, conflicts,
       gross_fen, not_deferred_fen, patient_estimate_fen, paid_fen, refunded_fen, payers, waits)
    values ('HZ001-A', 'HZ001', 'p-00000000-0000-4000-8000-000000000001', '2026-03-02', 'open',
      0, 20000, 1, 0, 0, 0, 0, 900, 0, 900, 0, 0, '[]', '[]')`);
  const store = await TypeOrmStore.open({
    ...place,
    tables: visitLedger.tables,
    migrations: visitLedger.migrations,
  });
  const lines: string[] = [];
  const processes = [1, 2, 3].map(
    () =>
      new SetAside({
        ...{ store, storeId: 'postgres:events', clock: fixedClock('2026-03-02T09:00:00Z') },
        logger: { error: (_facts, text) => void lines.push(text) },
      }),
  );
  await Promise.all(processes.map((one) => one.note([faultIn('HZ001-A'), faultIn('HZ001-B')])));
  expect(lines).toHaveLength(2);
  for (const one of processes) {
    expect(['HZ001-A', 'HZ001-B', 'HZ001-C'].map((id) => one.isAside(id))).toEqual([
      ...[true, true, false],
    ]);
    expect(() => one.of('HZ001-A')).toThrow('is foreign');
  }
  // No other service knows of the visit that the views do not have.
  const { rows } = await client.query<{ key: string }>('select key from visit_ledger.outbox');
  expect(rows).toEqual([{ key: 'HZ001-A' }]);
  await client.end();
  await store.close();
});
