import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fixedClock } from '@caretab/doubles';
import { derivedId } from '@caretab/kernel';
import { type Acquirer, sealedCallback, startAcquirer, type WechatParty } from '@caretab/sandbox';
import { eventually } from '@caretab/hospital';
import { till, PERSON, VISIT } from '../../../test/till';
import type { PaymentOrder } from '../channel';
import { ChannelBook, type ChannelTerms } from '../channel-book';
import { Callbacks } from '../callbacks';
import { Channels } from '../channels';
import { MemoryChannel } from '../memory-channel';
import { entriesOfBill } from './bill';
import { openedCallback, type WechatCallback } from './callback';
import { isTheirs, signed } from './signature';
import { WechatChannel } from './wechat.adapter';

const keys = (): ReturnType<typeof generateKeyPairSync> =>
  generateKeyPairSync('rsa', { modulusLength: 2048 });
const [merchant, platform, stranger] = [keys(), keys(), keys()];
const clock = fixedClock('2026-03-02T09:00:00Z');
const party: WechatParty = {
  ...{ merchantId: '1900000001', serial: 'A1', merchantKey: merchant.publicKey as never },
  ...{ platformSerial: 'P1', platformKey: platform.privateKey as never },
};
let acquirer: Acquirer;
let forgeries: number;
beforeAll(async () => {
  acquirer = await startAcquirer({
    ...{ host: '127.0.0.1', port: 0, secret: 'a secret of sixteen', now: () => clock.now() },
    wechat: party,
  });
});
beforeEach(() => (forgeries = 0));
afterAll(() => acquirer.stop());

const channelWith = (changes: Partial<ConstructorParameters<typeof WechatChannel>[0]> = {}) =>
  new WechatChannel({
    ...{ url: acquirer.url, appId: 'wx1', merchantId: '1900000001', serial: 'A1', clock },
    privateKey: merchant.privateKey as never,
    platformKeys: new Map([['P1', platform.publicKey as never]]),
    ...{ timeoutMs: 300, statementTimeoutMs: 5000, forged: () => (forgeries += 1) },
    ...changes,
  });
let orders = 0;
const orderOf = (behaviour: string): PaymentOrder => {
  const orderId = derivedId('wechat test', String((orders += 1)));
  return { orderId, amountFen: 30_000, channel: 'wechat', accountToken: `134567:${behaviour}` };
};
const refundOf = ({ orderId }: PaymentOrder, amountFen: number, id = 'f') => ({
  ...{ refundId: derivedId('refund', orderId, id), orderId, amountFen, channel: 'wechat' },
});
const AT = new Date('2026-03-02T09:00:00.000Z');

describe('an order', () => {
  const captured = { status: 'captured', amountFen: 30_000, at: AT };
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
    ['declined', { status: 'declined', reason: 'PAYERROR' }],
    ['processing', { status: 'processing' }],
    ['part', { status: 'captured', amountFen: 12_000 }],
    ['error-once', { status: 'no-answer', silence: 'failing' }],
  ])('of an account that is %s', async (behaviour, outcome) =>
    expect(await channelWith().pay(orderOf(behaviour))).toMatchObject(outcome),
  );

  test('that was refused is looked for: another sum for the same number is not declined', async () => {
    const [channel, order] = [channelWith(), orderOf('ok')];
    await channel.pay(order);
    // There it is captured, with more than is ordered now.
    expect(await channel.pay({ ...order, amountFen: 20_000 })).toMatchObject({
      ...{ status: 'contradiction', reason: 'AMOUNT_ABOVE_ORDER' },
    });
  });

  test('signed by another key is unauthorized, and nothing is known of it there', async () => {
    const [channel, order] = [
      channelWith({ privateKey: stranger.privateKey as never }),
      orderOf('ok'),
    ];
    expect(await channel.pay(order)).toEqual({ status: 'no-answer', silence: 'unauthorized' });
    expect(await channelWith().findPayment(order)).toEqual({ status: 'not-found' });
  });

  test('is in no state that is known where an answer is not theirs', async () => {
    const order = orderOf('ok');
    await channelWith().pay(order);
    const wrong = channelWith({ platformKeys: new Map([['P1', stranger.publicKey as never]]) });
    expect(await wrong.findPayment(order)).toEqual({ status: 'no-answer', silence: 'unreadable' });
    const unknown = channelWith({ platformKeys: new Map([['P2', platform.publicKey as never]]) });
    expect(await unknown.findPayment(order)).toMatchObject({ silence: 'unreadable' });
    expect(forgeries).toBe(2);
  });
});

test('an answer without a signature, or an old one, declines nothing and captures nothing', async () => {
  const body = JSON.stringify({ out_trade_no: 'x', trade_state: 'PAYERROR' });
  const headersAt = (seconds: number) => ({
    ...{ 'wechatpay-serial': 'P1', 'wechatpay-nonce': 'n', 'wechatpay-timestamp': String(seconds) },
    'wechatpay-signature': signed(platform.privateKey as never, String(seconds), 'n', body),
  });
  const nowSeconds = AT.getTime() / 1000;
  const publicKeys = new Map([['P1', platform.publicKey as never]]);
  const ofHeaders = (headers: Record<string, string>) =>
    isTheirs(publicKeys, new Headers(headers), body, AT);
  expect(ofHeaders(headersAt(nowSeconds))).toBe(true);
  expect(ofHeaders(headersAt(nowSeconds - 301))).toBe(false);
  expect(ofHeaders({ ...headersAt(nowSeconds), 'wechatpay-nonce': 'other' })).toBe(false);
  let said: Record<string, string> = {};
  const server = createServer((_, response) => response.writeHead(200, said).end(body));
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    for (const headers of [{}, headersAt(nowSeconds - 301)]) {
      said = headers;
      expect(await channelWith({ url }).pay(orderOf('ok'))).toMatchObject({ status: 'no-answer' });
    }
  } finally {
    server.close();
  }
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
    expect(await channel.findRefund(part)).toMatchObject(refunded);
    expect(await channel.refund(refundOf(order, 20_001, 'g'))).toEqual({
      ...{ status: 'refused', reason: 'REFUND_ABOVE_CAPTURED' },
    });
    expect(await channel.refund(refundOf(order, 20_000, 'h'))).toMatchObject(refunded);
  });

  test('that is refused says so: their 403 is no question of our key', async () => {
    const [channel, order] = [channelWith(), orderOf('refund-refused')];
    await channel.pay(order);
    expect(await channel.refund(refundOf(order, 10_000))).toEqual({
      ...{ status: 'refused', reason: 'ACCOUNT_CLOSED' },
    });
  });
});

test('the bill of a day has each movement once, by our own ids, and is whole or none', async () => {
  clock.set('2026-03-05T09:00:00Z');
  const [channel, order] = [channelWith(), orderOf('ok')];
  expect(await channel.statement('2026-03-05')).toEqual({ entries: [] });
  await channel.pay(order);
  await channel.refund(refundOf(order, 5));
  const entries = [
    { kind: 'capture', id: order.orderId, amountFen: 30_000 },
    { kind: 'refund', id: refundOf(order, 5).refundId, amountFen: 5 },
  ];
  expect(await channel.statement('2026-03-05')).toEqual({ entries });
  const cut = channelWith({
    fetch: async (...asked) => {
      const answer = await fetch(...asked);
      if (!String(asked[0]).includes('billdownload')) return answer;
      return new Response((await answer.text()).replace('`30', '`31'));
    },
  });
  await expect(cut.statement('2026-03-05')).rejects.toThrow('CHANNEL_UNAVAILABLE');
  clock.set(AT.toISOString());
});

test.each([
  ['', undefined],
  ['商户订单号,交易状态\n', undefined],
  ['商户订单号,交易状态,应结订单金额,商户退款单号,退款金额\n总交易单数,\n`1,\n', undefined],
  [
    '商户订单号,交易状态,应结订单金额,商户退款单号,退款金额\n`o,`REVOKED,`1.00,`,`0\n`,`SUCCESS,`x,`,`0\n总交易单数,\n`2,\n',
    [
      { kind: 'unreadable', id: 'o', amountFen: 100 },
      { kind: 'unreadable', id: 'row 2', amountFen: null },
    ],
  ],
])('a bill is read in each of its rows: %j', (text, entries) =>
  expect(entriesOfBill(text)).toEqual(entries),
);

test('an order goes by its own channel, back by the same, and is on one statement of all', async () => {
  const name = { zh: '甲', en: 'A' };
  const channels: ChannelTerms[] = [
    { id: 'unionpay', kind: 'acquirer', name, isOpen: true },
    {
      ...{ id: 'wechat', kind: 'wechat', name, isOpen: true, url: acquirer.url, appId: 'wx1' },
      ...{ merchantId: '1900000001', serial: 'A1', privateKeyFile: 'k', platformKeyFiles: {} },
    },
  ];
  const book = new ChannelBook(channels);
  const bank = new MemoryChannel(() => clock.now());
  const made = till({
    clock,
    channels: book,
    memoryChannel: bank,
    channel: (real) => new Channels(book, real, new Map([['wechat', channelWith()]])),
  });
  const { accounts, collector, refunder, payments, cases, openCases, collections } = made;
  const nonsense = { channel: 'nonsense-bank', token: 'acct-1:ok' };
  await expect(accounts.bind(PERSON, nonsense)).rejects.toThrow('CHANNEL_NOT_OPEN');
  await accounts.bind(PERSON, { channel: 'wechat', token: '134567:refund-refused' });
  await made.adjudicate();
  await collector.runOnce();
  expect(await payments.of(VISIT)).toMatchObject({ status: 'paid', paidFen: 30_000 });
  expect(bank.payments.size).toBe(0);
  await expect(collections.payNow(VISIT, nonsense)).rejects.toThrow('CHANNEL_NOT_OPEN');
  await made.adjudicate({ revision: 2, patientDueFen: 20_000 });
  await refunder.runOnce();
  const [refused] = await openCases();
  expect(refused).toMatchObject({ kind: 'refund', reason: 'ACCOUNT_CLOSED' });
  const decided = { evidence: 'letter 1', decidedBy: 'a', approvedBy: 'b' };
  const elsewhere = { channel: 'unionpay', token: 'acct-9:ok' };
  await expect(
    cases.resolve(refused!.caseId, {
      ...{ resolution: 'other-account', account: elsewhere, ...decided },
    } as never),
  ).rejects.toThrow('another party took the money');
  const day = await made.reconciliations.of('2026-03-02');
  expect(day.onlyOurs).toEqual([]);
});

describe('what is pushed', () => {
  const apiKey = '0123456789abcdef0123456789abcdef';
  const keys = new Map([['wechat', Buffer.from(apiKey)]]);
  const name = { zh: '甲', en: 'A' };
  const book = new ChannelBook([
    { id: 'unionpay', kind: 'acquirer', name, isOpen: true },
    {
      ...{ id: 'wechat', kind: 'wechat', name, isOpen: true, url: 'http://w', appId: 'wx1' },
      ...{ merchantId: '1900000001', serial: 'A1', privateKeyFile: 'k', platformKeyFiles: {} },
    },
  ]);
  const made = async () => {
    const parts = till({
      ...{ clock, channels: book },
      channel: (real) => new Channels(book, real, new Map([['wechat', channelWith()]])),
    });
    const { store, watch, declarations } = parts;
    const callbacks = new Callbacks({ store, watch, declarations, keys });
    await parts.accounts.bind(PERSON, { channel: 'wechat', token: '1345:no-answer-captured' });
    await parts.adjudicate({ visitId: `H1-pushed-${(orders += 1)}` });
    return { ...parts, callbacks, visitId: `H1-pushed-${orders}` };
  };
  const pushed = (content: unknown, key = apiKey): WechatCallback =>
    sealedCallback(key, content) as WechatCallback;

  test('has the order asked for at once; twice, or late, it is paid once', async () => {
    const { callbacks, collector, payments, visitId } = await made();
    await collector.runOnce();
    const { orders: sent } = await payments.of(visitId);
    expect(await payments.of(visitId)).toMatchObject({ status: 'sending', paidFen: 0 });
    const content = { out_trade_no: sent[0]!.orderId.replaceAll('-', '') };
    await Promise.all([
      callbacks.take('wechat', pushed(content)),
      callbacks.take('wechat', pushed(content)),
    ]);
    await callbacks.take('wechat', pushed(content));
    expect(await payments.of(visitId)).toMatchObject({ status: 'paid', paidFen: 30_000 });
  });

  test('is believed in nothing but that: a sum, a state or an order of another channel', async () => {
    const { callbacks, collector, payments, visitId } = await made();
    await collector.runOnce();
    const [order] = (await payments.of(visitId)).orders;
    const lie = { trade_state: 'PAYERROR', amount: { total: 1 } };
    const content = { ...lie, out_trade_no: order!.orderId.replaceAll('-', '') };
    await expect(callbacks.take('unionpay', pushed(content))).rejects.toThrow('CHANNEL_NOT_OPEN');
    await callbacks.take('wechat', pushed({ ...lie, out_trade_no: 'unknown' }));
    expect(await payments.of(visitId)).toMatchObject({ status: 'sending' });
    await callbacks.take('wechat', pushed(content));
    expect(await payments.of(visitId)).toMatchObject({ status: 'paid', paidFen: 30_000 });
  });

  test('comes from the sandbox twice, where the answer of an order was lost', async () => {
    const bodies: WechatCallback[] = [];
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (part) => (text += String(part)));
      request.on('end', () => {
        bodies.push(JSON.parse(text) as WechatCallback);
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const pushing = await startAcquirer({
      ...{ host: '127.0.0.1', port: 0, secret: 'a secret of sixteen', now: () => clock.now() },
      wechat: { ...party, push: { url, apiKey } },
    });
    try {
      const order = orderOf('no-answer-captured');
      const silence = { status: 'no-answer', silence: 'timeout' };
      expect(await channelWith({ url: pushing.url }).pay(order)).toEqual(silence);
      await eventually(() => expect(bodies).toHaveLength(2));
      for (const body of bodies)
        expect(openedCallback(body, keys.get('wechat')!).orderId).toBe(order.orderId);
    } finally {
      await pushing.stop();
      server.close();
    }
  });

  test.each<[string, (whole: WechatCallback) => WechatCallback]>([
    ['another key', () => pushed({}, apiKey.replace('0', '1'))],
    ['another nonce', ({ resource }) => ({ resource: { ...resource, nonce: 'other' } })],
    ['other data', ({ resource }) => ({ resource: { ...resource, associated_data: 'x' } })],
    ['no text', ({ resource }) => ({ resource: { ...resource, ciphertext: '' } })],
    ['another algorithm', ({ resource }) => ({ resource: { ...resource, algorithm: 'none' } })],
  ])('by %s is refused, and counted', async (_how, changed) => {
    const { callbacks, logged } = await made();
    await expect(callbacks.take('wechat', changed(pushed({})))).rejects.toThrow('SIGNATURE_WRONG');
    expect(logged.join()).toContain('not signed by the channel');
  });
});

test('an account of a channel that was closed since is not charged', async () => {
  const name = { zh: '甲', en: 'A' };
  const closed = new ChannelBook([{ id: 'other', kind: 'acquirer', name, isOpen: true }]);
  const before = till({ clock });
  await before.accounts.bind(PERSON, { channel: 'unionpay', token: 'acct-1:ok' });
  const made = till({ clock, store: before.store, channels: closed });
  await made.adjudicate();
  await made.collector.runOnce();
  expect(await made.payments.of(VISIT)).toMatchObject({
    ...{ status: 'declined', declineReason: 'CHANNEL_NOT_OPEN', orders: [] },
  });
});
