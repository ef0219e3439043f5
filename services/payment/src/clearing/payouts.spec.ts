import { PERSON, till, VISIT } from '../../test/till';
import type { BankLine } from './payouts';

const DAY = '2026-03-02';
const line = (changes: Partial<BankLine> = {}): BankLine => ({
  ...{ party: 'institution', partyId: 'H1', amountFen: 100_000, bankReference: 'b-1' },
  ...{ valueDate: '2026-03-03', declaredBy: 'op-17', approvedBy: 'op-21', evidence: 'line 1' },
  ...changes,
});

/** A visit of 1,000.00, of which 300.00 was captured; its day is cleared. */
const cleared = async () => {
  const world = till();
  await world.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
  await world.adjudicate();
  await world.workThrough(2);
  world.clock.set('2026-03-03T09:00:00+08:00');
  await world.clearings.clear(DAY);
  const accountsOf = async () => (await world.payments.summary()).trialBalance.accounts;
  return { ...world, accountsOf };
};

test('a cleared party is in pay-out, and at zero only by the bank’s line', async () => {
  const { payouts, accountsOf } = await cleared();
  expect(await accountsOf()).toMatchObject({
    'payable/institution/H1': 0,
    'in-payout/institution/H1': -100_000,
  });
  expect(await payouts.of(DAY)).toMatchObject({ payout: 'open', lines: [] });
  await payouts.book(DAY, line());
  expect(await accountsOf()).toMatchObject({
    'in-payout/institution/H1': 0,
    'in-payout/insurer/employee': 70_000,
    'bank/settlement': -100_000,
  });
});

test('a part leaves the rest in pay-out; the clearing is done once every party has its lines', async () => {
  const { payouts, accountsOf } = await cleared();
  const part = await payouts.book(DAY, line({ amountFen: 60_000 }));
  expect(part.parties).toContainEqual({
    ...{ party: 'institution', partyId: 'H1', amountFen: 100_000 },
    ...{ paidFen: 60_000, openFen: 40_000 },
  });
  await payouts.book(DAY, line({ amountFen: 40_000, bankReference: 'b-2' }));
  const insurer = { party: 'insurer', partyId: 'employee', amountFen: -70_000 } as const;
  await payouts.book(DAY, line({ ...insurer, bankReference: 'b-3' }));
  const channel = { party: 'channel', partyId: 'unionpay', amountFen: -30_000 } as const;
  const done = await payouts.book(DAY, line({ ...channel, bankReference: 'b-4' }));
  expect(done.payout).toBe('done');
  expect((await payouts.of(DAY)).payout).toBe('done');
  const { 'bank/settlement': bankFen, ...rest } = await accountsOf();
  expect(bankFen).toBe(0);
  expect(Object.values(rest).every((fen) => fen === 0)).toBe(true);
});

test('the same line again changes nothing; its reference for another amount is refused', async () => {
  const { payouts, accountsOf } = await cleared();
  const first = await payouts.book(DAY, line({ amountFen: 60_000 }));
  expect(await payouts.book(DAY, line({ amountFen: 60_000 }))).toEqual(first);
  expect(await accountsOf()).toMatchObject({ 'bank/settlement': -60_000 });
  await expect(payouts.book(DAY, line({ amountFen: 1 }))).rejects.toThrow('PAYOUT_CONFLICT');
});

test.each([
  ['more than is open', line({ amountFen: 100_001 }), 'PAYOUT_EXCEEDS'],
  ['the other sign', line({ amountFen: -1 }), 'PAYOUT_EXCEEDS'],
  ['nothing', line({ amountFen: 0 }), 'PAYOUT_EXCEEDS'],
  ['a party that was not cleared', line({ partyId: 'H9' }), 'PAYOUT_EXCEEDS'],
  ['a day to come', line({ valueDate: '2026-03-04' }), 'DAY_NOT_BEGUN'],
] as const)('a line of %s is refused and posts nothing', async (_what, given, code) => {
  const { payouts, accountsOf } = await cleared();
  const before = await accountsOf();
  await expect(payouts.book(DAY, given)).rejects.toThrow(code);
  expect(await accountsOf()).toEqual(before);
});

test('a line takes two people, and a day that was cleared', async () => {
  const { payouts } = await cleared();
  await expect(payouts.book(DAY, line({ approvedBy: 'op-17' }))).rejects.toThrow(
    'two people decided it',
  );
  await expect(payouts.book('2026-03-01', line())).rejects.toThrow('CLEARING_UNKNOWN');
});

test('a party sees its own amounts of a day, and no other’s', async () => {
  const { clearings, payouts, payments } = await cleared();
  await payouts.book(DAY, line({ amountFen: 60_000 }));
  const hospital = [{ institution: 'H1' }];
  expect(await clearings.get(DAY, hospital)).toMatchObject({
    ...{ visits: 1, balanceFen: 100_000 },
    parties: [{ party: 'institution', partyId: 'H1', amountFen: 100_000 }],
  });
  expect(await payouts.of(DAY, hospital)).toMatchObject({
    parties: [{ partyId: 'H1', openFen: 40_000 }],
    lines: [{ partyId: 'H1', amountFen: 60_000 }],
  });
  const insurer = [{ payer: 'employee' }];
  expect((await payouts.of(DAY, insurer)).lines).toEqual([]);
  expect((await clearings.get(DAY, insurer)).parties).toEqual([
    { party: 'insurer', partyId: 'employee', amountFen: -70_000 },
  ]);
  for (const other of [{ institution: 'H2' }, { payer: 'H1' }, { person: PERSON }])
    expect(await clearings.get(DAY, [other])).toMatchObject({
      ...{ visits: 0, parties: [] },
    });
  const { visitId } = await payments.of(VISIT, [{ institution: 'H1' }]);
  expect(await payments.of(visitId, [{ person: PERSON }])).toMatchObject({ visitId });
  for (const other of [{ institution: 'H2' }, { person: 'p-other' }])
    await expect(payments.of(visitId, [other])).rejects.toMatchObject({ code: 'VISIT_UNKNOWN' });
});
