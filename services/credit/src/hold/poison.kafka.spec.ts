import { KafkaBus } from '@caretab/bus-kafka';
import { poisonSuite } from '../../test/poison.suite';

const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');

poisonSuite('on Kafka', () => new KafkaBus({ brokers, clientId: 'caretab-test' }));
