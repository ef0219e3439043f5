import { CONSULTATION, IN_NO_CATALOGUE, sumFen } from '../catalogue';
import { eventually } from '@caretab/hospital';
import { World } from '../world';

const world = new World('unknown-item');

test.each(['hl7', 'http'] as const)(
  'over %s, an item that no catalogue lists is left to the hospital; the visit goes on',
  async (door) => {
    const hospital = await world.hospital({ door });
    const visit = hospital.visitOf(await world.citizen({ insurance: 'resident' }));
    await visit.opens();
    expect(await visit.charges(CONSULTATION, IN_NO_CATALOGUE)).toBe('accepted');
    await visit.ends();
    await world.becomes(visit.visitId, {
      status: 'settled',
      chargesDeferred: 1,
      chargesNotDeferred: 1,
      notDeferredFen: sumFen(IN_NO_CATALOGUE),
      grossFen: sumFen(CONSULTATION),
    });
    const refused = (await world.historyOf(visit.visitId)).find(
      ({ type }) => type === 'ChargeNotDeferred',
    );
    expect(refused.data).toMatchObject({ reason: 'ITEM_UNKNOWN' });
    await eventually(() =>
      expect(
        world
          .webhooksTo(hospital)
          .some(({ body }) => JSON.stringify(body).includes('ITEM_UNKNOWN')),
      ).toBe(true),
    );
  },
);
