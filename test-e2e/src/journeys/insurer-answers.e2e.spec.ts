import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '@caretab/hospital';
import { BLOOD_COUNT } from '../catalogue';
import { insurerStaff } from '../insurer-staff';
import { ROOT } from '../launcher';
import { World } from '../world';

const PAYER = 'city-employee';
const world = new World('insurer-answers');
const program = join(ROOT, 'contracts/examples/insurer-day.mjs');

test('an insurer asks, rejects and remits; the hospital replies, and the citizen owes what it owed', async () => {
  const hospital = await world.hospital();
  const citizen = await world.citizen();
  await world.api.done('PUT', `/adjudication/memberships/${citizen.personId}`, {
    memberships: [{ planId: 'employee-basic', psnType: '12', from: '2024-01-01' }],
  });
  await world.quiet();
  const dues = new Map<string, number>();
  for (const quantity of ['25', '10', '5']) {
    const visit = hospital.visitOf(citizen);
    await visit.opens();
    await visit.charges({ ...BLOOD_COUNT, quantity });
    await world.becomes(visit.visitId, { chargesDeferred: 1 });
    await visit.ends();
    await world.becomes(visit.visitId, { status: 'settled' });
    const { patientDueFen } = await world.api.get(`/v1/visits/${visit.visitId}`);
    dues.set(visit.visitId, patientDueFen);
  }

  const [auditor] = await insurerStaff(world.api, PAYER);
  const settlements = `/adjudication/payers/${PAYER}/settlements`;
  const run = await promisify(execFile)(
    process.execPath,
    [program, PAYER, hospital.institutionId],
    {
      env: { ...process.env, CARETAB_URL: world.address.url, CARETAB_TOKEN: auditor.credential },
    },
  );
  const day = JSON.parse(run.stdout);
  // 500.00, 200.00 and 100.00, of which the year's first 300.00 are the citizen's: 82 % of the rest.
  expect(day).toMatchObject({ settlements: 3, posted: 41_000 });
  expect(day.deducted + day.remitted + day.open).toBe(41_000);
  expect(Math.min(day.deducted, day.remitted, day.open)).toBeGreaterThan(0);

  const own = `/adjudication/institutions/${hospital.institutionId}`;
  const signIn = { grant_type: 'client_credentials', client_secret: hospital.key };
  const { body: token } = await world.api.askAs({}, 'POST', '/identity/token', signIn);
  const authorization = `Bearer ${token.access_token}`;
  const asHospital = (method: string, path: string, body?: unknown) =>
    world.api.askAs({ authorization }, method, path, body);
  const asked = (await asHospital('GET', `${own}/standings?state=queried`)).body.settlements;
  expect(asked).toMatchObject([{ payerId: PAYER, openFen: day.open }]);
  const [{ settlementId }] = asked;
  const reply = { answerId: 'reply-1', text: 'As in the discharge record' };
  const replied = await asHospital('POST', `${own}/settlements/${settlementId}/replies`, reply);
  expect([replied.status, replied.body.settlement?.state]).toEqual([200, 'replied']);
  expect((await auditor('GET', `${settlements}/${settlementId}/answers`)).body).toMatchObject({
    answers: [{ kind: 'query' }, { kind: 'reply', text: reply.text }],
  });

  const elsewhere = await world.hospital();
  const others = `/adjudication/institutions/${elsewhere.institutionId}`;
  expect((await asHospital('GET', `${others}/standings?state=queried`)).status).toBe(403);
  expect((await asHospital('GET', `${settlements}/${settlementId}/answers`)).status).toBe(403);
  const accept = { answerId: 'a-1', kind: 'accept' };
  const stranger = `/adjudication/payers/evergreen-health/settlements/${settlementId}/answers`;
  expect((await auditor('POST', stranger, accept)).status).toBe(403);
  const verdict = await auditor('POST', `${settlements}/${settlementId}/answers`, accept);
  expect(verdict.body.settlement?.state).toBe('accepted');

  await eventually(async () => {
    for (const [visitId, patientDueFen] of dues)
      expect(await world.api.get(`/v1/visits/${visitId}`)).toMatchObject({
        ...{ status: 'settled', patientDueFen },
      });
  });
}, 120_000);
