import { authorsOf, twinBusSettings } from '@caretab/bus';
import { PgBus } from '@caretab/bus-postgres';
import { freePort, testDatabase, type TestDatabase } from '@caretab/doubles';
import { Module } from '@nestjs/common';
import { Type } from '@sinclair/typebox';
import { type ServiceDefinition, startServices } from '..';

@Module({})
class EmptyModule {}

const service = (name: string): ServiceDefinition => ({
  name,
  config: Type.Object({}),
  tables: [],
  migrations: [],
  publishes: [],
  module: () => ({ module: EmptyModule }),
});

let database: TestDatabase;
let busDatabase: TestDatabase;
let bus: PgBus;
const SETTINGS = twinBusSettings(['desk', 'till']);

/** Starts and stops them. */
const start = async (names: readonly string[], settings = {}): Promise<void> => {
  const running = await startServices({
    services: names.map(service),
    env: {
      HTTP_PORT: String(await freePort()),
      LOG_LEVEL: 'silent',
      ...{ ...SETTINGS, ...settings },
    },
    bus,
    topics: [],
    databaseUrl: () => database.url,
  });
  await running.stop();
};

beforeEach(async () => {
  [database, busDatabase] = await Promise.all([testDatabase(), testDatabase()]);
  bus = new PgBus({ url: busDatabase.url });
});
afterEach(async () => {
  await bus.close();
  await Promise.all([database.drop(), busDatabase.drop()]);
});

test('a service alone does not begin in the database of another', async () => {
  await start(['till']);
  await expect(start(['desk'])).rejects.toThrow('DATABASE_URL: this database belongs to till;');
  await start(['till']);
});

test('services that share a process share a database, and each goes on in it alone', async () => {
  await start(['till', 'desk']);
  await start(['desk']);
});

test('an id of a signing key keeps its key; another key has another id', async () => {
  await start(['till']);
  const changed = (kid: string): object => {
    const keys = JSON.parse(SETTINGS.BUS_SIGNING_KEYS) as Record<string, object>;
    const other = { kid, key: Buffer.alloc(32, 5).toString('base64') };
    const signing = JSON.stringify({ ...keys, till: other });
    return {
      BUS_SIGNING_KEYS: signing,
      BUS_AUTHORS: JSON.stringify({ keys: authorsOf(signing) }),
    };
  };
  await expect(start(['till'], changed('till'))).rejects.toThrow(
    'BUS_SIGNING_KEYS: its key "till" is not the one',
  );
  await start(['till'], changed('till-2'));
});

test('a signing key whose public half the others do not have is refused', async () => {
  const { keys } = JSON.parse(SETTINGS.BUS_AUTHORS) as { keys: { kid: string }[] };
  const without = JSON.stringify({ keys: keys.filter(({ kid }) => kid !== 'service/till') });
  await expect(start(['till'], { BUS_AUTHORS: without })).rejects.toThrow(
    'BUS_AUTHORS: its key "service/till" is not the public one of service/till',
  );
});
