import iconv from 'iconv-lite';
import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import { World } from '../world';

const world = new World('charsets');
/** Characters whose second byte in Big5 is a separator of HL7 (`\`, `|`): the classic trap. */
const TREACHEROUS = { ...BLOOD_COUNT, name: '許功蓋' };

test.each([
  ['BIG5', '許功蓋'],
  ['GB18030-2000', '龑喆'],
  ['UNICODE UTF-8', '许功盖'],
])('a visit written in %s is paid like any other', async (charset, name) => {
  const hospital = await world.hospital();
  const visit = hospital.visitOf(await world.citizen({ name }), { charset });
  expect(await visit.opens()).toBe('accepted');
  expect(
    await visit.charges({
      ...CONSULTATION,
      name: charset === 'BIG5' ? '門診診查費' : CONSULTATION.name,
    }),
  ).toBe('accepted');
  expect(await visit.charges(TREACHEROUS)).toBe('accepted');
  expect(await visit.ends()).toBe('accepted');
  await world.becomes(visit.visitId, {
    status: 'settled',
    chargesDeferred: 2,
    grossFen: sumFen(CONSULTATION, BLOOD_COUNT),
  });
});

test('bytes that are not the declared character set are rejected, never guessed at', async () => {
  const hospital = await world.hospital();
  const visit = hospital.visitOf(await world.citizen());
  await visit.opens();
  const message = visit.chargeMessage(visit.numbered([CONSULTATION]));
  expect(await hospital.sendsHl7(iconv.encode(message, 'gb18030'))).toMatchObject({
    code: 'AR',
    errors: [{ code: 'CHARSET_BROKEN' }],
  });
  expect(await hospital.sendsHl7(message.replace('UNICODE UTF-8', 'ISO IR87'))).toMatchObject({
    code: 'AR',
    errors: [{ code: 'CHARSET_UNSUPPORTED' }],
  });
  expect(await hospital.sendsHl7(message)).toMatchObject({ code: 'AA' });
});
