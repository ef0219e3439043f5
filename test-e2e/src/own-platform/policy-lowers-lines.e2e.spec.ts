import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@caretab/hospital';
import { CONSULTATION, sumFen } from '../catalogue';
import { ROOT } from '../launcher';
import { Platform } from '../platform';
import { PlatformClock } from '../platform-clock';
import { World } from '../world';

const JOURNEY_TIMEOUT_MS = 180_000;
const HOUR_MS = 3_600_000;
const clock = new PlatformClock();
let platform: Platform;
let world: World;
beforeAll(async () => {
  platform = await Platform.start({ ...clock.settings, CREDIT_POLICY_INTERVAL_MS: '500' });
  world = new World('policy-lowers-lines', platform.address);
});
afterAll(() => platform?.remove());

/** The day (Asia/Shanghai) after tomorrow: it may be midnight soon. */
const effectiveFrom = new Date(Date.now() + (48 + 8) * HOUR_MS).toISOString().slice(0, 10);

/** The policy that ships, with another day and one low line for all. */
const lowerPolicy = () => {
  const file = join(ROOT, 'services/credit/data/line-policy.json');
  const document = JSON.parse(readFileSync(file, 'utf8')).policies.at(-1);
  const { outpatient } = document.products;
  return {
    ...{ ...document, policyId: 'journey-lowers-lines', effectiveFrom },
    sources: [{ sourceId: 'own', title: 'A journey.', grade: 'own' }],
    bands: [{ fromScore: 0, toScore: 1000, lineFen: 15_000, source: 'own' }],
    score: { ...document.score, source: 'own' },
    products: { outpatient: { ...outpatient, source: 'own' } },
  };
};

test(
  'a policy lowers lines while visits are open: they go on within their holds, and people hear of it',
  async () => {
    const hospital = await world.hospital();
    const citizen = await world.citizen({ score: 640 });
    const visit = hospital.visitOf(citizen);
    await visit.opens();
    await visit.charges(CONSULTATION);
    await world.becomes(visit.visitId, { chargesDeferred: 1 });
    const { lineFen, heldFen } = await world.lineOf(citizen);
    expect({ lineFen, heldFen }).toEqual({ lineFen: 300_000, heldFen: 20_000 });

    const put = await world.api.ask('PUT', '/credit/line-policies', lowerPolicy());
    expect([put.status, put.body.state]).toEqual([201, 'draft']);
    const path = `/credit/line-policies/${put.body.version}`;
    const dryRun = await world.api.ask('POST', `${path}/dry-run`);
    expect(dryRun.body).toMatchObject({
      ...{ accounts: 1, lowered: { accounts: 1, changeFen: -285_000 } },
      overLine: { accounts: 1, fen: 5000 },
    });
    await world.api.doneByTwo('POST', `${path}/approval`);
    expect((await world.lineOf(citizen)).lineFen).toBe(300_000);

    const day = Date.parse(`${effectiveFrom}T00:00:00+08:00`);
    await clock.isAhead((day - Date.now()) / HOUR_MS + 0.01);
    await eventually(async () =>
      expect(await world.lineOf(citizen)).toMatchObject({
        ...{ lineFen: 15_000, heldFen: 20_000, overLineFen: 5000 },
      }),
    );
    const declined = hospital.visitOf(citizen);
    await declined.opens();
    await declined.charges(CONSULTATION);
    await world.becomes(declined.visitId, { chargesDeferred: 0, chargesNotDeferred: 1 });
    await visit.ends();
    await world.becomes(visit.visitId, { status: 'settled', paidFen: sumFen(CONSULTATION) });
    await eventually(() =>
      expect(
        world
          .mailsTo(citizen)
          .filter(({ source }) => source.includes('your line was 3000.00 CNY and is now 150.00')),
      ).toHaveLength(1),
    );
    const { body } = await world.api.ask('GET', path);
    expect(body.policy).toMatchObject({
      ...{ state: 'in-force', followed: { accounts: 1, waiting: 0 } },
    });
    const at = (instant: number) =>
      world.api.ask(
        'GET',
        `/credit/accounts/${citizen.personId}/line?at=${new Date(instant).toISOString()}`,
      );
    expect((await at(day - 1)).body.lineFen).toBe(300_000);
    expect((await at(clock.now())).body.lineFen).toBe(15_000);
  },
  JOURNEY_TIMEOUT_MS,
);
