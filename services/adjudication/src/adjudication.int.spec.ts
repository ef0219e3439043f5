import { payerIds } from '@caretab/benefits';
import {
  type ContractMessage,
  identityInstitutions,
  message,
  topicsFor,
  visitLedgerVisits,
} from '@caretab/contracts';
import { busOfAll, MemoryBus, twinBusSettings } from '@caretab/bus';
import { type RunningServices, startServices } from '@caretab/host';
import { freePort, testDatabase, type TestDatabase } from '@caretab/doubles';
import { eventually } from '@caretab/hospital';
import { escort, institutionId, mesh, personId, surgery } from '../test/claims';
import { adjudication } from '.';

const bus = new MemoryBus();
const visitId = 'HZ01-5001';
let database: TestDatabase;
let running: RunningServices;

beforeAll(async () => {
  database = await testDatabase();
  running = await startServices({
    services: [adjudication],
    bus,
    topics: topicsFor(payerIds),
    databaseUrl: () => database.url,
    env: {
      HTTP_PORT: String(await freePort()),
      ...twinBusSettings(),
      VISIT_LEDGER_URL: 'http://127.0.0.1:9',
    },
  });
});
afterAll(async () => {
  await running?.stop();
  await bus.close();
  await database?.drop();
});

const send = ({ topic, key, headers, value }: ContractMessage): Promise<void> =>
  busOfAll(bus).send(topic, [{ key, headers, value: JSON.stringify(value) }]);
const options = (id: string) => ({
  id,
  time: new Date('2026-03-03T10:00:00Z'),
  source: 'visit-ledger',
});
const visit = {
  visitId,
  institutionId,
  personId,
  visitClass: 'inpatient' as const,
  startedAt: '2026-03-02T01:00:00Z',
};
const call = async (path: string, body?: unknown): Promise<{ status: number; body: any }> => {
  const response = await fetch(
    `${running.url}/adjudication/${path}`,
    body === undefined
      ? {}
      : {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        },
  );
  return { status: response.status, body: await response.json() };
};
/** The answer, once it is there. */
const answerOf = (path: string): Promise<any> =>
  eventually(async () => {
    const { status, body } = await call(path);
    expect(status).toBe(200);
    return body;
  }, 60_000);

test('a visit that comes over the bus is covered and settled, also when its institution is heard of late', async () => {
  const list = [
    { planId: 'employee-basic', psnType: '11', from: '2024-01-01', personalAccountYuan: '100.00' },
  ];
  expect(await call(`memberships/${personId}`, { memberships: list })).toMatchObject({
    status: 200,
    body: { memberships: [{ planId: 'employee-basic', from: '2024-01-01', to: null }] },
  });
  await send(message(visitLedgerVisits, 'VisitOpened', visit, options('opened')));
  await send(
    message(
      visitLedgerVisits,
      'VisitClosed',
      {
        ...visit,
        closedAt: '2026-03-03T09:00:00Z',
        revision: 1,
        grossFen: 398_000,
        lines: [surgery, mesh, escort],
      },
      options('closed'),
    ),
  );
  await send(
    message(
      identityInstitutions,
      'InstitutionRegistered',
      {
        institutionId,
        name: 'First Hospital',
        level: 'level-3',
        registeredAt: '2026-03-01T00:00:00Z',
      },
      options('institution'),
    ),
  );
  const claim = await answerOf(`claims/${visitId}`);
  expect(claim).toMatchObject({
    visitId,
    revision: 1,
    patientDueFen: 398_000 - claim.payers[0].amountFen,
    totals: { grossFen: 398_000 },
    payers: [{ payerId: 'city-employee', personalAccountFen: 10_000 }],
  });
  expect(claim.lines.map(({ chargeId }: { chargeId: string }) => chargeId)).toEqual([
    'surgery',
    'mesh',
    'escort',
  ]);
});

test('what cannot be is answered as a problem that names the field and never its value', async () => {
  expect(await call('claims/HZ01-none')).toMatchObject({
    status: 404,
    body: { code: 'CLAIM_UNKNOWN' },
  });
  expect(
    await call(`memberships/${personId}`, {
      memberships: [{ planId: 'no-such-plan', psnType: '11', from: '2024-01-01' }],
    }),
  ).toMatchObject({ status: 400, body: { code: 'PLAN_UNKNOWN' } });
  expect(
    await call(`memberships/${personId}`, { memberships: [{ planId: 'employee-basic' }] }),
  ).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
  expect(await call('memberships/13800000000')).toMatchObject({
    status: 400,
    body: { code: 'REQUEST_INVALID' },
  });
});

test('charges are estimated with what the person has used so far', async () => {
  const request = {
    personId,
    careDate: '2026-03-04',
    visitClass: 'outpatient',
    hospitalLevel: 'level-3',
    lines: [{ itemCode: '250101015', quantity: '1', amountFen: 2000 }],
  };
  const response = await fetch(`${running.url}/adjudication/estimates`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    patientDueFen: 2000,
    totals: { inScopeFen: 2000 },
    lines: [{ reasons: ['DEDUCTIBLE'] }],
  });
});

test('the plans are shown with their sources', async () => {
  const { body } = await call('plans');
  expect(body.plans.map(({ payerId }: { payerId: string }) => payerId)).toEqual([
    'city-employee',
    'city-resident',
    'city-resident',
    'evergreen-health',
  ]);
});
