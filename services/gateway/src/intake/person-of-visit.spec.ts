import {
  answered,
  charge,
  CHILD,
  gatewayOn,
  hl7,
  personIdOf,
  SPECIMEN,
  takeBack,
} from '../../test/gateway';

const sent = async (gateway: ReturnType<typeof gatewayOn>, text: string) =>
  answered(await gateway.hl7Door.answer(Buffer.from(text, 'utf8')));
const OTHER = { 3: `${CHILD}^^^CN^NI` };

test('every report says whose it is, so that a second can be held against the first', async () => {
  const gateway = gatewayOn();
  await sent(gateway, hl7('DFT^P03', { ft1: [charge('T1'), takeBack('T2', 'T1')] }));
  await sent(gateway, hl7('ADT^A04', { controlId: 'A' }));
  await sent(gateway, hl7('ADT^A08', { controlId: 'B' }));
  await sent(gateway, hl7('ADT^A03', { controlId: 'C', pv1: { 45: '20240115090500' } }));
  const published = await gateway.published();
  expect(published).toHaveLength(5);
  for (const { value } of published) expect(value['personId']).toBe(personIdOf(1));
});

test('an opening for B after a charge for A is refused, until the charge is taken back', async () => {
  const gateway = gatewayOn();
  const opening = (controlId: string): string => hl7('ADT^A04', { controlId, pid: OTHER });
  await sent(gateway, hl7('DFT^P03', { ft1: [charge('T1')] }));
  expect(await sent(gateway, opening('A1'))).toMatchObject({
    code: 'AE',
    errors: ['PERSON_DIFFERS'],
  });
  const back = { controlId: 'R1', ft1: [takeBack('T2', 'T1')] };
  expect(await sent(gateway, hl7('DFT^P03', back))).toMatchObject({ code: 'AA' });
  expect(await sent(gateway, opening('A2'))).toMatchObject({ code: 'AA' });
});

test('an opening for A after a charge for A is accepted', async () => {
  const gateway = gatewayOn();
  await sent(gateway, hl7('DFT^P03', { ft1: [charge('T1')] }));
  expect(await sent(gateway, hl7('ADT^A04', { controlId: 'A1' }))).toMatchObject({ code: 'AA' });
});

test.each(['ADT^A03', 'ADT^A08', 'ADT^A11', 'DFT^P03'])(
  '%s for B on a visit of A is refused',
  async (type) => {
    const gateway = gatewayOn();
    await sent(gateway, hl7('ADT^A04'));
    const wrong = { controlId: 'X', pid: OTHER, ft1: type === 'DFT^P03' ? [charge('T1')] : [] };
    expect(await sent(gateway, hl7(type, wrong))).toMatchObject({ errors: ['PERSON_DIFFERS'] });
    expect(await gateway.published()).toHaveLength(1);
  },
);

test('events keep by what they were sent: kind and digest, the same for one identifier, never itself', async () => {
  const gateway = gatewayOn();
  gateway.partners.persons.set('CARD7', personIdOf(1));
  gateway.partners.persons.set(SPECIMEN.toLowerCase(), personIdOf(1));
  const by = (controlId: string, identifier: string) => ({
    controlId,
    pid: { 3: identifier },
    ft1: [charge(controlId)],
  });
  await sent(gateway, hl7('DFT^P03', by('C1', 'CARD7^^^HZ001^HC')));
  await sent(gateway, hl7('ADT^A04', { controlId: 'A' }));
  await sent(gateway, hl7('DFT^P03', by('C2', `${SPECIMEN.toLowerCase()}^^^CN^NI`)));
  await sent(gateway, hl7('DFT^P03', by('C3', 'P0001^^^HZ001^MR')));
  await gateway.httpDoor.submit('HZ001', {
    action: 'charges',
    visitNumber: 'V0001',
    key: 'key-00000001',
    body: {
      charges: [
        {
          ...{ chargeId: 'H1', itemCode: 'LAB001', quantity: '1', unitPriceYuan: '20.00' },
          ...{ amountFen: 2000, occurredAt: '2024-01-15T09:28:00+08:00' },
        },
      ],
    },
  });
  const published = await gateway.published();
  const identifiers = published.map(({ value }) => value['identifier'] as string | undefined);
  expect(identifiers.map((one) => one?.split(':')[0])).toEqual([
    'health-card',
    'id-number',
    'id-number',
    'patient-number',
    undefined,
  ]);
  expect(identifiers[1]).toBe(identifiers[2]);
  expect(JSON.stringify(published)).not.toMatch(/CARD7|110105|P0001/);
});

test('over HTTP too a charge of A keeps its visit from being opened for B', async () => {
  const gateway = gatewayOn();
  gateway.partners.facilities.set('HZ002', 'HZ002');
  await sent(gateway, hl7('DFT^P03', { facility: 'HZ002', ft1: [charge('T1')] }));
  const body = {
    ...{ visitNumber: 'V0001', visitClass: 'outpatient', startedAt: '2024-01-15T09:00:00+08:00' },
    credential: { type: 'id-number', value: CHILD },
  };
  const start = { action: 'start', key: 'key-00000001', body } as const;
  await expect(gateway.httpDoor.submit('HZ002', start)).rejects.toMatchObject({
    code: 'PERSON_DIFFERS',
  });
});

test('a number that was another’s a minute ago is asked for again before its report is refused', async () => {
  const gateway = gatewayOn();
  const { partners } = gateway;
  await sent(gateway, hl7('ADT^A04'));
  // Two who were merged when it was asked for last are two again.
  partners.remembered.set(SPECIMEN, personIdOf(2));
  const posted = (controlId: string) =>
    sent(gateway, hl7('DFT^P03', { controlId, ft1: [charge(controlId)] }));
  expect(await posted('T1')).toMatchObject({ code: 'AA' });
  expect((await gateway.published()).map(({ value }) => value['personId'])).toEqual([
    personIdOf(1),
    personIdOf(1),
  ]);
  // A stranger’s stays refused.
  partners.remembered.set(CHILD, personIdOf(2));
  const wrong = { controlId: 'X', pid: OTHER, ft1: [charge('T2')] };
  expect(await sent(gateway, hl7('DFT^P03', wrong))).toMatchObject({ errors: ['PERSON_DIFFERS'] });
});
