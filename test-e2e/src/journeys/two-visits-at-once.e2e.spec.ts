import { CONSULTATION, MAGNETIC_RESONANCE, sumFen } from '../catalogue';
import { World } from '../world';

const world = new World('two-visits-at-once');

test('two hospitals share the line of one citizen, and both are paid', async () => {
  const [first, second] = [
    await world.hospital({ door: 'hl7' }),
    await world.hospital({ door: 'http' }),
  ];
  const citizen = await world.citizen();
  const visits = [first.visitOf(citizen), second.visitOf(citizen)];
  await Promise.all(visits.map((visit) => visit.opens()));
  await Promise.all(visits.map((visit) => visit.charges(CONSULTATION, MAGNETIC_RESONANCE)));
  await Promise.all(visits.map((visit) => visit.ends()));
  for (const { visitId } of visits)
    await world.becomes(visitId, {
      status: 'settled',
      paidFen: sumFen(CONSULTATION, MAGNETIC_RESONANCE),
    });
  const { visits: listed } = await world.api.get(`/v1/persons/${citizen.personId}/visits`);
  expect(listed.map(({ visitId }: { visitId: string }) => visitId).sort()).toEqual(
    visits.map(({ visitId }) => visitId).sort(),
  );
});

test('what one visit holds, the other cannot have: a line of CNY 1,000 bears two of four charges of 480', async () => {
  const hospital = await world.hospital();
  const citizen = await world.citizen({ score: 560 });
  const visits = [hospital.visitOf(citizen), hospital.visitOf(citizen)];
  await Promise.all(visits.map((visit) => visit.opens()));
  await Promise.all(visits.map((visit) => visit.charges(MAGNETIC_RESONANCE, MAGNETIC_RESONANCE)));
  await Promise.all(visits.map((visit) => visit.ends()));
  const settled = await Promise.all(
    visits.map(({ visitId }) => world.becomes(visitId, { status: 'settled' })),
  );
  const deferred = settled.reduce((sum, { chargesDeferred }) => sum + chargesDeferred, 0);
  expect(deferred).toBeGreaterThanOrEqual(1);
  expect(deferred).toBeLessThanOrEqual(2);
  expect(
    settled.reduce(
      (sum, { chargesDeferred, chargesNotDeferred }) => sum + chargesDeferred + chargesNotDeferred,
      0,
    ),
  ).toBe(4);
  expect(settled.reduce((sum, { paidFen }) => sum + paidFen, 0)).toBe(
    deferred * sumFen(MAGNETIC_RESONANCE),
  );
});
