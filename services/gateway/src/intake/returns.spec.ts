import { eventTable } from './intake.table';
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

describe('a dispensed drug', () => {
  const dispensed = message('C1', charge('T1', { 29: 'YPID-1' })) + '\rORC|SC||||CM';
  const isDispensed = { code: 'AE', errors: ['DRUG_DISPENSED'] };

  test.each(['', '\rORC|CA', '\rORC|SC||||CM'])(
    'whose return does not state that the pharmacy has it is refused at once (%j)',
    async (orc) => {
      const gateway = gatewayOn();
      await sent(gateway, dispensed);
      const half: Readonly<Record<number, string>> = { 10: '-0.5', 11: '-10.00&CNY' };
      for (const part of [undefined, half])
        expect(await sent(gateway, message('R1', takeBack('R1', 'T1', part)) + orc)).toMatchObject(
          isDispensed,
        );
      expect(await gateway.published()).toHaveLength(1);
    },
  );

  test.each(['OC', 'CR', 'OD', 'DR'])(
    'comes back once the pharmacy has it (%s)',
    async (control) => {
      const gateway = gatewayOn();
      await sent(gateway, dispensed);
      const back = `${message('R1', takeBack('R1', 'T1'))}\rORC|${control}`;
      expect(await sent(gateway, back)).toMatchObject({ code: 'AA' });
      expect((await gateway.published()).map(({ value }) => value)).toMatchObject([
        { charge: { dispensed: true } },
        { returnedToPharmacy: true },
      ]);
    },
  );

  test('is what has both a drug code and a completed order of its own', async () => {
    const gateway = gatewayOn();
    const [drug, other] = [charge('T1', { 29: 'YPID-1' }), charge('T2')];
    const mixed = message('C1', drug, other);
    await sent(gateway, `${mixed}\rORC|SC||||CM`);
    await sent(gateway, message('C2', charge('T3', { 29: 'YPID-1' })) + '\rORC|SC||||IP');
    const before = message('C3', charge('T4', { 29: 'YPID-1' })).replace(
      '\rFT1',
      '\rORC|SC||||CM\rFT1',
    );
    await sent(gateway, before);
    for (const id of ['T1', 'T2', 'T3', 'T4'])
      expect(await sent(gateway, message(`R-${id}`, takeBack(`R-${id}`, id)))).toMatchObject({
        code: 'AA',
      });
  });

  test('of which one posting does not say so, and one that came by another way, are the ledger’s', async () => {
    const gateway = gatewayOn();
    await sent(gateway, message('C0', charge('T1')));
    await sent(gateway, dispensed);
    for (const id of ['T1', 'T2'])
      expect(await sent(gateway, message(`R-${id}`, takeBack(`R-${id}`, id)))).toMatchObject({
        code: 'AA',
      });
  });
});

describe('a return that does not fit its charge is refused at once', () => {
  test.each<[string, Readonly<Record<number, string>>, string]>([
    ['of another item', { 7: 'OTHER' }, 'RETURN_ITEM_DIFFERS'],
    ['of long before it', { 4: '20240114093000' }, 'RETURN_BEFORE_CHARGE'],
    ['of nothing', { 10: '', 11: '0.00&CNY', 12: '' }, 'RETURN_AMOUNT_DIFFERS'],
  ])('%s', async (_what, changes, code) => {
    const gateway = gatewayOn();
    await sent(gateway, message('C1', charge('T1')));
    const answer = await sent(gateway, message('R1', takeBack('R1', 'T1', changes)));
    expect(answer).toMatchObject({ code: 'AE', errors: [code] });
    const unknown = await sent(gateway, message('R2', takeBack('R2', 'T9', changes)));
    expect(unknown).toMatchObject({ code: 'AA' });
  });
});

test('a return of more than is left says what is left', async () => {
  const gateway = gatewayOn();
  const answer = async (text: string): Promise<string> =>
    String(await gateway.hl7Door.answer(Buffer.from(text, 'utf8')));
  await sent(gateway, message('C1', charge('T1')));
  expect(await answer(message('R0', takeBack('R0', 'T1', twice)))).toContain(
    'more than is left of its charge: at most quantity 1, 2000 fen|',
  );
  const part = takeBack('R1', 'T1', { 10: '-0.6', 11: '-12.00&CNY' });
  const both = message('C2', charge('T2'), part, takeBack('R2', 'T1', dear));
  expect(await answer(both)).toContain(': at most quantity 0.4, 800 fen|');
  const unpriced = takeBack('R1', 'T1', { 10: '-0.6', 11: '', 12: '' });
  const third = message('C3', charge('T2'), unpriced, takeBack('R2', 'T1'));
  expect(await answer(third)).toContain(': at most quantity 0.4|');
});

describe('returns that together take more than their charge', () => {
  const half: Readonly<Record<number, string>> = { 10: '-0.6', 11: '-12.00&CNY' };
  const applied = (gateway: ReturnType<typeof gatewayOn>, fate: 'applied' | 'rejected') =>
    gateway.store.transact(async (transaction) => {
      const rows = await transaction
        .rows(eventTable)
        .find({ type: 'ChargeReturned' }, { countMax: 10 });
      await transaction.rows(eventTable).save(...rows.map((row) => ({ ...row, fate })));
    });
  test('are refused in one message', async () => {
    const gateway = gatewayOn();
    const both = [takeBack('R1', 'T1', half), takeBack('R2', 'T1', half)];
    expect(await sent(gateway, message('C1', charge('T1'), ...both))).toMatchObject(refused);
  });
  test('are refused once the first was applied, and not where it is that one again', async () => {
    const gateway = gatewayOn();
    await sent(gateway, message('C1', charge('T1')));
    await sent(gateway, message('R1', takeBack('R1', 'T1', half)));
    await applied(gateway, 'applied');
    const [other, same] = [takeBack('R2', 'T1', half), takeBack('R1', 'T1', half)];
    expect(await sent(gateway, message('R2', other))).toMatchObject(refused);
    expect(await sent(gateway, message('R3', same))).toMatchObject({ code: 'AA' });
  });
  test('are left to the ledger where the first was not applied', async () => {
    for (const fate of ['rejected', undefined] as const) {
      const gateway = gatewayOn();
      await sent(gateway, message('C1', charge('T1')));
      await sent(gateway, message('R1', takeBack('R1', 'T1', half)));
      if (fate) await applied(gateway, fate);
      const other = message('R2', takeBack('R2', 'T1', half));
      expect(await sent(gateway, other)).toMatchObject({ code: 'AA' });
    }
  });
});

describe('the id of a return that was applied', () => {
  const inUse = { code: 'AE', errors: ['RETURN_CONFLICT'] };
  const half: Readonly<Record<number, string>> = { 10: '-0.5', 11: '-10.00&CNY' };
  const byAmount: Readonly<Record<number, string>> = { 10: '', 11: '-10.00&CNY', 12: '' };

  /** Half of a charge came back under R1, and the ledger has published what became of it. */
  const returned = async (part = half, fate: 'applied' | 'rejected' | 'accepted' = 'applied') => {
    const gateway = gatewayOn();
    await sent(gateway, message('C1', charge('T1'), charge('T2')));
    await sent(gateway, message('M1', takeBack('R1', 'T1', part)));
    await gateway.store.transact(async (transaction) => {
      const rows = transaction.rows(eventTable);
      const back = await rows.find({ type: 'ChargeReturned' }, { countMax: 10 });
      await rows.save(...back.map((row) => ({ ...row, fate })));
    });
    return gateway;
  };

  test.each<[string, Readonly<Record<number, string>>, ReturnType<typeof takeBack>]>([
    ['charge', half, takeBack('R1', 'T2', half)],
    ['charge that came by another way', half, takeBack('R1', 'T9', half)],
    ['quantity', half, takeBack('R1', 'T1', { 10: '-0.25', 11: '-5.00&CNY' })],
    ['amount', byAmount, takeBack('R1', 'T1', { ...byAmount, 11: '-7.00&CNY' })],
  ])('does not stand for one of another %s', async (_what, first, other) => {
    const gateway = await returned(first);
    expect(await sent(gateway, message('M2', other))).toMatchObject(inUse);
    const [kept] = await gateway.quarantine.list('open');
    expect(kept).toMatchObject({ reason: 'RETURN_CONFLICT' });
    expect(await gateway.published()).toHaveLength(3);
  });

  test('is refused over HTTP by its name there', async () => {
    const gateway = await returned();
    const body = { returnId: 'R1', chargeId: 'T2', returnedAt: '2024-01-15T10:00:00+08:00' };
    const request = { action: 'returns', visitNumber: 'V0001', key: 'key-0001' } as const;
    await expect(
      gateway.httpDoor.submit('HZ001', { ...request, body: { ...body, amountFen: 500 } }),
    ).rejects.toMatchObject({
      kind: 'conflict',
      code: 'RETURN_CONFLICT',
      details: { field: '/returnId', remedy: 'send this return under an id of its own' },
    });
  });

  test('stands for the same return, however its quantity is written', async () => {
    const gateway = await returned();
    for (const [index, quantity] of ['-0.5', '-0.50', '-0.5000'].entries()) {
      const same = takeBack('R1', 'T1', { 10: quantity, 11: '-10.00&CNY' });
      expect(await sent(gateway, message(`S${index}`, same))).toMatchObject({ code: 'AA' });
    }
    const priced = takeBack('R1', 'T1', { 10: '-0.5', 11: '', 12: '' });
    expect(await sent(gateway, message('S9', priced))).toMatchObject({ code: 'AA' });
  });

  test('is free where the return was rejected, and the ledger’s to judge while it is not decided', async () => {
    for (const fate of ['rejected', 'accepted'] as const) {
      const gateway = await returned(half, fate);
      const other = message('M2', takeBack('R1', 'T2', half));
      expect(await sent(gateway, other)).toMatchObject({ code: 'AA' });
    }
  });

  test('stands for what the ledger takes for the same: its price, and what was left of the charge', async () => {
    const gateway = await returned({ 10: '-0.3333', 11: '-6.67&CNY' });
    const again = (amountFen: number, index: number) =>
      gateway.httpDoor.submit('HZ001', {
        ...{ action: 'returns', visitNumber: 'V0001', key: `key-000${index}` },
        body: {
          ...{ returnId: 'R1', chargeId: 'T1', quantity: '0.3333', amountFen },
          returnedAt: '2024-01-15T10:00:00+08:00',
        },
      });
    expect(await again(666, 1)).toMatchObject({ repeated: false });
    await expect(again(600, 2)).rejects.toMatchObject({ code: 'RETURN_CONFLICT' });
    // After a return by amount alone the last of a charge costs less than its price.
    await sent(gateway, message('M3', takeBack('R2', 'T1', byAmount)));
    expect(await again(600, 3)).toMatchObject({ repeated: false });
  });
});

test('a return that is sent again has the same content, whether or not its item was kept', async () => {
  const gateway = gatewayOn();
  await sent(gateway, message('C1', charge('T1')));
  await sent(gateway, message('R1', takeBack('R1', 'T1')));
  const again = await sent(gateway, message('R1', takeBack('R1', 'T1', { 7: 'OTHER' })));
  expect(again).toMatchObject({ code: 'AA', text: expect.stringContaining('accepted before') });
});
