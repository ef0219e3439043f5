import { Code } from '@caretab/contracts';
import { Value } from '@sinclair/typebox/value';
import fc from 'fast-check';
import { readFoundPayment, readFoundRefund, readPayment, readRefund } from './answer';

const order = { orderId: 'o-1', amountFen: 30_000 };
const refund = { refundId: 'f-1', orderId: 'o-1', amountFen: 500 };
const AT = '2026-03-02T09:00:00.000Z';
const captured = {
  orderId: 'o-1',
  amountFen: 30_000,
  currency: 'CNY',
  status: 'captured',
  reference: 'r-1',
  capturedAt: AT,
};
const refunded = { ...refund, status: 'refunded', reference: 'r-2', refundedAt: AT };
const ok = (body: unknown) => ({ status: 200, body });

describe('a payment', () => {
  test('is captured with the amount that the channel says, all of the order or a part', () => {
    const outcome = { status: 'captured', reference: 'r-1', at: new Date(AT) };
    expect(readPayment(order, ok(captured))).toEqual({ ...outcome, amountFen: 30_000 });
    expect(readPayment(order, ok({ ...captured, amountFen: 1 }))).toEqual({
      ...outcome,
      amountFen: 1,
    });
    const { currency: _currency, ...withoutCurrency } = captured;
    expect(readPayment(order, ok(withoutCurrency))).toMatchObject(outcome);
  });

  test.each<[string, object]>([
    ['ORDER_DIFFERS', { orderId: 'o-2' }],
    ['ORDER_DIFFERS', { orderId: undefined }],
    ['ORDER_DIFFERS', { orderId: 'o-2', status: 'declined' }],
    ['CURRENCY_DIFFERS', { currency: 'USD' }],
    ['AMOUNT_ABOVE_ORDER', { amountFen: 30_001 }],
    ['AMOUNT_INVALID', { amountFen: 0 }],
    ['AMOUNT_INVALID', { amountFen: 299.99 }],
    ['AMOUNT_INVALID', { amountFen: '30000' }],
    ['AMOUNT_INVALID', { amountFen: undefined }],
    ['REFERENCE_INVALID', { reference: undefined }],
    ['REFERENCE_INVALID', { reference: '' }],
    ['REFERENCE_INVALID', { reference: 'x'.repeat(121) }],
    ['REFERENCE_INVALID', { reference: 'a\0' }],
    ['MOMENT_INVALID', { capturedAt: undefined }],
    ['MOMENT_INVALID', { capturedAt: '2026-02-30T00:00:00Z' }],
    ['STATUS_UNKNOWN', { status: 'reversed' }],
  ])('that contradicts its order is none: %s (%j)', (reason, changes) => {
    expect(readPayment(order, ok({ ...captured, ...changes }))).toMatchObject({
      status: 'contradiction',
      reason,
    });
  });

  test('that was refused with a code is a contradiction: nobody knows what became of it', () => {
    const answer = { status: 409, body: { code: 'ORDER_CONFLICT' } };
    expect(readPayment(order, answer)).toEqual({
      status: 'contradiction',
      reason: 'ORDER_REFUSED',
      answered: { httpStatus: 409, code: 'ORDER_CONFLICT' },
    });
  });

  test.each<[number, unknown]>([
    [422, 'insufficient_funds'],
    [422, 51],
    [409, 'refund.limit-reached'],
    [409, -4711],
    [400, '余额不足'],
    [400, 'a\u0000b\n'],
    [418, 'x'.repeat(10_000)],
  ])('that was refused with any code is refused: %i %j', (status, code) => {
    expect(readPayment(order, { status, body: { code } })).toMatchObject({
      status: 'contradiction',
      reason: 'ORDER_REFUSED',
    });
  });

  test.each([[undefined], [null], [''], [true], [{}], [['X']]])(
    'that was refused without a code is not refused: %j',
    (code) => {
      for (const status of [400, 404, 409, 422])
        expect(readPayment(order, { status, body: { code } })).toEqual({
          status: 'no-answer',
          silence: 'unreadable',
        });
    },
  );

  test('that was declined keeps the bank’s own word for why', () => {
    const declined = { ...captured, status: 'declined', reason: 'not enough money' };
    expect(readPayment(order, ok(declined))).toEqual({
      status: 'declined',
      reason: 'BANK_NOT_ENOUGH_MONEY',
    });
    expect(readPayment(order, ok({ ...declined, reason: undefined }))).toEqual({
      status: 'declined',
      reason: 'DECLINED',
    });
  });

  test.each<[string, number, unknown]>([
    ['unauthorized', 401, { code: 'SIGNATURE_WRONG' }],
    ['forbidden', 403, undefined],
    ['failing', 503, captured],
    ['failing', 429, { code: 'TOO_MANY' }],
    ['unreadable', 404, undefined],
    ['unreadable', 302, captured],
    ['unreadable', 200, 'captured'],
    ['unreadable', 200, undefined],
  ])('of which there is no answer is %s (%i)', (silence, status, body) => {
    expect(readPayment(order, { status, body })).toEqual({ status: 'no-answer', silence });
  });

  test('that the channel does not know is not found', () => {
    const unknown = { status: 404, body: { code: 'ORDER_UNKNOWN' } };
    expect(readFoundPayment(order, unknown)).toEqual({ status: 'not-found' });
    expect(readFoundPayment(order, { status: 404, body: {} })).toEqual({ status: 'not-found' });
    const proxy = { status: 404, body: { code: 404 } };
    expect(readFoundPayment(order, proxy)).toEqual({ status: 'not-found' });
  });
});

describe('a refund', () => {
  test('is made when all of it went back', () => {
    expect(readRefund(refund, ok(refunded))).toEqual({
      status: 'refunded',
      reference: 'r-2',
      at: new Date(AT),
    });
  });

  test.each<[string, object]>([
    ['REFUND_DIFFERS', { refundId: 'f-2' }],
    ['ORDER_DIFFERS', { orderId: 'o-2' }],
    ['CURRENCY_DIFFERS', { currency: 'HKD' }],
    ['AMOUNT_DIFFERS', { amountFen: 499 }],
    ['REFERENCE_INVALID', { reference: 7 }],
    ['MOMENT_INVALID', { refundedAt: 'yesterday' }],
    ['STATUS_UNKNOWN', { status: 'captured' }],
  ])('that contradicts what was asked is none: %s', (reason, changes) => {
    expect(readRefund(refund, ok({ ...refunded, ...changes }))).toMatchObject({
      status: 'contradiction',
      reason,
    });
  });

  test('is refused by any code, not found by its own, and unknown without one', () => {
    const refusal = { status: 422, body: { code: 'ACCOUNT_CLOSED' } };
    expect(readRefund(refund, refusal)).toEqual({ status: 'refused', reason: 'ACCOUNT_CLOSED' });
    expect(readFoundRefund(refund, { status: 404, body: { code: 'REFUND_UNKNOWN' } })).toEqual({
      status: 'not-found',
    });
    expect(readRefund(refund, { status: 400, body: '<html>' })).toEqual({
      status: 'no-answer',
      silence: 'unreadable',
    });
  });
});

test.each<[unknown, string]>([
  ['insufficient_funds', 'BANK_INSUFFICIENT_FUNDS'],
  [51, 'BANK_51'],
  ['51', 'BANK_51'],
  [-51, 'BANK__51'],
  ['refund.limit-reached', 'BANK_REFUND_LIMIT_REACHED'],
  ['余额不足', 'BANK__'],
  ['ACCOUNT_CLOSED', 'ACCOUNT_CLOSED'],
])('a refund that is refused with %j has the reason %s', (code, reason) => {
  const refused = { status: 'refused', reason };
  expect(readRefund(refund, { status: 409, body: { code } })).toEqual(refused);
  expect(readRefund(refund, ok({ ...refunded, status: 'refused', reason: code }))).toEqual(refused);
});

test('whatever the code, a refusal is one, and its reason fits the contract', () => {
  const code = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
  );
  fc.assert(
    fc.property(code, fc.constantFrom(400, 409, 422), (said, status) => {
      const outcome = readRefund(refund, { status, body: { code: said } });
      expect(outcome.status).toBe('refused');
      expect(outcome.status === 'refused' && Value.Check(Code, outcome.reason)).toBe(true);
    }),
  );
});

test('what a case keeps of an answer is short, plain ASCII and named, whatever the answer holds', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
      const outcome = readPayment(
        order,
        ok({ ...captured, orderId: 'o-2', reference: text, currency: value, patient: text }),
      );
      const answered = outcome.status === 'contradiction' ? outcome.answered : {};
      expect(Object.keys(answered)).not.toContain('patient');
      for (const kept of Object.values(answered))
        expect(String(kept)).toMatch(/^[\x20-\x7e]{0,60}$/);
    }),
  );
});
