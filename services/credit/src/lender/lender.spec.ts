import { createHmac } from 'node:crypto';
import { fixedClock } from '@caretab/doubles';
import type { LenderOrder } from './lender';
import { LenderGateway } from './lender.gateway';
import { assertSigned } from './loan-notice';

const SECRET = 'known to both of them';
const clock = fixedClock('2026-03-02T00:00:00Z');
const order: LenderOrder = {
  ...{ orderId: 'order-1', kind: 'reserve' as const, lenderId: 'city-bank', visitId: 'H1-v' },
  ...{ accountPersonId: 'p-00000000-0000-4000-8000-000000000001', amountFen: 500 },
};
const right = { orderId: 'order-1', kind: 'reserve', visitId: 'H1-v', amountFen: 500 };
const sign = (...parts: readonly string[]): string =>
  createHmac('sha256', SECRET).update(parts.join('.')).digest('hex');

/** The gateway before a bank that answers this. */
const answered = (body: unknown, { status = 200, by = SECRET } = {}) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const signature = createHmac('sha256', by).update(`order-1.${text}`).digest('hex');
  const asked: { readonly sent: unknown; readonly key: unknown }[] = [];
  const fetch = async (_url: unknown, init: RequestInit = {}): Promise<Response> => {
    const key = (init.headers as Record<string, string>)['idempotency-key'];
    asked.push({ sent: JSON.parse(init.body as string), key });
    return new Response(text, { status, headers: { 'caretab-signature': signature } });
  };
  const gateway = new LenderGateway({
    ...{ url: 'http://bank', secret: SECRET, timeoutMs: 100, clock },
    fetch: fetch as typeof globalThis.fetch,
  });
  return { asked, answer: () => gateway.ask(order) };
};

test('an order is signed, has its id as its key, and is done by a signed answer', async () => {
  const { asked, answer } = answered({ ...right, outcome: 'done' });
  expect(await answer()).toEqual({ status: 'done' });
  const at = clock.now().toISOString();
  const { accountPersonId } = order;
  const signature = sign(
    ...[at, 'order-1', 'reserve', 'city-bank', 'H1-v', accountPersonId, '500'],
  );
  expect(asked).toEqual([{ sent: { ...order, at, signature }, key: 'order-1' }]);
});

test.each([
  ['refused', { ...right, outcome: 'refused', reason: 'OVER_LIMIT' }, 'OVER_LIMIT'],
  ['contradiction', { ...right, outcome: 'done', amountFen: 501 }, 'AMOUNT_DIFFERS'],
  ['contradiction', { ...right, outcome: 'done', orderId: 'order-2' }, 'ORDER_DIFFERS'],
  ['contradiction', { ...right, outcome: 'done', kind: 'draw' }, 'ORDER_DIFFERS'],
  ['contradiction', { ...right, outcome: 'done', visitId: 'H1-w' }, 'VISIT_DIFFERS'],
  ['contradiction', { ...right, outcome: 'perhaps' }, 'ANSWER_MALFORMED'],
  ['contradiction', { ...right, outcome: 'done', more: 1 }, 'ANSWER_MALFORMED'],
])('a signed answer is %s by what it says: %j', async (status, body, reason) => {
  expect(await answered(body).answer()).toEqual({ status, reason });
});

test('what is not signed by the bank, not of success, cut off or too long is no answer', async () => {
  const done = { ...right, outcome: 'done' };
  const none = { status: 'no-answer' };
  expect(await answered(done, { by: 'another' }).answer()).toEqual(none);
  expect(await answered(done, { status: 500 }).answer()).toEqual(none);
  expect(await answered('{"orderId":').answer()).toEqual(none);
  expect(await answered({ ...done, pad: '!'.repeat(20_000) }).answer()).toEqual(none);
});

test('a notice is a bank’s by its signature over all it says, of these minutes', () => {
  const at = clock.now().toISOString();
  const said = {
    lenderId: 'city-bank',
    visitId: 'H1-v',
    kind: 'repaid',
    amountFen: 5,
    at,
  } as const;
  const signature = sign(at, 'city-bank', 'H1-v', 'repaid', '5');
  const now = clock.now();
  const takes = (change: object, secret: string | undefined = SECRET) =>
    expect(() => assertSigned({ ...said, signature, ...change }, { secret, now }));
  takes({}).not.toThrow();
  takes({ amountFen: 6 }).toThrow('SIGNATURE_WRONG');
  takes({ visitId: 'H1-w' }).toThrow('SIGNATURE_WRONG');
  takes({ kind: 'overdue' }).toThrow('SIGNATURE_WRONG');
  takes({ signature: '' }).toThrow('SIGNATURE_WRONG');
  expect(() => assertSigned({ ...said, signature: '' }, { secret: undefined, now })).toThrow(
    'SIGNATURE_WRONG',
  );
  const old = new Date(now.getTime() - 6 * 60_000).toISOString();
  takes({ at: old, signature: sign(old, 'city-bank', 'H1-v', 'repaid', '5') }).toThrow(
    'SIGNATURE_WRONG',
  );
});
