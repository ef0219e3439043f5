import type { CrashableConsumer } from '@caretab/bus';
import { busSuite } from '@caretab/bus/test';
import { KafkaBus } from './kafka-bus';

const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');

busSuite(
  'on Kafka',
  async () => {
    const buses: KafkaBus[] = [];
    const another = async (): Promise<KafkaBus> => {
      const bus = new KafkaBus({
        brokers,
        clientId: 'caretab-test',
        sessionMs: 6000,
        heartbeatMs: 200,
      });
      buses.push(bus);
      return bus;
    };
    return {
      bus: await another(),
      another,
      crash: (consumer) => (consumer as CrashableConsumer).crash(),
      close: async () => void (await Promise.all(buses.map((bus) => bus.close()))),
    };
  },
  { rewinds: false },
);
