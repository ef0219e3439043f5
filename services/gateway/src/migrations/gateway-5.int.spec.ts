import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { KeyFile } from '@caretab/security';
import { Client } from 'pg';
import { gateway } from '..';
import { FakePartners } from '../../test/gateway';
import { Envelope } from '../intake/envelope';
import { Mentions } from '../quarantine/mentions';
import { Quarantine, quarantineContext } from '../quarantine/quarantine';
import { Gateway1700000000001 } from './gateway-1';
import { Gateway1700000000002 } from './gateway-2';
import { Gateway1700000000003 } from './gateway-3';
import { Gateway1700000000004 } from './gateway-4';

const clock = { now: () => new Date('2026-03-02T12:00:00Z') };
const envelope = new Envelope(new KeyFile('KEYS', Buffer.alloc(32, 7).toString('hex')));
const ID_NUMBER = '11010519491231002X';

let database: TestDatabase;
let client: Client;
let store: TypeOrmStore;

/** As the release before keeps a refused message. */
const keep = (id: string, text: string | null) =>
  client.query(
    `insert into gateway.quarantine (id, institution_id, door, reason, faults, sealed, forgotten,
       received_at, last_seen_at, times_seen, status)
     values ($1, 'HZ001', 'http', 'AMOUNT_MISMATCH', '[]', $2, $3, '2026-03-01T00:00:00Z',
       '2026-03-01T00:00:00Z', 1, 'open')`,
    [id, text && envelope.seal(Buffer.from(text), quarantineContext(id)), text === null],
  );

beforeAll(async () => {
  database = await testDatabase();
  const place = { url: database.url, schema: 'gateway', poolMax: 4 };
  const older = await TypeOrmStore.open({
    ...place,
    tables: [],
    migrations: [
      Gateway1700000000001,
      Gateway1700000000002,
      Gateway1700000000003,
      Gateway1700000000004,
    ],
  });
  await older.close();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await keep('named', `of ${ID_NUMBER}`);
  await keep('forgotten', null);
  store = await TypeOrmStore.open({
    ...place,
    tables: gateway.tables,
    migrations: gateway.migrations,
  });
});
afterAll(async () => {
  await client?.end();
  await store?.close();
  await database?.drop();
});

test('what was quarantined before is indexed, and destroyed with its person', async () => {
  await keep('by the older', `of ${ID_NUMBER} too`); // A replica of the release before is at work.
  const mentions = new Mentions({ store, clock, envelope, partners: new FakePartners() });
  expect(await mentions.runOnce()).toBe(2);
  await store.transact((transaction) =>
    mentions.forget(transaction, {
      personId: 'p-1',
      indexes: [`index of ${ID_NUMBER}`],
      destroyedAt: clock.now(),
    }),
  );
  const quarantine = new Quarantine({
    store,
    clock,
    envelope,
    bounds: { rowsMax: 10, unknownRowsMax: 1_000, bytesMax: 1_000 },
    dropped: () => undefined,
  });
  for (const id of ['named', 'by the older', 'forgotten'])
    await expect(quarantine.show(id)).rejects.toMatchObject({ code: 'RAW_FORGOTTEN' });
  expect(await quarantine.list('discarded')).toHaveLength(2);
});
