import { CHILD, gatewayOn, personIdOf, SPECIMEN } from '../../test/gateway';
import { DomainError } from '@caretab/kernel';
import type { HospitalRequest } from './http-door';

const start = {
  visitNumber: 'W1',
  visitClass: 'outpatient',
  credential: { type: 'id-number', value: SPECIMEN },
  department: 'OPD',
  startedAt: '2024-01-15T09:00:00+08:00',
};
const item = (chargeId: string, more: object = {}) => ({
  chargeId,
  itemCode: 'LAB001',
  quantity: '2',
  unitPriceYuan: '10.005',
  amountFen: 2001,
  occurredAt: '2024-01-15T09:30:00+08:00',
  ...more,
});
const request = (
  action: HospitalRequest['action'],
  body: unknown,
  key = 'key-00000001',
  visitNumber?: string,
): HospitalRequest => ({
  action,
  body,
  key,
  visitNumber: visitNumber ?? (action === 'start' ? undefined : 'W1'),
});

test('a visit is opened, charged, given a charge back, updated, ended and cancelled by its own number', async () => {
  const gateway = gatewayOn();
  const submit = (index: number, action: HospitalRequest['action'], body: unknown) =>
    gateway.httpDoor.submit('HZ002', request(action, body, `key-0000000${index}`));
  expect(await submit(1, 'start', start)).toMatchObject({ visitId: 'HZ002-W1', repeated: false });
  await submit(2, 'charges', { charges: [item('C1'), item('C2')] });
  await submit(3, 'returns', {
    returnId: 'K1',
    chargeId: 'C1',
    amountFen: 2001,
    returnedAt: '2024-01-15T10:00:00+08:00',
  });
  await submit(4, 'update', { department: 'SURG', updatedAt: '2024-01-15T10:00:00+08:00' });
  await submit(5, 'end', { endedAt: '2024-01-15T11:00:00+08:00' });
  await submit(6, 'cancel', { withdrawnAt: '2024-01-15T11:00:00+08:00' });
  const events = await gateway.published();
  expect(events.map(({ type }) => type)).toEqual([
    'VisitStarted',
    'ChargePosted',
    'ChargePosted',
    'ChargeReturned',
    'VisitUpdated',
    'VisitEnded',
    'VisitWithdrawn',
  ]);
  expect(events[0]).toMatchObject({
    cause: 'http/HZ002/key-00000001',
    source: 'hospital/HZ002',
    value: { personId: personIdOf(1) },
  });
});

test('a return that was quarantined in the words of an earlier release is replayed in today’s', async () => {
  const gateway = gatewayOn();
  const raw = Buffer.from(
    JSON.stringify({
      action: 'credits',
      visitNumber: 'W1',
      key: 'key-00000009',
      body: {
        creditId: 'K1',
        chargeId: 'C1',
        amountFen: 2001,
        creditedAt: '2024-01-15T10:00:00+08:00',
      },
    }),
  );
  const error = new DomainError('PERSON_UNKNOWN', 'not-found');
  await gateway.quarantine.keep({ door: 'http', institutionId: 'HZ002', raw, error });
  const [entry] = await gateway.quarantine.list('open');
  await gateway.httpDoor.replay(entry!, raw, undefined);
  const [event] = await gateway.published();
  expect(event).toMatchObject({
    type: 'ChargeReturned',
    value: { returnId: 'K1', chargeId: 'C1', returnedAt: '2024-01-15T10:00:00+08:00' },
  });
});

test('a personId that no person has opens no visit, with a holder or without', async () => {
  const gateway = gatewayOn();
  const { credential: _, ...rest } = start;
  const personId = personIdOf(5);
  gateway.partners.unknown.add(personId);
  await gateway.presented.note('HZ002', personId, 'typed');
  for (const [index, holder] of [{}, { holder: { name: 'Li Si' } }].entries())
    await expect(
      gateway.httpDoor.submit(
        'HZ002',
        request('start', { ...rest, ...holder, personId }, `key-0000000${index}`),
      ),
    ).rejects.toMatchObject({ code: 'PERSON_UNKNOWN' });
  expect(await gateway.published()).toEqual([]);
});

test('a personId opens a visit for a day where this hospital resolved a credential, and nowhere else', async () => {
  const gateway = gatewayOn();
  const { credential: _, ...rest } = start;
  const personId = personIdOf(5);
  const opens = (institutionId: string, number: number) =>
    gateway.httpDoor.submit(
      institutionId,
      request('start', { ...rest, visitNumber: `W${number}`, personId }, `key-0000000${number}`),
    );
  const bare = { code: 'CREDENTIAL_MISSING', details: { field: '/personId' } };
  await expect(opens('HZ002', 1)).rejects.toMatchObject(bare);
  await gateway.presented.note('HZ002', personId, 'typed');
  await opens('HZ002', 2);
  await expect(opens('HZ001', 3)).rejects.toMatchObject(bare);
  gateway.clock.advance(24 * 60 * 60 * 1000);
  await expect(opens('HZ002', 4)).rejects.toMatchObject(bare);
  expect(await gateway.published()).toMatchObject([{ value: { visitId: 'HZ002-W2', personId } }]);
});

test('the return of a dispensed drug needs the pharmacy’s, and is refused at once without it', async () => {
  const gateway = gatewayOn();
  const drug = { ...item('C1'), dispensed: true };
  await gateway.httpDoor.submit('HZ002', request('charges', { charges: [drug] }));
  const taken = {
    ...{ returnId: 'K1', chargeId: 'C1', amountFen: 1 },
    returnedAt: '2024-01-15T10:00:00+08:00',
  };
  const sent = (body: object, key: string) =>
    gateway.httpDoor.submit('HZ002', { ...request('returns', body), key });
  await expect(sent(taken, 'key-00000002')).rejects.toMatchObject({
    code: 'DRUG_DISPENSED',
    kind: 'conflict',
  });
  await sent({ ...taken, returnedToPharmacy: true }, 'key-00000003');
  expect((await gateway.published())[1]).toMatchObject({ value: { returnedToPharmacy: true } });
});

describe('the same key', () => {
  test('with the same body gets the first answer, and nothing is done twice', async () => {
    const gateway = gatewayOn();
    const first = await gateway.httpDoor.submit(
      'HZ002',
      request('charges', { charges: [item('C1')] }),
    );
    const again = await gateway.httpDoor.submit(
      'HZ002',
      request('charges', { charges: [{ ...item('C1') }] }),
    );
    expect({ ...again, repeated: false }).toEqual(first);
    expect(await gateway.published()).toHaveLength(1);
  });

  test.each([
    ['another body', { charges: [item('C1', { quantity: '4', amountFen: 4002 })] }],
    ['a body that is wrong', { charges: [item('C1', { quantity: '4' })] }],
  ])('with %s is a conflict, and nothing is changed', async (_, body) => {
    const gateway = gatewayOn();
    await gateway.httpDoor.submit('HZ002', request('charges', { charges: [item('C1')] }));
    await expect(gateway.httpDoor.submit('HZ002', request('charges', body))).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
      kind: 'conflict',
    });
    expect(await gateway.published()).toHaveLength(1);
  });

  test('of another institution is another key', async () => {
    const gateway = gatewayOn();
    await gateway.httpDoor.submit('HZ002', request('charges', { charges: [item('C1')] }));
    await gateway.httpDoor.submit('HZ003', request('charges', { charges: [item('C9')] }));
    expect(await gateway.published()).toHaveLength(2);
  });
});

describe('what is refused is told by field, and kept', () => {
  test.each<[string, HospitalRequest, string, string]>([
    [
      'no key',
      { ...request('end', { endedAt: '2024-01-15T11:00:00+08:00' }), key: undefined },
      'IDEMPOTENCY_KEY_MISSING',
      'Idempotency-Key',
    ],
    ['a body that is no object', request('charges', 'charges'), 'REQUEST_INVALID', '/'],
    [
      'an unknown field',
      request('end', { endedAt: '2024-01-15T11:00:00+08:00', by: 'me' }),
      'REQUEST_INVALID',
      '/by',
    ],
    ['no charge', request('charges', { charges: [] }), 'REQUEST_INVALID', '/charges'],
    [
      '501 charges',
      request('charges', { charges: Array.from({ length: 501 }, (_, index) => item(`C${index}`)) }),
      'REQUEST_INVALID',
      '/charges',
    ],
    [
      'a negative amount',
      request('charges', { charges: [item('C1', { amountFen: -5 })] }),
      'REQUEST_INVALID',
      '/charges/0/amountFen',
    ],
    [
      'an amount that does not add up',
      request('charges', { charges: [item('C1'), item('C2', { amountFen: 2000 })] }),
      'AMOUNT_MISMATCH',
      '/charges/1/amountFen',
    ],
    [
      'a quantity of zero',
      request('charges', {
        charges: [item('C1'), item('C2', { quantity: '0.0000', amountFen: 0 })],
      }),
      'FIELD_INVALID',
      '/charges/1/quantity',
    ],
    [
      'an amount beyond any',
      request('charges', {
        charges: [item('C1', { quantity: '999999999', unitPriceYuan: '999999999' })],
      }),
      'AMOUNT_MISMATCH',
      '/charges/0/amountFen',
    ],
    [
      'the same charge twice',
      request('charges', { charges: [item('C1'), item('C1')] }),
      'TRANSACTION_ID_REPEATED',
      '/charges/1/chargeId',
    ],
    [
      'the 31st of February',
      request('end', { endedAt: '2024-02-31T11:00:00+08:00' }),
      'REQUEST_INVALID',
      '/endedAt',
    ],
    [
      'a visit number with a blank',
      request('end', { endedAt: '2024-01-15T11:00:00+08:00' }, 'key-00000001', 'W 1'),
      'REQUEST_INVALID',
      '/',
    ],
    [
      'nobody',
      request('start', { ...start, credential: undefined }),
      'CREDENTIAL_MISSING',
      '/credential',
    ],
    [
      'a department that is an ID number',
      request('start', { ...start, department: `郑丽 ${SPECIMEN}` }),
      'REQUEST_INVALID',
      '/department',
    ],
    [
      'a charge whose department is one',
      request('charges', { charges: [item('C1', { department: '110105 19491231 002x' })] }),
      'REQUEST_INVALID',
      '/charges/0/department',
    ],
    [
      'somebody twice',
      request('start', { ...start, personId: personIdOf(5) }),
      'FIELD_REPEATED',
      '/personId',
    ],
  ])('%s', async (_, wrong, code, field) => {
    const gateway = gatewayOn();
    await expect(
      gateway.httpDoor.submit('HZ002', JSON.parse(JSON.stringify(wrong)) as HospitalRequest),
    ).rejects.toMatchObject({ code });
    const [entry] = await gateway.quarantine.list('open');
    expect(entry).toMatchObject({ reason: code, institutionId: 'HZ002', door: 'http' });
    expect(entry!.faults.map((fault) => fault.field)).toContain(field);
    expect(await gateway.published()).toEqual([]);
  });

  test('and can be mended and replayed', async () => {
    const gateway = gatewayOn();
    await expect(
      gateway.httpDoor.submit(
        'HZ002',
        request('charges', { charges: [item('C1', { amountFen: 1 })] }),
      ),
    ).rejects.toMatchObject({ code: 'AMOUNT_MISMATCH' });
    const { entry, raw } = await gateway.quarantine.show(
      (await gateway.quarantine.list('open'))[0]!.id,
    );
    expect(() => gateway.httpDoor.replay(entry, raw, '{')).toThrow('NOT_JSON');
    expect(
      await gateway.httpDoor.replay(entry, raw, JSON.stringify({ charges: [item('C1')] })),
    ).toMatchObject({ visitId: 'HZ002-W1' });
    expect(await gateway.quarantine.list('replayed')).toHaveLength(1);
  });

  test('except while identity is away: then the sender keeps it', async () => {
    const gateway = gatewayOn();
    gateway.partners.away = true;
    await expect(
      gateway.httpDoor.submit(
        'HZ002',
        request('start', { ...start, credential: { type: 'id-number', value: CHILD } }),
      ),
    ).rejects.toMatchObject({ code: 'IDENTITY_UNAVAILABLE', kind: 'unavailable' });
    expect(await gateway.quarantine.list('open')).toEqual([]);
  });
});
