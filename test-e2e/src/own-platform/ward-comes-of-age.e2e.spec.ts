import { eventually } from '@caretab/hospital';
import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import { machine } from '../machine';
import { Platform } from '../platform';
import { PlatformClock } from '../platform-clock';
import { World } from '../world';

const JOURNEY_TIMEOUT_MS = 180_000;
const HOUR_MS = 3_600_000;
const OF_AGE = 18;
const clock = new PlatformClock();
let platform: Platform;
let world: World;
beforeAll(async () => {
  platform = await Platform.start({
    ...clock.settings,
    IDENTITY_GUARDIANSHIP_INTERVAL_MS: '500',
  });
  world = new World('ward-comes-of-age', platform.address);
});
afterAll(() => platform?.remove());

/** A day (Asia/Shanghai) after tomorrow: it may be midnight soon. There is no 29 February each year. */
const birthday = [48, 72]
  .map((hours) => new Date(Date.now() + (hours + 8) * HOUR_MS).toISOString().slice(0, 10))
  .find((day) => !day.endsWith('02-29'))!;

test(
  'a ward turns 18 in mid-visit: the visit stays on the guardian’s line, and the ward has their own standing',
  async () => {
    const hospital = await world.hospital();
    const guardian = await world.citizen();
    const born = Number(birthday.slice(0, 4)) - OF_AGE;
    const ward = await world.citizen({
      ...{ born, birthday: `${born}${birthday.slice(4).replaceAll('-', '')}` },
      ...{ guardian, insurance: 'none' },
    });
    const { token } = await machine(world, 'guardians-app', [
      { kind: 'Citizen', person: guardian.personId },
    ]);
    const seen = async (): Promise<readonly [number, readonly unknown[]]> => {
      const authorization = `Bearer ${(await token()).body.access_token}`;
      const path = `/v1/persons/${ward.personId}/visits`;
      const { status, body } = await world.api.askAs({ authorization }, 'GET', path);
      return [status, status === 200 ? (body as any).visits : []];
    };

    const visit = hospital.visitOf(ward, { visitClass: 'inpatient' });
    await visit.opens();
    await visit.charges(CONSULTATION);
    await world.becomes(visit.visitId, { chargesDeferred: 1 });
    await eventually(async () =>
      expect(await seen()).toMatchObject([200, [{ visitId: visit.visitId }]]),
    );

    const day = Date.parse(`${birthday}T00:00:00+08:00`);
    await clock.isAhead((day - Date.now()) / HOUR_MS + 0.01);
    expect((await seen())[0]).toBe(403);
    await eventually(async () =>
      expect(await world.lineOf(ward)).toMatchObject({ enrolment: 'closed' }),
    );
    expect(await world.api.get(`/identity/persons/${ward.personId}/guardians`)).toMatchObject({
      guardians: [{ guardianId: guardian.personId, inForce: false, endedBecause: 'CAME_OF_AGE' }],
    });
    await visit.charges(BLOOD_COUNT);
    await world.becomes(visit.visitId, {
      ...{ chargesDeferred: 2, accountPersonId: guardian.personId },
    });

    const next = hospital.visitOf(ward);
    await next.opens();
    await next.charges(CONSULTATION);
    await world.becomes(next.visitId, { chargesDeferred: 0, chargesNotDeferred: 1 });
    await world.api.done('PUT', `/credit/persons/${ward.personId}/score`, {
      ...{ score: 800, scoredAt: '2026-03-01T00:00:00Z' },
    });
    await world.api.done('POST', '/credit/enrolments', { personId: ward.personId });
    const own = hospital.visitOf(ward);
    await own.opens();
    await own.charges(CONSULTATION);
    await world.becomes(own.visitId, {
      ...{ chargesDeferred: 1, accountPersonId: ward.personId },
    });

    await visit.ends();
    await world.becomes(visit.visitId, {
      ...{ status: 'settled', paidFen: sumFen(CONSULTATION, BLOOD_COUNT) },
    });
    expect(await world.lineOf(ward)).toMatchObject({ outstandingFen: 0 });
    const mails = (who: typeof ward, what: string) =>
      world.mailsTo(who).filter(({ source }) => source.includes(what)).length;
    await eventually(() => {
      expect(mails(ward, 'you are 18 now')).toBe(1);
      expect(mails(guardian, 'a guardianship of yours has ended')).toBe(1);
    });
  },
  JOURNEY_TIMEOUT_MS,
);
