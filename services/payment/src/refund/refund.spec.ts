import type { Channel, RefundOutcome } from '../channel/channel';
import { PERSON, policy, till, VISIT } from '../../test/till';

/** A till whose channel answers refunds as the test wants; undefined: as the real one. */
const world = async (answer: () => RefundOutcome | undefined, token = 'acct-1:ok') => {
  let sent = 0;
  const made = till({
    channel: (real): Channel => ({
      pay: (order) => real.pay(order),
      findPayment: (order) => real.findPayment(order),
      refund: async (order) => ((sent += 1), answer() ?? real.refund(order)),
      findRefund: async (order) => answer() ?? real.findRefund(order),
      statement: (date) => real.statement(date),
    }),
  });
  await made.accounts.bind(PERSON, { channel: 'unionpay', token });
  await made.adjudicate();
  await made.workThrough(2);
  return { ...made, sent: () => sent };
};

const refused = (reason: string) => (): RefundOutcome => ({ status: 'refused', reason });

describe('a refund that the channel refuses', () => {
  test('with a code that it will not change is a case at once, and the visit owes it back', async () => {
    const { adjudicate, workThrough, payments, said, openCases, sent } = await world(
      refused('ACCOUNT_CLOSED'),
    );
    await adjudicate({ revision: 2, patientDueFen: 0 });
    await workThrough();
    expect(sent()).toBe(1);
    expect(await payments.of(VISIT)).toMatchObject({
      status: 'refund-owed',
      owedFen: -30_000,
      refundOwedFen: 30_000,
      refunds: [{ status: 'refused', reason: 'ACCOUNT_CLOSED' }],
    });
    expect(await openCases()).toMatchObject([
      { kind: 'refund', reason: 'ACCOUNT_CLOSED', amountFen: 30_000, owner: 'payment-desk' },
    ]);
    expect((await said()).slice(1)).toMatchObject([
      { type: 'RefundRefused', reason: 'ACCOUNT_CLOSED', amountFen: 30_000 },
    ]);
  });

  test('with a code that nobody foresaw is sent again by the schedule, and ends as a case', async () => {
    const { adjudicate, workThrough, payments, openCases, sent } = await world(
      refused('WHO_KNOWS'),
    );
    await adjudicate({ revision: 2, patientDueFen: 20_000 });
    await workThrough(2000); // A day and an hour.
    expect(sent()).toBe(1 + policy.refund.delaysMs.length);
    expect(await payments.of(VISIT)).toMatchObject({ status: 'refund-owed', owedFen: -10_000 });
    expect(await openCases()).toMatchObject([{ reason: 'WHO_KNOWS', amountFen: 10_000 }]);
  });

  test('for now is made when it is sent again, and leaves no case', async () => {
    let times = 0;
    const { adjudicate, workThrough, payments, openCases } = await world(() =>
      (times += 1) === 1 ? { status: 'refused', reason: 'TRY_LATER' } : undefined,
    );
    await adjudicate({ revision: 2, patientDueFen: 20_000 });
    await workThrough();
    expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', owedFen: 0 });
    expect(await openCases()).toEqual([]);
  });

  test('is void when the due rises again: what is held covers it, and nothing is collected', async () => {
    const { adjudicate, workThrough, payments, openCases, memoryChannel } = await world(
      refused('ACCOUNT_CLOSED'),
    );
    await adjudicate({ revision: 2, patientDueFen: 0 });
    await workThrough();
    await adjudicate({ revision: 3, patientDueFen: 30_000 });
    await workThrough();
    expect(await payments.of(VISIT)).toMatchObject({
      status: 'paid',
      paidFen: 30_000,
      owedFen: 0,
      refundOwedFen: 0,
      refunds: [{ status: 'void' }],
    });
    expect(memoryChannel.payments.size).toBe(1);
    expect(await openCases()).toEqual([]);
  });

  test('covers a due that rises by a part, and the rest is still owed back', async () => {
    let isClosed = true;
    const { adjudicate, workThrough, payments } = await world(() =>
      isClosed ? { status: 'refused', reason: 'ACCOUNT_CLOSED' } : undefined,
    );
    await adjudicate({ revision: 2, patientDueFen: 0 });
    await workThrough();
    isClosed = false;
    await adjudicate({ revision: 3, patientDueFen: 10_000 });
    await workThrough();
    expect(await payments.of(VISIT)).toMatchObject({
      status: 'paid',
      paidFen: 30_000,
      refundedFen: 20_000,
      owedFen: 0,
    });
  });

  test('while the due has risen meanwhile covers it', async () => {
    const answers: RefundOutcome[] = [
      { status: 'no-answer', silence: 'timeout' },
      { status: 'refused', reason: 'ACCOUNT_CLOSED' },
    ];
    const { adjudicate, workThrough, refunder, payments, memoryChannel, accounts } = await world(
      () => answers.shift(),
    );
    await adjudicate({ revision: 2, patientDueFen: 0 });
    await refunder.runOnce(); // Sent, and nobody knows what became of it.
    const another = { channel: 'unionpay', token: 'acct-1:declined', approvedBy: 'op-2' };
    await accounts.bind(PERSON, another);
    await adjudicate({ revision: 3, patientDueFen: 30_000 });
    await workThrough();
    expect(await payments.of(VISIT)).toMatchObject({
      status: 'paid',
      paidFen: 30_000,
      refundedFen: 0,
      owedFen: 0,
    });
    expect(
      [...memoryChannel.payments.values()].filter(({ outcome }) => outcome.status === 'captured'),
    ).toHaveLength(1);
  });
});

test('a refund whose answer contradicts it is a case, and is booked by a right answer alone', async () => {
  let isLying = true;
  const { adjudicate, workThrough, payments, openCases, said } = await world(() =>
    isLying
      ? { status: 'contradiction', reason: 'AMOUNT_DIFFERS', answered: { amountFen: 1 } }
      : undefined,
  );
  await adjudicate({ revision: 2, patientDueFen: 20_000 });
  await workThrough();
  expect(await payments.of(VISIT)).toMatchObject({ status: 'refund-owed', refundedFen: 0 });
  expect(await openCases()).toMatchObject([
    { reason: 'AMOUNT_DIFFERS', asked: { amountFen: 10_000 }, answered: { amountFen: 1 } },
    { reason: 'OUTCOME_UNKNOWN' },
  ]);
  expect((await said()).slice(1)).toMatchObject([
    { type: 'PaymentContradicted', reason: 'AMOUNT_DIFFERS' },
  ]);
  isLying = false;
  await workThrough();
  expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', refundedFen: 10_000 });
  expect(await openCases()).toEqual([]);
});
