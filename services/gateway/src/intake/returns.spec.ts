import { answered, charge, gatewayOn, hl7, takeBack } from '../../test/gateway';

const sent = async (gateway: ReturnType<typeof gatewayOn>, text: string) =>
  answered(await gateway.hl7Door.answer(Buffer.from(text, 'utf8')));
const message = (controlId: string, ...ft1: Readonly<Record<number, string>>[]): string =>
  hl7('DFT^P03', { controlId, ft1 });
const refused = { code: 'AE', errors: ['RETURN_EXCEEDS_CHARGE'] };
const twice = { 10: '-2', 11: '-40.00&CNY' };
const dear = { 10: '', 11: '-20.01&CNY', 12: '' };

test.each([
  ['quantity', twice],
  ['amount', dear],
])('a return of more than was charged, by %s, is refused at once', async (_by, more) => {
  const gateway = gatewayOn();
  await sent(gateway, message('C1', charge('T1')));
  expect(await sent(gateway, message('R1', takeBack('R1', 'T1', more)))).toMatchObject(refused);
  expect(await gateway.published()).toHaveLength(1);
});

test('a return of all that was charged, and of a charge in the same message, is accepted', async () => {
  const gateway = gatewayOn();
  await sent(gateway, message('C1', charge('T1')));
  expect(await sent(gateway, message('R1', takeBack('R1', 'T1')))).toMatchObject({ code: 'AA' });
  const both = message('C2', charge('T2'), takeBack('R2', 'T2'));
  expect(await sent(gateway, both)).toMatchObject({ code: 'AA' });
  const tooMuch = message('C3', charge('T3'), takeBack('R3', 'T3', twice));
  expect(await sent(gateway, tooMuch)).toMatchObject(refused);
});

test('a return of a charge that came by another way is left to the ledger', async () => {
  const gateway = gatewayOn();
  expect(await sent(gateway, message('R1', takeBack('R1', 'T1', twice)))).toMatchObject({
    code: 'AA',
  });
});

test('a charge that was corrected under its id bounds a return by its larger amount', async () => {
  const gateway = gatewayOn();
  await sent(gateway, message('C1', charge('T1')));
  await sent(gateway, message('C2', charge('T1', { 10: '2', 11: '40.00&CNY' })));
  expect(await sent(gateway, message('R1', takeBack('R1', 'T1', twice)))).toMatchObject({
    code: 'AA',
  });
});
