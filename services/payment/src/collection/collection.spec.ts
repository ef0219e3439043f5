import { concernedBy } from '@caretab/host';
import { closeCases, openCase } from '../case/open-case';
import type { Channel } from '../channel/channel';
import { PERSON, till, VISIT } from '../../test/till';
import { type CollectionStatus, collectionTable } from './collection.table';
import { settlementTable } from './settlement.table';

const NO_ANSWER = { status: 'no-answer', silence: 'timeout' } as const;
/** The channel with all that it can do, for a test that replaces a part. */
const whole = (real: Channel): Channel => ({
  pay: (order) => real.pay(order),
  findPayment: (order) => real.findPayment(order),
  refund: (order) => real.refund(order),
  findRefund: (order) => real.findRefund(order),
  statement: (date) => real.statement(date),
});

const bound = async (token: string) => {
  const world = till();
  await world.accounts.bind(PERSON, { channel: 'unionpay', token });
  return world;
};

describe('a due visit', () => {
  test('is collected once from the bound account', async () => {
    const world = await bound('acct-1:ok');
    await world.adjudicate();
    await world.workThrough();
    expect(await world.said()).toMatchObject([
      { type: 'PaymentCaptured', amountFen: 30_000, channel: 'unionpay', visitId: VISIT },
    ]);
    expect(concernedBy(await world.payments.of(VISIT))).toEqual([PERSON]);
    expect(await world.payments.of(VISIT)).toMatchObject({
      status: 'paid',
      paidFen: 30_000,
      owedFen: 0,
    });
    expect((await world.payments.summary()).trialBalance.differenceFen).toBe(0);
  });

  test('keeps two days of its settlement: ours, and the moment that the insurers gave', async () => {
    const world = till();
    await world.adjudicate({ insurerSettledAt: '2026-03-31T15:59:59.900Z' });
    const rows = await world.store.transact((transaction) =>
      transaction.rows(settlementTable).find({ visitId: VISIT }),
    );
    expect(rows).toMatchObject([
      { kind: 'settled', insurerSettledAt: new Date('2026-03-31T15:59:59.900Z') },
    ]);
    expect(rows[0]!.bookedOn).toBe('2026-03-02');
  });

  test('with nothing to pay is never asked of the channel', async () => {
    const world = await bound('acct-1:ok');
    await world.adjudicate({ patientDueFen: 0 });
    await world.workThrough();
    expect(await world.said()).toEqual([]);
    expect(world.memoryChannel.payments.size).toBe(0);
    expect(await world.payments.of(VISIT)).toMatchObject({ status: 'paid', owedFen: 0 });
  });

  test('without a bound account is declined for good, and the debt stays', async () => {
    const world = till();
    await world.adjudicate();
    await world.workThrough();
    expect(await world.said()).toMatchObject([
      { type: 'PaymentDeclined', reason: 'NO_BOUND_ACCOUNT', attempt: 1, final: true },
    ]);
    expect(await world.payments.of(VISIT)).toMatchObject({ status: 'declined', owedFen: 30_000 });
  });

  test('declined once is collected at the second attempt, by an order of its own', async () => {
    const world = await bound('acct-1:declined-once');
    await world.adjudicate();
    await world.workThrough();
    expect(await world.said()).toMatchObject([
      { type: 'PaymentDeclined', attempt: 1, final: false, reason: 'INSUFFICIENT_FUNDS' },
      { type: 'PaymentCaptured', amountFen: 30_000 },
    ]);
    expect(world.memoryChannel.payments.size).toBe(2);
  });

  test('is not tried again before its time', async () => {
    const world = await bound('acct-1:declined');
    await world.adjudicate();
    await world.collector.runOnce();
    world.clock.advance(59_999);
    expect(await world.collector.runOnce()).toBe(0);
    world.clock.advance(1);
    expect(await world.collector.runOnce()).toBe(1);
  });

  test('declined twice is given up, and the citizen can still pay with another account', async () => {
    const world = await bound('acct-1:declined');
    await world.adjudicate();
    await world.workThrough();
    expect(await world.said()).toMatchObject([
      { attempt: 1, final: false },
      { attempt: 2, final: true },
    ]);
    const offer = { channel: 'alipay', token: 'acct-2:ok' };
    await world.collections.payNow(VISIT, offer);
    await world.collections.payNow(VISIT, offer);
    await world.workThrough();
    await world.collections.payNow(VISIT, offer);
    await world.workThrough();
    expect((await world.said()).slice(2)).toMatchObject([
      { type: 'PaymentCaptured', channel: 'alipay', amountFen: 30_000 },
    ]);
    expect(await world.payments.of(VISIT)).toMatchObject({ status: 'paid', owedFen: 0 });
  });

  test.each(['no-answer-captured', 'no-answer-lost', 'processing', 'error-once'])(
    'whose outcome is unknown (%s) is asked for by the same order and collected once',
    async (trouble) => {
      const world = await bound(`acct-1:${trouble}`);
      await world.adjudicate();
      await world.workThrough();
      expect(await world.said()).toMatchObject([{ type: 'PaymentCaptured', amountFen: 30_000 }]);
      expect(world.memoryChannel.payments.size).toBe(1);
    },
  );

  test('whose account is bound anew while an order is out repeats the order to the letter', async () => {
    const world = await bound('acct-1:no-answer-lost');
    await world.adjudicate();
    await world.collector.runOnce();
    const another = { channel: 'unionpay', token: 'acct-9:ok', approvedBy: 'op-2' };
    await world.accounts.bind(PERSON, another);
    await world.workThrough();
    expect(
      [...world.memoryChannel.payments.values()].map(({ order }) => order.accountToken),
    ).toEqual(['acct-1:no-answer-lost']);
  });

  test('whose outcome stays unknown is neither paid nor declined until the channel answers', async () => {
    let reachable = false;
    const world = till({
      channel: (real) => ({
        ...whole(real),
        pay: async (order) => (await real.pay(order), NO_ANSWER),
        findPayment: async (order) => (reachable ? real.findPayment(order) : NO_ANSWER),
      }),
    });
    await world.accounts.bind(PERSON, { channel: 'unionpay', token: 'acct-1:ok' });
    await world.adjudicate();
    await world.workThrough();
    await world.workThrough();
    // It was a final decline before, which froze the line of a citizen who had paid.
    expect(await world.said()).toMatchObject([
      { type: 'PaymentOutcomeUnknown', amountFen: 30_000 },
    ]);
    expect(await world.payments.of(VISIT)).toMatchObject({
      status: 'unresolved',
      owedFen: 30_000,
      declineReason: null,
    });
    await world.collections.payNow(VISIT, { channel: 'alipay', token: 'acct-2:ok' });
    reachable = true;
    await world.workThrough();
    expect((await world.said()).slice(1)).toMatchObject([
      { type: 'PaymentCaptured', amountFen: 30_000 },
    ]);
    expect(world.memoryChannel.payments.size).toBe(1);
  });
});

describe('a part that the channel captured', () => {
  test('is booked as that part, and the rest is tried like a declined one, then owed', async () => {
    const world = await bound('acct-1:part');
    await world.adjudicate();
    await world.collector.runOnce();
    expect(await world.payments.of(VISIT)).toMatchObject({
      status: 'due',
      paidFen: 12_000,
      owedFen: 18_000,
      orders: [{ amountFen: 30_000, capturedFen: 12_000, status: 'captured' }],
    });
    await world.workThrough();
    expect(await world.said()).toMatchObject([
      { type: 'PaymentCaptured', amountFen: 12_000, orderedFen: 30_000 },
      { type: 'PaymentDeclined', amountFen: 18_000, reason: 'PART_CAPTURED', final: false },
      { type: 'PaymentCaptured', amountFen: 12_000, orderedFen: 18_000 },
      { type: 'PaymentDeclined', amountFen: 6000, reason: 'PART_CAPTURED', final: true },
    ]);
    expect(await world.payments.of(VISIT)).toMatchObject({
      status: 'declined',
      paidFen: 24_000,
      owedFen: 6000,
    });
    expect((await world.payments.summary()).trialBalance.differenceFen).toBe(0);
    expect(await world.reconciliations.of('2026-03-02')).toMatchObject({ agrees: true });
    await world.collections.payNow(VISIT, { channel: 'alipay', token: 'acct-2:ok' });
    await world.workThrough();
    expect(await world.payments.of(VISIT)).toMatchObject({ status: 'paid', owedFen: 0 });
  });

  test('goes back alone when the due falls', async () => {
    const world = await bound('acct-1:part');
    await world.adjudicate();
    await world.collector.runOnce();
    await world.adjudicate({ revision: 2, patientDueFen: 2000 });
    await world.workThrough();
    expect(await world.payments.of(VISIT)).toMatchObject({
      status: 'paid',
      paidFen: 12_000,
      refundedFen: 10_000,
      owedFen: 0,
    });
  });
});

describe('a verdict', () => {
  test('that comes again with the same content changes nothing', async () => {
    const world = await bound('acct-1:ok');
    await world.adjudicate();
    await world.adjudicate();
    await world.workThrough();
    await world.adjudicate();
    await world.workThrough();
    expect(await world.said()).toHaveLength(1);
  });

  test('that comes again with other content is a conflict, and changes nothing', async () => {
    const world = await bound('acct-1:ok');
    await world.adjudicate();
    await expect(world.adjudicate({ patientDueFen: 29_999 })).rejects.toMatchObject({
      code: 'VERDICT_CONFLICT',
      kind: 'conflict',
    });
    expect(await world.payments.of(VISIT)).toMatchObject({ dueFen: 30_000 });
  });

  test('that does not add up is refused by name, and changes nothing', async () => {
    const world = await bound('acct-1:ok');
    await world.adjudicate();
    await expect(
      world.adjudicate({
        revision: 2,
        patientDueFen: 30_001,
        payers: [{ payerId: 'city-employee', amountFen: 70_000 }],
      }),
    ).rejects.toMatchObject({ code: 'VERDICT_UNBALANCED', kind: 'invalid' });
    expect(await world.payments.of(VISIT)).toMatchObject({ dueFen: 30_000 });
  });

  test('of an older revision that comes late changes nothing', async () => {
    const world = await bound('acct-1:ok');
    await world.adjudicate({ revision: 2, patientDueFen: 20_000 });
    await world.adjudicate({ revision: 1 });
    expect(await world.payments.of(VISIT)).toMatchObject({ dueFen: 20_000 });
  });

  test('that lowers the due before it is collected lowers what is collected', async () => {
    const world = await bound('acct-1:ok');
    await world.adjudicate();
    await world.adjudicate({ revision: 2, patientDueFen: 20_000 });
    await world.workThrough();
    expect(await world.said()).toMatchObject([{ type: 'PaymentCaptured', amountFen: 20_000 }]);
  });

  test('that lowers the due after it was collected sends the difference back, once', async () => {
    const world = await bound('acct-1:ok');
    await world.adjudicate();
    await world.workThrough();
    await world.adjudicate({ revision: 2, patientDueFen: 20_000, grossFen: 90_000 });
    await world.adjudicate({ revision: 2, patientDueFen: 20_000, grossFen: 90_000 });
    await world.workThrough();
    expect((await world.said()).slice(1)).toMatchObject([
      { type: 'RefundCompleted', amountFen: 10_000, channel: 'unionpay', way: 'channel' },
    ]);
    expect(await world.payments.of(VISIT)).toMatchObject({
      paidFen: 30_000,
      refundedFen: 10_000,
      owedFen: 0,
      status: 'paid',
    });
    expect((await world.payments.summary()).trialBalance.differenceFen).toBe(0);
  });

  test('that lowers the due while an order is out is made good when the money arrives', async () => {
    const world = await bound('acct-1:no-answer-captured');
    await world.adjudicate();
    await world.collector.runOnce();
    await world.adjudicate({ revision: 2, patientDueFen: 0 });
    await world.workThrough();
    expect(await world.said()).toMatchObject([
      { type: 'PaymentCaptured', amountFen: 30_000 },
      { type: 'RefundCompleted', amountFen: 30_000 },
    ]);
  });

  test(
    'that raises the due after it was collected collects the difference, and a ' +
      'later one sends back over both orders',
    async () => {
      const world = await bound('acct-1:ok');
      await world.adjudicate();
      await world.workThrough();
      await world.adjudicate({ revision: 2, patientDueFen: 35_000 });
      await world.workThrough();
      await world.adjudicate({ revision: 3, patientDueFen: 1000 });
      await world.workThrough();
      expect((await world.said()).map(({ type, amountFen }) => [type, amountFen])).toEqual([
        ['PaymentCaptured', 30_000],
        ['PaymentCaptured', 5000],
        ['RefundCompleted', 5000],
        ['RefundCompleted', 29_000],
      ]);
      expect(await world.payments.of(VISIT)).toMatchObject({ owedFen: 0, status: 'paid' });
    },
  );

  test(
    'that raises the due makes a payment with an id of its own, since the ledger ' +
      'tells a visit’s payments apart by it',
    async () => {
      const world = await bound('acct-1:ok');
      await world.adjudicate();
      await world.workThrough(3);
      await world.adjudicate({ revision: 2, patientDueFen: 60_000 });
      await world.workThrough(3);
      const captured = (await world.said()).filter(
        ({ type }) => type === 'PaymentCaptured',
      ) as unknown as { paymentId: string; amountFen: number }[];
      expect(captured.map(({ amountFen }) => amountFen)).toEqual([30_000, 30_000]);
      expect(new Set(captured.map(({ paymentId }) => paymentId)).size).toBe(2);
    },
  );

  test('that raises a debt which was declined for good says so again when it is declined again', async () => {
    const world = await bound('acct-1:declined');
    await world.adjudicate();
    await world.workThrough();
    await world.adjudicate({ revision: 2, patientDueFen: 60_000 });
    await world.workThrough();
    const final = (await world.said()).filter(
      (said) => said.type === 'PaymentDeclined' && (said as unknown as { final: boolean }).final,
    ) as unknown as { paymentId: string; attempt: number }[];
    expect(new Set(final.map(({ paymentId, attempt }) => `${paymentId}/${attempt}`)).size).toBe(2);
  });

  test('that lowers a declined debt to nothing leaves nothing owed', async () => {
    const world = await bound('acct-1:declined');
    await world.adjudicate();
    await world.workThrough();
    await world.adjudicate({ revision: 2, patientDueFen: 0 });
    expect(await world.payments.of(VISIT)).toMatchObject({ status: 'paid', owedFen: 0 });
  });
});

test.each([
  [
    'the account',
    { accountPersonId: 'p-99999999-9999-4999-8999-999999999999' },
    '/accountPersonId',
  ],
  ['the institution', { institutionId: 'H2' }, '/institutionId'],
])('a later verdict changes the due, and never %s', async (_what, changes, field) => {
  const world = await bound('acct-1:ok');
  await world.adjudicate();
  await expect(world.adjudicate({ revision: 2, ...changes })).rejects.toMatchObject({
    ...{ code: 'MESSAGE_IMPOSSIBLE', details: { field } },
  });
  expect(await world.payments.of(VISIT)).toMatchObject({ owedFen: 30_000 });
});

describe('a bound account', () => {
  test('bound again with the same content keeps its first answer; another takes its place by two', async () => {
    const world = till();
    const first = await world.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
    world.clock.advance(1000);
    expect(await world.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' })).toEqual(
      first,
    );
    const another = { channel: 'unionpay', token: 'b:ok' };
    await expect(world.accounts.bind(PERSON, another)).rejects.toThrow('APPROVAL_NEEDED');
    const approved = { ...another, approvedBy: 'op-2' };
    expect((await world.accounts.bind(PERSON, approved)).boundAt).not.toEqual(first.boundAt);
  });

  const destroyed = { id: 'destroyed', data: { personId: PERSON } };

  test('stays while its person owes', async () => {
    const world = await bound('acct-1:ok');
    const forgets = () =>
      world.store.transact((transaction) => world.accountEnds.forget(destroyed, transaction));
    await world.adjudicate();
    await expect(forgets()).rejects.toMatchObject({ code: 'ERASURE_WITH_DEBT', kind: 'awaited' });
    await world.workThrough();
    expect(await world.said()).toMatchObject([{ type: 'PaymentCaptured' }]);
    await forgets();
  });

  test.each(['awaiting-confirmation', 'disputed', 'written-off', 'refund-owed'] as const)(
    'stays while a visit of its person is %s, and goes once that has ended',
    async (status) => {
      const world = await bound('acct-1:ok');
      const forgets = () =>
        world.store.transact((transaction) => world.accountEnds.forget(destroyed, transaction));
      await world.adjudicate();
      await world.workThrough();
      const become = (after: CollectionStatus) =>
        world.store.transact((transaction) =>
          transaction.rows(collectionTable).update({ visitId: VISIT }, { status: after }),
        );
      await become(status);
      await expect(forgets()).rejects.toMatchObject({ code: 'ERASURE_WITH_DEBT', kind: 'awaited' });
      await become('paid');
      await forgets();
    },
  );

  test('stays while a case of a visit of its person is open', async () => {
    const world = await bound('acct-1:ok');
    const forgets = () =>
      world.store.transact((transaction) => world.accountEnds.forget(destroyed, transaction));
    await world.adjudicate();
    await world.workThrough();
    const { clock, store } = world;
    await store.transact((transaction) =>
      openCase(
        transaction,
        {
          ...{ kind: 'order', subjectId: 'o-1', visitId: VISIT, amountFen: 1, reason: 'TWICE' },
          ...{ asked: {}, answered: null },
        },
        clock.now(),
      ),
    );
    await expect(forgets()).rejects.toMatchObject({ code: 'ERASURE_WITH_DEBT' });
    const over = { resolution: 'noted', now: clock.now() } as const;
    await store.transact((transaction) => closeCases(transaction, 'o-1', over));
    await forgets();
  });

  test('is gone when the person’s data is destroyed', async () => {
    const world = await bound('acct-1:ok');
    await world.store.transact((transaction) => world.accountEnds.forget(destroyed, transaction));
    await world.adjudicate();
    await world.workThrough();
    expect(await world.said()).toMatchObject([
      { type: 'PaymentDeclined', reason: 'NO_BOUND_ACCOUNT' },
    ]);
  });
});

test('many visits are collected side by side, each once', async () => {
  const world = await bound('acct-1:ok');
  for (let number = 1; number <= 30; number++) await world.adjudicate({ visitId: `H1-${number}` });
  await world.collector.runOnce();
  expect(new Set((await world.said()).map(({ id }) => id)).size).toBe(30);
  expect(world.memoryChannel.payments.size).toBe(30);
});
