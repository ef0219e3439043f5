import { getEventListeners } from 'node:events';
import { Outages } from '@caretab/kernel';
import { KafkaConsumer } from './kafka-consumer';
import { silentLog } from '@caretab/bus';

test('an outage of any length leaves nothing behind of the sessions that failed in it', async () => {
  let failures = 0;
  let told = (): void => undefined;
  const often = new Promise<void>((resolve) => (told = resolve));
  // Without a broker in its list a session fails at once.
  const timers = {
    sleep: async (): Promise<void> => {
      if ((failures += 1) === 30) told();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const consumer = new KafkaConsumer({
    connection: { brokers: [], clientId: 'outage' },
    options: { group: 'outage.test', topics: ['test.outage'] },
    handle: async () => undefined,
    timers,
    log: silentLog,
    connections: new Outages(silentLog, { what: 'Kafka consumer' }),
    deliveries: new Outages(silentLog, { what: 'delivery' }),
    sessionMs: 6000,
    heartbeatMs: 500,
    rebalanceMs: 6000,
    longPollMs: 50,
    sideBySideMax: 1,
    onEnd: () => undefined,
  });
  consumer.start();
  await often;
  const left = getEventListeners(consumer['stopping'].signal, 'abort').length;
  await consumer.stop();
  expect(left).toBeLessThanOrEqual(1);
  expect(failures).toBeGreaterThanOrEqual(30);
});
