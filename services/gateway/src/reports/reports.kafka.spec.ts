import { KafkaBus } from '@caretab/bus-kafka';
import { reportsSuite } from '../../test/reports.suite';

const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');

reportsSuite('on Kafka', () => new KafkaBus({ brokers, clientId: 'caretab-test' }));
