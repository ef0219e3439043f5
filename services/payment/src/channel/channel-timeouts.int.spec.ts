import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fixedClock } from '@caretab/doubles';
import { ChannelGateway } from './channel.gateway';

/** Longer than an order may take, shorter than a statement may. */
const ANSWERS_AFTER_MS = 300;

let server: Server;
let gateway: ChannelGateway;

beforeAll(async () => {
  server = createServer((request, response) => {
    const entries = [{ kind: 'capture', orderId: 'o1', amountFen: 5, reference: 'r' }];
    setTimeout(() => response.end(JSON.stringify({ entries })), ANSWERS_AFTER_MS);
    request.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  gateway = new ChannelGateway({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secret: 'a secret of sixteen',
    timeoutMs: 100,
    statementTimeoutMs: 5000,
    clock: fixedClock('2026-03-03T09:00:00Z'),
  });
});
afterAll(() => void server.close());

test('a statement may take longer than an order', async () => {
  expect(await gateway.statement('2026-03-02')).toEqual({
    entries: [{ kind: 'capture', id: 'o1', amountFen: 5 }],
  });
  expect(await gateway.findPayment({ orderId: 'o1', amountFen: 5 })).toMatchObject({
    status: 'no-answer',
    silence: 'timeout',
  });
});
