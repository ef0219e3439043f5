import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import { eventually } from '@caretab/hospital';
import { World } from '../world';

const world = new World('charge-returned');

describe.each(['hl7', 'http'] as const)('over %s', (door) => {
  test('a charge taken back before closing is not paid at all', async () => {
    const hospital = await world.hospital({ door });
    const visit = hospital.visitOf(await world.citizen());
    const charges = visit.numbered([CONSULTATION, BLOOD_COUNT]);
    await visit.opens();
    await visit.chargesAgain(charges);
    expect(await visit.takesBack(charges[1]!)).toBe('accepted');
    await visit.ends();
    await world.becomes(visit.visitId, {
      status: 'settled',
      chargesDeferred: 1,
      chargesReturned: 1,
      grossFen: sumFen(CONSULTATION),
      paidFen: sumFen(CONSULTATION),
      refundedFen: 0,
    });
  });

  test('a charge taken back after settlement is refunded by the original channel, once', async () => {
    const hospital = await world.hospital({ door });
    const citizen = await world.citizen();
    const visit = hospital.visitOf(citizen);
    const charges = visit.numbered([CONSULTATION, BLOOD_COUNT]);
    await visit.opens();
    await visit.chargesAgain(charges);
    await visit.ends();
    await world.becomes(visit.visitId, {
      status: 'settled',
      paidFen: sumFen(CONSULTATION, BLOOD_COUNT),
    });
    expect(await visit.takesBack(charges[1]!)).toBe('accepted');
    expect(await visit.takesBack(charges[1]!)).toBe('accepted');
    await world.becomes(visit.visitId, {
      status: 'settled',
      revision: 2,
      patientDueFen: sumFen(CONSULTATION),
      paidFen: sumFen(CONSULTATION, BLOOD_COUNT),
      refundedFen: sumFen(BLOOD_COUNT),
      refundOwedFen: 0,
    });
    const payment = await world.paymentOf(visit.visitId);
    expect(payment).toMatchObject({ owedFen: 0, refundedFen: sumFen(BLOOD_COUNT) });
    expect(payment.refunds).toEqual([
      expect.objectContaining({
        orderId: payment.orders[0].orderId,
        amountFen: sumFen(BLOOD_COUNT),
      }),
    ]);
    await eventually(() =>
      expect(
        world
          .mailsTo(citizen)
          .filter(({ source }) => source.replace(/=\r?\n/g, '').includes('went back')),
      ).toHaveLength(1),
    );
  });
});
