import type { InterfaceProfile } from '@caretab/contracts';
import { gatewayOn, hl7, personIdOf, SPECIMEN } from '../../test/gateway';

const FORWARDS: InterfaceProfile = { entitlement: 'forwarded' };
const answer = {
  ...{ insuranceType: '390', insuredStatus: '1', insuredPlace: '330100', entitled: true },
  ...{ from: '2024-01-01', until: '2024-12-31', msgid: 'H33010-20240115-0001' },
  answeredAt: '2024-01-15T08:55:00+08:00',
};
const OTHER = '110105194912310021';
const opening = {
  ...{ visitNumber: 'W0001', visitClass: 'outpatient', startedAt: '2024-01-15T09:00:00+08:00' },
  credential: { type: 'id-number', value: SPECIMEN },
};

const world = (profile: InterfaceProfile = FORWARDS) => {
  const gateway = gatewayOn();
  for (const institution of ['HZ001', 'HZ002']) gateway.partners.profiles.set(institution, profile);
  gateway.partners.persons.set(OTHER, personIdOf(7));
  const said = async () =>
    (await gateway.published()).map(({ value }) => (value as any).entitlement);
  const opens = (entitlement: object) =>
    gateway.httpDoor.submit('HZ002', {
      ...{ action: 'start', key: 'key-00000001', body: { ...opening, entitlement } },
    });
  return { ...gateway, said, opens };
};

test('what the centre answered goes on with the opening, without the number of anyone', async () => {
  const { opens, said, published } = world();
  await opens({ ...answer, certno: SPECIMEN });
  expect(await said()).toEqual([answer]);
  expect(JSON.stringify(await published())).not.toContain(SPECIMEN);
});

test.each<[string, object, InterfaceProfile, string]>([
  ['its hospital does not forward', { ...answer, certno: SPECIMEN }, {}, '/entitlement'],
  ['no one is named by', answer, FORWARDS, '/entitlement/certno'],
  ['is of another person', { ...answer, certno: OTHER }, FORWARDS, '/entitlement/certno'],
  [
    'is of yesterday',
    { ...answer, certno: SPECIMEN, answeredAt: '2024-01-14T23:00:00+08:00' },
    FORWARDS,
    '/entitlement/answeredAt',
  ],
  [
    'ends before it begins',
    { ...answer, certno: SPECIMEN, until: '2023-12-31' },
    FORWARDS,
    '/entitlement/until',
  ],
])('an answer that %s is refused by its field, and nothing is opened', async (...row) => {
  const [, entitlement, profile, field] = row;
  const { opens, published } = world(profile);
  await expect(opens(entitlement)).rejects.toMatchObject({
    ...{ code: 'ENTITLEMENT_REFUSED', details: { field } },
  });
  expect(await published()).toEqual([]);
});

const IN1 =
  'IN1|1|390|330100|||||||||20240101|20241231|H33010-20240115-0001|1||||||||||||||20240115085500' +
  `||||||||||||||||1||||${SPECIMEN}`;

test('over HL7 it stands in IN1, which is read of who forwards it alone', async () => {
  const message = `${hl7('ADT^A04').trimEnd()}\r${IN1}\r`;
  const { hl7Door, said } = world();
  const text = (await hl7Door.answer(Buffer.from(message)))!.toString();
  expect(text).toContain('|AA|');
  expect(await said()).toEqual([answer]);
  const otherwise = world({});
  await otherwise.hl7Door.answer(Buffer.from(message));
  expect(await otherwise.said()).toEqual([undefined]);
});

test('over HL7 a wrong field of it is named', async () => {
  const { hl7Door, published } = world();
  const wrong = IN1.replace('|390|', '|resident|');
  const message = `${hl7('ADT^A04').trimEnd()}\r${wrong}\r`;
  const text = (await hl7Door.answer(Buffer.from(message)))!.toString();
  expect(text).toContain('IN1-2');
  expect(await published()).toEqual([]);
});
