import type { VisitStanding } from '@caretab/contracts';
import { type AgreementSide, bucketOf, DayDigest } from '@caretab/host';
import { ledgerAgreementWith } from '../agreement/agreements';
import type { MemoryChannel } from '../channel/memory-channel';
import { PERSON, till, VISIT } from '../../test/till';
import { captureTable } from './order.table';

const DAY = '2026-03-02';
const TWO = { declaredBy: 'Li Na', approvedBy: 'Wang Wei', evidence: 'statement of 2 March' };
const CAPTURE = {
  ...TWO,
  visitId: VISIT,
  kind: 'capture',
  channel: 'unionpay',
  date: DAY,
} as const;
const ORDINARY = { channel: 'unionpay', token: 'a:ok' };

/** The ledger as a neighbour: what it was sent of the visit. */
const ledgerOf = (standing: VisitStanding): AgreementSide => ({
  day: async (day) => {
    const digest = new DayDigest();
    if (day === DAY) digest.add(standing);
    return { day, earlier: null, buckets: digest.result() };
  },
  visits: async (day, buckets) => ({
    visits: day === DAY && buckets.includes(bucketOf(standing.visitId)) ? [standing] : [],
  }),
});

/**
 * A visit was paid at the second attempt; the hospital takes a charge back. Then payment's database
 * is restored from a copy taken before all that: it has what the bus sends from now on, and the bank
 * has its book.
 */
const restored = async ({ isRefunded = false } = {}) => {
  const bank: { channel?: MemoryChannel } = {};
  const before = till();
  bank.channel = before.memoryChannel;
  await before.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:declined' });
  await before.adjudicate();
  await before.workThrough(1);
  await before.accounts.bind(PERSON, { ...ORDINARY, approvedBy: 'op-2' });
  await before.collections.payNow(VISIT, undefined);
  await before.workThrough(3);
  expect(await before.payments.of(VISIT)).toMatchObject({ status: 'paid', paidFen: 30_000 });
  if (isRefunded) {
    await before.adjudicate({ revision: 2, patientDueFen: 20_000 });
    await before.workThrough(2);
  }
  const { orders, refunds } = await before.payments.of(VISIT);
  const orderId = orders.find(({ status }) => status === 'captured')!.orderId;

  const after = till({ memoryChannel: bank.channel, clock: before.clock });
  const dueFen = 20_000;
  const agreement = ledgerAgreementWith(
    ledgerOf({
      visitId: VISIT,
      revision: 2,
      dueFen,
      payers: [{ payerId: 'employee', amountFen: 80_000 }],
      paidFen: 30_000,
      refundedFen: isRefunded ? 10_000 : 0,
    }),
    {
      store: after.store,
      clock: after.clock,
      logger: { info: () => undefined, warn: () => undefined } as never,
      config: { AGREEMENT_SETTLE_MS: 900_000, AGREEMENT_INTERVAL_MS: 60_000 } as never,
    },
  );
  const capturedFen = (): number =>
    [...after.memoryChannel.payments.values()].reduce(
      (sum, { outcome }) => sum + (outcome.status === 'captured' ? outcome.amountFen : 0),
      0,
    );
  await agreement.runOnce();
  await after.adjudicate({ revision: 2, patientDueFen: dueFen });
  await after.accounts.bind(PERSON, ORDINARY);
  return { ...after, agreement, orderId, refunds, capturedFen };
};

test('a visit that was paid before its database was restored is never collected again', async () => {
  const { collections, workThrough, payments, capturedFen } = await restored();
  await workThrough(4);
  await collections.payNow(VISIT, { channel: 'alipay', token: 'b:ok' });
  await workThrough(4);
  expect(capturedFen()).toBe(30_000);
  expect(await payments.of(VISIT)).toMatchObject({ status: 'due', paidFen: 0 });
});

test('its money is adopted from the statement, once; the hold ends, and what is too much goes back', async () => {
  const { adoptions, agreement, workThrough, payments, orderId, capturedFen, said, store } =
    await restored();
  await adoptions.adopt({ ...CAPTURE, id: orderId });
  await adoptions.adopt({ ...CAPTURE, id: orderId });
  expect(await payments.of(VISIT)).toMatchObject({ paidFen: 30_000, refundedFen: 0 });
  await workThrough(2);
  expect(await payments.of(VISIT)).toMatchObject({ refundedFen: 0 });
  expect(await agreement.compare()).toMatchObject({ differences: 0, held: 0 });
  await workThrough(3);
  expect(await payments.of(VISIT)).toMatchObject({
    status: 'paid',
    paidFen: 30_000,
    refundedFen: 10_000,
  });
  expect(capturedFen()).toBe(30_000);
  // The ledger has this payment, under this id: it changes nothing there.
  expect((await said()).filter(({ type }) => type === 'PaymentCaptured')).toMatchObject([
    { paymentId: orderId, amountFen: 30_000 },
  ]);
  const captures = await store.transact((transaction) => transaction.rows(captureTable).find({}));
  expect(captures).toMatchObject([{ orderId, visitId: VISIT, amountFen: 30_000 }]);
});

test('what went back before the restore is adopted too, and does not go back again', async () => {
  const { adoptions, agreement, workThrough, payments, orderId, refunds, memoryChannel } =
    await restored({ isRefunded: true });
  const [refund] = refunds;
  await adoptions.adopt({ ...CAPTURE, id: orderId });
  await adoptions.adopt({ ...CAPTURE, kind: 'refund', id: refund!.refundId });
  await adoptions.adopt({ ...CAPTURE, kind: 'refund', id: refund!.refundId });
  expect(await agreement.compare()).toMatchObject({ differences: 0, held: 0 });
  await workThrough(4);
  expect(await payments.of(VISIT)).toMatchObject({
    status: 'paid',
    paidFen: 30_000,
    refundedFen: 10_000,
    owedFen: 0,
  });
  expect(memoryChannel.refunds.size).toBe(1);
});

test.each([
  ['what the statement does not list', { id: 'unknown' }, 'NOT_ON_STATEMENT'],
  ['a capture as a refund', { kind: 'refund' as const }, 'NOT_ON_STATEMENT'],
  ['a visit that payment does not know', { visitId: 'H1-9' }, 'VISIT_UNKNOWN'],
])('%s is not adopted', async (_what, changes, code) => {
  const { adoptions, orderId } = await restored();
  await expect(
    (async () => adoptions.adopt({ ...CAPTURE, id: orderId, ...changes }))(),
  ).rejects.toMatchObject({ code });
});

test('money is not adopted for a visit whose order it is not, before and after its own has it', async () => {
  const { adoptions, adjudicate, orderId } = await restored();
  await adjudicate({ visitId: 'H1-9' });
  const another = { ...CAPTURE, visitId: 'H1-9', id: orderId };
  await expect(adoptions.adopt(another)).rejects.toMatchObject({ code: 'ORDER_OF_ANOTHER_VISIT' });
  await adoptions.adopt({ ...CAPTURE, id: orderId });
  await expect(adoptions.adopt(another)).rejects.toMatchObject({ code: 'ORDER_OF_ANOTHER_VISIT' });
});

describe('what the bank answers of money that its statement lists', () => {
  /** The bank's own answer is another than it was. */
  const answering = async (changes: { readonly at?: Date; readonly reference?: string }) => {
    const world = await restored();
    const taken = world.memoryChannel.payments.get(world.orderId)!;
    const { outcome } = taken;
    if (outcome.status !== 'captured') throw new Error('the order was captured');
    taken.outcome = { ...outcome, ...changes };
    return {
      ...world,
      adopt: () => world.adoptions.adopt({ ...CAPTURE, id: world.orderId }),
      correct: () => (taken.outcome = outcome),
    };
  };

  test.each([
    ['ahead of our clock', '2026-03-05T09:00:00Z'],
    ['days ahead, though near the day of the statement', '2026-03-04T12:00:00Z'],
    ['long before the day of its statement', '1999-01-01T00:00:00Z'],
    ['a month before the day of its statement', '2026-02-01T00:00:00Z'],
  ])('is not adopted with a moment %s, until it is right', async (_what, at) => {
    const { adopt, correct, payments } = await answering({ at: new Date(at) });
    await expect(adopt()).rejects.toMatchObject({
      code: 'NOT_ON_STATEMENT',
      details: { why: expect.stringContaining('moment') },
    });
    expect(await payments.of(VISIT)).toMatchObject({ paidFen: 0 });
    correct();
    await adopt();
    expect(await payments.of(VISIT)).toMatchObject({ paidFen: 30_000 });
  });

  test('is not adopted by the reference of another order, until it is right', async () => {
    const { adopt, correct, payments, adjudicate, workThrough, memoryChannel, store, orderId } =
      await answering({});
    await adjudicate({ visitId: 'H1-9' });
    await workThrough(1);
    const [another] = await store.transact((transaction) =>
      transaction.rows(captureTable).find({}),
    );
    const taken = memoryChannel.payments.get(orderId)!;
    taken.outcome = { ...taken.outcome, reference: another!.reference } as typeof taken.outcome;
    await expect(adopt()).rejects.toMatchObject({
      code: 'NOT_ON_STATEMENT',
      details: { why: expect.stringContaining('reference') },
    });
    expect(await payments.of(VISIT)).toMatchObject({ paidFen: 0 });
    correct();
    await adopt();
    expect(await payments.of(VISIT)).toMatchObject({ paidFen: 30_000 });
  });

  test('a refund is not adopted with a moment that does not fit the day', async () => {
    const { adoptions, orderId, refunds, memoryChannel, payments } = await restored({
      isRefunded: true,
    });
    const [{ refundId } = { refundId: '' }] = refunds;
    await adoptions.adopt({ ...CAPTURE, id: orderId });
    const made = memoryChannel.refunds.get(refundId)!;
    memoryChannel.refunds.set(refundId, { ...made, at: new Date('2036-01-01T00:00:00Z') });
    const adopt = () => adoptions.adopt({ ...CAPTURE, kind: 'refund', id: refundId });
    await expect(adopt()).rejects.toMatchObject({ code: 'NOT_ON_STATEMENT' });
    expect(await payments.of(VISIT)).toMatchObject({ refundedFen: 0 });
    memoryChannel.refunds.set(refundId, made);
    await adopt();
    expect(await payments.of(VISIT)).toMatchObject({ refundedFen: 10_000 });
  });
});
