import { PgBus } from '@caretab/bus-postgres';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { Client } from 'pg';
import { PATIENT, ThreeServices } from '../../test/three-services';

let database: TestDatabase;
let busDatabase: TestDatabase;
let bus: PgBus;
const start = (settings: Readonly<Record<string, string>> = {}): Promise<ThreeServices> =>
  ThreeServices.start({ bus, databaseUrl: database.url, settings });

/** A database that takes no writes says where the first one would have been. */
const setReadOnly = async (isReadOnly: boolean): Promise<void> => {
  const client = new Client({ connectionString: busDatabase.url });
  await client.connect();
  const name = new URL(database.url).pathname.slice(1);
  await client.query(
    `alter database "${name}" set default_transaction_read_only to ${isReadOnly ? 'on' : 'off'}`,
  );
  await client.end();
};

beforeAll(async () => {
  [database, busDatabase] = await Promise.all([testDatabase(), testDatabase()]);
  bus = new PgBus({ url: busDatabase.url });
  const first = await start({ ENVIRONMENT: 'staging' });
  expect((await first.patient()).status).toBe(201);
  await first.stop();
  await setReadOnly(true);
}, 120_000);
afterAll(async () => {
  await bus.close();
  await Promise.all([database.drop(), busDatabase.drop()]);
});

const OTHER = Buffer.alloc(32, 99);
const ENVIRONMENT = 'staging';

test.each([
  ['another master key', { IDENTITY_MASTER_KEY: OTHER.toString('hex') }, 'IDENTITY_MASTER_KEY'],
  ['another sealing key', { GATEWAY_SEALING_KEY: OTHER.toString('hex') }, 'GATEWAY_SEALING_KEY'],
  [
    'another key of events',
    {
      VISIT_LEDGER_EVENT_KEYS: JSON.stringify({
        current: 'twin',
        keys: { twin: OTHER.toString('base64') },
        signedAfter: '0',
      }),
    },
    'VISIT_LEDGER_EVENT_KEYS',
  ],
  ['another environment', { ENVIRONMENT: 'production' }, 'ENVIRONMENT'],
])('%s refuses the start in a sentence, and nothing was written', async (_, settings, variable) => {
  const refused = await start({ ENVIRONMENT, ...settings }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refused).toMatchObject({
    name: 'ConfigError',
    faults: [expect.stringMatching(`^${variable}: `)],
  });
  expect(String(refused)).not.toContain(OTHER.toString('hex'));
});

test('with its own keys it starts again, and knows its persons', async () => {
  await setReadOnly(false);
  const again = await start({ ENVIRONMENT });
  try {
    expect((await again.patient()).status).toBe(200);
    const found = await again.ask('POST', '/identity/persons', { body: PATIENT });
    expect(found.status).toBe(200);
  } finally {
    await again.stop();
  }
});
