import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { TestTimers } from '@caretab/doubles';
import { KafkaBus } from './kafka-bus';

let server: Server;
const sockets: Socket[] = [];
beforeEach(async () => {
  server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

test('a broker that takes connections and answers nothing fails a question after a minute', async () => {
  const timers = new TestTimers();
  const { port } = server.address() as AddressInfo;
  const bus = new KafkaBus({ brokers: [`127.0.0.1:${port}`], clientId: 'test', timers });
  const asked = bus.declare([{ name: 'a', partitions: 1, retentionMs: 60_000 }]);
  let outcome: unknown;
  asked.catch((error: unknown) => void (outcome = error));
  while (sockets.length === 0) await turn();
  await timers.advance(59_999);
  expect(outcome).toBeUndefined();
  await timers.advance(1);
  expect(String(outcome)).toContain('Kafka left a question unanswered for 60000 ms');
  for (const socket of sockets) socket.destroy();
  await bus.close();
});
