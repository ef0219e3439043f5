import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { approvalIdOf, eventually } from '@caretab/hospital';
import { caretabOn } from '../caretab';
import { HEART_ULTRASOUND } from '../catalogue';
import { insurerStaff } from '../insurer-staff';
import { ROOT } from '../launcher';
import { Platform } from '../platform';
import { PlatformClock } from '../platform-clock';
import { World } from '../world';

const JOURNEY_TIMEOUT_MS = 240_000;
const HOUR_MS = 3_600_000;
const clock = new PlatformClock();
let platform: Platform;
let world: World;
beforeAll(async () => {
  platform = await Platform.start(clock.settings);
  world = new World('insurer-puts-a-plan', platform.address);
});
afterAll(() => platform?.remove());

/** The day (Asia/Shanghai) after tomorrow: it may be midnight soon. */
const from = new Date(Date.now() + (48 + 8) * HOUR_MS).toISOString().slice(0, 10);
const file = join(ROOT, 'samples/plans/insurer-plan.json');
const plan = { ...(JSON.parse(readFileSync(file, 'utf8')) as object), from };
const PLANS = '/adjudication/payers/sunrise-health/plan-documents';

test(
  'a plan of an insurer that no release knows is checked, approved by two, and settles the next visit',
  async () => {
    const [actuary, chief] = await insurerStaff(world.api, 'sunrise-health');
    const [stranger] = await insurerStaff(world.api, 'other-health');
    const faulty = await actuary('PUT', PLANS, { ...plan, when: { diagnosis: 'I10' } });
    expect(faulty.body.document).toBeNull();
    const faults = (faulty.body.findings as { path: string }[]).map((each) => each.path);
    expect(faults).toContain('/when/diagnosis');
    const put = await actuary('PUT', PLANS, plan);
    expect([put.status, put.body.document?.state]).toEqual([201, 'checked']);
    const path = `${PLANS}/${put.body.document.version}`;

    expect((await actuary('POST', `${path}/shadow-run`)).status).toBe(202);
    await eventually(async () =>
      expect((await actuary('GET', `${path}/shadow-run`)).body).toMatchObject({
        ...{ state: 'ended', visits: 0, differences: { claims: 0, changed: 0 } },
      }),
    );
    const asked = await actuary('POST', `${path}/approval`);
    const approvalId = approvalIdOf(asked)!;
    expect([asked.status, asked.body.code]).toEqual([409, 'APPROVAL_NEEDED']);
    const approval = `/adjudication/approvals/${approvalId}`;
    expect((await actuary('POST', approval, { decision: 'give' })).status).toBe(403);
    expect((await stranger('POST', approval, { decision: 'give' })).status).toBe(403);
    expect((await stranger('GET', path)).status).toBe(403);
    expect((await chief('POST', approval, { decision: 'give' })).status).toBe(200);
    const approved = await actuary('POST', `${path}/approval`, undefined, approvalId);
    expect([approved.status, approved.body.state]).toEqual([200, 'approved']);

    const hospital = await world.hospital();
    hospital.day = from;
    const citizen = await world.citizen({ score: 640 });
    await world.api.done('PUT', `/adjudication/memberships/${citizen.personId}`, {
      memberships: [{ planId: 'sunrise-care', psnType: '11', from }],
    });
    const day = Date.parse(`${from}T00:00:00+08:00`);
    await clock.isAhead((day - Date.now()) / HOUR_MS + 9);
    const visit = hospital.visitOf(citizen);
    await visit.opens();
    await visit.charges(HEART_ULTRASOUND);
    await world.becomes(visit.visitId, { chargesDeferred: 1 });
    await visit.ends();
    await eventually(async () => {
      const claim = await world.api.get(`/adjudication/claims/${visit.visitId}`);
      const { totals, payers, patientDueFen, explanation } = claim;
      const payFen = (totals.inScopeFen + totals.firstSelfPayFen - 1000) / 2;
      expect(payers).toMatchObject([{ payerId: 'sunrise-health', amountFen: payFen }]);
      expect(patientDueFen).toBe(totals.grossFen - payFen);
      expect(explanation.zh.join()).toContain('朝阳门诊住院补充险');
    });
    await world.becomes(visit.visitId, { status: 'settled' });

    const caretab = caretabOn(world, actuary.credential);
    const whatIf = caretab('what-if', file, '--payer', 'sunrise-health', '--json');
    expect(whatIf).toMatchObject({ status: 0 });
    expect(JSON.parse(whatIf.out)).toMatchObject({
      state: 'ended',
      differences: { claims: 1, changed: 0, payers: { 'sunrise-health': expect.anything() } },
    });
  },
  JOURNEY_TIMEOUT_MS,
);
