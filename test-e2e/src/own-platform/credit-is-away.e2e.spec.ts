import { eventually } from '@caretab/hospital';
import { CONSULTATION, MAGNETIC_RESONANCE, sumFen } from '../catalogue';
import { Platform } from '../platform';
import { inDatabase } from '../platform-database';
import { World } from '../world';

const JOURNEY_TIMEOUT_MS = 180_000;
let platform: Platform;
let world: World;
beforeAll(async () => {
  platform = await Platform.start();
  world = new World('credit-is-away', platform.address);
});
afterAll(() => platform?.remove());

/** Credit cannot use its holds, and answers no one, until they have their name again. */
const renames = (from: string, to: string): Promise<unknown> =>
  inDatabase(platform.address, (client) =>
    client.query(`alter table credit.${from} rename to ${to}`),
  );

test(
  'credit is away: charges go on within the hold, what needs more of it waits, and both are said',
  async () => {
    const hospital = await world.hospital();
    const citizen = await world.citizen();
    const visit = hospital.visitOf(citizen);
    expect(await visit.opens()).toBe('accepted');
    expect(await visit.charges(CONSULTATION)).toBe('accepted');
    await world.becomes(visit.visitId, { chargesDeferred: 1 });
    await world.quiet();

    await renames('hold', 'hold_away');
    expect(await visit.charges(CONSULTATION)).toBe('accepted');
    await world.becomes(visit.visitId, { chargesDeferred: 2, chargesWaiting: 0 });
    expect(await visit.charges(MAGNETIC_RESONANCE)).toBe('accepted');
    await world.becomes(visit.visitId, { chargesDeferred: 2, chargesWaiting: 1 });
    await eventually(async () =>
      expect(await world.api.get('/health')).toMatchObject({
        ...{ status: 'degraded', services: { credit: 'degraded', 'visit-ledger': 'up' } },
      }),
    );
    expect(await visit.charges(CONSULTATION)).toBe('accepted');

    await renames('hold_away', 'hold');
    await world.becomes(visit.visitId, { chargesDeferred: 4, chargesWaiting: 0 });
    expect(await visit.ends()).toBe('accepted');
    const paidFen = sumFen(CONSULTATION, CONSULTATION, CONSULTATION, MAGNETIC_RESONANCE);
    await world.becomes(visit.visitId, { status: 'settled', paidFen });
    await eventually(async () =>
      expect((await world.api.get<any>('/health')).services.credit).toBe('up'),
    );
  },
  JOURNEY_TIMEOUT_MS,
);
