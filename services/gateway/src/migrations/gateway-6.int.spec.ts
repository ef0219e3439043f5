import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { Client } from 'pg';
import { gateway } from '..';
import { eventTable, UNDECIDED } from '../intake/intake.table';
import { checkReturns } from '../intake/returns';
import { NO_APPLICATION } from '../intake/submission';

let database: TestDatabase;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

test('the return of a charge that an earlier release accepted is left to the ledger, a later one is bounded', async () => {
  const place = { url: database.url, schema: 'gateway', poolMax: 2 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: gateway.migrations.slice(0, 5),
  });
  await older.close();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`insert into gateway.accepted_event (id, door, type, visit_id, person_id, accepted_at)
    values ('e1', 'http', 'ChargePosted', 'HZ001-V1', null, '2026-03-02T00:00:00Z')`);
  await client.end();
  const store = await TypeOrmStore.open({
    ...place,
    tables: gateway.tables,
    migrations: gateway.migrations,
  });
  const takesBack = (chargeId: string) => ({
    ...({ door: 'http', institutionId: 'HZ001', application: NO_APPLICATION } as const),
    ...{ messageId: 'm1', visitNumber: 'V1' },
    facts: [
      {
        ...({ type: 'ChargeReturned', returnId: 'R1', chargeId } as const),
        ...{ amountFen: 2001, returnedAt: '2026-03-02T09:00:00+08:00' },
      },
    ],
  });
  await store.transact(async (transaction) => {
    await transaction.rows(eventTable).insert({
      ...({ id: 'e2', door: 'http', type: 'ChargePosted', visitId: 'HZ001-V1' } as const),
      ...{ personId: null, patientNumberHash: null, furtherNumberHashes: null, happenedAt: null },
      ...{
        chargeId: 'T2',
        quantity: '1',
        amountFen: 2000,
        dispensed: null,
        itemCode: null,
        returnId: null,
        acceptedAt: new Date(),
      },
      ...{ institutionId: 'HZ001', sourceMessageId: null, ...UNDECIDED },
    });
    await checkReturns(transaction, takesBack('T1'), { orderMs: 0 });
    await expect(checkReturns(transaction, takesBack('T2'), { orderMs: 0 })).rejects.toMatchObject({
      code: 'RETURN_EXCEEDS_CHARGE',
    });
  });
  await store.close();
});
