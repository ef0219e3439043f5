import { fixedClock } from '@caretab/doubles';
import { bankKeyOf, signedBy } from './bank-key';
import type { ConsentsOrder, GrantOrder, LenderOrder } from './lender';
import { LenderGateway } from './lender.gateway';
import { assertSigned } from './loan-notice';

const SECRET = 'known to both of them';
const clock = fixedClock('2026-03-02T00:00:00Z');
const order: LenderOrder = {
  ...{ orderId: 'order-1', kind: 'reserve' as const, lenderId: 'city-bank', visitId: 'H1-v' },
  ...{ accountPersonId: 'p-00000000-0000-4000-8000-000000000001', amountFen: 500 },
};
const grant: GrantOrder = {
  ...{ orderId: 'order-1', lenderId: 'city-bank', amountFen: 500 },
  accountPersonId: order.accountPersonId,
};
const right = { orderId: 'order-1', kind: 'reserve', visitId: 'H1-v', amountFen: 500 };
const KEY = bankKeyOf(SECRET, 'city-bank');
const sign = (...parts: readonly string[]): string => signedBy(KEY, ...parts);

/** The gateway before a bank that answers this. */
const answered = (body: unknown, { status = 200, by = KEY, grants = false } = {}) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const signature = signedBy(by, 'order-1', text);
  const asked: { readonly sent: unknown; readonly key: unknown }[] = [];
  const urls: string[] = [];
  const fetch = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    urls.push(String(url));
    const key = (init.headers as Record<string, string>)['idempotency-key'];
    asked.push({ sent: JSON.parse(init.body as string), key });
    return new Response(text, { status, headers: { 'caretab-signature': signature } });
  };
  const gateway = new LenderGateway({
    ...{ url: 'http://{lenderId}.banks', secret: SECRET, timeoutMs: 100, clock },
    fetch: fetch as typeof globalThis.fetch,
  });
  const answer = () => (grants ? gateway.grant(grant) : gateway.ask(order));
  const inform = (one: ConsentsOrder) => gateway.inform(one);
  return { asked, urls, answer, inform };
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

test('a line is asked for with its most, and no more than that is granted', async () => {
  const { accountPersonId } = grant;
  const said = { orderId: 'order-1', accountPersonId, amountFen: 400, outcome: 'done' };
  const { asked, urls, answer } = answered(said, { grants: true });
  expect(await answer()).toEqual({ status: 'granted', lineFen: 400 });
  const at = clock.now().toISOString();
  const signature = sign(...[at, 'order-1', 'grant', 'city-bank', accountPersonId, '500']);
  expect(asked).toEqual([{ sent: { ...grant, at, signature }, key: 'order-1' }]);
  expect(urls).toEqual(['http://city-bank.banks/grants']);
  const of = (change: object, by = KEY) =>
    answered({ ...said, ...change }, { grants: true, by }).answer();
  const differs = (reason: string) => ({ status: 'contradiction', reason });
  expect(await of({ amountFen: 501 })).toEqual(differs('AMOUNT_DIFFERS'));
  expect(await of({ amountFen: 0 })).toEqual(differs('AMOUNT_DIFFERS'));
  expect(await of({ accountPersonId: 'p-other' })).toEqual(differs('PERSON_DIFFERS'));
  expect(await of({ orderId: 'order-2' })).toEqual(differs('ORDER_DIFFERS'));
  const no = { outcome: 'refused', reason: 'NO_CUSTOMER' };
  expect(await of(no)).toEqual({ status: 'refused', reason: 'NO_CUSTOMER' });
  // Another bank's key is not this one's.
  expect(await of({}, bankKeyOf(SECRET, 'other-bank'))).toEqual({ status: 'no-answer' });
});

test('what is taken back is signed as a whole, and is known by a signed answer to that alone', async () => {
  const consents: ConsentsOrder = {
    ...{ orderId: 'order-1', lenderId: 'city-bank', accountPersonId: order.accountPersonId },
    ...{ number: 3, revoked: ['bank', 'debit-mandate'] },
  };
  const { accountPersonId } = order;
  const said = { orderId: 'order-1', accountPersonId, number: 3, outcome: 'done' };
  const { asked, urls, inform } = answered(said);
  expect(await inform(consents)).toEqual({ status: 'done' });
  const at = clock.now().toISOString();
  const parts = ['order-1', 'consents', 'city-bank', accountPersonId, '3', 'bank,debit-mandate'];
  expect(asked).toEqual([
    { sent: { ...consents, at, signature: sign(at, ...parts) }, key: 'order-1' },
  ]);
  expect(urls).toEqual(['http://city-bank.banks/consents']);
  const of = (change: object) => answered({ ...said, ...change }).inform(consents);
  const differs = (reason: string) => ({ status: 'contradiction', reason });
  expect(await of({ number: 2 })).toEqual(differs('ORDER_DIFFERS'));
  expect(await of({ accountPersonId: 'p-other' })).toEqual(differs('PERSON_DIFFERS'));
  expect(await of({ amountFen: 1 })).toEqual(differs('ANSWER_MALFORMED'));
});

test('a notice is a bank’s by its own key over all it says, of these minutes', () => {
  const at = clock.now().toISOString();
  const now = clock.now();
  const notice = {
    lenderId: 'city-bank',
    at,
    signature: sign(at, 'city-bank', 'H1-v', 'repaid', '5'),
  };
  const said = ['H1-v', 'repaid', 5] as const;
  const takes = (
    change: object,
    what: readonly (string | number)[] = said,
    secret: string | undefined = SECRET,
  ) => expect(() => assertSigned({ ...notice, ...change }, what, { secret, now }));
  takes({}).not.toThrow();
  takes({}, ['H1-v', 'repaid', 6]).toThrow('SIGNATURE_WRONG');
  takes({}, ['H1-w', 'repaid', 5]).toThrow('SIGNATURE_WRONG');
  takes({}, ['H1-v', 'overdue', 5]).toThrow('SIGNATURE_WRONG');
  takes({ signature: '' }).toThrow('SIGNATURE_WRONG');
  const asOther = signedBy(bankKeyOf(SECRET, 'other-bank'), at, 'city-bank', 'H1-v', 'repaid', '5');
  takes({ signature: asOther }).toThrow('SIGNATURE_WRONG');
  expect(() => assertSigned(notice, said, { secret: undefined, now })).toThrow('SIGNATURE_WRONG');
  const old = new Date(now.getTime() - 6 * 60_000).toISOString();
  takes({ at: old, signature: sign(old, 'city-bank', 'H1-v', 'repaid', '5') }).toThrow(
    'SIGNATURE_WRONG',
  );
});
