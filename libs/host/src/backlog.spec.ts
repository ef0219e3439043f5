import { Backlog } from './backlog';

test('counts what a service has left by kind, asked anew each time, and nothing of another service', async () => {
  const backlog = new Backlog();
  let outbox = 3;
  backlog.measure('payment.outbox', async () => outbox);
  backlog.measure('payment.lag:payment.visit', async () => 1);
  backlog.measure('payments.outbox', async () => 9);
  expect(await backlog.of('payment')).toEqual({ outbox: 3, 'lag:payment.visit': 1 });
  outbox = 0;
  expect(await backlog.of('payment')).toEqual({ outbox: 0, 'lag:payment.visit': 1 });
  expect(await backlog.of('credit')).toEqual({});
});

test('what cannot be counted is not taken for nothing', async () => {
  const backlog = new Backlog();
  backlog.measure('payment.outbox', () => Promise.reject(new Error('away')));
  await expect(backlog.of('payment')).rejects.toThrow('away');
});
