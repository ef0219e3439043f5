import { BLOOD_COUNT, sumFen } from '../catalogue';
import type { Citizen } from '../citizen';
import { World } from '../world';

const world = new World('settled-again');

/** A retired employee: the fund pays 82 % of what is above the year's first 300.00. */
const retired = async (): Promise<Citizen> => {
  const citizen = await world.citizen();
  await world.api.done('PUT', `/adjudication/memberships/${citizen.personId}`, {
    memberships: [{ planId: 'employee-basic', psnType: '12', from: '2024-01-01' }],
  });
  await world.quiet();
  return citizen;
};

const bloodCounts = (quantity: string) => ({ ...BLOOD_COUNT, quantity });

/** What the insurer pays, by the ledger's own record. */
const insuredFen = async (visitId: string): Promise<number> => {
  const { grossFen, patientDueFen } = await world.api.get(`/v1/visits/${visitId}`);
  return grossFen - patientDueFen;
};

test('a late charge that the hospital may collect is insured with the rest, under a new number', async () => {
  const hospital = await world.hospital({ lateCharge: 'collect' });
  const visit = hospital.visitOf(await retired());
  const [inTime, late] = visit.numbered([bloodCounts('25'), bloodCounts('15')]);
  expect(await visit.opens()).toBe('accepted');
  expect(await visit.chargesAgain([inTime!])).toBe('accepted');
  expect(await visit.ends()).toBe('accepted');
  await world.becomes(visit.visitId, {
    status: 'settled',
    revision: 1,
    grossFen: 50_000,
    patientDueFen: 33_600,
    paidFen: 33_600,
  });
  expect(await insuredFen(visit.visitId)).toBe(16_400);

  expect(await visit.chargesAgain([late!])).toBe('accepted');
  await world.becomes(visit.visitId, {
    status: 'settled',
    revision: 2,
    grossFen: 80_000,
    patientDueFen: 39_000,
    paidFen: 39_000,
  });
  expect(await insuredFen(visit.visitId)).toBe(41_000);
  const { orders, owedFen } = await world.paymentOf(visit.visitId);
  expect(orders.map(({ amountFen }: { amountFen: number }) => amountFen).sort()).toEqual([
    33_600, 5_400,
  ]);
  expect(owedFen).toBe(0);
});

test.each(['before', 'after'])(
  'part of a charge that comes back %s the settlement is paid by no one',
  async (when) => {
    const hospital = await world.hospital({ door: 'http' });
    const visit = hospital.visitOf(await retired());
    const [charge] = visit.numbered([bloodCounts('50')]);
    expect(sumFen(charge!)).toBe(100_000);
    await visit.opens();
    await visit.chargesAgain([charge!]);
    const partComesBack = async (): Promise<number> =>
      (
        await hospital.posts(`/v1/visits/${visit.visitId}/returns`, {
          returnId: `${charge!.chargeId}.CD`,
          chargeId: charge!.chargeId,
          amountFen: 30_000,
          returnedAt: hospital.now(),
        })
      ).status;
    if (when === 'before') expect(await partComesBack()).toBe(202);
    await visit.ends();
    if (when === 'after') {
      await world.becomes(visit.visitId, { status: 'settled', paidFen: 42_600 });
      expect(await insuredFen(visit.visitId)).toBe(57_400);
      expect(await partComesBack()).toBe(202);
    }
    await world.becomes(visit.visitId, {
      status: 'settled',
      revision: when === 'before' ? 1 : 2,
      grossFen: 70_000,
      patientDueFen: 37_200,
      paidFen: when === 'before' ? 37_200 : 42_600,
      refundedFen: when === 'before' ? 0 : 5_400,
    });
    expect(await insuredFen(visit.visitId)).toBe(32_800);
    expect(await world.paymentOf(visit.visitId)).toMatchObject({ dueFen: 37_200, owedFen: 0 });
  },
);
