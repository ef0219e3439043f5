import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@caretab/hospital';
import { CONSULTATION, sumFen } from '../catalogue';
import type { Citizen } from '../citizen';
import type { Hospital } from '../hospital';
import { Platform } from '../platform';
import { World } from '../world';

const JOURNEY_TIMEOUT_MS = 180_000;
const folder = mkdtempSync(join(tmpdir(), 'caretab-entitlement-'));
const file = join(folder, 'entitlement-policy.json');
let platform: Platform;
let world: World;
beforeAll(async () => {
  writeFileSync(file, JSON.stringify({ basic: 'asked', unanswered: 'self-pay', waitMs: 6_000 }));
  platform = await Platform.start({
    ADJUDICATION_ENTITLEMENT_FILE: file,
    ADJUDICATION_ENTITLEMENT_INTERVAL_MS: '200',
  });
  world = new World('entitlement-is-asked', platform.address);
});
afterAll(async () => {
  await platform?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** What the centre of the sandbox says of a person. */
const behaves = async ({ idNumber }: Citizen, behaviour: string): Promise<void> => {
  const { url, host } = world.address;
  const centre = `http://${host}:${Number(new URL(url).port) + 2}/centre/persons/${idNumber}`;
  const answer = await fetch(centre, { method: 'PUT', body: JSON.stringify({ behaviour }) });
  expect(answer.status).toBe(204);
};

const claimOf = (visitId: string): Promise<any> =>
  eventually(() => world.api.get(`/adjudication/claims/${visitId}`), 60_000);

const settles = async (hospital: Hospital, citizen: Citizen): Promise<any> => {
  const visit = hospital.visitOf(citizen);
  expect(await visit.opens()).toBe('accepted');
  expect(await visit.charges(CONSULTATION)).toBe('accepted');
  expect(await visit.ends()).toBe('accepted');
  return claimOf(visit.visitId);
};

test(
  'the centre is asked who is entitled: what it says decides, also where it is silent or lies',
  async () => {
    const hospital = await world.hospital({ door: 'http' });
    const [entitled, waiting, liar] = [
      await world.citizen({ insurance: 'resident' }),
      await world.citizen({ insurance: 'resident' }),
      await world.citizen({ insurance: 'resident' }),
    ];
    await behaves(entitled, 'error-once');
    await behaves(waiting, 'not-entitled');
    await behaves(liar, 'another');
    expect(await settles(hospital, entitled)).toMatchObject({
      coverage: { plans: [{ planId: 'resident-basic' }] },
    });
    const withheld = (reason: string) => ({
      ...{ payers: [], patientDueFen: sumFen(CONSULTATION) },
      coverage: { plans: [], withheld: [{ planId: 'resident-basic', reason }] },
    });
    expect(await settles(hospital, waiting)).toMatchObject(withheld('NOT_ENTITLED'));
    expect(await settles(hospital, liar)).toMatchObject(withheld('ENTITLEMENT_UNANSWERED'));
  },
  JOURNEY_TIMEOUT_MS,
);

test(
  'what a hospital forwards is believed by its profile alone, of the person and the day',
  async () => {
    const hospital = await world.hospital({ door: 'http' });
    const citizen = await world.citizen({ insurance: 'resident' });
    const startedAt = hospital.now();
    const answer = {
      ...{ insuranceType: '390', insuredStatus: '1', insuredPlace: '330100', entitled: false },
      ...{ reason: '待遇等待期', msgid: 'H33010-20260302-0001', answeredAt: startedAt },
    };
    const opens = (visitNumber: string, entitlement: object) =>
      hospital.posts('/v1/visits', {
        ...{ visitNumber, visitClass: 'outpatient', startedAt, entitlement },
        credential: { type: 'id-number', value: citizen.idNumber },
      });
    const certno = citizen.idNumber;
    expect(await opens('F0001', { ...answer, certno })).toMatchObject({
      ...{ status: 422, body: { code: 'ENTITLEMENT_REFUSED' } },
    });
    const { institutionId } = hospital;
    const { url, host } = world.address;
    const webhookUrl = `http://${host}:${Number(new URL(url).port) + 2}/hooks/${institutionId}`;
    await world.api.doneByTwo('PUT', `/identity/institutions/${institutionId}`, {
      ...{ name: `Hospital ${institutionId}`, level: 'level-3', webhookUrl },
      interface: { presence: 'card', hl7: false, entitlement: 'forwarded' },
    });
    const other = await world.citizen();
    const ofOther = { ...answer, certno: other.idNumber };
    await eventually(async () =>
      expect((await opens('F0002', ofOther)).body.details[0]).toMatchObject({
        field: '/entitlement/certno',
      }),
    );
    expect((await opens('F0003', { ...answer, certno })).status).toBe(202);
    expect(
      (await hospital.posts(`/v1/visits/${institutionId}-F0003/end`, { endedAt: hospital.now() }))
        .status,
    ).toBe(202);
    const claim = await claimOf(`${institutionId}-F0003`);
    expect(claim.coverage.withheld).toEqual([{ planId: 'resident-basic', reason: 'NOT_ENTITLED' }]);
    const { startedAt: _, ...request } = {
      ...{ startedAt, personId: citizen.personId, careDate: startedAt.slice(0, 10) },
      ...{ visitClass: 'outpatient', hospitalLevel: 'level-3', lines: [] },
    };
    expect(await world.api.done('POST', '/adjudication/estimates', request)).toMatchObject({
      withheld: [{ planId: 'resident-basic', reason: 'NOT_ENTITLED' }],
    });
  },
  JOURNEY_TIMEOUT_MS,
);

test(
  'an order reaches the centre by way of identity; of a visit that it does not know it says no',
  async () => {
    const hospital = await world.hospital({ door: 'http' });
    const { personId } = await world.citizen({ insurance: 'resident' });
    const path = `/adjudication/centre-orders/${hospital.institutionId}-1`;
    const order = {
      ...{ personId, institutionId: hospital.institutionId, infno: '2207' },
      data: {
        ...{ mdtrt_id: 'M999999999999', chrg_bchno: 'B1', medfee_sumamt: '10.00' },
        ...{ psn_setlway: '01', acct_used_flag: '1' },
      },
    };
    await world.api.done('PUT', path, order);
    await eventually(async () =>
      expect(await world.api.get(path)).toMatchObject({ step: 'refused', settlement: null }),
    );
  },
  JOURNEY_TIMEOUT_MS,
);
