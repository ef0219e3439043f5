import { twinTokensOf } from '@caretab/host';
import { systemTimers } from '@caretab/kernel';
import { PaymentClient } from './payment.adapter';

const answering = (status: number) => {
  const asked: string[] = [];
  const client = new PaymentClient({
    url: 'http://payment.test',
    asked: 'payment',
    tokens: twinTokensOf('gateway'),
    timers: systemTimers,
    fetch: async (url, init) => {
      asked.push(`${init?.method} ${String(url)} ${String(init?.body)}`);
      return new Response('{}', { status });
    },
  });
  return { client, asked };
};

test('what a citizen says of a visit is said to payment', async () => {
  const { client, asked } = answering(200);
  await client.confirm('HZ001-V/1', false);
  expect(asked).toEqual([
    'POST http://payment.test/payment/visits/HZ001-V%2F1/confirmation {"confirmed":false}',
  ]);
});

test.each([
  [404, 'AGREEMENT_UNKNOWN'],
  [409, 'AGREEMENT_UNKNOWN'],
  [403, 'PAYMENT_UNAVAILABLE'],
  [500, 'PAYMENT_UNAVAILABLE'],
])('an answer of %s is %s: a citizen learns nothing of the visit', async (status, code) => {
  await expect(answering(status).client.confirm('HZ001-V1', true)).rejects.toMatchObject({ code });
});
