import type { InterfaceProfile, Presence } from '@caretab/contracts';
import { CodeSigner } from '@caretab/security';
import { gatewayOn, hl7, personIdOf, SPECIMEN } from '../../test/gateway';

const opening = {
  visitNumber: 'W0001',
  visitClass: 'outpatient',
  startedAt: '2024-01-15T09:00:00+08:00',
};
const NUMBER = { type: 'id-number', value: SPECIMEN };
const SIGNER = new CodeSigner(Buffer.alloc(32, 7), 'aes');
const QR = {
  type: 'qr',
  value: SIGNER.dynamic({
    ...{ cardNumber: 'ab'.repeat(32), nonce: '0f'.repeat(16), application: 'app' },
    expiresAt: new Date('2026-03-02T08:01:00Z'),
  }),
};
const PRINTED = { type: 'qr', value: 'A1B2C3D4' };
const ISSUED = { type: 'insurance-code', value: 'T-0001' };
const FACE = { type: 'face', value: 'F-0001' };
const STATIC = { type: 'e-health-card', value: `${'cd'.repeat(32)}:1` };
const READERS: InterfaceProfile = { presenceReaders: ['card', 'face'] };

const world = (profile: InterfaceProfile = {}) => {
  const gateway = gatewayOn();
  for (const institution of ['HZ001', 'HZ002']) gateway.partners.profiles.set(institution, profile);
  for (const { value } of [QR, PRINTED, ISSUED, FACE, STATIC])
    gateway.partners.persons.set(value, personIdOf(1));
  const presences = async () =>
    (await gateway.published()).map(({ value }) => (value as { presence?: string }).presence);
  const opens = (body: object, key = 'key-00000001') =>
    gateway.httpDoor.submit('HZ002', { action: 'start', key, body: { ...opening, ...body } });
  return { ...gateway, presences, opens };
};

test.each<[string, object, InterfaceProfile, Presence]>([
  ['a number is a typed one', { credential: NUMBER }, {}, 'typed'],
  ['a code is a code', { credential: QR }, {}, 'code'],
  ['a code that its issuer decodes is a code', { credential: ISSUED }, {}, 'code'],
  ['a face that its issuer knows is a face', { credential: FACE }, {}, 'face'],
  ['a static code of an issuer is typed', { credential: STATIC }, {}, 'typed'],
  ['a printed code is typed', { credential: PRINTED }, {}, 'typed'],
  ['a card is none without a reader', { credential: NUMBER, presence: 'card' }, {}, 'typed'],
  ['a card with a reader is one', { credential: NUMBER, presence: 'card' }, READERS, 'card'],
  ['another reader is none', { credential: NUMBER, presence: 'code' }, READERS, 'typed'],
  ['without a word the profile says how', { credential: NUMBER }, { presence: 'card' }, 'card'],
  [
    'its word is better known',
    { credential: NUMBER, presence: 'typed' },
    { presence: 'card' },
    'typed',
  ],
  ['a code that was typed is typed', { credential: QR, presence: 'typed' }, {}, 'typed'],
])('how a person is present over HTTP: %s', async (_, body, profile, presence) => {
  const { opens, presences } = world(profile);
  await opens(body);
  expect(await presences()).toEqual([presence]);
});

test('an opening by personId is as good as the best credential of the day', async () => {
  const { opens, presences, presented, clock } = world();
  const personId = personIdOf(5);
  await presented.note('HZ002', personId, 'card');
  await presented.note('HZ002', personId, 'typed');
  await opens({ personId });
  clock.advance(24 * 60 * 60 * 1000);
  await presented.note('HZ002', personId, 'typed');
  await opens({ personId, visitNumber: 'W0002' }, 'key-00000002');
  expect(await presences()).toEqual(['card', 'typed']);
});

test.each<[InterfaceProfile, Presence]>([
  [{}, 'typed'],
  [READERS, 'typed'],
  [{ presence: 'card' }, 'card'],
])('HL7 has no field for it, so that the profile %j says how: %s', async (profile, presence) => {
  const { hl7Door, presences } = world(profile);
  await hl7Door.answer(Buffer.from(hl7('ADT^A04')));
  expect(await presences()).toEqual([presence]);
});

test('only openings say so, and another word in a repetition is another content', async () => {
  const { opens, httpDoor, presences } = world(READERS);
  await opens({ credential: NUMBER, presence: 'card' });
  await httpDoor.submit('HZ002', {
    ...{ action: 'end', key: 'key-00000002', visitNumber: 'W0001' },
    body: { endedAt: '2024-01-15T10:00:00+08:00' },
  });
  expect(await presences()).toEqual(['card', undefined]);
  await opens({ credential: NUMBER, presence: 'card' });
  await expect(opens({ credential: NUMBER })).rejects.toMatchObject({
    code: 'IDEMPOTENCY_KEY_REUSED',
  });
});
