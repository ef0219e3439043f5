import { BLOOD_COUNT, CONSULTATION, MAGNETIC_RESONANCE, PET_CT, sumFen } from '../catalogue';
import { eventually } from '@caretab/hospital';
import { World } from '../world';

const world = new World('over-the-line');

test('a charge that does not fit the line is left to the hospital; the others are deferred and paid', async () => {
  const hospital = await world.hospital();
  const citizen = await world.citizen({ score: 560 });
  const visit = hospital.visitOf(citizen);
  await visit.opens();
  await visit.charges(CONSULTATION);
  await visit.charges(PET_CT);
  await visit.charges(BLOOD_COUNT);
  await visit.ends();
  await world.becomes(visit.visitId, {
    status: 'settled',
    chargesDeferred: 2,
    chargesNotDeferred: 1,
    notDeferredFen: sumFen(PET_CT),
    grossFen: sumFen(CONSULTATION, BLOOD_COUNT),
  });
  const refused = (await world.historyOf(visit.visitId)).filter(
    ({ type }) => type === 'ChargeNotDeferred',
  );
  expect(refused.map(({ data }) => [data.charge.itemCode, data.reason])).toEqual([
    [PET_CT.itemCode, 'OVER_LINE'],
  ]);
  await eventually(() =>
    expect(
      world
        .webhooksTo(hospital)
        .find(({ body }) => JSON.stringify(body).includes('ChargeNotDeferred'))?.body,
    ).toBeDefined(),
  );
});

test('a pharmacy that waits for the decision learns at once what is on the tab', async () => {
  const hospital = await world.hospital({ door: 'http' });
  const visit = hospital.visitOf(await world.citizen({ score: 560 }));
  await visit.opens();
  await world.becomes(visit.visitId, { status: 'open' });
  const path = `/v1/visits/${encodeURIComponent(visit.visitId)}/charges`;
  const asks = (charges: unknown, key: string) =>
    hospital.posts(path, { charges }, key, { prefer: 'wait=2' });
  const [cheap, dear] = visit.numbered([CONSULTATION, PET_CT]).map((one) => visit.body(one));
  // A machine that is busy otherwise may take longer; the same request again waits again.
  const cheapAnswer = await eventually(async () => {
    const answer = await asks([cheap], 'window-0001');
    expect(answer).toMatchObject({ status: 200 });
    return answer.body;
  });
  expect(cheapAnswer).toMatchObject({ decision: 'deferred', events: [{ type: 'ChargePosted' }] });
  const dearAnswer = await eventually(async () => {
    const answer = await asks([dear], 'window-0002');
    expect(answer).toMatchObject({ status: 200 });
    return answer.body;
  });
  expect(dearAnswer).toMatchObject({
    decision: 'not-deferred',
    decisions: [{ decision: 'not-deferred', reason: 'OVER_LINE' }],
  });
});

test('charges that fit the line make the hold grow, up to the line and not above it', async () => {
  const hospital = await world.hospital();
  const citizen = await world.citizen({ score: 560 });
  const visit = hospital.visitOf(citizen);
  await visit.opens();
  await visit.charges(MAGNETIC_RESONANCE);
  await visit.charges(MAGNETIC_RESONANCE);
  await visit.charges(MAGNETIC_RESONANCE);
  await world.becomes(visit.visitId, {
    chargesDeferred: 2,
    chargesNotDeferred: 1,
    chargesWaiting: 0,
  });
  const { lineFen, heldFen, availableFen } = await world.lineOf(citizen);
  expect({ lineFen, sum: heldFen + availableFen }).toEqual({ lineFen: 100_000, sum: 100_000 });
  await visit.ends();
  await world.becomes(visit.visitId, {
    status: 'settled',
    paidFen: sumFen(MAGNETIC_RESONANCE, MAGNETIC_RESONANCE),
  });
});
