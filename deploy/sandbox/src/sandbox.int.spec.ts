import { appendFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import {
  type Acquirer,
  institutionSecrets,
  signRequest,
  startAcquirer,
  startMailSink,
  startWebhookReceiver,
} from '.';

const secret = 'an acquirer secret';
const here = { host: '127.0.0.1', port: 0 };
const file = (name: string): string => join(mkdtempSync(join(tmpdir(), 'sandbox-')), name);

describe('the acquirer', () => {
  const journalFile = file('acquirer.jsonl');
  let acquirer: Acquirer;
  beforeEach(
    async () =>
      void (acquirer = await startAcquirer({ ...here, secret, journalFile, processingMs: 50 })),
  );
  afterEach(() => acquirer.stop());

  const call = async (
    method: string,
    path: string,
    content?: unknown,
    timestamp = Date.now(),
  ): Promise<{ status: number; body: any }> => {
    const body = content === undefined ? '' : JSON.stringify(content);
    const headers = {
      'caretab-timestamp': String(timestamp),
      'caretab-signature': signRequest(secret, timestamp, { method, path, body }),
    };
    const response = await fetch(`${acquirer.url}${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(400),
      ...(body && { body }),
    });
    return { status: response.status, body: await response.json() };
  };
  const order = (orderId: string, behaviour: string, amountFen = 500) => ({
    orderId,
    accountToken: `acct-${orderId}:${behaviour}`,
    amountFen,
    currency: 'CNY',
  });
  const pay = (orderId: string, behaviour: string, amountFen?: number) =>
    call('POST', '/payments', order(orderId, behaviour, amountFen));

  test('captures an order once, gives the same answer to the same and refuses another content', async () => {
    const first = await pay('o1', 'ok');
    expect(first).toMatchObject({ status: 200, body: { orderId: 'o1', status: 'captured' } });
    expect(await pay('o1', 'ok')).toEqual(first);
    expect(await pay('o1', 'ok', 501)).toMatchObject({
      status: 409,
      body: { code: 'ORDER_CONFLICT' },
    });
    expect(await call('GET', '/payments/o1')).toEqual(first);
    expect((await call('GET', '/payments/never')).status).toBe(404);
  });

  test('refuses what is not signed, signed long ago, or not understood', async () => {
    expect((await fetch(`${acquirer.url}/payments/o1`)).status).toBe(401);
    expect((await call('GET', '/payments/o1', undefined, Date.now() - 600_000)).status).toBe(401);
    expect((await call('POST', '/payments', { orderId: 'x' })).status).toBe(400);
    expect((await call('POST', '/payments', order('x', 'ok', -5))).status).toBe(400);
  });

  test('declines, always or once for an account', async () => {
    expect((await pay('o2', 'declined')).body).toMatchObject({
      status: 'declined',
      reason: 'INSUFFICIENT_FUNDS',
    });
    const once = (orderId: string) =>
      call('POST', '/payments', { ...order(orderId, ''), accountToken: 'acct:declined-once' });
    expect([
      (await once('o3')).body.status,
      (await once('o3')).body.status,
      (await once('o4')).body.status,
    ]).toEqual(['declined', 'declined', 'captured']);
  });

  test('does not answer, having captured or not', async () => {
    await expect(pay('o5', 'no-answer-captured')).rejects.toThrow();
    expect((await call('GET', '/payments/o5')).body.status).toBe('captured');
    await expect(pay('o6', 'no-answer-lost')).rejects.toThrow();
    expect((await call('GET', '/payments/o6')).status).toBe(404);
    expect((await pay('o6', 'no-answer-lost')).body.status).toBe('captured');
  });

  test('answers late, later, or wrongly at first', async () => {
    const began = Date.now();
    expect((await pay('o7', 'late-120')).body.status).toBe('captured');
    expect(Date.now() - began).toBeGreaterThanOrEqual(110);
    expect((await pay('o8', 'processing')).body.status).toBe('processing');
    await sleep(70);
    expect((await call('GET', '/payments/o8')).body.status).toBe('captured');
    expect((await pay('o9', 'error-once')).status).toBe(500);
    expect((await pay('o9', 'error-once')).body.status).toBe('captured');
  });

  test('says nothing about an order for hours, having captured it; or takes none, with 401', async () => {
    const hour = 3_600_000;
    let aheadMs = 0;
    const later = await startAcquirer({
      ...here,
      secret,
      now: () => new Date(Date.now() + aheadMs),
    });
    const ask = async (method: string, path: string, content?: unknown) => {
      const body = content === undefined ? '' : JSON.stringify(content);
      const timestamp = Date.now() + aheadMs;
      const response = await fetch(`${later.url}${path}`, {
        method,
        headers: {
          'caretab-timestamp': String(timestamp),
          'caretab-signature': signRequest(secret, timestamp, { method, path, body }),
        },
        signal: AbortSignal.timeout(400),
        ...(body && { body }),
      });
      return `${response.status} ${((await response.json()) as any).status}`;
    };
    const [silent, refused] = [order('o21', 'silent-2h'), order('o22', 'unauthorized-2h')];
    await expect(ask('POST', '/payments', silent)).rejects.toThrow();
    await expect(ask('GET', '/payments/o21')).rejects.toThrow();
    expect(await ask('POST', '/payments', refused)).toBe('401 undefined');
    expect(await ask('GET', '/payments/o22')).toBe('401 undefined');
    aheadMs = 3 * hour;
    expect(await ask('GET', '/payments/o21')).toBe('200 captured');
    expect(await ask('GET', '/payments/o22')).toBe('404 undefined');
    expect(await ask('POST', '/payments', refused)).toBe('200 captured');
    await later.stop();
  });

  test('states a dispute beside its capture, and refuses a refund with a code of its own', async () => {
    const date = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    await pay('o23', 'charged-back', 700);
    const { entries } = (await call('GET', `/statement?date=${date}`)).body;
    expect(entries.filter(({ kind }: { kind: string }) => kind !== 'capture')).toMatchObject([
      { kind: 'chargeback', orderId: 'o23', amountFen: -700 },
      { kind: 'fee', amountFen: 30 },
    ]);
    await pay('o24', 'refund-unforeseen');
    const refund = { refundId: 'r24', orderId: 'o24', amountFen: 1 };
    expect(await call('POST', '/refunds', refund)).toMatchObject({
      status: 409,
      body: { code: 'R0471' },
    });
  });

  test('refunds once and never above what was captured', async () => {
    await pay('o10', 'ok', 1000);
    const refund = (refundId: string, amountFen: number, orderId = 'o10') =>
      call('POST', '/refunds', { refundId, orderId, amountFen });
    const first = await refund('r1', 600);
    expect(first.body).toMatchObject({ status: 'refunded', amountFen: 600 });
    expect(await refund('r1', 600)).toEqual(first);
    expect((await refund('r1', 1)).body.code).toBe('REFUND_CONFLICT');
    expect((await refund('r2', 401)).body.code).toBe('REFUND_ABOVE_CAPTURED');
    expect((await refund('r3', 1, 'never')).body.code).toBe('ORDER_UNKNOWN');
    expect(await call('GET', '/refunds/r1')).toEqual(first);
  });

  test('remembers everything across a restart, also when the last line was cut off', async () => {
    const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    const before = await call('GET', `/statement?date=${today}`);
    expect(before.body.entries.length).toBeGreaterThan(5);
    await acquirer.stop();
    appendFileSync(journalFile, '{"type":"payment","paym');
    acquirer = await startAcquirer({ ...here, secret, journalFile });
    expect(await call('GET', `/statement?date=${today}`)).toEqual(before);
    expect((await call('GET', '/statement?date=1999-01-01')).body.entries).toEqual([]);
  });
});

test('the mail sink keeps every message, also across a restart', async () => {
  const journalFile = file('mails.jsonl');
  const sink = await startMailSink({ ...here, journalFile });
  const transport = createTransport(sink.url);
  for (const subject of ['一', '一'])
    await transport.sendMail({ from: 'a@x.example', to: 'b@x.example', subject, text: 'text' });
  await expect(
    transport.sendMail({ from: 'a@x.example', to: 'b+reject@x.example', text: 'text' }),
  ).rejects.toMatchObject({ responseCode: 550 });
  transport.close();
  await sink.stop();
  const again = await startMailSink({ ...here, journalFile });
  expect(again.messages().map(({ to }) => to)).toEqual([['b@x.example'], ['b@x.example']]);
  await again.stop();
});

test('the webhook receiver refuses what is not signed', async () => {
  const receiver = await startWebhookReceiver({ ...here, secretOf: institutionSecrets('key') });
  const post = (path: string) =>
    fetch(`${receiver.url}${path}`, {
      method: 'POST',
      body: '{}',
      headers: { 'caretab-signature': `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}` },
    });
  expect([(await post('/hooks/H1')).status, (await post('/')).status]).toEqual([401, 404]);
  expect(receiver.received()).toEqual([]);
  await receiver.stop();
});
