import { MemoryStore } from '@caretab/store';
import { KafkaBus } from './kafka-bus';
import { tracingSuite } from '@caretab/bus/test';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');

tracingSuite('on Kafka', async () => {
  const bus = new KafkaBus({ brokers, clientId: 'caretab-tracing-test' });
  return { bus, store: new MemoryStore(), close: () => bus.close() };
});
