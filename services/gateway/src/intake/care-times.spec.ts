import { answered, charge, gatewayOn, hl7, SPECIMEN } from '../../test/gateway';

type Gateway = ReturnType<typeof gatewayOn>;

const sent = async (gateway: Gateway, text: string) =>
  answered(await gateway.hl7Door.answer(Buffer.from(text, 'utf8')));

let keys = 0;
const posted = (gateway: Gateway, action: 'start' | 'end' | 'charges' | 'returns', body: object) =>
  gateway.httpDoor.submit('HZ002', {
    action,
    visitNumber: 'V1',
    key: `request-${(keys += 1)}`,
    body,
  });

describe('over MLLP', () => {
  test('an end before its start is refused, and the visit goes on', async () => {
    const gateway = gatewayOn();
    await sent(gateway, hl7('ADT^A04'));
    const end = { controlId: 'E1', pv1: { 45: '20231101000000' } };
    expect(await sent(gateway, hl7('ADT^A03', end))).toMatchObject({
      code: 'AE',
      errors: ['END_BEFORE_START'],
    });
    expect(await gateway.quarantine.list('open')).toMatchObject([
      { faults: [{ field: 'PV1-45', code: 'END_BEFORE_START' }] },
    ]);
    expect((await gateway.published()).map(({ type }) => type)).toEqual(['VisitStarted']);
    const mended = { controlId: 'E2', pv1: { 45: '20240115090500' } };
    expect(await sent(gateway, hl7('ADT^A03', mended))).toMatchObject({ code: 'AA' });
  });

  test.each([
    ['PV1-44', 'TIME_TOO_OLD', hl7('ADT^A04', { pv1: { 44: '19990101090000' } })],
    ['PV1-44', 'TIME_IN_FUTURE', hl7('ADT^A04', { pv1: { 44: '20360101090000' } })],
    ['PV1-45', 'TIME_IN_FUTURE', hl7('ADT^A03', { pv1: { 45: '20360101090000' } })],
    ['EVN-2', 'TIME_IN_FUTURE', hl7('ADT^A11', { evn: { 2: '20360101090000' } })],
    ['EVN-6', 'TIME_IN_FUTURE', hl7('ADT^A11', { evn: { 6: '20360101090000' } })],
    ['EVN-6', 'TIME_TOO_OLD', hl7('ADT^A04', { evn: { 6: '19990101090000' }, pv1: { 44: '' } })],
    ['EVN-2', 'TIME_TOO_OLD', hl7('ADT^A03', { evn: { 2: '19990101090000' }, pv1: { 45: '' } })],
    ['FT1[1]-4', 'TIME_TOO_OLD', hl7('DFT^P03', { ft1: [charge('T1', { 4: '19990101' })] })],
    [
      'FT1[2]-4',
      'TIME_IN_FUTURE',
      hl7('DFT^P03', { ft1: [charge('T1'), charge('T2', { 4: '20360303092800' })] }),
    ],
  ])('a time in %s that cannot be is refused with %s', async (field, code, text) => {
    const gateway = gatewayOn();
    expect(await sent(gateway, text)).toMatchObject({ code: 'AE', errors: [code] });
    expect(await gateway.quarantine.list('open')).toMatchObject([{ faults: [{ field, code }] }]);
    expect(await gateway.published()).toEqual([]);
  });

  test('care of long before the visit is refused, care of the days before is taken', async () => {
    const gateway = gatewayOn();
    await sent(gateway, hl7('ADT^A04'));
    const dft = (controlId: string, at: string): string =>
      hl7('DFT^P03', { controlId, ft1: [charge(controlId, { 4: at })] });
    expect(await sent(gateway, dft('T1', '20240107080000'))).toMatchObject({
      errors: ['CHARGE_OUTSIDE_VISIT'],
    });
    expect(await sent(gateway, dft('T2', '20240112080000'))).toMatchObject({ code: 'AA' });
  });

  test('a repetition gets its first answer, however late it comes', async () => {
    const gateway = gatewayOn();
    await sent(gateway, hl7('ADT^A04'));
    gateway.clock.set('2034-01-15T01:05:00Z');
    expect(await sent(gateway, hl7('ADT^A04'))).toMatchObject({ text: 'accepted before' });
  });
});

describe('over HTTP', () => {
  const start = {
    visitNumber: 'V1',
    visitClass: 'outpatient',
    startedAt: '2024-01-15T09:00:00+08:00',
    credential: { type: 'id-number', value: SPECIMEN },
  };
  const of = (occurredAt: string) => ({
    charges: [
      {
        chargeId: 'T1',
        itemCode: 'LAB001',
        quantity: '1',
        unitPriceYuan: '20.00',
        amountFen: 2000,
        occurredAt,
      },
    ],
  });
  test.each([
    ['end', '/endedAt', 'END_BEFORE_START', { endedAt: '2024-01-15T08:59:59+08:00' }],
    ['end', '/endedAt', 'TIME_IN_FUTURE', { endedAt: '2036-01-15T08:59:59+08:00' }],
    ['charges', '/charges/0/occurredAt', 'CHARGE_OUTSIDE_VISIT', of('2024-01-01T09:00:00+08:00')],
    ['charges', '/charges/0/occurredAt', 'TIME_TOO_OLD', of('1999-01-01T09:00:00+08:00')],
    [
      'returns',
      '/returnedAt',
      'TIME_IN_FUTURE',
      { returnId: 'R1', chargeId: 'T1', amountFen: 2000, returnedAt: '2036-01-01T09:00:00+08:00' },
    ],
  ] as const)('%s: what is wrong with %s is named %s', async (action, field, code, body) => {
    const gateway = gatewayOn();
    await posted(gateway, 'start', start);
    await expect(posted(gateway, action, body)).rejects.toMatchObject({
      code,
      kind: 'invalid',
      details: { faults: [{ field, code }] },
    });
    expect(await gateway.published()).toHaveLength(1);
  });
});
