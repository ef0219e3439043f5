import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, type Server } from 'node:net';
import { message, on, type RouteInput } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { Consumes, type EventOf, type Handling, twinBusSettings } from '@caretab/bus';
import { PgBus } from '@caretab/bus-postgres';
import type { Migration, MigrationRunner, Store } from '@caretab/store';
import { freePort, testDatabase, type TestDatabase } from '@caretab/doubles';
import { eventually } from '@caretab/hospital';
import { Controller, Inject, Module } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Type } from '@sinclair/typebox';
import { Client } from 'pg';
import { withApproval } from '../test/given-approval';
import {
  inventedCode,
  type Sale,
  saleTable,
  Till1700000000001,
  tillRoutes,
  tillSales,
} from '../test/till';
import {
  ChassisConfig,
  Handles,
  Jobs,
  type RunningServices,
  type ServiceDefinition,
  startServices,
  type StartOptions,
  STORE,
} from '.';

const SECRET = 'relation person id_number 110101199003074514';
/** What the sales desk refuses, until a test fixes it. */
const refused = new Set<string>();
const journal: string[] = [];
let holdRequest: Promise<void> | undefined;
let holdBatch: Promise<void> | undefined;

@Controller()
class TillController {
  constructor(@Inject(STORE) private readonly store: Store) {}

  @Handles(tillRoutes.sell)
  async sell({ body: sale }: RouteInput<typeof tillRoutes.sell>): Promise<Sale> {
    await this.store.transact(async (transaction) =>
      transaction.publish(
        message(tillSales, 'Sold', sale, {
          id: `sold-${sale.saleId}`,
          time: new Date(),
          source: 'till',
        }),
      ),
    );
    return sale;
  }

  @Handles(tillRoutes.sale)
  async sale({ params: { saleId } }: RouteInput<typeof tillRoutes.sale>): Promise<Sale> {
    const row = await this.store.transact((transaction) =>
      transaction.rows(saleTable).get({ saleId }),
    );
    if (!row) throw new DomainError(inventedCode('SALE_UNKNOWN'), 'not-found', { saleId });
    return row;
  }

  @Handles(tillRoutes.fault)
  fault(): never {
    throw new Error(SECRET);
  }

  @Handles(tillRoutes.leak)
  leak(): { done: true } {
    const row = { done: true as const, secret: SECRET };
    return row;
  }

  @Handles(tillRoutes.slow)
  async slow(): Promise<{ done: true }> {
    journal.push('request in hand');
    await holdRequest;
    journal.push('request answered');
    return { done: true };
  }
}

@Controller()
class TillConsumer {
  @Consumes({ from: tillSales, group: 'till.sale' })
  async sold(
    @Payload() event: EventOf<typeof tillSales>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> {
    await on(tillSales, event, {
      Sold: async ({ data }) => {
        if (refused.has(data.saleId))
          throw new DomainError(inventedCode('SALE_REFUSED'), 'conflict', { saleId: data.saleId });
        if (data.saleId === 'held') journal.push('batch in hand');
        if (data.saleId === 'held') await holdBatch;
        await transaction.rows(saleTable).save(data);
        if (data.saleId === 'held') journal.push('batch done');
      },
    });
  }
}

/** A door of its own, as the gateway's HL7 listener is. */
class OtherDoor {
  beforeApplicationShutdown(): void {
    journal.push('other door closed');
  }
}

@Module({})
class TillModule {}

const till = (name = 'till'): ServiceDefinition => ({
  name,
  config: Type.Object({ TILL_CURRENCY: Type.String({ default: 'CNY', pattern: '^[A-Z]{3}$' }) }),
  tables: [saleTable],
  migrations: [Till1700000000001],
  publishes: [tillSales],
  module: ({ store, closes }) => {
    closes(async () => void journal.push(`${name} closed`));
    const jobs = {
      provide: 'job',
      inject: [Jobs],
      useFactory: (all: Jobs): Jobs => (all.every(`${name}.count`, 60_000, async () => 0), all),
    };
    return {
      module: TillModule,
      controllers: [TillController, TillConsumer],
      providers: [
        { provide: STORE, useValue: store },
        { provide: OtherDoor, useValue: new OtherDoor() },
        jobs,
      ],
    };
  },
});

let database: TestDatabase;
let busDatabase: TestDatabase;
let bus: PgBus;
let running: RunningServices;
let port: number;

const listening = async (wanted = 0): Promise<Server> => {
  const server = createServer();
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(wanted, '127.0.0.1', resolve),
  );
  return server;
};
const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => server.close(() => resolve()));
const options = (
  more: Partial<StartOptions> & { readonly env?: Record<string, string> } = {},
): StartOptions => ({
  services: [till()],
  bus,
  topics: [tillSales],
  databaseUrl: () => database.url,
  metrics: (_, response) => void response.end('process_up 1\n'),
  ...more,
  env: {
    HTTP_PORT: String(port),
    ...twinBusSettings((more.services ?? [till()]).map(({ name }) => name)),
    HTTP_BODY_MAX: '1kb',
    LOG_LEVEL: 'silent',
    HTTP_RESPONSE_CHECK: 'true',
    ...more.env,
  },
});

const call = async (
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; type: string; body: any }> => {
  const response = await fetch(`${running.url}${path}`, {
    ...init,
    headers: { 'content-type': 'application/json', connection: 'close', ...init.headers },
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    body: text.startsWith('{') && !text.trim().includes('\n') ? JSON.parse(text) : text,
  };
};
const post = (path: string, body?: unknown, headers = {}): ReturnType<typeof call> =>
  call(path, { method: 'POST', body: JSON.stringify(body), headers });

const until = (check: () => Promise<boolean> | boolean): Promise<void> =>
  eventually(async () => expect(await check()).toBe(true), 20_000);

/** Connections that the services have open. */
const connections = async (): Promise<number> => {
  const client = new Client({ connectionString: busDatabase.url });
  await client.connect();
  const { rows } = await client.query<{ count: string }>(
    'select count(*) from pg_stat_activity where datname = $1',
    [new URL(database.url).pathname.slice(1)],
  );
  await client.end();
  return Number(rows[0]!.count);
};

beforeAll(async () => {
  [database, busDatabase, port] = await Promise.all([testDatabase(), testDatabase(), freePort()]);
  bus = new PgBus({ url: busDatabase.url });
});
afterAll(async () => {
  await running?.stop();
  await bus.close();
  await Promise.all([database.drop(), busDatabase.drop()]);
});

describe('running services', () => {
  const progress: string[] = [];
  beforeAll(async () => {
    running = await startServices(options({ progress: (line) => void progress.push(line) }));
  });

  test('are healthy, documented and measured', async () => {
    expect(progress).toEqual(['till: schema till is ready']);
    expect(await call('/health')).toMatchObject({
      status: 200,
      body: { status: 'up', services: { till: 'up' }, bus: 'up' },
    });
    for (const probe of ['live', 'ready'])
      expect(await call(`/health/${probe}`)).toMatchObject({ status: 200, body: { status: 'up' } });
    expect(Object.keys(running.openApi['paths'] as object)).toEqual(
      expect.arrayContaining([
        '/till/sales',
        '/{service}/backlog',
        '/{service}/parked/{id}/replay',
        '/health',
      ]),
    );
    expect(await call('/docs')).toMatchObject({
      status: 200,
      type: expect.stringContaining('text/html'),
    });
    expect(await call('/docs/openapi.json')).toMatchObject({
      status: 200,
      body: { openapi: '3.1.0' },
    });
    expect(await call('/docs/asyncapi.yaml')).toMatchObject({
      status: 200,
      type: expect.stringContaining('application/yaml'),
      body: expect.stringMatching(/^asyncapi: 3/),
    });
    expect(await call('/docs/ui/swagger-ui-bundle.js')).toMatchObject({
      status: 200,
      type: expect.stringContaining('javascript'),
    });
    expect(await call('/metrics')).toMatchObject({ status: 200, body: 'process_up 1\n' });
  });

  test('bring what a route published to its consumer, and say so in the backlog', async () => {
    expect(await post('/till/sales', { saleId: 's1', amountFen: 100 })).toMatchObject({
      status: 202,
    });
    await until(async () => (await call('/till/sales/s1')).status === 200);
    expect((await call('/till/sales/s1')).body).toEqual({ saleId: 's1', amountFen: 100 });
    await until(async () => (await call('/till/backlog')).body['lag:till.sale'] === 0);
    expect((await call('/till/backlog')).body).toEqual({
      outbox: 0,
      'lag:till.sale': 0,
      jobsRunning: 0,
    });
  });

  test.each([
    ['an unknown route', () => call('/nowhere'), 404, 'ROUTE_UNKNOWN'],
    ['an unknown service', () => call('/nobody/backlog'), 404, 'SERVICE_UNKNOWN'],
    ['what the domain does not know', () => call('/till/sales/s9'), 404, 'SALE_UNKNOWN'],
    [
      'a body that is no JSON',
      () => call('/till/sales', { method: 'POST', body: '{"saleId":' }),
      400,
      'NOT_JSON',
    ],
    [
      'a body that does not fit',
      () => post('/till/sales', { saleId: 's2', amountFen: -1 }),
      400,
      'REQUEST_INVALID',
    ],
    ['no body', () => post('/till/sales'), 400, 'REQUEST_INVALID'],
    [
      'a body that is too large',
      () => post('/till/sales', { saleId: 's2', amountFen: 1, more: 'x'.repeat(2000) }),
      413,
      'REQUEST_TOO_LARGE',
    ],
    ['a path that does not decode', () => call('/till/sales/%FF'), 400, 'REQUEST_UNREADABLE'],
    [
      'a status of parked messages that there is not',
      () => call('/till/parked?status=lost'),
      400,
      'REQUEST_INVALID',
    ],
    [
      'a status given twice',
      () => call('/till/parked?status=parked&status=replayed'),
      400,
      'REQUEST_INVALID',
    ],
    ['a fault of ours', () => call('/till/fault'), 500, 'INTERNAL'],
  ])('answer %s with a problem', async (_, ask, status, code) => {
    const answer = await ask();
    expect(answer).toMatchObject({
      status,
      body: { status, code, type: `urn:caretab:error:${code}`, title: expect.any(String) },
    });
    expect(answer.type).toMatch(/^application\/problem\+json/);
    expect(JSON.stringify(answer.body)).not.toMatch(/110101|stack|\.ts:|node_modules|relation/);
  });

  test('never answer with a field that the route does not declare, where answers are checked', async () => {
    expect(await call('/till/leak')).toMatchObject({
      status: 500,
      body: { code: 'RESPONSE_VIOLATES_CONTRACT', details: [] },
    });
  });

  test('park what is refused: it can be listed, shown, replayed and given up', async () => {
    for (const saleId of ['p1', 'p2']) {
      refused.add(saleId);
      await post('/till/sales', { saleId, amountFen: 13 });
    }
    await until(async () => (await call('/till/parked')).body.messages.length === 2);
    const { messages } = (await call('/till/parked')).body as {
      messages: { id: string; key: string; code: string }[];
    };
    expect(messages.map(({ code }) => code)).toEqual(['SALE_REFUSED', 'SALE_REFUSED']);
    const [first, second] = ['p1', 'p2'].map((saleId) =>
      messages.find(({ key }) => key === saleId)!,
    );
    expect((await call(`/till/parked/${first!.id}`)).body).toMatchObject({
      key: 'p1',
      value: '{"saleId":"p1","amountFen":13}',
    });

    expect((await post(`/till/parked/${first!.id}/replay`)).body).toMatchObject({
      replayed: 0,
      failed: 1,
    });
    refused.clear();
    expect((await post(`/till/parked/${first!.id}/replay`)).body).toMatchObject({
      replayed: 1,
      failed: 0,
    });
    expect((await call('/till/sales/p1')).body).toEqual({ saleId: 'p1', amountFen: 13 });

    expect(await post(`/till/parked/${second!.id}/discard`, { why: 'x' })).toMatchObject({
      status: 400,
    });
    expect(
      await post(`/till/parked/${second!.id}/discard`, { why: 'sold by mistake' }),
    ).toMatchObject({ status: 200, body: { status: 'discarded' } });
    expect(await call('/till/sales/p2')).toMatchObject({ status: 404 });
    expect(await post(`/till/parked/${second!.id}/replay`)).toMatchObject({
      status: 409,
      body: {
        status: 409,
        code: 'PARKED_CLOSED',
        details: expect.arrayContaining([{ field: 'status', value: 'discarded' }]),
      },
    });
    expect(await call('/till/parked/unknown')).toMatchObject({
      status: 404,
      body: { code: 'PARKED_UNKNOWN' },
    });
    expect((await call('/till/parked')).body.messages).toEqual([]);
    expect((await call('/till/parked?status=discarded')).body.messages).toHaveLength(1);
  });

  test('let an operator mend what is parked, with a reason, and say what is still wrong with it', async () => {
    refused.add('p3');
    await post('/till/sales', { saleId: 'p3', amountFen: 13 });
    await until(async () => (await call('/till/parked')).body.messages.length === 1);
    const { id } = (await call('/till/parked')).body.messages[0] as { id: string };
    refused.clear();
    const till = { databaseUrl: database.url, schema: 'till' };
    const replay = (body: object): ReturnType<typeof call> =>
      withApproval(till, (headers) => post(`/till/parked/${id}/replay`, body, headers));
    expect(await replay({ value: { saleId: 'p3', amountFen: 31 } })).toMatchObject({
      status: 400,
      body: {
        code: 'REQUEST_INVALID',
        details: expect.arrayContaining([expect.objectContaining({ field: '/why' })]),
      },
    });
    expect(
      await replay({ value: { saleId: 'p3', amountFen: -31 }, why: 'digits were swapped' }),
    ).toMatchObject({
      status: 400,
      body: {
        code: 'CONTRACT_BROKEN',
        details: expect.arrayContaining([expect.objectContaining({ field: '/amountFen' })]),
      },
    });
    expect(
      (await replay({ value: { saleId: 'p3', amountFen: 31 }, why: 'digits were swapped' })).body,
    ).toMatchObject({ replayed: 1, failed: 0 });
    expect((await call('/till/sales/p3')).body).toEqual({ saleId: 'p3', amountFen: 31 });
    expect((await call(`/till/parked/${id}`)).body).toMatchObject({
      status: 'replayed',
      value: '{"saleId":"p3","amountFen":13}',
      mended: { value: '{"saleId":"p3","amountFen":31}' },
      why: 'digits were swapped',
    });
  });

  test('replay all that is parked at an operator’s word, telling how far they are', async () => {
    const sales = Array.from({ length: 40 }, (_, index) => `bulk${index}`);
    for (const saleId of sales) {
      refused.add(saleId);
      await post('/till/sales', { saleId, amountFen: 7 });
    }
    const waiting = async (): Promise<number> =>
      (await call('/till/parked')).body.messages.length as number;
    await until(async () => (await waiting()) === sales.length);
    for (const saleId of sales.slice(1)) refused.delete(saleId);
    const answer = await post('/till/parked/replay', { code: 'SALE_REFUSED' });
    expect(answer).toMatchObject({
      status: 200,
      type: expect.stringContaining('application/x-ndjson'),
    });
    const told = (answer.body as string)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { replayed: number; failed: number });
    expect(told.length).toBeGreaterThan(1);
    expect(told.at(-1)).toEqual({ replayed: sales.length - 1, failed: 1, skipped: 0 });
    expect(await waiting()).toBe(1);
    refused.clear();
    expect((await post('/till/parked/replay', { topic: 'till.nothing' })).body).toEqual({
      replayed: 0,
      failed: 0,
      skipped: 0,
    });
    expect(await post('/till/parked/replay', { status: 'parked' })).toMatchObject({
      status: 400,
      body: { code: 'REQUEST_INVALID' },
    });
    expect((await post('/till/parked/replay', {})).body).toEqual({
      replayed: 1,
      failed: 0,
      skipped: 0,
    });
  });

  test('refuse a second start on the same port in one clear line, and close all that it had opened', async () => {
    const before = await connections();
    journal.length = 0;
    await expect(startServices(options())).rejects.toMatchObject({
      name: 'PortUnavailable',
      code: 'EADDRINUSE',
      port,
      message: `HTTP: 127.0.0.1:${port} is taken: stop what listens there, or set HTTP_PORT to another port`,
    });
    expect(journal).toContain('till closed');
    await until(async () => (await connections()) <= before);
    expect(await call('/health')).toMatchObject({ status: 200 });
  });

  test('stop with what is in hand finished: doors first, then consumers, then what services opened', async () => {
    journal.length = 0;
    let letRequest = (): void => undefined;
    let letBatch = (): void => undefined;
    holdRequest = new Promise((resolve) => (letRequest = resolve));
    holdBatch = new Promise((resolve) => (letBatch = resolve));
    await post('/till/sales', { saleId: 'held', amountFen: 5 });
    const slow = call('/till/slow');
    await until(() => journal.length === 2);
    const stopped = running.stop();
    await until(() => journal.includes('other door closed'));
    await sleep(50);
    letRequest();
    expect(await slow).toMatchObject({ status: 200, body: { done: true } });
    await sleep(50);
    expect(journal).not.toContain('till closed');
    letBatch();
    await stopped;
    expect(journal.slice(2)).toEqual([
      'other door closed',
      'request answered',
      'batch done',
      'till closed',
    ]);
    await until(async () => (await connections()) === 0);
    await closed(await listening(port));
    await running.stop();
  });
});

describe('a start that fails', () => {
  test('tells every fault of every service at once, before anything is opened', async () => {
    const needy: ServiceDefinition = {
      ...till('needy'),
      config: Type.Object({
        NEEDY_URL: Type.String(),
        HTTP_PORT: ChassisConfig.properties.HTTP_PORT,
      }),
    };
    const start = startServices(
      options({
        services: [till(), needy],
        env: { TILL_CURRENCY: 'yuan', BUS_AUTHORS: '', HTTP_PORT: '80.5' },
      }),
    );
    await expect(start).rejects.toMatchObject({
      name: 'ConfigError',
      faults: [/^BUS_AUTHORS: /, /^HTTP_PORT: /, /^TILL_CURRENCY: /, /^NEEDY_URL: /].map((fault) =>
        expect.stringMatching(fault),
      ),
    });
    expect(await connections()).toBe(0);
  });

  test.each([
    [
      'a service that cannot be composed',
      { ...till('broken'), module: () => Promise.reject(new Error('no such adapter')) },
      'no such adapter',
    ],
    [
      'a migration that fails',
      {
        ...till('broken'),
        migrations: [
          class Broken1700000000002 implements Migration {
            up = async (runner: MigrationRunner): Promise<void> =>
              void (await runner.query('create table of nothing'));
            down = async (): Promise<void> => undefined;
          },
        ],
      },
      'syntax error',
    ],
    [
      'a door that does not open',
      {
        ...till('broken'),
        module: () => ({
          module: class BrokenModule {},
          providers: [
            {
              provide: 'door',
              useValue: {
                onApplicationBootstrap: () => Promise.reject(new Error('the other door is taken')),
              },
            },
          ],
        }),
      },
      'the other door is taken',
    ],
  ] as [string, ServiceDefinition, string][])('leaves nothing open: %s', async (_, broken, why) => {
    journal.length = 0;
    await expect(startServices(options({ services: [till(), broken] }))).rejects.toThrow(why);
    expect(journal).toContain('till closed');
    await until(async () => (await connections()) === 0);
    await closed(await listening(port));
  });

  test('does not keep the next one from starting', async () => {
    running = await startServices(options({ env: { OPERATOR_KEY: 'the-operators-key-of-tests' } }));
    expect(await call('/till/sales/s1')).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHENTICATED' },
    });
    expect(
      await call('/till/sales/s1', {
        headers: { authorization: 'Bearer the-operators-key-of-tests' },
      }),
    ).toMatchObject({ status: 200, body: { amountFen: 100 } });
    expect(await call('/health')).toMatchObject({ status: 200 });
  });

  test('without a key, on an address that others reach, makes no one the operator', async () => {
    await running.stop();
    running = await startServices(options({ env: { HTTP_HOST: '0.0.0.0' } }));
    const headers = { authorization: 'Bearer undefined' };
    expect(await call('/till/sales/s1', { headers })).toMatchObject({ status: 401 });
    expect(await call('/till/sales/s1')).toMatchObject({ status: 401 });
  });
});
