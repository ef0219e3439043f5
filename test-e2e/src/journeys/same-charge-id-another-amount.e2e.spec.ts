import { BLOOD_COUNT, sumFen } from '../catalogue';
import { eventually } from '@caretab/hospital';
import { World } from '../world';

const world = new World('same-charge-id');

test.each(['hl7', 'http'] as const)(
  'over %s, the first amount stays, the conflict is reported once and told to the hospital',
  async (door) => {
    const hospital = await world.hospital({ door });
    const visit = hospital.visitOf(await world.citizen());
    const [charge] = visit.numbered([BLOOD_COUNT]);
    const dearer = { ...charge!, priceYuan: '61.00' };
    await visit.opens();
    expect(await visit.chargesAgain([charge!])).toBe('accepted');
    expect(await visit.chargesAgain([dearer])).toBe('accepted');
    expect(await visit.chargesAgain([dearer])).toBe('accepted');
    await visit.ends();
    await world.becomes(visit.visitId, {
      status: 'settled',
      chargesDeferred: 1,
      conflicts: 1,
      grossFen: sumFen(BLOOD_COUNT),
      paidFen: sumFen(BLOOD_COUNT),
    });
    await eventually(() =>
      expect(
        world
          .webhooksTo(hospital)
          .filter(({ body }) => JSON.stringify(body).includes('ChargeConflictFound')),
      ).toHaveLength(1),
    );
  },
);
