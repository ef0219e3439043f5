import { BLOOD_COUNT, CONSULTATION, sumFen } from '../catalogue';
import type { Citizen } from '../citizen';
import { eventually } from '@caretab/hospital';
import type { Hospital } from '../hospital';
import type { Visit } from '../visit';
import { World } from '../world';

const DUE_FEN = sumFen(CONSULTATION, BLOOD_COUNT);

const world = new World('payment-troubles');
let hospital: Hospital;

beforeAll(async () => void (hospital = await world.hospital()));

const visitOf = async (citizen: Citizen): Promise<Visit> => {
  const visit = hospital.visitOf(citizen);
  await visit.opens();
  await visit.charges(CONSULTATION, BLOOD_COUNT);
  await visit.ends();
  return visit;
};

/** Captures in the acquirer's own book: what money moved, whatever we believe. */
const capturedAtTheBank = async (visitId: string): Promise<number> => {
  const orderIds: string[] = (await world.paymentOf(visitId)).orders.map(
    ({ orderId }: { orderId: string }) => orderId,
  );
  const book = world
    .journalText('acquirer')
    .split('\n')
    .filter(Boolean)
    .map(
      (line) =>
        JSON.parse(line) as {
          type: string;
          payment?: { orderId: string; status: string; amountFen: number };
        },
    );
  const last = new Map(
    book.flatMap(({ payment }) =>
      payment && orderIds.includes(payment.orderId) ? [[payment.orderId, payment] as const] : [],
    ),
  );
  return [...last.values()]
    .filter(({ status }) => status !== 'declined')
    .reduce((sum, { amountFen }) => sum + amountFen, 0);
};

test.each([
  ['declines once', 'declined-once'],
  ['takes the money and never answers', 'no-answer-captured'],
  ['never hears of the order and never answers', 'no-answer-lost'],
  ['answers late', 'late-3000'],
  ['says “processing” first', 'processing'],
  ['fails once', 'error-once'],
])('the bank %s: the due is captured exactly once', async (_what, bank) => {
  const citizen = await world.citizen({ bank });
  const { visitId } = await visitOf(citizen);
  await world.becomes(visitId, {
    status: 'settled',
    paidFen: DUE_FEN,
    refundedFen: 0,
    missedReason: null,
  });
  expect(await world.paymentOf(visitId)).toMatchObject({
    status: 'paid',
    paidFen: DUE_FEN,
    owedFen: 0,
  });
  expect(await capturedAtTheBank(visitId)).toBe(DUE_FEN);
  expect(
    (await world.historyOf(visitId)).filter(({ type }) => type === 'PaymentRecorded'),
  ).toHaveLength(1);
  await eventually(async () =>
    expect(await world.lineOf(citizen)).toMatchObject({ outstandingFen: 0, frozenReason: null }),
  );
});

test(
  'the bank declines for good: the debt stays, the citizen is told, the line is ' +
    'frozen until the citizen pays',
  async () => {
    const citizen = await world.citizen({ bank: 'declined' });
    const { visitId, visitNumber } = await visitOf(citizen);
    await world.becomes(visitId, {
      status: 'adjudicated',
      paidFen: 0,
      missedReason: 'INSUFFICIENT_FUNDS',
    });
    expect(await world.paymentOf(visitId)).toMatchObject({ status: 'declined', owedFen: DUE_FEN });
    await eventually(async () =>
      expect(await world.lineOf(citizen)).toMatchObject({
        outstandingFen: DUE_FEN,
        frozenReason: 'PAYMENT_MISSED',
      }),
    );
    await eventually(() =>
      expect(
        world
          .mailsTo(citizen)
          .some(
            ({ source }) =>
              source.includes(`for questions there): ${visitNumber}`) &&
              source.includes('The debt stays'),
          ),
      ).toBe(true),
    );
    expect(await capturedAtTheBank(visitId)).toBe(0);

    const pay = (): Promise<unknown> =>
      world.api.done('POST', `/payment/visits/${visitId}/pay`, {
        channel: 'wechat',
        token: 'tok-payment-troubles-wechat:ok',
      });
    await pay();
    await pay();
    await world.becomes(visitId, { status: 'settled', paidFen: DUE_FEN, missedReason: null });
    await pay();
    expect(await world.paymentOf(visitId)).toMatchObject({
      status: 'paid',
      paidFen: DUE_FEN,
      owedFen: 0,
    });
    expect(await capturedAtTheBank(visitId)).toBe(DUE_FEN);
    await eventually(async () =>
      expect(await world.lineOf(citizen)).toMatchObject({ outstandingFen: 0, frozenReason: null }),
    );
  },
);

test('without a bound account the debt stays until the citizen pays from another', async () => {
  const citizen = await world.citizen({ bank: null });
  const { visitId } = await visitOf(citizen);
  await world.becomes(visitId, { status: 'adjudicated', missedReason: 'NO_BOUND_ACCOUNT' });
  await world.api.done('POST', `/payment/visits/${visitId}/pay`, {
    channel: 'alipay',
    token: 'tok-payment-troubles-alipay:ok',
  });
  await world.becomes(visitId, { status: 'settled', paidFen: DUE_FEN });
});

test('ledger, payment service and bank agree on every movement of the day', async () => {
  await world.quiet();
  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  expect(await world.api.get(`/payment/reconciliation/${today}`)).toMatchObject({ agrees: true });
});
