import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { zipSync } from 'fflate';
import { fixedClock } from '@caretab/doubles';
import { derivedId } from '@caretab/kernel';
import { type Acquirer, startAcquirer } from '@caretab/sandbox';
import type { PaymentOrder } from '../channel';
import { foundPayment } from './answers';
import { AlipayChannel } from './alipay.adapter';
import { billIn, entriesOfBill } from './bill';
import { theirs } from './signature';

const keys = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const [merchant, platform, stranger] = [keys(), keys(), keys()];
const clock = fixedClock('2026-03-02T09:00:00Z');
let acquirer: Acquirer;
let forgeries: number;
beforeAll(async () => {
  acquirer = await startAcquirer({
    ...{ host: '127.0.0.1', port: 0, secret: 'a secret of sixteen', now: () => clock.now() },
    alipay: {
      ...{ appId: '2026000000000001', merchantKey: merchant.publicKey },
      ...{ platformKey: platform.privateKey, url: () => acquirer.url },
    },
  });
});
beforeEach(() => (forgeries = 0));
afterAll(() => acquirer.stop());

const channelWith = (changes: Partial<ConstructorParameters<typeof AlipayChannel>[0]> = {}) =>
  new AlipayChannel({
    ...{ url: `${acquirer.url}/alipay/gateway.do`, appId: '2026000000000001', clock },
    ...{ privateKey: merchant.privateKey, platformKeys: [stranger.publicKey, platform.publicKey] },
    ...{ timeoutMs: 300, statementTimeoutMs: 5000, forged: () => (forgeries += 1) },
    ...changes,
  });
let orders = 0;
const orderOf = (behaviour: string): PaymentOrder => {
  const orderId = derivedId('alipay test', String((orders += 1)));
  return { orderId, amountFen: 30_005, channel: 'alipay', accountToken: `28763:${behaviour}` };
};
const refundOf = ({ orderId }: PaymentOrder, amountFen: number, id = 'f') => ({
  ...{ refundId: derivedId('refund', orderId, id), orderId, amountFen, channel: 'alipay' },
});
const AT = new Date('2026-03-02T09:00:00.000Z');

describe('an order', () => {
  const captured = { status: 'captured', amountFen: 30_005, at: AT };
  test('is captured once, however often it is sent, and found', async () => {
    const [channel, order] = [channelWith(), orderOf('ok')];
    expect(await channel.findPayment(order)).toEqual({ status: 'not-found' });
    expect(await channel.pay(order)).toMatchObject(captured);
    expect(await channel.pay(order)).toMatchObject(captured);
    expect(await channel.findPayment(order)).toMatchObject(captured);
  });

  test('of which the answer is lost is found to be captured', async () => {
    const [channel, order] = [channelWith(), orderOf('no-answer-captured')];
    expect(await channel.pay(order)).toEqual({ status: 'no-answer', silence: 'timeout' });
    expect(await channel.findPayment(order)).toMatchObject(captured);
  });

  test.each<[string, object]>([
    ['declined', { status: 'declined', reason: 'TRADE_CLOSED' }],
    ['processing', { status: 'processing' }],
    ['part', { status: 'captured', amountFen: 12_002 }],
    ['error-once', { status: 'no-answer', silence: 'failing' }],
  ])('of an account that is %s', async (behaviour, outcome) =>
    expect(await channelWith().pay(orderOf(behaviour))).toMatchObject(outcome),
  );

  test('that was refused is looked for: another sum for the same number is not declined', async () => {
    const [channel, order] = [channelWith(), orderOf('ok')];
    await channel.pay(order);
    expect(await channel.pay({ ...order, amountFen: 20_000 })).toMatchObject({
      ...{ status: 'contradiction', reason: 'AMOUNT_ABOVE_ORDER' },
    });
  });

  test('signed by another key is unauthorized, and nothing is known of it there', async () => {
    const order = orderOf('ok');
    const wrong = channelWith({ privateKey: stranger.privateKey });
    expect(await wrong.pay(order)).toEqual({ status: 'no-answer', silence: 'unauthorized' });
    expect(await channelWith().findPayment(order)).toEqual({ status: 'not-found' });
  });

  test('is in no state that is known where an answer is not theirs', async () => {
    const order = orderOf('ok');
    await channelWith().pay(order);
    const wrong = channelWith({ platformKeys: [stranger.publicKey] });
    expect(await wrong.findPayment(order)).toEqual({ status: 'no-answer', silence: 'unreadable' });
    expect(forgeries).toBe(1);
  });

  test('that is closed was paid where it has a day of payment, and else never', () => {
    const order = { orderId: 'o', amountFen: 100 };
    const closed = { code: '10000', out_trade_no: 'o', trade_no: 't', total_amount: '1.00' };
    const said = { ...closed, trade_status: 'TRADE_CLOSED' };
    expect(foundPayment(order, said)).toEqual({ status: 'declined', reason: 'TRADE_CLOSED' });
    expect(foundPayment(order, { ...said, send_pay_date: '2026-03-02 17:00:00' })).toMatchObject({
      ...{ status: 'captured', amountFen: 100, at: AT },
    });
  });

  test.each<[string, object, object]>([
    ['an amount that is none', { total_amount: '1.001' }, { reason: 'AMOUNT_INVALID' }],
    ['more than was ordered', { total_amount: '1.01' }, { reason: 'AMOUNT_ABOVE_ORDER' }],
    ['another order', { out_trade_no: 'p' }, { reason: 'ORDER_DIFFERS' }],
    ['a state that is not known', { trade_status: 'TRADE_LOST' }, { reason: 'STATUS_UNKNOWN' }],
    ['a code that is not known', { code: '1' }, { silence: 'failing' }],
  ])('of which is said %s', (_what, changes, outcome) => {
    const said = {
      ...{ code: '10000', out_trade_no: 'o', trade_no: 't', total_amount: '1.00' },
      ...{ trade_status: 'TRADE_SUCCESS', send_pay_date: '2026-03-02 17:00:00', ...changes },
    };
    expect(foundPayment({ orderId: 'o', amountFen: 100 }, said)).toMatchObject(outcome);
  });
});

describe('a refund', () => {
  test('is made once, of a part and of the rest, and never of more', async () => {
    const [channel, order] = [channelWith(), orderOf('ok')];
    await channel.pay(order);
    const part = refundOf(order, 10_000);
    expect(await channel.findRefund(part)).toEqual({ status: 'not-found' });
    const refunded = { status: 'refunded', at: AT };
    expect(await channel.refund(part)).toMatchObject(refunded);
    expect(await channel.refund(part)).toMatchObject(refunded);
    expect(await channel.refund(refundOf(order, 20_006, 'g'))).toEqual({
      ...{ status: 'refused', reason: 'REFUND_ABOVE_CAPTURED' },
    });
    expect(await channel.refund(refundOf(order, 20_005, 'h'))).toMatchObject(refunded);
  });

  test('that is refused says so', async () => {
    const [channel, order] = [channelWith(), orderOf('refund-refused')];
    await channel.pay(order);
    expect(await channel.refund(refundOf(order, 10_000))).toEqual({
      ...{ status: 'refused', reason: 'ACCOUNT_CLOSED' },
    });
  });
});

test('the bill of a day has each movement once, by our own ids', async () => {
  clock.set('2026-03-05T09:00:00Z');
  const [channel, order] = [channelWith(), orderOf('ok')];
  expect(await channel.statement('2026-03-05')).toEqual({ entries: [] });
  await channel.pay(order);
  await channel.refund(refundOf(order, 5));
  expect(await channel.statement('2026-03-05')).toEqual({
    entries: [
      { kind: 'capture', id: order.orderId, amountFen: 30_005 },
      { kind: 'refund', id: refundOf(order, 5).refundId, amountFen: 5 },
    ],
  });
  const damaged = channelWith({
    fetch: async (...asked) =>
      String(asked[0]).includes('/bill') ? new Response('no zip') : fetch(...asked),
  });
  await expect(damaged.statement('2026-03-05')).rejects.toThrow('CHANNEL_UNAVAILABLE');
  clock.set(AT.toISOString());
});

const HEADING = '商户订单号,业务类型,订单金额（元）,退款批次号/请求号';
test.each([
  ['', undefined],
  [`#\n${HEADING}\no,交易,1.00,\n`, undefined],
  ['#\n商户订单号,业务类型\n#\n', undefined],
  [
    `#\n${HEADING}\no\t,交易\t,1.00\t,\t\no,退款,-0.40,r\no,转账,x,\n,交易,,\n#\n`,
    [
      { kind: 'capture', id: 'o', amountFen: 100 },
      { kind: 'refund', id: 'r', amountFen: 40 },
      { kind: 'unreadable', id: 'o', amountFen: null },
      { kind: 'unreadable', id: 'row 4', amountFen: null },
    ],
  ],
])('a bill is read in each of its rows: %j', (text, entries) =>
  expect(entriesOfBill(text)).toEqual(entries),
);

test('a bill that unpacks to more than is kept is none', () => {
  const large = zipSync({ 'bill.csv': Buffer.alloc(200 * 1024 * 1024) });
  expect(large.length).toBeLessThan(1_000_000);
  expect(billIn(large)).toBeUndefined();
});

test('of an answer the signed text is read, and nothing beside it', () => {
  const name = 'alipay_trade_query_response';
  const read = (text: string, key: KeyObject = platform.publicKey) => theirs([key], text, name);
  expect(read('')).toBeUndefined();
  expect(read(`{"${name}":{"code":"10000"}}`)).toBeUndefined();
  expect(read(`{"${name}":{"code":"10000"},"sign":"AAAA"}`)).toBeUndefined();
  expect(read(`{"${name}":{"code":"10000"`)).toBeUndefined();
});
