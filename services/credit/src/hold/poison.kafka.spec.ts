import { KafkaBus } from '@caretab/messaging';
import { poisonSuite } from './poison.suite';

const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');

poisonSuite('on Kafka', () => new KafkaBus({ brokers, clientId: 'caretab-test' }));
