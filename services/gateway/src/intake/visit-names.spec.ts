import { gatewayOn, personIdOf, SPECIMEN } from '../../test/gateway';
import { VisitNames } from './visit-names';

const PSEUDONYM = /^HZ002-vn\.[A-Za-z0-9_-]{32}$/;
const opening = {
  visitNumber: SPECIMEN,
  visitClass: 'outpatient',
  credential: { type: 'id-number', value: SPECIMEN },
  startedAt: '2024-01-15T09:00:00+08:00',
};
const charge = {
  ...{ chargeId: 'C1', itemCode: 'LAB001', quantity: '1', unitPriceYuan: '10', amountFen: 1000 },
  occurredAt: '2024-01-15T09:30:00+08:00',
};

const hospital = (visitNumbersPersonal: boolean) => {
  const gateway = gatewayOn();
  gateway.partners.profiles.set('HZ002', { visitNumbersPersonal });
  const { httpDoor } = gateway;
  const opens = (key = 'key-00000001') =>
    httpDoor.submit('HZ002', { action: 'start', key, body: opening });
  const charges = (visitNumber: string, key = 'key-00000002') =>
    httpDoor.submit('HZ002', { action: 'charges', visitNumber, key, body: { charges: [charge] } });
  return { gateway, opens, charges, names: new VisitNames(gateway) };
};

test('a visit number that is the ID number of its patient is refused, unless the profile says so', async () => {
  const { opens, gateway } = hospital(false);
  await expect(opens()).rejects.toMatchObject({
    code: 'ID_NUMBER_FORBIDDEN',
    details: { faults: [{ field: '/visitNumber' }] },
  });
  expect(await gateway.published()).toEqual([]);
});

test('where it says so, a pseudonym is kept, and no event and no answer has the number', async () => {
  const { opens, charges, gateway } = hospital(true);
  const { visitId } = await opens();
  expect(visitId).toMatch(PSEUDONYM);
  expect(await charges(SPECIMEN)).toMatchObject({ visitId });
  expect(await charges(visitId.slice('HZ002-'.length), 'key-00000003')).toMatchObject({ visitId });
  const events = await gateway.published();
  expect(events.map(({ key }) => key)).toEqual([visitId, visitId, visitId]);
  expect(events[0]!.value).toMatchObject({ personId: personIdOf(1) });
  expect(JSON.stringify(events)).not.toContain(SPECIMEN);
});

test('a repetition gets its first answer, also while identity is away', async () => {
  const { opens, gateway } = hospital(true);
  const first = await opens();
  gateway.partners.away = true;
  expect(await opens()).toEqual({ ...first, repeated: true });
});

test('the hospital reads its visit by its own number, and by the pseudonym of a list', async () => {
  const { names } = hospital(true);
  const asked: string[] = [];
  const ask = async (visitId: string) => {
    asked.push(visitId);
    return { visitId, visitNumber: visitId.slice(6), charges: [{ visitId, at: new Date(0) }] };
  };
  const own = `HZ002-${SPECIMEN}`;
  expect(await names.read(own, ask)).toEqual({
    visitId: own,
    visitNumber: SPECIMEN,
    charges: [{ visitId: own, at: new Date(0) }],
  });
  const [kept] = asked;
  expect(kept).toMatch(PSEUDONYM);
  expect(await names.read(kept!, ask)).toMatchObject({ visitId: kept });
  expect(await names.kept('HZ001-V1')).toBe('HZ001-V1');
});

test('an id of a charge that holds its patient’s ID number is refused', async () => {
  const gateway = gatewayOn();
  const { faults } = { faults: [{ field: '/charges/0/chargeId' }] };
  await expect(
    gateway.intake.accept(
      {
        ...{ door: 'http', institutionId: 'HZ002', application: ' ', messageId: 'key-00000001' },
        visitNumber: 'W1',
        person: { type: 'id-number', value: SPECIMEN },
        facts: [{ type: 'ChargePosted', charge: { ...charge, chargeId: `${SPECIMEN}.1` } }],
      },
      Buffer.from('{}'),
    ),
  ).rejects.toMatchObject({ code: 'ID_NUMBER_FORBIDDEN', details: { faults } });
});
