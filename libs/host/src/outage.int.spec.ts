import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PgBus } from '@caretab/bus-postgres';
import {
  type EmbeddedPostgres,
  freePort,
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
} from '@caretab/engines';
import {
  type Migration,
  type MigrationRunner,
  type Store,
  table,
  textColumn,
} from '@caretab/store';
import { route, type RouteInput } from '@caretab/contracts';
import { eventually } from '@caretab/hospital';
import { Controller, Inject, Module } from '@nestjs/common';
import { Type } from '@sinclair/typebox';
import { Handles, type RunningServices, type ServiceDefinition, startServices, STORE } from '.';
import { twinBusSettings } from '@caretab/bus';

const noteTable = table<{ noteId: string }>({
  name: 'note',
  columns: { noteId: textColumn('note_id', { primary: true }) },
});
class Note1700000000001 implements Migration {
  up = async (runner: MigrationRunner): Promise<void> =>
    void (await runner.query('create table note (note_id text primary key)'));
  down = async (runner: MigrationRunner): Promise<void> =>
    void (await runner.query('drop table note'));
}

// Their actions are ones that the policies permit an operator.
const at = { whose: 'platform', summary: 'of the tests', problems: [] } as const;
const write = route({
  ...at,
  method: 'PUT',
  path: '/desk/notes/{noteId}',
  action: 'payments.adopt',
  params: Type.Object({ noteId: Type.String() }),
  responses: { 200: Type.Object({ isNew: Type.Boolean() }) },
});
const list = route({
  ...at,
  method: 'GET',
  path: '/desk/notes',
  action: 'notices.summarise',
  responses: { 200: Type.Unknown() },
});

@Controller()
class DeskController {
  constructor(@Inject(STORE) private readonly store: Store) {}

  @Handles(write)
  async write({ params: { noteId } }: RouteInput<typeof write>): Promise<{ isNew: boolean }> {
    return {
      isNew: await this.store.transact((transaction) =>
        transaction.rows(noteTable).insertIfAbsent({ noteId }),
      ),
    };
  }

  @Handles(list)
  async count(): Promise<{ count: number }> {
    return {
      count: await this.store.transact((transaction) => transaction.rows(noteTable).count({})),
    };
  }
}

@Module({})
class DeskModule {}

const desk: ServiceDefinition = {
  name: 'desk',
  config: Type.Object({}),
  tables: [noteTable],
  migrations: [Note1700000000001],
  publishes: [],
  module: ({ store }) => ({
    module: DeskModule,
    controllers: [DeskController],
    providers: [{ provide: STORE, useValue: store }],
  }),
};

let dataDir: string;
let postgresPort: number;
let postgres: EmbeddedPostgres;
let bus: PgBus;
let running: RunningServices;

const start = async (): Promise<void> =>
  void (postgres = await startEmbeddedPostgres({ dataDir, port: postgresPort, durable: false }));
const call = async (
  path: string,
  method = 'GET',
): Promise<{ status: number; retryAfter: number; body: any }> => {
  const response = await fetch(`${running.url}${path}`, {
    method,
    headers: { connection: 'close' },
  });
  return {
    status: response.status,
    retryAfter: Number(response.headers.get('retry-after') ?? Number.NaN),
    body: await response.json(),
  };
};
const until = (check: () => Promise<boolean>): Promise<void> =>
  eventually(async () => expect(await check()).toBe(true), 30_000);

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'caretab-outage-'));
  postgresPort = await freePort();
  await start();
  bus = new PgBus({ url: postgres.url });
  const env = {
    HTTP_PORT: String(await freePort()),
    ...twinBusSettings(['desk']),
    LOG_LEVEL: 'silent',
  };
  running = await startServices({
    services: [desk],
    env,
    bus,
    topics: [],
    databaseUrl: () => postgres.url,
  });
}, 60_000);
afterAll(async () => {
  await running?.stop();
  await bus?.close();
  await postgres?.stop();
  await removeEmbeddedPostgres({ dataDir });
});

test('a database that stops and comes back is told as 503 meanwhile, and nobody restarts the service', async () => {
  expect(await call('/desk/notes/n1', 'PUT')).toMatchObject({ status: 200, body: { isNew: true } });
  expect(await call('/health/ready')).toMatchObject({ status: 200 });

  await postgres.stop();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      index % 2 ? call('/desk/notes/n2', 'PUT') : call('/desk/notes'),
    ),
  );
  for (const answer of answers) {
    expect(answer).toMatchObject({
      status: 503,
      body: {
        status: 503,
        code: 'DATABASE_UNAVAILABLE',
        type: 'urn:caretab:error:DATABASE_UNAVAILABLE',
        details: [expect.objectContaining({ remedy: 'try again later' })],
        retryAfterSeconds: answer.retryAfter,
      },
    });
    expect(answer.retryAfter).toBeGreaterThanOrEqual(2);
    expect(answer.retryAfter).toBeLessThanOrEqual(4);
  }
  expect(await call('/health/ready')).toMatchObject({
    status: 503,
    body: { code: 'DATABASE_UNREACHABLE' },
  });
  expect(await call('/health/live')).toMatchObject({ status: 200 });

  await start();
  await until(async () => (await call('/desk/notes')).status === 200);
  expect(await call('/desk/notes')).toMatchObject({ status: 200, body: { count: 1 } });
  expect(await call('/desk/notes/n2', 'PUT')).toMatchObject({ status: 200, body: { isNew: true } });
  await until(async () => (await call('/health/ready')).status === 200);
}, 60_000);
