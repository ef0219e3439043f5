import 'reflect-metadata';
import { TypeOrmStore } from '@caretab/store';
import { startAcquirer, type Acquirer } from '@caretab/sandbox';
import { Backlog, Jobs, keepToRoutes, ProblemFilter } from '@caretab/host';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { systemClock, systemIds, systemTimers } from '@caretab/kernel';
import { Global, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { paymentModule } from './app.module';
import { PERSON, till, VISIT } from '../test/till';
import { payment } from '.';

const jobs = new Jobs(systemTimers, () => undefined);

@Global()
@Module({ providers: [{ provide: Jobs, useValue: jobs }], exports: [Jobs] })
class Chassis {}

@Module({})
class Root {}

const secret = 'an acquirer secret';
let database: TestDatabase;
let acquirer: Acquirer;
let store: TypeOrmStore;
let app: INestApplication;
let url: string;
const backlog = new Backlog();

beforeAll(async () => {
  database = await testDatabase();
  acquirer = await startAcquirer({ host: '127.0.0.1', port: 0, secret });
  store = await TypeOrmStore.open({
    url: database.url,
    schema: 'payment',
    tables: payment.tables,
    migrations: payment.migrations,
  });
  const config = {
    PAYMENT_ACQUIRER_URL: acquirer.url,
    PAYMENT_ACQUIRER_SECRET: secret,
    PAYMENT_ACQUIRER_TIMEOUT_MS: 500,
    PAYMENT_TOKEN_KEY: 'ab'.repeat(32),
    PAYMENT_RETRY_DELAY_MS: 100,
    PAYMENT_COLLECT_INTERVAL_MS: 50,
  };
  const parts = {
    store,
    clock: systemClock,
    ids: systemIds,
    timers: systemTimers,
    backlog,
    config,
    bus: undefined,
    logger: undefined,
    database: { url: database.url, schema: 'payment' },
  };
  app = await NestFactory.create(
    { module: Root, imports: [Chassis, paymentModule(parts as never)] },
    { logger: false },
  );
  keepToRoutes(app, { internalToken: 'a-token-for-tests-only', checksAnswers: true });
  app.useGlobalFilters(new ProblemFilter(() => undefined));
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
  jobs.start();
});
afterAll(async () => {
  await jobs.onApplicationShutdown();
  await app.close();
  await store.close();
  await acquirer.stop();
  await database.drop();
});

const call = async (
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: any }> => {
  const response = await fetch(`${url}/payment/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};

test('a citizen binds an account that declines, sees the debt, pays with another, and the day is cleared', async () => {
  expect(
    await call('PUT', `accounts/${PERSON}`, { channel: 'unionpay', token: 'a:declined' }),
  ).toMatchObject({ status: 200, body: { channel: 'unionpay' } });
  expect(await call('GET', `visits/${VISIT}`)).toMatchObject({
    status: 404,
    body: { code: 'VISIT_UNKNOWN' },
  });
  await till({ store }).adjudicate();
  const until = async (status: string): Promise<void> => {
    for (
      let round = 0;
      round < 100 && (await call('GET', `visits/${VISIT}`)).body.status !== status;
      round++
    )
      await systemTimers.sleep(50);
  };
  await until('declined');
  expect((await call('GET', `visits/${VISIT}`)).body).toMatchObject({
    status: 'declined',
    owedFen: 30_000,
    declineReason: 'INSUFFICIENT_FUNDS',
  });
  expect((await call('POST', `visits/${VISIT}/pay`, { token: 'b:ok' })).body.code).toBe(
    'ACCOUNT_INCOMPLETE',
  );
  expect(
    (await call('POST', `visits/${VISIT}/pay`, { token: 'b:ok', channel: 'alipay' })).status,
  ).toBe(202);
  await until('paid');
  expect((await call('POST', `visits/${VISIT}/pay`, {})).body).toMatchObject({
    status: 'paid',
    owedFen: 0,
  });
  expect(await call('POST', 'clearings', { businessDate: '2026-03-02' })).toMatchObject({
    status: 200,
    body: { balanceFen: 0, visits: 1 },
  });
  expect((await call('GET', 'summary')).body).toMatchObject({
    capturedFen: 30_000,
    owedFen: 0,
    trialBalance: { differenceFen: 0 },
  });
  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  expect((await call('GET', `reconciliation/${today}`)).body).toMatchObject({
    agrees: true,
    matched: 1,
  });
  expect(await backlog.of('payment')).toEqual({ collections: 0, refunds: 0 });
});

test('a request that does not fit is refused without repeating it', async () => {
  const refused = await call('PUT', `accounts/${PERSON}`, { channel: 'unionpay', token: '' });
  expect(refused).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
});
