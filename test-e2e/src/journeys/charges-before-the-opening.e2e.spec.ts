import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import { World } from '../world';

const world = new World('before-the-opening');

test('charges that come first wait, and are decided in order once the visit is opened', async () => {
  const hospital = await world.hospital();
  const visit = hospital.visitOf(await world.citizen());
  expect(await visit.charges(CONSULTATION)).toBe('accepted');
  expect(await visit.charges(BLOOD_COUNT)).toBe('accepted');
  await world.becomes(visit.visitId, { status: 'unknown', chargesWaiting: 2, chargesDeferred: 0 });
  await visit.opens();
  await world.becomes(visit.visitId, { status: 'open', chargesWaiting: 0, chargesDeferred: 2 });
  await visit.ends();
  await world.becomes(visit.visitId, {
    status: 'settled',
    grossFen: sumFen(CONSULTATION, BLOOD_COUNT),
  });
  const deferred = (await world.historyOf(visit.visitId)).filter(
    ({ type }) => type === 'ChargeDeferred',
  );
  expect(deferred.map(({ data }) => data.charge.itemCode)).toEqual([
    CONSULTATION.itemCode,
    BLOOD_COUNT.itemCode,
  ]);
});
