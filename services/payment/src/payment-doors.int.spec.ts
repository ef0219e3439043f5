import 'reflect-metadata';
import { TypeOrmStore } from '@caretab/store';
import { startAcquirer, type Acquirer } from '@caretab/sandbox';
import {
  Agreements,
  Backlog,
  Callers,
  Degradations,
  Jobs,
  keepToRoutes,
  OperatorKey,
  ProblemFilter,
  TwinApprovals,
  twinTokensOf,
} from '@caretab/host';
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
const approvals = new TwinApprovals('payment');

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
    PAYMENT_QUIET_HOURS: 'off',
    PAYMENT_BOOKS_CLOSE: '24:00',
    PAYMENT_CHANNEL_CLOSE: '24:00',
    PAYMENT_RETRY_DELAY_MS: 100,
    PAYMENT_COLLECT_INTERVAL_MS: 50,
    PAYMENT_COLLECTIONS_IN_FLIGHT: 8,
    PAYMENT_CLEARING_PAGE_VISITS: 500,
    PAYMENT_RECONCILE_INTERVAL_MS: 3_600_000,
    PAYMENT_BANK_TIMEOUT_MS: 500,
    PAYMENT_BANK_INTERVAL_MS: 200,
    VISIT_LEDGER_URL: 'http://127.0.0.1:9',
    AGREEMENT_START_TIMEOUT_MS: 0,
  };
  const callers = new Callers().add(new OperatorKey(undefined));
  const parts = {
    callers,
    store,
    clock: systemClock,
    ids: systemIds,
    timers: systemTimers,
    backlog,
    degradations: new Degradations(),
    agreements: new Agreements(),
    config,
    bus: undefined,
    tokens: twinTokensOf('payment'),
    logger: { warn: () => undefined, info: () => undefined },
    database: { url: database.url, schema: 'payment' },
  };
  app = await NestFactory.create(
    { module: Root, imports: [Chassis, paymentModule(parts as never)] },
    { logger: false },
  );
  keepToRoutes(app, { callers, checksAnswers: true, fourEyes: approvals.fourEyes });
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
  approval?: string,
): Promise<{ status: number; body: any }> => {
  const response = await fetch(`${url}/payment/${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(approval !== undefined && { approval }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};

/** As call, with the approval of a second person where it is asked for. */
const callByTwo: typeof call = async (method, path, body) => {
  const answer = await call(method, path, body);
  const approval = await approvals.given(answer.body);
  return approval === undefined ? answer : call(method, path, body, approval);
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
  // The visit was recorded on 2 March; it is paid today, and that is not over.
  expect(await call('POST', 'clearings', { businessDate: '2026-03-02' })).toMatchObject({
    status: 200,
    body: {
      balanceFen: 0,
      visits: 1,
      parties: expect.arrayContaining([
        { party: 'funder', partyId: 'pay-after-visit-fund', amountFen: -30_000 },
      ]),
    },
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

test('a refund that the bank refuses is a case with an owner, and ends in cash by two people', async () => {
  const visitId = 'H1-2002';
  const another = { channel: 'unionpay', token: 'c:refund-refused' };
  expect((await call('PUT', `accounts/${PERSON}`, another)).body.code).toBe('APPROVAL_NEEDED');
  expect((await callByTwo('PUT', `accounts/${PERSON}`, another)).status).toBe(200);
  const { adjudicate } = till({ store });
  await adjudicate({ visitId });
  const until = async (status: string): Promise<void> => {
    for (let round = 0; round < 100; round++) {
      if ((await call('GET', `visits/${visitId}`)).body.status === status) return;
      await systemTimers.sleep(50);
    }
  };
  await until('paid');
  await adjudicate({ visitId, revision: 2, patientDueFen: 0 });
  const openCase = async (): Promise<any> => {
    for (let round = 0; round < 100; round++) {
      const { cases } = (await call('GET', `cases?visitId=${visitId}`)).body;
      if (cases.length > 0) return cases[0];
      await systemTimers.sleep(50);
    }
  };
  const found = await openCase();
  expect((await call('GET', `visits/${visitId}`)).body).toMatchObject({
    status: 'refund-owed',
    refundOwedFen: 30_000,
  });
  expect(await call('PUT', `cases/${found.caseId}/owner`, { owner: 'op-17' })).toMatchObject({
    status: 200,
    body: { owner: 'op-17', reason: 'ACCOUNT_CLOSED', status: 'open' },
  });
  expect(await call('POST', `cases/${found.caseId}/retry`)).toMatchObject({
    status: 200,
    body: { status: 'closed', resolution: 'retry', declaredBy: 'operator' },
  });
  const { caseId } = await openCase();
  const cash = { resolution: 'cash', evidence: 'receipt 88' };
  expect(await call('POST', `cases/${caseId}/resolution`, cash)).toMatchObject({
    status: 409,
    body: { code: 'APPROVAL_NEEDED' },
  });
  expect(await callByTwo('POST', `cases/${caseId}/resolution`, cash)).toMatchObject({
    status: 200,
    body: { status: 'closed', declaredBy: 'operator', approvedBy: 'second-person' },
  });
  expect((await call('GET', `visits/${visitId}`)).body).toMatchObject({
    status: 'paid',
    owedFen: 0,
  });
  expect(await call('GET', `cases/${caseId}`)).toMatchObject({ body: { resolution: 'cash' } });
  expect((await call('GET', 'cases?after=nowhere')).body.code).toBe('REQUEST_INVALID');
  const [order] = (await call('GET', `visits/${visitId}`)).body.orders;
  expect((await call('POST', `orders/${order.orderId}/inquiry`)).status).toBe(200);
  expect(
    await callByTwo('POST', `orders/${order.orderId}/declaration`, {
      outcome: 'captured',
      evidence: 'letter 7',
    }),
  ).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
});

test('a request that does not fit is refused without repeating it', async () => {
  const refused = await call('PUT', `accounts/${PERSON}`, { channel: 'unionpay', token: '' });
  expect(refused).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
});

test('an operator reconciles a day that is over, and finds its result in the list', async () => {
  const date = '2026-03-02';
  expect(await call('POST', 'reconciliations', { date })).toMatchObject({
    status: 200,
    body: { date, onlyTheirs: 0, differences: [], differsSince: null },
  });
  const { status, body } = await call('GET', 'reconciliations');
  expect(status).toBe(200);
  expect(body.reconciliations).toContainEqual(expect.objectContaining({ date, matched: 0 }));
  expect(await call('POST', 'reconciliations', { date: '2999-01-01' })).toMatchObject({
    status: 422,
    body: { code: 'DAY_NOT_OVER' },
  });
});
