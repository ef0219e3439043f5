import { answered, charge, CHILD, gatewayOn, hl7, personIdOf, takeBack } from '../../test/gateway';

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
