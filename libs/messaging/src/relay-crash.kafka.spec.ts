import { KafkaBus } from './kafka-bus';
import { relayCrashSuite } from './relay-crash.suite';

const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');

relayCrashSuite('on Kafka', () => ({
  bus: new KafkaBus({ brokers, clientId: 'caretab-test' }),
  brokers,
}));
