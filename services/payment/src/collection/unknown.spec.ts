import type { Channel, PaymentOutcome } from '../channel/channel';
import { PERSON, till, VISIT } from '../../test/till';

const TIMEOUT = { status: 'no-answer', silence: 'timeout' } as const;
const UNAUTHORIZED = { status: 'no-answer', silence: 'unauthorized' } as const;
const TWO = { declaredBy: 'Li Na', approvedBy: 'Wang Wei', evidence: 'letter 2026-117' };

/** A till whose bank can be put away; what it is asked is counted. */
const world = async (visits = 1) => {
  const bank = {
    ...{ isAway: true, asked: 0, lie: undefined as PaymentOutcome | undefined },
    /** The order that gets no answer; the first one asked for where it is `first`. */
    stuck: undefined as string | undefined,
  };
  const made = till({
    channel: (real): Channel => {
      const answer = async (
        orderId: string,
        work: () => Promise<PaymentOutcome>,
      ): Promise<PaymentOutcome> => {
        bank.asked += 1;
        if (bank.stuck === 'first') bank.stuck = orderId;
        if (orderId === bank.stuck) return TIMEOUT;
        return bank.isAway ? UNAUTHORIZED : (bank.lie ?? work());
      };
      return {
        pay: (order) => answer(order.orderId, () => real.pay(order)),
        findPayment: (order) => answer(order.orderId, () => real.findPayment(order)),
        refund: (order) => real.refund(order),
        findRefund: (order) => real.findRefund(order),
        statement: (date) => real.statement(date),
      };
    },
  });
  await made.accounts.bind(PERSON, { channel: 'unionpay', token: 'acct-1:ok' });
  for (let number = 1; number <= visits; number += 1)
    await made.adjudicate({ visitId: number === 1 ? VISIT : `H1-${number}` });
  const orderId = async (): Promise<string> => (await made.payments.of(VISIT)).orders[0]!.orderId;
  return { ...made, bank, orderId };
};

test('ten minutes of 401 open the circuit: no orders are sent, none is declined, and all is logged', async () => {
  const { workThrough, payments, said, bank, watch, logged, collector } = await world(40);
  await collector.runOnce();
  await workThrough();
  const { byStatus } = await payments.summary();
  expect(byStatus['declined']).toBeUndefined();
  // Those of the first round, and a probe at a time.
  expect(bank.asked).toBeLessThan(40 + 14);
  expect(byStatus['due']).toBeGreaterThan(20);
  expect((await said()).map(({ type }) => type)).not.toContain('PaymentDeclined');
  expect(watch.degradations()).toMatchObject([
    { what: 'channel unionpay', why: expect.stringContaining('401') },
  ]);
  expect(logged.filter((line) => line.startsWith('circuit opened'))).toHaveLength(1);
  expect(logged.filter((line) => line.startsWith('channel request failed')).length).toBeLessThan(
    14,
  );

  bank.isAway = false;
  await workThrough();
  expect((await payments.summary()).byStatus).toEqual({ paid: 40 });
  expect(watch.degradations()).toEqual([]);
  expect(logged.at(-1)).toBe('circuit closed');
});

test('one order that gets no answer, asked for again and again, stops no other collection', async () => {
  const { workThrough, payments, adjudicate, collector, bank, logged } = await world();
  bank.isAway = false;
  bank.stuck = 'first';
  await workThrough(20);
  expect(await payments.of(VISIT)).toMatchObject({ status: 'unresolved' });
  await adjudicate({ visitId: 'H1-2' });
  await collector.runOnce();
  expect(await payments.of('H1-2')).toMatchObject({ status: 'paid' });
  expect(logged.filter((line) => line.startsWith('circuit'))).toEqual([]);
});

test('an attempt that waits for the circuit is not used up', async () => {
  const { workThrough, payments, accounts, adjudicate, bank } = await world(8);
  await workThrough(2);
  const another = { channel: 'unionpay', token: 'acct-2:declined', approvedBy: 'op-2' };
  await accounts.bind(PERSON, another);
  await adjudicate({ visitId: 'H1-late' });
  await workThrough(4);
  expect(await payments.of('H1-late')).toMatchObject({ status: 'due', orders: [] });
  bank.isAway = false;
  await workThrough(4);
  expect((await payments.of('H1-late')).orders.map(({ attempt }) => attempt)).toEqual([1, 2]);
});

test('an outcome that stays unknown is a case, once, and is asked for as long as it lasts', async () => {
  const { workThrough, payments, said, openCases, bank } = await world();
  await workThrough(480);
  expect(await payments.of(VISIT)).toMatchObject({ status: 'unresolved', paidFen: 0 });
  expect(await openCases()).toMatchObject([{ kind: 'order', reason: 'OUTCOME_UNKNOWN' }]);
  expect((await said()).map(({ type }) => type)).toEqual(['PaymentOutcomeUnknown']);
  bank.isAway = false;
  await workThrough(10);
  expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', paidFen: 30_000 });
  expect(await openCases()).toEqual([]);
});

describe('an order in doubt', () => {
  const inDoubt = async () => {
    const made = await world();
    await made.workThrough(20);
    return { ...made, id: await made.orderId() };
  };

  test('declared failed by two people is payable otherwise, and its late capture goes back', async () => {
    const { declarations, collections, workThrough, payments, said, bank, id, memoryChannel } =
      await inDoubt();
    await memoryChannel.pay({
      orderId: id,
      accountToken: 'acct-1:ok',
      amountFen: 30_000,
      channel: 'unionpay',
    });
    await declarations.declare(id, { ...TWO, outcome: 'failed' });
    expect(await payments.of(VISIT)).toMatchObject({
      status: 'due',
      orders: [{ status: 'failed', reason: 'DECLARED_FAILED' }],
    });
    bank.isAway = false;
    await collections.payNow(VISIT, { channel: 'alipay', token: 'acct-2:ok' });
    await workThrough(4);
    expect((await said()).slice(1)).toMatchObject([
      { type: 'PaymentDeclined', final: false, reason: 'DECLARED_FAILED' },
      { type: 'PaymentCaptured', channel: 'alipay', amountFen: 30_000 },
      { type: 'PaymentCaptured', channel: 'unionpay', amountFen: 30_000, late: true },
      { type: 'RefundCompleted', amountFen: 30_000 },
    ]);
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', owedFen: 0 });
    expect((await payments.summary()).trialBalance.differenceFen).toBe(0);
  });

  test('declared failed whose late capture comes first pays the visit', async () => {
    const { declarations, workThrough, payments, bank, id, memoryChannel } = await inDoubt();
    await memoryChannel.pay({
      orderId: id,
      accountToken: 'acct-1:ok',
      amountFen: 30_000,
      channel: 'unionpay',
    });
    await declarations.declare(id, { ...TWO, outcome: 'failed' });
    bank.isAway = false;
    await declarations.inquire(id);
    await workThrough(4);
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', paidFen: 30_000, owedFen: 0 });
    expect(memoryChannel.payments.size).toBe(1);
  });

  test('declared captured is booked with its evidence, and a bank that says otherwise is a case', async () => {
    const { declarations, payments, openCases, bank, id, said } = await inDoubt();
    await declarations.declare(id, {
      ...TWO,
      outcome: 'captured',
      amountFen: 30_000,
      channelReference: 'b-77',
      capturedAt: '2026-03-02T09:01:00Z',
    });
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', paidFen: 30_000 });
    expect(await openCases()).toEqual([]);
    bank.isAway = false;
    bank.lie = { status: 'declined', reason: 'INSUFFICIENT_FUNDS' };
    await declarations.inquire(id);
    await declarations.inquire(id);
    expect(await openCases()).toMatchObject([{ reason: 'DECLINED_AFTER_CAPTURED', timesSeen: 2 }]);
    expect((await said()).at(-1)).toMatchObject({ type: 'PaymentContradicted' });
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', paidFen: 30_000 });
  });

  test('is not ended by one person, nor twice, nor while it has just been sent', async () => {
    const { declarations, id } = await inDoubt();
    const failed = { ...TWO, outcome: 'failed' } as const;
    await expect(
      (async () => declarations.declare(id, { ...failed, approvedBy: TWO.declaredBy }))(),
    ).rejects.toThrow('two people decided it');
    await declarations.declare(id, failed);
    await expect(declarations.declare(id, failed)).rejects.toMatchObject({
      code: 'ORDER_OUTCOME_KNOWN',
    });
    await expect(declarations.declare('o', failed)).rejects.toMatchObject({
      code: 'ORDER_UNKNOWN',
    });
    const fresh = await world();
    await fresh.collector.runOnce();
    await expect(fresh.declarations.declare(await fresh.orderId(), failed)).rejects.toMatchObject({
      code: 'ORDER_NOT_IN_DOUBT',
    });
  });
});

test('an answer that contradicts its order books nothing, is a case, and ends with a right answer', async () => {
  const { workThrough, payments, openCases, said, bank } = await world();
  bank.isAway = false;
  bank.lie = { status: 'contradiction', reason: 'ORDER_DIFFERS', answered: { orderId: 'o-2' } };
  await workThrough(4);
  expect(await payments.of(VISIT)).toMatchObject({ status: 'sending', paidFen: 0 });
  expect(await openCases()).toMatchObject([
    { reason: 'ORDER_DIFFERS', answered: { orderId: 'o-2' }, asked: { amountFen: 30_000 } },
  ]);
  expect(await said()).toMatchObject([{ type: 'PaymentContradicted', reason: 'ORDER_DIFFERS' }]);
  bank.lie = undefined;
  await workThrough(4);
  expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', paidFen: 30_000 });
  expect(await openCases()).toEqual([]);
});

test('an order captured after it was declined is booked as late, and captured otherwise a case', async () => {
  const { declarations, workThrough, payments, openCases, said, bank, orderId } = await world();
  bank.isAway = false;
  bank.lie = { status: 'declined', reason: 'INSUFFICIENT_FUNDS' };
  await workThrough();
  expect(await payments.of(VISIT)).toMatchObject({ status: 'declined' });
  const at = new Date('2026-03-02T09:05:00Z');
  bank.lie = { status: 'captured', amountFen: 30_000, reference: 'b-1', at };
  await declarations.inquire(await orderId());
  await declarations.inquire(await orderId());
  expect((await said()).slice(2)).toMatchObject([
    { type: 'PaymentCaptured', amountFen: 30_000, late: true },
  ]);
  expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', declineReason: null });
  bank.lie = { status: 'captured', amountFen: 20_000, reference: 'b-2', at };
  await declarations.inquire(await orderId());
  expect(await openCases()).toMatchObject([{ reason: 'CAPTURED_OTHERWISE' }]);
  expect(await payments.of(VISIT)).toMatchObject({ paidFen: 30_000 });
});
