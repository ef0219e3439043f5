import { CONSULTATION, sumFen } from '../catalogue';
import { eventually } from '@caretab/hospital';
import { World } from '../world';

const world = new World('line-frozen');

test('a frozen line grants nothing; unfrozen it does again', async () => {
  const hospital = await world.hospital();
  const citizen = await world.citizen();
  await world.api.done('PUT', `/credit/accounts/${citizen.personId}/freeze`, { reason: 'OVERDUE' });
  const whileFrozen = hospital.visitOf(citizen);
  await whileFrozen.opens();
  await whileFrozen.charges(CONSULTATION);
  await world.becomes(whileFrozen.visitId, { chargesDeferred: 0, chargesNotDeferred: 1 });
  const refused = (await world.historyOf(whileFrozen.visitId)).find(
    ({ type }) => type === 'ChargeNotDeferred',
  );
  expect(refused.data.reason).toBe('FROZEN');
  await eventually(() =>
    expect(world.mailsTo(citizen).some(({ source }) => source.includes('frozen'))).toBe(true),
  );

  await world.api.doneByTwo('DELETE', `/credit/accounts/${citizen.personId}/freeze`);
  const afterwards = hospital.visitOf(citizen);
  await afterwards.opens();
  await afterwards.charges(CONSULTATION);
  await afterwards.ends();
  await world.becomes(afterwards.visitId, { status: 'settled', paidFen: sumFen(CONSULTATION) });
});

test('a visit that runs while the line is frozen is still settled', async () => {
  const hospital = await world.hospital();
  const citizen = await world.citizen();
  const visit = hospital.visitOf(citizen);
  await visit.opens();
  await visit.charges(CONSULTATION);
  await world.becomes(visit.visitId, { chargesDeferred: 1 });
  await world.api.done('PUT', `/credit/accounts/${citizen.personId}/freeze`, { reason: 'OVERDUE' });
  await visit.ends();
  await world.becomes(visit.visitId, { status: 'settled', paidFen: sumFen(CONSULTATION) });
});
