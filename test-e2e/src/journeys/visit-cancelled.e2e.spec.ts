import { BLOOD_COUNT, CONSULTATION } from '../catalogue';
import { eventually } from '@caretab/hospital';
import { World } from '../world';

const world = new World('visit-cancelled');

test.each(['hl7', 'http'] as const)(
  'over %s, a cancelled visit owes nothing and gives its hold back',
  async (door) => {
    const hospital = await world.hospital({ door });
    const citizen = await world.citizen();
    const visit = hospital.visitOf(citizen);
    await visit.opens();
    await visit.charges(CONSULTATION, BLOOD_COUNT);
    await world.becomes(visit.visitId, { status: 'open', chargesDeferred: 2 });
    expect(await world.lineOf(citizen)).toMatchObject({ heldFen: 20_000 });
    expect(await visit.isCancelled()).toBe('accepted');
    await world.becomes(visit.visitId, { status: 'cancelled', grossFen: 0, paidFen: 0 });
    await eventually(async () =>
      expect(await world.lineOf(citizen)).toMatchObject({ heldFen: 0, outstandingFen: 0 }),
    );
    await eventually(() =>
      expect(
        world
          .webhooksTo(hospital)
          .some(({ body }) => JSON.stringify(body).includes('VisitCancelled')),
      ).toBe(true),
    );
    expect(await world.api.ask('GET', `/payment/visits/${visit.visitId}`)).toMatchObject({
      status: 404,
    });
  },
);
