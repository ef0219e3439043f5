import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import { eventually } from '@caretab/hospital';
import { World } from '../world';

const world = new World('child-on-guardians-line');

test(
  'a child’s visit runs on the guardian’s line, is paid from the guardian’s ' +
    'account, and the guardian is told',
  async () => {
    const hospital = await world.hospital();
    const guardian = await world.citizen({ name: '上官若水' });
    const child = await world.citizen({
      name: '上官小满',
      born: 2016,
      guardian,
      insurance: 'resident',
    });
    const visit = hospital.visitOf(child);
    await visit.opens();
    await visit.charges(CONSULTATION, BLOOD_COUNT);
    await world.becomes(visit.visitId, {
      chargesDeferred: 2,
      personId: child.personId,
      accountPersonId: guardian.personId,
    });
    expect(await world.lineOf(guardian)).toMatchObject({ heldFen: 20_000 });
    await visit.ends();
    await world.becomes(visit.visitId, {
      status: 'settled',
      paidFen: sumFen(CONSULTATION, BLOOD_COUNT),
    });
    await eventually(async () =>
      expect(await world.lineOf(guardian)).toMatchObject({ heldFen: 0, outstandingFen: 0 }),
    );
    await eventually(() =>
      expect(
        world
          .mailsTo(guardian)
          .some(({ source }) => source.includes('a visit at') && source.includes('is settled')),
      ).toBe(true),
    );
    // Amount and place, and nothing of what was done for the child.
    for (const { source } of world.mailsTo(guardian))
      expect(source).not.toMatch(/Visit number|Complete blood count|consultation/);
    expect(world.mailsTo(child)).toEqual([]);
  },
);

test('what the guardian’s own visit holds is not there for the child', async () => {
  const hospital = await world.hospital();
  const guardian = await world.citizen({ score: 400 });
  const child = await world.citizen({ born: 2018, guardian });
  const own = hospital.visitOf(guardian, { visitClass: 'inpatient' });
  await own.opens();
  await world.becomes(own.visitId, { heldFen: 50_000 });
  const visit = hospital.visitOf(child);
  await visit.opens();
  await visit.charges(CONSULTATION);
  await world.becomes(visit.visitId, { chargesDeferred: 0, chargesNotDeferred: 1 });
  expect(await world.lineOf(guardian)).toMatchObject({
    lineFen: 50_000,
    heldFen: 50_000,
    availableFen: 0,
  });
});

test('a child without a guardian cannot open the service', async () => {
  const child = await world.citizen({ born: 2017, enrolled: false });
  const answer = await world.api.ask('POST', '/credit/enrolments', { personId: child.personId });
  expect(answer.status).toBe(409);
  expect(answer.body.code).toMatch(/GUARDIAN/);
});
