import { messagingMigrations, parkedTable, TWIN_PARTS } from '@caretab/bus';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import 'reflect-metadata';
import { TypeOrmStore } from '@caretab/store';
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
  twinServices,
  twinTokensOf,
} from '@caretab/host';
import { logger } from '@caretab/telemetry';
import { fixedClock, sequentialIds, testDatabase, type TestDatabase } from '@caretab/doubles';
import { systemTimers } from '@caretab/kernel';
import { type DynamicModule, type INestApplication, Module } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { CHILD, hl7, personIdOf, SPECIMEN } from '../../test/gateway';
import { gateway as definition } from '..';

@Module({})
class TestModule {}
@Module({})
class TestGlobals {}

const neighbours = twinServices(['identity', 'visit-ledger', 'notification']);
const KEY = 'key-of-HZ002';

/** Identity and the ledger as the gateway sees them: over HTTP, remembering, sometimes away. */
class Others {
  readonly asked: string[] = [];
  readonly askedFor: string[] = [];
  readonly persons = new Map([[SPECIMEN, personIdOf(1)]]);
  /** How many connections are cut before one is answered. */
  cut = 0;
  silent = false;
  /** Answers every request with a retry after seven seconds. */
  busy = false;
  private readonly server: Server = createServer(
    (request, response) =>
      void this.answer(request)
        .then(([status, body]) =>
          response
            .writeHead(status, {
              'content-type': 'application/json',
              ...(status === 503 && { 'retry-after': '7' }),
            })
            .end(JSON.stringify(body)),
        )
        .catch(() => request.socket.destroy()),
  );

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Notification: answers whose webhooks it was asked for. */
  private webhooks(url: string, body: object): [number, unknown] {
    if (url.includes('webhook-secret'))
      return [409, { code: 'WEBHOOK_SECRETS_TOO_MANY', details: [{ field: '', why: 'three' }] }];
    if (url.endsWith('/resend')) return [200, { resent: 1, asked: body }];
    return [200, { webhooks: [], asked: url }];
  }

  private async answer(request: IncomingMessage): Promise<[number, unknown]> {
    this.asked.push(request.url!);
    if (this.silent) await new Promise(() => undefined);
    if (this.busy) return [503, {}];
    if (this.cut-- > 0) throw new Error('cut');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as {
      apiKey?: string;
      facility?: string;
      institutionId?: string;
      value?: string;
    };
    const subject = neighbours.subjectOf({ authorization: request.headers.authorization });
    if (!subject) return [403, { code: 'ACCESS_FORBIDDEN' }];
    this.askedFor.push(subject.id);
    if (request.url === '/identity/institutions/authenticate')
      return body.institutionId === 'HZ001'
        ? [200, { institutionId: 'HZ001' }]
        : body.apiKey === KEY || body.facility === 'HZ002' || body.institutionId === 'HZ002'
          ? [200, { institutionId: 'HZ002', interface: { hl7: true } }]
          : [404, { code: 'INSTITUTION_UNKNOWN' }];
    if (request.url === '/identity/persons/resolve')
      return this.persons.has(body.value!)
        ? [200, { personId: this.persons.get(body.value!) }]
        : [404, { code: 'PERSON_UNKNOWN' }];
    if (request.url!.startsWith('/notification/')) return this.webhooks(request.url!, body);
    return request.url!.includes('HZ002-W1')
      ? [200, { visitId: 'HZ002-W1', at: request.url }]
      : [404, { code: 'VISIT_UNKNOWN' }];
  }
}

let database: TestDatabase;
let store: TypeOrmStore;
let others: Others;
let app: INestApplication;
let url: string;
let unhandled: unknown[];
let retryAfter: number;

const serve = async (
  more: Readonly<Record<string, unknown>> = {},
  checksAnswers = true,
): Promise<void> => {
  const othersUrl = await others.start();
  const clock = fixedClock('2024-01-15T01:05:00Z');
  const config = {
    GATEWAY_MLLP_HOST: '127.0.0.1',
    GATEWAY_MLLP_PORT: 0,
    GATEWAY_MLLP_IDLE_TIMEOUT_MS: 60_000,
    GATEWAY_MLLP_FIRST_BYTE_TIMEOUT_MS: 60_000,
    GATEWAY_MLLP_FRAME_TIMEOUT_MS: 60_000,
    GATEWAY_MLLP_BYTES_MAX: 8_000_000,
    GATEWAY_MLLP_CONNECTIONS_MAX: 5,
    GATEWAY_MLLP_CONNECTIONS_PER_PEER_MAX: 5,
    GATEWAY_RAW_RETENTION_DAYS: 30,
    GATEWAY_QUARANTINE_ROWS_MAX: 100,
    GATEWAY_QUARANTINE_BYTES_MAX: 1_000_000,
    GATEWAY_QUARANTINE_UNKNOWN_ROWS_MAX: 100,
    GATEWAY_MLLP_ADMISSION_TIMEOUT_MS: 100,
    GATEWAY_IN_WORK_MAX: 4,
    GATEWAY_IN_WORK_PER_INSTITUTION_MAX: 4,
    GATEWAY_WAITING_MAX: 4,
    GATEWAY_ADMISSION_TIMEOUT_MS: 100,
    GATEWAY_QUESTIONS_MAX: 4,
    GATEWAY_UNKNOWN_PERSONS_PER_HOUR: 1000,
    ...{ GATEWAY_LOOKUPS_PER_HOUR: 100_000, GATEWAY_ACTIVATIONS_PER_HOUR: 20 },
    CARE_TIME_AHEAD_MS: 7_200_000,
    CARE_TIME_BEHIND_DAYS: 1096,
    CARE_TIME_ORDER_MS: 7_200_000,
    GATEWAY_OUTBOX_MAX: 100,
    GATEWAY_LEDGER_LAG_MAX: 100,
    GATEWAY_SEALING_KEY: Buffer.alloc(32, 1).toString('base64'),
    IDENTITY_URL: othersUrl,
    VISIT_LEDGER_URL: othersUrl,
    ...{ NOTIFICATION_URL: othersUrl, PAYMENT_URL: othersUrl },
    ...more,
  };
  const operatorKey = more['OPERATOR_KEY'] as string | undefined;
  const callers = new Callers().add(new OperatorKey(operatorKey));
  const parts = {
    callers,
    config,
    store,
    clock,
    ids: sequentialIds('id'),
    timers: systemTimers,
    fetch,
    tokens: twinTokensOf('gateway'),
    bus: undefined as never,
    backlog: new Backlog(),
    degradations: new Degradations(),
    agreements: new Agreements(),
    authors: TWIN_PARTS.authors,
    closes: () => undefined,
    logger: logger('gateway'),
    database: { url: database.url, schema: 'gateway' },
  };
  const jobs = new Jobs(systemTimers, () => undefined);
  const globals: DynamicModule = {
    module: TestGlobals,
    global: true,
    providers: [
      { provide: Jobs, useValue: jobs },
      { provide: APP_FILTER, useValue: new ProblemFilter((error) => void unhandled.push(error)) },
    ],
    exports: [Jobs],
  };
  const module = await definition.module(parts, await definition.ports!(parts));
  app = await NestFactory.create(
    { module: TestModule, imports: [globals, module] } as DynamicModule,
    { logger: false, abortOnError: false },
  );
  keepToRoutes(app, { callers, checksAnswers, fourEyes: approvals.fourEyes });
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
};

const approvals = new TwinApprovals('gateway');
const call = async (
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; type: string; body: any }> => {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(path.startsWith('/v1/') && { authorization: `Bearer ${KEY}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  retryAfter = Number(response.headers.get('retry-after'));
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    body: await response.json(),
  };
};

const start = {
  visitNumber: 'W1',
  visitClass: 'outpatient',
  credential: { type: 'id-number', value: SPECIMEN },
  startedAt: '2024-01-15T09:00:00+08:00',
};
const key = (number: number) => ({ 'idempotency-key': `key-0000000${number}` });

beforeEach(async () => {
  database = await testDatabase();
  store = await TypeOrmStore.open({
    url: database.url,
    schema: 'gateway',
    tables: [...definition.tables, parkedTable],
    migrations: [...messagingMigrations, ...definition.migrations],
  });
  others = new Others();
  unhandled = [];
});

afterEach(async () => {
  expect(unhandled).toEqual([]);
  await app.close();
  others.stop();
  await store.close();
  await database.drop();
});

test('a hospital opens a visit over HTTP and gets the first answer to its repetition', async () => {
  await serve();
  const first = await call('POST', '/v1/visits', start, key(1));
  expect(first).toMatchObject({
    status: 202,
    body: { visitId: 'HZ002-W1', events: [{ type: 'VisitStarted' }] },
  });
  expect(await call('POST', '/v1/visits', start, key(1))).toEqual(first);
  expect(
    await call('POST', '/v1/visits', { ...start, visitClass: 'emergency' }, key(1)),
  ).toMatchObject({
    status: 409,
    type: expect.stringContaining('application/problem+json'),
    body: { code: 'IDEMPOTENCY_KEY_REUSED' },
  });
  expect(await store.unpublished(10)).toHaveLength(1);
});

test('requests without a known key, an idempotency key or a sound body are refused by name', async () => {
  await serve();
  expect(
    await call('POST', '/v1/visits', start, { ...key(1), authorization: 'Bearer nobodys-key' }),
  ).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
  expect(await call('POST', '/v1/visits', start)).toMatchObject({
    status: 400,
    body: { code: 'IDEMPOTENCY_KEY_MISSING', details: [{ field: 'Idempotency-Key' }] },
  });
  expect(await call('POST', '/v1/visits/W1/end', { endedAt: 'soon' }, key(2))).toMatchObject({
    status: 400,
    body: { code: 'REQUEST_INVALID', details: [{ field: '/endedAt' }] },
  });
  expect(
    await call(
      'POST',
      '/v1/visits',
      { ...start, credential: { type: 'id-number', value: CHILD } },
      key(3),
    ),
  ).toMatchObject({ status: 404, body: { code: 'PERSON_UNKNOWN' } });
  expect(await call('GET', '/gateway/summary')).toMatchObject({
    body: {
      accepted: 0,
      refused: { IDEMPOTENCY_KEY_MISSING: 1, REQUEST_INVALID: 1, PERSON_UNKNOWN: 1 },
      quarantineOpen: 3,
    },
  });
});

test('an operator sees a refused request, mends and replays it, and gives another up', async () => {
  await serve();
  await call('POST', '/v1/visits', { ...start, visitClass: 'day-case' }, key(1));
  await call('POST', '/v1/visits/W1/end', {}, key(2));
  const { body: entries } = await call('GET', '/gateway/quarantine');
  const [ended, opened] = ['/endedAt', '/visitClass'].map((field) =>
    entries.find((entry: any) => entry.faults[0].field === field),
  );
  const shown = (await call('GET', `/gateway/quarantine/${opened.id}`)).body;
  expect(shown.message).toContain('day-case');
  const replay = `/gateway/quarantine/${opened.id}/replay`;
  expect(await call('POST', replay, {})).toMatchObject({ body: { code: 'REQUEST_INVALID' } });
  const corrected = { message: JSON.stringify(start) };
  const alone = await call('POST', replay, corrected);
  expect(alone).toMatchObject({ status: 409, body: { code: 'APPROVAL_NEEDED' } });
  const approval = (await approvals.given(alone.body))!;
  const other = { message: JSON.stringify({ ...start, department: 'X' }) };
  const differs = { status: 409, body: { code: 'APPROVAL_DIFFERS' } };
  expect(await call('POST', replay, other, { approval })).toMatchObject(differs);
  const done = await call('POST', replay, corrected, { approval });
  expect(done).toMatchObject({ status: 200, body: { visitId: 'HZ002-W1' } });
  expect(await call('POST', replay, {})).toMatchObject({ body: { code: 'QUARANTINE_CLOSED' } });
  expect(
    await call('POST', `/gateway/quarantine/${ended.id}/discard`, { why: 'the visit goes on' }),
  ).toMatchObject({ status: 200 });
  expect((await call('GET', '/gateway/quarantine?status=discarded')).body).toMatchObject([
    { why: 'the visit goes on' },
  ]);
  expect((await call('GET', '/gateway/summary')).body).toMatchObject({
    accepted: 1,
    acceptedBy: { http: { VisitStarted: 1 } },
    quarantineOpen: 0,
  });
  expect(await call('GET', '/gateway/quarantine?status=lost')).toMatchObject({ status: 400 });
});

test(
  'a connection to identity that fails is tried again; one that stays away leaves ' +
    'the request with its sender',
  async () => {
    await serve();
    others.cut = 2;
    expect(
      await call('POST', '/v1/persons/resolve', { type: 'id-number', value: SPECIMEN }),
    ).toMatchObject({ status: 200, body: { personId: personIdOf(1) } });
    others.cut = 99;
    expect(await call('POST', '/v1/visits', start, key(1))).toMatchObject({
      status: 503,
      body: { code: 'IDENTITY_UNAVAILABLE' },
    });
    others.cut = 0;
    others.silent = true;
    const before = Date.now();
    expect(await call('POST', '/v1/visits', start, key(1))).toMatchObject({ status: 503 });
    expect(Date.now() - before).toBeLessThan(3500);
    expect((await call('GET', '/gateway/summary')).body).toMatchObject({
      accepted: 0,
      quarantineOpen: 0,
    });
  },
);

test('a crowd whose key nobody remembers asks identity once, and is told what identity is told to say', async () => {
  await serve();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      call('POST', '/v1/visits', start, { 'idempotency-key': `crowd-000${index}` }),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  expect(others.asked.filter((path) => path.endsWith('/authenticate'))).toHaveLength(1);
  others.busy = true;
  expect(
    await call('POST', '/v1/visits', start, { 'idempotency-key': 'crowd-late' }),
  ).toMatchObject({
    status: 503,
    body: { code: 'IDENTITY_UNAVAILABLE', retryAfterSeconds: expect.any(Number) },
  });
  expect(retryAfter).toBeGreaterThanOrEqual(7);
});

test('what the ledger knows of a visit can be asked at the edge', async () => {
  await serve({}, false); // The ledger of these tests answers where it was asked.
  const { body } = await call('GET', '/v1/visits/HZ002-W1');
  expect(body).toMatchObject({ at: '/visit-ledger/visits/HZ002-W1' });
  expect(others.askedFor.at(-1)).toBe('hospital/HZ002');
  expect(await call('GET', '/v1/visits/HZ002-W2')).toMatchObject({
    status: 404,
    body: { code: 'VISIT_UNKNOWN' },
  });
  expect(await call('GET', '/v1/visits/non%20sense')).toMatchObject({ status: 400 });
});

test('reads and writes take the same id of a visit, and a hospital may leave itself out', async () => {
  await serve({}, false);
  for (const [index, id] of ['HZ002-W1', 'W1'].entries()) {
    expect((await call('GET', `/v1/visits/${id}`)).body).toMatchObject({
      at: '/visit-ledger/visits/HZ002-W1',
    });
    expect((await call('GET', `/v1/visits/${id}/history`)).body).toMatchObject({
      at: '/visit-ledger/visits/HZ002-W1/history',
    });
    expect(
      await call('POST', `/v1/visits/${id}/end`, { endedAt: start.startedAt }, key(index)),
    ).toMatchObject({ status: 202, body: { visitId: 'HZ002-W1' } });
  }
  // The repetition of a request in the other form.
  const again = await call('POST', '/v1/visits/W1/end', { endedAt: start.startedAt }, key(0));
  expect(again).toMatchObject({ status: 202 });
  expect(
    await call('POST', '/v1/visits/HZ001-W1/end', { endedAt: start.startedAt }, key(3)),
  ).toMatchObject({ status: 403, body: { code: 'WRITE_FORBIDDEN' } });
  expect(
    await call('POST', '/v1/visits/non%20sense/end', { endedAt: start.startedAt }, key(4)),
  ).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
});

test.each(['ZY0012345-2', '2026/0012', '../etc', '.', '9b2f0c1e-7d44-4f0a-8a52-1f2e00000000'])(
  'the visit number %s goes through every path',
  async (visitNumber) => {
    await serve({}, false);
    const visitId = `HZ002-${visitNumber}`;
    const path = `/v1/visits/${encodeURIComponent(visitId)}`;
    expect(await call('POST', '/v1/visits', { ...start, visitNumber }, key(0))).toMatchObject({
      status: 202,
      body: { visitId },
    });
    expect(await call('POST', `${path}/end`, { endedAt: start.startedAt }, key(1))).toMatchObject({
      status: 202,
      body: { visitId },
    });
    // Asked of the ledger under the same id, which it does not know here.
    expect(await call('GET', path)).toMatchObject({ status: 404 });
    expect(others.asked.at(-1)).toBe(`/visit-ledger/visits/${encodeURIComponent(visitId)}`);
  },
);

test('a GUID in braces is the visit number without them, as over HL7', async () => {
  await serve({}, false);
  const guid = '9b2f0c1e-7d44-4f0a-8a52-1f2e00000000';
  const visitId = `HZ002-${guid}`;
  const opening = { ...start, visitNumber: `{${guid}}` };
  expect(await call('POST', '/v1/visits', opening, key(0))).toMatchObject({
    status: 202,
    body: { visitId },
  });
  for (const [index, given] of [`{${guid}}`, `HZ002-{${guid}}`, guid].entries()) {
    const path = `/v1/visits/${encodeURIComponent(given)}`;
    expect(
      await call('POST', `${path}/end`, { endedAt: start.startedAt }, key(index + 1)),
    ).toMatchObject({ status: 202, body: { visitId } });
    expect(await call('GET', path)).toMatchObject({ status: 404 });
    expect(others.asked.at(-1)).toBe(`/visit-ledger/visits/${visitId}`);
  }
  for (const visitNumber of ['{W1}', `{${guid}`, `x{${guid}}`])
    expect(await call('POST', '/v1/visits', { ...start, visitNumber }, key(9))).toMatchObject({
      status: 400,
      body: { code: 'REQUEST_INVALID' },
    });
});

test('who tries ID numbers is stopped, over every route, and those who are known are not looked up', async () => {
  await serve({ GATEWAY_UNKNOWN_PERSONS_PER_HOUR: 50 });
  const resolves = (value: string) =>
    call('POST', '/v1/persons/resolve', { type: 'id-number', value });
  const statuses: number[] = [];
  for (let at = 0; at < 5; at += 1) statuses.push((await resolves(CHILD)).status);
  expect(statuses).toEqual([404, 404, 404, 404, 404]);
  const asked = others.asked.length;
  const refused = { status: 429, body: { code: 'PERSONS_UNKNOWN_TOO_MANY' } };
  expect(await resolves(SPECIMEN)).toMatchObject(refused);
  expect(await call('POST', '/v1/visits', start, key(1))).toMatchObject(refused);
  expect(retryAfter).toBeGreaterThan(60);
  expect(others.asked.slice(asked).filter((path) => path.includes('resolve'))).toEqual([]);
});

test('a list where one value is wanted is refused', async () => {
  await serve();
  for (const query of ['status[]=open', 'status=open&status=open', 'status[x]=open'])
    expect(await call('GET', `/gateway/quarantine?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'REQUEST_INVALID' },
    });
});

test('a visit number alone means nothing without a key of a hospital', async () => {
  await serve({}, false);
  expect(await call('GET', '/v1/visits/W1', undefined, { authorization: '' })).toMatchObject({
    status: 400,
    body: { code: 'REQUEST_INVALID', details: [{ field: '/visitId' }] },
  });
});

test('with an operator key set, a hospital reads its own visits alone', async () => {
  await serve({ OPERATOR_KEY: 'operator-key-of-the-tests' }, false);
  expect(await call('GET', '/v1/visits/HZ002-W1')).toMatchObject({ status: 200 });
  expect(await call('GET', '/v1/visits/HZ001-W1')).toMatchObject({
    status: 403,
    body: { code: 'READ_FORBIDDEN' },
  });
  expect(await call('GET', `/v1/persons/${personIdOf(1)}/visits`)).toMatchObject({
    status: 403,
    body: { code: 'ACCESS_FORBIDDEN' },
  });
  expect(
    await call('GET', `/v1/persons/${personIdOf(1)}/visits`, undefined, {
      authorization: 'Bearer operator-key-of-the-tests',
    }),
  ).toMatchObject({ status: 404 });
  expect(await call('GET', '/v1/visits/HZ002-W1', undefined, { authorization: '' })).toMatchObject({
    status: 401,
  });
  expect(await call('GET', '/v1/visits/W1')).toMatchObject({ status: 200 });
  expect(
    await call('GET', '/v1/visits/W1', undefined, {
      authorization: 'Bearer operator-key-of-the-tests',
    }),
  ).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
});

test('a hospital lists and re-sends its own webhooks, whatever it asks for', async () => {
  await serve({ OPERATOR_KEY: 'operator-key-of-the-tests' }, false);
  expect((await call('GET', '/v1/webhooks?status=failed')).body).toMatchObject({
    asked: '/notification/webhooks?status=failed&institutionId=HZ002',
  });
  const range = { from: '2026-03-02T00:00:00Z', until: '2026-03-03T00:00:00Z' };
  expect((await call('POST', '/v1/webhooks/resend', range)).body).toMatchObject({
    asked: { ...range, institutionId: 'HZ002' },
  });
  expect(
    await call('POST', '/v1/webhooks/resend', { ...range, institutionId: 'HZ001' }),
  ).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
  expect(await call('POST', '/v1/webhooks/secret', {})).toMatchObject({
    status: 409,
    body: { code: 'WEBHOOK_SECRETS_TOO_MANY', details: [{ why: 'three' }] },
  });
  const none = { authorization: '' };
  expect(await call('GET', '/v1/webhooks', undefined, none)).toMatchObject({ status: 401 });
  others.busy = true;
  expect(await call('GET', '/v1/webhooks')).toMatchObject({ status: 503 });
});

test('a hospital lists its own reports page by page and by what each is, and no others', async () => {
  await serve();
  const charge = (index: number) => ({
    ...{ chargeId: `T${index}`, itemCode: '250101015', quantity: '1', unitPriceYuan: '20.00' },
    ...{ amountFen: 2000, occurredAt: '2024-01-15T09:01:00+08:00' },
  });
  const charges = Array.from({ length: 100 }, (_, index) => charge(index));
  await call('POST', '/v1/visits', start, key(1));
  await call('POST', '/v1/visits/W1/charges', { charges }, key(2));
  const first = (await call('GET', '/v1/submissions')).body;
  const next = encodeURIComponent(first.next);
  const last = (await call('GET', `/v1/submissions?after=${next}`)).body;
  expect([first.submissions, last.submissions].map(({ length }) => length)).toEqual([100, 1]);
  expect(last.next).toBeUndefined();
  const all = [...first.submissions, ...last.submissions];
  expect(new Set(all.map(({ submissionId }) => submissionId)).size).toBe(101);
  const opened = (await call('GET', '/v1/submissions?visit=W1&kind=VisitStarted')).body;
  expect(opened.submissions).toEqual([
    {
      ...{ submissionId: expect.any(String), messageId: 'http/HZ002/key-00000001' },
      ...{ kind: 'VisitStarted', visitId: 'HZ002-W1', chargeId: null },
      ...{ acceptedAt: '2024-01-15T01:05:00.000Z', fate: 'accepted' },
      ...{ reason: null, remedy: null, decidedAt: null },
    },
  ]);
  for (const none of [
    'fate=rejected',
    'visit=HZ002-W2',
    'since=2024-01-15T01:05:01Z',
    'until=2024-01-15T01:04:59Z',
  ])
    expect((await call('GET', `/v1/submissions?${none}`)).body).toEqual({ submissions: [] });
  expect(
    (await call('GET', '/v1/submissions?since=2024-01-15T09:05:00%2B08:00')).body.submissions,
  ).toHaveLength(100);
  expect(await call('GET', '/v1/submissions?visit=HZ001-W1')).toMatchObject({
    ...{ status: 403, body: { code: 'READ_FORBIDDEN' } },
  });
  for (const wrong of ['fate=lost', 'after=elsewhere', 'after=2024-13-15T01:05:00.000Z/x'])
    expect(await call('GET', `/v1/submissions?${wrong}`)).toMatchObject({
      ...{ status: 400, body: { code: 'REQUEST_INVALID' } },
    });
  expect(await call('GET', '/v1/submissions', undefined, { authorization: '' })).toMatchObject({
    status: 401,
  });
});

test('an HL7 message that was refused is shown as text', async () => {
  await serve();
  const { Hl7Door } = await import('../hl7/hl7-door');
  await app
    .get(Hl7Door)
    .answer(Buffer.from(hl7('ADT^A04', { facility: 'HZ002', pv1: { 19: '' } })));
  const {
    body: [entry],
  } = await call('GET', '/gateway/quarantine');
  expect((await call('GET', `/gateway/quarantine/${entry.id}`)).body).toMatchObject({
    institutionId: 'HZ002',
    door: 'mllp',
    reason: 'FIELD_MISSING',
    message: expect.stringContaining('测试^患者'),
  });
});
