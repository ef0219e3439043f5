import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import { World } from '../world';

const world = new World('never-opened');

test(
  'nothing is deferred for a citizen who never opened the service, and the ' +
    'hospital and the citizen are told so for each charge',
  async () => {
    const hospital = await world.hospital();
    const citizen = await world.citizen({ enrolled: false });
    const visit = hospital.visitOf(citizen);
    await visit.opens();
    await visit.charges(CONSULTATION, BLOOD_COUNT);
    await visit.ends();
    await world.becomes(visit.visitId, {
      status: 'settled',
      chargesDeferred: 0,
      chargesNotDeferred: 2,
      grossFen: 0,
      notDeferredFen: sumFen(CONSULTATION, BLOOD_COUNT),
      patientDueFen: 0,
      paidFen: 0,
    });
    const refused = (await world.historyOf(visit.visitId)).filter(
      ({ type }) => type === 'ChargeNotDeferred',
    );
    expect(refused.map(({ data }) => data.reason)).toEqual(['NOT_ENROLLED', 'NOT_ENROLLED']);
    await world.quiet();
    expect(
      world
        .webhooksTo(hospital)
        .filter(({ body }) => JSON.stringify(body).includes('NOT_ENROLLED')),
    ).toHaveLength(2);
    const [mail, ...others] = world.mailsTo(citizen);
    expect(others).toEqual([]);
    expect(mail!.source).toContain('Complete blood count');
    expect(mail!.source).toContain('to be paid at the counter');
    expect(mail!.source).not.toMatch(/is settled|NOT_ENROLLED|: 0\.00/);
  },
);

test('once it is opened, the next visit runs on the tab', async () => {
  const hospital = await world.hospital();
  const citizen = await world.citizen({ enrolled: false });
  await world.api.done('POST', '/credit/enrolments', { personId: citizen.personId });
  const visit = hospital.visitOf(citizen);
  await visit.opens();
  await visit.charges(CONSULTATION);
  await visit.ends();
  await world.becomes(visit.visitId, {
    status: 'settled',
    chargesDeferred: 1,
    paidFen: sumFen(CONSULTATION),
  });
});
