import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import { sendOnce } from '@caretab/hospital';
import { mllpOf } from '../platform';
import { World } from '../world';

const world = new World('message-truncated');

test(
  'a message that breaks off in the middle of a segment is refused whole, and ' +
    'sent again whole it counts',
  async () => {
    const hospital = await world.hospital();
    const visit = hospital.visitOf(await world.citizen());
    await visit.opens();
    const message = visit.chargeMessage(visit.numbered([CONSULTATION, BLOOD_COUNT]));
    const answer = await hospital.sendsHl7(message.slice(0, message.indexOf('PV1|') + 12));
    expect(answer.code).toBe('AE');
    expect(answer.errors[0]).toMatchObject({ code: 'SEGMENT_MISSING' });
    expect(await hospital.sendsHl7(message)).toMatchObject({ code: 'AA' });
    await visit.ends();
    await world.becomes(visit.visitId, {
      status: 'settled',
      chargesDeferred: 2,
      grossFen: sumFen(CONSULTATION, BLOOD_COUNT),
    });
  },
);

test('a message cut off inside its last segment is refused whole: no charge of it counts', async () => {
  const hospital = await world.hospital();
  const visit = hospital.visitOf(await world.citizen());
  await visit.opens();
  const message = visit.chargeMessage(visit.numbered([CONSULTATION, BLOOD_COUNT]));
  expect((await hospital.sendsHl7(message.slice(0, message.lastIndexOf('|CG|') + 4))).code).toBe(
    'AE',
  );
  await visit.ends();
  await world.becomes(visit.visitId, { status: 'settled', chargesDeferred: 0, grossFen: 0 });
});

test('a line that drops in the middle of a frame leaves nothing behind, and the platform goes on', async () => {
  const hospital = await world.hospital();
  const visit = hospital.visitOf(await world.citizen());
  await visit.opens();
  const message = visit.chargeMessage(visit.numbered([CONSULTATION]));
  const half = Buffer.concat([
    Buffer.from([0x0b]),
    Buffer.from(message.slice(0, message.length / 2)),
  ]);
  const answer = await sendOnce(mllpOf(world.address), half, false);
  expect(answer).toMatchObject({ code: 'AR', errors: [{ code: 'FRAME_TRUNCATED' }] });
  expect(await hospital.sendsHl7(message)).toMatchObject({ code: 'AA' });
  await visit.ends();
  await world.becomes(visit.visitId, {
    status: 'settled',
    chargesDeferred: 1,
    grossFen: sumFen(CONSULTATION),
  });
});
