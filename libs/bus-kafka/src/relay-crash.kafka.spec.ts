import { join } from 'node:path';
import { KafkaBus } from './kafka-bus';
import { relayCrashSuite } from '@caretab/bus/test';

const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');

relayCrashSuite('on Kafka', () => ({
  bus: new KafkaBus({ brokers, clientId: 'caretab-test' }),
  brokers,
  dying: join(__dirname, '../test/relay-that-dies.ts'),
}));
