import type { Channel, RefundOutcome } from '../channel/channel';
import { FUNDER } from '../clearing/netting';
import { PERSON, till, VISIT } from '../../test/till';

const TWO = { declaredBy: 'Li Na', approvedBy: 'Wang Wei', evidence: 'receipt 88' };

/** A visit of which 30,000 fen are owed back: the channel refuses, unless the money goes elsewhere. */
const world = async (
  refusal: RefundOutcome | undefined = { status: 'refused', reason: 'ACCOUNT_CLOSED' },
) => {
  const bank: { refusal: RefundOutcome | undefined } = { refusal };
  const made = till({
    channel: (real): Channel => ({
      pay: (order) => real.pay(order),
      findPayment: (order) => real.findPayment(order),
      refund: async (order) =>
        order.accountToken === undefined
          ? (bank.refusal ?? real.refund(order))
          : real.refund(order),
      findRefund: async (order) => bank.refusal ?? real.findRefund(order),
      statement: (date) => real.statement(date),
    }),
  });
  await made.accounts.bind(PERSON, { channel: 'unionpay', token: 'acct-1:ok' });
  await made.adjudicate();
  await made.workThrough(2);
  await made.adjudicate({ revision: 2, patientDueFen: 0 });
  await made.workThrough(2);
  const [open] = await made.openCases();
  return { ...made, bank, caseId: open?.caseId ?? 'none' };
};

describe('money owed back', () => {
  test.each(['cash', 'transfer'] as const)(
    'is paid back by %s with evidence, once',
    async (way) => {
      const { cases, caseId, payments, said, openCases, clock, clearings, reconciliations } =
        await world();
      expect(await cases.resolve(caseId, { ...TWO, resolution: way })).toMatchObject({
        status: 'closed',
        resolution: way,
        ...TWO,
      });
      expect(await payments.of(VISIT)).toMatchObject({
        status: 'paid',
        owedFen: 0,
        refundedFen: 30_000,
        refundOwedFen: 0,
        refunds: [{ way, status: 'completed' }],
      });
      expect((await said()).at(-1)).toMatchObject({
        type: 'RefundCompleted',
        channel: way,
        way,
        channelReference: 'receipt 88',
      });
      await expect(cases.resolve(caseId, { ...TWO, resolution: way })).rejects.toMatchObject({
        code: 'CASE_CLOSED',
      });
      expect(await openCases()).toEqual([]);
      // Who paid it back gets it from the channel, which still holds it.
      clock.set('2026-03-03T09:00:00Z');
      const { parties } = await clearings.clear('2026-03-02');
      expect(parties).toMatchObject(
        [
          { party: 'channel', partyId: 'unionpay', amountFen: -30_000 },
          way === 'transfer' && { party: 'funder', partyId: FUNDER, amountFen: 30_000 },
          { party: 'institution', partyId: 'H1', amountFen: way === 'cash' ? 130_000 : 100_000 },
          { party: 'insurer', partyId: 'employee', amountFen: -100_000 },
        ].filter(Boolean),
      );
      const { trialBalance } = await payments.summary();
      const cleared = Object.entries(trialBalance.accounts).filter(
        ([account]) => !account.startsWith('in-payout/'),
      );
      expect(cleared.every(([, balanceFen]) => balanceFen === 0)).toBe(true);
      expect(await reconciliations.of('2026-03-02')).toMatchObject({ agrees: true, matched: 1 });
    },
  );

  test.each([
    ['the one named', { channel: 'alipay', token: 'acct-9:ok' }, 'alipay'],
    ['the bound one', undefined, 'wechat'],
  ])('goes to another account: %s', async (_which, account, channel) => {
    const { cases, caseId, accounts, workThrough, payments, said } = await world();
    await accounts.bind(PERSON, { channel: 'wechat', token: 'acct-2:ok', approvedBy: 'op-2' });
    await cases.resolve(caseId, { ...TWO, resolution: 'other-account', account });
    await workThrough(2);
    expect((await payments.of(VISIT)).refunds).toMatchObject([
      { way: 'channel', status: 'void' },
      { way: 'account', status: 'completed' },
    ]);
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', owedFen: 0 });
    expect((await said()).at(-1)).toMatchObject({
      type: 'RefundCompleted',
      channel,
      way: 'account',
    });
  });

  test('is sent once more, and refused again has a case of its own', async () => {
    const { cases, caseId, workThrough, payments, openCases, bank } = await world();
    expect(await cases.retry(caseId, 'Li Na')).toMatchObject({ resolution: 'retry' });
    await workThrough(2);
    const [again] = await openCases();
    expect(again?.caseId).not.toBe(caseId);
    bank.refusal = undefined;
    await cases.retry(again!.caseId, 'Li Na');
    await workThrough(2);
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', refundedFen: 30_000 });
    expect(await openCases()).toEqual([]);
  });

  test('is not ended by one person, nor by noting it', async () => {
    const { cases, caseId } = await world();
    expect(() =>
      cases.resolve(caseId, { ...TWO, approvedBy: TWO.declaredBy, resolution: 'cash' }),
    ).toThrow('two people decided it');
    await expect(cases.resolve(caseId, { ...TWO, resolution: 'noted' })).rejects.toMatchObject({
      code: 'RESOLUTION_UNFIT',
    });
    await expect(cases.show('none')).rejects.toMatchObject({ code: 'CASE_UNKNOWN' });
  });

  test('has an owner, and is listed until it is closed', async () => {
    const { cases, caseId } = await world();
    expect((await cases.list({ status: 'open' })).cases).toMatchObject([
      { caseId, owner: 'payment-desk' },
    ]);
    expect(await cases.own(caseId, 'Zhao')).toMatchObject({ owner: 'Zhao' });
    await cases.resolve(caseId, { ...TWO, resolution: 'cash' });
    expect((await cases.list({ status: 'open' })).cases).toEqual([]);
    expect((await cases.list({ status: 'closed', visitId: VISIT })).cases).toMatchObject([
      { caseId, owner: 'Zhao' },
    ]);
  });
});

describe('a refund whose outcome stays unknown', () => {
  const unknown = async () => {
    const made = await world({ status: 'no-answer', silence: 'timeout' });
    await made.workThrough();
    return { ...made, caseId: (await made.openCases())[0]!.caseId };
  };

  test('is not paid back by hand before its outcome is declared', async () => {
    const { cases, caseId, openCases, payments } = await unknown();
    await expect(cases.resolve(caseId, { ...TWO, resolution: 'cash' })).rejects.toMatchObject({
      code: 'RESOLUTION_UNFIT',
    });
    await cases.resolve(caseId, { ...TWO, resolution: 'not-made' });
    const [refused] = await openCases();
    expect(refused).toMatchObject({ reason: 'DECLARED_NOT_MADE' });
    await cases.resolve(refused!.caseId, { ...TWO, resolution: 'cash' });
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', owedFen: 0 });
  });

  test('declared made is booked, on the channel’s own day', async () => {
    const { cases, caseId, payments, openCases } = await unknown();
    await cases.resolve(caseId, {
      ...TWO,
      resolution: 'made',
      paidAt: '2026-03-02T09:30:00+08:00',
    });
    expect(await payments.of(VISIT)).toMatchObject({
      status: 'paid',
      refunds: [{ way: 'channel', status: 'completed' }],
    });
    expect(await openCases()).toEqual([]);
  });
});
