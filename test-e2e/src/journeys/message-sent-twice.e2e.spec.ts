import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import { World } from '../world';

describe.each(['hl7', 'http'] as const)('over %s', (door) => {
  const world = new World(`message-sent-twice-${door}`);

  test('a charge that comes again in a message of its own is on the tab once', async () => {
    const hospital = await world.hospital({ door });
    const visit = hospital.visitOf(await world.citizen());
    await visit.opens();
    const charges = visit.numbered([CONSULTATION, BLOOD_COUNT]);
    expect(await visit.chargesAgain(charges)).toBe('accepted');
    expect(await visit.chargesAgain(charges)).toBe('accepted');
    await visit.ends();
    await world.becomes(visit.visitId, {
      status: 'settled',
      chargesDeferred: 2,
      conflicts: 0,
      grossFen: sumFen(CONSULTATION, BLOOD_COUNT),
      paidFen: sumFen(CONSULTATION, BLOOD_COUNT),
    });
  });
});

test('a message that comes again to the letter is accepted as before and changes nothing', async () => {
  const world = new World('message-again');
  const hospital = await world.hospital();
  const visit = hospital.visitOf(await world.citizen());
  await visit.opens();
  const message = visit.chargeMessage(visit.numbered([CONSULTATION]));
  expect(await hospital.sendsHl7(message)).toMatchObject({ code: 'AA' });
  expect(await hospital.sendsHl7(message)).toMatchObject({ code: 'AA', text: 'accepted before' });
  await visit.ends();
  await world.becomes(visit.visitId, {
    status: 'settled',
    chargesDeferred: 1,
    conflicts: 0,
    grossFen: sumFen(CONSULTATION),
  });
});

test('a message id used again for another message is refused and changes nothing', async () => {
  const world = new World('message-id-reused');
  const hospital = await world.hospital();
  const visit = hospital.visitOf(await world.citizen());
  await visit.opens();
  const controlId = hospital.nextMessageId();
  expect(
    await hospital.sendsHl7(visit.chargeMessage(visit.numbered([CONSULTATION]), controlId)),
  ).toMatchObject({ code: 'AA' });
  const other = await hospital.sendsHl7(
    visit.chargeMessage(visit.numbered([BLOOD_COUNT]), controlId),
  );
  expect(other.code).toBe('AE');
  expect(other.errors[0]).toMatchObject({ code: 'MESSAGE_ID_REUSED' });
  await visit.ends();
  await world.becomes(visit.visitId, {
    status: 'settled',
    chargesDeferred: 1,
    grossFen: sumFen(CONSULTATION),
  });
});
