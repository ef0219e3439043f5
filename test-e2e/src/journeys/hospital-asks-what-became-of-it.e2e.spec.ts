import { eventually } from '@caretab/hospital';
import { BLOOD_COUNT, CONSULTATION } from '../catalogue';
import { World } from '../world';

const world = new World('what-became-of-it');

describe.each(['hl7', 'http'] as const)('over %s', (door) => {
  test('an early end waits and is then applied, and a charge is deferred', async () => {
    const hospital = await world.hospital({ door });
    const visit = hospital.visitOf(await world.citizen());
    const fates = async (kind: string) =>
      (await hospital.submissions({ visit: visit.visitNumber, kind })).map(
        ({ fate, reason }: { fate: string; reason: string | null }) => [fate, reason],
      );
    expect(await visit.charges(CONSULTATION)).toBe('accepted');
    expect(await visit.ends()).toBe('accepted');
    await eventually(async () => {
      expect(await fates('VisitEnded')).toEqual([['waiting', 'VISIT_UNKNOWN']]);
      expect(await fates('ChargePosted')).toEqual([['waiting', 'VISIT_UNKNOWN']]);
    });
    expect(await visit.opens()).toBe('accepted');
    await eventually(async () => {
      expect(await fates('VisitEnded')).toEqual([['applied', null]]);
      expect(await fates('ChargePosted')).toEqual([['deferred', null]]);
      expect(await fates('VisitStarted')).toEqual([['applied', null]]);
    });
  });

  test('a return of a charge that a cancelled visit never had is rejected, with what to do', async () => {
    const hospital = await world.hospital({ door });
    const visit = hospital.visitOf(await world.citizen());
    await visit.opens();
    await visit.isCancelled();
    await world.becomes(visit.visitId, { status: 'cancelled' });
    const [charge] = visit.numbered([BLOOD_COUNT]);
    expect(await visit.takesBack(charge!)).toBe('accepted');
    await eventually(async () =>
      expect(await hospital.submissions({ fate: 'rejected' })).toEqual([
        expect.objectContaining({
          messageId: expect.stringContaining(`/${hospital.institutionId}`),
          kind: 'ChargeReturned',
          visitId: visit.visitId,
          chargeId: charge!.chargeId,
          reason: expect.stringMatching(/^[A-Z_]+$/),
          remedy: expect.stringMatching(/\w/),
          decidedAt: expect.any(String),
        }),
      ]),
    );
  });
});
