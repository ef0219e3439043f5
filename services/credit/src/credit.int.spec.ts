import { createHmac } from 'node:crypto';
import { identityPersons, message, topics, visitLedgerVisits } from '@caretab/contracts';
import { busOfAll, MemoryBus, twinBusSettings } from '@caretab/bus';
import { type RunningServices, startServices } from '@caretab/host';
import { freePort, type TestDatabase, testDatabase } from '@caretab/doubles';
import { eventually } from '@caretab/hospital';
import { credit } from '.';
import { personOf, visitOf } from '../test/holds.suite';

const LENDER_SECRET = 'known to the bank too';
let database: TestDatabase;
let running: RunningServices;
const bus = new MemoryBus();
const person = personOf('a');
const child = personOf('child');
const time = new Date('2026-03-02T00:00:00Z');
let events = 0;

const call = async (
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: any }> => {
  const response = await fetch(`${running.url}/credit/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
};

const send = async ({ topic, key, headers, value }: ReturnType<typeof message>): Promise<void> =>
  busOfAll(bus).send(topic, [{ key, headers, value: JSON.stringify(value) }]);
const options = () => ({ id: `event-${++events}`, time, source: 'test' });

/** Resolves when credit has nothing left to do; fails when something was parked. */
const quiet = async (): Promise<void> => {
  await eventually(async () => {
    const { body } = await call('GET', 'backlog');
    expect(Object.values(body as Record<string, number>).every((left) => left === 0)).toBe(true);
  });
  expect((await call('GET', 'parked')).body).toEqual({ messages: [] });
};

beforeAll(async () => {
  database = await testDatabase();
  running = await startServices({
    services: [credit],
    topics,
    bus,
    databaseUrl: () => database.url,
    env: {
      HTTP_PORT: String(await freePort()),
      ...twinBusSettings(),
      CREDIT_ENROLMENT_TIMEOUT_MS: '2000',
      CREDIT_LENDER_SECRET: LENDER_SECRET,
    },
  });
});
afterAll(async () => {
  await running?.stop();
  await bus.close();
  await database.drop();
});

test('a citizen opens the service, a child joins the line, and a visit is granted its hold', async () => {
  const registeredAt = time.toISOString();
  expect(
    await call('PUT', `persons/${person}/score`, { score: 640, scoredAt: registeredAt }),
  ).toMatchObject({ status: 200, body: { score: 640 } });
  await send(
    message(
      identityPersons,
      'PersonRegistered',
      { personId: person, minor: false, registeredAt },
      options(),
    ),
  );
  expect(await call('POST', 'enrolments', { personId: person })).toEqual({
    status: 201,
    body: { personId: person, accountPersonId: person, lineFen: 300_000 },
  });
  expect((await call('POST', 'enrolments', { personId: person })).status).toBe(200);
  await send(
    message(
      identityPersons,
      'PersonRegistered',
      { personId: child, minor: true, registeredAt },
      options(),
    ),
  );
  await send(
    message(
      identityPersons,
      'GuardianAppointed',
      { personId: child, guardianId: person, appointedAt: registeredAt },
      options(),
    ),
  );
  expect(await call('POST', 'enrolments', { personId: child })).toMatchObject({
    status: 201,
    body: { accountPersonId: person },
  });
  await send(
    message(
      visitLedgerVisits,
      'VisitOpened',
      {
        visitId: visitOf('v'),
        institutionId: 'H1',
        personId: child,
        visitClass: 'outpatient',
        startedAt: registeredAt,
      },
      options(),
    ),
  );
  await quiet();
  expect((await call('GET', `accounts/${child}`)).body).toMatchObject({
    accountPersonId: person,
    heldFen: 20_000,
    availableFen: 280_000,
    entries: [{ kind: 'Held', visitId: visitOf('v') }, { kind: 'Opened' }],
  });
  expect((await call('GET', 'summary')).body).toMatchObject({
    accounts: 1,
    heldFen: 20_000,
    outstandingFen: 0,
    overLineFen: 0,
  });
});

test('what cannot be done is refused with its code', async () => {
  expect(await call('DELETE', `enrolments/${person}`)).toMatchObject({
    status: 409,
    body: { code: 'SERVICE_IN_USE' },
  });
  expect(await call('POST', 'enrolments', { personId: 'x' })).toMatchObject({
    status: 400,
    body: { code: 'REQUEST_INVALID' },
  });
  expect(await call('POST', 'enrolments', { personId: personOf('nobody') })).toMatchObject({
    status: 404,
    body: { code: 'PERSON_UNKNOWN' },
  });
  expect(
    await call('PUT', `persons/${person}/score`, { score: 1001, scoredAt: time.toISOString() }),
  ).toMatchObject({ status: 400 });
  expect(await call('PUT', `accounts/${person}/freeze`, { reason: 'BLACKLISTED' })).toMatchObject({
    status: 204,
  });
  expect(await call('PUT', `accounts/${person}/freeze`, { reason: 'COURT_ORDER' })).toMatchObject({
    status: 409,
    body: { code: 'FROZEN_OTHERWISE' },
  });
  const unfreezing = { status: 409, body: { code: 'APPROVAL_NEEDED' } };
  expect(await call('DELETE', `accounts/${person}/freeze`)).toMatchObject(unfreezing);
  expect((await call('GET', 'approvals')).body.approvals).toMatchObject([
    { action: 'credit-accounts.unfreeze', person, state: 'open', requestedBy: 'operator' },
  ]);
  expect(await call('GET', `accounts/${person}?before=zero`)).toMatchObject({ status: 400 });
  expect(await call('GET', `accounts/${personOf('nobody')}`)).toMatchObject({
    status: 404,
    body: { code: 'NOT_ENROLLED' },
  });
});

test('hears the end of a visit and frees the line', async () => {
  const visit = { visitId: visitOf('v'), institutionId: 'H1', personId: child };
  const at = time.toISOString();
  await send(
    message(
      visitLedgerVisits,
      'VisitAdjudicated',
      {
        ...visit,
        accountPersonId: person,
        closedAt: at,
        revision: 1,
        grossFen: 9_000,
        payers: [{ payerId: 'city', amountFen: 5_000 }],
        patientDueFen: 4_000,
      },
      options(),
    ),
  );
  await quiet();
  expect((await call('GET', `accounts/${person}`)).body).toMatchObject({
    heldFen: 0,
    outstandingFen: 4_000,
  });
  await send(
    message(
      visitLedgerVisits,
      'VisitSettled',
      {
        ...visit,
        accountPersonId: person,
        revision: 1,
        patientDueFen: 4_000,
        paidFen: 4_000,
        refundedFen: 0,
        settledAt: at,
      },
      options(),
    ),
  );
  await quiet();
  expect((await call('GET', `accounts/${person}`)).body).toMatchObject({
    heldFen: 0,
    outstandingFen: 0,
    availableFen: 300_000,
  });
});

test('a bank’s notice is taken by its signature alone, and of a loan that there is', async () => {
  const at = new Date().toISOString();
  const said = { lenderId: 'city-bank', visitId: visitOf('none'), kind: 'repaid', amountFen: 5 };
  const text = [at, said.lenderId, said.visitId, said.kind, '5'].join('.');
  const key = createHmac('sha256', LENDER_SECRET).update(said.lenderId).digest('hex');
  const signature = createHmac('sha256', key).update(text).digest('hex');
  const notice = (change: object) =>
    call('POST', 'loans/notices', { ...said, at, signature, ...change });
  expect(await notice({})).toMatchObject({ status: 404, body: { code: 'LOAN_UNKNOWN' } });
  expect(await notice({ amountFen: 6 })).toMatchObject({ status: 401 });
  const [personId, lineText] = [person, [at, said.lenderId, person, 'line', '5'].join('.')];
  const line = { lenderId: said.lenderId, personId, lineFen: 5, at };
  const lineSignature = createHmac('sha256', key).update(lineText).digest('hex');
  const says = (change: object) =>
    call('POST', 'bank-lines/notices', { ...line, signature: lineSignature, ...change });
  expect(await says({})).toMatchObject({ status: 404, body: { code: 'BANK_LINE_UNKNOWN' } });
  expect(await says({ lineFen: 6 })).toMatchObject({ status: 401 });
  expect(await call('GET', `persons/${person}/bank-lines`)).toEqual({
    ...{ status: 200, body: { personId: person, lines: [] } },
  });
  expect(await call('GET', 'loans/differences')).toEqual({
    status: 200,
    body: { differences: [] },
  });
});
